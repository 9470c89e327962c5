"""Bench: `python -m bench` measures all contestants over all cells in one run and writes the table and the plot."""

import argparse
import asyncio
import json
import os
import statistics
import tempfile
from collections import defaultdict
from pathlib import Path
from typing import Any

import httpx

from bench import contestants, queries, report, upstream
from bench.contestants import PORT, Contestant
from bench.load import Measured, address, measured
from bench.processes import running
from bench.queries import Cell


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m bench", description=__doc__)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--seconds", type=float, default=4)
    parser.add_argument("--cells", nargs="*", default=[cell.name for cell in queries.CELLS])
    parser.add_argument("--only", nargs="*", help="contestants whose names begin so; TelegraphQL always takes part")
    parser.add_argument("--latency", action="store_true", help="the upstream answers after 50 ms")
    parser.add_argument("--distinct", action="store_true", help="no two documents alike")
    parser.add_argument("--into", type=Path, help="a folder for table.md, plot.svg and the numbers as results.json")
    return parser.parse_args()


async def main() -> None:
    """One run."""
    options = _options()
    cells = [cell for cell in queries.CELLS if cell.name in options.cells]
    with tempfile.TemporaryDirectory(prefix="telegraphql-bench-") as name:
        folder = Path(name)
        os.chmod(name, 0o755)  # nginx's worker is another user
        async with upstream.serving(folder) as source:
            origin = source.origin + (source.slow if options.latency else "")
            racing = [contestants.ours(folder, origin), *contestants.peers(folder, origin)]
            racing = [
                each for each in racing if not options.only or each.name == "TelegraphQL" or each.name.startswith(tuple(options.only))
            ]
            results = await _race(racing, cells, options, folder)
    table = report.table(results, cells)
    print(table)
    if options.into:
        options.into.mkdir(parents=True, exist_ok=True)
        (options.into / "table.md").write_text(table)
        (options.into / "plot.svg").write_text(report.plot(results, cells))
        (options.into / "results.json").write_text(json.dumps(report.plain(results), indent=1))


def _takes_part(name: str, only: list[str] | None) -> bool:
    return not only or name.startswith(("TelegraphQL", *only))


async def _race(racing: list[Contestant], cells: list[Cell], options: argparse.Namespace, folder: Path) -> report.Results:
    """Medians by contestant and cell; the rounds go through all contestants, so that a busy minute hits them alike."""
    runs: dict[tuple[str, str], list[Measured]] = defaultdict(list)
    colds: dict[str, list[float]] = defaultdict(list)
    for turn in range(options.rounds):
        for contestant in racing:
            mine = [cell for cell in cells if cell.name not in contestant.cannot]
            first = mine[0]
            async with running(contestant, first.body(plain=contestant.plain), address(contestant, first)) as process:
                colds[contestant.name].append(process.cold)
                for cell in mine:
                    if turn == 0:
                        await _same(contestant, cell)
                    runs[contestant.name, cell.name].append(
                        await measured(contestant, process, cell, options.seconds, options.distinct, folder)
                    )
                    print(f"round {turn + 1}: {contestant.name}: {cell.title}: {runs[contestant.name, cell.name][-1]}", flush=True)
    return {name: {cell.name: _median(runs[name, cell.name], colds[name]) for cell in cells if runs[name, cell.name]} for name in colds}


async def _same(contestant: Contestant, cell: Cell) -> None:
    """Fails where an answer is not what the data says."""
    async with httpx.AsyncClient(base_url=f"http://127.0.0.1:{PORT}", timeout=30) as client:
        headers = {"content-type": "application/json", **contestant.headers}
        answer = (await client.post(address(contestant, cell), content=cell.body(plain=contestant.plain), headers=headers)).json()
    if answer.get("errors") or answer["data"] != queries.expected(cell):
        raise RuntimeError(f"{contestant.name} answers {cell.title} differently: {json.dumps(answer)[:400]}")


def _median(runs: list[Measured], colds: list[float]) -> dict[str, Any]:
    names = ("per_second", "cpu", "p50", "p99", "upstream", "memory")
    found: dict[str, Any] = {name: statistics.median(getattr(run, name) for run in runs) for name in names}
    return found | {"errors": sum(run.errors for run in runs), "cold": statistics.median(colds)}


asyncio.run(main())
