"""Places: a gateway over two providers whose upstreams answer from memory, asked in this process."""

from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
from starlette.types import ASGIApp

from telegraphql.gateway.config.settings import build_config
from telegraphql.gateway.http import app
from telegraphql.gateway.plugin.provider import Download, Keyset, ListRequest, Page, Push, files, lists
from telegraphql.gateway.plugin.registry import Plugins
from telegraphql.gateway.runtime import Runtime
from telegraphql.gateway.upstream.client import Answer, Request
from telegraphql.schema.call import Call
from telegraphql.schema.record import FileInfo
from telegraphql.schema.recording import Recording
from tests.support.memory_provider import Memory, Store
from tests.support.records import call, recording

SECRET = "s3cr3t-s3cr3t"
Handler = Callable[[httpx.Request], httpx.Response]
QUERY = "query Newest { calls(first: 2) { nodes { nativeId } problems { provider { name } code } } }"


class Asking(Memory):
    """Calls that cost a request each time, with the key in the query as the worst upstreams want it."""

    plugin = "asking"

    async def authorize(self, request: Request) -> None:
        """Sign."""
        request.params["api_key"] = SECRET

    def refusal(self, answer: Answer) -> None:
        """None of its own."""

    @lists(Call, pages=Keyset(most=100), filters={"direction": Push.EXACT, "status": Push.SUPERSET})
    async def calls(self, ask: ListRequest) -> Page:
        """Calls."""
        await self.upstream.ask(Request(operation="GetCalls", path="/calls", params={"until": str(ask.until)}))
        return await self._slice(self.store.calls, ask)

    @lists(Recording, pages=Keyset(most=100))
    async def recordings(self, ask: ListRequest) -> Page:
        """One recording."""
        return Page(records=[recording("r", 1, provider=self.name, files={"media": FileInfo()})], read=1)

    @files("Recording.media")
    async def media(self, native_id: str) -> Download:
        """Its sound."""
        return Download(request=Request(operation="GetFile", path=f"/{native_id}"))


@dataclass
class Place:
    """An engine, the app over it, and a client. `answers` is what the upstreams say to each request."""

    engine: Runtime
    app: ASGIApp
    client: httpx.AsyncClient
    seen: list[httpx.Request]

    async def ask(self, document: str = QUERY, headers: dict[str, str] | None = None, **rest: Any) -> httpx.Response:
        """The answer to a document."""
        return await self.client.post("/graphql", json={"query": document, **rest}, headers=headers)

    async def numbers(self) -> dict[str, float]:
        """What /metrics says, by name and labels."""
        answer = await self.client.get("/metrics")
        assert answer.status_code == 200
        lines = [line for line in answer.text.splitlines() if line and not line.startswith("#")]
        return {name: float(value) for name, value in (line.rsplit(" ", 1) for line in lines)}


def good(request: httpx.Request) -> httpx.Response:
    """All is well."""
    return httpx.Response(200, content=b"sound")


def engine(answers: Handler = good, names: tuple[str, ...] = ("a", "b"), **settings: Any) -> tuple[Runtime, list[httpx.Request]]:
    """Providers with twenty calls each, and the requests they will have sent."""
    limits = {"retry_wait": "0s", "breaker_failures": 100}
    providers = {name: {"plugin": "asking", "limits": limits} for name in names}
    made = Runtime.build(
        build_config({"providers": providers, "media": {"secret": "x" * 32}, **settings}, Path()), Plugins({"asking": Asking}, {})
    )
    seen: list[httpx.Request] = []

    def handle(request: httpx.Request) -> httpx.Response:
        seen.append(request)
        return answers(request)

    for name, serving in made.providers.items():
        provider: Any = serving.provider
        provider.store = Store([call(number, number, name) for number in range(20)])
        provider.upstream._sender._client = httpx.AsyncClient(transport=httpx.MockTransport(handle), trust_env=False)
    return made, seen


@asynccontextmanager
async def place(answers: Handler = good, **settings: Any) -> AsyncIterator[Place]:
    """A gateway."""
    made, seen = engine(answers, **settings)
    served = app.create_app(made)
    async with httpx.AsyncClient(transport=httpx.ASGITransport(served), base_url="http://127.0.0.1") as client:
        try:
            yield Place(made, served, client, seen)
        finally:
            made.instruments.close()
            await made.aclose()
