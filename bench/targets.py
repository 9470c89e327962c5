"""Targets: how many times less processor time a query shall take here than at each peer, and what was reached."""

from collections.abc import Mapping, Sequence
from typing import NamedTuple

from bench.race import Results
from bench.runs import BY_HAND, HIVE, ORDINARY, OURS, TAILCALL, YOGA, Run

LISTS = ("100", "500", "1000", "4x100")


def _target(lists: float, few: float, relation: float, merged: float | None = None) -> dict[str, float]:
    found = dict.fromkeys(LISTS, lists) | {"25": few, "relation": relation}
    return found if merged is None else found | {"merged": merged}


TARGETS: Mapping[str, Mapping[str, float]] = {
    ORDINARY: _target(lists=20, few=12, relation=25, merged=12),
    HIVE: _target(lists=10, few=8, relation=10),
    YOGA: _target(lists=3, few=3, relation=2),
    TAILCALL: _target(lists=1.5, few=1, relation=5),
    BY_HAND: _target(lists=1, few=0.7, relation=1),
}
# Milliseconds in which half of the pages of 100 records come, where the upstream takes 50.
LATE = {"late-one": ("1 connection", 53.0), "late": ("16 connections", 56.0)}
# The slowest of a hundred at 500 connections, as a multiple of the hand-written endpoint's.
CROWD = 3.0


class Claim(NamedTuple):
    """Something that was to be reached, with what was."""

    what: str
    target: str
    reached: str
    met: bool


def ratio(results: Results, peer: str, run: str) -> float | None:
    """How many times the processor time of ours a peer takes; None where one of them was not measured."""
    ours, theirs = results.get(OURS, {}).get(run), results.get(peer, {}).get(run)
    return theirs["cpu"] / ours["cpu"] if ours and theirs else None


def judged(found: float, target: float | None) -> str:
    """A ratio beside its target, which is said to be missed where it is."""
    shown = f"{found:.1f} ×" if found >= 1 else f"{found:.2f} ×"
    if target is None:
        return shown
    return f"{shown} (of {target:g})" if found >= target else f"**missed**: {shown} (of {target:g})"


def ratios(results: Results, runs: Sequence[Run]) -> str:
    """The peers with targets by the runs, as a table."""
    head = "| times our CPU time a query | " + " | ".join(run.title for run in runs) + " |"
    lines = [head, "|---|" + "--:|" * len(runs)]
    for peer, targets in TARGETS.items():
        found = [ratio(results, peer, run.name) for run in runs]
        shown = ["" if each is None else judged(each, targets.get(run.name)) for each, run in zip(found, runs, strict=True)]
        lines.append(f"| {peer} | " + " | ".join(shown) + " |")
    return "\n".join(lines) + "\n"


def claims(results: Results) -> list[Claim]:
    """What was to be reached besides ratios."""
    ours, hand = results.get(OURS, {}), results.get(BY_HAND, {})
    found: list[Claim] = []
    for name, (connections, target) in LATE.items():
        if name in ours:
            reached, what = ours[name]["p50"], f"p50, upstream takes 50 ms, {connections}"
            found.append(Claim(what, f"{target:g} ms", f"{reached:.1f} ms", reached <= target))
    if "crowd" in ours and "crowd" in hand:
        errors, times = ours["crowd"]["errors"], ours["crowd"]["p99"] / hand["crowd"]["p99"]
        found.append(Claim("errors at 500 connections", "none", f"{errors:g}", not errors))
        found.append(Claim("p99 at 500 connections, of the hand-written endpoint's", f"{CROWD:g} ×", f"{times:.1f} ×", times <= CROWD))
    return found


def claimed(results: Results) -> str:
    """The same as a table."""
    lines = ["| | target | reached |", "|---|--:|--:|"]
    for what, target, reached, met in claims(results):
        lines.append(f"| {what} | {target} | {reached if met else f'**missed**: {reached}'} |")
    return "\n".join(lines) + "\n"
