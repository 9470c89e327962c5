"""Departing clients: whoever leaves, or takes nothing, ends the work that is done for it, also for files without an end."""

import asyncio
import threading
import time
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager, contextmanager, suppress
from pathlib import Path
from socketserver import BaseRequestHandler, ThreadingTCPServer
from typing import Any

import pytest

from telegraphql.gateway.auth.caller import LOCAL
from telegraphql.gateway.config.settings import build_config
from telegraphql.gateway.http.app import create_app
from telegraphql.gateway.http.disconnect import CancelOnDisconnect
from telegraphql.gateway.http.server_process import server_config
from telegraphql.gateway.http.thread_server import bind_socket
from telegraphql.gateway.http.uvicorn_internals import EmbeddedServer
from telegraphql.gateway.media.links import FileAddress
from telegraphql.gateway.plugin.provider import Download, files
from telegraphql.gateway.plugin.registry import Plugins
from telegraphql.gateway.runtime import Runtime
from telegraphql.gateway.upstream.client import Request
from telegraphql.schema.record import FileInfo
from tests.support.memory_provider import Memory, Store

CLIENTS = 40
PART = b"x" * 65_536
SECONDS = 2.0
Streams = tuple[asyncio.StreamReader, asyncio.StreamWriter]


class Endless(ThreadingTCPServer):
    """An upstream that sends files as fast as it can, without an end."""

    daemon_threads = True
    block_on_close = False

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Sending)
        self.open = set[BaseRequestHandler]()
        self.opened = 0
        self.port: int = self.server_address[1]  # type: ignore[assignment]

    @contextmanager
    def running(self) -> Iterator["Endless"]:
        with self:
            threading.Thread(target=self.serve_forever, args=(0.01,), daemon=True).start()
            yield self
            self.shutdown()


class Sending(BaseRequestHandler):
    """One file on its way."""

    server: Endless

    def handle(self) -> None:
        """Send until the other side has gone."""
        self.server.open.add(self)
        self.server.opened += 1
        with suppress(ConnectionError):
            self.request.recv(65_536)
            self.request.sendall(b"HTTP/1.1 200 OK\r\ncontent-type: audio/wav\r\n\r\n")
            while True:
                self.request.sendall(PART)
        self.server.open.discard(self)


class Filing(Memory):
    """Keeps sounds without an end."""

    @files("Recording.media")
    async def media(self, native_id: str) -> Download:
        """The sound."""
        return Download(request=Request(operation="File", path=f"/{native_id}.wav"), mime_type="audio/wav")


class Gateway:
    """A gateway on a real socket."""

    def __init__(self, runtime: Runtime, port: int) -> None:
        self.store = Store()
        provider: Any = runtime.providers["a"].provider
        provider.store = self.store
        self.url = runtime.files.for_address(FileAddress("a", "Recording.media", "7").for_caller(LOCAL), FileInfo()).url
        self._port = port

    async def ask(self, head: str, body: str = "") -> Streams:
        reader, writer = await asyncio.open_connection("127.0.0.1", self._port)
        writer.write(f"{head} HTTP/1.1\r\nhost: 127.0.0.1\r\ncontent-type: application/json\r\ncontent-length: {len(body)}\r\n".encode())
        writer.write(b"\r\n" + body.encode())
        return reader, writer


@asynccontextmanager
async def gateway(upstream_port: int, **server: Any) -> AsyncIterator[Gateway]:
    providers = {"a": {"plugin": "memory", "base_url": f"http://127.0.0.1:{upstream_port}"}}
    settings = build_config({"providers": providers, "server": {"startup_check": False, **server}}, Path())
    runtime = Runtime.build(settings, Plugins({"memory": Filing}, {}))
    sock = bind_socket("127.0.0.1", 0)
    served = EmbeddedServer(server_config(create_app(runtime), runtime, "127.0.0.1", 0))
    serving = asyncio.create_task(served.serve([sock]))
    await until(lambda: served.started)
    try:
        yield Gateway(runtime, sock.getsockname()[1])
    finally:
        served.should_exit = True
        await serving
        sock.close()


