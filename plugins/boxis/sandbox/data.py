"""The generated calls of a tenant."""

from collections.abc import Iterable, Iterator
from datetime import datetime, timedelta

from telegraphql.plugin import Row
from telegraphql.plugins.boxis.sandbox.examples import EXAMPLES
from telegraphql.plugins.boxis.sandbox.pbx import HOUR, TIME_ZONE, LegTimes, Pbx

MONTH = timedelta(days=30)
BURST = 45
BURST_AGE = timedelta(days=3)
MIN_FOR_SPECIAL_LEGS = 150
MAX_CLUSTER = 8


def generate_legs(pbx: Pbx, count: int, now: datetime) -> list[Row]:
    """Return `count` legs: the documented examples, legs around clock changes, a burst in one second, and others of the last month."""
    rows = [dict(row) for row in EXAMPLES]
    end = int(now.timestamp())
    if count >= MIN_FOR_SPECIAL_LEGS:
        rows += [*_around_clock_set_back(pbx, end), *_around_clock_set_forward(pbx, end), *_burst(pbx, end)]
    while len(rows) < count:
        rows += _cluster(pbx, end)
    return rows[: max(count, len(EXAMPLES))]


def _cluster(pbx: Pbx, end: int) -> Iterator[Row]:
    """Yield conversations that start in the same second."""
    age = pbx.random.age(60, int(MONTH.total_seconds()))
    for _ in range(pbx.random.randint(1, MAX_CLUSTER)):
        yield from pbx.conversation(end - age, age)


def _burst(pbx: Pbx, end: int) -> Iterable[Row]:
    at = end - int(BURST_AGE.total_seconds())
    return (row for _ in range(BURST) for row in pbx.single(at, HOUR))


def _around_clock_set_back(pbx: Pbx, end: int) -> Iterator[Row]:
    """Yield legs in both hours that local time repeats, each local time twice, and some that span them."""
    change = _last_clock_change(end - 2 * HOUR, back=True)
    for seconds in range(0, HOUR, 300):
        yield from pbx.single(change - HOUR + seconds, HOUR)
        yield from pbx.single(change + seconds, HOUR)
    yield pbx.exact(LegTimes(change - 300, 5.0, 900.0))
    yield pbx.exact(LegTimes(change - HOUR + 60, 10.5, 4200.25))
    yield from pbx.queued(change - 1200, HOUR)


def _around_clock_set_forward(pbx: Pbx, end: int) -> Iterator[Row]:
    """Yield legs at the edges of the hour that local time skips, and one across it."""
    change = _last_clock_change(end - 2 * HOUR, back=False)
    for at in (change - 1, change):
        yield from pbx.single(at, HOUR)
    yield pbx.exact(LegTimes(change - 10, 4.0, 30.5))


def _last_clock_change(end: int, *, back: bool) -> int:
    """Return the last time before `end` at which the local clock was set back, or forward."""
    hour = end // HOUR * HOUR
    while (step := _utc_offset(hour) - _utc_offset(hour - 1)) == timedelta() or (step < timedelta()) != back:
        hour -= HOUR
    return hour


def _utc_offset(at: int) -> timedelta:
    return datetime.fromtimestamp(at, TIME_ZONE).utcoffset() or timedelta()
