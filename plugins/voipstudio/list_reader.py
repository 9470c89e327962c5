"""List reader: slices of a collection in the order of time, of one request or of several that are joined.

A filter cannot say "from or to this number", so that takes two requests, whose rows are joined. Where an account does not sort by time,
windows of time are read as a whole, in the order of ids, and sorted here.
"""

import asyncio
from collections.abc import Awaitable, Callable, Iterable, Sequence
from datetime import UTC, datetime, timedelta
from functools import cache
from typing import Any, NamedTuple

import msgspec

from telegraphql.plugin import SECOND, BadData, ListRequest, read_all_pages, read_utc
from telegraphql.plugins.voipstudio.query import ResourceQuery
from telegraphql.plugins.voipstudio.wire import Listed

# More pages than that are read by further slices, within the request budget.
MAX_PAGES = 50
FLOOR = datetime(2000, 1, 1, tzinfo=UTC)
MAX_WINDOW_ROWS = 10_000
# So many rows in turn are not withheld by chance.
MIN_EMPTY_ROWS = 7
MIN_WIDTH, MAX_WIDTH, GROWTH = timedelta(minutes=1), timedelta(days=20_000), 4
TOO_MANY = f"has more than {MAX_WINDOW_ROWS} records in one second, which is more than the gateway sorts"
Fetch = Callable[[ResourceQuery, int, int], Awaitable[Listed]]


class WindowTooWide(Exception):
    """A window of time has more than `MAX_WINDOW_ROWS` rows."""


class TimedRow(NamedTuple):
    """A row with its place in the order of time."""

    time: datetime
    id: str
    raw: msgspec.Raw


class Beginning(NamedTuple):
    """The first rows of a list, and the time before which none is missing. None: these are all."""

    rows: list[TimedRow]
    edge: datetime | None
    total: int | None


class PageClamp:
    """The length to which an upstream that names no total cuts the pages of a collection; None if it does not, as far as is known.

    A page of such an upstream starts at a multiple of the length that it really sends, so that only this length can be requested. An
    upstream that withholds rows sends short pages as well, but its second page is not full, or a longer one has been.
    """

    def __init__(self) -> None:
        self.rows: int | None = None
        self._short: int | None = None
        self._longest = 0

    def observe(self, page: int, limit: int, sent: int, total: int | None) -> None:
        """Learn from a page, which is numbered from 0: one that follows a short first page shows that this was cut."""
        self._longest = max(self._longest, sent)
        if total is not None:
            self.rows = None
        elif page == 0 and 0 < sent < limit:
            self._short = sent
        elif page > 0 and sent == limit == self._short == self._longest:
            self.rows = limit


class ListReader:
    """Reads lists of one account; `fetch` sends one request for a page."""

    def __init__(self, fetch: Fetch, page_size: int) -> None:
        self._fetch = fetch
        self._page_size = page_size
        self._clamps: dict[str, PageClamp] = {}

    async def joined(self, questions: Sequence[ResourceQuery], request: ListRequest) -> tuple[list[msgspec.Raw], int | None]:
        """Return a slice of the records that are an answer to any of the questions, and how many there are in all, if that is known."""
        wanted = 2 * (request.offset + request.size)
        while True:
            beginnings = await asyncio.gather(*(self._beginning(question, request, wanted) for question in questions))
            edges = [each.edge for each in beginnings if each.edge is not None]
            rows = _merged((row for each in beginnings for row in each.rows), edges, request.newest_first)
            if not edges or len(rows) - request.offset >= request.size:
                break
            wanted *= 2
        total = len(rows) if not edges else beginnings[0].total if len(questions) == 1 else None
        return [row.raw for row in rows[request.offset :]], total

    async def slice(self, query: ResourceQuery, offset: int, size: int) -> tuple[list[msgspec.Raw], int | None]:
        """Return up to `size` rows from `offset` on, none only at the end, and the upstream's count.

        An upstream page starts at a multiple of its length. For another offset, the start of the first page is cut off and a further page
        fills the slice. If a page is shorter than requested but not the last, its length is requested from there on. If it is empty and
        very short, all its rows may have been withheld: the rows behind it are requested as well.
        """
        rows: list[msgspec.Raw] = []
        clamp = self._clamps.setdefault(query.path, PageClamp())
        limit, total, withheld = min(size, self._page_size, offset or size, clamp.rows or size), None, 0
        for _ in range(MAX_PAGES):
            page, skip = divmod(offset + withheld + len(rows), limit)
            answer = await self._fetch(query, limit, page + 1)
            rows += answer.data[skip:]
            total, sent, end = answer.total, len(answer.data), offset + len(rows)
            clamp.observe(page, limit, sent, total)
            # A short page is the last, unless the count says that it was cut.
            is_cut = total is not None and end < total
            if len(rows) >= size or (rows and (not sent or end == total or (sent < limit and not is_cut))):
                break
            if sent:
                limit = min(limit, sent)
                continue
            withheld = (page + 1) * limit - offset
            if total is not None or withheld >= min(size, MIN_EMPTY_ROWS):
                break
            # A page of this length starts where the empty one ended.
            limit = min(offset + withheld, self._page_size)
        return rows, total

    async def all(self, query: ResourceQuery) -> list[msgspec.Raw]:
        """Return all rows, in no order."""
        return await read_all_pages(lambda offset: self.slice(query, offset, self._page_size), self._page_size)

    async def _window(self, query: ResourceQuery) -> list[msgspec.Raw]:
        """Return all rows of a window of time.

        Raises:
            WindowTooWide: they are more than are read at once.
        """

        async def fetch(offset: int) -> tuple[list[msgspec.Raw], int | None]:
            rows, total = await self.slice(query, offset, self._page_size)
            if max(offset + len(rows), total or 0) > MAX_WINDOW_ROWS:
                raise WindowTooWide
            return rows, total

        return await read_all_pages(fetch, self._page_size)

    async def _beginning(self, query: ResourceQuery, request: ListRequest, wanted: int) -> Beginning:
        if not query.sorts:
            return await self._by_windows(query, request, wanted)
        rows: list[msgspec.Raw] = []
        while len(rows) < wanted:
            part, total = await self.slice(query, len(rows), wanted - len(rows))
            rows += part
            if not part or (total == len(rows) < wanted):
                return Beginning(timed(query, rows), None, total)
        found = timed(query, rows)
        return Beginning(found, found[-1].time, total)

    async def _by_windows(self, query: ResourceQuery, request: ListRequest, wanted: int) -> Beginning:
        """Return the beginning of a list that the upstream sorts by id only."""
        newest = await self._fetch(query, self._page_size, 1)
        found = timed(query, newest.data)
        if not found or (newest.total == len(found) < self._page_size):
            return Beginning(found, None, newest.total)
        times = [row.time for row in found]
        windows = TimeWindows(request, (max(times) - min(times)) * wanted / len(times), max(times))
        # A count that is no more than its page may be that of the page.
        total = newest.total if newest.total is not None and newest.total > len(found) else None
        collected: list[TimedRow] = []
        while not (windows.is_done or len(collected) == total):
            try:
                rows = await self._window(query.between(windows.since, windows.until))
            except WindowTooWide:
                windows.shrink()
                continue
            collected += timed(query, rows)
            edge = windows.advance(grow=len(rows) < wanted)
            if len(collected) >= wanted and not windows.is_done:
                return Beginning(collected, edge, total)
        return Beginning(collected, None, total)


