"""Stream: the records of one kind from one provider, in the total order, each once, filtered, read only as far as they are wanted."""

from collections import deque
from collections.abc import AsyncGenerator, Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from functools import cached_property
from itertools import groupby, pairwise
from operator import gt, itemgetter, lt
from typing import Any, Protocol

from telegraphql.gateway.errors import RequestError, ScanLimit, TimedOut, UpstreamError
from telegraphql.gateway.pagination.cursor import Position, edge, position
from telegraphql.gateway.pagination.page_order import displaced_row
from telegraphql.gateway.pagination.provider_faults import fault_of
from telegraphql.gateway.pagination.shared_readings import SharedSlices
from telegraphql.gateway.pagination.slice import Slice
from telegraphql.gateway.plugin.row_view import RowView, own_copy
from telegraphql.gateway.tracebacks import drop_tracebacks
from telegraphql.gateway.upstream.request_budget import current
from telegraphql.gateway.upstream.work import WorkLimit
from telegraphql.schema.paging import Problem
from telegraphql.schema.record import Record

Standing = Record | RowView
# The next slice may take this much longer than the longest so far; with less time than that it is not asked for.
CAUTION = 1.25


class Residual(Protocol):
    """The residual filter: the part that the upstream did not apply."""

    async def __call__(self, records: list[Any]) -> list[Any]:
        """Return the records that pass."""


