"""Load: clients who read, walk, follow, download and leave, all at once, and what they heard."""

import asyncio
import json
import random
import time
from collections import Counter
from collections.abc import Awaitable, Callable
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlsplit

import httpx
from websockets.asyncio.client import connect
from websockets.exceptions import ConnectionClosed
from websockets.typing import Subprotocol

from tests.resilience.processes import graphql
from tests.resilience.secret_scan import Ears
from tests.resilience.simulated_gateway import NAMES

PAGE = """query ($first: Int, $after: String, $filter: CallFilter) { calls(first: $first, after: $after, filter: $filter) {
  nodes { id status startedAt durationSeconds from { number e164 } to { number e164 } native } totalCount
  pageInfo { endCursor hasNextPage } problems { provider { name } code message } } }"""
RELATED = """query ($first: Int, $filter: CallFilter) { calls(first: $first, filter: $filter) {
  nodes { id cost { amount } session { id calls { id } } recordings { id media { url sizeBytes } } queue { name } }
  problems { provider { name } code message } } }"""
OTHERS = """query ($first: Int) {
  recordings(first: $first) { nodes { id media { url } call { id } } problems { provider { name } code message } }
  sessions(first: $first) { nodes { id } problems { provider { name } code message } }
  queues { nodes { id name } problems { code message } }
  providers { name health { status lastProblem { code message } } } }"""
NODE = "query ($ids: [ID!]!) { nodes(ids: $ids) { id } }"
ENDED = "subscription { callEnded { cursor call { id } } }"
PATIENCE = 30.0


@dataclass(slots=True)
class Heard:
    """What all clients heard."""

    ears: Ears
    requests: int = 0
    problems: Counter[str] = field(default_factory=Counter)
    errors: Counter[str] = field(default_factory=Counter)
    statuses: Counter[int] = field(default_factory=Counter)
    seconds: list[float] = field(default_factory=list)
    bytes: int = 0
    ids: list[str] = field(default_factory=list)
    links: list[str] = field(default_factory=list)

    def answer(self, answer: httpx.Response, seconds: float) -> Any:
        """The body of an answer of GraphQL, taken down."""
        self.headers(answer)
        self.ears.hear(answer.text)
        self.seconds.append(seconds)
        body = answer.json()
        self._note(body)
        self.errors.update(each.get("extensions", {}).get("code", "NO_CODE") for each in body.get("errors", ()))
        return body.get("data") or {}

    def headers(self, answer: httpx.Response) -> None:
        """Its status and headers."""
        self.requests += 1
        self.statuses[answer.status_code] += 1
        self.ears.hear(str(answer.headers.multi_items()))

    def _note(self, body: Any) -> None:
        for name, value in body.items() if isinstance(body, dict) else ():
            if name == "problems":
                self.problems.update(f"{each.get('provider', '')} {each['code']}" for each in value)
            elif name == "id":
                self.ids = [*self.ids[-200:], value]
            elif name == "url":
                self.links = [*self.links[-200:], value]
            else:
                self._note(value)
        for each in body if isinstance(body, list) else ():
            self._note(each)


class Client:
    """Somebody who does one thing after the other until the time is over."""

    def __init__(self, url: str, heard: Heard, chance: random.Random) -> None:
        self.heard, self.chance, self.url = heard, chance, url
        self._client = httpx.AsyncClient(base_url=url, timeout=PATIENCE)

    async def run(self, until: float) -> None:
        """Ask and ask."""
        deeds: list[Callable[[], Awaitable[None]]] = [self.walk, self.walk, self.relate, self.relate, self.search, self.look]
        deeds += [self.fetch, self.download, self.follow, self.leave, self.watch]
        async with self._client:
            while time.monotonic() < until:
                await self.chance.choice(deeds)()

    async def ask(self, document: str, **variables: Any) -> Any:
        """The data of one answer."""
        start = time.perf_counter()
        answer = await self._client.post("/graphql", json=graphql(document, **variables))
        return self.heard.answer(answer, time.perf_counter() - start)

    def _some(self) -> dict[str, Any]:
        return {"providers": self.chance.sample(NAMES, self.chance.randint(1, 4))}

    async def walk(self) -> None:
        """A few pages, one after the other."""
        cursor, chosen, size = None, self._some(), self.chance.choice((5, 25, 100, 500))
        for _ in range(self.chance.randint(1, 4)):
            page = (await self.ask(PAGE, first=size, after=cursor, filter=chosen)).get("calls") or {}
            if not page.get("pageInfo", {}).get("hasNextPage"):
                return
            cursor = page["pageInfo"]["endCursor"]

    async def relate(self) -> None:
        """Calls with what hangs on them."""
        await self.ask(RELATED, first=self.chance.randint(1, 30), filter=self._some())

    async def search(self) -> None:
        """A selective search."""
        await self.ask(PAGE, first=10, filter=self._some() | {"talkSeconds": {"min": self.chance.choice((600, 100_000))}})

    async def look(self) -> None:
        """Other kinds, and how the providers are."""
        await self.ask(OTHERS, first=self.chance.randint(1, 20))
        for path in ("/readyz", "/metrics", "/nowhere", "/media/nonsense"):
            answer = await self._client.get(path)
            self.heard.headers(answer)
            self.heard.ears.hear(answer.text)

    async def fetch(self) -> None:
        """Records by their ids."""
        if self.heard.ids:
            await self.ask(NODE, ids=self.chance.sample(self.heard.ids, min(len(self.heard.ids), 5)))

    async def download(self) -> None:
        """A file, to its end or not."""
        if not self.heard.links:
            return
        headers = {"range": "bytes=0-99"} if self.chance.random() < 0.3 else {}
        with suppress(httpx.HTTPError):
            async with self._client.stream("GET", self.chance.choice(self.heard.links), headers=headers) as answer:
                self.heard.headers(answer)
                async for part in answer.aiter_bytes():
                    self.heard.bytes += len(part)
                    if self.chance.random() < 0.2:
                        return

    async def follow(self) -> None:
        """What ends, for a while."""
        with suppress(ConnectionClosed, TimeoutError, OSError):
            address = f"{self.url.replace('http', 'ws')}/graphql"
            async with connect(address, subprotocols=[Subprotocol("graphql-transport-ws")]) as socket:
                await socket.send(json.dumps({"type": "connection_init"}))
                await socket.recv()
                await socket.send(json.dumps({"id": "1", "type": "subscribe", "payload": graphql(ENDED)}))
                self.heard.requests += 1
                async with asyncio.timeout(self.chance.uniform(0.5, 4)):
                    async for message in socket:
                        self.heard.ears.hear(str(message))

    async def watch(self) -> None:
        """The same as events over HTTP."""
        with suppress(httpx.HTTPError, TimeoutError):
            async with asyncio.timeout(self.chance.uniform(0.5, 3)):
                asked = self._client.stream("POST", "/graphql", json=graphql(ENDED), headers={"accept": "text/event-stream"})
                async with asked as answer:
                    self.heard.headers(answer)
                    async for text in answer.aiter_text():
                        self.heard.ears.hear(text)

    async def leave(self) -> None:
        """Ask, and go away before the answer."""
        parts = urlsplit(self.url)
        _, writer = await asyncio.open_connection(parts.hostname, parts.port)
        body = json.dumps(graphql(RELATED, first=50)).encode()
        head = f"POST /graphql HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: {len(body)}\r\n\r\n"
        writer.write(head.encode() + body)
        await writer.drain()
        await asyncio.sleep(self.chance.uniform(0, 0.1))
        writer.close()
        with suppress(OSError):
            await writer.wait_closed()
