"""Memory: a provider without an upstream, in every page style, for the gateway's own tests."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

import httpx

from gateway.numbers import Numbering
from gateway.provider import SECOND, Ask, Join, Keyset, Page, Provider, Push, Settings, Wanted, Windows, derives, gets, lists
from gateway.serving import Serving
from gateway.upstream import Upstream
from schema.call import Call
from schema.record import Record
from schema.recording import Recording
from schema.session import Session


@dataclass
class Store:
    """The truth, and what was asked of it."""

    calls: list[Call] = field(default_factory=list)
    recordings: list[Recording] = field(default_factory=list)
    asked: list[Any] = field(default_factory=list)
    failure: Exception | None = None
    inclusive: bool = True


class Offline(Settings):
    """No upstream."""

    base_url: str = "http://127.0.0.1:9"
    page_size: int | None = None


class Memory(Provider):
    """Sorted, bounded and paged like most upstreams; ties come in the order of the store."""

    plugin = "memory"
    settings_type = Offline
    store: Store

    def _slice(self, records: Sequence[Any], ask: Ask) -> Page:
        self.store.asked.append(ask)
        if self.store.failure:
            raise self.store.failure
        found = [each for each in records if self._bounded(each, ask)]
        found.sort(key=lambda each: each.started_at, reverse=ask.newest_first)
        part = found[ask.offset : ask.offset + ask.size]
        return Page(records=part, read=len(part), total=len(found) if ask.count else None)

    def _bounded(self, record: Any, ask: Ask) -> bool:
        at = record.started_at
        if self.store.inclusive:
            return (ask.since is None or at >= ask.since) and (ask.until is None or at <= ask.until)
        return (ask.since is None or at > ask.since) and (ask.until is None or at < ask.until)

    @lists(Call, pages=Keyset(most=100), counts=True, filters={"startedAt": Push.EXACT}, joins={"session": Join()})
    async def calls(self, ask: Ask) -> Page:
        """Calls."""
        return self._slice(self.store.calls, ask)

    @lists(Recording, pages=Keyset(most=100), joins={"call": Join(after=timedelta(hours=1))})
    async def recordings(self, ask: Ask) -> Page:
        """Recordings."""
        return self._slice(self.store.recordings, ask)

    @gets(Call, at_most=10)
    async def calls_by_id(self, wanted: Wanted) -> Page:
        """Calls by id."""
        self.store.asked.append(wanted)
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
            derived=True,
            held={"calls": list(parts)},
        )


class Unpaged(Memory):
    """The same, read in time windows: neither sorted nor paged."""

    plugin = "unpaged"

    @lists(Call, pages=Windows(), joins={"session": Join()})
    async def calls(self, ask: Ask) -> Page:
        """Calls."""
        self.store.asked.append(ask)
        if self.store.failure:
            raise self.store.failure
        found = [call for call in self.store.calls if self._bounded(call, ask)]
        return Page(records=found, read=len(found))


def serving(name: str, plugin: type[Memory], store: Store, **settings: Any) -> Serving:
    """A provider over a store."""
    upstream = Upstream(httpx.AsyncClient(), "http://127.0.0.1:9")
    provider = plugin(name, plugin.settings_type(session_span=timedelta(minutes=30), **settings), upstream, Numbering("CH"))
    upstream.provider = provider
    provider.store = store
    return Serving.of(provider)


TICK = SECOND
