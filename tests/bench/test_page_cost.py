"""Cheapness: what a page of 100 records takes through all of the gateway, its client and a plugin, over a real socket, counted in calls
of Python functions and in upstream requests."""

import json
from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread
from typing import Any

import pytest

from bench import data, queries, unmapped_plugin
from bench.queries import CELLS
from telegraphql.gateway.auth.api_keys import hash_key, new_key
from telegraphql.gateway.config.settings import build_config
from telegraphql.gateway.http import app
from telegraphql.gateway.plugin.registry import Plugins
from telegraphql.gateway.runtime import Runtime
from telegraphql.plugins.voipstudio.provider import Voipstudio
from tests.support.function_count import answered, calls

KEY = new_key()
ROWS, RECORDINGS = data.rows("a", 140), data.recordings("a", 100)
BODIES = {
    "/shaped/calls": [data.shaped("a", row) for row in ROWS],
    "/shaped/recordings": [data.shaped_recording("a", row) for row in RECORDINGS],
    "/v1.2/voipstudio/cdrs": {"data": ROWS, "total": 100_000, "links": {}},
    # Recordings of a time are asked for from the oldest on.
    "/v1.2/voipstudio/monitors": {"data": RECORDINGS[::-1], "total": len(RECORDINGS), "links": {}},
}


class Upstream(ThreadingHTTPServer):
    """Answers with what there is, and keeps what was asked; its functions are called in threads of their own."""

    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Handler)
        self.asked: list[str] = []


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def do_GET(self) -> None:
        path, _, asked = self.path.partition("?")
        params = dict(each.split("=", 1) for each in asked.split("&") if each)
        limit = int(params["limit"]) if "limit" in params else None
        if params.get("page", "1") != "1":
            limit = 0
        self.server.asked.append(path)  # type: ignore[attr-defined]
        body = json.dumps(_cut(BODIES[path], limit)).encode()
        self.send_response(200)
        self.send_header("content-type", "application/json")
        self.send_header("content-length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *args: object) -> None: ...


def _cut(content: Any, limit: int | None) -> Any:
    return content[:limit] if isinstance(content, list) else content | {"data": content["data"][:limit]}


@dataclass(frozen=True, slots=True)
class World:
    asgi: Any
    upstream: Upstream

    async def cost(self, name: str) -> tuple[int, int]:
        """Function calls and upstream requests of a cell, once all that is made once is made; the answer is right."""
        cell = next(cell for cell in CELLS if cell.name == name)
        bodies = [cell.body(f"2030-01-01T00:00:{number:02}Z") for number in range(5)]
        # Whoever has listed more recordings than one page holds has seen that the upstream's totals are right.
        await answered(self.asgi, b'{"query": "{ recordings(first: 5) { nodes { id } } }"}', KEY)
        for body in bodies[:2]:
            assert json.loads(await answered(self.asgi, body, KEY))["data"] == queries.expected(cell)
        before = len(self.upstream.asked)
        counts = [await calls(self.asgi, body, KEY) for body in bodies[2:]]
        return min(counts), (len(self.upstream.asked) - before) // len(counts)


@pytest.fixture(scope="module")
def upstream() -> Iterator[Upstream]:
    with Upstream() as server:
        thread = Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        yield server
        server.shutdown()
        thread.join()


@pytest.fixture(params=["shaped", "voipstudio"])
async def world(upstream: Upstream, request: pytest.FixtureRequest) -> AsyncIterator[World]:
    origin = f"http://127.0.0.1:{upstream.server_address[1]}"
    providers = {
        "shaped": {"a": {"plugin": "shaped", "base_url": f"{origin}/shaped"}},
        "voipstudio": {"a": {"plugin": "voipstudio", "base_url": origin, "api_token": "t"}},
    }[request.param]
    given: dict[str, Any] = {
        "providers": providers,
        "cache": {"enabled": False},
        "callers": {"keys": {"me": {"hash": hash_key(KEY), "scopes": ["read"]}}},
    }
    engine = Runtime.build(build_config(given, Path()), Plugins({"shaped": unmapped_plugin.Shaped, "voipstudio": Voipstudio}, {}))
    yield World(app.create_app(engine), upstream)
    await engine.aclose()


# As measured: by rows, then by cell. A fifth more may be.
MEASURED = {"shaped": {"100": 1745, "relation": 3532}, "voipstudio": {"100": 3197, "relation": 7954}}


@pytest.mark.parametrize(("cell", "asks"), [("100", 1), ("relation", 2)])
async def test_a_page_goes_through_few_functions_and_asks_as_often_as_it_must(
    world: World, cell: str, asks: int, request: pytest.FixtureRequest
) -> None:
    rows = request.node.callspec.params["world"]
    found, asked = await world.cost(cell)
    assert asked == asks
    assert found <= MEASURED[rows][cell] * 6 // 5
