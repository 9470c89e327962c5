"""Feed: the one poller of one provider - what has newly appeared among its ended calls, each told once."""

import asyncio
import logging
from collections.abc import Callable
from contextlib import aclosing
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from telegraphql.gateway.errors import UpstreamError
from telegraphql.gateway.pagination.bound_provider import BoundProvider
from telegraphql.gateway.pagination.cursor import Position, micros, stands
from telegraphql.gateway.pagination.dataloaders import DataLoaders
from telegraphql.gateway.pagination.list_query import Search
from telegraphql.gateway.pagination.stream import Stream
from telegraphql.gateway.plugin.selection import Selection
from telegraphql.gateway.subscriptions.ended_calls import end_of, ended
from telegraphql.gateway.subscriptions.schedule import Rhythm
from telegraphql.gateway.subscriptions.settings import SubscriptionSettings
from telegraphql.gateway.upstream.request_budget import RequestBudget
from telegraphql.schema.call import Call

log = logging.getLogger("telegraphql")
# An upstream's clock may be ahead. Open to the future, windows of an unsorted history would need a request more.
AHEAD = timedelta(hours=1)
PAGE = 500
ENDLESS = 10**9


@dataclass(frozen=True, slots=True, kw_only=True)
class Means:
    """What all feeds share: settings, limits of one step, the clock, and what the listeners select."""

    settings: SubscriptionSettings
    operation: Callable[[], RequestBudget]
    now: Callable[[], datetime]
    selection: Callable[[], Selection]

    def reach(self, serving: BoundProvider) -> timedelta:
        """How long before it appears in the history a record of this provider can stand."""
        listing = serving.declared.listings[Call]
        return self.settings.lookback + self.settings.allowed_lateness + (serving.provider.span if listing.lags else timedelta(0))


class Feeding:
    """How feeds are made, and which ones go on after a change of the configuration."""

    def feed(self, **given: Any) -> "Feed":
        """A new one."""
        return Feed(**given)

    def goes_on(self, feed: "Feed") -> bool:
        """Whether one that is there would be made the same now."""
        return type(feed) is Feed


@dataclass(eq=False, kw_only=True)
class Feed:
    """Looks at one provider. `news` is told each newly appeared call, with its end; `looked`
    that a look has succeeded. `seen` holds where the told ones stand, as far back as any look reaches."""

    serving: BoundProvider
    means: Means
    news: Callable[["Feed", Call, int], None]
    looked: Callable[["Feed"], None]
    begun: datetime = field(init=False)
    seen: dict[str, int] = field(default_factory=dict)
    rhythm: Rhythm = field(init=False)
    failures: int = 0
    # Where another has looked before: all that ended since then and was not seen is new.
    since: int | None = None

    def __post_init__(self) -> None:
        self.begun = self.means.now()
        self.rhythm = Rhythm(self.means.settings.window, self.means.reach(self.serving))

    @property
    def ready(self) -> bool:
        """Whether it knows what was there before."""
        return self.rhythm.whole_at is not None

    @property
    def mark(self) -> int:
        """All that ended before has appeared and been told, in microseconds since 1970."""
        return micros((self.rhythm.whole_at or self.begun) - self.means.settings.allowed_lateness)

    async def run(self) -> None:
        """Look again and again."""
        while True:
            rest = await self.look()
            await asyncio.sleep(rest)

    async def look(self) -> float:
        """Look once, and say for how many seconds to rest. A failure is made good by the next look that succeeds."""
        began, settings = self.means.now(), self.means.settings
        try:
            await self._read(began)
        except UpstreamError as error:
            self.failures += 1
            return self._rest(error)
        except Exception as error:
            log.error("following %s failed with %s", self.serving.name, type(error).__name__, exc_info=error)
            self.failures += 1
            return settings.max_backoff
        self.failures = 0
        self.rhythm.succeeded(began)
        if self.rhythm.whole_at == began:
            self._forget(began)
        self._looked()
        return settings.poll_interval

    async def _read(self, began: datetime) -> None:
        since = Position(micros(self.rhythm.since(began)), "", "")
        until = Position(micros(began + AHEAD), "", "")
        serving, select = self.serving, self.means.selection()

        def opened(after: Position | None) -> Stream:
            search = Search(
                kind=Call,
                parts={},
                descending=False,
                after=after or since,
                before=until,
                size=PAGE,
                select=select,
                loaders=DataLoaders(),
                most_slices=ENDLESS,
            )
            return search.stream(serving)

        async with aclosing(ended(opened, self.means.operation)) as calls:
            async for call in calls:
                if call.native_id not in self.seen:
                    self._tell(call)

    def _tell(self, call: Call) -> None:
        self.seen[call.native_id] = micros(stands(call))
        end = end_of(call)
        if end is None:
            return
        if self.rhythm.whole_at is not None or self._came_since(end):
            self._new(call, micros(end))
        else:
            self._old(call, micros(end))

    def _new(self, call: Call, end: int) -> None:
        """A call has newly appeared."""
        self.news(self, call, end)

    def _old(self, call: Call, end: int) -> None:
        """A call of the first look was there before."""

    def _looked(self) -> None:
        """A look has succeeded."""
        self.looked(self)

    def _came_since(self, end: datetime) -> bool:
        """Whether a call of the first look ended since the feed began. By a clock that is ahead all of the last minutes' did; only
        where the look had to be taken again is that better than to lose one."""
        if self.since is not None:
            return micros(end) >= self.since
        return self.begun <= end and (self.failures > 0 or end <= self.means.now())

    def begin_anew(self, since: int) -> None:
        """Look as whoever comes after another, who has told all that ended before a moment."""
        self.since, self.rhythm, self.failures = since, Rhythm(self.means.settings.window, self.means.reach(self.serving)), 0

    def _forget(self, whole_at: datetime) -> None:
        """Drop what no look can meet again."""
        oldest = micros(whole_at - self.means.reach(self.serving))
        self.seen = {name: place for name, place in self.seen.items() if place >= oldest}

    def _rest(self, error: UpstreamError) -> float:
        settings = self.means.settings
        doubled = settings.poll_interval * 2.0 ** min(self.failures, 16)
        return max(min(doubled, settings.max_backoff), float(error.retry_after or 0))
