"""Promises about listings: sorted slices of the requested size, complete within their bounds, and pages that lose and repeat nothing."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from typing import Any

from telegraphql.gateway.conformance.harness import Harness
from telegraphql.gateway.conformance.page_reading import read_page
from telegraphql.gateway.conformance.promises import bounded_listings, listed_kinds, listings, over_http, promise, require
from telegraphql.gateway.conformance.walks import (
    all_records,
    full_selection,
    read_listing,
    read_pages,
    visible_fields,
)
from telegraphql.gateway.pagination.connection import MOST_FIRST
from telegraphql.gateway.pagination.cursor import position, time_of
from telegraphql.gateway.plugin.declarations import Keyset, Links, Listing, Whole, Windows
from telegraphql.gateway.plugin.provider import ListRequest, Page
from telegraphql.gateway.plugin.sandbox import Row
from telegraphql.schema.context import PageArguments
from telegraphql.schema.enums import ProblemCode, TimeOrder
from telegraphql.schema.record import Record

PAGE_SIZE = 7
SINGLE_PAGES = 8
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
ALL_ORDERS = tuple(TimeOrder)


@promise(listings(Keyset))
async def sorts_in_both_orders(harness: Harness, listing: Listing) -> None:
    """Deliver both orders sorted by position time, starting at the requested end."""
    times = [time_of(record) for record in await all_records(harness, listing.kind)]
    for order in ALL_ORDERS:
        is_newest_first = order is TimeOrder.NEWEST_FIRST
        page = await list_page(
            harness, listing, ListRequest(order=order, size=_page_size(harness, listing), select=full_selection(listing.kind))
        )
        delivered = [time_of(record) for record in page.records]
        advice = f"{listing.kind.__name__} is not sorted for ListRequest.order={order.name}: send the order, and sort by the position time"
        require(delivered == sorted(delivered, reverse=is_newest_first), advice)
        require(delivered and delivered[0] == (max if is_newest_first else min)(times), f"{advice}; it does not start at that end")


@promise(listings(Keyset, Links, Windows))
async def has_position_times_in_utc(harness: Harness, listing: Listing) -> None:
    """Use aware UTC position times, none later than the record's time, and earlier only if the listing declares `position_time`."""
    name = listing.kind.time_field or ""
    for record in await all_records(harness, listing.kind):
        position_time, visible_fields = time_of(record), getattr(record, name)
        require(
            position_time.utcoffset() == timedelta(0),
            f"{_label(record)} has the position time {position_time!r}: convert the upstream's times to aware UTC datetimes",
        )
        lag = (visible_fields or position_time) - position_time
        max_lag = harness.provider.session_span if listing.position_time else timedelta(0)
        advice = "leave the column `position_time` out, or declare `position_time=True` and a `session_span` that is long enough"
        require(timedelta(0) <= lag <= max_lag, f"{_label(record)} has a position time {lag} before its `{name}`: {advice}")


@promise(listings(Keyset, Links, Windows))
async def declares_its_time_resolution(harness: Harness, listing: Listing) -> None:
    """Declare a `time_resolution` that is as fine as the position times."""
    for record in await all_records(harness, listing.kind):
        remainder = (time_of(record) - EPOCH) % listing.time_resolution
        require(
            not remainder,
            f"{_label(record)} has a position time between two steps of {listing.time_resolution}: "
            "declare `time_resolution` as fine as the upstream's clock",
        )


@promise(listings())
async def has_ids(harness: Harness, listing: Listing) -> None:
    """Give every record a native_id that is text, not empty and unique within a page."""
    page = await _first_page(harness, listing)
    ids = [record.native_id for record in page.records]
    require(
        all(isinstance(each, str) and each.strip() for each in ids),
        f"a {listing.kind.__name__} has no native_id: set it to a non-empty text from the row",
    )
    duplicates = [each for each, times in Counter(ids).items() if times > 1]
    require(not duplicates, f"several {listing.kind.__name__} have the native_id {duplicates[:1]}: build it from what makes a row unique")


@promise(listings())
async def names_its_provider(harness: Harness, listing: Listing) -> None:
    """Set every record's provider_name to the name of the configured provider, not of the plugin."""
    names = {record.provider_name for record in (await _first_page(harness, listing)).records}
    require(names == {harness.provider.id}, f"records have the provider_name {sorted(names)}: set it to Provider.id")


