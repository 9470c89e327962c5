"""Redirected media: a file behind a redirect is played from a trusted host, without credentials, and refused from any other."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest

from tests.endtoend.conftest import Make
from tests.endtoend.test_media import KEEPERS, files
from tests.endtoend.world import MERGED, Row, World

CONTENT = b"RIFF" + bytes(2000)
MOVED = [*KEEPERS, ("twilio", "Recording")]
TRUSTING = sorted({plugin for plugin, _ in MOVED})


@dataclass
class Storage:
    """Another host, and what it was sent."""

    origin: str
    requests: list[tuple[str, dict[str, str]]] = field(default_factory=list)


@contextmanager
def storage() -> Iterator[Storage]:
    found = Storage("")

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            found.requests.append((self.path, {name.lower(): value for name, value in self.headers.items()}))
            self.send_response(200)
            self.send_header("content-type", "audio/wav")
            self.send_header("content-length", str(len(CONTENT)))
            self.end_headers()
            self.wfile.write(CONTENT)

        def log_message(self, *_: Any) -> None:
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        found.origin = f"http://127.0.0.1:{server.server_port}"
        threading.Thread(target=server.serve_forever, daemon=True).start()
        try:
            yield found
        finally:
            server.shutdown()


@pytest.fixture(scope="module")
def trusted() -> Iterator[Storage]:
    with storage() as found:
        yield found


@pytest.fixture(scope="module")
def redirecting(make: Make, trusted: Storage) -> World:
    """All providers, each of which trusts one other host with its files."""
    host = trusted.origin.removeprefix("http://")
    return make([*MERGED, "twilio"], records=30, tables={plugin: {"file_hosts": [host]} for plugin in TRUSTING})


@contextmanager
def redirected(world: World, plugin: str, kind: str, **fault: str) -> Iterator[str]:
    """A link to a file that is elsewhere meanwhile."""
    link: str = files(world, plugin, kind)[1]["media"]["url"]
    world.upstreams[plugin].misbehave(mode="redirected_file", **fault)
    try:
        yield link
    finally:
        world.behave()


def secrets(headers: dict[str, str]) -> set[str]:
    """The headers with credentials."""
    return {name for name in headers if name in ("authorization", "cookie", "proxy-authorization") or "token" in name or "key" in name}


@pytest.mark.parametrize(("plugin", "kind"), MOVED)
def test_a_file_that_has_moved_on_its_host_is_played(redirecting: World, plugin: str, kind: str) -> None:
    with redirected(redirecting, plugin, kind) as link:
        moved = redirecting.fetch(link)
    assert (moved.status_code, moved.content) == (200, redirecting.fetch(link).content)


@pytest.mark.parametrize(("plugin", "kind"), MOVED)
def test_a_file_on_a_trusted_host_is_played_and_no_credential_goes_there(
    redirecting: World, trusted: Storage, plugin: str, kind: str
) -> None:
    trusted.requests.clear()
    with redirected(redirecting, plugin, kind, origin=trusted.origin) as link:
        answer = redirecting.fetch(link)
    assert (answer.status_code, answer.content) == (200, CONTENT)
    ((path, headers),) = trusted.requests
    assert path.endswith("_moved=1")
    assert secrets(headers) == set()


@pytest.mark.parametrize(("plugin", "kind"), MOVED)
def test_a_file_on_a_foreign_host_is_refused_with_what_to_do(redirecting: World, plugin: str, kind: str) -> None:
    with storage() as foreign, redirected(redirecting, plugin, kind, origin=foreign.origin) as link:
        answer = redirecting.fetch(link)
    assert answer.status_code == 403
    error: Row = answer.json()["error"]
    assert (error["provider"], error["code"]) == (plugin, "FORBIDDEN")
    assert "`file_hosts`" in error["message"]
    assert "_moved" not in error["message"]
    assert foreign.requests == []
    assert redirecting.fetch(link).status_code == 200
