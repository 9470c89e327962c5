"""The scan of one provider's records: newest first, each counted once, until the end or a limit."""

from dataclasses import dataclass, field
from typing import Any

from telegraphql.gateway.errors import RequestError, ScanLimit, UpstreamError
from telegraphql.gateway.pagination.bound_provider import BoundProvider
from telegraphql.gateway.pagination.cursor import Position
from telegraphql.gateway.pagination.dataloaders import DataLoaders
from telegraphql.gateway.pagination.page_values import FieldProblems
from telegraphql.gateway.pagination.provider_faults import fault_of, problem_of
from telegraphql.gateway.pagination.stream import Stream
from telegraphql.gateway.plugin.row_view import RowView, own_copy, without_views
from telegraphql.gateway.plugin.selection import Selection
from telegraphql.gateway.statistics.groups import GroupedAggregates
from telegraphql.gateway.upstream.request_budget import give_way
from telegraphql.schema.enums import ProblemCode
from telegraphql.schema.paging import Problem

# Calls that are mapped and priced together before they are counted.
CHUNK = 50
COST = Selection.of("cost")
# More problems say nothing new, and their number would grow with the calls.
MAX_PROBLEMS = 100


@dataclass(slots=True, kw_only=True)
class ProviderScan:
    """The scan of one provider.

    `reached` is the position up to which everything is counted; None before the first call. `stopped` is the error or limit that ended it.
    """

    stream: Stream
    serving: BoundProvider
    groups: GroupedAggregates
    reached: Position | None = None
    stopped: UpstreamError | None = None
    problems: list[Problem] = field(default_factory=list)
    _omitted_problems: int = 0
    _field_problems: FieldProblems = field(default_factory=FieldProblems)

    @property
    def done(self) -> bool:
        """Return True if every call is counted."""
        return self.stream.done and self.stopped is None

    async def run(self) -> None:
        """Count until the list ends, something fails, or a limit is reached."""
        try:
            while self.stopped is None and await self._fill():
                await self._count_chunk()
                # A stream that holds many calls never waits: others have their turn meanwhile.
                await give_way()
        except RequestError:
            raise
        except Exception as error:
            self.stopped = fault_of(error, self.stream.provider)
        finally:
            await self.stream.aclose()
        self.stopped = self.stopped or self.stream.error or self._limit_error()
        if self._omitted_problems:
            message = f"has {self._omitted_problems} more records with problems; only the first {MAX_PROBLEMS} are listed"
            self.problems.append(self._problem(self.problems[-1].code, message))
        self.problems += self._field_problems.problems()
        if self.stopped is not None:
            self.problems.append(problem_of(self.stopped))

    async def _fill(self) -> bool:
        await self.stream.fill()
        self._keep_problems()
        if not self.stream.head:
            self.reached = self.stream.frontier or self.reached
        return bool(self.stream.head)

    async def _count_chunk(self) -> None:
        chunk = [(self.stream.front, self.stream.take()) for _ in range(min(CHUNK, len(self.stream.head)))]
        if self.groups.needed.cost and self.serving.lacking(self.groups.counted.kind, COST):
            chunk = [(position, without_views(own_copy(call))) for position, call in chunk]
            await self._load_costs([call for _, call in chunk])
        for position, call in chunk:
            self.stopped = self._add(call)
            if self.stopped is not None:
                return
            self.reached = position
            if type(call) is RowView:
                self._field_problems.add(call)

    def _add(self, call: Any) -> UpstreamError | None:
        """Count a call. Return the error that ends the scan before it, or None."""
        cost: Any = call.cost if self.groups.needed.cost else None  # an exception if it could not be fetched
        if isinstance(cost, UpstreamError):
            return cost
        if isinstance(cost, Exception):
            raise cost
        if self.groups.add(call):
            return None
        message = (
            f"more than {self.groups.max_groups} groups (statistics.groups): "
            "group by fewer dimensions, narrow the filter, or continue from endCursor"
        )
        return ScanLimit(message, provider=self.stream.provider)

    async def _load_costs(self, calls: list[Any]) -> None:
        """Fetch the costs that only single gets deliver, with a loader that is dropped afterwards."""
        loaders = DataLoaders()
        try:
            await loaders.hydrate(self.serving, self.groups.counted.kind, calls, COST)
        finally:
            loaders.stop()

    def _limit_error(self) -> UpstreamError | None:
        if self.stream.done:
            return None
        limit = self.stream.limit_words("the limit of upstream requests (statistics.requests)")
        return ScanLimit(f"the count stopped at {limit}: continue from endCursor, or narrow the filter", provider=self.stream.provider)

    def _keep_problems(self) -> None:
        # Slices overlap: a broken record may be in two of them.
        fresh, self.stream.problems = [each for each in self.stream.problems if each not in self.problems], []
        room = max(0, MAX_PROBLEMS - len(self.problems))
        self.problems += fresh[:room]
        self._omitted_problems += len(fresh[room:])

    def _problem(self, code: ProblemCode, message: str) -> Problem:
        return Problem(provider=self.stream.provider, code=code, message=message, retryable=False, retry_after=None)
