"""The promise about time zones: a row that the upstream writes now has the current time."""

from datetime import timedelta

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
