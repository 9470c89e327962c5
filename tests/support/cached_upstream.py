"""Keeping: a cache over an upstream that counts, with a clock that moves when it is told to."""

import asyncio
import json
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx
import msgspec

from telegraphql.gateway.errors import Unauthorized, UpstreamError
from telegraphql.gateway.upstream.cache import Cache, CacheSettings
from telegraphql.gateway.upstream.cashews_internals import MemoryBackend
from telegraphql.gateway.upstream.client import Answer, Request, Upstream
from telegraphql.gateway.upstream.request_budget import reading

ROWS = msgspec.json.Decoder(dict[str, Any])
NOW = 1_800_000_000.0
LONG_AGO = datetime.fromtimestamp(NOW, UTC) - timedelta(hours=2)
KEPT = {
    "present_ttl": "10s",
    "past_ttl": "100s",
    "past_after": "1h",
    "stale_if_error": "50s",
    "stale_while_revalidate": "30s",
}


class Clock:
    """A time that moves when it is told to."""

    def __init__(self) -> None:
        self.now = NOW

    def __call__(self) -> float:
        return self.now


class Server:
    """An upstream that counts what it is asked, and answers with its count and whose credentials asked; or as it is told to."""

    def __init__(self) -> None:
        self.asked = 0
        self.answer: Callable[[httpx.Request], httpx.Response] | None = None
        self.answering: Callable[[httpx.Request], Awaitable[httpx.Response]] | None = None
        self.gate: asyncio.Event | None = None

    async def __call__(self, request: httpx.Request) -> httpx.Response:
        self.asked += 1
        if self.answering is not None:
            return await self.answering(request)
        count = self.asked
        if self.gate is not None:
            await self.gate.wait()
        if self.answer is not None:
            return self.answer(request)
        return httpx.Response(200, content=json.dumps({"count": count, "key": request.headers["key"]}).encode())


class Account:
    """Credentials in a header, where no parameter shows them."""

    def __init__(self, name: str, key: str) -> None:
        self.id = name
        self.name, self.key = name, key

    async def authorize(self, request: Request) -> None:
        request.headers["key"] = self.key

    async def renew(self) -> None:
        raise Unauthorized("no")

    def refusal(self, answer: Answer) -> UpstreamError | None:
        return None


class Rig:
    """A server, a clock, a cache, and accounts."""

    def __init__(self, **settings: Any) -> None:
        self.server, self.clock = Server(), Clock()
        made = Cache.of(CacheSettings(**{**KEPT, **settings}))
        assert made is not None
        self.cache = made
        self.cache.clock = self.clock
        self.upstream = self.account()

    def account(self, name: str = "acme", key: str = "one") -> Upstream:
        """One account; its table in the configuration holds its key."""
        client = httpx.AsyncClient(transport=httpx.MockTransport(self.server), trust_env=False)
        made = Upstream(client, "https://upstream.example", cache=self.cache.for_account(name, {"key": key}))
        made.provider = Account(name, key)
        return made

    async def read(self, upstream: Upstream | None = None, path: str = "/calls", until: datetime | None = None, **more: Any) -> Any:
        """What is read; up to a time, where one is given."""
        with reading(until):
            return await (upstream or self.upstream).read(Request(operation="GetCalls", path=path, **more), ROWS)

    async def count(self, **how: Any) -> int:
        """The number of the answer."""
        found: int = (await self.read(**how))["count"]
        return found

    def fail(self, status: int = 503) -> None:
        """From now on."""
        self.server.answer = lambda request: httpx.Response(status)


def bounded(rig: Rig) -> MemoryBackend:
    backend = rig.cache.store.backend
    assert isinstance(backend, MemoryBackend)
    return backend


async def until_asked(rig: Rig, times: int) -> None:
    for _ in range(1000):
        if rig.server.asked >= times:
            return
        await asyncio.sleep(0)
    raise AssertionError("nobody asks")


async def renewed(rig: Rig) -> None:
    answers = rig.upstream._cache
    assert answers is not None
    await asyncio.gather(*answers._revalidating.values())
    await asyncio.sleep(0)
