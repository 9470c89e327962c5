"""Shared readings: lists and statistics of one operation that differ only in what the gateway applies read an upstream once.

Each reader keeps its own filter, bounds and limits. A reading is that of its widest reader, which asks the upstream for no more than it
would alone; the others see the same slices. All readers take a slice before the next one is read, so that only one is held.
"""

import asyncio
from collections import defaultdict
from collections.abc import AsyncGenerator, Callable, Mapping, Sequence
from contextlib import aclosing
from contextvars import Context, copy_context
from copy import copy
from dataclasses import dataclass, replace
from functools import reduce
from typing import Any

from telegraphql.gateway.pagination.cursor import Position, edge, moment
from telegraphql.gateway.pagination.slice import Slice
from telegraphql.gateway.plugin.selection import Selection
from telegraphql.gateway.upstream.request_budget import within_deadline
from telegraphql.schema.record import Record

NOT_GIVEN = object()


@dataclass(frozen=True, slots=True, kw_only=True)
class Wish:
    """A stream's request for a provider's list, newest first.

    Attributes:
        pushed: the conditions that its own request gives the upstream, without the time.
        common: the conditions that hold of all its records.
        undecided: the names of its conditions that a row alone does not decide.
        newest, oldest: its bounds, both exclusive; None without one.
        read: reads its own request from a position on, None: from its beginning, with a selection.
        max_slices: the slices that it may read.
        page_size: the records that it needs at most; None if it reads everything.
    """

    provider: str
    kind: type[Record]
    pushed: Mapping[str, Any]
    common: Mapping[str, Any]
    undecided: frozenset[str]
    newest: Position | None
    oldest: Position | None
    select: Selection
    read: Callable[[Position | None, Selection], AsyncGenerator[Slice]]
    max_slices: int
    page_size: int | None

    def covers(self, other: "Wish") -> bool:
        """Return True if another stream finds its records in what this one reads. A page goes on by itself where the reading ends."""
        begins = self.newest is None or (other.newest is not None and other.newest <= self.newest)
        reaches = other.page_size is not None or self.oldest is None or (other.oldest is not None and other.oldest >= self.oldest)
        holds = all(other.common.get(name, NOT_GIVEN) == value for name, value in self.pushed.items())
        return begins and reaches and holds and other.undecided <= self.pushed.keys()

    def is_same(self, other: "Wish") -> bool:
        """Return True if both ask the upstream for the same."""
        return (self.pushed, self.newest, self.oldest) == (other.pushed, other.newest, other.oldest)

    def width(self) -> tuple[Any, ...]:
        """Return a key that orders wishes so that those which may cover others come first."""
        oldest = self.oldest.place if self.oldest else float("-inf")
        newest = self.newest.place if self.newest else float("inf")
        return self.page_size is not None, len(self.pushed), oldest, newest


class SharedReadings:
    """The readings of one operation. Streams register before the first of them is read."""

    def __init__(self) -> None:
        self._waiting: list[SharedSlices] = []

    def slices(self, wish: Wish) -> "SharedSlices":
        """Register a stream; return its slices."""
        slices = SharedSlices(self, wish)
        self._waiting.append(slices)
        return slices

    def forget(self, slices: "SharedSlices") -> None:
        """Forget a stream that is not read."""
        if slices in self._waiting:
            self._waiting.remove(slices)

    async def settle(self) -> None:
        """Let all root fields register their streams; then decide who reads with whom."""
        await asyncio.sleep(0)
        lists: defaultdict[tuple[str, type[Record]], list[SharedSlices]] = defaultdict(list)
        for slices in sorted(self._waiting, key=lambda each: each.wish.width()):
            lists[slices.wish.provider, slices.wish.kind].append(slices)
        self._waiting.clear()
        for each in lists.values():
            _decide(each)


def _decide(streams: Sequence["SharedSlices"]) -> None:
    """Let each stream read with the first wider one that covers it, or by itself."""
    groups: list[list[SharedSlices]] = []
    for stream in streams:
        group = next((group for group in groups if group[0].wish.page_size is None and group[0].wish.covers(stream.wish)), None)
        if group:
            group.append(stream)
        else:
            groups.append([stream])
    for lead, *others in groups:
        if not others:
            lead.source = lead.wish.read(None, lead.wish.select)
            continue
        reading = _Reading(lead, [lead, *others])
        for stream in (lead, *others):
            stream.reading, stream.source = reading, reading.follow(stream)


