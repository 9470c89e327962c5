"""Pagers: how a listing is read slice by slice, for each page style of an upstream."""

from collections.abc import AsyncGenerator, Iterable, Iterator, Sequence
from contextlib import aclosing
from dataclasses import replace
from datetime import datetime, timedelta
from itertools import count
from typing import Any

from telegraphql.gateway.errors import BadData, ScanLimit, TooLarge
from telegraphql.gateway.pagination.cursor import time_of
from telegraphql.gateway.pagination.link_pages import link_pages
from telegraphql.gateway.pagination.page_checks import Fetch, ids_of, nothing_follows
from telegraphql.gateway.pagination.page_discipline import PageDiscipline, PageEnd, PageTotals
from telegraphql.gateway.pagination.page_order import UniqueIds
from telegraphql.gateway.pagination.page_tail import KeysetWalk
from telegraphql.gateway.pagination.slice import REPEATS, Slice, arranged, last_slice, shifted, times_in_order
from telegraphql.gateway.pagination.time_windows import windows
from telegraphql.gateway.plugin.declarations import Keyset, Links, PageStyle, Whole, Windows
from telegraphql.gateway.plugin.provider import ListRequest, Page
from telegraphql.gateway.plugin.rows import Rows
from telegraphql.schema.paging import Problem

FARTHEST = 20_000
TOO_MANY = f"has more than {FARTHEST:,} records in a list that is read whole; its plugin has to declare Keyset, Links or Windows"


def slices(
    fetch: Fetch,
    pages: PageStyle,
    ask: ListRequest,
    tick: timedelta,
    piece: int | None = None,
    discipline: PageDiscipline | None = None,
    most_requests: int | None = None,
) -> AsyncGenerator[Slice]:
    """Read a listing in its page style, in pieces of so many rows.

    `most_requests` limits what is read before a first record can be delivered.
    """
    if isinstance(pages, Whole):
        return whole(fetch, pages, ask, discipline, most_requests)
    if isinstance(pages, Windows):
        return windows(fetch, pages, ask, tick, discipline)
    if isinstance(pages, Links):
        return link_pages(fetch, pages, ask, tick, discipline, most_requests)
    read = keyset(fetch, pages, ask, tick, discipline, lazy=piece is not None)
    return in_pieces(read, piece, ask.newest_first) if piece else read


async def keyset(
    fetch: Fetch, pages: Keyset, ask: ListRequest, tick: timedelta, discipline: PageDiscipline | None = None, *, lazy: bool = False
) -> AsyncGenerator[Slice]:
    """Continue each request from the time that the last one reached.

    Offsets are only used inside one tick of the clock, and to see whether anything follows a short page.
    `lazy`: leave rows unread while the upstream keeps its order.
    """
    discipline = discipline or PageDiscipline()
    walk = KeysetWalk(ask.until if ask.newest_first else ask.since, ask.newest_first)
    offset, before, problems, totals = 0, frozenset[str](), list[Problem](), PageTotals()
    while True:
        if walk.tail is not None:
            walk.look_back()
        request = _from(ask, walk.bound, tick, offset)
        page = totals.checked(await fetch(request), offset)
        end = discipline.end_of(page, offset, ask.size, counted_beyond=totals.counted_beyond)
        if walk.known:
            if not walk.continues(page, is_last=end is PageEnd.LAST):
                offset, before, totals = 0, frozenset(), PageTotals()
                continue
            problems += walk.take_problems()
        if end is PageEnd.LAST:
            last = last_slice(page, request, problems)
            yield replace(last, problems=last.problems + walk.late(last, request)) if walk.seen else last
            return
        behind = offset + page.read
        may_check = end is PageEnd.UNKNOWN and (pages.most_offset is None or behind <= pages.most_offset)
        try:
            orders, part = _orders(page, request, lazy)
        except BadData:
            if not may_check or (await fetch(replace(request, offset=behind))).read:
                raise
            # It is all that is left of the list: it can be put in order, whatever order it came in.
            discipline.confirm_end(page.read)
            yield last_slice(page, request, problems)
            return
        problems += part.problems + (walk.late(part, request) if walk.seen else [])
        if before and before == ids_of(page):
            raise BadData(REPEATS)
        moved = walk.reach(orders, page.records)
        following, before = (0, frozenset()) if moved else (behind, ids_of(page))
        if pages.most_offset is not None and following > pages.most_offset:
            raise BadData(f"has more than {pages.most_offset} records in one moment, beyond what it lets us read")
        if walk.frontier is not None:
            yield Slice(part.records, walk.frontier, problems, part.times, part.part, part.displaced)
            problems = []
        if may_check:
            beyond = _from(ask, walk.frontier, tick, 0) if walk.frontier else None
            if await nothing_follows(fetch, page, replace(request, offset=behind), beyond):
                discipline.confirm_end(page.read)
                yield Slice([], None, problems)
                return
            discipline.refute_end(page, offset, ask.size)
        offset = following


