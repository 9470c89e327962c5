"""Too much at once: operations of the gateway, and operations of one connection."""

import asyncio
import json
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import httpx
import pytest
from websockets.asyncio.client import connect
from websockets.typing import Subprotocol

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
    """Answers when it is told to."""

    plugin = "held"
    arrived: asyncio.Event
    leave: asyncio.Event

    @lists(Call, pages=Keyset(most=100))
    async def calls(self, ask: ListRequest) -> Page:
        """The call."""
        self.arrived.set()
        await self.leave.wait()
        return Page(records=[call("1", 1, "a")], read=1)


def made(plugin: str, limits: dict[str, int]) -> Runtime:
    given = {"providers": {"a": {"plugin": plugin}}, "server": {"startup_check": False}, "limits": limits}
    return Runtime.build(build_config(given, Path()), Plugins({"plain": Plain, "held": Held}, {}))


@pytest.fixture
async def held() -> AsyncIterator[tuple[httpx.AsyncClient, Any]]:
    """A gateway for one operation at once, and its provider."""
    engine = made("held", {"max_concurrency": 1, "max_queue": 0})
    provider: Any = engine.providers["a"].provider
    provider.arrived, provider.leave = asyncio.Event(), asyncio.Event()
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app.create_app(engine)), base_url="http://localhost") as client:
        yield client, provider
    await engine.aclose()


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
