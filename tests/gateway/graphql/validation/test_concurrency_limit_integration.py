"""Too much at once: operations of the gateway, and operations of one connection."""

import asyncio
import json
import threading
from collections import Counter
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from itertools import islice
from pathlib import Path
from typing import Any

import httpx
import pytest
from websockets.asyncio.client import connect
from websockets.typing import Subprotocol

from telegraphql.gateway.auth.api_keys import hash_key
from telegraphql.gateway.config.settings import build_config
from telegraphql.gateway.http import app
from telegraphql.gateway.http.thread_server import serve_in_thread
from telegraphql.gateway.plugin.provider import Keyset, ListRequest, Page, lists
from telegraphql.gateway.plugin.registry import Plugins
from telegraphql.gateway.runtime import Runtime
from telegraphql.schema.call import Call
from tests.support.memory_provider import Memory, Store
from tests.support.records import call

CALLS = {"query": "{ calls { nodes { nativeId } } }"}
ANSWERED = {"calls": {"nodes": [{"nativeId": "1"}]}}


class Plain(Memory):
    """One call."""

    plugin = "plain"


class Held(Memory):
    """Waits for its upstream until it is told to go on; a chat, and what is cached, needs none."""

    plugin = "held"
    arrived: asyncio.Event
    leave: threading.Event

    @lists(Call, pages=Keyset(most=100))
    async def calls(self, ask: ListRequest) -> Page:
        """The call."""
        loop = asyncio.get_running_loop()

        def read() -> Any:
            loop.call_soon_threadsafe(self.arrived.set)
            return self.leave.wait(10)

        await self.upstream.run("GET /calls", read)
        return Page(records=[call("1", 1, "a")], read=1)


def made(plugin: str, limits: dict[str, int], keys: dict[str, Any] | None = None) -> Runtime:
    given = {
        "callers": {"keys": keys} if keys else {},
        "providers": {"a": {"plugin": plugin}},
        "server": {"startup_check": False},
        "limits": limits,
    }
    return Runtime.build(build_config(given, Path()), Plugins({"plain": Plain, "held": Held}, {}))


@asynccontextmanager
async def holding(limits: dict[str, int], keys: Sequence[str] = ()) -> AsyncIterator[tuple[httpx.AsyncClient, Any]]:
    """A gateway, and its provider."""
    engine = made("held", limits, {name: {"hash": hash_key(name)} for name in keys})
    provider: Any = engine.providers["a"].provider
    provider.arrived, provider.leave = asyncio.Event(), threading.Event()
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app.create_app(engine)), base_url="http://localhost") as client:
        yield client, provider
    provider.leave.set()
    await engine.aclose()


@pytest.fixture
async def held() -> AsyncIterator[tuple[httpx.AsyncClient, Any]]:
    """A gateway for one operation at once."""
    async with holding({"max_concurrency": 1, "max_queue": 0}) as made:
        yield made


async def test_what_needs_no_upstream_needs_no_place(held: tuple[httpx.AsyncClient, Any]) -> None:
    client, provider = held
    first = asyncio.create_task(client.post("/graphql", json=CALLS))
    await provider.arrived.wait()
    answer = await client.post("/graphql", json={"query": "{ viewer { name } providers { name } }"})
    assert answer.json()["data"] == {"viewer": {"name": "local"}, "providers": [{"name": "a"}]}
    provider.leave.set()
    assert (await first).json()["data"] == ANSWERED


async def test_one_caller_that_waits_for_a_hanging_provider_leaves_room_for_others() -> None:
    keys = {name: {"X-API-Key": name} for name in ("tgq_flood", "tgq_other")}
    async with holding({"max_queue_per_caller": 10}, list(keys)) as (client, provider):
        flood = [asyncio.create_task(client.post("/graphql", json=CALLS, headers=keys["tgq_flood"])) for _ in range(300)]
        await provider.arrived.wait()
        other = asyncio.create_task(client.post("/graphql", json=CALLS, headers=keys["tgq_other"]))
        refused = [await each for each in islice(asyncio.as_completed(flood), 240)]
        provider.leave.set()
        assert ((await other).status_code, (await other).json()["data"]) == (200, ANSWERED)
        statuses = Counter([(await each).status_code for each in flood])
        assert statuses == {200: 60, 503: 240}
    assert (
        refused[0].json()["errors"][0]["message"] == "50 operations of yours are executing and as many wait as may; try again in a moment"
    )


@pytest.mark.parametrize("accept", ["application/json", "application/graphql-response+json"])
async def test_one_operation_too_many_is_told_to_come_back(held: tuple[httpx.AsyncClient, Any], accept: str) -> None:
    client, provider = held
    first = asyncio.create_task(client.post("/graphql", json=CALLS))
    await provider.arrived.wait()
    refused = await client.post("/graphql", json=CALLS, headers={"accept": accept})
    assert (refused.status_code, refused.headers["retry-after"]) == (503, "1")
    assert refused.json()["errors"] == [
        {
            "message": "1 operations are executing and 0 wait; try again in a moment",
            "extensions": {"code": "OVERLOADED", "retryable": True, "retryAfter": 1},
        }
    ]
    provider.leave.set()
    assert (await first).json()["data"] == ANSWERED


async def test_a_document_that_is_refused_takes_no_place(held: tuple[httpx.AsyncClient, Any]) -> None:
    client, provider = held
    first = asyncio.create_task(client.post("/graphql", json=CALLS))
    await provider.arrived.wait()
    wrong = await client.post("/graphql", json={"query": "{ nothing }"})
    assert wrong.json()["errors"][0]["extensions"] == {"code": "GRAPHQL_VALIDATION_FAILED"}
    provider.leave.set()
    await first


async def test_a_connection_has_so_many_operations_at_once() -> None:
    engine = made("plain", {"operations_per_websocket": 1})
    provider: Any = engine.providers["a"].provider
    provider.store = Store([call("1", 1, "a")], latency=0.2)
    with serve_in_thread(app.create_app(engine)) as address:
        async with connect(address.replace("http", "ws") + "/graphql", subprotocols=[Subprotocol("graphql-transport-ws")]) as socket:
            await socket.send(json.dumps({"type": "connection_init"}))
            for id in ("1", "2"):
                await socket.send(json.dumps({"id": id, "type": "subscribe", "payload": CALLS}))
            heard = [json.loads(await asyncio.wait_for(socket.recv(), 10)) for _ in range(4)]
    assert [(each["type"], each.get("id")) for each in heard] == [
        ("connection_ack", None),
        ("error", "2"),
        ("next", "1"),
        ("complete", "1"),
    ]
    ((error,), data) = heard[1]["payload"], heard[2]["payload"]["data"]
    assert (error["extensions"], data) == ({"code": "TOO_MANY_OPERATIONS"}, ANSWERED)
    assert "(limits.operations_per_websocket)" in error["message"]
