"""Groups: which calls are counted together, and never more groups than there may be."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any, NamedTuple
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from telegraphql.gateway.errors import BadInput
from telegraphql.gateway.statistics.aggregates import GroupAggregate, NeededAggregates
from telegraphql.schema.call import Call
from telegraphql.schema.enums import CallDirection, CallStatus
from telegraphql.schema.queue import Queue
from telegraphql.schema.statistics import DIMENSION_FIELDS, CallGroup
from telegraphql.schema.statistics import CallStatisticsDimension as By

Reference = tuple[str, str]


class GroupKey(NamedTuple):
    """What the calls of a group have in common; None for what was not asked for. A queue is its provider and the key by which calls
    know it."""

    provider: str | None = None
    day: date | None = None
    hour: int | None = None
    direction: CallDirection | None = None
    status: CallStatus | None = None
    queue: Reference | None = None


def zone_of(name: str) -> ZoneInfo:
    """A time zone by its name; BadInput where there is none."""
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        raise BadInput(f"`timeZone` is {name[:80]!r}, which is no time zone: give an IANA name such as Europe/Zurich, or UTC") from None


def _queue(call: Call) -> Reference | None:
    reference = call.refs.get(DIMENSION_FIELDS[By.QUEUE])
    return (call.provider_name, reference) if reference else None


VALUES: Mapping[By, Callable[[Call, ZoneInfo], Any]] = {
    By.PROVIDER: lambda call, zone: call.provider_name,
    By.DAY: lambda call, zone: call.started_at.astimezone(zone).date(),
    By.HOUR: lambda call, zone: call.started_at.astimezone(zone).hour,
    By.DIRECTION: lambda call, zone: call.direction,
    By.STATUS: lambda call, zone: call.status,
    By.QUEUE: lambda call, zone: _queue(call),
}


@dataclass(slots=True, kw_only=True)
class Groups:
    """Tallies by key."""

    by: Sequence[By]
    zone: ZoneInfo
    most: int
    wanted: NeededAggregates
    tallies: dict[GroupKey, GroupAggregate] = field(default_factory=dict)

    def add(self, call: Call) -> bool:
        """Count a call; False, and it is not counted, where that would take one group more than there may be."""
        key = self._key(call)
        tally = self.tallies.get(key)
        if tally is None:
            if len(self.tallies) >= self.most:
                return False
            tally = self.tallies[key] = GroupAggregate()
        tally.add(call, self.wanted)
        return True

    def total(self) -> GroupAggregate:
        """All groups in one."""
        whole = GroupAggregate()
        for tally in self.tallies.values():
            whole.join(tally)
        return whole

    def regrouped(self, queues: Mapping[Reference, Queue | None]) -> list[CallGroup]:
        """What clients see, in order: several keys may lead to one queue, or to none."""
        if not self.by:
            return []
        joined: dict[GroupKey, GroupAggregate] = {}
        found: dict[Reference, Queue] = {}
        for key, tally in self.tallies.items():
            queue = queues.get(key.queue) if key.queue else None
            own = (queue.provider_name, queue.native_id) if queue else None
            if queue and own:
                found[own] = queue
            joined.setdefault(key._replace(queue=own), GroupAggregate()).join(tally)
        return [_shown(key, joined[key], found) for key in sorted(joined, key=lambda key: _order(key, found))]

    def _key(self, call: Call) -> GroupKey:
        return GroupKey(**{each.name.lower(): VALUES[each](call, self.zone) for each in self.by})


def _order(key: GroupKey, queues: Mapping[Reference, Queue]) -> list[tuple[bool, Any]]:
    words = [None if word is None else list(type(word)).index(word) for word in (key.direction, key.status)]
    queue = (queues[key.queue].name, *key.queue) if key.queue else None
    return [(each is None, 0 if each is None else each) for each in (key.provider, key.day, key.hour, *words, queue)]


def _shown(key: GroupKey, tally: GroupAggregate, queues: Mapping[Reference, Queue]) -> CallGroup:
    return CallGroup(
        provider=key.provider,
        day=key.day,
        hour=key.hour,
        direction=key.direction,
        status=key.status,
        queue=queues[key.queue] if key.queue else None,
        figures=tally.figures(),
    )
