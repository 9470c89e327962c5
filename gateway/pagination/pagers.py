"""Slices: how a listing is read piece by piece, for each page style an upstream may have."""

from collections.abc import AsyncGenerator, Awaitable, Callable, Iterator, Sequence
from contextlib import aclosing
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from operator import ge, le
from typing import Any

from telegraphql.gateway.errors import BadData, TooLarge
from telegraphql.gateway.pagination.cursor import TICK, time_of
from telegraphql.gateway.plugin.declarations import Keyset, Whole, Windows
from telegraphql.gateway.plugin.provider import ListRequest, Page
from telegraphql.gateway.plugin.rows import Rows
from telegraphql.schema.paging import Problem

Fetch = Callable[[ListRequest], Awaitable[Page]]
DAY = timedelta(days=1)
FARTHEST = 20_000


@dataclass(frozen=True, slots=True)
class Slice:
    """Records of one upstream answer. Everything beyond `frontier` (later when walking back in time, earlier when walking on) has now
    been delivered; None means everything has."""

    records: Any
    frontier: datetime | None
    problems: list[Problem]
    # Where the records stand, if they came in that order.
    times: Sequence[datetime] = ()
    # Whether more of the same answer follows, for which nobody has to be asked.
    part: bool = False


def slices(
    fetch: Fetch, pages: Keyset | Windows | Whole, ask: ListRequest, tick: timedelta, piece: int | None = None
) -> AsyncGenerator[Slice]:
    """A listing read in its page style; where its answers can be read bit by bit, in pieces of so many rows."""
    if isinstance(pages, Whole):
        return whole(fetch, pages, ask)
    return windows(fetch, pages, ask, tick) if isinstance(pages, Windows) else in_pieces(keyset(fetch, pages, ask, tick), piece, ask)


async def keyset(fetch: Fetch, pages: Keyset, ask: ListRequest, tick: timedelta) -> AsyncGenerator[Slice]:
    """Each request goes on from the time the last one reached; offsets serve only inside one tick of the clock."""
    newest = ask.newest_first
    bound = ask.until if newest else ask.since
    offset, before, problems = 0, frozenset[str](), list[Problem]()
    while True:
        page = await fetch(_from(ask, bound, tick, offset))
        if page.read == 0 or not _more(page, offset, ask.size):
            yield Slice(page.records, None, problems + page.problems)
            return
        reached, times = _reached(page, newest)
        problems += page.problems
        if before and before == _ids(page):
            raise BadData("sends the same page again and again")
        moved = reached is not None and (bound is None or (reached < bound if newest else reached > bound))
        offset, before = (0, frozenset()) if moved else (offset + page.read, _ids(page))
        if pages.most_offset is not None and offset > pages.most_offset:
            raise BadData(f"has more than {pages.most_offset} records in one moment, beyond what it lets us read")
        bound = reached if moved else bound
        if bound is not None:
            yield Slice(page.records, bound, problems, times)
            problems = []


async def in_pieces(pages: AsyncGenerator[Slice], size: int | None, ask: ListRequest) -> AsyncGenerator[Slice]:
    """The slices with the times of their records; of rows that need not be read all at once only as many as are looked at."""
    async with aclosing(pages):
        async for each in pages:
            for piece in _pieces(each, each.records, size, ask) if isinstance(each.records, Rows) else (each,):
                yield piece


def _pieces(whole: Slice, rows: Rows, size: int | None, ask: ListRequest) -> Iterator[Slice]:
    if whole.frontier is None:
        yield replace(whole, records=rows.all(), problems=whole.problems + rows.news())
        return
    problems, before = whole.problems, None
    while True:
        found = rows.next(size)
        problems = problems + rows.news()
        times = _ordered(found, ask.newest_first, before)
        if rows.is_read:
            yield Slice(found, whole.frontier, problems, times)
            return
        if times:
            yield Slice(found, times[-1], problems, times, part=True)
            problems, before = [], times[-1]


