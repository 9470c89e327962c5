"""ActiveSubscription: one client's calls - first what it has missed, then what newly appears - each with its own limits and loaders."""

import asyncio
from collections.abc import AsyncGenerator, Callable, Mapping
from contextlib import aclosing
from copy import copy
from dataclasses import dataclass, replace
from typing import Protocol

from telegraphql.gateway.errors import SlowConsumer, UpstreamError
from telegraphql.gateway.pagination.bound_provider import BoundProvider
from telegraphql.gateway.pagination.cursor import OPEN, Position, Seal, micros, moment
from telegraphql.gateway.pagination.dataloaders import DataLoaders
from telegraphql.gateway.pagination.list_query import Search
from telegraphql.gateway.pagination.stream import Stream
from telegraphql.gateway.subscriptions.cursor import write_marks
from telegraphql.gateway.subscriptions.ended_calls import end_of, ended
from telegraphql.gateway.subscriptions.hub import Following
from telegraphql.gateway.subscriptions.listener import Event, Listener, Missed
from telegraphql.gateway.subscriptions.poller import AHEAD, ENDLESS, PAGE
from telegraphql.schema.call import Call


class Occasion(Protocol):
    """What a subscription needs of its context: limits and loaders that are new for each event, and a place for the cursor."""

    serving: Mapping[str, BoundProvider]
    loaders: DataLoaders
    cursor: str | None

    def renew(self) -> None:
        """Begin with the next event, and with the providers there are now."""


@dataclass(frozen=True, kw_only=True)
class ActiveSubscription:
    """A client's subscription; `search` is its filter and selection, `mark` what its cursors are bound to."""

    following: Following
    listener: Listener
    search: Search
    mark: str
    occasion: Occasion
    seal: Seal = OPEN

    async def calls(self) -> AsyncGenerator[Call]:
        """The calls, for as long as the client listens."""
        listener = self.listener
        self.following.join(listener)
        try:
            while True:
                while (name := listener.readable()) is not None:
                    async with aclosing(self._missed(name)) as missed:
                        async for call in missed:
                            yield call
                while listener.queue:
                    new = await self._new(listener.queue.popleft())
                    if new is not None:
                        yield new
                if listener.too_slow:
                    raise SlowConsumer(write_marks(listener.marks, self.mark, self.seal))
                await listener.news()
        finally:
            self.following.leave(listener)

    async def _new(self, event: Event) -> Call | None:
        """The event's call as this client wants it; None where it does not."""
        self.occasion.renew()
        serving = self.occasion.serving.get(event.call.provider_name)
        call = await self._passing(serving, event.call) if serving else None
        self.listener.passed(event)
        return await self._given(serving, call) if serving and call else None

    async def _passing(self, serving: BoundProvider, call: Call) -> Call | None:
        """A copy that is this client's own, if it passes the filter. What an upstream must tell for that is waited for."""
        while True:
            mine = copy(call)
            mine.held = dict(call.held)
            try:
                return mine if await replace(self.search, loaders=self.occasion.loaders).residual(serving)([mine]) else None
            except UpstreamError as error:
                if not error.retryable:
                    raise
            await asyncio.sleep(self.following.settings.poll_interval)
            self.occasion.renew()

    async def _given(self, serving: BoundProvider, call: Call) -> Call:
        await self.occasion.loaders.hydrate(serving, Call, [call], self.search.select)
        self.occasion.cursor = write_marks(self.listener.marks, self.mark, self.seal)
        return call

    async def _missed(self, name: str) -> AsyncGenerator[Call]:
        """What ended since the client's last event, from the history. Where that fails it is read again after the next good look."""
        listener, feed = self.listener, self.following.feeds.get(name)
        missed = listener.missed[name]
        if feed is None:
            return
        lateness = self.following.settings.allowed_lateness
        complete = micros(self.following.now() - lateness)
        try:
            async with aclosing(ended(self._reader(name, missed), self.following.means.operation)) as calls:
                async for call in calls:
                    end = micros(end_of(call) or call.started_at)
                    if end < missed.since or call.native_id in missed.sent:
                        continue
                    missed.sent.add(call.native_id)
                    listener.marks[name] = max(missed.since, min(end, complete))
                    self.occasion.renew()
                    if name not in self.occasion.serving:
                        listener.not_caught_up(name)
                        return
                    yield await self._given(feed.serving, call)
        except UpstreamError:
            listener.not_caught_up(name)
        else:
            listener.caught_up(name, feed.seen)

    def _reader(self, name: str, missed: Missed) -> Callable[[Position | None], Stream]:
        serving = self.following.servings[name]
        since = Position(micros(moment(missed.since) - self.following.means.reach(serving)), "", "")
        until = Position(micros(self.following.now() + AHEAD), "", "")

        def opened(after: Position | None) -> Stream:
            search = replace(self.search, after=after or since, before=until, loaders=DataLoaders(), size=PAGE, most_slices=ENDLESS)
            return search.stream(serving)

        return opened
