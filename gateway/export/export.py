"""Export: reads, projects and writes page by page, waits for providers that fail, and saves how far it has come."""

import asyncio
import time
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

from tenacity import AsyncRetrying, RetryCallState, RetryError, retry_if_exception, stop_after_delay, wait_random_exponential

from telegraphql.gateway.export.files import Sink
from telegraphql.gateway.export.progress import ProgressReporter
from telegraphql.gateway.export.projection import Projecting, Row
from telegraphql.gateway.export.reader import Piece, Walk
from telegraphql.gateway.export.roots import Root
from telegraphql.gateway.export.state import State
from telegraphql.gateway.pagination.cursor import Position
from telegraphql.gateway.upstream.request_budget import running
from telegraphql.schema.enums import ProblemCode
from telegraphql.schema.paging import Problem
from telegraphql.schema.record import Record

# Seconds.
FIRST_PAUSE, LONGEST_PAUSE = 1.0, 60.0


class Failing(Exception):
    """Providers that do not answer, without which the list cannot go on."""

    def __init__(self, problems: Sequence[Problem]) -> None:
        # A relation fails for each row of a page in the same words.
        first = {(each.provider, each.code): each for each in reversed(problems)}
        super().__init__("; ".join(f"{each.provider}: {each.code.name}: {each.message}" for each in reversed(first.values())))
        self.problems = problems

    @property
    def may_end(self) -> bool:
        """Whether waiting may help."""
        return all(problem.retryable for problem in self.problems)


@dataclass(kw_only=True)
class Export:
    """One export, from where its state says to its end. `save` is called whenever all up to the cursor is safe."""

    root: Root
    walk: Walk
    projecting: Projecting
    sink: Sink
    state: State
    told: ProgressReporter
    save: Callable[[], None]
    retry_timeout: float
    skips: bool = False
    pause: Callable[[RetryCallState], float] = field(default_factory=lambda: wait_random_exponential(FIRST_PAUSE, max=LONGEST_PAUSE))
    _place: Position | None = None

    async def run(self) -> None:
        """All rows; raises Failing where a provider's rows would be missing."""
        began = time.monotonic() - self.state.seconds
        self._place = self.state.place(self.root)
        try:
            while not (await self._step()).done:
                self.state.seconds = time.monotonic() - began
                self.told.rows(self.state, self.state.reached(self.root))
                if self.sink.due():
                    self.save()
                # Pages that are there already wait for nothing; signals and the next slices must come through all the same.
                await asyncio.sleep(0)
        finally:
            self.state.seconds = time.monotonic() - began
            await self.walk.aclose()

    async def _step(self) -> Piece:
        """One page on. Between what is written and what is noted of it nothing is waited for, so that no end comes between."""
        piece, rows, problems = await self._patiently()
        self.sink.write(rows)
        self.state.rows.update(_sum(self.state.rows, [record for _, record in piece.records]))
        for problem in [*piece.problems, *problems]:
            self.state.tell(problem)
        if piece.records:
            self._place = piece.records[-1][0]
            self.state.reach(self.root, self._place)
        return piece

    async def _patiently(self) -> tuple[Piece, list[Row], list[Problem]]:
        retrying = AsyncRetrying(
            stop=stop_after_delay(self.retry_timeout),
            wait=self._wait,
            retry=retry_if_exception(lambda error: isinstance(error, Failing) and error.may_end),
            before_sleep=self._waits,
        )
        try:
            return await retrying(self._page)
        except RetryError as error:
            return await self._without(error.last_attempt.exception())
        except Failing as error:
            return await self._without(error)

    async def _page(self) -> tuple[Piece, list[Row], list[Problem]]:
        """A page as it is now; what was read in vain is read again the next time."""
        try:
            context = self.projecting.context()
            with running(context.operation):
                piece = await self.walk.take(self._place)
                await self._hydrate([record for _, record in piece.records])
            if piece.failures and not piece.records:
                raise Failing([failure.as_problem() for failure in piece.failures])
            rows, problems = await self.projecting.rows([record for _, record in piece.records])
            # What is missing of rows comes with the next try, or when somebody has mended the credentials.
            if awaited := [problem for problem in problems if problem.retryable or problem.code is ProblemCode.UNAUTHORIZED]:
                raise Failing(awaited)
        except Failing:
            await self.walk.aclose()
            raise
        if piece.failures:
            # What came before the failure is good; the next page meets it again, or not.
            await self.walk.aclose()
        return piece, rows, problems

    async def _hydrate(self, records: Sequence[Record]) -> None:
        """Get what only a single get delivers."""
        search = self.walk.search(None)
        for serving in self.walk.serving:
            own = [record for record in records if record.provider_name == serving.name]
            await search.loaders.hydrate(serving, self.root.kind, own, self.walk.select)

    async def _without(self, error: Any) -> tuple[Piece, list[Row], list[Problem]]:
        """Go on without the providers that fail, where that is wanted."""
        assert isinstance(error, Failing)
        names = {problem.provider for problem in error.problems}
        left = [serving for serving in self.walk.serving if serving.name not in names]
        if not self.skips or len(left) == len(self.walk.serving):
            raise error
        for problem in error.problems:
            self.state.skip(problem, self.state.reached(self.root))
            self.told.says(f"goes on without {problem.provider}: {problem.code.name}: {problem.message}")
        self.walk.serving = left
        return Piece(done=not left), [], []

    def _wait(self, state: RetryCallState) -> float:
        error = state.outcome.exception() if state.outcome else None
        asked = [problem.retry_after or 0 for problem in error.problems] if isinstance(error, Failing) else []
        return max([self.pause(state), *asked])

    def _waits(self, state: RetryCallState) -> None:
        error = state.outcome.exception() if state.outcome else None
        seconds = state.next_action.sleep if state.next_action else 0
        self.told.says(f"waits {seconds:.1f} s for {error}")


async def finished(export: Export) -> None:
    """All of an export; whatever stops it from outside leaves it saved."""
    try:
        await export.run()
    except (Failing, asyncio.CancelledError):
        export.save()
        raise
    export.save()
    export.sink.finish()


def _sum(rows: dict[str, int], records: Sequence[Record]) -> Counter[str]:
    return Counter(rows) + Counter(record.provider_name for record in records)
