"""Page evidence: the order and the totals that the pages of an account have proven so far."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

from telegraphql.plugin import Page

# So many sessions do not come in order by chance.
MIN_STEPS = 20


@dataclass
class PageEvidence:
    """The memory of an account's session lists.

    Attributes:
        is_by_start: False after one page out of order.
        steps: how many sessions came in order of the start, each with another start than the one before.
        has_overtaking: True once a session came in order of the start beside one that began after it and ended before it. In order of the
            end they would have come the other way round.
        counts_whole_lists: True once a total counted more than the sessions up to the end of its page.
        confirmed: the most sessions of a short last page whose total an empty page has confirmed.
        filled: the largest requested page size that came full. A short page of another size may not be the last.
    """

    is_by_start: bool = True
    steps: int = 0
    has_overtaking: bool = False
    counts_whole_lists: bool = False
    confirmed: int = 0
    filled: int = 0

    @property
    def is_proven(self) -> bool:
        """Return True if pages came in order of the start, and not by chance, nor because it was the order of the end as well."""
        return self.is_by_start and self.has_overtaking and self.is_plausible

    @property
    def is_plausible(self) -> bool:
        """Return True if pages came in order of the start or of the end, and not by chance."""
        return self.is_by_start and self.steps >= MIN_STEPS

    def observe(self, page: Page, size: int, offset: int, newest_first: bool) -> None:
        """Learn from a page that came for a requested size and offset."""
        self.counts_whole_lists = self.counts_whole_lists or (page.total or 0) > offset + page.read
        self.filled = max(self.filled, size if page.read >= size else 0)
        if not self.is_proven and self.is_by_start:
            self._observe_order(reversed(page.records) if newest_first else page.records)

    def _observe_order(self, sessions: Iterable[Any]) -> None:
        for one, other in pairwise(sessions):
            self.steps += one.time < other.time
            ends = one.ended_at, other.ended_at
            if one.time < other.time and None not in ends and ends[0] > ends[1]:
                self.has_overtaking = True

    def is_last(self, read: Sequence[Page], size: int) -> bool:
        """Return True if no session follows those of some pages of this size: an empty page, or a total that can be believed, says so."""
        page, rows_read = read[-1], sum(each.read for each in read)
        if page.read == 0:
            self.confirmed = max(self.confirmed, read[0].read if len(read) == 2 and read[0].total == read[0].read else 0)
            return True
        is_counted = page.total is not None and rows_read >= page.total and page.read < size
        return is_counted and (self.counts_whole_lists or (len(read) == 1 and page.read <= self.confirmed))
