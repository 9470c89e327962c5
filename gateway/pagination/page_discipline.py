"""Page discipline: what an account's pages and totals have proven so far, and so whether a page is the last of its list."""

from dataclasses import dataclass
from enum import Enum

from telegraphql.gateway.plugin.provider import Page

# After so many ends that were believed without an empty page, the next one is checked again.
CHECK_EVERY = 64


class PageEnd(Enum):
    """Whether more pages follow a page. UNKNOWN: an empty page has to show it."""

    LAST = "LAST"
    MORE = "MORE"
    UNKNOWN = "UNKNOWN"


@dataclass(slots=True)
class PageDiscipline:
    """The memory of one operation of one account.

    A page ends a list if it is empty. To save the request for an empty page, a page also ends its list if the upstream's total says so,
    or if it is short and the upstream is known to fill its pages.

    Attributes:
        filled: the largest requested page size that came full.
        confirmed: the most rows of a short page that an empty page has confirmed as the last.
        sends_short_pages: True once a short page was not the last.
        counts_beyond_pages: True once a total counted more than the rows up to its page, as one that counts its page cannot.
        miscounts: True once a total contradicted the rows.
        misorders: True once the rows of a page were out of order.
    """

    filled: int = 0
    confirmed: int = 0
    sends_short_pages: bool = False
    counts_beyond_pages: bool = False
    miscounts: bool = False
    misorders: bool = False
    _unchecked: int = 0

    @property
    def trusts_totals(self) -> bool:
        """Return True if totals have counted more than their pages, and never contradicted the rows."""
        return self.counts_beyond_pages and not self.miscounts

    def end_of(self, page: Page, offset: int, size: int, *, same_list: bool = False) -> PageEnd:
        """Learn from a page that came for a requested size and offset, and return whether more follow.

        `same_list`: the same rows are read every time, as of a small collection."""
        self.observe(page, offset, size)
        if page.read == 0:
            return PageEnd.LAST
        rest = None if page.total is None or self.miscounts else page.total - offset - page.read
        if rest is not None and rest > 0:
            return PageEnd.MORE
        counted = rest == 0 and self.trusts_totals
        if not counted and page.read >= size:
            return PageEnd.MORE
        if self._unchecked >= CHECK_EVERY or not (counted or self._fills_pages(page.read, size, same_list)):
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
            self.miscounts = self.miscounts or page.total < offset + page.read
        elif page.total > offset:
            self.miscounts = True

    def _fills_pages(self, rows: int, size: int, same_list: bool) -> bool:
        if self.sends_short_pages:
            return False
        return size <= self.filled or rows < self.confirmed or (same_list and rows <= self.confirmed)

    def confirm_end(self, rows: int) -> None:
        """Learn that an empty page followed a page of so many rows."""
        self._unchecked = 0
        self.confirmed = max(self.confirmed, rows)

    def refute_end(self, page: Page, offset: int, size: int) -> None:
        """Learn that a page whose total or length looked like the end was not the last."""
        if page.read < size:
            self.sends_short_pages = True
        if page.total is not None and page.total <= offset + page.read:
            self.miscounts = True