@dataclass(eq=False, slots=True)
class SharedSlices:
    """The slices of one stream, be they read by itself or with others."""

    readings: SharedReadings
    wish: Wish
    source: AsyncGenerator[Slice] | None = None
    reading: "_Reading | None" = None

    @property
    def at_once(self) -> int:
        """Return the records that the stream reads before it lets the others go on without it."""
        return self.wish.page_size or 1 if self.is_shared_page else 1

    @property
    def is_shared_page(self) -> bool:
        """Return True if the records are those of other streams too, and are given out."""
        return self.reading is not None and self.wish.page_size is not None

    def __aiter__(self) -> "SharedSlices":
        return self

    async def __anext__(self) -> Slice:
        if self.source is None:
            await self.readings.settle()
        assert self.source is not None
        return await anext(self.source)

    async def pause(self) -> None:
        """Let the others go on: a page that has its records may never want another slice. If it does, it reads on by itself."""
        if self.reading and self.is_shared_page:
            await self.reading.leave(self)

    async def aclose(self) -> None:
        """Stop reading."""
        self.readings.forget(self)
        if self.reading:
            await self.reading.leave(self)
        if self.source:
            await self.source.aclose()


class _Reading:
    """The request of the widest of several streams, whose slices are given to all of them."""

    def __init__(self, lead: SharedSlices, streams: Sequence[SharedSlices]) -> None:
        self._lead = lead
        self._streams = set(streams)
        self._slices = lead.wish.read(None, reduce(Selection.plus, (stream.wish.select for stream in streams)))
        self._waiting: dict[SharedSlices, asyncio.Future[Slice | None]] = {}
        self._context: Context | None = None
        self._task: asyncio.Task[None] | None = None
        self._error: Exception | None = None

    async def follow(self, stream: SharedSlices) -> AsyncGenerator[Slice]:
        """Yield the slices of the reading to a stream; and where the stream has more to read than the reading, those of its own."""
        lead, wish = self._lead.wish, stream.wish
        same, read, reached = wish.is_same(lead), 0, None
        while stream in self._streams and (same or read < lead.max_slices):
            piece = await self._next(stream)
            if piece is None:
                return
            read += not piece.part
            ends = piece.frontier is None
            if ends and _lies_beyond(lead.oldest, wish.oldest):
                piece = replace(piece, frontier=moment(lead.oldest.place))  # type: ignore[union-attr, arg-type]
            reached = piece.frontier
            # A stream that reads more than it would alone is not limited by that.
            yield replace(piece, part=piece.part or not same, problems=[copy(each) for each in piece.problems])
            if reached is None:
                return
            if ends:
                break
        await self.leave(stream)
        async with aclosing(wish.read(None if reached is None else edge(reached, descending=True), wish.select)) as own:
            async for piece in own:
                yield piece

    async def _next(self, stream: SharedSlices) -> Slice | None:
        """Return the next slice when all streams have taken the last one; None after the last.

        Raises:
            TimedOut: It does not come within the time that this stream has.
        """
        if self._error:
            raise self._error
        if self._context is None or stream is self._lead:
            self._context = copy_context()
        future = self._waiting[stream] = asyncio.get_running_loop().create_future()
        self._go_on()
        try:
            async with within_deadline():
                piece: Slice | None = await future
                return piece
        finally:
            if self._waiting.get(stream) is future:
                del self._waiting[stream]

    def _go_on(self) -> None:
        if self._task is None and self._streams and self._streams <= self._waiting.keys():
            # With the time of the widest stream: others may have less.
            self._task = asyncio.get_running_loop().create_task(self._read(), context=self._context)

    async def _read(self) -> None:
        try:
            piece = await anext(self._slices, None)
        except Exception as error:
            self._error = error
            piece = None
        self._task = None
        waiting, self._waiting = self._waiting, {}
        for future in waiting.values():
            if future.done():
                continue
            if self._error:
                future.set_exception(self._error)
            else:
                future.set_result(piece)

    async def leave(self, stream: SharedSlices) -> None:
        """Let the others go on without a stream. The last one stops the reading."""
        if stream not in self._streams:
            return
        self._streams.remove(stream)
        self._waiting.pop(stream, None)
        if self._streams:
            self._go_on()
            return
        if self._task:
            self._task.cancel()
            await asyncio.wait([self._task])
        await self._slices.aclose()


def _lies_beyond(end: Position | None, other: Position | None) -> bool:
    """Return True if a list that goes back in time goes on after the end of another."""
    return end is not None and (other is None or other < end)
