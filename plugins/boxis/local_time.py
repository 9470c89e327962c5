"""Conversion between UTC and the local times, without a zone, that the upstream writes and compares."""

import re
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

FORMAT = "%Y-%m-%d %H:%M:%S"
CLOCK_SLACK = timedelta(minutes=1)
CLOCK_CHANGE = timedelta(hours=3)
EARLIEST = datetime(1970, 1, 2, tzinfo=UTC)
LATEST = datetime(9999, 1, 1, tzinfo=UTC)
ID_WITH_EPOCH = re.compile(r"(?:^|-)(\d{9,10})\.\d+$")


def start_in_id(uniqueid: str) -> datetime | None:
    """Return the time in an id like "<system>-<epoch>.<n>", or None if the id has another form."""
    match = ID_WITH_EPOCH.search(uniqueid)
    return datetime.fromtimestamp(int(match[1]), UTC) if match else None


def local_bounds(since: datetime, until: datetime, zone: ZoneInfo) -> tuple[str, str]:
    """Return the local times between which all rows from `since` to `until` lie.

    Near a clock change, local times repeat and may even be in reverse order. The smaller UTC offset gives the earlier lower bound, the
    greater one the later upper bound.
    """
    since, until = (min(max(each.astimezone(UTC), EARLIEST), LATEST) for each in (since, until))
    lower = since + min(_utc_offset(since, zone), _utc_offset(since + CLOCK_CHANGE, zone))
    upper = until + max(_utc_offset(until, zone), _utc_offset(until - CLOCK_CHANGE, zone))
    return lower.strftime(FORMAT), upper.strftime(FORMAT)


def parse_local_time(text: str, zone: ZoneInfo, earliest: datetime | None, hint: datetime | None = None) -> datetime:
    """Return the UTC time of a local time. Of a repeated local time: not before `earliest`, and of those the closest to `hint`."""
    local = datetime.fromisoformat(text).replace(tzinfo=zone)
    first, second = local.astimezone(UTC), local.replace(fold=1).astimezone(UTC)
    if earliest is None or first == second:
        return first
    reference = hint or earliest
    candidates = [each for each in (first, second) if each >= earliest] or [second]
    return min(candidates, key=lambda each: abs(each - reference))


def _utc_offset(at: datetime, zone: ZoneInfo) -> timedelta:
    return at.astimezone(zone).utcoffset() or timedelta()
