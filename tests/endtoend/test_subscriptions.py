"""A call that is added to a simulated upstream arrives at a subscriber, over a real connection, with what it selects."""

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from typing import Any

import pytest
from websockets.asyncio.client import ClientConnection, connect
from websockets.typing import Subprotocol

from tests.endtoend.conftest import Make
from tests.endtoend.world import World
from tests.gateway.subscriptions.subscribers import eventually

PLUGINS = ("boxis", "portsip", "voipstudio", "voximplant")
PATIENCE = 60
THOUSAND, CONNECTIONS = 1000, 20
POLL = 0.2
ENDED = "subscription ($after: String, $filter: CallFilter) { callEnded(after: $after, filter: $filter) { cursor call %s } }"
FIELDS = "{ nativeId endedAt cost { amount } provider { name } session { nativeId } recordings { nativeId } native }"


@pytest.fixture(scope="module")
def busy(make: Make) -> World:
    """A gateway that looks often."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("TELEGRAPHQL_SUBSCRIPTIONS__POLL_INTERVAL", f"{POLL}s")
        return make(records=60, now=None)


@asynccontextmanager
async def _connected(world: World) -> AsyncIterator[ClientConnection]:
    address = world.url.replace("http", "ws") + "/graphql"
    async with connect(address, subprotocols=[Subprotocol("graphql-transport-ws")]) as socket:
        await socket.send(json.dumps({"type": "connection_init"}))
        assert json.loads(await socket.recv()) == {"type": "connection_ack"}
        yield socket


@asynccontextmanager
async def subscribed(world: World, fields: str = FIELDS, **variables: Any) -> AsyncIterator[Any]:
    """A subscription over graphql-transport-ws; yields how to hear its next message."""
    async with _connected(world) as socket:
        payload = {"query": ENDED % fields, "variables": variables}
        await socket.send(json.dumps({"id": "1", "type": "subscribe", "payload": payload}))

        async def heard() -> Any:
            return json.loads(await asyncio.wait_for(socket.recv(), PATIENCE))["payload"]

        yield heard


async def _ready(world: World) -> None:
    """Wait for the first look at each provider."""
    feeds = world.engine.subscription_hub.pollers
    await eventually(lambda: bool(feeds) and all(feed.is_ready for feed in feeds.values()))


async def _silent(world: World) -> None:
    """Wait until nobody is looked at any more."""
    await eventually(lambda: not world.engine.subscription_hub.pollers)


@pytest.mark.parametrize("plugin", PLUGINS)
async def test_a_call_that_is_added_arrives_with_what_is_selected_and_with_a_cursor(busy: World, plugin: str) -> None:
    async with subscribed(busy, filter={"providers": [plugin]}) as heard:
        await _ready(busy)
        busy.upstreams[plugin].add("calls")
        payload = await heard()
    found = payload["data"]["callEnded"]["call"]
    assert "errors" not in payload
    assert found["provider"] == {"name": plugin}
    assert found["endedAt"] is not None
    assert found["native"] is not None
    assert payload["data"]["callEnded"]["cursor"]
    listed = busy.ask(f"query ($of: CallFilter) {{ calls(first: 20, filter: $of) {{ nodes {FIELDS} }} }}", of={"providers": [plugin]})
    assert found in listed["calls"]["nodes"]


async def test_what_comes_while_a_client_is_away_is_sent_when_it_resumes(busy: World) -> None:
    async with subscribed(busy) as heard:
        await _ready(busy)
        busy.upstreams["voipstudio"].add("calls")
        first = await heard()
    await _silent(busy)
    for plugin in PLUGINS:
        busy.upstreams[plugin].add("calls")
    found: set[str] = set()
    async with subscribed(busy, after=first["data"]["callEnded"]["cursor"]) as heard:
        async with asyncio.timeout(PATIENCE):
            while not _all_newest(found, busy):
                found.add((await heard())["data"]["callEnded"]["call"]["nativeId"])


def _all_newest(found: set[str], world: World) -> bool:
    """Whether the newest call of each provider has been heard of."""
    lists = " ".join(f'{name}: calls(first: 1, filter: {{providers: ["{name}"]}}) {{ nodes {{ nativeId }} }}' for name in PLUGINS)
    return all(each["nodes"][0]["nativeId"] in found for each in world.ask(f"{{ {lists} }}").values())


async def test_one_provider_that_is_down_keeps_nobody_from_hearing_of_the_others(busy: World) -> None:
    async with subscribed(busy, "{ provider { name } }", filter={"providers": ["boxis", "portsip"]}) as heard:
        await _ready(busy)
        busy.upstreams["boxis"].misbehave(status=503)
        busy.upstreams["portsip"].add("calls")
        assert (await heard())["data"]["callEnded"]["call"] == {"provider": {"name": "portsip"}}
        busy.upstreams["boxis"].add("calls")
        busy.behave()
        assert (await heard())["data"]["callEnded"]["call"] == {"provider": {"name": "boxis"}}


async def test_a_cursor_of_a_list_is_not_one_of_a_subscription(busy: World) -> None:
    cursor = busy.ask("{ calls(first: 1) { pageInfo { endCursor } } }")["calls"]["pageInfo"]["endCursor"]
    async with subscribed(busy, after=cursor) as heard:
        (error,) = (await heard())["errors"]
    assert error["extensions"]["code"] == "BAD_CURSOR"


@pytest.mark.slow
async def test_a_thousand_subscribers_cost_a_provider_one_request_per_interval(busy: World) -> None:
    upstream = busy.upstreams["voipstudio"]
    await _silent(busy)
    async with AsyncExitStack() as stack:
        sockets = [await stack.enter_async_context(_connected(busy)) for _ in range(CONNECTIONS)]
        payload = {"query": ENDED % "{ nativeId }", "variables": {"filter": {"providers": ["voipstudio"]}}}
        for socket in sockets:
            for number in range(THOUSAND // CONNECTIONS):
                await socket.send(json.dumps({"id": f"{number}", "type": "subscribe", "payload": payload}))
        await eventually(lambda: len(busy.engine.subscription_hub.listeners) == THOUSAND)
        upstream.forget()
        begun = asyncio.get_running_loop().time()
        await eventually(lambda: len(upstream.journal()) >= 5)
        intervals = (asyncio.get_running_loop().time() - begun) / POLL
        assert len(upstream.journal()) <= intervals + 1
        added = str(upstream.add("calls")["id"])
        for socket in sockets:
            told: set[str] = set()
            while len(told) < THOUSAND // CONNECTIONS:
                message = json.loads(await asyncio.wait_for(socket.recv(), PATIENCE))
                # Calls of the tests before may end meanwhile.
                if message["payload"]["data"]["callEnded"]["call"]["nativeId"] == added:
                    assert message["id"] not in told
                    told.add(message["id"])
