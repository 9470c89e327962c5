"""graphql-ws and graphql-sse follow the calls of simulated upstreams, with keys: nothing is lost between two connections."""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from telegraphql.gateway.auth.api_keys import hash_key, new_key
from tests.clients.node import Program, running, said
from tests.clients.test_streams import BOTH, CONNECTED, address
from tests.endtoend.world import World, simulate, world
from tests.gateway.subscriptions.subscribers import eventually

PLUGINS = ["portsip", "voipstudio"]
DOCUMENT = "subscription ($after: String) { callEnded(after: $after) { cursor call { id provider { name } } } }"
REFUSED = "the API key or token is unknown, revoked or expired"


@dataclass(frozen=True)
class House:
    """A gateway over simulated upstreams, and the key of a caller."""

    world: World
    key: str

    def add(self, plugin: str) -> None:
        """A call that has just ended."""
        self.world.upstreams[plugin].add("calls")

    async def ready(self) -> None:
        """Wait for the first look at each provider."""
        feeds = self.world.engine.subscription_hub.pollers
        await eventually(lambda: bool(feeds) and all(feed.is_ready for feed in feeds.values()))

    async def silent(self) -> None:
        """Wait until nobody is looked at any more."""
        await eventually(lambda: not self.world.engine.subscription_hub.pollers)


@pytest.fixture
def house(tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    key, folder = new_key(), tmp_path_factory.mktemp("house")
    keys = {"desk": {"hash": hash_key(key), "scopes": ["read"]}}
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("TELEGRAPHQL_SUBSCRIPTIONS__POLL_INTERVAL", "200ms")
        patch.setenv("TELEGRAPHQL_CALLERS__KEYS", json.dumps(keys))
        with _made(folder) as made:
            yield House(made, key)


def _made(folder: Path) -> Any:
    return world(simulate(PLUGINS, records=40, now=None), folder)


def following(program: str, house: House, after: str | None = None, credentials: Mapping[str, str] | None = None) -> Any:
    """A client of `callEnded`."""
    given = {"X-API-Key": house.key} if credentials is None else credentials
    request = {"query": DOCUMENT, "variables": {"after": after}}
    return running(program, address(f"{house.world.url}/graphql", program), json.dumps(request), json.dumps(given))


async def heard(client: Program, count: int) -> list[Any]:
    """The next events."""
    return [(await client.next())["next"] for _ in range(count)]


async def new(client: Program, count: int, known: list[Any]) -> list[Any]:
    """The next events that are not known. What ended in the last minutes before the cursor comes once more."""
    found: list[Any] = []
    while len(found) < count:
        found += [event for event in await heard(client, 1) if not ids([event]) & ids(known)]
    return found


def providers(events: list[Any]) -> list[str]:
    return sorted(event["data"]["callEnded"]["call"]["provider"]["name"] for event in events)


def ids(events: list[Any]) -> set[str]:
    return {event["data"]["callEnded"]["call"]["id"] for event in events}


@BOTH
async def test_an_event_arrives_and_a_client_that_comes_back_with_its_last_cursor_has_lost_none(program: str, house: House) -> None:
    async with following(program, house) as client:
        assert await client.next() == CONNECTED
        await house.ready()
        house.add("voipstudio")
        first = await heard(client, 1)
    await house.silent()
    for plugin in PLUGINS:
        house.add(plugin)
    async with following(program, house, first[0]["data"]["callEnded"]["cursor"]) as client:
        assert await client.next() == CONNECTED
        missed = await new(client, 2, first)
        house.add("portsip")
        missed += await new(client, 1, first + missed)
    assert providers(missed) == ["portsip", "portsip", "voipstudio"]


@BOTH
@pytest.mark.parametrize("name", ["X-API-Key", "authorization"])
async def test_a_key_is_taken_by_either_name(program: str, name: str, house: House) -> None:
    given = {name: house.key if name == "X-API-Key" else f"Bearer {house.key}"}
    async with following(program, house, credentials=given) as client:
        assert await client.next() == CONNECTED
        await house.ready()
        house.add("portsip")
        assert providers(await heard(client, 1)) == ["portsip"]


async def test_a_wrong_key_closes_a_websocket_with_a_code_on_which_clients_give_up(house: House) -> None:
    async with following("sockets.mjs", house, credentials={"X-API-Key": new_key()}) as client:
        assert await client.rest() == [{"error": {"closed": 4401, "reason": f"UNAUTHENTICATED: {REFUSED}"}}]


async def test_a_wrong_key_is_refused_on_a_stream_of_events_with_a_status_on_which_clients_give_up(house: House) -> None:
    request = json.dumps({"query": DOCUMENT})
    told = await said("events.mjs", f"{house.world.url}/graphql", request, json.dumps({"X-API-Key": new_key()}))
    assert [each.get("status") for each in told] == [401]
