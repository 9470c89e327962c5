"""Report: the medians as Markdown - every cell, what else was measured, and the few lines of the README."""

from collections.abc import Sequence

from bench.race import Results
from bench.runs import BY_HAND, HIVE, MAIN, ORDINARY, OTHERS, OURS, OURS_CACHED, TAILCALL, YOGA, Run
from bench.targets import claimed, ratio, ratios

SHORT = ("25", "100", "500", "relation", "merged")
SHORT_PEERS = (ORDINARY, HIVE, YOGA, TAILCALL, BY_HAND)


def full(results: Results, runs: Sequence[Run], circumstances: str) -> str:
    """All of it."""
    main, others = [run for run in MAIN if run in runs], [run for run in OTHERS if run in runs]
    parts = [circumstances + "\n"]
    if main:
        parts += ["### CPU time\n", table(results, main), "### Against the targets\n", ratios(results, main)]
    if others:
        parts += [claimed(results), "### Other circumstances\n", circumstanced(results, others)]
    if main:
        parts += ["### Upstream requests a query\n", counted(results, main), "### The rest\n", rest(results)]
    return "\n".join(parts)


def table(results: Results, runs: Sequence[Run]) -> str:
    """CPU milliseconds a query, in brackets queries a second."""
    head = "| CPU ms a query (queries a second) | " + " | ".join(run.title for run in runs) + " |"
    lines = [head, "|---|" + "--:|" * len(runs)]
    for name, found in _all_round(results).items():
        shown = (_cost(found[run.name]) if run.name in found else "cannot" for run in runs)
        lines.append(f"| {name} | " + " | ".join(shown) + " |")
    return "\n".join(lines) + "\n"


def counted(results: Results, runs: Sequence[Run]) -> str:
    """Upstream requests a query; below 1 where questions under way share what they ask."""
    lines = ["| | " + " | ".join(run.title for run in runs) + " |", "|---|" + "--:|" * len(runs)]
    for name, found in _all_round(results).items():
        shown = (f"{found[run.name]['upstream']:.2f}" if run.name in found else "cannot" for run in runs)
        lines.append(f"| {name} | " + " | ".join(shown) + " |")
    return "\n".join(lines) + "\n"


def circumstanced(results: Results, runs: Sequence[Run]) -> str:
    """The page of 100 records under other circumstances."""
    lines = ["| 100 records | | queries a second | CPU ms | p50 ms | p99 ms | upstream requests | errors |", "|---|---|" + "--:|" * 6]
    for run in runs:
        for name, found in results.items():
            if each := found.get(run.name):
                figures = f"{each['p50']:.1f} | {each['p99']:.1f} | {each['upstream']:.2f} | {each['errors']:.0f}"
                lines.append(f"| {run.title} | {name} | {each['per_second']:,.0f} | {each['cpu']:.2f} | {figures} |")
    return "\n".join(lines) + "\n"


def rest(results: Results) -> str:
    """Latencies of the page of 100 records, the most memory, and the time until the first answer."""
    lines = ["| | p50 ms | p99 ms | memory MiB | first answer after s | errors |", "|---|" + "--:|" * 5]
    for name, found in _all_round(results).items():
        cell = found.get("100") or next(iter(found.values()))
        errors, memory = sum(each["errors"] for each in found.values()), max(each["memory"] for each in found.values())
        lines.append(f"| {name} | {cell['p50']:.1f} | {cell['p99']:.1f} | {memory:.0f} | {cell['cold']:.1f} | {errors:.0f} |")
    return "\n".join(lines) + "\n"


def short(results: Results) -> str:
    """What the README shows: our CPU time, and how many times that the others take."""
    runs = [run for run in MAIN if run.name in SHORT]
    lines = ["| | " + " | ".join(run.cell.title for run in runs) + " |", "|---|" + "--:|" * len(runs)]
    ours = (f"{results[OURS][run.name]['cpu']:.2f} ms" if run.name in results[OURS] else "" for run in runs)
    lines.append("| **TelegraphQL**, CPU time a query | " + " | ".join(ours) + " |")
    for peer in SHORT_PEERS:
        found = [ratio(results, peer, run.name) for run in runs]
        lines.append(f"| {peer} | " + " | ".join("cannot" if each is None else f"{each:.2g} ×" for each in found) + " |")
    return "\n".join(lines) + "\n"


def operated(results: Results) -> str:
    """What the page about operations shows: how much one process takes and gives."""
    ours, lines = results[OURS], ["| | |", "|---|---|"]
    lines.append(f"| memory, of one process under load | {max(each['memory'] for each in ours.values()):.0f} MiB |")
    lines.append(f"| from the start to a first answer | {next(iter(ours.values()))['cold']:.1f} s |")
    lines += [f"| {run.cell.title} | {ours[run.name]['per_second']:,.0f} a second and core |" for run in MAIN if run.name in ours]
    return "\n".join(lines) + "\n"


def _all_round(results: Results) -> Results:
    """Those that take part in more than what names them."""
    return {name: found for name, found in results.items() if name != OURS_CACHED and any(run.name in found for run in MAIN)}


def _cost(found: dict[str, float]) -> str:
    return f"{found['cpu']:.2f} ({found['per_second']:,.0f})"
