"""Leader election for polling: one replica polls each provider and tells the others, any of which can take over.

    leader        This replica holds the lease: it polls, informs its own listeners, and appends what it finds to the event log.
    follower      Another replica polls: the entries of the event log are passed on to the listeners here.
    standalone    Redis is down: this replica polls by itself. When Redis is back and another replica leads, it keeps polling until one
                  poll has covered the full window, so that no call falls between its own polls and those of the leader.

A new leader reports every call that ended since the previous leader's watermark and is not in the log.
"""

import asyncio
import logging
from collections import deque
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import datetime
from itertools import islice
from typing import Any

from telegraphql.gateway.cluster.encryption import Encryption
from telegraphql.gateway.cluster.event_log import BATCH, CallEvent, EventLog, EventsLost, KnownCalls, LogEntry, PollCompleted
from telegraphql.gateway.cluster.redis import RedisClient, RedisUnavailable
from telegraphql.gateway.cluster.serialization import NotSerializable, deserialize, serialize
from telegraphql.gateway.pagination.cursor import micros, time_of
from telegraphql.gateway.subscriptions.poller import PollerFactory, ProviderPoller
from telegraphql.schema.call import Call

log = logging.getLogger("telegraphql")
# Entries that wait to be written. If there are more, they are dropped, and the readers find the calls by a poll of their own.
MAX_UNWRITTEN = 10_000
# The lease is renewed after this many seconds, or after this share of its length.
MAX_RENEW_INTERVAL, RENEWALS_PER_LEASE = 1.0, 4
# Seconds between two removals of old calls from `seen`.
CLEAN_UP_INTERVAL = 60


class LeaderPollerFactory(PollerFactory):
    """Makes pollers that share one Redis server."""

    def __init__(self, redis: RedisClient, encryption: Encryption) -> None:
        self.redis, self.encryption = redis, encryption

    def create(self, **arguments: Any) -> ProviderPoller:
        """Return a new poller."""
        return LeaderPoller(**arguments, factory=self)

    def can_reuse(self, poller: ProviderPoller) -> bool:
        """Return True if the poller uses the same keys. It continues with this factory's Redis client."""
        if not isinstance(poller, LeaderPoller) or poller.factory.redis.settings.key_prefix != self.redis.settings.key_prefix:
            return False
        poller.factory = self
        poller.event_log.redis, poller.event_log.encryption, poller.event_log.lease = self.redis, self.encryption, _lease(self.redis)
        return True


