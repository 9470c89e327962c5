"""Lifecycle: the gateway starts whatever the upstreams do, says how they are, and ends without dropping anybody."""

import asyncio
import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
import pytest
from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed
from websockets.typing import Subprotocol

from telegraphql import __version__
from telegraphql.gateway import sandbox_servers
from telegraphql.gateway.plugin.sandbox import Sandbox
from telegraphql.schema.node import global_id
from tests.endtoend.world import simulate
from tests.resilience.processes import PATIENCE, Gate, Gateway, gated, graphql, serving, until
from tests.resilience.simulated_gateway import NAMES
from tests.support.clock import NOW

pytestmark = pytest.mark.slow
CALLS = '{ calls(first: 20, filter: {providers: ["boxis"]}) { nodes { id } problems { code } } }'
RECORDINGS = '{ recordings(first: 1, filter: {providers: ["voipstudio"]}) { nodes { media { url } } } }'
PROGRESS = "subscription ($id: ID!) { reportProgress(id: $id) { report { status } } }"
LEAVING = {"TELEGRAPHQL_SERVER__DRAIN_DELAY": "1.5s", "TELEGRAPHQL_SERVER__SHUTDOWN_TIMEOUT": "20s", "TELEGRAPHQL_LIMITS__DEADLINE": "20s"}
SHORT = {
    "TELEGRAPHQL_SERVER__DRAIN_DELAY": "0s",
    "TELEGRAPHQL_SERVER__SHUTDOWN_TIMEOUT": "1s",
    "TELEGRAPHQL_SERVER__STARTUP_CHECK": "false",
}


@dataclass(frozen=True, slots=True)
class Scene:
    """A gateway over upstreams that can be held up."""

    gateway: Gateway
    gates: dict[str, Gate]
    made: dict[str, Sandbox]

    def shut(self, *names: str) -> None:
        for name in names:
            self.gates[name].waiting = 0
            self.gates[name].is_open.clear()

    def open(self) -> None:
        for gate in self.gates.values():
            gate.is_open.set()


@pytest.fixture
def scene(tmp_path: Path) -> Iterator[Scene]:
    with played(simulate(records=40, now=NOW), tmp_path, LEAVING) as found:
        yield found


@pytest.fixture
def scene_of_one(tmp_path: Path) -> Iterator[Scene]:
    """With a short grace."""
    with played(simulate(["boxis"], records=5, now=NOW), tmp_path, LEAVING | SHORT) as found:
        yield found


@contextmanager
def played(made: dict[str, Sandbox], folder: Path, environment: dict[str, str]) -> Iterator[Scene]:
    gates = gated(made)
    with sandbox_servers.run_sandboxes(list(made.values()), 0):
        sandbox_servers.write_sandbox_config(list(made.values()), folder / "telegraphql.toml")
        with serving(folder / "telegraphql.toml", **environment) as gateway:
            yield Scene(gateway, gates, made)
            for gate in gates.values():
                gate.is_open.set()


def states(gateway: Gateway) -> dict[str, Any]:
    found: dict[str, Any] = gateway.ready().json()["providers"]
    return found


def test_it_starts_though_all_upstreams_are_down_and_says_so(tmp_path: Path) -> None:
    made = list(simulate(records=5, now=NOW).values())
    with sandbox_servers.run_sandboxes(made, 0):
        sandbox_servers.write_sandbox_config(made, tmp_path / "telegraphql.toml")
    with serving(tmp_path / "telegraphql.toml", TELEGRAPHQL_SERVER__DRAIN_DELAY="0s") as gateway:
        assert gateway.ready().status_code == httpx.codes.OK
        until(lambda: all(each["up"] is False for each in states(gateway).values()))
        assert {each["lastProblem"] for each in states(gateway).values()} == {"UNAVAILABLE"}
        assert {each["lastSuccessAt"] for each in states(gateway).values()} == {None}
        assert httpx.get(f"{gateway.url}/healthz").json() == {"status": "ok", "version": __version__}
        gateway.terminate()
        assert gateway.process.wait(PATIENCE) == 0


def test_an_idle_gateway_learns_how_the_upstreams_are_from_one_question_each(scene: Scene) -> None:
    until(lambda: all(each["up"] is True for each in states(scene.gateway).values()))
    assert sorted(states(scene.gateway)) == sorted(NAMES)
    assert all(each["lastSuccessAt"] and each["lastProblem"] is None for each in states(scene.gateway).values())
    # Signing in comes first where it is a request of its own.
    assert all(1 <= len(sandbox.journal) <= 2 for sandbox in scene.made.values())


