"""The poller of one provider: finds newly appeared ended calls and reports each once."""

import asyncio
from collections.abc import Callable
from contextlib import aclosing
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from telegraphql.gateway.errors import Unforeseen, UpstreamError
from telegraphql.gateway.pagination.bound_provider import BoundProvider
from telegraphql.gateway.pagination.cursor import Position, micros, time_of
from telegraphql.gateway.pagination.dataloaders import DataLoaders
from telegraphql.gateway.pagination.list_query import Search
from telegraphql.gateway.pagination.provider_faults import fault_of
from telegraphql.gateway.pagination.stream import Stream
from telegraphql.gateway.plugin.selection import Selection
from telegraphql.gateway.subscriptions.ended_calls import end_time, read_ended_calls
from telegraphql.gateway.subscriptions.schedule import PollSchedule
from telegraphql.gateway.subscriptions.settings import SubscriptionSettings
from telegraphql.gateway.upstream.request_budget import RequestBudget
from telegraphql.schema.call import Call

# An upstream's clock may be ahead. A window without an end would cost a further request in an unsorted history.
CLOCK_DRIFT = timedelta(hours=1)
PAGE = 500
NO_LIMIT = 10**9


@dataclass(frozen=True, slots=True, kw_only=True)
class PollerContext:
    """The shared part of all pollers: settings, the request budget of one step, the clock, and the fields that listeners select."""

    settings: SubscriptionSettings
    new_budget: Callable[[], RequestBudget]
    now: Callable[[], datetime]
    selection: Callable[[], Selection]

    def max_record_age(self, serving: BoundProvider) -> timedelta:
        """Return how old, by its position time, a record of this provider can be when it first appears."""
        listing = serving.declared.listings[Call]
        session_span = serving.provider.session_span if listing.position_time else timedelta(0)
        return self.settings.lookback + self.settings.allowed_lateness + session_span


class PollerFactory:
    """Makes pollers, and decides which ones survive a change of the configuration."""

    def create(self, **arguments: Any) -> "ProviderPoller":
        """Return a new poller."""
        return ProviderPoller(**arguments)

    def can_reuse(self, poller: "ProviderPoller") -> bool:
        """Return True if the existing poller is of the kind that this factory makes."""
        return type(poller) is ProviderPoller


@dataclass(eq=False, kw_only=True)
class ProviderPoller:
    """Polls one provider.

    `on_call` receives each newly appeared call with its end in microseconds since 1970; `on_poll` is called after each successful poll,
    `on_failure` with the first error of several in sequence that will not pass by itself.
    `seen` maps the ids of known calls to their position times, as far back as any poll reaches.
    """

    serving: BoundProvider
    context: PollerContext
    on_call: Callable[["ProviderPoller", Call, int], None]
    on_poll: Callable[["ProviderPoller"], None]
    on_failure: Callable[["ProviderPoller", UpstreamError], None] = lambda *_: None
    started_at: datetime = field(init=False)
    seen: dict[str, int] = field(default_factory=dict)
    schedule: PollSchedule = field(init=False)
    failures: int = 0
    # Set when this poller continues for another one: unseen calls that ended since then are new.
    since: int | None = None

    def __post_init__(self) -> None:
        self.started_at = self.context.now()
        self.schedule = PollSchedule(self.context.settings.window, self.context.max_record_age(self.serving))

    @property
    def is_ready(self) -> bool:
        """Return True if it knows which calls existed before it started."""
        return self.schedule.last_full_poll is not None

    @property
    def watermark(self) -> int:
        """Return the time before which every ended call has appeared and been reported, in microseconds since 1970."""
        return micros((self.schedule.last_full_poll or self.started_at) - self.context.settings.allowed_lateness)

    async def run(self) -> None:
        """Poll until cancelled."""
        while True:
            delay = await self.poll()
            await asyncio.sleep(delay)

    async def poll(self) -> float:
        """Poll once and return the seconds to wait. The next successful poll makes up for a failed one."""
        poll_start, settings = self.context.now(), self.context.settings
        try:
            await self._read(poll_start)
        except Exception as error:
            fault = fault_of(error, self.serving.id)
            self.failures += 1
            if self.failures == 1 and not fault.retryable:
                self.on_failure(self, fault)
            return settings.max_backoff if isinstance(fault, Unforeseen) else self._retry_delay(fault)
        self.failures = 0
        self.schedule.record_success(poll_start)
        if self.schedule.last_full_poll == poll_start:
            self._forget_before(poll_start)
        self._on_poll_success()
        return settings.poll_interval

    async def _read(self, poll_start: datetime) -> None:
        since = Position(micros(self.schedule.next_start(poll_start)), "", "")
        until = Position(micros(poll_start + CLOCK_DRIFT), "", "")
        serving, select = self.serving, self.context.selection()

        def open_stream(after: Position | None) -> Stream:
            search = Search(
                kind=Call,
                parts={},
                descending=False,
                after=after or since,
                before=until,
                size=PAGE,
                select=select,
                loaders=DataLoaders(),
                most_slices=NO_LIMIT,
            )
            return search.stream(serving)

        async with aclosing(read_ended_calls(open_stream, self.context.new_budget)) as calls:
            async for call in calls:
                if call.native_id not in self.seen:
                    self._handle(call)

    def _handle(self, call: Call) -> None:
        self.seen[call.native_id] = micros(time_of(call))
        end = end_time(call)
        if end is None:
            return
        if self.schedule.last_full_poll is not None or self._ended_since_start(end):
            self._on_new_call(call, micros(end))
        else:
            self._on_existing_call(call, micros(end))

    def _on_new_call(self, call: Call, end: int) -> None:
        """Report a call that has newly appeared."""
        self.on_call(self, call, end)

    def _on_existing_call(self, call: Call, end: int) -> None:
        """Handle a call of the first poll that existed before. Subclasses override it."""

    def _on_poll_success(self) -> None:
        """Report a successful poll."""
        self.on_poll(self)

    def _ended_since_start(self, end: datetime) -> bool:
        """Return True if a call of the first poll ended since this poller started.

        With an upstream clock that is ahead, every call of the last minutes would count. That is only accepted after a failed first
        poll, where the alternative is to lose calls.
        """
        if self.since is not None:
            return micros(end) >= self.since
        return self.started_at <= end and (self.failures > 0 or end <= self.context.now())

    def resume_from(self, since: int) -> None:
        """Continue for another poller that has reported every call that ended before this time."""
        self.since, self.failures = since, 0
        self.schedule = PollSchedule(self.context.settings.window, self.context.max_record_age(self.serving))

    def _forget_before(self, last_full_poll: datetime) -> None:
        """Drop calls that no later poll can meet again."""
        oldest = micros(last_full_poll - self.context.max_record_age(self.serving))
        self.seen = {name: position_time for name, position_time in self.seen.items() if position_time >= oldest}

    def _retry_delay(self, error: UpstreamError) -> float:
        settings = self.context.settings
        doubled = settings.poll_interval * 2.0 ** min(self.failures, 16)
        return max(min(doubled, settings.max_backoff), float(error.retry_after or 0))
