"""Promises about links: the next page is where the upstream says it is, and on no other host."""

from bisect import bisect_right
from collections import Counter
from collections.abc import Sequence
from contextlib import aclosing
from dataclasses import replace
from datetime import datetime
from itertools import accumulate

from telegraphql.gateway.conformance.harness import Harness, UnguardedProvider
from telegraphql.gateway.conformance.listing import list_page
from telegraphql.gateway.conformance.promises import bounded_listings, listings, over_http, promise, require
from telegraphql.gateway.conformance.walks import all_records
from telegraphql.gateway.errors import UpstreamError
from telegraphql.gateway.pagination.bound_provider import BoundProvider
from telegraphql.gateway.pagination.cursor import time_of
from telegraphql.gateway.pagination.page_tail import MOST_DOUBTED
from telegraphql.gateway.pagination.pagers import slices
from telegraphql.gateway.plugin.answer_faults import FOREIGN_HOST
from telegraphql.gateway.plugin.declarations import Links, Listing
from telegraphql.gateway.plugin.provider import ListRequest, Provider
from telegraphql.schema.enums import TimeOrder
from telegraphql.schema.record import Record

PAGE_SIZE = 7
ADVICE = "set Page.next to what the upstream sends for its next page, and request that page with ListRequest.next"


@promise(listings(Links))
async def follows_links(harness: Harness, listing: Listing) -> None:
    """Deliver every record once by the links from page to page, in the declared order."""
    pages = listing.pages
    assert isinstance(pages, Links)
    request = ListRequest(order=pages.order, size=min(PAGE_SIZE, pages.most))
    ids, times, links = list[str](), list[datetime](), set[str]()
    while True:
        page = await list_page(harness, listing, request)
        ids += [record.native_id for record in page.records]
        times += [time_of(record) for record in page.records]
        if page.next is None:
            break
        require(page.next not in links, f"a link of {listing.kind.__name__} leads back to a page that was read: {ADVICE}")
        links.add(page.next)
        request = replace(request, next=page.next)
    newest = pages.order is TimeOrder.NEWEST_FIRST
    reached = accumulate(times, min if newest else max)
    is_in_order = all(
        time - last <= pages.span if newest else last - time <= pages.span for time, last in zip(times[1:], reached, strict=False)
    )
    text = f"{listing.kind.__name__} comes out of order by more than {pages.span}, {pages.order.name}"
    require(is_in_order, f"{text}: declare `order` and `span` as the upstream sorts")
    missing = sorted({record.native_id for record in await all_records(harness, listing.kind)} - set(ids))
    repeated = [name for name, count in Counter(ids).items() if count > 1]
    require(not missing, f"{listing.kind.__name__} {missing[:1]} is missing when links are followed: {ADVICE}")
    require(not repeated, f"{listing.kind.__name__} {repeated[:1]} comes on several pages: {ADVICE}")


@promise(over_http(listings(Links)))
async def follows_no_foreign_links(harness: Harness, listing: Listing) -> None:
    """Send nothing to another host to which a link leads, and say that records are missing."""
    expected = {record.native_id for record in await all_records(harness, listing.kind)}
    # With another host for files, a request to it would be allowed.
    table = {**harness.simulation.table, "file_hosts": [FOREIGN_HOST]}
    provider = replace(harness.simulation, table=table).connect()
    await provider.check()
    harness.fault({"mode": "foreign_links"})
    harness.transport.strangers.clear()
    try:
        delivered = await _read(UnguardedProvider.of(provider), listing)
    except UpstreamError:
        delivered = expected
    name = f"if links lead to another host, the listing of {listing.kind.__name__}"
    advice = "pass the address as Request.link, which is only followed on the upstream's own origin"
    require(not harness.transport.strangers, f"{name} sends a request to it: {advice}")
    require(delivered == expected, f"{name} ends without a word: {advice}, and as Page.next as it comes")


def expiring(plugin: type[Provider]) -> dict[str, Listing]:
    """Return the listings of links that can go on by time."""
    return {name: listing for name, listing in bounded_listings(plugin).items() if isinstance(listing.pages, Links)}


@promise(over_http(expiring))
async def goes_on_when_links_expire(harness: Harness, listing: Listing) -> None:
    """Raise RejectedInput or NotFound for a link that has expired, so that the gateway goes on by time."""
    records = await all_records(harness, listing.kind)
    expected, crowd = {record.native_id for record in records}, _crowd(listing, records)
    harness.reconnect()
    await harness.provider.check()
    harness.fault({"mode": "expired_links"})
    name = f"if links have expired, the listing of {listing.kind.__name__}"
    advice = "let the status through, or translate the upstream's own code to RejectedInput in `refusal`"
    try:
        delivered = await _read(harness.serving, listing, max(PAGE_SIZE, crowd + 2 * MOST_DOUBTED + 1))
    except UpstreamError as error:
        raise AssertionError(f"{name} fails with {error.problem.name}: {advice}") from error
    missing = sorted(expected - delivered)
    require(not missing, f"{name} lacks {missing[:1]}: {advice}")


def _crowd(listing: Listing, records: Sequence[Record]) -> int:
    """Return the most records that are read again when the gateway goes on by time: those as late as it may have missed, and ties.

    The gateway widens bounds by one step of the upstream's, and the upstream may round them by another. The last rows of a page, which are
    not believed yet, come on top.
    """
    pages, times = listing.pages, sorted(map(time_of, records))
    assert isinstance(pages, Links)
    again = 2 * (pages.span + max(listing.time_resolution, pages.granularity or listing.time_resolution))
    return max(bisect_right(times, time + again) - place for place, time in enumerate(times))


async def _read(serving: BoundProvider, listing: Listing, size: int = PAGE_SIZE) -> set[str]:
    """Return the ids of all records, read in the upstream's own order."""
    pages = listing.pages
    assert isinstance(pages, Links)
    request = ListRequest(order=pages.order, size=min(size, serving.most(listing)))
    ids: set[str] = set()
    async with aclosing(slices(serving.fetch(listing), serving.pages(listing), request, listing.time_resolution)) as pieces:
        async for piece in pieces:
            ids |= {record.native_id for record in piece.records}
    return ids
