"""Race: rounds through all contestants, so that a busy minute hits them alike, and the medians of what they took."""

import json
import statistics
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field

import httpx

from bench import ports, queries
from bench.contestants import Contestant
from bench.load import Load, Measured
from bench.processes import Running, running
from bench.queries import Cell
from bench.requests import address
from bench.runs import Run

FIGURES = ("per_second", "cpu", "p50", "p99", "upstream", "memory")
# By contestant, then by run: the figures of `Measured`, the errors of all rounds, and the seconds until the first answer.
Results = dict[str, dict[str, dict[str, float]]]


@dataclass(slots=True)
class Race:
    """What was measured so far."""

    load: Load
    measured: dict[tuple[str, str], list[Measured]] = field(default_factory=lambda: defaultdict(list))
    colds: dict[str, list[float]] = field(default_factory=lambda: defaultdict(list))

    async def turn(self, contestants: Sequence[Contestant], runs: Sequence[Run]) -> None:
        """Every contestant once through all runs that it takes part in; one process for all."""
        for contestant in contestants:
            if mine := [run for run in runs if contestant.runs(run)]:
                first = mine[0].cell
                async with running(contestant, first.body(plain=contestant.plain), address(contestant, first)) as process:
                    # Where there is one, the start that did not wait for a slow upstream.
                    if not mine[0].slow or not self.colds[contestant.name]:
                        self.colds[contestant.name].append(process.cold)
                    for run in mine:
                        await self._run(contestant, process, run)

    async def _run(self, contestant: Contestant, process: Running, run: Run) -> None:
        found = self.measured[contestant.name, run.name]
        if not found:
            await _same(contestant, run.cell)
        found.append(await self.load.measured(contestant, process, run))
        print(f"{len(found)}: {contestant.name}: {run.title}: {found[-1]}", flush=True)

    def results(self) -> Results:
        """The medians."""
        results: Results = defaultdict(dict)
        for (name, run), found in self.measured.items():
            results[name][run] = medians(found) | {"cold": statistics.median(self.colds[name])}
        return dict(results)


def medians(found: Sequence[Measured]) -> dict[str, float]:
    """Of every figure; errors are added up."""
    figures = {name: round(statistics.median(getattr(each, name) for each in found), 4) for name in FIGURES}
    return figures | {"errors": sum(each.errors for each in found)}


async def _same(contestant: Contestant, cell: Cell) -> None:
    """Fails where an answer is not what the data says."""
    async with httpx.AsyncClient(base_url=f"http://127.0.0.1:{ports.CONTESTANT}", timeout=30) as client:
        headers = {"content-type": "application/json", **contestant.headers}
        answer = (await client.post(address(contestant, cell), content=cell.body(plain=contestant.plain), headers=headers)).json()
    told = {"calls": {"nodes": [queries.only(row) for row in answer["nodes"]]}} if contestant.passes else answer.get("data")
    if answer.get("errors") or told != queries.expected(cell):
        raise RuntimeError(f"{contestant.name} answers {cell.title} differently: {json.dumps(answer)[:400]}")
