"""Scan: the calls of one provider, read once from the newest on and counted, as far as its limits let it."""

from dataclasses import dataclass, field
from typing import Any

from telegraphql.gateway.errors import ScanLimit, UpstreamError
from telegraphql.gateway.pagination.bound_provider import BoundProvider
from telegraphql.gateway.pagination.cursor import Position
from telegraphql.gateway.pagination.dataloaders import DataLoaders
from telegraphql.gateway.pagination.given_out import FieldProblems
from telegraphql.gateway.pagination.stream import Stream
from telegraphql.gateway.plugin.rows import RowView, without_views
from telegraphql.gateway.plugin.selection import Selection
from telegraphql.gateway.statistics.groups import Groups
from telegraphql.schema.call import Call
from telegraphql.schema.enums import ProblemCode
from telegraphql.schema.paging import Problem

# What is mapped, or asked for one by one, before it is counted.
AT_ONCE = 50
COST = Selection.of("cost")
# Of each code; what is beyond tells nothing new, and would grow with the calls.
MOST_PROBLEMS = 100


@dataclass(slots=True, kw_only=True)
class Scan:
    """`reached` is the place up to which all is counted; None where nothing is."""

    stream: Stream
    serving: BoundProvider
    groups: Groups
    reached: Position | None = None
    stopped: UpstreamError | None = None
    problems: list[Problem] = field(default_factory=list)
    _left_out: int = 0
    _unread: FieldProblems = field(default_factory=FieldProblems)

    @property
    def done(self) -> bool:
        """Whether every call is counted."""
        return self.stream.done and self.stopped is None

    async def run(self) -> None:
        """Count until nothing is left, something fails, or a limit is reached."""
        try:
            while self.stopped is None and await self._ready():
                await self._count()
        finally:
            await self.stream.aclose()
        self.stopped = self.stopped or self.stream.error or self._limit()
        if self._left_out:
            words = f"has {self._left_out} more records with problems, which are not told one by one"
            self.problems.append(self._problem(self.problems[-1].code, words))
        self.problems += self._unread.problems()
        if self.stopped is not None:
            self.problems.append(self.stopped.as_problem())

    async def _ready(self) -> bool:
        await self.stream.fill()
        self._keep_problems()
        if not self.stream.head:
            self.reached = self.stream.frontier or self.reached
        return bool(self.stream.head)

    async def _count(self) -> None:
        taken = [(self.stream.front, self.stream.take()) for _ in range(min(AT_ONCE, len(self.stream.head)))]
        if self.groups.wanted.cost and self.serving.lacking(Call, COST):
            taken = [(place, without_views(call)) for place, call in taken]
            await self._price([call for _, call in taken])
        for place, call in taken:
            self.stopped = self._refusal(call)
            if self.stopped is not None:
                return
            self.reached = place
            if type(call) is RowView:
                self._unread.add(call)

    def _refusal(self, call: Any) -> UpstreamError | None:
        """Count a call; why the scan ends before it, if it does."""
        cost: Any = call.cost  # what kept it from being told stands in its place
        if isinstance(cost, UpstreamError):
            return cost
        if isinstance(cost, Exception):
            raise cost
        if self.groups.add(call):
            return None
        words = (
            f"there are more than {self.groups.most} groups (statistics.groups): group by less, narrow the filter, or go on from endCursor"
        )
        return ScanLimit(words, provider=self.stream.provider)

    async def _price(self, calls: list[Call]) -> None:
        """The costs that only single gets tell; each has a loader of its own, which keeps nothing."""
        loaders = DataLoaders()
        try:
            await loaders.hydrate(self.serving, Call, calls, COST)
        finally:
            loaders.stop()

    def _limit(self) -> UpstreamError | None:
        if self.stream.done:
            return None
        limit = "the deadline of this operation" if self.stream.late else "its limit of upstream requests (statistics.requests)"
        return ScanLimit(f"the count stopped at {limit}; go on from endCursor, or narrow the filter", provider=self.stream.provider)

    def _keep_problems(self) -> None:
        # Slices overlap, and a broken record may be in two of them.
        fresh, self.stream.problems = [each for each in self.stream.problems if each not in self.problems], []
        room = max(0, MOST_PROBLEMS - len(self.problems))
        self.problems += fresh[:room]
        self._left_out += len(fresh[room:])

    def _problem(self, code: ProblemCode, message: str) -> Problem:
        return Problem(provider=self.stream.provider, code=code, message=message, retryable=False, retry_after=None)