class TimeWindows:
    """Windows of whole seconds next to each other, in the order of a list. The outermost ones are open where the request is."""

    def __init__(self, request: ListRequest, width: timedelta, newest: datetime) -> None:
        self._newest_first = request.newest_first
        self._bounds = request.since, request.until
        self._bottom = _whole_second(request.since or FLOOR)
        self._top = max(self._bottom, _whole_second(request.until or newest))
        self._place = self._top if self._newest_first else self._bottom
        self._is_first = True
        self._width = max(MIN_WIDTH, _whole_seconds(width))
        self.is_done = False

    @property
    def since(self) -> datetime | None:
        """Return the first second of the window; None if it is open."""
        low = self._place - self._width if self._newest_first else self._place
        return low if low > self._bottom else self._bounds[0]

    @property
    def until(self) -> datetime | None:
        """Return the last second of the window; None if it is open."""
        if self._newest_first:
            return self._bounds[1] if self._is_first else self._place
        high = self._place + self._width
        return high if high < self._top else self._bounds[1]

    def advance(self, *, grow: bool) -> datetime:
        """Go on to the next window. Return the second before which, in the order of the list, all windows have been."""
        since, until = self.since, self.until
        self._is_first = False
        if self._newest_first:
            self.is_done = since is None or since <= self._bottom
            self._place = (since or self._bottom) - SECOND
        else:
            self.is_done = until is None or until >= self._top
            self._place = (until or self._top) + SECOND
        self._width = min(max(self._width, SECOND) * GROWTH, MAX_WIDTH) if grow else self._width
        return self._place

    def shrink(self) -> None:
        """Make the window narrower, since it holds too many records.

        Raises:
            BadData: It is one second wide.
        """
        if self._width < SECOND:
            raise BadData(TOO_MANY)
        self._width = _whole_seconds(self._width / GROWTH)


def timed(query: ResourceQuery, rows: Iterable[msgspec.Raw]) -> list[TimedRow]:
    """Return rows with their times. What has none comes last among the oldest, and its mapping tells why it cannot be read."""
    decoder = _decoder(query.time)
    found = []
    for raw in rows:
        try:
            row = decoder.decode(raw)
            moment = None if query.time == "id" else read_utc(getattr(row, query.time))
        except (msgspec.DecodeError, ValueError, TypeError):
            row = moment = None
        found.append(TimedRow(moment or FLOOR, str(getattr(row, "id", "")), raw))
    return found


def is_by_id(rows: Sequence[TimedRow]) -> bool:
    """Return True if rows that were requested in the order of time came in the order of ids instead."""
    times, ids = [row.time for row in rows], [int(row.id) if row.id.isdecimal() else 0 for row in rows]
    return not _is_monotonous(times) and _is_monotonous(ids)


def _is_monotonous(values: list[Any]) -> bool:
    return values == sorted(values) or values == sorted(values, reverse=True)


def _merged(rows: Iterable[TimedRow], edges: Sequence[datetime], newest_first: bool) -> list[TimedRow]:
    """Return rows in order, each once, as far as all lists are complete."""
    unique = {bytes(row.raw): row for row in rows}.values()
    if not edges:
        return sorted(unique, key=_place, reverse=newest_first)
    edge = max(edges) if newest_first else min(edges)
    inside = [row for row in unique if (row.time > edge if newest_first else row.time < edge)]
    return sorted(inside, key=_place, reverse=newest_first)


def _place(row: TimedRow) -> tuple[datetime, str]:
    return row.time, row.id


def _whole_second(moment: datetime) -> datetime:
    return moment.replace(microsecond=0)


def _whole_seconds(length: timedelta) -> timedelta:
    return length // SECOND * SECOND


@cache
def _decoder(time: str) -> "msgspec.json.Decoder[Any]":
    names = dict.fromkeys(("id", time))
    return msgspec.json.Decoder(msgspec.defstruct("Timed", [(name, Any, None) for name in names]))