def test_it_does_not_wait_for_upstreams_that_hang(tmp_path: Path) -> None:
    made = simulate(records=5, now=NOW)
    gates = gated(made)
    with sandbox_servers.run_sandboxes(list(made.values()), 0):
        sandbox_servers.write_sandbox_config(list(made.values()), tmp_path / "telegraphql.toml")
        for gate in gates.values():
            gate.is_open.clear()
        with serving(tmp_path / "telegraphql.toml", TELEGRAPHQL_SERVER__DRAIN_DELAY="0s") as gateway:
            assert gateway.ready().status_code == httpx.codes.OK
            until(lambda: all(gate.waiting for gate in gates.values()))
            assert {each["up"] for each in states(gateway).values()} == {None}
            gateway.terminate()
            assert gateway.process.wait(PATIENCE) == 0
        for gate in gates.values():
            gate.is_open.set()


async def test_what_is_under_way_is_answered_whole_and_then_it_ends(scene: Scene) -> None:
    url = scene.gateway.url
    async with httpx.AsyncClient(base_url=url, timeout=PATIENCE) as client:
        until(lambda: all(each["up"] is True for each in states(scene.gateway).values()))
        expected = (await client.post("/graphql", json=graphql(CALLS))).json()
        media = (await client.post("/graphql", json=graphql(RECORDINGS))).json()["data"]["recordings"]["nodes"][0]["media"]["url"]
        sound = (await client.get(media)).content
        scene.shut("boxis", "voipstudio", "portsip")
        asking = asyncio.create_task(client.post("/graphql", json=graphql(CALLS)))
        async with client.stream("GET", media) as download, await subscribed(url) as following:
            chunks = download.aiter_bytes()
            head = await anext(chunks)
            events = asyncio.create_task(heard(client))
            await asyncio.to_thread(until, lambda: scene.gates["boxis"].waiting > 0 and scene.gates["portsip"].waiting > 0)
            scene.gateway.terminate()
            await asyncio.to_thread(until, lambda: scene.gateway.ready().status_code == httpx.codes.SERVICE_UNAVAILABLE)
            assert scene.gateway.ready().json()["status"] == "draining"
            assert scene.gateway.ready().headers["connection"] == "close"
            assert (await asyncio.to_thread(httpx.get, f"{url}/healthz")).status_code == httpx.codes.OK
            await asyncio.to_thread(until, lambda: is_refused(url))
            assert await code_of(following) == 1012
            assert "event:" not in await events
            assert not asking.done()
            scene.open()
            answer = await asking
            assert (answer.status_code, answer.json()) == (httpx.codes.OK, expected)
            assert head + b"".join([chunk async for chunk in chunks]) == sound
    assert await asyncio.to_thread(scene.gateway.process.wait, PATIENCE) == 0
    assert "Traceback" not in scene.gateway.log.read_text()


async def test_who_takes_longer_than_the_grace_is_not_waited_for(scene_of_one: Scene) -> None:
    scene_of_one.shut("boxis")
    async with httpx.AsyncClient(base_url=scene_of_one.gateway.url, timeout=PATIENCE) as client:
        asking = asyncio.create_task(client.post("/graphql", json=graphql(CALLS)))
        await asyncio.to_thread(until, lambda: scene_of_one.gates["boxis"].waiting > 0)
        scene_of_one.gateway.terminate()
        assert await asyncio.to_thread(scene_of_one.gateway.process.wait, PATIENCE) == 0
        with pytest.raises(httpx.HTTPError):
            (await asking).raise_for_status()


async def subscribed(url: str) -> ClientConnection:
    """A WebSocket on which something is followed."""
    socket = await connect(f"{url.replace('http', 'ws')}/graphql", subprotocols=[Subprotocol("graphql-transport-ws")])
    await socket.send(json.dumps({"type": "connection_init"}))
    assert json.loads(await socket.recv())["type"] == "connection_ack"
    id = global_id("Report", "portsip", "1")
    await socket.send(json.dumps({"id": "1", "type": "subscribe", "payload": graphql(PROGRESS, id=id)}))
    return socket


async def code_of(socket: ClientConnection) -> int | None:
    """With which code a WebSocket is closed, after nothing else."""
    with pytest.raises(ConnectionClosed):
        await asyncio.wait_for(socket.recv(), PATIENCE)
    return socket.close_code


async def heard(client: httpx.AsyncClient) -> str:
    """All that comes of a stream of events, to its end."""
    asked = graphql(PROGRESS, id=global_id("Report", "portsip", "2"))
    answer = await client.post("/graphql", json=asked, headers={"accept": "text/event-stream"})
    assert answer.headers["content-type"].startswith("text/event-stream")
    return answer.text


def is_refused(url: str) -> bool:
    try:
        httpx.get(f"{url}/healthz")
    except (httpx.ConnectError, httpx.ReadError):
        return True
    return False
