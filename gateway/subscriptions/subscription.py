"""One client's subscription: first the missed calls, then new ones, each with its own request budget and loaders."""

import asyncio
from collections.abc import AsyncGenerator, Callable, Mapping
from contextlib import aclosing
from copy import copy
from dataclasses import dataclass, replace
from typing import Protocol

from telegraphql.gateway.errors import RequestError, SlowConsumer, UpstreamError
from telegraphql.gateway.pagination.bound_provider import BoundProvider
from telegraphql.gateway.pagination.cursor import OPEN, Position, Seal, micros, moment
from telegraphql.gateway.pagination.dataloaders import DataLoaders
from telegraphql.gateway.pagination.list_query import Search
from telegraphql.gateway.pagination.provider_faults import fault_of
from telegraphql.gateway.pagination.stream import Stream
from telegraphql.gateway.subscriptions.cursor import write_watermarks
from telegraphql.gateway.subscriptions.ended_calls import end_time, read_ended_calls
from telegraphql.gateway.subscriptions.hub import SubscriptionHub
from telegraphql.gateway.subscriptions.listener import Backlog, EndedCall, Listener
from telegraphql.gateway.subscriptions.poller import CLOCK_DRIFT, NO_LIMIT, PAGE
from telegraphql.schema.call import Call


class EventContext(Protocol):
    """The request context as a subscription uses it: budget and loaders are new for each event."""

    serving: Mapping[str, BoundProvider]
    loaders: DataLoaders
    cursor: str | None

    def renew(self) -> None:
        """Start the next event, with the providers that are configured now."""


@dataclass(frozen=True, kw_only=True)
class ActiveSubscription:
    """A client's subscription. `search` holds its filter and selection; its cursors are bound to `fingerprint`."""

    hub: SubscriptionHub
    listener: Listener
    search: Search
    fingerprint: str
    context: EventContext
    seal: Seal = OPEN

    async def calls(self) -> AsyncGenerator[Call | UpstreamError]:
        """Yield calls until the client stops listening, and the error of a provider in the place of what it fails on.

        Raises:
            SlowConsumer: Events arrive faster than the client takes them.
        """
        listener = self.listener
        self.hub.join(listener)
        try:
            while True:
                while (name := listener.next_backlog()) is not None:
                    async with aclosing(self._read_backlog(name)) as backlog:
                        async for missed_call in backlog:
                            self._mark()
                            yield missed_call
                while listener.failures:
                    self._mark()
                    yield listener.failures.popleft()
                while listener.queue:
                    new_call = await self._prepare(listener.queue.popleft())
                    if new_call is not None:
                        self._mark()
                        yield new_call
                if listener.is_too_slow:
                    raise SlowConsumer(write_watermarks(listener.watermarks, self.fingerprint, self.seal))
                await listener.wait()
        finally:
            self.hub.leave(listener)

    async def _prepare(self, event: EndedCall) -> Call | UpstreamError | None:
        """Return the event's call for this client, None if its filter excludes it, or the error that hides whether it does."""
        self.context.renew()
        serving = self.context.serving.get(event.call.provider_name)
        call = await self._filtered_copy(serving, event.call) if serving else None
        self.listener.advance(event)
        return await self._hydrated(serving, call) if serving and isinstance(call, Call) else call

    async def _filtered_copy(self, serving: BoundProvider, call: Call) -> Call | UpstreamError | None:
        """Return a copy of the call if it passes the filter. Waits if an upstream that the filter needs is unavailable."""
        while True:
            own_copy = copy(call)
            own_copy.held = dict(call.held)
            try:
                return own_copy if await replace(self.search, loaders=self.context.loaders).residual(serving)([own_copy]) else None
            except RequestError:
                raise
            except Exception as error:
                fault = fault_of(error, serving.id)
                if not fault.retryable:  # it would be met again however often it is tried
                    return fault
            await asyncio.sleep(self.hub.settings.poll_interval)
            self.context.renew()

    async def _hydrated(self, serving: BoundProvider, call: Call) -> Call:
        await self.context.loaders.hydrate(serving, Call, [call], self.search.select)
        return call

    def _mark(self) -> None:
        """Write the cursor of the next event."""
        self.context.cursor = write_watermarks(self.listener.watermarks, self.fingerprint, self.seal)

    async def _read_backlog(self, name: str) -> AsyncGenerator[Call | UpstreamError]:
        """Yield the calls that ended since the client's last event. After a failure, retry after the next successful poll."""
        listener, poller = self.listener, self.hub.pollers.get(name)
        backlog = listener.backlogs[name]
        if poller is None:
            return
        lateness = self.hub.settings.allowed_lateness
        complete_until = micros(self.hub.now() - lateness)
        try:
            async with aclosing(read_ended_calls(self._stream_opener(name, backlog), self.hub.context.new_budget)) as calls:
                async for call in calls:
                    end = micros(end_time(call) or call.started_at)
                    if end < backlog.since or call.native_id in backlog.sent:
                        continue
                    backlog.sent.add(call.native_id)
                    listener.watermarks[name] = max(backlog.since, min(end, complete_until))
                    self.context.renew()
                    if name not in self.context.serving:
                        listener.retry_backlog(name)
                        return
                    yield await self._hydrated(poller.serving, call)
        except RequestError:
            raise
        except Exception as error:
            listener.retry_backlog(name)
            fault = fault_of(error, name)
            if not fault.retryable and not backlog.failed:
                backlog.failed.append(fault)
                yield fault
        else:
            listener.finish_backlog(name, poller.seen)

    def _stream_opener(self, name: str, backlog: Backlog) -> Callable[[Position | None], Stream]:
        serving = self.hub.servings[name]
        since = Position(micros(moment(backlog.since) - self.hub.context.max_record_age(serving)), "", "")
        until = Position(micros(self.hub.now() + CLOCK_DRIFT), "", "")

        def open_stream(after: Position | None) -> Stream:
            search = replace(self.search, after=after or since, before=until, loaders=DataLoaders(), size=PAGE, most_slices=NO_LIMIT)
            return search.stream(serving)

        return open_stream
