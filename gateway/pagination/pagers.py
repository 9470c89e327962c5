"""Pagers: how a listing is read slice by slice, for each page style of an upstream."""

from collections.abc import AsyncGenerator, Iterator, Sequence
from contextlib import aclosing
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from functools import partial
from itertools import count
from typing import Any

from telegraphql.gateway.errors import BadData, ScanLimit, TooLarge
from telegraphql.gateway.pagination.cursor import TICK, time_of
from telegraphql.gateway.pagination.page_checks import Fetch, ids_of, nothing_follows, without_strays
from telegraphql.gateway.pagination.page_discipline import PageDiscipline, PageEnd, PageTotals
from telegraphql.gateway.pagination.page_order import LONGEST_GAP, OrderedPage, UniqueIds, before_gaps, in_order, ordered, without_outliers
from telegraphql.gateway.plugin.declarations import Keyset, Whole, Windows
from telegraphql.gateway.plugin.provider import ListRequest, Page
from telegraphql.gateway.plugin.rows import Rows
from telegraphql.schema.paging import Problem

DAY = timedelta(days=1)
# The first window of the newest records reaches this far ahead: an upstream's clock may be wrong.
AHEAD = timedelta(days=366)
FARTHEST = 20_000
REPEATS = "sends the same page again and again"
TOO_MANY = f"has more than {FARTHEST:,} records in a list that is read whole; its plugin has to declare Keyset or Windows"


@dataclass(frozen=True, slots=True)
class Slice:
    """Records of one upstream answer.

    Everything beyond `frontier` (later when walking back in time, earlier when walking on) has now been delivered; None means everything
    has.
    """

    records: Any
    frontier: datetime | None
    problems: list[Problem]
    # The times of the records, if these are in order.
    times: Sequence[datetime] = ()
    # True if more of the same answer follows, for which no request is needed.
    part: bool = False
    # The ids of records that came before their place.
    displaced: frozenset[str] = frozenset()


def slices(
    fetch: Fetch,
    pages: Keyset | Windows | Whole,
    ask: ListRequest,
    tick: timedelta,
    piece: int | None = None,
    discipline: PageDiscipline | None = None,
    most_requests: int | None = None,
) -> AsyncGenerator[Slice]:
    """Read a listing in its page style, in pieces of so many rows. `most_requests` limits a list that is read whole."""
    if isinstance(pages, Whole):
        return whole(fetch, pages, ask, discipline, most_requests)
    if isinstance(pages, Windows):
        return windows(fetch, pages, ask, tick, discipline)
    read = keyset(fetch, pages, ask, tick, discipline, lazy=piece is not None)
    return in_pieces(read, piece) if piece else read


async def keyset(
    fetch: Fetch, pages: Keyset, ask: ListRequest, tick: timedelta, discipline: PageDiscipline | None = None, *, lazy: bool = False
) -> AsyncGenerator[Slice]:
    """Continue each request from the time that the last one reached.

    Offsets are only used inside one tick of the clock, and to see whether anything follows a short page.
    `lazy`: leave rows unread while the upstream keeps its order.
    """
    discipline = discipline or PageDiscipline()
    newest = ask.newest_first
    bound = ask.until if newest else ask.since
    offset, before, problems, totals = 0, frozenset[str](), list[Problem](), PageTotals()
    while True:
        request = _from(ask, bound, tick, offset)
        page = totals.checked(await fetch(request), offset)
        end = discipline.end_of(page, offset, ask.size, counted_beyond=totals.counted_beyond)
        if gaps := _gaps(page, request, lazy):
            page = await without_strays(fetch, page, gaps, partial(_from, ask, tick=tick, offset=0), discipline.distant, newest=newest)
        if end is PageEnd.LAST:
            yield _last(page, request, problems)
            return
        behind = offset + page.read
        may_check = end is PageEnd.UNKNOWN and (pages.most_offset is None or behind <= pages.most_offset)
        try:
            reached, part = _reached(page, request, lazy)
        except BadData:
            if not may_check or (await fetch(replace(request, offset=behind))).read:
                raise
            # It is all that is left of the list: it can be put in order, whatever order it came in.
            discipline.confirm_end(page.read)
            yield _last(page, request, problems)
            return
        problems += part.problems
        if before and before == ids_of(page):
            raise BadData(REPEATS)
        moved = reached is not None and (bound is None or (reached < bound if newest else reached > bound))
        following, before = (0, frozenset()) if moved else (behind, ids_of(page))
        if pages.most_offset is not None and following > pages.most_offset:
            raise BadData(f"has more than {pages.most_offset} records in one moment, beyond what it lets us read")
        bound = reached if moved else bound
        if bound is not None:
            yield replace(part, frontier=bound, problems=problems)
            problems = []
        if may_check:
            if await nothing_follows(fetch, page, replace(request, offset=behind), _from(ask, bound, tick, 0) if bound else None):
                discipline.confirm_end(page.read)
                yield Slice([], None, problems)
                return
            discipline.refute_end(page, offset, ask.size)
        offset = following


def _gaps(page: Page, request: ListRequest, lazy: bool) -> list[datetime]:
    """Return the last time before each gap that is longer than those of most lists."""
    if lazy and isinstance(page.records, Rows) and _times_in_order(page.records, request.newest_first):
        return []
    records = list(page.records)
    inside, _ = without_outliers(records, list(map(time_of, records)), request.since, request.until)
    return before_gaps(sorted(map(time_of, inside), reverse=request.newest_first))


async def in_pieces(pages: AsyncGenerator[Slice], size: int) -> AsyncGenerator[Slice]:
    """Yield the slices; of rows that are not read yet only as many at once as are looked at."""
    async with aclosing(pages):
        async for each in pages:
            for piece in _pieces(each, each.records, size) if isinstance(each.records, Rows) else (each,):
                yield piece