async def until(holds: Callable[[], bool], seconds: float = 10.0) -> float:
    """Wait; the seconds that it took."""
    began = time.monotonic()
    while not holds():
        assert time.monotonic() < began + seconds
        await asyncio.sleep(0.01)
    return time.monotonic() - began


async def take(reader: asyncio.StreamReader) -> None:
    while await reader.read(65_536):
        pass


@pytest.mark.parametrize("reads", [True, False], ids=["that were read", "that were not read"])
async def test_abandoned_downloads_end_at_the_upstream(reads: bool) -> None:
    with Endless().running() as upstream:
        async with gateway(upstream.port) as here:
            clients = [await here.ask(f"GET {here.url}") for _ in range(CLIENTS)]
            taking = [asyncio.create_task(take(reader)) for reader, _ in clients] if reads else []
            await until(lambda: upstream.opened == CLIENTS)
            await asyncio.sleep(0.2)
            for task in taking:
                task.cancel()
            for _, writer in clients:
                writer.transport.abort()
            assert await until(lambda: not upstream.open, SECONDS) < SECONDS


async def test_who_takes_nothing_is_let_go_and_its_download_ends() -> None:
    with Endless().running() as upstream:
        async with gateway(upstream.port, write_timeout="0.3s") as here:
            clients = [await here.ask(f"GET {here.url}") for _ in range(CLIENTS)]
            await until(lambda: upstream.opened == CLIENTS)
            assert await until(lambda: not upstream.open, SECONDS) < SECONDS
            for reader, writer in clients:
                # What was sent before is still there, and then the end.
                with suppress(ConnectionError):
                    await asyncio.wait_for(take(reader), SECONDS)
                writer.transport.abort()


async def test_who_takes_a_part_now_and_then_is_served_on() -> None:
    with Endless().running() as upstream:
        async with gateway(upstream.port, write_timeout="0.4s") as here:
            reader, writer = await here.ask(f"GET {here.url}")
            taken = 0
            began = time.monotonic()
            while time.monotonic() < began + 1:
                taken += len(await reader.readexactly(8 * len(PART)))
                await asyncio.sleep(0.02)
            assert (len(upstream.open), taken >= 20 * 8 * len(PART)) == (1, True)
            writer.transport.abort()


async def test_who_leaves_ends_the_operation() -> None:
    async with gateway(9) as here:
        here.store.latency = 60.0
        _, writer = await here.ask("POST /graphql", '{"query": "{ calls { nodes { nativeId } } }"}')
        await until(lambda: len(here.store.asked) == 1)
        working = {task for task in asyncio.all_tasks() if "RequestResponseCycle" in repr(task)}
        assert len(working) == 1
        writer.transport.abort()
        await until(lambda: all(task.done() for task in working), SECONDS)


class Connection:
    """What a protocol has."""

    def __init__(self, app: Any) -> None:
        self.app = app

    def connection_lost(self, exc: Exception | None) -> None:
        """End."""


class Cancelling(CancelOnDisconnect, Connection):
    """A connection whose requests end with it."""


async def test_a_request_that_ends_after_the_next_one_began_does_not_keep_that_from_being_cancelled() -> None:
    answered = asyncio.Event()

    async def app(scope: Any, receive: Any, send: Any) -> None:
        await (answered.wait() if scope["path"] == "/first" else asyncio.sleep(60))

    connection: Any = Cancelling(app)
    first, second = (asyncio.create_task(connection.app({"asgi": {}, "path": path}, None, None)) for path in ("/first", "/second"))
    await asyncio.sleep(0)
    answered.set()
    await first
    connection.connection_lost(None)
    await asyncio.wait_for(second, SECONDS)
