"""Patient: clients as they should be - what was cut off is asked again, a file from where it broke, events from the last cursor."""

import asyncio
import json
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass, field
from typing import Any

import httpx
from websockets.asyncio.client import connect
from websockets.exceptions import ConnectionClosed, InvalidHandshake
from websockets.typing import Subprotocol

from telegraphql.schema.node import read_global_id
from tests.resilience.processes import PATIENCE, graphql

Key = tuple[str, str]
PAGE = """query ($first: Int, $after: String, $order: TimeOrder) { calls(first: $first, after: $after, order: $order) {
  nodes { id } pageInfo { endCursor hasNextPage } problems { provider { name } code } } }"""
ENDED = "subscription ($after: String, $since: DateTime) { callEnded(after: $after, since: $since) { cursor call { id } } }"
# What a proxy says when the replica behind it has gone; so does one that has too much to do.
GONE = (502, 503, 504)
READING = 0.05


@dataclass(slots=True)
class Progress:
    """How much was answered, and how often it had to be asked again."""

    pages: int = 0
    walks: int = 0
    rows: int = 0
    repeated: int = 0
    begun: int = 0
    resumed: int = 0
    reconnected: int = 0
    over: bool = False
    _changed: asyncio.Condition = field(default_factory=asyncio.Condition)

    async def paged(self) -> None:
        """One page more."""
        async with self._changed:
            self.pages += 1
            self._changed.notify_all()

    async def more(self, number: int) -> None:
        """Wait for so many pages more."""
        wanted = self.pages + number
        async with asyncio.timeout(PATIENCE), self._changed:
            await self._changed.wait_for(lambda: self.pages >= wanted)


def key(id: str) -> Key:
    """Which record this is."""
    _, provider, native = read_global_id(id)
    return provider, native


@dataclass(frozen=True, slots=True)
class Walker:
    """Reads the whole list in pages of one size, again and again."""

    client: httpx.AsyncClient
    progress: Progress
    size: int
    order: str

    async def walks(self, check: Callable[[list[Key]], None]) -> None:
        """Walk until all is over; each walk is checked."""
        while not self.progress.over:
            found = [each async for each in self._walk()]
            check(found)
            self.progress.walks += 1
            self.progress.rows += len(found)

    async def _walk(self) -> AsyncIterator[Key]:
        cursor: str | None = None
        while True:
            page = await self.page(cursor)
            for node in page["nodes"]:
                yield key(node["id"])
            if not page["pageInfo"]["hasNextPage"]:
                return
            cursor = page["pageInfo"]["endCursor"]

    async def page(self, cursor: str | None = None) -> Any:
        """One page, asked for until it is there and whole."""
        async with asyncio.timeout(PATIENCE):
            while True:
                answer = await self._answer(graphql(PAGE, first=self.size, after=cursor, order=self.order))
                page = answer and answer["data"]["calls"]
                if page and not page["problems"]:
                    await self.progress.paged()
                    # Read, before the next is asked for: replicas that start need the processor, too.
                    await asyncio.sleep(READING)
                    return page
                self.progress.repeated += 1

    async def _answer(self, asked: Any) -> Any:
        try:
            answer = await self.client.post("/graphql", json=asked)
        except httpx.TransportError:
            return None
        return None if answer.status_code in GONE else answer.raise_for_status().json()


async def download(client: httpx.AsyncClient, link: str, progress: Progress, begin: int = 0) -> bytes:
    """A file from a byte on to its end; what was cut off goes on where it broke."""
    body = bytearray()
    async with asyncio.timeout(PATIENCE):
        while True:
            try:
                async with client.stream("GET", link, headers={"range": f"bytes={begin + len(body)}-"}) as answer:
                    if answer.status_code not in GONE:
                        assert answer.status_code == httpx.codes.PARTIAL_CONTENT
                        assert answer.headers["content-range"].startswith(f"bytes {begin + len(body)}-")
                        async for chunk in answer.aiter_raw():
                            progress.begun += not body
                            body += chunk
                        return bytes(body)
            except httpx.TransportError:
                progress.resumed += 1


@dataclass(slots=True)
class Follower:
    """Hears of calls that end; each connection goes on from the last cursor of the one before."""

    url: str
    progress: Progress
    since: str
    heard: set[Key] = field(default_factory=set)
    cursor: str | None = None
    _more: asyncio.Event = field(default_factory=asyncio.Event)

    async def follow(self, connected: Callable[[], AsyncIterator[Any]]) -> None:
        """Connect again and again."""
        while True:
            async for result in connected():
                self.heard.add(key(result["data"]["callEnded"]["call"]["id"]))
                self.cursor = result["data"]["callEnded"]["cursor"]
                self._more.set()
            self.progress.reconnected += 1
            await asyncio.sleep(0.05)

    async def has(self, wanted: set[Key]) -> None:
        """Wait until it has heard of all these."""
        async with asyncio.timeout(PATIENCE):
            while not wanted <= self.heard:
                self._more.clear()
                await self._more.wait()

    @property
    def asked(self) -> Any:
        """What it subscribes to now."""
        return graphql(ENDED, after=self.cursor, since=None if self.cursor else self.since)

    async def socket(self) -> AsyncIterator[Any]:
        """Results over one WebSocket, until it is closed."""
        address = f"{self.url.replace('http', 'ws')}/graphql"
        try:
            async with connect(address, subprotocols=[Subprotocol("graphql-transport-ws")]) as socket:
                await socket.send(json.dumps({"type": "connection_init"}))
                await socket.recv()
                await socket.send(json.dumps({"id": "1", "type": "subscribe", "payload": self.asked}))
                async for message in socket:
                    yield json.loads(message)["payload"]
        except (ConnectionClosed, InvalidHandshake):
            return

    async def events(self) -> AsyncIterator[Any]:
        """Results as server-sent events, until they end."""
        try:
            async with (
                httpx.AsyncClient(base_url=self.url, timeout=PATIENCE) as client,
                client.stream("POST", "/graphql", json=self.asked, headers={"accept": "text/event-stream"}) as answer,
            ):
                async for line in answer.aiter_lines():
                    if line.startswith("data: {"):
                        yield json.loads(line.removeprefix("data: "))
        except httpx.TransportError:
            return
