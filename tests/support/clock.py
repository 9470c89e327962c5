"""The time of the tests: simulated upstreams, filters and expectations take it from here."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

# The data of simulated upstreams lead up to it, as in a running sandbox.
NOW = datetime.now(UTC).replace(microsecond=0)
# For tests whose expected values are written out as constants.
FIXED_NOW = datetime(2026, 11, 20, 12, tzinfo=UTC)
HOUR, DAY = timedelta(hours=1), timedelta(days=1)


def ago(days: float = 0, hours: float = 0) -> datetime:
    """Return a time before NOW."""
    return NOW - timedelta(days=days, hours=hours)


def iso(moment: datetime) -> str:
    """Return a time as GraphQL writes it, such as 2026-11-22T08:30:00Z."""
    return moment.astimezone(UTC).isoformat().replace("+00:00", "Z")


def between(since: datetime, until: datetime) -> dict[str, str]:
    """Return a filter's range of time."""
    return {"since": iso(since), "until": iso(until)}


def last_set_back(zone: str) -> datetime:
    """Return the last time before NOW at which a zone's clock was set back to winter time."""
    hour = NOW.replace(minute=0, second=0)
    while hour.astimezone(ZoneInfo(zone)).utcoffset() >= (hour - HOUR).astimezone(ZoneInfo(zone)).utcoffset():  # type: ignore[operator]
        hour -= HOUR
    return hour
