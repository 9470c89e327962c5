"""The promises about time zones: a row that the upstream writes now has the current time, and none is lost when clocks are set back."""

from datetime import UTC, datetime, timedelta, tzinfo

from telegraphql.gateway.conformance.harness import DAY, Harness
from telegraphql.gateway.conformance.listing import list_page
from telegraphql.gateway.conformance.promises import listings, promise, require
from telegraphql.gateway.pagination.cursor import time_of
from telegraphql.gateway.plugin.declarations import Keyset, Links, Listing, Windows
from telegraphql.gateway.plugin.provider import ListRequest, Provider
from telegraphql.schema.call import Call

# Less than any step between time zones, and more than a new row may be old.
NEAR = timedelta(minutes=20)


def main_listing(plugin: type[Provider]) -> dict[str, Listing]:
    """Return the listing of calls, or else the first by time: what a sandbox adds of other kinds may belong to an older call."""
    found = listings(Keyset, Links, Windows)(plugin)
    name = Call.__name__ if Call.__name__ in found else next(iter(found), None)
    return {name: found[name]} if name else {}


@promise(main_listing)
async def places_new_rows_now(harness: Harness, listing: Listing) -> None:
    """Give a row that the upstream adds now the current time."""
    kind = listing.kind.__name__
    truth = harness.sandbox.truth(kind, harness.simulation.table)
    try:
        row = harness.sandbox.add(truth.rows, {}) if truth and truth.native_id else None
    except (KeyError, ValueError):
        return
    if truth is None or row is None:
        return
    harness.simulation.records_by_kind.clear()
    harness.simulation.problems_by_kind.clear()
    now = harness.sandbox.current_time()
    request = ListRequest(since=now - DAY, until=now + DAY, size=harness.serving.most(listing))
    records = [record for record in (await list_page(harness, listing, request)).records if record.native_id == truth.id_of(row)]
    advice = "convert ListRequest.since and until to the upstream's time zone, and its times from there"
    require(records, f"the {kind} {truth.id_of(row)!r}, which the upstream added now, is not delivered for the days around now: {advice}")
    distance = abs(time_of(records[0]) - now)
    require(distance < NEAR, f"the {kind} {records[0].native_id!r}, which the upstream added now, has a time {distance} away: {advice}")


# Bounds on both sides of the change, between which a row of the hour lies.
ACROSS = ((timedelta(minutes=10), timedelta(minutes=40)), (timedelta(minutes=40), timedelta(minutes=10)))


@promise(main_listing)
async def loses_nothing_when_clocks_are_set_back(harness: Harness, listing: Listing) -> None:
    """Deliver the rows of the hour that runs twice in autumn for bounds before and after the change, if the upstream writes local times."""
    kind = listing.kind.__name__
    truth = harness.sandbox.truth(kind, harness.simulation.table)
    change = set_back(truth.time_zone, harness.sandbox.current_time()) if truth and truth.native_id else None
    if truth is None or change is None:
        return
    added = set()
    for before in (timedelta(minutes=30), timedelta(minutes=-30)):
        with harness.sandbox.clock_at(change - before):
            added.add(truth.id_of(harness.sandbox.add(truth.rows, {})))
    harness.simulation.records_by_kind.clear()
    harness.simulation.problems_by_kind.clear()
    size = harness.serving.most(listing)
    day = ListRequest(since=change - DAY, until=change + DAY, size=size)
    times = {record.native_id: time_of(record) for record in (await list_page(harness, listing, day)).records if record.native_id in added}
    advice = "one local time stands for two moments: ask from the earlier one of `since` to the later one of `until`"
    for native_id, time in times.items():
        for earlier, later in ACROSS:
            request = ListRequest(since=time - earlier, until=time + later, size=size)
            found = {record.native_id for record in (await list_page(harness, listing, request)).records}
            text = f"the {kind} {native_id!r} of {time} is missing between {request.since} and {request.until}"
            require(native_id in found, f"{text}, when clocks are set back: {advice}")


def set_back(zone: tzinfo, now: datetime) -> datetime | None:
    """Return the last moment in the year before at which the clocks of a zone were set back by an hour; None if they are not."""
    hour = now.astimezone(UTC).replace(minute=0, second=0, microsecond=0)
    for _ in range(366 * 24):
        before = hour - timedelta(hours=1)
        if _offset(before, zone) - _offset(hour, zone) == timedelta(hours=1):
            return hour
        hour = before
    return None


def _offset(moment: datetime, zone: tzinfo) -> timedelta:
    return moment.astimezone(zone).utcoffset() or timedelta()
