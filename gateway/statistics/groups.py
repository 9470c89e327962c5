"""Grouping of calls by their dimensions, with a limit on the number of groups."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any, NamedTuple
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from telegraphql.gateway.errors import BadInput
from telegraphql.gateway.statistics.aggregates import GroupAggregate, NeededFigures
from telegraphql.schema.call import Call
from telegraphql.schema.enums import CallDirection, CallStatus, PartyKind
from telegraphql.schema.queue import Queue
from telegraphql.schema.statistics import CallGroup
from telegraphql.schema.statistics import CallStatisticsDimension as By

QueueReference = tuple[str, str]
# The kinds of party that can be an agent.
AGENT_KINDS = frozenset({PartyKind.EXTENSION, PartyKind.USER})


class GroupKey(NamedTuple):
    """The values that the calls of a group share; None for a dimension that is not requested.

    A queue is a provider's name and the key by which its calls refer to the queue.
    """

    provider: str | None = None
    day: date | None = None
    hour: int | None = None
    direction: CallDirection | None = None
    status: CallStatus | None = None
    queue: QueueReference | None = None
    agent: str | None = None


def parse_time_zone(name: str) -> ZoneInfo:
    """Return a time zone by its IANA name.

    Raises:
        BadInput: There is no such time zone.
    """
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        raise BadInput(f"`timeZone` is {name[:80]!r}, not a time zone: use an IANA name such as Europe/Zurich, or UTC") from None


def _queue(call: Call) -> QueueReference | None:
    reference = call.refs.get("queue")
    return (call.provider_name, reference) if reference else None


def agent(call: Call) -> str | None:
    """Return the extension or user that was called from outside, or called out; None for other calls.

    The number of a user can be a number of the company that several users share: the id is preferred.
    """
    party = call.to if call.direction is CallDirection.INBOUND else call.from_ if call.direction is CallDirection.OUTBOUND else None
    if party is None:
        return None
    return party.extension or (party.native_id or party.number if party.kind in AGENT_KINDS else None)


DIMENSION_VALUES: Mapping[By, Callable[[Call, ZoneInfo], Any]] = {
    By.PROVIDER: lambda call, zone: call.provider_name,
    By.DAY: lambda call, zone: call.started_at.astimezone(zone).date(),
    By.HOUR: lambda call, zone: call.started_at.astimezone(zone).hour,
    By.DIRECTION: lambda call, zone: call.direction,
    By.STATUS: lambda call, zone: call.status,
    By.QUEUE: lambda call, zone: _queue(call),
    By.AGENT: lambda call, zone: agent(call),
}


@dataclass(slots=True, kw_only=True)
class GroupedAggregates:
    """Aggregates by group key."""

    by: Sequence[By]
    zone: ZoneInfo
    max_groups: int
    needed: NeededFigures
    aggregates: dict[GroupKey, GroupAggregate] = field(default_factory=dict)

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
        return GroupKey(**{each.name.lower(): DIMENSION_VALUES[each](call, self.zone) for each in self.by})


def _sort_key(key: GroupKey, queues: Mapping[QueueReference, Queue]) -> list[tuple[bool, Any]]:
    words = [None if word is None else list(type(word)).index(word) for word in (key.direction, key.status)]
    queue = (queues[key.queue].name, *key.queue) if key.queue else None
    return [(each is None, 0 if each is None else each) for each in (key.provider, key.day, key.hour, *words, queue, key.agent)]


def _call_group(key: GroupKey, aggregate: GroupAggregate, queues: Mapping[QueueReference, Queue]) -> CallGroup:
    return CallGroup(
        provider=key.provider,
        day=key.day,
        hour=key.hour,
        direction=key.direction,
        status=key.status,
        queue=queues[key.queue] if key.queue else None,
        agent=key.agent,
        figures=aggregate.figures(),
    )
