"""Memory: a provider without an upstream, in every page style, for the gateway's own tests."""

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

import httpx

from telegraphql.gateway.errors import RejectedInput, TooLarge
from telegraphql.gateway.pagination.bound_provider import BoundProvider
from telegraphql.gateway.pagination.cursor import time_of
from telegraphql.gateway.plugin.phone_numbers import Numbering
from telegraphql.gateway.plugin.provider import (
    GetRequest,
    Keyset,
    Links,
    ListRequest,
    Page,
    Provider,
    Push,
    Settings,
    TimeWindowJoin,
    Whole,
    Windows,
    derives,
    gets,
    lists,
)
from telegraphql.gateway.upstream.client import Upstream
from telegraphql.gateway.upstream.request_budget import within_deadline
from telegraphql.schema.call import Call
from telegraphql.schema.paging import Problem
from telegraphql.schema.record import Record
from telegraphql.schema.recording import Recording
from telegraphql.schema.session import Session


@dataclass
class Store:
    """The truth, what was asked of it, and how it misbehaves."""

    calls: list[Call] = field(default_factory=list)
    recordings: list[Recording] = field(default_factory=list)
    asked: list[Any] = field(default_factory=list)
    failure: Exception | None = None
    failing: dict[str, Exception] = field(default_factory=dict)
    problems: list[Problem] = field(default_factory=list)
    inclusive: bool = True
    latency: float = 0.0
    latencies: Sequence[float] = ()
    most_rows: int = 1_000_000
    meeting: asyncio.Barrier | None = None

    @property
    def asks(self) -> list[ListRequest]:
        """The slices that were asked for, counts left out."""
        return [each for each in self.asked if isinstance(each, ListRequest) and not each.count]

    @property
    def counts(self) -> list[ListRequest]:
        """The counts that were asked for."""
        return [each for each in self.asked if isinstance(each, ListRequest) and each.count]

    @property
    def wanted(self) -> list[GetRequest]:
        """The gets that were asked for."""
        return [each for each in self.asked if isinstance(each, GetRequest)]

    def fail(self, wanted: GetRequest) -> None:
        """Raise what stands for the first of the keys that cannot be got."""
        for key in wanted.keys:
            if key in self.failing:
                raise self.failing[key]

    async def answer(self, asked: Any) -> None:
        """Note what is asked; then wait for the others, be slow, and fail, as told."""
        self.asked.append(asked)
        if self.meeting:
            await asyncio.wait_for(self.meeting.wait(), 10)
        async with within_deadline():
            await asyncio.sleep(self.latencies[len(self.asked) % len(self.latencies)] if self.latencies else self.latency)
        if self.failure:
            raise self.failure


class Offline(Settings):
    """No upstream."""

    base_url: str = "http://127.0.0.1:9"
    page_size: int | None = None
    history_start: datetime | None = None


class Memory(Provider):
    """Sorted, bounded and paged like most upstreams; ties come in the order of the store."""

    plugin = "memory"
    contract_version = 1
    settings_type = Offline
    store: Store

    async def _slice(self, records: Sequence[Any], ask: ListRequest) -> Page:
        await self.store.answer(ask)
        found = [each for each in records if self._bounded(each, ask)]
        found.sort(key=time_of, reverse=ask.newest_first)
        part = found[ask.offset : ask.offset + ask.size]
        return Page(records=part, read=len(part), total=len(found) if ask.count else None, problems=list(self.store.problems))

    def _bounded(self, record: Any, ask: ListRequest) -> bool:
        at = time_of(record)
        if self.store.inclusive:
            return (ask.since is None or at >= ask.since) and (ask.until is None or at <= ask.until)
        return (ask.since is None or at > ask.since) and (ask.until is None or at < ask.until)

    @lists(Call, pages=Keyset(most=100), counts=True, filters={"startedAt": Push.EXACT}, joins={"session": TimeWindowJoin()})
    async def calls(self, ask: ListRequest) -> Page:
        """Calls."""
        return await self._slice(self.store.calls, ask)

    @lists(Recording, pages=Keyset(most=100), joins={"call": TimeWindowJoin(after=timedelta(hours=1))})
    async def recordings(self, ask: ListRequest) -> Page:
        """Recordings."""
        return await self._slice(self.store.recordings, ask)

    @gets(Call, at_most=10)
    async def calls_by_id(self, wanted: GetRequest) -> Page:
        """Calls by id."""
        await self.store.answer(wanted)
        self.store.fail(wanted)
        found = [call for call in self.store.calls if call.native_id in wanted.keys]
        return Page(records=found, read=len(found))

    @derives(Session, of=Call, by="session")
    def session(self, parts: Sequence[Record]) -> Session:
        """A session of legs."""
        head = parts[0]
        assert isinstance(head, Call)
        return Session(
            provider_name=self.name,
            native_id=head.refs["session"] or head.native_id,
            started_at=head.started_at,
            is_derived=True,
            held={"calls": list(parts)},
        )


