"""Lookout: a feed of which only one replica looks at its provider, and tells the others; each of them could be the next one.

    looking      it is this replica's turn: it looks, tells its own listeners, and writes what it found into the journal
    following    it is another's: what the journal says is told to the listeners here
    by itself    the shared store is away: it looks, as a gateway alone would; back again, it goes on looking until one look has reached
                 all the way, so that nothing falls between its own looks and another's

Whoever begins to look after another tells all that has ended since that one's mark and is not in the journal."""

import asyncio
import logging
from collections import deque
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import datetime
from itertools import islice
from typing import Any

from telegraphql.gateway.cluster.encryption import Encryption
from telegraphql.gateway.cluster.event_log import (
    AT_ONCE,
    CallEvent,
    EventLog,
    EventsLost,
    KnownCalls,
    LogEntry,
    PollCompleted,
)
from telegraphql.gateway.cluster.redis import RedisClient, RedisUnavailable
from telegraphql.gateway.cluster.serialization import NotSerializable, deserialize, serialize
from telegraphql.gateway.pagination.cursor import micros, time_of
from telegraphql.gateway.subscriptions.poller import PollerFactory, ProviderPoller
from telegraphql.schema.call import Call

log = logging.getLogger("telegraphql")
# Entries that wait for the store to come back. Others look by themselves meanwhile; where there were more, one look makes it good.
MOST_WAITING = 10_000
# Seconds between two signs of life, at most, and the part of the lease that they may take.
PULSE, SHARE = 1.0, 4


class LeaderPollerFactory(PollerFactory):
    """Makes lookouts that meet in one shared store."""

    def __init__(self, line: RedisClient, box: Encryption) -> None:
        self.line, self.box = line, box

    def create(self, **given: Any) -> ProviderPoller:
        """A new one."""
        return LeaderPoller(**given, meeting=self)

    def can_reuse(self, feed: ProviderPoller) -> bool:
        """One that is there goes on over this connection."""
        if not isinstance(feed, LeaderPoller) or feed.meeting.line.settings.key_prefix != self.line.settings.key_prefix:
            return False
        feed.meeting = self
        feed.journal.line, feed.journal.box, feed.journal.lease = self.line, self.box, _lease(self.line)
        return True


