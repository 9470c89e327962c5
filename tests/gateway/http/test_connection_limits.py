"""Who sends slowly is let go, and who opens one connection after another is not let in."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest
import uvicorn
from starlette.applications import Starlette
from starlette.requests import ClientDisconnect, Request
from starlette.responses import PlainTextResponse
from starlette.routing import Route, WebSocketRoute
from starlette.websockets import WebSocket
from websockets.asyncio.client import connect

from telegraphql.gateway.http.connection_limits import REQUEST_TIMEOUT, TOO_MANY_REQUESTS, create_protocol
from telegraphql.gateway.http.thread_server import bind_socket
from telegraphql.gateway.http.uvicorn_internals import EmbeddedServer
from telegraphql.gateway.runtime import ShutdownState

HEAD = b"POST / HTTP/1.1\r\nHost: gateway\r\nContent-Length: 4\r\n\r\n"
WHOLE = HEAD + b"body"
SECONDS = 0.2


async def _size(request: Request) -> PlainTextResponse:
    try:
        return PlainTextResponse(str(len(await request.body())))
    except ClientDisconnect:
        return PlainTextResponse("gone")


async def _slow(request: Request) -> PlainTextResponse:
    await asyncio.sleep(3 * SECONDS)
    return PlainTextResponse("at last")


async def _echo(socket: WebSocket) -> None:
    await socket.accept()
    await socket.send_text(await socket.receive_text())


@asynccontextmanager
async def served(seconds: float = SECONDS, most: int | None = None, departure: ShutdownState | None = None) -> AsyncIterator[int]:
    """A server; its port."""
    sock = bind_socket("127.0.0.1", 0)
    sock.listen()
    app = Starlette(routes=[Route("/", _size, methods=["POST"]), Route("/slow", _slow), WebSocketRoute("/socket", _echo)])
    server = EmbeddedServer(
        uvicorn.Config(
            app, http=create_protocol(seconds, most, departure or ShutdownState()), log_level="warning", access_log=False, lifespan="off"
        )
    )
    running = asyncio.create_task(server.serve([sock]))
    try:
        yield sock.getsockname()[1]
    finally:
        server.should_exit = True
        await running
        sock.close()


async def told(port: int, *parts: bytes) -> bytes:
    """All that is answered until the connection ends."""
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    for part in parts:
        writer.write(part)
        await writer.drain()
    answer = await asyncio.wait_for(reader.read(), 10)
    writer.close()
    return answer


@pytest.mark.parametrize("parts", [(), (b"POST /",), (HEAD,), (HEAD, b"bo")], ids=["nothing", "line", "head", "body"])
async def test_what_is_not_whole_in_time_is_refused(parts: tuple[bytes, ...]) -> None:
    async with served() as port:
        assert await told(port, *parts) == REQUEST_TIMEOUT


async def test_each_request_of_a_connection_has_its_time() -> None:
    async with served() as port:
        answer = await told(port, WHOLE, WHOLE[:20])
    assert answer.startswith(b"HTTP/1.1 200 OK")
    assert answer.endswith(REQUEST_TIMEOUT)


async def test_before_the_end_an_answer_is_its_connections_last() -> None:
    departure = ShutdownState()
    async with served(10, departure=departure) as port:
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        writer.write(WHOLE)
        assert b"connection: close" not in await asyncio.wait_for(reader.readuntil(b"\r\n\r\n4"), 10)
        departure.draining = True
        writer.write(WHOLE + WHOLE)
        assert (await asyncio.wait_for(reader.read(), 10)).count(b"connection: close") == 1
        writer.close()


async def test_who_has_asked_may_wait_longer_for_the_answer() -> None:
    async with served() as port:
        assert b"at last" in await told(port, b"GET /slow HTTP/1.1\r\nHost: gateway\r\nConnection: close\r\n\r\n")


async def test_a_websocket_may_be_silent() -> None:
    async with served() as port, connect(f"ws://127.0.0.1:{port}/socket") as socket:
        await asyncio.sleep(2 * SECONDS)
        await socket.send("still here")
        assert await socket.recv() == "still here"


async def test_one_address_has_so_many_connections_and_websockets_are_among_them() -> None:
    async with served(10, most=2) as port:
        async with connect(f"ws://127.0.0.1:{port}/socket"):
            _, writer = await asyncio.open_connection("127.0.0.1", port)
            assert await told(port) == TOO_MANY_REQUESTS
            writer.close()
            await writer.wait_closed()
        answer = await told(port, WHOLE.replace(b"Host:", b"Connection: close\r\nHost:"))
        assert answer.startswith(b"HTTP/1.1 200 OK")
