"""The generated truth: which conversations a tenant had, and when."""

from collections.abc import Iterable, Iterator
from datetime import datetime, timedelta

from telegraphql.plugins.boxis.sandbox.legs import HOUR, ZONE, Switchboard, Times
from telegraphql.plugins.boxis.sandbox.seed import EXAMPLES, Row

MONTH = timedelta(days=30)
CROWD = 45
CROWD_AGE = timedelta(days=3)
ENOUGH = 150
LARGEST_CLUSTER = 8


def legs(board: Switchboard, count: int, now: datetime) -> list[Row]:
    """So many legs: the upstream's examples, those at the changes of the clock, a crowd in one second, and a month of others."""
    rows = [dict(row) for row in EXAMPLES]
    end = int(now.timestamp())
    if count >= ENOUGH:
        rows += [*_set_back(board, end), *_set_forward(board, end), *_crowd(board, end)]
    while len(rows) < count:
        rows += _cluster(board, end)
    return rows[: max(count, len(EXAMPLES))]


def _cluster(board: Switchboard, end: int) -> Iterator[Row]:
    """Conversations that begin in the same second."""
    age = board.chance.randint(60, int(MONTH.total_seconds()))
    for _ in range(board.chance.randint(1, LARGEST_CLUSTER)):
        yield from board.conversation(end - age, age)


def _crowd(board: Switchboard, end: int) -> Iterable[Row]:
    at = end - int(CROWD_AGE.total_seconds())
    return (row for _ in range(CROWD) for row in board.single(at, HOUR))


def _set_back(board: Switchboard, end: int) -> Iterator[Row]:
    """Legs in both hours that the wall clock calls two, every wall time twice, and some that go on from one into the other."""
    change = _change(end - 2 * HOUR, back=True)
    for seconds in range(0, HOUR, 300):
        yield from board.single(change - HOUR + seconds, HOUR)
        yield from board.single(change + seconds, HOUR)
    yield board.exact(Times(change - 300, 5.0, 900.0))
    yield board.exact(Times(change - HOUR + 60, 10.5, 4200.25))
    yield from board.queued(change - 1200, HOUR)


def _set_forward(board: Switchboard, end: int) -> Iterator[Row]:
    """Legs at the edges of the hour that does not exist, and one across it."""
    change = _change(end - 2 * HOUR, back=False)
    for at in (change - 1, change):
        yield from board.single(at, HOUR)
    yield board.exact(Times(change - 10, 4.0, 30.5))


def _change(end: int, *, back: bool) -> int:
    """The last moment before `end` at which the wall clock was set back or forward."""
    hour = end // HOUR * HOUR
    while (step := _offset(hour) - _offset(hour - 1)) == timedelta() or (step < timedelta()) != back:
        hour -= HOUR
    return hour


def _offset(at: int) -> timedelta:
    return datetime.fromtimestamp(at, ZONE).utcoffset() or timedelta()
