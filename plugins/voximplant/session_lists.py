"""Session lists: slices of the call history in order, each session once, from one question or several, in whatever order pages come.

A question cannot say "from or to this number", so a number takes two, whose answers are joined. And of `desc_order` the vendor only says
that it is by time, which may be that of the start or of the end. Until pages have shown that it is the start, a list is only believed as
far as it is complete in either order; once they have shown that it is not, windows of time are read as a whole.
"""

import asyncio
from collections.abc import Awaitable, Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from typing import Any

from telegraphql.plugin import SECOND, BadData, ListRequest, Page
from telegraphql.plugins.voximplant import pages, parameters
from telegraphql.plugins.voximplant.page_evidence import PageEvidence
from telegraphql.plugins.voximplant.parameters import MAX_OFFSET, MAX_ROWS, Form
from telegraphql.schema import Problem, ProblemCode

DAY = timedelta(days=1)
MIN_ROWS = 100
# Up to there, sessions outside of the requested window are the upstream's reading of it, and no fault.
SLACK = timedelta(days=2)
GROWTH = 4
# The last sessions of a page may not be complete in order of the start: so many more save a second question.
MARGIN = 8
MAX_NAMED = 50
TOO_MANY = f"has more than {MAX_OFFSET} sessions in one second, which is more than it lets a client read"
# The sessions at the beginning of a list, and the moment that they have reached: no session before it is missing. None: that is all.
Beginning = tuple[Page, datetime | None]


