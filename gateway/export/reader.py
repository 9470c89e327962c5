"""The records of one list, oldest first, read from streams that stay open so that no upstream row is read twice."""

import asyncio
from collections.abc import AsyncGenerator, Sequence
from contextlib import suppress
from dataclasses import dataclass, field

from telegraphql.gateway.errors import UpstreamError
from telegraphql.gateway.pagination.bound_provider import BoundProvider
from telegraphql.gateway.pagination.cursor import Position
from telegraphql.gateway.pagination.dataloaders import DataLoaders
from telegraphql.gateway.pagination.list_query import Search
from telegraphql.gateway.pagination.shared_readings import SharedSlices
from telegraphql.gateway.pagination.slice import Slice
from telegraphql.gateway.pagination.stream import Stream
from telegraphql.gateway.plugin.row_view import RowView
from telegraphql.gateway.plugin.selection import Selection
from telegraphql.schema.filters import TimeRange
from telegraphql.schema.paging import Problem
from telegraphql.schema.record import Record

NO_LIMIT = 1_000_000_000


@dataclass(slots=True)
class RecordBatch:
    """The next records with their positions. `failures` are the errors that stopped the batch; `done` is True at the end of the list."""

    records: list[tuple[Position, Record | RowView]] = field(default_factory=list)
    problems: list[Problem] = field(default_factory=list)
    failures: list[UpstreamError] = field(default_factory=list)
    done: bool = False


@dataclass(kw_only=True)
class ExportReader:
    """Reads one list of several providers."""

    kind: type[Record]
    time: str | None
    range: TimeRange | None
    select: Selection
    size: int
    serving: list[BoundProvider]
    _streams: list[Stream] | None = None

    def search(self, after: Position | None) -> Search:
        """Return the query for the providers' streams."""
        parts = {self.time: self.range} if self.time and self.range else {}
        return Search(
            kind=self.kind,
            parts=parts,
            descending=False,
            after=after,
            before=None,
            size=self.size,
            select=self.select,
            loaders=DataLoaders(),
            most_slices=NO_LIMIT,
        )

    async def take(self, after: Position | None) -> RecordBatch:
        """Return the next records. `after` is only used when reading starts, or starts again after `aclose`."""
        if self._streams is None:
            search = self.search(after)
            self._streams = [search.stream(serving) for serving in self.serving]
            for stream in self._streams:
                stream.slices = prefetched(stream.slices)
        batch = RecordBatch()
        while len(batch.records) < self.size and not batch.done and not batch.failures:
            await self._fill(self._streams)
            batch.failures = [stream.error for stream in self._streams if stream.error]
            if not batch.failures:
                batch.done = not _merge_into(self._streams, batch.records, self.size)
        for stream in self._streams:
            batch.problems += stream.problems
            stream.problems = []
        return batch

    async def _fill(self, streams: Sequence[Stream]) -> None:
        empty_streams = [stream for stream in streams if not stream.head and not stream.done]
        if len(empty_streams) == 1:
            await empty_streams[0].fill()
            return
        # Wait for all, even if one raises an unexpected error: a stream that is still reading cannot be closed.
        for outcome in await asyncio.gather(*(stream.fill() for stream in empty_streams), return_exceptions=True):
            if outcome is not None:
                raise outcome

    async def aclose(self) -> None:
        """Close the streams. The next `take` reads anew from its position."""
        streams, self._streams = self._streams or [], None
        for stream in streams:
            await stream.aclose()


def _merge_into(streams: Sequence[Stream], merged: list[tuple[Position, Record | RowView]], limit: int) -> bool:
    """Move records in order until a stream is empty or the limit is reached. Return False if all streams have ended."""
    ready = [stream for stream in streams if stream.ready]
    if not ready:
        return not all(stream.done for stream in streams)
    while len(merged) < limit:
        first = min(ready, key=_front_position) if len(ready) > 1 else ready[0]
        position = first.front
        merged.append((position, first.take()))
        if not first.ready:
            return True
    return True


def _front_position(stream: Stream) -> Position:
    return stream.front


async def prefetched(slices: AsyncGenerator[Slice] | SharedSlices) -> AsyncGenerator[Slice]:
    """Yield the same slices, but request the next one while the current one is used."""
    pending = asyncio.ensure_future(_next(slices))
    try:
        while (current := await pending) is not None:
            pending = asyncio.ensure_future(_next(slices))
            yield current
    finally:
        pending.cancel()
        with suppress(asyncio.CancelledError, Exception):
            await pending
        await slices.aclose()


async def _next(slices: AsyncGenerator[Slice] | SharedSlices) -> Slice | None:
    return await anext(slices, None)
