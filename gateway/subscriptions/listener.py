"""One subscription's queue of events, and how far it has come at each provider."""

import asyncio
from collections import deque
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime

from telegraphql.gateway.errors import UpstreamError
from telegraphql.gateway.plugin.selection import Selection
from telegraphql.gateway.subscriptions.cursor import Watermarks
from telegraphql.schema.call import Call

# Older ones say nothing that the newer do not.
MAX_FAILURES = 100


@dataclass(frozen=True, slots=True)
class EndedCall:
    """A call that newly appeared. `watermarks` give, for each provider, the time before which every ended call has then been sent."""

    call: Call
    watermarks: Watermarks


@dataclass(frozen=True, slots=True)
class Backlog:
    """The missed calls of one provider: all since a time. `sent` holds the ids that have already been sent, `failed` the error that was."""

    since: int
    sent: set[str] = field(default_factory=set)
    failed: list[UpstreamError] = field(default_factory=list)


@dataclass(eq=False, kw_only=True, slots=True)
class Listener:
    """One subscription's queue.

    `watermarks` advance with what it has been sent. `backlogs` are read from the history once their provider responds.
    """

    includes: Callable[[str], bool]
    select: Selection
    max_queue: int
    joined_at: datetime
    watermarks: dict[str, int] = field(default_factory=dict)
    backlogs: dict[str, Backlog] = field(default_factory=dict)
    is_too_slow: bool = False
    queue: deque[EndedCall] = field(default_factory=deque)
    failures: deque[UpstreamError] = field(default_factory=lambda: deque(maxlen=MAX_FAILURES))
    _duplicates: dict[str, set[str]] = field(default_factory=dict)
    _ready_backlogs: set[str] = field(default_factory=set)
    _current_backlog: str | None = None
    _wakeup: asyncio.Event = field(default_factory=asyncio.Event)

    def offer(self, event: EndedCall) -> None:
        """Queue an event, unless it is of another provider or will be read from the history."""
        name, key = event.call.provider_name, event.call.native_id
        if not self.includes(name) or self.is_too_slow or (name in self.backlogs and name != self._current_backlog):
            return
        if key in self._duplicates.get(name, ()):
            self._duplicates[name].discard(key)
            return
        self.is_too_slow = len(self.queue) >= self.max_queue
        if not self.is_too_slow:
            self.queue.append(event)
        self._wakeup.set()

    def provider_failed(self, name: str, error: UpstreamError) -> None:
        """Queue the error of a provider that can no longer be polled."""
        if self.includes(name):
            self.failures.append(error)
            self._wakeup.set()

    def provider_polled(self, name: str) -> None:
        """Note that a provider responds, so that its backlog can be read."""
        if name in self.backlogs and self.includes(name):
            self._ready_backlogs.add(name)
            self._wakeup.set()

    def next_backlog(self) -> str | None:
        """Return a provider whose backlog can be read now, or None. New events of it are queued meanwhile."""
        self._ready_backlogs &= self.backlogs.keys()
        self._current_backlog = self._ready_backlogs.pop() if self._ready_backlogs else None
        return self._current_backlog

    def finish_backlog(self, name: str, seen: Mapping[str, int]) -> None:
        """End a provider's backlog. Calls already sent that its poller has not seen yet will come again, and are then dropped."""
        sent = self.backlogs.pop(name).sent
        self._duplicates[name] = sent - seen.keys()
        self._keep(lambda call: call.provider_name != name or call.native_id not in sent)

    def retry_backlog(self, name: str) -> None:
        """Drop the queued events of a provider whose backlog failed: the next attempt reads them again."""
        self._current_backlog = None
        self._keep(lambda call: call.provider_name != name)

    def _keep(self, predicate: Callable[[Call], bool]) -> None:
        self.queue = deque(event for event in self.queue if predicate(event.call))

    def advance(self, event: EndedCall) -> None:
        """Advance the watermarks after an event was sent, or filtered out."""
        self.watermarks |= {name: mark for name, mark in event.watermarks.items() if name not in self.backlogs and self.includes(name)}

    async def wait(self) -> None:
        """Wait until there is something to do."""
        await self._wakeup.wait()
        self._wakeup.clear()