@dataclass(frozen=True)
class SessionSlice:
    """Reads one slice of a list; `ask` sends a form to the upstream."""

    request: ListRequest
    history_start: datetime
    evidence: PageEvidence
    ask: Callable[[Form], Awaitable[Page]]

    async def read(self, questions: Sequence[Form]) -> Page:
        """Return the sessions that are an answer to any of the questions."""
        size, offset = min(self.request.size, MAX_ROWS), self.request.offset
        if len(questions) > 1 or not self.evidence.is_proven or self.evidence.filled < size:
            return await self._joined(questions)
        page = await self._page(questions[0], self._window, size, offset, self.request.count)
        return page if self._is_in_order(page.records) else await self._joined(questions)

    async def _joined(self, questions: Sequence[Form]) -> Page:
        """Return the sessions of several answers, as far as all of them are complete."""
        beginnings = await asyncio.gather(*(self._beginning(question) for question in questions))
        edges = [edge for _, edge in beginnings if edge is not None]
        edge = (max if self._newest_first else min)(edges, default=None)
        whole = pages.joined(page for page, _ in beginnings)
        # The same session may answer several questions; two different ones with one id are not the same.
        unique = {(each.native_id, bytes(each.raw)): each for each in whole.records if edge is None or self._is_before(each.time, edge)}
        records = sorted(unique.values(), key=lambda each: each.native_id) if len(questions) > 1 else unique.values()
        whole.records = sorted(records, key=lambda each: each.time, reverse=self._newest_first)
        whole.read, whole.total = self.request.size, beginnings[0][0].total if len(questions) == 1 and self.request.count else None
        if edge is None:
            # If any came out of order, all are returned: one with a wrong time would not come again with the next slice.
            is_in_order = all(self._are_in_order(page.records) for page, _ in beginnings)
            most = self.request.size if is_in_order else len(whole.records)
            whole.is_last = len(whole.records) <= self.request.offset + most
            whole.records = whole.records[self.request.offset :][:most]
            whole.read = len(whole.records)
        return whole

    async def _beginning(self, question: Form) -> Beginning:
        """Return the first sessions of an answer, among them one at least that no slice before this one has reached."""
        if not self.evidence.is_by_start:
            return await self._by_windows(question)
        read: list[Page] = []
        offset, size = 0, min(max(self.request.size + MARGIN, MIN_ROWS), MAX_ROWS)
        while offset <= MAX_OFFSET:
            page = await self._page(question, self._window, size, offset, True)
            read.append(page)
            whole, offset = pages.joined(read), offset + page.read
            whole.total = read[0].total
            if self.evidence.is_last(read, size):
                return whole, None
            if not self._is_in_order(whole.records):
                return await self._by_windows(question)
            # One short page may be the last, which the next one shows.
            if whole.records and self.evidence.is_plausible and (page.read >= size or len(read) > 1):
                edge = self._edge(whole.records[-1])
                if edge is None:
                    return await self._by_windows(question)
                if self._is_new(whole.records, edge):
                    return whole, edge
        raise BadData(TOO_MANY)

    def _edge(self, last: Any) -> datetime | None:
        """Return the moment beyond which all unread sessions began, by the last one that was read; None if it is not known.

        In order of the end, newest first, they also began before that one ended. Oldest first, a long one may still come.
        """
        if self.evidence.is_proven:
            return last.time  # type: ignore[no-any-return]
        return last.ended_at if self._newest_first else None

    async def _by_windows(self, question: Form) -> Beginning:
        """Return the same where pages come in no order."""
        read: list[Page] = []
        place, end = self._ends()
        width = DAY
        while place != end:
            edge = max(end, place - width) if self._newest_first else min(end, place + width)
            page = await self._all_between(question, min(place, edge), max(place, edge))
            if page is None:
                width = max(SECOND, timedelta(seconds=width // (GROWTH * SECOND)))
                continue
            read.append(page)
            whole, place = pages.joined(read), edge
            # The earlier end of a window belongs to it, the later one does not.
            reached = place - SECOND if self._newest_first else place
            if place != end and len(whole.records) >= self.request.size and self._is_new(whole.records, reached):
                return self._uncounted(whole), reached
            width *= GROWTH if page.read < self.request.size else 1
        return self._uncounted(pages.joined(read)), None

    @staticmethod
    def _uncounted(page: Page) -> Page:
        page.total = None
        return page

    def _ends(self) -> tuple[datetime, datetime]:
        """Return the moments between which the slice lies, in the order of the list."""
        first = self.request.since or self.history_start
        last = max(first, parameters.end_of_window(first, self.request.until)) + SECOND
        return (last, first) if self._newest_first else (first, last)

    async def _all_between(self, question: Form, since: datetime, until: datetime) -> Page | None:
        """Return all sessions that began from one moment to before another; None where they are too many to be read."""
        read: list[Page] = []
        offset = 0
        while offset <= MAX_OFFSET:
            page = await self._page(question, parameters.window(since - SECOND, until), MAX_ROWS, offset, True)
            read.append(page)
            offset += page.read
            if self.evidence.is_last(read, MAX_ROWS):
                whole = pages.joined(read)
                whole.records = [each for each in whole.records if since <= each.time < until]
                return whole
            if (page.total or 0) > MAX_OFFSET + MAX_ROWS and until - since > SECOND:
                return None
        if until - since <= SECOND:
            raise BadData(TOO_MANY)
        return None

    async def _page(self, question: Form, window: Form, size: int, offset: int, is_counted: bool) -> Page:
        place = {"desc_order": parameters.flag(self._newest_first), "count": str(size), "offset": str(offset)}
        page = await self.ask(question | window | place | {"with_total_count": parameters.flag(is_counted)})
        since, until = (datetime.fromisoformat(window[name]).replace(tzinfo=UTC) for name in ("from_date", "to_date"))
        inside = [each for each in page.records if since - SLACK <= each.time <= until + SLACK]
        if len(inside) < len(page.records):
            known = set(map(id, inside))
            page.problems = [*page.problems, *(_outlier(each) for each in page.records if id(each) not in known)]
            page.records = inside
        self.evidence.observe(page, size, offset, self._newest_first)
        return page

    @property
    def _newest_first(self) -> bool:
        return self.request.newest_first

    @property
    def _window(self) -> Form:
        return parameters.window(self.request.since or self.history_start, self.request.until)

    def _is_before(self, one: datetime, other: datetime) -> bool:
        """Return True if one moment comes before another in the order of the list."""
        return one > other if self._newest_first else one < other

    def _is_in_order(self, found: Iterable[Any]) -> bool:
        if not self._are_in_order(found):
            self.evidence.is_by_start = False
        return self.evidence.is_by_start

    def _are_in_order(self, found: Iterable[Any]) -> bool:
        return not any(self._is_before(after.time, before.time) for before, after in pairwise(found))

    def _is_new(self, found: Iterable[Any], reached: datetime) -> bool:
        """Return True if a session before `reached` stands where no slice before this one has been."""
        # The bounds of a slice are a second wider than what the slice before it has reached.
        bound = self.request.until if self._newest_first else self.request.since
        done = None if bound is None else bound - SECOND if self._newest_first else bound + SECOND
        return any(self._is_before(each.time, reached) and (done is None or self._is_before(done, each.time)) for each in found)


def _outlier(session: Any) -> Problem:
    """Return the problem of a session that is left out, with the ids of the parts that are left out with it."""
    message = f"the Session {session.native_id} is dated outside of the requested period and is left out"
    parts = [each.native_id for found in session.held.values() for each in found or ()]
    message += f", with {', '.join(parts[:MAX_NAMED])}" if parts else ""
    return Problem(provider=session.provider_name, code=ProblemCode.MALFORMED_RECORD, message=message, retryable=False)
