"""Bodies: what is too large is refused before it is read whole."""

from collections.abc import Iterable, Iterator

import httpx
import pytest
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import PlainTextResponse
from starlette.routing import Route, WebSocketRoute
from starlette.types import Message, Receive, Scope, Send
from starlette.websockets import WebSocket
from websockets.asyncio.client import connect
from websockets.exceptions import ConnectionClosed

from telegraphql.gateway.http.middleware.body_limit import BodyLimitMiddleware
from telegraphql.gateway.http.thread_server import serve_in_thread

MOST = 10
ERROR = {
    "message": "the request body is too large: at most 10 bytes are allowed (limits.body_bytes)",
    "extensions": {"code": "PAYLOAD_TOO_LARGE", "limit": 10},
}


async def echo(scope: Scope, receive: Receive, send: Send) -> None:
    body = await Request(scope, receive).body()
    await PlainTextResponse(body)(scope, receive, send)


async def repeat(scope: Scope, receive: Receive, send: Send) -> None:
    socket = WebSocket(scope, receive, send)
    await socket.accept()
    async for text in socket.iter_text():
        await socket.send_text(text)


@pytest.fixture(scope="module")
def address() -> Iterator[str]:
    routes = [
        Route("/", BodyLimitMiddleware(echo, lambda: MOST), methods=["POST"]),
        WebSocketRoute("/", BodyLimitMiddleware(repeat, lambda: MOST)),
    ]
    with serve_in_thread(Starlette(routes=routes)) as address:
        yield address


def parts(sizes: Iterable[int]) -> Iterator[bytes]:
    for size in sizes:
        yield b"x" * size


def test_what_is_small_enough_is_read(address: str) -> None:
    assert httpx.post(address, content=b"0123456789").text == "0123456789"
    assert httpx.post(address, content=parts([5, 5])).text == "x" * 10


@pytest.mark.parametrize("content", [b"0123456789!", b"x" * 1000])
def test_what_says_that_it_is_too_large_is_refused(address: str, content: bytes) -> None:
    answer = httpx.post(address, content=content)
    assert (answer.status_code, answer.json(), answer.headers["connection"]) == (413, {"errors": [ERROR]}, "close")


def test_what_turns_out_to_be_too_large_is_refused(address: str) -> None:
    answer = httpx.post(address, content=parts([5, 6]))
    assert (answer.status_code, answer.json()) == (413, {"errors": [ERROR]})


async def test_nothing_is_read_of_what_says_that_it_is_too_large() -> None:
    sent: list[Message] = []

    async def receive() -> Message:
        raise AssertionError("somebody reads")

    async def send(message: Message) -> None:
        sent.append(message)

    scope = {"type": "http", "method": "POST", "path": "/", "headers": [(b"content-length", b"11")]}
    await BodyLimitMiddleware(Starlette(), lambda: MOST)(scope, receive, send)
    assert sent[0]["status"] == 413


@pytest.mark.parametrize("text", ["01234567890", "ééééé!", b"01234567890"])
async def test_a_message_that_is_too_large_ends_the_connection(address: str, text: str | bytes) -> None:
    async with connect(address.replace("http", "ws")) as socket:
        await socket.send("ééééé")
        assert await socket.recv() == "ééééé"
        await socket.send(text)
        with pytest.raises(ConnectionClosed) as closed:
            await socket.recv()
    assert closed.value.rcvd is not None
    assert (closed.value.rcvd.code, closed.value.rcvd.reason) == (1009, "PAYLOAD_TOO_LARGE: at most 10 bytes (limits.body_bytes)")
