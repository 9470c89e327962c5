"""Walk: the records of one list, oldest first, read from streams that stay open, so that no upstream row is read twice."""

import asyncio
from collections.abc import AsyncGenerator, Sequence
from contextlib import suppress
from dataclasses import dataclass, field

from telegraphql.gateway.errors import UpstreamError
from telegraphql.gateway.pagination.bound_provider import BoundProvider
from telegraphql.gateway.pagination.cursor import Position
from telegraphql.gateway.pagination.dataloaders import DataLoaders
from telegraphql.gateway.pagination.list_query import Search
from telegraphql.gateway.pagination.pagers import Slice
from telegraphql.gateway.pagination.stream import Stream
from telegraphql.gateway.plugin.rows import RowView
from telegraphql.gateway.plugin.selection import Selection
from telegraphql.schema.filters import TimeRange
from telegraphql.schema.paging import Problem
from telegraphql.schema.record import Record

NO_LIMIT = 1_000_000_000


@dataclass(slots=True)
class Piece:
    """The next records with their places; whether they are the last; what is missing of them, and what failed after them."""

    records: list[tuple[Position, Record | RowView]] = field(default_factory=list)
    problems: list[Problem] = field(default_factory=list)
    failures: list[UpstreamError] = field(default_factory=list)
    done: bool = False


@dataclass(kw_only=True)
class Walk:
    """One list over some providers, from a place on."""

    kind: type[Record]
    time: str | None
    range: TimeRange | None
    select: Selection
    size: int
    serving: list[BoundProvider]
    _streams: list[Stream] | None = None

    def search(self, after: Position | None) -> Search:
        """What is asked of each provider."""
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

    async def take(self, after: Position | None) -> Piece:
        """The next records; `after` counts where the walk begins, or begins again after it was closed."""
        if self._streams is None:
            search = self.search(after)
            self._streams = [search.stream(serving) for serving in self.serving]
            for stream in self._streams:
                stream.slices = ahead(stream.slices)
        piece = Piece()
        while len(piece.records) < self.size and not piece.done and not piece.failures:
            await self._fill(self._streams)
            piece.failures = [stream.error for stream in self._streams if stream.error]
            if not piece.failures:
                piece.done = not _moved(self._streams, piece.records, self.size)
        for stream in self._streams:
            piece.problems += stream.problems
            stream.problems = []
        return piece

    async def _fill(self, streams: Sequence[Stream]) -> None:
        dry = [stream for stream in streams if not stream.head and not stream.done]
        if len(dry) == 1:
            await dry[0].fill()
            return
        # All are waited for, even when one fails in an unforeseen way: a stream that is still reading cannot be closed.
        for outcome in await asyncio.gather(*(stream.fill() for stream in dry), return_exceptions=True):
            if outcome is not None:
                raise outcome

    async def aclose(self) -> None:
        """Stop reading; the next piece is read anew."""
        streams, self._streams = self._streams or [], None
        for stream in streams:
            await stream.aclose()


def _moved(streams: Sequence[Stream], found: list[tuple[Position, Record | RowView]], upto: int) -> bool:
    """Move records in order until a stream runs dry or there are enough; False where all have come to their ends."""
    ready = [stream for stream in streams if stream.head]
    if not ready:
        return False
    while len(found) < upto:
        first = min(ready, key=_front) if len(ready) > 1 else ready[0]
        place = first.front
        found.append((place, first.take()))
        if not first.head:
            return True
    return True


def _front(stream: Stream) -> Position:
    return stream.front


async def ahead(slices: AsyncGenerator[Slice]) -> AsyncGenerator[Slice]:
    """The same slices, the next one already asked for while one is used up."""
    coming = asyncio.ensure_future(_next(slices))
    try:
        while (piece := await coming) is not None:
            coming = asyncio.ensure_future(_next(slices))
            yield piece
    finally:
        coming.cancel()
        with suppress(asyncio.CancelledError, Exception):
            await coming
        await slices.aclose()


async def _next(slices: AsyncGenerator[Slice]) -> Slice | None:
    return await anext(slices, None)
