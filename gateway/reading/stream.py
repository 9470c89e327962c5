"""Stream: the records of one kind from one provider, in the total order, each once, filtered, read only as far as they are wanted."""

from collections import deque
from collections.abc import AsyncGenerator, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Protocol

from gateway.errors import ScanLimit, TimedOut, UpstreamError
from gateway.reading.position import Position, micros, position, stands
from gateway.reading.slices import Slice
from gateway.transport.operation import current
from schema.paging import Problem
from schema.record import Record

# The next slice may take this much longer than the longest so far; with less time than that it is not asked for.
CAUTION = 1.25


class Residual(Protocol):
    """What is left of a filter after the upstream has done its part."""

    async def __call__(self, records: list[Record]) -> list[Record]:
        """The records that pass."""


@dataclass(kw_only=True)
class Stream:
    """One provider's records between two positions (both exclusive), walked in one direction. `head` holds what is ready."""

    provider: str
    slices: AsyncGenerator[Slice]
    keep: Residual
    descending: bool
    after: Position | None = None
    before: Position | None = None
    most_slices: int = 50
    head: deque[tuple[Position, Record]] = field(default_factory=deque)
    problems: list[Problem] = field(default_factory=list)
    error: UpstreamError | None = None
    done: bool = False
    frontier: Position | None = None
    late: bool = False
    _pending: dict[Position, Record] = field(default_factory=dict)
    _spent: int = 0
    _longest: float = 0.0

    @property
    def limited(self) -> bool:
        """Whether the search has used up its requests or time before it was done; never before it has got ahead, lest it never does."""
        used_up = self.late or self._spent >= self.most_slices
        return used_up and self.frontier is not None and not self.done and not self.head

    async def fill(self) -> None:
        """Read on until something is ready, the end is reached, something fails, or the limit of requests or time is spent."""
        while not self.head and not self.done and not self.limited:
            left = current().left()
            if left <= CAUTION * self._longest and self.frontier is not None:
                self.late = True
                return
            self._spent += 1
            try:
                await self._step()
            except UpstreamError as error:
                self._stop(error)
            self._longest = max(self._longest, left - current().left())

    def _stop(self, error: UpstreamError) -> None:
        """What has got ahead can go on from there, in another operation; what has not has failed."""
        if self.frontier is not None and isinstance(error, ScanLimit):
            self._spent = self.most_slices
            return
        if self.frontier is not None and isinstance(error, TimedOut) and not current().left():
            self.late = True
            return
        error.provider = error.provider or self.provider
        self.error, self.done = error, True

    async def aclose(self) -> None:
        """Stop reading."""
        await self.slices.aclose()

    async def _step(self) -> None:
        piece = await anext(self.slices, None)
        if piece is None:
            self.done = True
            return
        self.problems += piece.problems
        for record in piece.records:
            place = position(record)
            if self._wanted(place):
                self._pending[place] = record
        ready = self._settled(piece.frontier)
        kept = {id(record) for record in await self.keep([record for _, record in ready])}
        self.head.extend(pair for pair in ready if id(pair[1]) in kept)
        self._advance(piece.frontier)

    def _wanted(self, place: Position) -> bool:
        """Whether a position lies ahead of what was given out and within the bounds."""
        start, end = self.frontier or self.after, self.before
        if self.descending:
            return (start is None or place < start) and (end is None or place > end)
        return (start is None or place > start) and (end is None or place < end)

    def _settled(self, frontier: datetime | None) -> list[tuple[Position, Record]]:
        """The pending records of complete ties, in order."""
        if frontier is None:
            places: Sequence[Position] = list(self._pending)
        elif self.descending:
            places = [place for place, record in self._pending.items() if stands(record) > frontier]
        else:
            places = [place for place, record in self._pending.items() if stands(record) < frontier]
        return [(place, self._pending.pop(place)) for place in sorted(places, reverse=self.descending)]

    def _advance(self, frontier: datetime | None) -> None:
        if frontier is None:
            self.done = True
            return
        reached = edge(frontier, self.descending)
        if self._wanted(reached):
            self.frontier = reached
        if self.before is not None and not self._within(reached):
            self.done = True

    def _within(self, place: Position) -> bool:
        assert self.before is not None
        return place > self.before if self.descending else place < self.before


def edge(frontier: datetime, descending: bool) -> Position:
    """The position between what a frontier has delivered and what it has not."""
    return Position(micros(frontier) + (1 if descending else 0), "", "")