@dataclass(eq=False, kw_only=True)
class LeaderPoller(ProviderPoller):
    """A poller that polls only while it is the leader or Redis is down.

    Attributes:
        is_leader: True if this replica holds the lease, as far as it knows.
        follow_after: Set while a standalone poller has a leader again: it stops after a full poll that started later than this.
    """

    factory: LeaderPollerFactory
    event_log: EventLog = field(init=False)
    is_leader: bool = False
    follow_after: datetime | None = None
    _has_joined: bool = False
    _known_watermark: int | None = None
    _unwritten: deque[LogEntry] = field(default_factory=deque)
    _existing_calls: dict[str, int] = field(default_factory=dict)
    _is_polling: asyncio.Event = field(default_factory=asyncio.Event)
    _down_since: float | None = None
    _write_lock: asyncio.Lock = field(default_factory=asyncio.Lock)
    _cleaned_at: datetime = field(init=False)

    def __post_init__(self) -> None:
        super().__post_init__()
        redis = self.factory.redis
        self.event_log = EventLog(redis, self.factory.encryption, self.serving.id, _lease(redis))
        self._cleaned_at = self.started_at

    @property
    def is_ready(self) -> bool:
        """Return True if this replica or a leader before it knows which calls existed before."""
        return super().is_ready or self._has_joined

    @property
    def watermark(self) -> int:
        """Return the time before which every ended call has been reported, in microseconds since 1970."""
        if self._known_watermark is None or (self._is_polling.is_set() and self.schedule.last_full_poll is not None):
            return max(super().watermark, self._known_watermark or 0)
        return self._known_watermark

    async def run(self) -> None:
        """Take part in the election, and poll while this replica has to."""
        election = asyncio.get_running_loop().create_task(self._take_part(), name=f"poll {self.serving.id}: leader election")
        try:
            while True:
                await self._is_polling.wait()
                delay = await self.poll()
                await self._write()
                self._stop_standalone_polling()
                await asyncio.sleep(delay)
        finally:
            election.cancel()
            await asyncio.wait([election])
            if self.is_leader:
                with suppress(RedisUnavailable):
                    await self.event_log.release_lease()

    async def _take_part(self) -> None:
        while True:
            try:
                await self._renew_lease()
                self._down_since = None
            except RedisUnavailable:
                self._handle_outage()
            except Exception as error:
                log.error("sharing the polls of %s failed unexpectedly: %s", self.serving.name, type(error).__name__, exc_info=error)
            renew_interval = min(MAX_RENEW_INTERVAL, self.event_log.lease / 1000 / RENEWALS_PER_LEASE)
            await asyncio.sleep(min(renew_interval, self.context.settings.poll_interval))

    async def _renew_lease(self) -> None:
        """Read all new entries before a possible takeover."""
        state = await self.event_log.renew_lease()
        while state.has_more:
            self._handle_entries(state.entries)
            state = await self.event_log.renew_lease()
        self._handle_entries(state.entries)
        if state.is_leader and not self.is_leader:
            await self._become_leader(state.watermark)
        elif state.is_leader:
            await self._write()
        else:
            self._follow(state.watermark)

    async def _become_leader(self, watermark: int | None) -> None:
        known_calls = await self.event_log.read_known_calls()
        self.seen = known_calls | self.seen
        since = self._known_watermark if self._known_watermark is not None else watermark
        if not self._is_polling.is_set() and since is not None:
            self._known_watermark = since
            self.resume_from(since)
        self.is_leader, self.follow_after = True, None
        self._is_polling.set()

    def _follow(self, watermark: int | None) -> None:
        """Follow another leader. A standalone poller keeps polling for a while."""
        if self.is_leader:
            self.is_leader = False
            self._unwritten.clear()
            self._known_watermark = self.watermark
            self._is_polling.clear()
        elif self._is_polling.is_set() and self.follow_after is None:
            self.follow_after = self.context.now()
            self.schedule.force_full_poll()
        if watermark is not None:
            self._known_watermark = max(watermark, self._known_watermark or 0)
        if not self._has_joined and watermark is not None:
            self._has_joined = True
            self.on_poll(self)

    def _handle_outage(self) -> None:
        """Poll standalone while Redis is down. A follower waits until the leader's lease would have expired."""
        now = asyncio.get_running_loop().time()
        self._down_since = now if self._down_since is None else self._down_since
        if self._is_polling.is_set():
            self.follow_after = None
        elif self._known_watermark is None or now - self._down_since >= self.event_log.lease / 1000:
            self._poll_standalone()

    def _poll_standalone(self) -> None:
        if self._known_watermark is not None:
            self.resume_from(self._known_watermark)
        self._is_polling.set()

    def _stop_standalone_polling(self) -> None:
        last_full_poll = self.schedule.last_full_poll
        if self.follow_after is not None and last_full_poll is not None and last_full_poll > self.follow_after:
            self._known_watermark, self.follow_after = self.watermark, None
            self._is_polling.clear()

    def _handle_entries(self, entries: list[LogEntry]) -> None:
        for entry in entries:
            if isinstance(entry, CallEvent):
                self._handle_call(entry)
            elif isinstance(entry, KnownCalls):
                self.seen |= entry.position_times
            elif isinstance(entry, PollCompleted):
                self._known_watermark = max(entry.watermark, self._known_watermark or 0)
                self._has_joined = True
                self.on_poll(self)
                self._clean_up()
            else:
                self._handle_lost_events()

    def _handle_call(self, entry: CallEvent) -> None:
        if entry.id in self.seen:
            return
        try:
            call = deserialize(entry.body, self.serving.provider.numbering.e164)
            assert isinstance(call, Call)
        except (ValueError, KeyError, TypeError, AssertionError):
            self._handle_lost_events()
            return
        self.seen[entry.id] = entry.position_time
        self.on_call(self, call, entry.end)

    def _handle_lost_events(self) -> None:
        """Find lost events by a full poll of this replica. A leader polls anyway."""
        if self.is_leader:
            return
        if not self._is_polling.is_set():
            log.warning("an event that another replica wrote for %s cannot be read; polling from this replica too", self.serving.name)
            self._poll_standalone()
        self.follow_after = self.follow_after or self.context.now()

    def _clean_up(self) -> None:
        now = self.context.now()
        if (now - self._cleaned_at).total_seconds() > CLEAN_UP_INTERVAL:
            self._cleaned_at = now
            self._forget_before(now)

    def _on_new_call(self, call: Call, end: int) -> None:
        """Report a call to the listeners here, and append it to the event log."""
        if self.is_leader:
            try:
                self._append(CallEvent(call.native_id, micros(time_of(call)), end, serialize(call)))
            except NotSerializable:
                self._append(EventsLost())
        super()._on_new_call(call, end)

    def _on_existing_call(self, call: Call, end: int) -> None:
        if self.is_leader:
            self._existing_calls[call.native_id] = micros(time_of(call))

    def _on_poll_success(self) -> None:
        super()._on_poll_success()
        if self.is_leader:
            if self._existing_calls:
                self._append(KnownCalls(self._existing_calls))
                self._existing_calls = {}
            self._append(PollCompleted(self.watermark))

    def _append(self, entry: LogEntry) -> None:
        if len(self._unwritten) >= MAX_UNWRITTEN:
            self._unwritten.clear()
            self._unwritten.append(EventsLost())
        self._unwritten.append(entry)

    async def _write(self) -> None:
        """Write waiting entries to the event log. While Redis is down they keep waiting; they are dropped if the lease is lost."""
        async with self._write_lock:
            with suppress(RedisUnavailable):
                while self.is_leader and self._unwritten:
                    batch = list(islice(self._unwritten, BATCH))
                    if not await self.event_log.append(batch, self.watermark):
                        return
                    for _ in range(min(len(batch), len(self._unwritten))):
                        self._unwritten.popleft()


def _lease(redis: RedisClient) -> int:
    return int(redis.settings.leader_lease.total_seconds() * 1000)