@dataclass(eq=False, kw_only=True)
class LeaderPoller(ProviderPoller):
    """A feed shared with other replicas."""

    meeting: LeaderPollerFactory
    journal: EventLog = field(init=False)
    # Whether it is our turn, as far as we know; whether we look; since when we may stop, once a look begun later has reached all the way.
    ours: bool = False
    overlapping: datetime | None = None
    _joined: bool = False
    _known: int | None = None
    _waiting: deque[LogEntry] = field(default_factory=deque)
    _old_ones: dict[str, int] = field(default_factory=dict)
    _looks: asyncio.Event = field(default_factory=asyncio.Event)
    _away_since: float | None = None
    _telling: asyncio.Lock = field(default_factory=asyncio.Lock)
    _tidied: datetime = field(init=False)

    def __post_init__(self) -> None:
        super().__post_init__()
        line = self.meeting.line
        self.journal = EventLog(line, self.meeting.box, self.serving.name, _lease(line))
        self._tidied = self.started_at

    @property
    def is_ready(self) -> bool:
        """Whether it, or another before it, knows what was there before."""
        return super().is_ready or self._joined

    @property
    def watermark(self) -> int:
        """All that ended before has appeared and been told."""
        if self._known is None or (self._looks.is_set() and self.schedule.last_full_poll is not None):
            return max(super().watermark, self._known or 0)
        return self._known

    async def run(self) -> None:
        """Keep in touch, and look while it is our turn."""
        pulse = asyncio.get_running_loop().create_task(self._keep_in_touch(), name=f"following {self.serving.name} together")
        try:
            while True:
                await self._looks.wait()
                rest = await self.poll()
                await self._tell_others()
                self._stop_overlapping()
                await asyncio.sleep(rest)
        finally:
            pulse.cancel()
            await asyncio.wait([pulse])
            if self.ours:
                with suppress(RedisUnavailable):
                    await self.journal.leave()

    async def _keep_in_touch(self) -> None:
        while True:
            try:
                await self._in_touch()
                self._away_since = None
            except RedisUnavailable:
                self._alone()
            except Exception as error:
                log.error("following %s together failed with %s", self.serving.name, type(error).__name__, exc_info=error)
            await asyncio.sleep(min(PULSE, self.context.settings.poll_interval, self.journal.lease / 1000 / SHARE))

    async def _in_touch(self) -> None:
        """Hear what there is; then it may be our turn."""
        turn = await self.journal.turn()
        while turn.more:
            self._hear(turn.entries)
            turn = await self.journal.turn()
        self._hear(turn.entries)
        if turn.is_ours and not self.ours:
            await self._take_over(turn.mark)
        elif turn.is_ours:
            await self._tell_others()
        else:
            self._follow(turn.mark)

    async def _take_over(self, mark: int | None) -> None:
        before = await self.journal.before()
        self.seen = before | self.seen
        since = self._known if self._known is not None else mark
        if not self._looks.is_set() and since is not None:
            self._known = since
            self.resume_from(since)
        self.ours, self.overlapping = True, None
        self._looks.set()

    def _follow(self, mark: int | None) -> None:
        """It is another's turn. Whoever looked by itself goes on for a while."""
        if self.ours:
            self.ours = False
            self._waiting.clear()
            self._known = self.watermark
            self._looks.clear()
        elif self._looks.is_set() and self.overlapping is None:
            self.overlapping = self.context.now()
            self.schedule.force_full_poll()
        if mark is not None:
            self._known = max(mark, self._known or 0)
        if not self._joined and mark is not None:
            self._joined = True
            self.on_poll(self)

    def _alone(self) -> None:
        """The store is away. Who has followed another waits as long as that one's turn lasts; who has not, looks at once."""
        now = asyncio.get_running_loop().time()
        self._away_since = now if self._away_since is None else self._away_since
        if self._looks.is_set():
            self.overlapping = None
        elif self._known is None or now - self._away_since >= self.journal.lease / 1000:
            self._look_for_ourselves()

    def _look_for_ourselves(self) -> None:
        if self._known is not None:
            self.resume_from(self._known)
        self._looks.set()

    def _stop_overlapping(self) -> None:
        if self.overlapping is not None and self.schedule.last_full_poll is not None and self.schedule.last_full_poll > self.overlapping:
            self._known, self.overlapping = self.watermark, None
            self._looks.clear()

    def _hear(self, entries: list[LogEntry]) -> None:
        for entry in entries:
            if isinstance(entry, CallEvent):
                self._heard(entry)
            elif isinstance(entry, KnownCalls):
                self.seen |= entry.places
            elif isinstance(entry, PollCompleted):
                self._known = max(entry.mark, self._known or 0)
                self._joined = True
                self.on_poll(self)
                self._tidy()
            else:
                self._missed_some()

    def _heard(self, entry: CallEvent) -> None:
        if entry.id in self.seen:
            return
        try:
            call = deserialize(entry.body, self.serving.provider.numbering.e164)
            assert isinstance(call, Call)
        except (ValueError, KeyError, TypeError, AssertionError):
            self._missed_some()
            return
        self.seen[entry.id] = entry.place
        self.on_call(self, call, entry.end)

    def _missed_some(self) -> None:
        """What could not be heard is found by a look that reaches all the way; whose turn it is takes such looks anyway."""
        if self.ours:
            return
        if not self._looks.is_set():
            log.warning("following %s: something another replica told was not understood; looking for it here", self.serving.name)
            self._look_for_ourselves()
        self.overlapping = self.overlapping or self.context.now()

    def _tidy(self) -> None:
        now = self.context.now()
        if (now - self._tidied).total_seconds() > 60:
            self._tidied = now
            self._forget_before(now)

    def _on_new_call(self, call: Call, end: int) -> None:
        """A call has newly appeared: tell those here, and then the others."""
        if self.ours:
            try:
                self._write(CallEvent(call.native_id, micros(time_of(call)), end, serialize(call)))
            except NotSerializable:
                self._write(EventsLost())
        super()._on_new_call(call, end)

    def _on_existing_call(self, call: Call, end: int) -> None:
        if self.ours:
            self._old_ones[call.native_id] = micros(time_of(call))

    def _on_poll_success(self) -> None:
        super()._on_poll_success()
        if self.ours:
            if self._old_ones:
                self._write(KnownCalls(self._old_ones))
                self._old_ones = {}
            self._write(PollCompleted(self.watermark))

    def _write(self, entry: LogEntry) -> None:
        if len(self._waiting) >= MOST_WAITING:
            self._waiting.clear()
            self._waiting.append(EventsLost())
        self._waiting.append(entry)

    async def _tell_others(self) -> None:
        """Write what waits; what could not be written waits on, unless it is another's turn by now."""
        async with self._telling:
            with suppress(RedisUnavailable):
                while self.ours and self._waiting:
                    some = list(islice(self._waiting, AT_ONCE))
                    if not await self.journal.tell(some, self.watermark):
                        return
                    for _ in range(min(len(some), len(self._waiting))):
                        self._waiting.popleft()


def _lease(line: RedisClient) -> int:
    return int(line.settings.leader_lease.total_seconds() * 1000)
