"""Serve ASGI apps on sockets of this process, in a thread."""

import asyncio
import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from types import TracebackType
from typing import Self

import uvicorn
from starlette.types import ASGIApp

from telegraphql.gateway.http.uvicorn_internals import EmbeddedServer, abortable

START_SECONDS = 30.0


def bind_socket(host: str, port: int) -> socket.socket:
    """Return a bound socket; port 0 chooses a free port.

    Raises:
        OSError: if the port is in use.
    """
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    # asyncio switches Nagle's delay off only where the socket says that it is TCP.
    sock = socket.socket(family, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    sock.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        sock.bind((host, port))
    except OSError:
        sock.close()
        raise
    return sock


class ThreadServer:
    """Several apps, each on its socket: a context manager that serves them."""

    def __init__(self, apps: list[tuple[ASGIApp, socket.socket]]) -> None:
        self._sockets = [sock for _, sock in apps]
        self._servers = [EmbeddedServer(_config(app)) for app, _ in apps]
        self._thread = threading.Thread(target=self._run, name="servers", daemon=True)
        self._loop: asyncio.AbstractEventLoop | None = None

    def __enter__(self) -> Self:
        self._thread.start()
        waited = threading.Event()
        for _ in range(int(START_SECONDS / 0.01)):
            if all(server.started for server in self._servers):
                return self
            if not self._thread.is_alive():
                break
            waited.wait(0.01)
        self.__exit__(None, None, None)
        raise RuntimeError("a server did not start")

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        for server in self._servers:
            server.should_exit = True
            # The loop of a server that failed is closed.
            with suppress(RuntimeError):
                if self._loop:
                    self._loop.call_soon_threadsafe(server.leave)
        self._thread.join(10)
        for sock in self._sockets:
            sock.close()

    def _run(self) -> None:
        async def all_of_them() -> None:
            self._loop = asyncio.get_running_loop()
            await asyncio.gather(*(server.serve([sock]) for server, sock in zip(self._servers, self._sockets, strict=True)))

        asyncio.run(all_of_them())


def _config(app: ASGIApp) -> uvicorn.Config:
    return uvicorn.Config(abortable(app), log_level="warning", access_log=False, timeout_graceful_shutdown=1, lifespan="on", loop="asyncio")


@contextmanager
def serve_in_thread(app: ASGIApp, host: str = "127.0.0.1", port: int = 0) -> Iterator[str]:
    """Serve an app on loopback and yield its base URL."""
    sock = bind_socket(host, port)
    with ThreadServer([(app, sock)]):
        yield f"http://{host}:{sock.getsockname()[1]}"
