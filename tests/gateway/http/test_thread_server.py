"""ASGI apps on real sockets of this process."""

import socket
import urllib.request

import pytest
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route
from starlette.types import Receive, Scope, Send

from telegraphql.gateway.http.thread_server import ThreadServer, bind_socket, serve_in_thread


def saying(text: str) -> Starlette:
    async def say(request: Request) -> Response:
        return PlainTextResponse(text)

    return Starlette(routes=[Route("/", say)])


def heard(url: str) -> str:
    with urllib.request.urlopen(url, timeout=5) as answer:
        return str(answer.read().decode())


def test_several_apps_are_served_each_on_its_socket() -> None:
    sockets = [bind_socket("127.0.0.1", 0) for _ in range(3)]
    urls = [f"http://127.0.0.1:{each.getsockname()[1]}/" for each in sockets]
    with ThreadServer([(saying(str(number)), each) for number, each in enumerate(sockets)]):
        assert [heard(url) for url in urls] == ["0", "1", "2"]
    with pytest.raises(OSError, match="refused"):
        heard(urls[0])


def test_one_app_is_served_on_a_free_port() -> None:
    with serve_in_thread(saying("hello")) as url:
        assert heard(url) == "hello"


def test_a_port_that_is_taken_cannot_be_had() -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        with pytest.raises(OSError, match="in use"):
            bind_socket("127.0.0.1", taken.getsockname()[1])


@pytest.mark.filterwarnings("ignore::pytest.PytestUnhandledThreadExceptionWarning")
def test_an_app_that_does_not_start_is_an_error() -> None:
    async def broken(scope: Scope, receive: Receive, send: Send) -> None:
        await receive()
        await send({"type": "lifespan.startup.failed", "message": ""})

    with pytest.raises(RuntimeError, match="a server did not start"), serve_in_thread(broken):
        raise AssertionError("it runs")
