"""Grouping of calls by their dimensions, with a limit on the number of groups."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from enum import Enum
from typing import Any, NamedTuple
from zoneinfo import ZoneInfo

from telegraphql.gateway.statistics.aggregates import GroupAggregate, NeededFigures
from telegraphql.gateway.statistics.periods import PERIODS, too_many_periods
from telegraphql.schema.call import Call, agent_of
from telegraphql.schema.enums import CallDirection, CallStatus
from telegraphql.schema.queue import Queue
from telegraphql.schema.statistics import CallGroup
from telegraphql.schema.statistics import CallStatisticsDimension as By
from telegraphql.schema.values import Party

QueueReference = tuple[str, str]


class GroupKey(NamedTuple):
    """The values that the calls of a group share; None for a dimension that is not requested.

    A queue is a provider's name and the key by which its calls refer to the queue.
    """

    provider: str | None = None
    month: date | None = None
    week: date | None = None
    day: date | None = None
    hour: int | None = None
    direction: CallDirection | None = None
    status: CallStatus | None = None
    queue: QueueReference | None = None
    agent: str | None = None
    number: str | None = None


def _queue(call: Call) -> QueueReference | None:
    reference = call.refs.get("queue")
    return (call.provider_name, reference) if reference else None


def number(call: Call) -> str | None:
    """Return the number outside the company, in E.164 where that is certain; None for calls that have none or two."""
    party = _end(call, CallDirection.OUTBOUND, CallDirection.INBOUND)
    return (party.e164() or party.number) if party else None


def _end(call: Call, called: CallDirection, calling: CallDirection) -> Party | None:
    """Return the called party of calls of one direction, and the calling one of those of the other."""
    return call.to if call.direction is called else call.from_ if call.direction is calling else None


DIMENSION_VALUES: Mapping[By, Callable[[Call], Any]] = {
    By.PROVIDER: lambda call: call.provider_name,
    By.DIRECTION: lambda call: call.direction,
    By.STATUS: lambda call: call.status,
    By.QUEUE: _queue,
    By.AGENT: agent_of,
    By.NUMBER: number,
}


@dataclass(slots=True, kw_only=True)
class GroupedAggregates:
    """Aggregates by group key."""

    by: Sequence[By]
    zone: ZoneInfo
    max_groups: int
    needed: NeededFigures
    aggregates: dict[GroupKey, GroupAggregate] = field(default_factory=dict)
    _has_periods: bool = field(init=False)

    def __post_init__(self) -> None:
        self._has_periods = any(each in PERIODS for each in self.by)

    def add(self, call: Call) -> bool:
        """Add a call. Return False without adding it if that would exceed the limit of groups."""
        key = self._key(call)
        aggregate = self.aggregates.get(key)
        if aggregate is None:
            if len(self.aggregates) >= self.max_groups:
                return False
            aggregate = self.aggregates[key] = GroupAggregate()
        aggregate.add(call, self.needed)
        return True

    def total(self) -> GroupAggregate:
        """Return the aggregate of all groups."""
        total = GroupAggregate()
        for aggregate in self.aggregates.values():
            total.join(aggregate)
        return total

    def fill_gaps(self, periods: Sequence[Mapping[str, Any]]) -> None:
        """Add an empty group for each period in which a combination of the other dimensions has no call.

        Raises:
            BadInput: There would be more groups than allowed.
        """
        named = dict.fromkeys(periods[0]) if periods else {}
        others = {key._replace(**named) for key in self.aggregates} or {GroupKey()}
        if len(others) * len(periods) > self.max_groups:
            raise too_many_periods(self.max_groups)
        for other in others:
            for period in periods:
                self.aggregates.setdefault(other._replace(**period), GroupAggregate())

    def call_groups(self, queues: Mapping[QueueReference, Queue | None]) -> list[CallGroup]:
        """Return the groups in their order, as the schema shows them. Several keys may refer to one queue, or to none."""
        if not self.by:
            return []
        merged: dict[GroupKey, GroupAggregate] = {}
        queues_by_id: dict[QueueReference, Queue] = {}
        for key, aggregate in self.aggregates.items():
            queue = queues.get(key.queue) if key.queue else None
            queue_id = (queue.provider_name, queue.native_id) if queue else None
            if queue and queue_id:
                queues_by_id[queue_id] = queue
            merged.setdefault(key._replace(queue=queue_id), GroupAggregate()).join(aggregate)
        return [_call_group(key, merged[key], queues_by_id) for key in sorted(merged, key=lambda key: _sort_key(key, queues_by_id))]

    def _key(self, call: Call) -> GroupKey:
        local = call.started_at.astimezone(self.zone) if self._has_periods else call.started_at
        return GroupKey(
            **{each.name.lower(): PERIODS[each](local) if each in PERIODS else DIMENSION_VALUES[each](call) for each in self.by}
        )


def _sort_key(key: GroupKey, queues: Mapping[QueueReference, Queue]) -> list[tuple[bool, Any]]:
    queue = (queues[key.queue].name, *key.queue) if key.queue else None
    values = [list(type(each)).index(each) if isinstance(each, Enum) else each for each in key._replace(queue=queue)]  # type: ignore[arg-type]
    return [(each is None, 0 if each is None else each) for each in values]


def _call_group(key: GroupKey, aggregate: GroupAggregate, queues: Mapping[QueueReference, Queue]) -> CallGroup:
    shown = key._asdict() | {"queue": queues[key.queue] if key.queue else None}
    return CallGroup(**shown, figures=aggregate.figures())
