"""Runs: all that is measured - each cell, and the cell of 100 records under other circumstances."""

from dataclasses import dataclass
from enum import Enum

from bench.queries import CELLS, Cell


class Questions(Enum):
    """How one question differs from the one before it."""

    MOMENTS = "a bound of time"
    TEXTS = "a bound of time and the text of the document"
    SAME = "nothing"


@dataclass(frozen=True, slots=True)
class Run:
    """A cell asked by so many connections at once; `slow`: the upstream answers after its latency; `of`: who alone takes part."""

    name: str
    title: str
    cell: Cell
    connections: int
    questions: Questions = Questions.MOMENTS
    slow: bool = False
    of: frozenset[str] | None = None


OURS, OURS_ROWS, OURS_CACHED = "TelegraphQL", "TelegraphQL, VoIPstudio's rows", "TelegraphQL, cache on"
ORDINARY, BY_HAND = "Strawberry + httpx, ordinary", "Starlette by hand + aiohttp"
BY_HAND_ROWS, YOGA, HIVE, TAILCALL = f"{BY_HAND}, VoIPstudio's rows", "Yoga + graphql-jit", "Hive Gateway", "Tailcall 1.6"
LIMIT = "nginx, passing on"
FEW = frozenset({OURS, ORDINARY, BY_HAND, YOGA, TAILCALL})
_HUNDRED = next(cell for cell in CELLS if cell.name == "100")

MAIN = tuple(Run(cell.name, f"{cell.title}, {cell.connections} conn.", cell, cell.connections) for cell in CELLS)
OTHERS = (
    Run("one", "1 connection", _HUNDRED, 1, of=FEW),
    Run("late-one", "upstream takes 50 ms, 1 connection", _HUNDRED, 1, slow=True, of=FEW),
    Run("late", "upstream takes 50 ms, 16 connections", _HUNDRED, 16, slow=True, of=FEW),
    Run("crowd", "500 connections", _HUNDRED, 500, of=FEW),
    Run("texts", "no two documents alike", _HUNDRED, 16, Questions.TEXTS, of=FEW | {OURS_CACHED}),
    Run("moments", "no two questions alike", _HUNDRED, 16, of=frozenset({OURS_CACHED})),
    Run("same", "identical questions", _HUNDRED, 16, Questions.SAME, of=FEW | {OURS_CACHED}),
)
RUNS = MAIN + OTHERS
