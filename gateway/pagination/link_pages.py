"""Link pages: lists of an upstream that names the next page itself, and sends in one order only."""

from collections.abc import AsyncGenerator
from contextlib import aclosing
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Any

from telegraphql.gateway.errors import BadData, NotFound, RejectedInput, ScanLimit, UpstreamError
from telegraphql.gateway.pagination.cursor import time_of
from telegraphql.gateway.pagination.page_checks import Fetch
from telegraphql.gateway.pagination.page_discipline import PageDiscipline
from telegraphql.gateway.pagination.page_order import FEW, OrderedPage, UniqueIds, late_row, ordered_within
from telegraphql.gateway.pagination.page_tail import believed
from telegraphql.gateway.pagination.slice import REPEATS, Slice, shifted
from telegraphql.gateway.pagination.time_windows import AIM, ReadPart, WindowSteps
from telegraphql.gateway.pagination.window_rows import WindowRows
from telegraphql.gateway.plugin.declarations import Links
from telegraphql.gateway.plugin.provider import SECOND, ListRequest, Page
from telegraphql.schema.paging import Problem

# So many pages of a window of the other order are read before it is asked for in a narrower one.
MOST_PAGES = 3
# A window that is aimed at holds at most so much of a page.
FULL = 0.85


def link_pages(
    fetch: Fetch,
    pages: Links,
    ask: ListRequest,
    tick: timedelta,
    discipline: PageDiscipline | None = None,
    most_requests: int | None = None,
) -> AsyncGenerator[Slice]:
    """Read a list of links. `most_requests` limits what is read before a first record can be delivered."""
    if ask.order is pages.order:
        return follow(fetch, pages, ask, tick, most_requests)
    if pages.granularity is None:
        return reversed_whole(fetch, pages, ask, tick, most_requests)
    return against(fetch, pages, ask, tick, discipline or PageDiscipline(), most_requests)


def rounds(pages: Links) -> bool:
    """Return True if more rows come than are wanted, since the upstream rounds its bounds or displaces its rows."""
    return pages.granularity is None or pages.granularity > SECOND or pages.span > timedelta(0)


async def follow(fetch: Fetch, pages: Links, ask: ListRequest, tick: timedelta, most_requests: int | None = None) -> AsyncGenerator[Slice]:
    """Follow the links from page to page, in the upstream's own order.

    A link that has expired is replaced by a request from the time that was reached.
    """
    walk, idle = _Walk(pages, ask, tick), 0
    while True:
        try:
            page = await fetch(walk.request)
        except (NotFound, RejectedInput) as error:
            walk.resume(error)
            continue
        piece = walk.read(page)
        if walk.is_done or walk.frontier is not None:
            yield piece
        if walk.is_done:
            return
        idle = idle + 1 if walk.frontier is None else 0
        if idle == most_requests:
            raise ScanLimit(f"sends no record that can be put in its place in {idle} requests: raise limits.scan_requests")


