"""Time windows: a list is read in periods next to each other, whose width follows the density of records."""

from collections.abc import AsyncGenerator
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta

from telegraphql.gateway.errors import TooLarge
from telegraphql.gateway.pagination.cursor import TICK, time_of
from telegraphql.gateway.pagination.page_checks import Fetch
from telegraphql.gateway.pagination.page_discipline import PageDiscipline
from telegraphql.gateway.pagination.page_order import UniqueIds, without_outliers
from telegraphql.gateway.pagination.slice import Slice, clamped
from telegraphql.gateway.pagination.window_rows import WindowRows
from telegraphql.gateway.plugin.declarations import Links, Windows
from telegraphql.gateway.plugin.provider import ListRequest

HOUR = timedelta(hours=1)
# The window of the newest records reaches this far ahead: an upstream's clock may be wrong.
AHEAD = timedelta(days=367)
# So many rows are aimed at for each row that is wanted, and so much faster or slower than before a width may grow or shrink.
AIM, FASTEST, SLOWEST = 1.5, 4.0, 0.125


@dataclass(frozen=True, slots=True)
class ReadPart:
    """The part of a window that was read: its rows, the time between the first and the last, and how far it reaches."""

    rows: int
    length: timedelta
    reached: datetime


class WindowSteps:
    """The windows of one walk, next to each other, and what was learned of their width.

    `aim` is the number of rows that a window should hold.

    Attributes:
        edge: the moment up to which everything was read.
        least: the narrowest width.
    """

    def __init__(self, pages: Windows | Links, ask: ListRequest, least: timedelta, discipline: PageDiscipline, aim: float) -> None:
        self._newest, self._aim, self._discipline, self.least = ask.newest_first, aim, discipline, least
        self._first, self._last, self._near = _span(pages, ask)
        self.edge = self._last if self._newest else self._first
        # A moment at which there are many records, in the window that was too large.
        self._known: datetime | None = None
        known = None if self._last - self._first <= pages.start else discipline.fitting_width(aim)
        self._wanted = discipline.below_limit(known or pages.start)

    @property
    def width(self) -> timedelta:
        """Return the width of the next window."""
        return max(self.least, self._wanted)

    @property
    def can_narrow(self) -> bool:
        """Return True unless the width is the least."""
        return self.width > self.least

    def next(self) -> tuple[datetime, datetime]:
        """Return the beginning and the end of the next window. That of the newest records also holds those from the future."""
        if self._newest:
            return max(self._first, clamped(min(self.edge, self._near), -self.width)), self.edge
        end = clamped(self.edge, self.width)
        return self.edge, self._last if end >= self._near else end

    def narrow(self, since: datetime, until: datetime, read: "ReadPart | None" = None) -> None:
        """Learn that a window holds too much, of which a part may have been read from its far end: the next one is narrower.

        First as narrow as the density of that part wants it, then by halves of the rest; a quarter if nothing was read.
        """
        width = min(self.width, until - since)
        self._discipline.too_wide = max(width, self.least)
        self._wanted = width / 4
        if read is not None:
            half = abs((min(until, self._near) if self._newest else since) - read.reached) / 2
            fitting = read.length * (self._aim / read.rows) if read.rows and self._known is None else half
            self._known, self._wanted = read.reached, min(fitting, half)

    def advance(self, since: datetime, until: datetime, rows: int) -> bool:
        """Learn that a window was read, with so many rows. Return True if it was the last."""
        self.edge = since if self._newest else until
        width = min(self.width, until - since)
        self._discipline.learn_width(width, rows)
        factor = FASTEST if not rows else min(FASTEST, max(SLOWEST, self._aim / rows))
        self._wanted = self._discipline.below_limit(max(self.least, self.width * factor))
        if self._known is not None and not rows:
            # Somewhere on the way there the records begin.
            self._wanted = abs(self.edge - self._known) / 2
        else:
            self._known = None
        return since <= self._first if self._newest else until >= self._last

    @property
    def frontier(self) -> datetime:
        """Return the frontier of a slice behind which all windows before the edge were read."""
        return clamped(self.edge, -TICK) if self._newest else self.edge


async def windows(
    fetch: Fetch, pages: Windows, ask: ListRequest, tick: timedelta, discipline: PageDiscipline | None = None
) -> AsyncGenerator[Slice]:
    """Read time windows next to each other, each in one request."""
    discipline, doubt = discipline or PageDiscipline(), None
    steps = WindowSteps(pages, ask, tick, discipline, AIM * ask.size)
    rows = WindowRows(ask.newest_first, ask.until if ask.newest_first else ask.since, tick)
    while True:
        lo, hi = steps.next()
        if doubt is not None:
            lo, hi = max(lo, doubt.since), min(hi, doubt.until)
        request = replace(ask, since=clamped(lo, -tick), until=clamped(hi, tick))
        try:
            page = await fetch(request)
            if pages.most is not None and page.read >= pages.most:
                raise TooLarge(f"filled a time window with {page.read} records, and may have left some out")
            if steps.can_narrow and discipline.may_be_cut(lo, hi, page.read):
                doubt = doubt or _DoubtedWindow(lo, hi, page.read)
                raise TooLarge("may have left out records of a time window")
        except TooLarge:
            if not steps.can_narrow:
                raise
            steps.narrow(lo, hi)
            continue
        records, repeated = UniqueIds().keep(list(page.records))
        records, outside = without_outliers(records, [time_of(record) for record in records], request.since, request.until)
        placed = rows.place(records, lo, hi)
        done = steps.advance(lo, hi, len(placed.inside))
        if doubt is not None:
            doubt = doubt.read_to(steps.edge, len(placed.inside), discipline)
        problems = page.problems + repeated + outside + placed.problems
        yield Slice(placed.records, None if done else steps.frontier, problems, displaced=placed.displaced)
        if done:
            return


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
            discipline.confirm_window(self.since, self.until, self.rows)
        return None


def _span(pages: Windows | Links, ask: ListRequest) -> tuple[datetime, datetime, datetime]:
    """Return the bounds of all windows, and the present: behind it are only records from the future."""
    # By the hour, so that the same question asked again a moment later is the same to whoever keeps answers.
    present = datetime.now(UTC).replace(minute=0, second=0, microsecond=0) + HOUR
    first = max(pages.floor, ask.since) if ask.since else pages.floor
    last = min(present + AHEAD, clamped(ask.until, TICK)) if ask.until else present + AHEAD
    return min(first, last), last, min(present, last)
