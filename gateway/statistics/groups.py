"""Grouping of records by their dimensions, with a limit on the number of groups."""

import asyncio
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from enum import Enum
from typing import Any, TypeVar
from zoneinfo import ZoneInfo

from telegraphql.gateway.plugin.rows import TURN
from telegraphql.gateway.statistics.call_dimensions import QueueReference
from telegraphql.gateway.statistics.counted_kinds import Aggregate, CountedKind
from telegraphql.gateway.statistics.periods import PERIODS, local_time, too_many_periods
from telegraphql.schema.queue import Queue

# The values that the records of a group share, in the order of the dimensions.
GroupKey = tuple[Any, ...]
Queues = Mapping[QueueReference, Queue | None]
QUEUE = "QUEUE"
T = TypeVar("T")


@dataclass(slots=True, kw_only=True)
class GroupedAggregates:
    """Aggregates by group key."""

    counted: CountedKind
    # In the order in which groups are sorted.
    by: Sequence[Enum]
    zone: ZoneInfo
    max_groups: int
    needed: Any
    aggregates: dict[GroupKey, Aggregate] = field(default_factory=dict)
    _has_periods: bool = field(init=False)
    _readers: Sequence[tuple[bool, Callable[[Any], Any]]] = field(init=False)

    def __post_init__(self) -> None:
        names = [each.name for each in self.by]
        self._has_periods = any(name in PERIODS for name in names)
        self._readers = [(name in PERIODS, PERIODS[name] if name in PERIODS else self.counted.values[name]) for name in names]

    def add(self, record: Any) -> bool:
        """Add a record. Return False without adding it if that would exceed the limit of groups."""
        key = self._key(record)
        aggregate = self.aggregates.get(key)
        if aggregate is None:
            if len(self.aggregates) >= self.max_groups:
                return False
            aggregate = self.aggregates[key] = self.counted.aggregate()
        aggregate.add(record, self.needed)
        return True

    async def total(self) -> Any:
        """Return the figures of all groups."""
        total = self.counted.aggregate()
        async for aggregate in in_turns(list(self.aggregates.values())):
            total.join(aggregate)
        return total.figures()

    def queues(self) -> list[QueueReference]:
        """Return the queues to which the groups refer."""
        place = self._queue_place()
        return [key[place] for key in self.aggregates if key[place]] if place is not None else []

    def fill_gaps(self, periods: Sequence[Mapping[str, Any]]) -> None:
        """Add an empty group for each period in which a combination of the other dimensions has no record.

        Raises:
            BadInput: There would be more groups than allowed.
        """
        names = [each.name for each in self.by]
        others = {tuple(None if name in PERIODS else value for name, value in zip(names, key, strict=True)) for key in self.aggregates}
        others = others or {(None,) * len(names)}
        if len(others) * len(periods) > self.max_groups:
            raise too_many_periods(self.max_groups)
        for other in others:
            for period in periods:
                key = tuple(period.get(name, value) for name, value in zip(names, other, strict=True))
                self.aggregates.setdefault(key, self.counted.aggregate())

    async def groups(self, queues: Queues) -> list[Any]:
        """Return the groups in their order, as the schema shows them. Several keys may refer to one queue, or to none."""
        if not self.by:
            return []
        place = self._queue_place()
        merged: dict[GroupKey, Aggregate] = {}
        async for key, aggregate in in_turns(list(self.aggregates.items())):
            shown = key if place is None else (*key[:place], _ById.of(queues.get(key[place])), *key[place + 1 :])
            merged.setdefault(shown, self.counted.aggregate()).join(aggregate)
        return [self._group(key, merged[key]) async for key in in_turns(sorted(merged, key=_sort_key))]

    def _key(self, record: Any) -> GroupKey:
        local = local_time(getattr(record, self.counted.kind.time_field or ""), self.zone) if self._has_periods else None
        return tuple([read(local if is_period else record) for is_period, read in self._readers])

    def _queue_place(self) -> int | None:
        return next((place for place, each in enumerate(self.by) if each.name == QUEUE), None)

    def _group(self, key: GroupKey, aggregate: Aggregate) -> Any:
        values = {each.name.lower(): value.queue if isinstance(value, _ById) else value for each, value in zip(self.by, key, strict=True)}
        return self.counted.group(**values, figures=aggregate.figures())


@dataclass(frozen=True, slots=True)
class _ById:
    """A queue that is equal to another one of the same id."""

    place: tuple[str, str, str]
    queue: Queue = field(compare=False)

    @classmethod
    def of(cls, queue: Queue | None) -> "_ById | None":
        return None if queue is None else cls((queue.name, queue.provider_name, queue.native_id), queue)


def _sort_key(key: GroupKey) -> list[tuple[bool, Any]]:
    return [(value is None, _rank(value)) for value in key]


def _rank(value: Any) -> Any:
    if isinstance(value, Enum):
        return list(type(value)).index(value)
    return value.place if isinstance(value, _ById) else 0 if value is None else value


async def in_turns(items: Sequence[T]) -> AsyncIterator[T]:
    """Yield items. Of many, others have their turn meanwhile."""
    for index, item in enumerate(items):
        if index and index % TURN == 0:
            await asyncio.sleep(0)
        yield item
