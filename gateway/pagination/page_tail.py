"""Page tail: the last rows of a page, whose times are believed once the next page begins with them.

An upstream finds its rows by their true times. A row whose time is wrong in its answers does not come again where this says that it stands:
a list that went on from there would lose the rows between.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from telegraphql.gateway.errors import BadData
from telegraphql.gateway.pagination.cursor import time_of
from telegraphql.gateway.pagination.page_order import FEW, late_row
from telegraphql.gateway.pagination.slice import Slice, times_in_order
from telegraphql.gateway.plugin.provider import ListRequest, Page
from telegraphql.gateway.plugin.rows import Rows
from telegraphql.schema.paging import Problem, ProblemRange

# So many of the last rows of a page may have a wrong time without a loss. Fewer than are asked for beyond what is wanted.
MOST_DOUBTED = 4
# A gap that is so many times as long as those before it on the page is no place to go on from.
JUMP = 8


def believed(times: Sequence[datetime]) -> datetime:
    """Return the time of the row up to which a page is believed at once, of the times of its rows in order."""
    return times[_first_doubted(times)]


def _first_doubted(times: Sequence[datetime]) -> int:
    last = len(times) - 1
    return last - min(MOST_DOUBTED, last // 2)


def _before_jump(times: Sequence[datetime]) -> datetime:
    """Return the last time before a jump among the doubted rows; the last of all if there is none."""
    for place in range(max(_first_doubted(times), MOST_DOUBTED + 1), len(times) - 1):
        before = abs(times[0] - times[place])
        if before and abs(times[place] - times[place + 1]) * place > JUMP * before:
            return times[place]
    return times[-1]


@dataclass(frozen=True, slots=True)
class _Tail:
    """The last rows of a page, by what is known of them before the next page is asked for."""

    safe: datetime
    records: Any


class KeysetWalk:
    """The progress of a walk whose requests go on from a time.

    Attributes:
        bound: the time from which the next request goes on; None for the beginning of the list.
        frontier: the time up to which everything was delivered.
        problems: where records may be missing.
        tail: the last rows of the page before, until it is looked back at.
        known: of the times at which the walk may go on, the ids that stand there; empty once the next page has shown one.
        seen: the ids of the page before.
    """

    def __init__(self, bound: datetime | None, newest: bool) -> None:
        self.bound = self.frontier = bound
        self.problems: list[Problem] = []
        self._newest = newest
        self.tail: _Tail | None = None
        # The rows of the page before, of the times at which the walk may go on: ids, by time.
        self.known: dict[datetime, frozenset[str]] = {}
        self.seen = frozenset[str]()
        self._provider = ""

    def reach(self, page: Iterable[Sequence[datetime]], records: Any) -> bool:
        """Go on to the end of a page. Return False if it ends where it began.

        `page` holds the times of its rows in order. Of several orders each reaches further than the one before it.
        """
        for times in filter(None, page):
            for bound in (_before_jump(times), times[-1]):
                if self._is_further(self.bound, bound):
                    safe = believed(times)
                    self.frontier = safe if self._is_further(self.frontier, safe) else self.frontier
                    self.bound, self.tail, self.known = bound, _Tail(safe, records), {}
                    return True
        return False

    def look_back(self) -> None:
        """Note the rows of the page before. It is only done when another page is asked for: by then they are read anyway."""
        tail, self.tail = self.tail, None
        if tail is None:
            return
        rows = list(tail.records)
        self._provider, self.seen = rows[0].provider_name, frozenset(each.native_id for each in rows)
        places = [time for time in (tail.safe, self.bound) if time]
        self.known = {time: frozenset(each.native_id for each in rows if time_of(each) == time) for time in places}

    def late(self, piece: Slice, request: ListRequest) -> list[Problem]:
        """Return the problems of rows that come after their place, where a few have not come before."""
        bound = request.until if self._newest else request.since
        if bound is None or not self.seen:
            return []
        rows = [each for each in self._rows(piece.records, bound) if time_of(each) != bound and each.native_id not in self.seen]
        return [late_row(each) for each in rows] if len(rows) <= FEW else []

    def continues(self, page: Page, *, is_last: bool) -> bool:
        """Return False if a page does not show the rows that stand where it begins: it was asked for from a wrong time.

        The walk then goes back a few rows. Where it cannot, a problem names what may be missing.
        """
        if not self.known or self.bound is None:
            return True
        found = self._rows(page.records, self.bound)
        if any(each.native_id in self.known[self.bound] for each in found):
            self.frontier = self.bound if self._is_further(self.frontier, self.bound) else self.frontier
            self.known = {}
            return True
        if page.read and len(found) == len(page.records) and not is_last:
            return True  # it does not reach as far
        safe = self.frontier
        if safe is not None and safe in self.known and safe != self.bound:
            self.bound = safe
            return False
        self.known = {}
        self.problems.append(self._missing(page))
        return True

    def take_problems(self) -> list[Problem]:
        """Return the problems that were not taken yet."""
        taken, self.problems = self.problems, []
        return taken

    def _missing(self, page: Page) -> Problem:
        error = BadData("ended a page with records that do not come again from their time on; others near them may be missing")
        error.provider = self._provider
        problem = error.as_problem()
        nearest = next(iter(sorted((time_of(each) for each in page.records), reverse=self._newest)), None)
        ends = (nearest, self.frontier) if self._newest else (self.frontier, nearest)
        problem.range = ProblemRange(since=ends[0], until=ends[1])
        return problem

    def _rows(self, records: Any, last: datetime) -> Sequence[Any]:
        """Return the rows up to a time, which is included; of rows in order that are not read yet, no others are read."""
        times = times_in_order(records, self._newest) if isinstance(records, Rows) and not records.is_read else None
        if times is None:
            return [each for each in records if not self._is_further(last, time_of(each))]
        near: Sequence[Any] = records.peek(sum(not self._is_further(last, time) for time in times))
        return near

    def _is_further(self, one: datetime | None, other: datetime) -> bool:
        """Return True if a moment lies further on in the list than another."""
        return one is None or (other < one if self._newest else other > one)
