"""Requests: so many questions, all of them answered, by so many connections at once; for warming up and for exact counts."""

import asyncio
import time
from collections.abc import Iterable
from datetime import UTC, datetime

import httpx

from bench import ports
from bench.contestants import Contestant
from bench.queries import Cell
from bench.runs import RUNS, Questions, Run

# No two runs ask for the same moments, so that the cache has nothing from the run before: from here on each has its own.
WRK, COUNTED, EACH = 1_900_000_000, 1_860_000_000, 1_000_000


def address(contestant: Contestant, cell: Cell) -> str:
    """The path at which a contestant answers a cell."""
    return contestant.path + cell.name if contestant.by_name else contestant.path


def beginning(run: Run, since: int) -> int:
    """The first moment that a run asks for, in seconds."""
    return since + RUNS.index(run) * EACH


def bodies(contestant: Contestant, run: Run, numbers: Iterable[int]) -> Iterable[bytes]:
    """The questions with these numbers, as different as the run says."""
    for number in numbers:
        moment = datetime.fromtimestamp(beginning(run, COUNTED) + (0 if run.questions is Questions.SAME else number), UTC)
        name = f"Q{number}" if run.questions is Questions.TEXTS else "Q"
        yield run.cell.body(f"{moment:%Y-%m-%dT%H:%M:%SZ}", name, plain=contestant.plain)


async def ask(contestant: Contestant, run: Run, numbers: range, at_once: int) -> float:
    """The seconds until all are answered; httpx.HTTPStatusError where one is refused."""
    headers, left = {"content-type": "application/json", **contestant.headers}, iter(bodies(contestant, run, numbers))
    async with httpx.AsyncClient(base_url=f"http://127.0.0.1:{ports.CONTESTANT}", headers=headers, timeout=60) as client:

        async def asking() -> None:
            for body in left:
                (await client.post(address(contestant, run.cell), content=body)).raise_for_status()

        began = time.perf_counter()
        await asyncio.gather(*(asking() for _ in range(at_once)))
        return time.perf_counter() - began
