"""Servers in a thread of this process, on real sockets: for sandboxes and tests."""

import asyncio
import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from types import TracebackType
from typing import Self

import uvicorn
from starlette.types import ASGIApp

from telegraphql.gateway.http.uvicorn_internals import ConnectionProtocol, EmbeddedServer, WebSocketConnection, abortable

START_SECONDS = 30.0
POLL_SECONDS = 0.01
STOP_SECONDS = 10.0


def bind_socket(host: str, port: int) -> socket.socket:
    """Return a bound socket; port 0 chooses any free port.

    Raises:
        OSError: The port is in use, or the address is not available.
    """
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    # asyncio disables Nagle's algorithm only if the socket's protocol is given as TCP.
    sock = socket.socket(family, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    sock.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        sock.bind((host, port))
    except OSError:
        sock.close()
        raise
    return sock


class ThreadServer:
    """Serves several apps, each on its socket, while it is entered."""

    def __init__(self, apps: list[tuple[ASGIApp, socket.socket]]) -> None:
        self._sockets = [sock for _, sock in apps]
        self._servers = [EmbeddedServer(_config(app)) for app, _ in apps]
        self._thread = threading.Thread(target=self._run, name="servers", daemon=True)
        self._loop: asyncio.AbstractEventLoop | None = None

    def __enter__(self) -> Self:
        self._thread.start()
        never = threading.Event()
        for _ in range(int(START_SECONDS / POLL_SECONDS)):
            if all(server.started for server in self._servers):
                return self
            if not self._thread.is_alive():
                break
            never.wait(POLL_SECONDS)
        self.__exit__(None, None, None)
        raise RuntimeError("a server did not start")

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        for server in self._servers:
            server.should_exit = True
            # After a failed start the loop is closed.
            with suppress(RuntimeError):
                if self._loop:
                    self._loop.call_soon_threadsafe(server.leave)
        self._thread.join(STOP_SECONDS)
        for sock in self._sockets:
            sock.close()

    def _run(self) -> None:
        async def serve_all() -> None:
            self._loop = asyncio.get_running_loop()
            await asyncio.gather(*(server.serve([sock]) for server, sock in zip(self._servers, self._sockets, strict=True)))

        with asyncio.Runner(loop_factory=self._servers[0].config.get_loop_factory()) as runner:
            runner.run(serve_all())


def _config(app: ASGIApp) -> uvicorn.Config:
    return uvicorn.Config(
        abortable(app),
        log_level="warning",
        access_log=False,
        timeout_graceful_shutdown=1,
        lifespan="on",
        http=ConnectionProtocol,
        ws=WebSocketConnection,
    )


@contextmanager
def serve_in_thread(app: ASGIApp, host: str = "127.0.0.1", port: int = 0) -> Iterator[str]:
    """Serve an app, and yield its base URL."""
    sock = bind_socket(host, port)
    with ThreadServer([(app, sock)]):
        yield f"http://{host}:{sock.getsockname()[1]}"
