"""Periods: the hours, days, weeks and months of a time zone, and those of a range, also the empty ones."""

from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from enum import Enum
from typing import Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from telegraphql.gateway.errors import BadInput
from telegraphql.schema.filters import TimeRange

# The value of each period at a local time.
PERIODS: Mapping[str, Callable[[datetime], Any]] = {
    "MONTH": lambda local: local.date().replace(day=1),
    "WEEK": lambda local: local.date() - timedelta(days=local.weekday()),
    "DAY": lambda local: local.date(),
    "HOUR": lambda local: local.hour,
}
# Steps that pass no period by. The shortest stretch of one hour of the clock is 30 minutes: Lord Howe sets its clocks by that much.
STEPS = {"MONTH": timedelta(days=14), "WEEK": timedelta(days=3), "DAY": timedelta(hours=12), "HOUR": timedelta(minutes=30)}
# Each hour of the day occurs in so much time, also where a clock is set.
ALL_HOURS = timedelta(hours=49)
# Hours have two steps each. They are made at once: nothing waits between the question and its first request.
STEPS_PER_GROUP = 2


def parse_time_zone(name: str) -> ZoneInfo:
    """Return a time zone by its IANA name.

    Raises:
        BadInput: There is no such time zone.
    """
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        raise BadInput(f"`timeZone` is {name[:80]!r}, not a time zone: use an IANA name such as Europe/Zurich, or UTC") from None


def local_time(moment: datetime, zone: ZoneInfo) -> datetime:
    """Return a moment in a time zone; as it is if the zone's calendar would leave the years 1 to 9999."""
    try:
        return moment.astimezone(zone)
    except OverflowError:
        return moment


def all_periods(by: Sequence[Enum], time: str, wanted: TimeRange | None, zone: ZoneInfo, most: int) -> list[dict[str, Any]]:
    """Return the values of the period dimensions in `by` at all times of a range, each combination once. The range ends now if it is open.

    Raises:
        BadInput: There is no period in `by`, the range has no start, or there are more than `most` periods.
    """
    periods = [each.name for each in by if each.name in PERIODS]
    if not periods:
        raise BadInput("`fillGaps` fills HOUR, DAY, WEEK or MONTH: group `by` one of them, or leave it out")
    if wanted is None or not wanted.since:
        raise BadInput(f"`fillGaps` needs a start: set `{time}.since` in the filter")
    begin = wanted.since.astimezone(UTC)
    last = (wanted.until or datetime.now(UTC)).astimezone(UTC) - timedelta(microseconds=1)
    if periods == ["HOUR"]:
        last = min(last, begin + ALL_HOURS)
    step = min(STEPS[each] for each in periods)
    steps, found = (last - begin) // step + 1, set[tuple[Any, ...]]()
    if steps > STEPS_PER_GROUP * most:
        raise too_many_periods(most)
    for index in range(steps):
        found.add(_values(periods, local_time(begin + index * step, zone)))
    if steps > 0:
        found.add(_values(periods, local_time(last, zone)))
    if len(found) > most:
        raise too_many_periods(most)
    return [dict(zip(periods, values, strict=True)) for values in found]


def _values(periods: Sequence[str], local: datetime) -> tuple[Any, ...]:
    return tuple([PERIODS[each](local) for each in periods])


def too_many_periods(most: int) -> BadInput:
    """Return the error of gaps whose groups are too many."""
    return BadInput(
        f"`fillGaps` would make more than {most} groups (statistics.max_groups): narrow the range of time, or group by longer periods"
    )
