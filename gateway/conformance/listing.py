"""Listing: slices come in order, whole, of the asked size, and the gateway's pages lose and double nothing."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

from telegraphql.gateway.conformance.harness import Harness
from telegraphql.gateway.conformance.promises import asked_over_http, listed_kinds, listings, need, promise
from telegraphql.gateway.conformance.walks import everything, everything_of, paged, read, shown
from telegraphql.gateway.pagination.connection import MOST_FIRST
from telegraphql.gateway.pagination.cursor import position, time_of
from telegraphql.gateway.pagination.given_out import given_out
from telegraphql.gateway.plugin.declarations import Keyset, Listing, Whole, Windows
from telegraphql.gateway.plugin.provider import ListRequest, Page
from telegraphql.gateway.plugin.rows import Rows
from telegraphql.gateway.plugin.sandbox import Row
from telegraphql.schema.context import PageArguments
from telegraphql.schema.enums import TimeOrder
from telegraphql.schema.record import Record

FEW = 7
ONE_BY_ONE = 8
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
BOTH = tuple(TimeOrder)


@promise(listings(Keyset))
async def comes_in_both_orders(harness: Harness, listing: Listing) -> None:
    """Both orders come sorted by the position time, from the end that was asked for."""
    times = [time_of(record) for record in await everything(harness, listing.kind)]
    for order in BOTH:
        newest = order is TimeOrder.NEWEST_FIRST
        page = await ask(harness, listing, ListRequest(order=order, size=_most(harness, listing), select=everything_of(listing.kind)))
        found = [time_of(record) for record in page.records]
        advice = (
            f"{listing.kind.__name__} asked {order.name} is not so sorted: pass the order on, and sort by the time the record stands at"
        )
        need(found == sorted(found, reverse=newest), advice)
        need(found and found[0] == (max if newest else min)(times), f"{advice}; it does not begin at that end")


@promise(listings(Keyset, Windows))
async def stands_in_utc(harness: Harness, listing: Listing) -> None:
    """Position times are aware and in UTC, and never after the time that is shown unless the listing declares `position_time`."""
    name = listing.kind.time_field or ""
    for record in await everything(harness, listing.kind):
        at, shown = time_of(record), getattr(record, name)
        need(at.utcoffset() == timedelta(0), f"{_named(record)} stands at {at!r}: convert the upstream's times to aware ones in UTC")
        lag = (shown or at) - at
        most = harness.provider.session_span if listing.position_time else timedelta(0)
        advice = "leave the column `position_time` out, or declare `position_time=True` and a `session_span` that is long enough"
        need(timedelta(0) <= lag <= most, f"{_named(record)} stands {lag} before the `{name}` it shows: {advice}")


@promise(listings(Keyset, Windows))
async def ticks_as_declared(harness: Harness, listing: Listing) -> None:
    """No record stands between two ticks of the declared clock."""
    for record in await everything(harness, listing.kind):
        rest = (time_of(record) - EPOCH) % listing.time_resolution
        need(
            not rest,
            f"{_named(record)} is {rest} after a tick of {listing.time_resolution}: set `time_resolution` as fine as the upstream's clock",
        )


@promise(listings())
async def has_ids(harness: Harness, listing: Listing) -> None:
    """Native ids are text, not empty, and no two records of an answer have the same."""
    page = await _first(harness, listing)
    ids = [record.native_id for record in page.records]
    need(
        all(isinstance(each, str) and each.strip() for each in ids),
        f"a {listing.kind.__name__} has no native_id as text: set it from the row",
    )
    twice = [each for each, times in Counter(ids).items() if times > 1]
    need(not twice, f"several {listing.kind.__name__} have the native_id {twice[:1]}: build it from what makes a row unique")


@promise(listings())
async def names_its_account(harness: Harness, listing: Listing) -> None:
    """Every record names the configured provider, not the plugin."""
    names = {record.provider_name for record in (await _first(harness, listing)).records}
    need(names == {harness.provider.name}, f"records have the provider_name {sorted(names)}: set it to the provider's `name`")


@promise(listings())
async def is_stable(harness: Harness, listing: Listing) -> None:
    """Asked the same again, a listing delivers the same records with the same fields."""
    one, two = [_shown(await _first(harness, listing)) for _ in range(2)]
    differing = [key for key in one | two if one.get(key) != two.get(key)]
    advice = "make ids and fields of what the row holds, not of counters, clocks or chance"
    need(not differing, f"asked twice, {listing.kind.__name__} {differing[:1]} differs: {advice}")


@promise(listings(Keyset, Windows))
async def loses_nothing_between_bounds(harness: Harness, listing: Listing) -> None:
    """Between `since` and `until`, at the times of real records and of ties, nothing is missing."""
    records = await everything(harness, listing.kind)
    times = sorted(time_of(record) for record in records)
    middle = times[len(times) // 4], times[-1 - len(times) // 4]
    for since, until in {(times[0], times[0]), (times[-1], times[-1]), middle, _tie(times)}:
        wanted = {record.native_id for record in records if since <= time_of(record) <= until}
        for order in BOTH:
            found = await read(harness, listing, ListRequest(order=order, since=since, until=until, size=_most(harness, listing, 20)))
            missing = sorted(wanted - {record.native_id for record in found})
            advice = "translate `since` and `until` into the upstream's zone and clock without rounding inwards"
            need(not missing, f"{listing.kind.__name__} {missing[:1]} is missing between {since} and {until}, {order.name}: {advice}")


@promise(asked_over_http(listings(Keyset, Windows)))
async def passes_bounds_on(harness: Harness, listing: Listing) -> None:
    """`since` and `until` change what is asked on the wire."""
    times = sorted(time_of(record) for record in await everything(harness, listing.kind))
    wide, narrow = ListRequest(since=times[0], until=times[-1]), ListRequest(since=times[0], until=times[len(times) // 2])
    late = ListRequest(since=times[-1], until=times[-1])
    for name, one, two in (("until", wide, narrow), ("since", wide, late)):
        need(await differs(harness, listing, one, two), f"another `{name}` asks {listing.kind.__name__} the same: put it into the request")


@promise(listings(Keyset, Whole))
async def goes_on_by_offset(harness: Harness, listing: Listing) -> None:
    """Inside a tie, or a collection without times, going on by `offset` loses nothing."""
    records = await everything(harness, listing.kind)
    wide, wanted = ListRequest(), {record.native_id for record in records}
    if isinstance(listing.pages, Keyset):
        since, until = _tie([time_of(record) for record in records])
        wide = ListRequest(since=since - listing.time_resolution, until=until + listing.time_resolution)
        wanted = {record.native_id for record in records if since <= time_of(record) <= until}
    for order in _orders(listing.kind):
        missing = sorted(wanted - await _by_offset(harness, listing, order, wide))
        advice = "count `offset` in the upstream's rows, and give ties a second sort key if the upstream takes one"
        need(not missing, f"{listing.kind.__name__} {missing[:1]} is missing when going on by offset, {order.name}: {advice}")


async def _by_offset(harness: Harness, listing: Listing, order: TimeOrder, wide: ListRequest) -> set[str]:
    found: set[str] = set()
    offset = 0
    while True:
        page = await ask(harness, listing, ListRequest(order=order, since=wide.since, until=wide.until, offset=offset, size=3))
        found |= {record.native_id for record in page.records}
        offset += page.read
        if page.read < 3 or offset > 1000:
            return found


@promise(listings(Keyset, Whole))
async def keeps_to_the_size(harness: Harness, listing: Listing) -> None:
    """A slice holds at most as many rows as were asked for."""
    for size in (1, 5):
        page = await ask(harness, listing, ListRequest(size=size))
        advice = "pass `size` on as the upstream's limit, and set `read` to the rows of the answer"
        need(page.read <= size, f"asked for {size} {listing.kind.__name__}, it reads {page.read}: {advice}")


@promise(listed_kinds)
async def pages_through_the_gateway(harness: Harness, kind: type[Record]) -> None:
    """Page by page through the gateway every record comes once, in the total order, both ways and for any page size."""
    records = sorted(await everything(harness, kind), key=position)
    for order in _orders(kind):
        wanted = records[::-1] if order is TimeOrder.NEWEST_FIRST else records
        for size in (FEW, MOST_FIRST):
            _same(kind, await paged(harness.serving, kind, PageArguments(first=size, order=order)), wanted)
        _same(kind, await paged(harness.serving, kind, PageArguments(first=1, order=order), ONE_BY_ONE), wanted[:ONE_BY_ONE])


def _same(kind: type[Record], found: Sequence[Record], wanted: Sequence[Record]) -> None:
    one, two = [position(record).id for record in found], [position(record).id for record in wanted]
    advice = "see that bounds, order, offset and `read` are what the upstream means by them"
    lost, doubled = sorted(set(two) - set(one)), [key for key, times in Counter(one).items() if times > 1]
    need(not lost, f"paging loses {kind.__name__} {lost[:1]}: {advice}")
    need(not doubled, f"paging doubles {kind.__name__} {doubled[:1]}: {advice}")
    need(one == two, f"paging brings {kind.__name__} in another order, or some that a plain walk does not: {advice}")


@promise(lambda plugin: {name: each for name, each in listings()(plugin).items() if each.counts})
async def counts_exactly(harness: Harness, listing: Listing) -> None:
    """Where a listing counts, its total is the number of records there are."""
    wanted = len(await everything(harness, listing.kind))
    page = await ask(harness, listing, ListRequest(size=1, count=True))
    unread = len((await _first(harness, listing)).problems)
    advice = "declare `counts` only where the upstream counts what becomes one record each, and pass its count on as `total`"
    need(page.total == wanted + unread, f"{listing.kind.__name__} has {wanted} records, but `total` is {page.total}: {advice}")


async def ask(harness: Harness, listing: Listing, asked: ListRequest) -> Page:
    """One slice, straight from the plugin."""
    page: Page = await getattr(harness.provider, listing.method)(asked)
    if isinstance(page.records, Rows):
        unread = page.records.unread()
        page.problems += unread if page.problems is not page.records.problems else []
    page.records, fields = given_out(page.records)
    page.problems += fields
    return page


async def differs(harness: Harness, listing: Listing, one: ListRequest, two: ListRequest) -> bool:
    """Whether two asks are different on the wire, apart from what differs by itself."""
    rows = []
    for each in (one, one, two):
        with harness.noted() as noted:
            await ask(harness, listing, each)
        rows.append(_told(noted))
    return rows[2] != rows[0] and rows[2] != rows[1]


def _told(rows: Sequence[Row]) -> list[Any]:
    return [(row["operation"], row["path"], sorted(row["parameters"].items())) for row in rows]


async def every(harness: Harness, listing: Listing, size: int = 100) -> ListRequest:
    """An ask for the newest records, or, where an answer takes a window, for all of them."""
    wide = ListRequest(size=_most(harness, listing, size), select=everything_of(listing.kind))
    if isinstance(listing.pages, Windows):
        times = [time_of(record) for record in await everything(harness, listing.kind)]
        wide = replace(wide, since=min(times), until=max(times))
    return wide


async def _first(harness: Harness, listing: Listing) -> Page:
    return await ask(harness, listing, await every(harness, listing))


def _orders(kind: type[Record]) -> Sequence[TimeOrder]:
    """The orders in which a kind is listed; kinds without a time come by name."""
    return BOTH if kind.time_field else (TimeOrder.OLDEST_FIRST,)


def _most(harness: Harness, listing: Listing, most: int = 100) -> int:
    return min(most, harness.serving.most(listing))


def _shown(page: Page) -> dict[str, Any]:
    return {record.native_id: shown(record) for record in page.records}


def _tie(times: Sequence[datetime]) -> tuple[datetime, datetime]:
    """The moment at which the most records stand."""
    ((at, _),) = Counter(times).most_common(1)
    return at, at


def _named(record: Record) -> str:
    return f"the {type(record).__name__} {record.native_id!r}"
