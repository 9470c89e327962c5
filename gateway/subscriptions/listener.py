"""Listener: what waits for one subscription, and how far it has come."""

import asyncio
from collections import deque
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime

from telegraphql.gateway.plugin.selection import Selection
from telegraphql.gateway.subscriptions.cursor import Marks
from telegraphql.schema.call import Call


@dataclass(frozen=True, slots=True)
class Event:
    """A newly appeared call; `marks` say for each provider before which moment everything that ended has then been told."""

    call: Call
    marks: Marks


@dataclass(frozen=True, slots=True)
class Missed:
    """What a subscription has missed of one provider: all since a moment. `sent` holds what of it has been sent already."""

    since: int
    sent: set[str] = field(default_factory=set)


@dataclass(eq=False, kw_only=True, slots=True)
class Listener:
    """One subscription. `marks` go with what it has been sent; `missed` is read from the history once the provider can be."""

    wants: Callable[[str], bool]
    select: Selection
    most: int
    begun: datetime
    marks: dict[str, int] = field(default_factory=dict)
    missed: dict[str, Missed] = field(default_factory=dict)
    too_slow: bool = False
    queue: deque[Event] = field(default_factory=deque)
    _doubles: dict[str, set[str]] = field(default_factory=dict)
    _readable: set[str] = field(default_factory=set)
    _reading: str | None = None
    _news: asyncio.Event = field(default_factory=asyncio.Event)

    def offer(self, event: Event) -> None:
        """Take an event in, unless it is another's or is read from the history anyway."""
        name, key = event.call.provider_name, event.call.native_id
        if not self.wants(name) or self.too_slow or (name in self.missed and name != self._reading):
            return
        if key in self._doubles.get(name, ()):
            self._doubles[name].discard(key)
            return
        self.too_slow = len(self.queue) >= self.most
        if not self.too_slow:
            self.queue.append(event)
        self._news.set()

    def looked(self, name: str) -> None:
        """A provider has just answered: what was missed of it can be read."""
        if name in self.missed and self.wants(name):
            self._readable.add(name)
            self._news.set()

    def readable(self) -> str | None:
        """A provider whose missed calls can be read now; what appears meanwhile waits."""
        self._readable &= self.missed.keys()
        self._reading = self._readable.pop() if self._readable else None
        return self._reading

    def caught_up(self, name: str, seen: Mapping[str, int]) -> None:
        """Nothing is missed any more. What has been sent and its feed has not told yet will be told again, and then left out."""
        sent = self.missed.pop(name).sent
        self._doubles[name] = sent - seen.keys()
        self._keep(lambda call: call.provider_name != name or call.native_id not in sent)

    def not_caught_up(self, name: str) -> None:
        """It failed, and will be read again: then with what waits now."""
        self._reading = None
        self._keep(lambda call: call.provider_name != name)

    def _keep(self, wanted: Callable[[Call], bool]) -> None:
        self.queue = deque(event for event in self.queue if wanted(event.call))

    def passed(self, event: Event) -> None:
        """An event has been sent, or does not concern this subscription."""
        self.marks |= {name: mark for name, mark in event.marks.items() if name not in self.missed and self.wants(name)}

    async def news(self) -> None:
        """Wait until there is something."""
        await self._news.wait()
        self._news.clear()
