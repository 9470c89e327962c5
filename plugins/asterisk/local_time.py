"""Wall times: Asterisk writes local time without a zone, in which one hour a year runs twice."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

FORMAT = "%Y-%m-%d %H:%M:%S"
NEAR = timedelta(hours=3)
AFTER_ALL = "~"
FIRST, LAST = datetime(1970, 1, 3, tzinfo=UTC), datetime(9900, 1, 1, tzinfo=UTC)


def moment(text: str, zone: ZoneInfo, near: datetime | None = None) -> datetime:
    """Return the moment a wall time means; in the hour that runs twice the one nearest to another, the first where there is none."""
    first, second = moments(text, zone)
    if near is None or first == second:
        return first
    return min(first, second, key=lambda each: abs(each - near))


def moments(text: str, zone: ZoneInfo) -> tuple[datetime, datetime]:
    """Both moments that a wall time can mean, mostly the same, as for a time with an offset; ValueError where it is none."""
    local = datetime.fromisoformat(text)
    if not FIRST.year <= local.year < LAST.year:
        raise ValueError(f"{text[:20]!r} is not a local time")
    if local.tzinfo is not None:
        return local.astimezone(UTC), local.astimezone(UTC)
    local = local.replace(tzinfo=zone)
    return local.astimezone(UTC), local.replace(fold=1).astimezone(UTC)


def earliest(text: str, zone: ZoneInfo) -> datetime:
    """No record that began at this wall time or a later one stands before that."""
    try:
        return min(moments(text, zone))
    except ValueError:
        return FIRST


def latest(text: str, zone: ZoneInfo) -> datetime:
    """No record that began at this wall time or an earlier one stands after that."""
    try:
        return max(moments(text, zone))
    except ValueError:
        return LAST


def between(since: datetime | None, until: datetime | None, zone: ZoneInfo) -> tuple[str, str]:
    """Return the wall times between which everything from one moment to another begins.

    Near a change of the clock the smaller offset gives the earlier lower bound, and the greater one the later upper bound.
    """
    start, end = (min(max(each, FIRST), LAST) for each in (since or FIRST, until or LAST))
    lower = start + min(_offset(start, zone), _offset(start + NEAR, zone))
    upper = end + max(_offset(end, zone), _offset(end - NEAR, zone))
    return lower.strftime(FORMAT) if since else "", upper.strftime(FORMAT) if until else AFTER_ALL


def _offset(at: datetime, zone: ZoneInfo) -> timedelta:
    return at.astimezone(zone).utcoffset() or timedelta()
