"""Merge: the next records of many streams in one order, reading no further than they need."""

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

from telegraphql.gateway.pagination.cursor import Position, position
from telegraphql.gateway.pagination.stream import Standing, Stream
from telegraphql.gateway.upstream.request_budget import RequestBudget, current, enter

# A provider that does not answer may not use up the time in which the others' next pages, details and relations are asked for.
SHARE = 2 / 3
# What is left of the time after the search: for details and relations, and so that the answer arrives within the deadline.
RESERVE = 0.1


@dataclass(slots=True)
class Merged:
    """Records in order, and how to tell their places; `stopped` is where the search had to stop before it had as many as were wanted."""

    records: list[Standing]
    more: bool
    stopped: Position | None = None
    place: Callable[[Any], Position] = position


@dataclass(slots=True)
class MergedStreams:
    """The records of several streams in one order, taken in parts. All are asked at once at first, later only those that run dry."""

    streams: Sequence[Stream]
    descending: bool
    # Where the search had to stop; None as long as it goes on, and at its end.
    stopped: Position | None = None
    # Where a record stands.
    place: Callable[[Any], Position] = field(init=False)
    _searching: RequestBudget = field(init=False)

    def __post_init__(self) -> None:
        self.place = self.streams[0].place if self.streams else position
        self._searching = current().hurried(1 - RESERVE)

    async def take(self, most: int) -> list[Standing]:
        """Return the next records; fewer only at the end, or where the search had to stop."""
        found: list[Standing] = []
        while len(found) < most:
            await _fill(self.streams, self._searching)
            held_up = [stream for stream in self.streams if stream.limited]
            ready = [stream for stream in self.streams if stream.head and (len(self.streams) == 1 or stream.ready)]
            # One whose records could all not be placed has more to come, before those of the others.
            if any(not (stream.head or stream.done or stream.limited) for stream in self.streams):
                continue
            if not ready and not held_up:
                return found
            limit = _limit(held_up, self.descending) if held_up else None
            if not _take(ready, found, most, limit, self.descending):
                self.stopped = limit
                return found
        return found

    async def aclose(self) -> None:
        """Stop reading."""
        for stream in self.streams:
            await stream.slices.aclose()


async def merge(streams: Sequence[Stream], wanted: int, descending: bool) -> Merged:
    """Return up to `wanted` records, and whether there are more."""
    merging = MergedStreams(streams, descending)
    try:
        found = await merging.take(wanted + 1)
    finally:
        await merging.aclose()
    more = len(found) > wanted or merging.stopped is not None
    return Merged(found[:wanted], more=more, stopped=merging.stopped, place=merging.place)


async def _fill(streams: Sequence[Stream], searching: RequestBudget) -> None:
    dry = [stream for stream in streams if not stream.head and not stream.done and not stream.limited]
    before = enter(searching.hurried(SHARE) if len(streams) > 1 else searching)
    try:
        if len(dry) == 1:  # most often, and a task of its own takes a while
            await dry[0].fill()
            return
        # All are waited for, even when one fails in an unforeseen way: a stream that is still reading cannot be closed.
        outcomes = await asyncio.gather(*(stream.fill() for stream in dry), return_exceptions=True)
    finally:
        enter(before)
    for outcome in outcomes:
        if outcome is not None:
            raise outcome


def _limit(held_up: Sequence[Stream], descending: bool) -> Position | None:
    """Return the position up to which the order is known: the frontier of the slowest stream. None: all is known."""
    reached = [stream.frontier for stream in held_up if stream.frontier]
    if not reached:
        return None
    return max(reached) if descending else min(reached)


def _take(ready: list[Stream], found: list[Standing], upto: int, limit: Position | None, descending: bool) -> bool:
    """Move records into `found` until a stream runs dry or there are enough; False where the limit comes first."""
    if len(ready) == 1 and limit is None:  # in which order is no question then
        found += ready[0].take_many(upto - len(found))
        return True
    choose, fronts = max if descending else min, [stream.front for stream in ready]
    while ready and len(found) < upto:
        front = choose(fronts)
        if limit is not None and (front < limit if descending else front > limit):
            return False
        at = fronts.index(front)
        first = ready[at]
        found.append(first.take())
        if first.ready:
            fronts[at] = first.front
        elif not first.done:
            return True
        else:
            del ready[at], fronts[at]
    return bool(len(found) >= upto or limit is None)