class Singly(Memory):
    """Gets one call at a time, and some not at all."""

    plugin = "singly"

    @gets(Call)
    async def calls_by_id(self, wanted: GetRequest) -> Page:
        """A call."""
        return await super().calls_by_id(wanted)


class Unpaged(Memory):
    """The same, read in time windows: neither sorted nor paged, and refusing windows that hold too much."""

    plugin = "unpaged"

    @lists(Call, pages=Windows(), joins={"session": TimeWindowJoin()})
    async def calls(self, ask: ListRequest) -> Page:
        """Calls."""
        await self.store.answer(ask)
        found = [call for call in self.store.calls if self._bounded(call, ask)]
        if len(found) > self.store.most_rows:
            raise TooLarge("too much")
        return Page(records=found, read=len(found))


class Small(Memory):
    """The same, a collection without time bounds that is read to its end."""

    plugin = "small"
    contract_version = 1

    @lists(Call, pages=Whole(most=7))
    async def calls(self, ask: ListRequest) -> Page:
        """Calls."""
        await self.store.answer(ask)
        part = self.store.calls[ask.offset : ask.offset + ask.size]
        return Page(records=part, read=len(part))


class Linked(Memory):
    """The same, newest first only, each page with the token of the next."""

    plugin = "linked"
    # By how many seconds the upstream's own order differs from that of the times, by the id.
    lag: Callable[[str], int] = staticmethod(lambda native_id: 0)
    # True if tokens are refused from now on.
    has_expired = False
    # True if it sends no rows, but always another token.
    is_endless = False
    _sorted: Sequence[Call] = ()

    @lists(Call, pages=Links(most=1000), joins={"session": TimeWindowJoin()})
    async def calls(self, ask: ListRequest) -> Page:
        """Calls."""
        return await self._linked(ask)

    def _in_order(self) -> Sequence[Call]:
        if len(self._sorted) != len(self.store.calls):
            self._sorted = sorted(self.store.calls, key=self._place, reverse=True)
        return self._sorted

    def _place(self, record: Call) -> tuple[datetime, str]:
        return time_of(record) - timedelta(seconds=self.lag(record.native_id)), record.native_id

    async def _linked(self, ask: ListRequest) -> Page:
        assert ask.newest_first
        await self.store.answer(ask)
        if ask.next is not None and self.has_expired:
            raise RejectedInput("the token has expired")
        found = [call for call in self._in_order() if self._bounded(call, ask)]
        start = int(ask.next or 0)
        part = [] if self.is_endless else found[start : start + ask.size]
        following = str(start + ask.size) if self.is_endless or start + ask.size < len(found) else None
        return Page(records=part, read=len(part), next=following)


Handler = Callable[[httpx.Request], httpx.Response]


def nothing(request: httpx.Request) -> httpx.Response:
    """An upstream that has nothing to say."""
    return httpx.Response(500)


def serving(
    name: str, plugin: type[Memory], store: Store, handler: Handler = nothing, *, fills_pages: bool = True, **settings: Any
) -> BoundProvider:
    """Return a provider over a store; a handler answers what it sends all the same.

    `fills_pages`: its pages were seen to be as long as requested, as those of an account that has been read for a while."""
    upstream = Upstream(httpx.AsyncClient(transport=httpx.MockTransport(handler), trust_env=False), "http://127.0.0.1:9")
    chosen = {"session_span": timedelta(minutes=30), **settings}
    provider = plugin(name, plugin.settings_type(**chosen), upstream, Numbering("CH"))
    upstream.provider = provider
    provider.store = store
    bound = BoundProvider.of(provider)
    if fills_pages:
        for listing in bound.declared.listings.values():
            bound.discipline(listing).filled = 1_000_000
    return bound
