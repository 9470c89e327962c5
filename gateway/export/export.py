"""The export loop: reads, projects and writes page by page, retries failing providers, and saves its state."""

import asyncio
import time
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from tenacity import AsyncRetrying, RetryCallState, RetryError, retry_if_exception, stop_after_delay, wait_random_exponential

from telegraphql.gateway.export.files import Sink
from telegraphql.gateway.export.progress import ProgressReporter
from telegraphql.gateway.export.projection import ExportRow, RowProjection
from telegraphql.gateway.export.reader import ExportReader, RecordBatch
from telegraphql.gateway.export.root_fields import RootField
from telegraphql.gateway.export.state import ExportState
from telegraphql.gateway.pagination.cursor import Position
from telegraphql.gateway.pagination.provider_faults import problem_of
from telegraphql.gateway.plugin.row_view import without_views
from telegraphql.gateway.upstream.request_budget import running
from telegraphql.schema.enums import ProblemCode
from telegraphql.schema.paging import Problem

# Pauses between two attempts, in seconds.
FIRST_PAUSE, LONGEST_PAUSE = 1.0, 60.0


class ProvidersFailed(Exception):
    """Providers failed whose records the export cannot do without."""

    def __init__(self, problems: Sequence[Problem], names: Mapping[str, str]) -> None:
        # A failing relation yields the same message for each row of a page: keep the first.
        first_by_code = {(problem.provider, problem.code): problem for problem in reversed(problems)}
        super().__init__(
            "; ".join(f"{names[problem.provider]}: {problem.code.name}: {problem.message}" for problem in reversed(first_by_code.values()))
        )
        self.problems = problems

    @property
    def is_retryable(self) -> bool:
        """Return True if every problem is retryable."""
        return all(problem.retryable for problem in self.problems)


@dataclass(kw_only=True)
class Export:
    """One export, from the position in its state to the end of the list.

    `save` is called whenever everything up to the cursor is safely stored.
    """

    root: RootField
    reader: ExportReader
    projection: RowProjection
    sink: Sink
    state: ExportState
    reporter: ProgressReporter
    save: Callable[[], None]
    retry_timeout: float
    skip_failing: bool = False
    backoff: Callable[[RetryCallState], float] = field(default_factory=lambda: wait_random_exponential(FIRST_PAUSE, max=LONGEST_PAUSE))
    _position: Position | None = None

    async def run(self) -> None:
        """Export all remaining rows.

        Raises:
            ProvidersFailed: Rows would be missing because providers fail.
        """
        started = time.monotonic() - self.state.seconds
        self._position = self.state.position(self.root)
        try:
            while not (await self._write_page()).done:
                self.state.seconds = time.monotonic() - started
                self.reporter.rows(self.state, self.state.reached_time(self.root))
                if self.sink.due():
                    self.save()
                # A page that is already read never suspends: give signals and prefetching a turn.
                await asyncio.sleep(0)
        finally:
            self.state.seconds = time.monotonic() - started
            await self.reader.aclose()

    async def _write_page(self) -> RecordBatch:
        """Write one page and note it in the state. No await separates the two, so a cancellation cannot either."""
        batch, rows, problems = await self._next_page_with_retries()
        self.sink.write(rows)
        self.state.rows.update(_added_counts(self.state.rows, [record for _, record in batch.records]))
        for problem in [*batch.problems, *problems]:
            self.state.count_problem(problem)
        if batch.records:
            self._position = batch.records[-1][0]
            self.state.advance_to(self.root, self._position)
        return batch

    async def _next_page_with_retries(self) -> tuple[RecordBatch, list[ExportRow], list[Problem]]:
        retrying = AsyncRetrying(
            stop=stop_after_delay(self.retry_timeout),
            wait=self._wait,
            retry=retry_if_exception(lambda error: isinstance(error, ProvidersFailed) and error.is_retryable),
            before_sleep=self._report_wait,
        )
        try:
            return await retrying(self._page)
        except RetryError as error:
            return await self._skip_failing_providers(error.last_attempt.exception())
        except ProvidersFailed as error:
            return await self._skip_failing_providers(error)

    async def _page(self) -> tuple[RecordBatch, list[ExportRow], list[Problem]]:
        """Return the next page with its rows and problems. After a failure the page is read again from its start."""
        try:
            context = self.projection.context()
            with running(context.budget):
                batch = await self.reader.take(self._position)
                await self._hydrate(batch)
            if batch.failures and not batch.records:
                raise ProvidersFailed([problem_of(failure) for failure in batch.failures], context.provider_names())
            rows, problems = await self.projection.rows([record for _, record in batch.records])
            # A retry may deliver the missing fields; for UNAUTHORIZED, after the operator has renewed the credentials.
            if retryable_problems := [problem for problem in problems if problem.retryable or problem.code is ProblemCode.UNAUTHORIZED]:
                raise ProvidersFailed(retryable_problems, context.provider_names())
        except ProvidersFailed:
            await self.reader.aclose()
            raise
        if batch.failures:
            # The records before the failure are complete. The next page retries what failed.
            await self.reader.aclose()
        return batch, rows, problems

    async def _hydrate(self, batch: RecordBatch) -> None:
        """Fetch the fields that only a single get delivers."""
        search = self.reader.search(None)
        lacking = [serving for serving in self.reader.serving if serving.lacking(self.root.kind, self.reader.select)]
        if lacking:
            batch.records = [(position, without_views(record)) for position, record in batch.records]
        for serving in lacking:
            own_records: list[Any] = [record for _, record in batch.records if record.provider_name == serving.id]
            await search.loaders.hydrate(serving, self.root.kind, own_records, self.reader.select)

    async def _skip_failing_providers(self, error: Any) -> tuple[RecordBatch, list[ExportRow], list[Problem]]:
        """Continue without the providers that fail, if `skip_failing` is set.

        Raises:
            ProvidersFailed: `skip_failing` is not set, or no provider of this export failed.
        """
        assert isinstance(error, ProvidersFailed)
        failed, names = {problem.provider for problem in error.problems}, {each.id: each.name for each in self.reader.serving}
        remaining = [serving for serving in self.reader.serving if serving.id not in failed]
        if not self.skip_failing or len(remaining) == len(self.reader.serving):
            raise error
        for problem in error.problems:
            self.state.skip_provider(problem, self.state.reached_time(self.root))
            self.reporter.message(f"continuing without {names[problem.provider]}: {problem.code.name}: {problem.message}")
        self.reader.serving = remaining
        return RecordBatch(done=not remaining), [], []

    def _wait(self, state: RetryCallState) -> float:
        error = state.outcome.exception() if state.outcome else None
        retry_after = [problem.retry_after or 0 for problem in error.problems] if isinstance(error, ProvidersFailed) else []
        return max([self.backoff(state), *retry_after])

    def _report_wait(self, state: RetryCallState) -> None:
        error = state.outcome.exception() if state.outcome else None
        seconds = state.next_action.sleep if state.next_action else 0
        self.reporter.message(f"retrying in {seconds:.1f} s: {error}")


async def run_to_end(export: Export) -> None:
    """Run an export to its end. Whatever stops it, its state is saved first."""
    try:
        await export.run()
    except (ProvidersFailed, asyncio.CancelledError):
        export.save()
        raise
    export.save()
    export.sink.finish()


def _added_counts(rows: dict[str, int], records: Sequence[Any]) -> Counter[str]:
    return Counter(rows) + Counter(record.provider_name for record in records)