async def in_pieces(pages: AsyncGenerator[Slice], size: int, newest: bool) -> AsyncGenerator[Slice]:
    """Yield the slices; of rows that are not read yet only as many at once as are looked at."""
    async with aclosing(pages):
        async for each in pages:
            for piece in _pieces(each, each.records, size, newest) if isinstance(each.records, Rows) else (each,):
                yield piece


def _pieces(answer: Slice, rows: Rows, size: int, newest: bool) -> Iterator[Slice]:
    """Yield the rows of an answer, which are known to be in order, as far as they are looked at."""
    problems, ids = answer.problems, UniqueIds()
    while True:
        records, repeated = ids.keep(rows.next(size))
        problems = problems + rows.news() + repeated
        times = [time_of(record) for record in records]
        if rows.is_read:
            yield Slice(records, answer.frontier, problems, times)
            return
        if records:
            reached = times[-1] if answer.frontier is None else (max if newest else min)(times[-1], answer.frontier)
            yield Slice(records, reached, problems, times, part=True)
            problems = []


def _orders(page: Page, request: ListRequest, lazy: bool) -> tuple[Iterable[Sequence[datetime]], Slice]:
    """Return the times of a page's rows in order, and its records, which stay unread if they need not be known yet."""
    if lazy and isinstance(page.records, Rows) and (times := times_in_order(page.records, request.newest_first)):
        return [times], Slice(page.records, None, page.problems)
    found = arranged(page, request, must_reach=True)
    part = Slice(found.records, None, found.problems, found.times, displaced=found.displaced)
    return (found.trailing, found.trusted), part


def _from(ask: ListRequest, bound: datetime | None, tick: timedelta, offset: int) -> ListRequest:
    """Return the next request: one tick wider than needed on both ends, so that it does not matter whether bounds are inclusive."""
    since, until = (ask.since, bound) if ask.newest_first else (bound, ask.until)
    if since is until is None and not offset:
        return ask
    return replace(ask, since=shifted(since, -tick), until=shifted(until, tick), offset=offset)


async def whole(
    fetch: Fetch, pages: Whole, ask: ListRequest, discipline: PageDiscipline | None = None, most_requests: int | None = None
) -> AsyncGenerator[Slice]:
    """Read a small collection to its end, in one slice; ScanLimit if that takes more requests than it may."""
    discipline = discipline or PageDiscipline()
    records: dict[str, Any] = {}
    problems: list[Problem] = []
    offset, size, totals = 0, pages.most, PageTotals()
    doubted: Page | None = None
    for sent in count():
        if sent == most_requests:
            raise ScanLimit(f"needs more than {sent} requests for a list that is read whole: raise limits.scan_requests")
        page = totals.checked(await fetch(replace(ask, offset=offset, size=size, since=None, until=None)), offset)
        unique, repeated = UniqueIds().keep(list(page.records))
        fresh = {record.native_id: record for record in unique if record.native_id not in records}
        # An upstream without pages sends all it has, whatever the offset.
        repeats = bool(page.records) and not fresh
        if doubted is not None and (page.read == 0 or (repeats and page.read == doubted.read)):
            discipline.confirm_end(doubted.read)
            break
        if doubted is not None:
            discipline.refute_end(doubted, offset - doubted.read, size)
        records |= fresh
        problems += page.problems + repeated
        end = discipline.end_of(page, offset, size, counted_beyond=totals.counted_beyond, same_list=True)
        if end is PageEnd.LAST:
            break
        offset += page.read
        if repeats or offset > FARTHEST:
            raise BadData(REPEATS) if repeats else TooLarge(TOO_MANY)
        doubted = page if end is PageEnd.UNKNOWN else None
    yield Slice(list(records.values()), None, problems)
