"""Whoever sends a request without end is refused early, known or not."""

import asyncio
from collections.abc import AsyncIterator

import pytest
import uvicorn
from starlette.applications import Starlette
from starlette.requests import ClientDisconnect, Request
from starlette.responses import PlainTextResponse
from starlette.routing import Route

from telegraphql.gateway.http.connection_limits import MAX_HEAD_BYTES, ConnectionLimitsProtocol
from telegraphql.gateway.http.thread_server import bind_socket
from telegraphql.gateway.http.uvicorn_internals import EmbeddedServer

BEGUN = b"POST / HTTP/1.1\r\nHost: gateway\r\n"
CHUNKED = BEGUN + b"Transfer-Encoding: chunked\r\n\r\n"
PIECE = b"x" * 16_384
# As much as one read may hold, and what is too much.
PIECES = (262_144 + 2 * MAX_HEAD_BYTES) // len(PIECE)


async def _size(request: Request) -> PlainTextResponse:
    try:
        return PlainTextResponse(str(len(await request.body())))
    except ClientDisconnect:
        return PlainTextResponse("gone")


@pytest.fixture
async def port() -> AsyncIterator[int]:
    sock = bind_socket("127.0.0.1", 0)
    app = Starlette(routes=[Route("/", _size, methods=["POST"])])
    server = EmbeddedServer(uvicorn.Config(app, http=ConnectionLimitsProtocol, log_level="warning", access_log=False, lifespan="off"))
    running = asyncio.create_task(server.serve([sock]))
    yield sock.getsockname()[1]
    server.should_exit = True
    await running
    sock.close()


async def answered(port: int, *parts: bytes) -> bytes:
    """The status line and the body of what is answered at last; nothing where the connection just ends."""
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    try:
        for part in parts:
            writer.write(part)
            await writer.drain()
        told = await asyncio.wait_for(reader.read(), 10)
    except ConnectionError:
        return b""
    finally:
        writer.close()
    return told.splitlines()[0] + b" " + told.rpartition(b"\r\n\r\n")[2]


@pytest.mark.parametrize("begun", [b"POST /", BEGUN, BEGUN + b"X-A: "], ids=["line", "name", "value"])
async def test_a_head_without_end_is_refused(port: int, begun: bytes) -> None:
    told = await answered(port, begun, *[PIECE] * PIECES)
    assert told in (b"HTTP/1.1 431 Request Header Fields Too Large ", b"")


async def test_headers_without_end_are_refused(port: int) -> None:
    told = await answered(port, BEGUN, *[b"X-A: b\r\n" * 2048] * PIECES)
    assert told in (b"HTTP/1.1 431 Request Header Fields Too Large ", b"")


async def test_trailers_without_end_end_the_connection(port: int) -> None:
    assert await answered(port, CHUNKED, b"1\r\nx\r\n0\r\n", *[b"X-A: b\r\n" * 2048] * PIECES) == b""


async def test_a_long_body_is_no_head(port: int) -> None:
    length = str(PIECES * len(PIECE)).encode()
    head = BEGUN + b"Connection: close\r\nContent-Length: " + length + b"\r\n\r\n"
    assert await answered(port, head, *[PIECE] * PIECES) == b"HTTP/1.1 200 OK " + length


async def test_many_requests_on_one_connection_are_each_counted_alone(port: int) -> None:
    one = BEGUN + b"X-A: " + PIECE + b"\r\nContent-Length: 1\r\n\r\nx"
    last = BEGUN + b"Connection: close\r\nContent-Length: 1\r\n\r\nx"
    assert await answered(port, *[one] * PIECES, last) == b"HTTP/1.1 200 OK 1"