def _pieces(answer: Slice, rows: Rows, size: int) -> Iterator[Slice]:
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
            yield Slice(records, times[-1], problems, times, part=True)
            problems = []


def _arranged(page: Page, request: ListRequest, *, must_reach: bool) -> OrderedPage:
    """Return the records of a page in order, each id once."""
    problems = page.problems
    if isinstance(page.records, Rows):
        problems = [*problems, *page.records.unread()]
    unique, repeated = UniqueIds().keep(list(page.records))
    found = ordered(unique, request.newest_first, request.since, request.until, must_reach=must_reach)
    found.problems = [*problems, *repeated, *found.problems]
    return found


def _reached(page: Page, request: ListRequest, lazy: bool) -> tuple[datetime | None, Slice]:
    """Return up to where a page reaches, and its records, which stay unread if they need not be known yet."""
    if lazy and isinstance(page.records, Rows) and (times := _times_in_order(page.records, request.newest_first)):
        return times[-1], Slice(page.records, None, page.problems)
    found = _arranged(page, request, must_reach=True)
    return found.reached, Slice(found.records, None, found.problems, found.times, displaced=found.displaced)


def _last(page: Page, request: ListRequest, problems: list[Problem]) -> Slice:
    """Return the last slice of a list."""
    found = _arranged(page, request, must_reach=False)
    return Slice(found.records, None, problems + found.problems, displaced=found.displaced)


def _times_in_order(rows: Rows, newest: bool) -> list[datetime] | None:
    """Return the times of rows that are not read yet; None if they are not in order, or too far apart to be believed."""
    times = rows.times()
    if not times or not in_order(times, newest) or abs(times[0] - times[-1]) > LONGEST_GAP:
        return None
    return times


def _from(ask: ListRequest, bound: datetime | None, tick: timedelta, offset: int) -> ListRequest:
    """Return the next request: one tick wider than needed on both ends, so that it does not matter whether bounds are inclusive."""
    since, until = (ask.since, bound) if ask.newest_first else (bound, ask.until)
    return replace(ask, since=_shift(since, -tick), until=_shift(until, tick), offset=offset)


def _shift(moment: datetime | None, by: timedelta) -> datetime | None:
    return None if moment is None else _clamped(moment, by)


def _clamped(moment: datetime, by: timedelta) -> datetime:
    try:
        return moment + by
    except OverflowError:
        return moment


async def windows(
    fetch: Fetch, pages: Windows, ask: ListRequest, tick: timedelta, discipline: PageDiscipline | None = None
) -> AsyncGenerator[Slice]:
    """Read time windows next to each other; their width follows the density of records."""
    discipline, doubt = discipline or PageDiscipline(), None
    newest = ask.newest_first
    first, last, near = _span(pages, ask)
    edge, width = (last if newest else first), pages.start
    while True:
        lo, hi = (max(first, _clamped(min(edge, near), -width)), edge) if newest else (edge, _clamped(edge, width))
        hi = last if not newest and hi >= near else hi
        if doubt is not None:
            lo, hi = max(lo, doubt.since), min(hi, doubt.until)
        request = replace(ask, since=_clamped(lo, -tick), until=_clamped(hi, tick))
        try:
            page = await fetch(request)
            if width > tick and discipline.may_be_cut(page.read):
                doubt = doubt or _DoubtedWindow(lo, hi, page.read)
                raise TooLarge("may have left out records of a time window")
        except TooLarge:
            if width <= tick:
                raise
            width = max(tick, min(width, hi - lo) / 4)
            continue
        records, repeated = UniqueIds().keep(list(page.records))
        records, outside = without_outliers(records, [time_of(record) for record in records], request.since, request.until)
        inside = [record for record in records if lo <= time_of(record) < hi]
        edge, done = (lo, lo <= first) if newest else (hi, hi >= last)
        if doubt is not None:
            doubt = doubt.read_to(edge, len(inside), discipline)
        yield Slice(inside, None if done else (lo - TICK if newest else hi), page.problems + repeated + outside)
        if done:
            return
        width = _next(width, len(inside), ask.size, tick)


@dataclass(slots=True)
class _DoubtedWindow:
    """A window with so many rows that its answer may have been cut, while it is read again in narrower ones."""

    since: datetime
    until: datetime
    rows: int
    found: int = 0

    def read_to(self, edge: datetime, rows: int, discipline: PageDiscipline) -> "_DoubtedWindow | None":
        """Count the rows of a narrower window. At the end of this one learn whether its answer was whole, and return None."""
        self.found += rows
        if self.since < edge < self.until:
            return self
        if self.found <= self.rows:
            discipline.whole_limits.add(self.rows)
        return None


def _span(pages: Windows, ask: ListRequest) -> tuple[datetime, datetime, datetime]:
    """Return the bounds of all windows, and the end of those of ordinary width: behind it are only records from the future."""
    # By the hour, so that the same question asked again a moment later is the same to whoever keeps answers.
    tomorrow = datetime.now(UTC).replace(minute=0, second=0, microsecond=0) + DAY
    first = max(pages.floor, ask.since) if ask.since else pages.floor
    last = min(tomorrow + AHEAD, _clamped(ask.until, TICK)) if ask.until else tomorrow + AHEAD
    return min(first, last), last, min(tomorrow, last)


def _next(width: timedelta, rows: int, size: int, tick: timedelta) -> timedelta:
    factor = 4.0 if not rows else min(4.0, max(0.125, 1.5 * size / rows))
    return max(tick, width * factor)


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