@promise(listings())
async def delivers_stable_records(harness: Harness, listing: Listing) -> None:
    """Deliver the same records with the same fields for the same request."""
    first, second = [_fields_by_id(await _first_page(harness, listing)) for _ in range(2)]
    differing = [key for key in first | second if first.get(key) != second.get(key)]
    advice = "derive ids and fields from the row, not from counters, clocks or random numbers"
    require(not differing, f"{listing.kind.__name__} {differing[:1]} differs between two equal requests: {advice}")


@promise(listings(Keyset, Links, Windows))
async def loses_nothing_between_bounds(harness: Harness, listing: Listing) -> None:
    """Deliver every record between `since` and `until`, including those at the bounds and in ties."""
    records = await all_records(harness, listing.kind)
    times = sorted(time_of(record) for record in records)
    middle = times[len(times) // 4], times[-1 - len(times) // 4]
    for since, until in {(times[0], times[0]), (times[-1], times[-1]), middle, _closest(times)}:
        expected = {record.native_id for record in records if since <= time_of(record) <= until}
        for order in ALL_ORDERS:
            delivered = await read_listing(
                harness, listing, ListRequest(order=order, since=since, until=until, size=_page_size(harness, listing, 20))
            )
            missing = sorted(expected - {record.native_id for record in delivered})
            advice = "convert ListRequest.since and until to the upstream's time zone, rounding outwards"
            require(not missing, f"{listing.kind.__name__} {missing[:1]} is missing between {since} and {until}, {order.name}: {advice}")


@promise(over_http(bounded_listings))
async def sends_time_bounds(harness: Harness, listing: Listing) -> None:
    """Send `since` and `until` to the upstream."""
    times = sorted(time_of(record) for record in await all_records(harness, listing.kind))
    # Days apart: some upstreams have bounds by the day.
    start = times[0] - timedelta(days=4)
    wide, narrow = ListRequest(since=start, until=times[-1]), ListRequest(since=start, until=start + timedelta(days=2))
    late = ListRequest(since=times[-1], until=times[-1])
    for name, first, second in (("until", wide, narrow), ("since", wide, late)):
        if isinstance(listing.pages, Links) and (name == "since") is (listing.pages.order is TimeOrder.NEWEST_FIRST):
            continue  # is not needed, since reading stops there
        require(
            await requests_differ(harness, listing, first, second),
            f"another ListRequest.{name} of {listing.kind.__name__} changes nothing in the request: send it",
        )


@promise(listings(Keyset, Whole))
async def continues_by_offset(harness: Harness, listing: Listing) -> None:
    """Lose no record when a tie, or a collection without times, is continued by `offset`."""
    records = await all_records(harness, listing.kind)
    bounds, expected = ListRequest(), {record.native_id for record in records}
    if isinstance(listing.pages, Keyset):
        since, until = _closest([time_of(record) for record in records])
        bounds = ListRequest(since=since - listing.time_resolution, until=until + listing.time_resolution)
        expected = {record.native_id for record in records if since <= time_of(record) <= until}
    # At least two pages, or a method that does not read `offset` would find all on the first.
    size = min(3, max(1, len(expected) - 1))
    for order in _orders(listing.kind):
        missing = sorted(expected - await _by_offset(harness, listing, replace(bounds, order=order, size=size)))
        advice = "count ListRequest.offset in upstream rows, and sort ties by a second key if the upstream supports it"
        require(not missing, f"{listing.kind.__name__} {missing[:1]} is missing when continuing by offset, {order.name}: {advice}")


async def _by_offset(harness: Harness, listing: Listing, request: ListRequest) -> set[str]:
    ids: set[str] = set()
    offset = 0
    while True:
        page = await list_page(harness, listing, replace(request, offset=offset))
        ids |= {record.native_id for record in page.records}
        offset += page.read
        if page.read < request.size or offset > 1000:
            return ids


@promise(listings(Keyset, Links, Whole))
async def respects_the_size(harness: Harness, listing: Listing) -> None:
    """Read at most `size` rows for a slice."""
    for size in (1, 5):
        page = await list_page(harness, listing, ListRequest(size=size))
        advice = "send ListRequest.size as the limit, and set Page.read to the number of rows"
        require(page.read <= size, f"with ListRequest.size={size}, {listing.kind.__name__} reads {page.read} rows: {advice}")


@promise(listed_kinds)
async def pages_through_the_gateway(harness: Harness, kind: type[Record]) -> None:
    """Let the gateway page through every record once, in total order, both ways and for any page size."""
    records = sorted(await all_records(harness, kind), key=position)
    for order in _orders(kind):
        expected = records[::-1] if order is TimeOrder.NEWEST_FIRST else records
        for size in (PAGE_SIZE, MOST_FIRST):
            _require_same_records(kind, await read_pages(harness.serving, kind, PageArguments(first=size, order=order)), expected)
        _require_same_records(
            kind, await read_pages(harness.serving, kind, PageArguments(first=1, order=order), SINGLE_PAGES), expected[:SINGLE_PAGES]
        )


def _require_same_records(kind: type[Record], delivered: Sequence[Record], expected: Sequence[Record]) -> None:
    delivered_ids, expected_ids = [position(record).id for record in delivered], [position(record).id for record in expected]
    advice = "check how the upstream interprets bounds, order and offset, and that Page.read counts rows"
    missing, repeated = sorted(set(expected_ids) - set(delivered_ids)), [key for key, times in Counter(delivered_ids).items() if times > 1]
    require(not missing, f"paging loses {kind.__name__} {missing[:1]}: {advice}")
    require(not repeated, f"paging repeats {kind.__name__} {repeated[:1]}: {advice}")
    require(delivered_ids == expected_ids, f"paging delivers {kind.__name__} in another order, or records that the listing lacks: {advice}")


@promise(lambda plugin: {name: each for name, each in listings()(plugin).items() if each.counts})
async def counts_exactly(harness: Harness, listing: Listing) -> None:
    """Set `total` to the exact number of records if the listing `counts`."""
    expected = len(await all_records(harness, listing.kind))
    page = await list_page(harness, listing, ListRequest(size=1, count=True))
    problems = (await _first_page(harness, listing)).problems
    malformed = sum(each.code is ProblemCode.MALFORMED_RECORD for each in problems)
    advice = "declare `counts` only if each row that the upstream counts becomes one record, and set Page.total to that count"
    require(page.total == expected + malformed, f"{listing.kind.__name__} has {expected} records, but `total` is {page.total}: {advice}")


async def list_page(harness: Harness, listing: Listing, request: ListRequest) -> Page:
    """Return one slice, straight from the plugin, of a size that it declares."""
    page: Page = await getattr(harness.provider, listing.method)(replace(request, size=_page_size(harness, listing, request.size)))
    page.records, page.problems = read_page(page)
    return page


async def requests_differ(harness: Harness, listing: Listing, first: ListRequest, second: ListRequest) -> bool:
    """Return True if two list requests differ upstream, apart from what differs between equal ones."""
    request_keys = []
    for request in (first, first, second):
        with harness.recorded_requests() as recorded:
            await list_page(harness, listing, request)
        request_keys.append(_request_keys(recorded))
    return request_keys[2] != request_keys[0] and request_keys[2] != request_keys[1]


def _request_keys(rows: Sequence[Row]) -> list[Any]:
    return [(row["operation"], row["path"], sorted(row["parameters"].items())) for row in rows]


async def full_request(harness: Harness, listing: Listing, size: int = 100) -> ListRequest:
    """Return a request for the newest records, or for all of them if the listing is read in windows."""
    request = ListRequest(size=_page_size(harness, listing, size), select=full_selection(listing.kind))
    if isinstance(listing.pages, Windows):
        times = [time_of(record) for record in await all_records(harness, listing.kind)]
        request = replace(request, since=min(times), until=max(times))
    return request


async def _first_page(harness: Harness, listing: Listing) -> Page:
    return await list_page(harness, listing, await full_request(harness, listing))


def _orders(kind: type[Record]) -> Sequence[TimeOrder]:
    """Return the orders of a kind. A kind without a time has only one."""
    return ALL_ORDERS if kind.time_field else (TimeOrder.OLDEST_FIRST,)


def _page_size(harness: Harness, listing: Listing, limit: int = 100) -> int:
    return min(limit, harness.serving.most(listing))


def _fields_by_id(page: Page) -> dict[str, Any]:
    return {record.native_id: visible_fields(record) for record in page.records}


def _closest(times: Sequence[datetime]) -> tuple[datetime, datetime]:
    """Return the time at which most records stand, as bounds; those of the two closest records if each has a time of its own."""
    ((time, number),) = Counter(times).most_common(1)
    if number > 1 or len(times) < 2:
        return time, time
    return min(pairwise(sorted(times)), key=lambda pair: pair[1] - pair[0])


def _label(record: Record) -> str:
    return f"the {type(record).__name__} {record.native_id!r}"
