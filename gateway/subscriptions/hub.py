"""Following: all feeds and all who listen; a feed runs as long as somebody wants its provider."""

import asyncio
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime

from telegraphql.gateway.pagination.bound_provider import BoundProvider
from telegraphql.gateway.pagination.cursor import micros
from telegraphql.gateway.plugin.selection import NOTHING, Selection
from telegraphql.gateway.subscriptions.listener import Event, Listener
from telegraphql.gateway.subscriptions.poller import Feed, Feeding, Means
from telegraphql.gateway.subscriptions.settings import SubscriptionSettings
from telegraphql.gateway.upstream.request_budget import RequestBudget
from telegraphql.schema.call import Call


def utcnow() -> datetime:
    """The moment it is."""
    return datetime.now(UTC)


@dataclass(eq=False)
class Following:
    """The listeners of one gateway. `limits` is the pattern of the operations in which it asks."""

    servings: Mapping[str, BoundProvider] = field(default_factory=dict)
    settings: SubscriptionSettings = field(default_factory=SubscriptionSettings)
    limits: RequestBudget = field(default_factory=RequestBudget)
    now: Callable[[], datetime] = utcnow
    feeding: Feeding = field(default_factory=Feeding)
    means: Means = field(init=False)
    feeds: dict[str, Feed] = field(default_factory=dict)
    listeners: set[Listener] = field(default_factory=set)
    _tasks: dict[str, asyncio.Task[None]] = field(default_factory=dict)
    _ending: set[asyncio.Task[None]] = field(default_factory=set)
    _selection: Selection = NOTHING

    def __post_init__(self) -> None:
        self.means = self._means()

    def join(self, listener: Listener) -> None:
        """Tell this one from now on."""
        self.listeners.add(listener)
        # Only ever more, until nobody is left: what an answer can hold besides costs next to nothing.
        self._selection = self._selection.plus(listener.select)
        self._refresh()
        for name, feed in self.feeds.items():
            if listener.wants(name):
                listener.marks.setdefault(name, feed.mark)
                if feed.ready:
                    listener.looked(name)

    def leave(self, listener: Listener) -> None:
        """Tell it no more; a feed without listeners ends."""
        self.listeners.discard(listener)
        if not self.listeners:
            self._selection = NOTHING
        self._refresh()

    def adopt(self, other: "Following") -> None:
        """Go on with another's configuration. A feed whose provider is still the same goes on from where it was."""
        self.servings, self.settings, self.limits = other.servings, other.settings, other.limits
        self.means, self.feeding = self._means(), other.feeding
        self._refresh()

    async def aclose(self) -> None:
        """End all feeds."""
        self.listeners.clear()
        self._refresh()
        await asyncio.gather(*self._ending, return_exceptions=True)

    def _means(self) -> Means:
        return Means(
            settings=self.settings,
            operation=lambda: replace(self.limits.anew(), fresh=True),
            now=lambda: self.now(),
            selection=lambda: self._selection,
        )

    def _refresh(self) -> None:
        wanted = {name for name in self.servings if self._followable(name) and any(each.wants(name) for each in self.listeners)}
        for name in self.feeds.keys() - wanted:
            self._end(name)
        for name in wanted:
            self._serve(name, self.servings[name])

    def _followable(self, name: str) -> bool:
        return Call in self.servings[name].declared.listings

    def _serve(self, name: str, serving: BoundProvider) -> None:
        feed = self.feeds.get(name)
        if feed is not None and self._is_the_same(feed, serving):
            feed.serving = serving
            return
        if feed is not None:
            self._end(name)
        feed = self.feeds[name] = self.feeding.feed(serving=serving, means=self.means, news=self._tell, looked=self._looked)
        self._tasks[name] = asyncio.get_running_loop().create_task(feed.run(), name=f"following {name}")

    def _is_the_same(self, feed: Feed, serving: BoundProvider) -> bool:
        return feed.means.settings == self.settings and _same(feed.serving, serving) and self.feeding.goes_on(feed)

    def _end(self, name: str) -> None:
        del self.feeds[name]
        task = self._tasks.pop(name)
        task.cancel()
        self._ending.add(task)
        task.add_done_callback(self._ending.discard)

    def _tell(self, feed: Feed, call: Call, end: int) -> None:
        marks = {name: each.mark for name, each in self.feeds.items()}
        marks[feed.serving.name] = min(feed.mark, end)
        event = Event(call, marks)
        for listener in self.listeners:
            # The first look of a feed cannot tell what was there before from what is new.
            if feed.ready or end >= micros(listener.begun):
                listener.offer(event)

    def _looked(self, feed: Feed) -> None:
        for listener in self.listeners:
            listener.looked(feed.serving.name)


def _same(one: BoundProvider, other: BoundProvider) -> bool:
    return type(one.provider) is type(other.provider) and bool(one.provider.settings == other.provider.settings)
