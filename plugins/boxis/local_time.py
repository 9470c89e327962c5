"""Wall times: between moments and the local time, without a zone, that the upstream writes and compares."""

import re
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

FORMAT = "%Y-%m-%d %H:%M:%S"
SLACK = timedelta(minutes=1)
NEAR = timedelta(hours=3)
EARLIEST = datetime(1970, 1, 2, tzinfo=UTC)
LATEST = datetime(9999, 1, 1, tzinfo=UTC)
EPOCH = re.compile(r"(?:^|-)(\d{9,10})\.\d+$")


def epoch(uniqueid: str) -> datetime | None:
    """The moment inside "<system>-<epoch>.<n>"; None where the id is built otherwise."""
    found = EPOCH.search(uniqueid)
    return datetime.fromtimestamp(int(found[1]), UTC) if found else None


def bounds(since: datetime, until: datetime, zone: ZoneInfo) -> tuple[str, str]:
    """The wall times between which everything from `since` to `until` stands.

    Where the clock is set back nearby, wall times run twice and may even be in reverse order: the smaller offset gives
    the earlier lower bound, the greater one the later upper bound."""
    since, until = (min(max(each.astimezone(UTC), EARLIEST), LATEST) for each in (since, until))
    lower = since + min(_offset(since, zone), _offset(since + NEAR, zone))
    upper = until + max(_offset(until, zone), _offset(until - NEAR, zone))
    return lower.strftime(FORMAT), upper.strftime(FORMAT)


def moment(text: str, zone: ZoneInfo, earliest: datetime | None, hint: datetime | None = None) -> datetime:
    """The moment a wall time means. In the hour that runs twice: not before `earliest`, and of those the nearest to `hint`."""
    local = datetime.fromisoformat(text).replace(tzinfo=zone)
    first, second = local.astimezone(UTC), local.replace(fold=1).astimezone(UTC)
    if earliest is None or first == second:
        return first
    near = hint or earliest
    possible = [each for each in (first, second) if each >= earliest] or [second]
    return min(possible, key=lambda each: abs(each - near))


def _offset(at: datetime, zone: ZoneInfo) -> timedelta:
    return at.astimezone(zone).utcoffset() or timedelta()