def _reached(page: Page, newest: bool) -> tuple[datetime | None, Sequence[datetime]]:
    """Up to where a page reaches, and the times of its records, unless they need not be known yet."""
    if isinstance(page.records, Rows):
        if last := page.records.last():
            return last.time, ()
        page.problems = [*page.problems, *page.records.unread()]
        page.records = []
    times = _ordered(page.records, newest)
    return times[-1] if times else None, times


def _ids(page: Page) -> frozenset[str]:
    return frozenset(record.native_id for record in page.records)


def _from(ask: ListRequest, bound: datetime | None, tick: timedelta, offset: int) -> ListRequest:
    """The next request: one tick wider than needed on both ends, so that it does not matter whether bounds are inclusive."""
    since, until = (ask.since, bound) if ask.newest_first else (bound, ask.until)
    return replace(ask, since=_shift(since, -tick), until=_shift(until, tick), offset=offset)


def _shift(moment: datetime | None, by: timedelta) -> datetime | None:
    return None if moment is None else _clamped(moment, by)


def _clamped(moment: datetime, by: timedelta) -> datetime:
    try:
        return moment + by
    except OverflowError:
        return moment


def _more(page: Page, offset: int, size: int) -> bool:
    return offset + page.read < page.total if page.total is not None else page.read >= size


def _ordered(records: Sequence[Any], newest: bool, before: datetime | None = None) -> list[datetime]:
    times = [time_of(record) for record in records]
    beyond = ge if newest else le
    if not all(map(beyond, times, times[1:])) or (before is not None and times and not beyond(before, times[0])):
        raise BadData("does not send its records in the order it was asked for")
    return times


async def windows(fetch: Fetch, pages: Windows, ask: ListRequest, tick: timedelta) -> AsyncGenerator[Slice]:
    """Time windows next to each other; their width follows the density of records."""
    newest = ask.newest_first
    first, last = _span(pages, ask)
    edge, width = (last if newest else first), pages.start
    while True:
        lo, hi = (max(first, _clamped(edge, -width)), edge) if newest else (edge, min(last, _clamped(edge, width)))
        try:
            page = await fetch(replace(ask, since=_clamped(lo, -tick), until=_clamped(hi, tick)))
        except TooLarge:
            if width <= tick:
                raise
            width = max(tick, width / 4)
            continue
        inside = [record for record in page.records if lo <= time_of(record) < hi]
        edge, done = (lo, lo <= first) if newest else (hi, hi >= last)
        yield Slice(inside, None if done else (lo - TICK if newest else hi), page.problems)
        if done:
            return
        width = _next(width, len(inside), ask.size, tick)


def _span(pages: Windows, ask: ListRequest) -> tuple[datetime, datetime]:
    # By the hour, so that the same question asked again a moment later is the same to whoever keeps answers.
    tomorrow = datetime.now(UTC).replace(minute=0, second=0, microsecond=0) + DAY
    first = max(pages.floor, ask.since) if ask.since else pages.floor
    last = min(tomorrow, ask.until + TICK) if ask.until else tomorrow
    return min(first, last), last


def _next(width: timedelta, found: int, wanted: int, tick: timedelta) -> timedelta:
    factor = 4.0 if not found else min(4.0, max(0.125, 1.5 * wanted / found))
    return max(tick, width * factor)


async def whole(fetch: Fetch, pages: Whole, ask: ListRequest) -> AsyncGenerator[Slice]:
    """A small collection to its end, in one slice."""
    records: dict[str, Any] = {}
    problems: list[Problem] = []
    offset, size = 0, pages.most
    while True:
        page = await fetch(replace(ask, offset=offset, size=size, since=None, until=None))
        fresh = {record.native_id: record for record in page.records if record.native_id not in records}
        records |= fresh
        problems += page.problems
        offset += page.read
        if not _more(page, offset - page.read, size) or not page.read:
            break
        if (page.records and not fresh) or offset > FARTHEST:
            raise BadData("sends the same page again and again")
    yield Slice(list(records.values()), None, problems)