@dataclass(slots=True)
class _Walk:
    """A walk from link to link. Everything before `frontier` in the order of the list was delivered; None if nobody can tell."""

    pages: Links
    ask: ListRequest
    tick: timedelta
    request: ListRequest = field(init=False)
    frontier: datetime | None = None
    is_done: bool = False
    # What came before anybody could tell how far it reaches.
    _held: Slice = field(default_factory=lambda: Slice([], None, []))
    _links: set[str] = field(default_factory=set)
    # The ids of the page before, which a numbered page repeats when new records came meanwhile.
    _before: frozenset[str] = frozenset()
    # The rows of the page before that are not believed yet.
    _tail: list[Any] = field(default_factory=list)
    _resumed_at: datetime | None = None
    _overlaps: bool = False

    def __post_init__(self) -> None:
        self.request = self._from(None)

    def read(self, page: Page) -> Slice:
        """Return what can be delivered after a page, and choose the next request.

        Raises:
            BadData: the page leads back to one that was read, or its rows are in no order.
        """
        if page.next is not None and page.next in self._links:
            raise BadData(REPEATS)
        self.is_done = page.next is None
        unique, repeated = UniqueIds().keep(list(page.records))
        found = self._ordered(unique)
        late, early = self._late(found), self._early(found)
        self._before = frozenset(record.native_id for record in unique)
        if not self.is_done:
            self._links.add(str(page.next))
            self.request = replace(self.request, next=page.next)
            self._advance(found)
        held, problems = self._held, [*self._held.problems, *page.problems, *repeated, *found.problems, *late]
        records, times = (found.records, found.times) if not held.records and not early else ([*held.records, *early, *found.records], ())
        displaced = held.displaced | found.displaced | {record.native_id for record in early}
        piece = Slice(records, None if self.is_done else self.frontier, problems, times, displaced=displaced)
        self._held = piece if self.frontier is None else Slice([], None, [])
        return piece

    def resume(self, error: UpstreamError) -> None:
        """Go on by time instead of by a link that is refused; raise the error if that would not get any further."""
        if self.request.next is None or self.frontier in (None, self._resumed_at) or self.pages.granularity is None:
            raise error
        self._resumed_at, self._overlaps = self.frontier, True
        self._links.clear()
        self.request = self._from(self.frontier)

    def _from(self, frontier: datetime | None) -> ListRequest:
        """Return the first request beyond a time. Its bounds are wider than wanted by all that the upstream may round or displace."""
        since, until = self.ask.since, self.ask.until
        if frontier is not None:
            since, until = (since, frontier) if self.ask.newest_first else (frontier, until)
        margin = max(self.tick, self.pages.granularity or self.tick) + self.pages.span
        return replace(self.ask, since=shifted(since, -margin), until=shifted(until, margin), next=None)

    def _ordered(self, records: list[Any]) -> OrderedPage:
        newest, request = self.ask.newest_first, self.request
        bounds = (None, None) if self.pages.granularity is None else (request.since, request.until)
        try:
            return ordered_within(records, newest, self.pages.span, *bounds)
        except BadData:
            if not self.is_done:
                raise
            # It is all that is left of the list: it can be put in order, whatever order it came in.
            return ordered_within(records, newest, timedelta.max, *bounds)

    def _advance(self, found: OrderedPage) -> None:
        if not found.trusted:
            return
        reached = believed(found.trusted)
        self._tail = [record for record in found.records if self._is_beyond(reached, time_of(record))]
        frontier = shifted(reached, self.pages.span if self.ask.newest_first else -self.pages.span)
        if self.frontier is None or (frontier is not None and self._is_beyond(self.frontier, frontier)):
            self.frontier = frontier

    def _early(self, found: OrderedPage) -> list[Any]:
        """Return the last records of the page before whose place this page has not reached yet."""
        if not found.trusted:
            return []
        nearest = shifted(found.trusted[0], -self.pages.span if self.ask.newest_first else self.pages.span)
        return [record for record in self._tail if nearest and self._is_beyond(nearest, time_of(record))]

    def _late(self, found: OrderedPage) -> list[Problem]:
        """Return the problems of the records that come too late for their place.

        Raises:
            BadData: most of the page are such.
        """
        frontier = self.frontier
        if frontier is None or not found.times or not self._is_beyond(found.times[0], frontier):
            self._overlaps = False
            return []
        if self._overlaps:
            return []
        pairs = zip(found.records, found.times, strict=True)
        late = [record for record, time in pairs if self._is_beyond(time, frontier) and record.native_id not in self._before]
        wanted = [record for record in late if self._is_wanted(time_of(record))]
        if len(wanted) > FEW and 2 * len(wanted) > len(found.records):
            raise BadData(f"does not send its records in its own order, within {self.pages.span}")
        return [late_row(record) for record in wanted]

    def _is_wanted(self, time: datetime) -> bool:
        return (self.ask.until is None or time <= self.ask.until) and (self.ask.since is None or time >= self.ask.since)

    def _is_beyond(self, one: datetime, other: datetime) -> bool:
        """Return True if a moment comes before another in the order of the list."""
        return one > other if self.ask.newest_first else one < other