@dataclass(kw_only=True)
class Stream:
    """One provider's records between two positions (both exclusive), walked in one direction. `head` holds what is ready."""

    provider: str
    slices: AsyncGenerator[Slice] | SharedSlices
    descending: bool
    # None: all are kept.
    keep: Residual | None = None
    after: Position | None = None
    before: Position | None = None
    most_slices: int = 50
    # Where a record stands; lists of several kinds have an order of their own.
    place: Callable[[Any], Position] = position
    head: deque[Standing] = field(default_factory=deque)
    problems: list[Problem] = field(default_factory=list)
    error: UpstreamError | None = None
    done: bool = False
    frontier: Position | None = None
    late: bool = False
    # The limit of the operation's work that was reached, in words.
    work_limit: str = ""
    # Records that came before their place, by id.
    displaced: dict[str, Standing] = field(default_factory=dict)
    # How many records passed the filter so far.
    kept: int = 0
    _pending: dict[Position, Standing] = field(default_factory=dict)
    _front: Position | None = None
    _spent: int = 0
    _longest: float = 0.0
    # Whether records came, be they wanted or not. One that only shows empty stretches in all the time there is, is too slow: the others
    # need not wait for it.
    _fruitful: bool = False

    @property
    def limited(self) -> bool:
        """Return True if the search ran out of requests or time. It is always let make some progress first, so that it can resume."""
        return self._is_used_up and not self.done and not self.head

    @property
    def _is_used_up(self) -> bool:
        return (self.late or self._spent >= self.most_slices) and self.frontier is not None

    def limit_words(self, requests: str) -> str:
        """Return which limit a search that is `limited` has reached. `requests` describes that of upstream requests."""
        if self.work_limit:
            return f"this operation's {self.work_limit}"
        return "the deadline of this operation" if self.late else requests

    async def fill(self) -> None:
        """Read on until something is ready, the end is reached, something fails, or the limit of requests or time is spent.

        A page that reads with others makes itself independent of them.
        """
        shared = self.slices if isinstance(self.slices, SharedSlices) else None
        try:
            while not self.done and not self._is_used_up and len(self.head) < (shared.at_once if shared else 1):
                await self._fill_more()
        finally:
            if shared:
                await shared.pause()

    async def _fill_more(self) -> None:
        """Read another slice, if there is time for it."""
        left = current().left()
        if left <= CAUTION * self._longest and self._fruitful and self.frontier is not None:
            self.late = True
            return
        try:
            self._spent += await self._step()
        except RequestError:
            raise
        except Exception as error:
            self._stop(fault_of(error, self.provider))
        self._longest = max(self._longest, left - current().left())

    def _stop(self, error: UpstreamError) -> None:
        """End with an error. What has got ahead can go on from there in another operation; what has not has failed."""
        if self.frontier is not None and isinstance(error, ScanLimit):
            self._spent = self.most_slices
            self.work_limit = error.reached if isinstance(error, WorkLimit) else ""
            return
        if self.frontier is not None and self._fruitful and isinstance(error, TimedOut) and not current().left():
            self.late = True
            return
        # Its frames hold this stream.
        drop_tracebacks(error)
        self.error, self.done = error, True

    @property
    def ready(self) -> bool:
        """Return True if a record is ready. Those that cannot be placed are left out with a problem."""
        while self.head and self._front is None:
            try:
                self._front = self.place(self.head[0])
            except Exception as error:
                self.head.popleft()
                self.problems.append(fault_of(error, self.provider).as_problem())
        return bool(self.head)

    @property
    def front(self) -> Position:
        """Return the position of the first ready record."""
        if self._front is None:
            self._front = self.place(self.head[0])
        return self._front

    def take(self) -> Any:
        """Return the first ready record, and remove it."""
        self._front = None
        return self.head.popleft()

    def take_many(self, most: int) -> list[Any]:
        """Take the first that are ready."""
        self._front = None
        if most >= len(self.head):
            found = list(self.head)
            self.head.clear()
            return found
        ready = list(self.head)
        self.head = deque(ready[most:])
        return ready[:most]

    def left_behind(self, given_out: Sequence[Any]) -> list[Problem]:
        """Return the problems of records that came before their place, and are not among those that were given out."""
        if not self.displaced:
            return []
        shown = {record.native_id for record in given_out if record.provider_name == self.provider}
        left = [record for name, record in self.displaced.items() if name not in shown and self._is_wanted_at_all(record)]
        return [displaced_row(record) for record in left]

    def _is_wanted_at_all(self, record: Standing) -> bool:
        place = self.place(record)
        return (self.after is None or self._beyond(self.after, place)) and (self.before is None or self._beyond(place, self.before))

    async def aclose(self) -> None:
        """Stop reading."""
        await self.slices.aclose()

    async def _step(self) -> int:
        """Read a slice; how many requests it stands for."""
        piece = await anext(self.slices, None)
        if piece is None:
            self.done = True
            return 0
        # Slices overlap: a record may have the same problem in two of them.
        self.problems += [each for each in piece.problems if each.id is None or each not in self.problems]
        reached = None if piece.frontier is None else edge(piece.frontier, self.descending)
        if piece.displaced:
            self.displaced |= {record.native_id: record for record in piece.records if record.native_id in piece.displaced}
        ready = self._from_order(piece, reached) if piece.times and not self._pending else self._sorted(piece.records, reached)
        self._fruitful = self._fruitful or bool(ready)
        kept = ready if self.keep is None else await self.keep(ready)
        if isinstance(self.slices, SharedSlices) and self.slices.is_shared_page:
            kept = [own_copy(record) for record in kept]
        self.kept += len(kept)
        self.head.extend(kept)
        self._advance(reached)
        return 0 if piece.part else 1

    def _from_order(self, piece: Slice, reached: Position | None) -> list[Standing]:
        """Return the records of a slice whose times are in order: where the middle ones stand need not be known, apart from ties."""
        records: list[Standing] = piece.records
        begin, end = 0, len(records)
        if not all(map(self._beyond, piece.times, piece.times[1:])):
            records = self._ties_in_order(records, piece.times)
        if self.frontier or self.after or self.before:
            while begin < end and not self._is_wanted(self.place(records[begin])):
                begin += 1
            while begin < end and not self._is_wanted(self.place(records[end - 1])):
                end -= 1
        ready = end
        while reached is not None and ready > begin and not self._beyond(self.place(records[ready - 1]), reached):
            ready -= 1
        self._pending.update((self.place(record), record) for record in records[ready:end])
        return records[begin:ready]

    def _ties_in_order(self, records: Sequence[Standing], times: Sequence[datetime]) -> list[Standing]:
        """Return records in order of which some have equal times."""
        found: list[Standing] = []
        for _, group in groupby(zip(times, records, strict=True), key=itemgetter(0)):
            tied = [record for _, record in group]
            found += tied if len(tied) == 1 else sorted(tied, key=self.place, reverse=self.descending)
        return found

    def _sorted(self, records: Sequence[Standing], reached: Position | None) -> list[Standing]:
        """Return the records of complete ties, in order; the others stay pending."""
        pairs = [(place, record) for record in records if self._is_wanted(place := self.place(record))]
        if self._pending or not all(self._beyond(one, other) for (one, _), (other, _) in pairwise(pairs)):
            self._pending.update(pairs)
            pairs = [(place, self._pending.pop(place)) for place in sorted(self._pending, reverse=self.descending)]
        ready = len(pairs)
        while reached is not None and ready and not self._beyond(pairs[ready - 1][0], reached):
            ready -= 1
        self._pending.update(pairs[ready:])
        return [record for _, record in pairs[:ready]]

    def _is_wanted(self, place: Position) -> bool:
        """Return True if a position lies beyond the delivered records and within the bounds."""
        start, end = self.frontier or self.after, self.before
        return (start is None or self._beyond(start, place)) and (end is None or self._beyond(place, end))

    @cached_property
    def _beyond(self) -> Callable[[Any, Any], bool]:
        """Return the comparison that tells if one position or moment comes before another."""
        return gt if self.descending else lt

    def _advance(self, reached: Position | None) -> None:
        if reached is None:
            self.done = True
            return
        if self._is_wanted(reached):
            self.frontier = reached
        if self.before is not None and not self._beyond(reached, self.before):
            self.done = True
