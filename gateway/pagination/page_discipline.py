"""Page discipline: what an account's pages and totals have proven so far, and so whether a page is the last of its list."""

from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from enum import Enum
from math import floor, log2

from telegraphql.gateway.plugin.provider import Page

# After so many ends that were believed without an empty page, the next one is checked again.
CHECK_EVERY = 64
# The limits that upstreams set to their pages. A page of just so many rows may have been cut.
LIMITS = frozenset({10, 20, 25, 50, 100, 200, 250, 500, 1000, 2000, 5000})
# A page that is at least so full may be a full one of which rows were withheld.
ALMOST_FULL = 0.75
MIN_ALMOST_FULL = 8
# Time windows are requested without a number of rows: a limit so low has none.
MIN_WINDOW_LIMIT = 100
# A total that contradicted the rows is believed again after so many that did not.
FORGIVEN_AFTER = 64
# With each window that fits, one that was too large may be tried again a bit sooner; a density is forgotten as slowly.
EASE, EASE_OF_EMPTY, WIDEST = 1.25, 4, timedelta(days=36_525)
# So many windows are kept of an operation of an account.
MOST_WINDOWS = 1000


class PageEnd(Enum):
    """The answer to: do more pages follow? UNKNOWN: an empty page has to show it."""

    LAST = "LAST"
    MORE = "MORE"
    UNKNOWN = "UNKNOWN"