async def against(
    fetch: Fetch, pages: Links, ask: ListRequest, tick: timedelta, discipline: PageDiscipline, most_requests: int | None = None
) -> AsyncGenerator[Slice]:
    """Read the order in which the upstream does not send: in time windows, each to its end. Every request is a slice."""
    aim = min(AIM * ask.size, FULL * pages.most)
    least = max(tick, pages.granularity or tick)
    steps = WindowSteps(pages, ask, least, discipline, aim)
    rows = WindowRows(ask.newest_first, ask.until if ask.newest_first else ask.since, least + pages.span)
    while True:
        since, until = steps.next()
        window = _Window(replace(ask, order=pages.order, since=since, until=until, size=pages.most))
        async with aclosing(follow(fetch, pages, window.ask, tick, most_requests)) as answers:
            async for answer in answers:
                window.add(answer)
                if window.is_read or (steps.can_narrow and window.is_too_large):
                    break
                yield Slice([], steps.frontier, [])
        if not window.is_read:
            steps.narrow(since, until, window.part)
            yield Slice([], steps.frontier, [])
            continue
        placed = rows.place(window.records, since, until)
        done = steps.advance(since, until, len(placed.inside))
        yield Slice(placed.records, None if done else steps.frontier, window.problems + placed.problems, displaced=placed.displaced)
        if done:
            return


class _Window:
    """The part of a time window that was read so far, in the upstream's own order."""

    def __init__(self, ask: ListRequest) -> None:
        assert ask.since is not None
        assert ask.until is not None
        self.ask, self.since, self.until = ask, ask.since, ask.until
        self.problems: list[Problem] = []
        self.is_read = False
        self._rows: list[Any] = []
        self._pages = 0
        self._reached: datetime | None = None

    def add(self, answer: Slice) -> None:
        """Add a page."""
        self._rows += answer.records
        self.problems += answer.problems
        self._pages, self._reached = self._pages + 1, answer.frontier
        self.is_read = answer.frontier is None or (answer.frontier < self.since if self.ask.newest_first else answer.frontier >= self.until)

    @property
    def records(self) -> list[Any]:
        """Return the records that came with the window, each once."""
        unique, _ = UniqueIds().keep(self._rows)
        return unique

    @property
    def part(self) -> ReadPart:
        """Return how much was read."""
        times = [time_of(record) for record in self._rows]
        assert self._reached is not None
        return ReadPart(len(times), max(times) - min(times) if times else timedelta(0), self._reached)

    @property
    def is_too_large(self) -> bool:
        """Return True if the window seems to have more pages than are read of one."""
        part = self.part
        rest = part.reached - self.since if self.ask.newest_first else self.until - part.reached
        return self._pages >= MOST_PAGES or self._pages * rest > 2 * MOST_PAGES * part.length


async def reversed_whole(
    fetch: Fetch, pages: Links, ask: ListRequest, tick: timedelta, most_requests: int | None = None
) -> AsyncGenerator[Slice]:
    """Read the other order of an upstream without time bounds: to its end, in one slice; ScanLimit if that takes too many requests."""
    request = replace(ask, order=pages.order, since=None, until=None, size=pages.most)
    records, problems, read = dict[str, Any](), list[Problem](), 0
    async with aclosing(follow(fetch, pages, request, tick, most_requests)) as answers:
        async for answer in answers:
            records |= {record.native_id: record for record in answer.records}
            problems, read = problems + answer.problems, read + 1
            if read == most_requests and answer.frontier is not None:
                raise ScanLimit(f"needs more than {read} requests for the other order of a list: raise limits.scan_requests")
    yield Slice(list(records.values()), None, problems)
