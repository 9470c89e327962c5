"""The subscription hub: all pollers and all listeners; a poller runs as long as a listener needs its provider."""

import asyncio
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime

from telegraphql.gateway.errors import UpstreamError
from telegraphql.gateway.pagination.bound_provider import BoundProvider
from telegraphql.gateway.pagination.cursor import micros
from telegraphql.gateway.plugin.selection import NOTHING, Selection
from telegraphql.gateway.subscriptions.listener import EndedCall, Listener
from telegraphql.gateway.subscriptions.poller import PollerContext, PollerFactory, ProviderPoller
from telegraphql.gateway.subscriptions.settings import SubscriptionSettings
from telegraphql.gateway.subscriptions.shared_polls import SharedPolls
from telegraphql.gateway.upstream.request_budget import RequestBudget
from telegraphql.schema.call import Call


def utcnow() -> datetime:
    """Return the current time, in UTC."""
    return datetime.now(UTC)


@dataclass(eq=False)
class SubscriptionHub:
    """The listeners of one gateway. `limits` is the template of each poll's request budget."""

    servings: Mapping[str, BoundProvider] = field(default_factory=dict)
    settings: SubscriptionSettings = field(default_factory=SubscriptionSettings)
    limits: RequestBudget = field(default_factory=RequestBudget)
    now: Callable[[], datetime] = utcnow
    poller_factory: PollerFactory = field(default_factory=PollerFactory)
    context: PollerContext = field(init=False)
    report_polls: SharedPolls = field(init=False)
    pollers: dict[str, ProviderPoller] = field(default_factory=dict)
    listeners: set[Listener] = field(default_factory=set)
    _tasks: dict[str, asyncio.Task[None]] = field(default_factory=dict)
    _cancelled_tasks: set[asyncio.Task[None]] = field(default_factory=set)
    _selection: Selection = NOTHING

    def __post_init__(self) -> None:
        self.context, self.report_polls = self._make_context(), SharedPolls(self.settings.poll_interval)

    def join(self, listener: Listener) -> None:
        """Send events to a listener from now on."""
        self.listeners.add(listener)
        # The selection only grows until no listener is left: unneeded fields of a response cost almost nothing.
        self._selection = self._selection.plus(listener.select)
        self._refresh()
        for name, poller in self.pollers.items():
            if listener.includes(name):
                listener.watermarks.setdefault(name, poller.watermark)
                if poller.is_ready:
                    listener.provider_polled(name)

    def leave(self, listener: Listener) -> None:
        """Stop sending events to a listener. A poller without listeners ends."""
        self.listeners.discard(listener)
        if not self.listeners:
            self._selection = NOTHING
        self._refresh()

    def adopt(self, other: "SubscriptionHub") -> None:
        """Continue with another hub's configuration. A poller whose provider is unchanged keeps running."""
        self.servings, self.settings, self.limits = other.servings, other.settings, other.limits
        self.context, self.poller_factory, self.report_polls = self._make_context(), other.poller_factory, other.report_polls
        self._refresh()

    async def aclose(self) -> None:
        """End all pollers."""
        self.listeners.clear()
        self._refresh()
        await asyncio.gather(*self._cancelled_tasks, return_exceptions=True)

    def _make_context(self) -> PollerContext:
        return PollerContext(
            settings=self.settings,
            new_budget=lambda: replace(self.limits.anew(), fresh=True),
            now=lambda: self.now(),
            selection=lambda: self._selection,
        )

    def _refresh(self) -> None:
        needed = {name for name in self.servings if self._has_calls(name) and any(each.includes(name) for each in self.listeners)}
        for name in self.pollers.keys() - needed:
            self._end(name)
        for name in needed:
            self._ensure_poller(name, self.servings[name])

    def _has_calls(self, name: str) -> bool:
        return Call in self.servings[name].declared.listings

    def _ensure_poller(self, name: str, serving: BoundProvider) -> None:
        poller = self.pollers.get(name)
        if poller is not None and self._can_keep(poller, serving):
            poller.serving = serving
            return
        if poller is not None:
            self._end(name)
        poller = self.pollers[name] = self.poller_factory.create(
            serving=serving, context=self.context, on_call=self._on_call, on_poll=self._on_poll, on_failure=self._on_failure
        )
        self._tasks[name] = asyncio.get_running_loop().create_task(poller.run(), name=f"poll {name}")

    def _can_keep(self, poller: ProviderPoller, serving: BoundProvider) -> bool:
        return (
            poller.context.settings == self.settings
            and _is_same_provider(poller.serving, serving)
            and self.poller_factory.can_reuse(poller)
        )

    def _end(self, name: str) -> None:
        del self.pollers[name]
        task = self._tasks.pop(name)
        task.cancel()
        self._cancelled_tasks.add(task)
        task.add_done_callback(self._cancelled_tasks.discard)

    def _on_call(self, poller: ProviderPoller, call: Call, end: int) -> None:
        watermarks = {name: each.watermark for name, each in self.pollers.items()}
        watermarks[poller.serving.id] = min(poller.watermark, end)
        event = EndedCall(call, watermarks)
        for listener in self.listeners:
            # A poller's first poll cannot tell existing calls from new ones.
            if poller.is_ready or end >= micros(listener.joined_at):
                listener.offer(event)

    def _on_failure(self, poller: ProviderPoller, error: UpstreamError) -> None:
        for listener in self.listeners:
            listener.provider_failed(poller.serving.id, error)

    def _on_poll(self, poller: ProviderPoller) -> None:
        for listener in self.listeners:
            listener.provider_polled(poller.serving.id)


def _is_same_provider(one: BoundProvider, other: BoundProvider) -> bool:
    return type(one.provider) is type(other.provider) and bool(one.provider.settings == other.provider.settings)