@dataclass(slots=True)
class PageDiscipline:
    """The memory of one operation of one account.

    A page ends a list if it is empty. To save the request for an empty page, a page also ends its list if the upstream's total says so,
    or if it is short and the upstream is known to fill its pages. Upstreams change: what was known is checked again now and then, and
    whenever the length of a page looks as if it had been cut.

    Attributes:
        filled: the largest requested page size that came full.
        confirmed: the most rows of a short page that an empty page has confirmed as the last.
        whole_limits: those of `LIMITS` at which a page was confirmed as the last.
        sends_short_pages: True once a short page was not the last.
        counts_beyond_pages: True once a total counted more than the rows up to its page, as one that counts its page cannot.
        miscounts: True once a total contradicted the rows.
        too_wide: the width of a time window that held too much; None if none did lately.
        whole_windows: the time windows whose answer had a number of rows of `LIMITS`, and was whole all the same.
    """

    filled: int = 0
    confirmed: int = 0
    whole_limits: set[int] = field(default_factory=set)
    sends_short_pages: bool = False
    counts_beyond_pages: bool = False
    miscounts: bool = False
    too_wide: timedelta | None = None
    whole_windows: set[tuple[datetime, datetime, int]] = field(default_factory=set)
    _density: float = 0.0
    _unchecked: int = 0
    _agreeing_totals: int = 0

    @property
    def trusts_totals(self) -> bool:
        """Return True if totals have counted more than their pages, and never contradicted the rows."""
        return self.counts_beyond_pages and not self.miscounts

    def end_of(self, page: Page, offset: int, size: int, *, counted_beyond: bool = False, same_list: bool = False) -> PageEnd:
        """Learn from a page that came for a requested size and offset, and return whether more follow.

        `counted_beyond`: a total of the same walk has counted more than its page.
        `same_list`: the same rows are read every time, as of a small collection.
        """
        self.observe(page, offset, size)
        if page.read == 0 or page.is_last:
            return PageEnd.LAST
        rest = None if page.total is None or self.miscounts else page.total - offset - page.read
        if rest is not None and rest > 0:
            return PageEnd.MORE
        counted = rest == 0 and self.trusts_totals
        if page.read >= size:
            # An upstream that counts its page would send the same total.
            return PageEnd.MORE if not counted else PageEnd.LAST if counted_beyond else PageEnd.UNKNOWN
        known = counted or self._fills_pages(page.read, size, same_list)
        if not known or self._unchecked >= CHECK_EVERY or self._looks_cut(page.read, size):
            return PageEnd.UNKNOWN
        self._unchecked += 1
        return PageEnd.LAST

    def observe(self, page: Page, offset: int, size: int) -> None:
        """Learn from a page that came for a requested size and offset."""
        if page.read >= size:
            self.filled = max(self.filled, size)
        if page.total is None:
            return
        if page.read:
            self.counts_beyond_pages = self.counts_beyond_pages or page.total > offset + page.read
        agrees = page.total >= offset + page.read if page.read else page.total <= offset
        self._agreeing_totals = self._agreeing_totals + 1 if agrees else 0
        self.miscounts = not agrees or (self.miscounts and self._agreeing_totals < FORGIVEN_AFTER)

    def _fills_pages(self, rows: int, size: int, same_list: bool) -> bool:
        if self.sends_short_pages:
            return False
        return size <= self.filled or rows < self.confirmed or (same_list and rows <= self.confirmed)

    def may_be_cut(self, since: datetime, until: datetime, rows: int) -> bool:
        """Return True if the answer to a time window, requested without a number of rows, may have left some out."""
        return rows >= MIN_WINDOW_LIMIT and rows in LIMITS and (since, until, rows) not in self.whole_windows

    def confirm_window(self, since: datetime, until: datetime, rows: int) -> None:
        """Learn that narrower windows held no more rows than the answer to a time window."""
        if len(self.whole_windows) < MOST_WINDOWS:
            self.whole_windows.add((since, until, rows))

    def _looks_cut(self, rows: int, size: int) -> bool:
        if rows in self.whole_limits:
            return False
        return rows in LIMITS or (rows >= MIN_ALMOST_FULL and rows >= ALMOST_FULL * size)

    def fitting_width(self, rows: float) -> timedelta | None:
        """Return the width of a time window that holds about so many rows; None if no window held any yet."""
        return _rounded(timedelta(seconds=min(rows / self._density, WIDEST.total_seconds()))) if self._density else None

    def below_limit(self, width: timedelta) -> timedelta:
        """Return a width for a time window, narrower if one of this width would be too wide."""
        return width if self.too_wide is None or 2 * width <= self.too_wide else min(width, _rounded(self.too_wide / 2))

    def learn_width(self, width: timedelta, rows: int) -> None:
        """Learn that a time window held so many rows, all of which came."""
        if self.too_wide is not None:
            self.too_wide = self.too_wide * (EASE if rows else EASE_OF_EMPTY) if self.too_wide < WIDEST else None
        if rows and width:
            self._density = max(rows / width.total_seconds(), self._density / EASE)

    def confirm_end(self, rows: int) -> None:
        """Learn that an empty page followed a page of so many rows."""
        self._unchecked = 0
        if rows in LIMITS:
            self.whole_limits.add(rows)
        self.confirmed = max(self.confirmed, rows)

    def refute_end(self, page: Page, offset: int, size: int) -> None:
        """Learn that a page whose total or length looked like the end was not the last."""
        if page.read < size:
            self.sends_short_pages = True
        if page.total is not None and page.total <= offset + page.read:
            self.miscounts, self._agreeing_totals = True, 0
        self.whole_limits.discard(page.read)


def _rounded(width: timedelta) -> timedelta:
    """Return the next lower power of two, in seconds: the same windows again can be answered from a cache."""
    return timedelta(seconds=2 ** floor(log2(max(width.total_seconds(), 1e-6))))


@dataclass(slots=True)
class PageTotals:
    """The totals of one walk. One that cannot be right beside the total before is not believed."""

    # True once one has counted more than its page.
    counted_beyond: bool = False
    _before: tuple[int, int, int] | None = None

    def checked(self, page: Page, offset: int) -> Page:
        """Return a page, without its total if this contradicts the page before."""
        before, self._before = self._before, None if page.total is None else (page.total, offset, page.read)
        if before is None or page.total is None:
            return page
        total, at, read = before
        # Only the rows of the page before can have been left behind.
        agrees = page.total == total if offset > at else total - at - read <= page.total <= total
        self.counted_beyond = agrees and (self.counted_beyond or total > at + read)
        return page if agrees else replace(page, total=None)
