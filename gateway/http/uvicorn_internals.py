"""Internals of uvicorn that the gateway uses beyond its documentation, read from uvicorn 0.54.0.

uvicorn documents `Config`, `Server.run`, `Server.serve` and `should_exit`. The classes here rely on more: on what `Server` does at
its start and end, and on the attributes of `HttpToolsProtocol` (`app`, `cycle`, `connections`, `loop`, `transport`) and of its cycles
(`response_started`, `response_complete`, `default_headers`). The callbacks that subclasses extend are asyncio's (`connection_made`,
`data_received`, `connection_lost`) and httptools' (`on_…`).
"""

import asyncio
import signal
import socket
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from types import FrameType

import uvicorn
from starlette.types import ASGIApp, Receive, Scope, Send
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol
from uvicorn.protocols.websockets.websockets_sansio_impl import WebSocketsSansIOProtocol

from telegraphql.gateway.http.disconnect import CancelOnDisconnect, WriteTimeout
from telegraphql.gateway.plugin.sandbox_app import ABORT

SIGNALS = (signal.SIGTERM, signal.SIGINT)
Header = tuple[bytes, bytes]


class WebSocketConnection(WriteTimeout, WebSocketsSansIOProtocol):
    """One WebSocket of a client."""


class ConnectionProtocol(WriteTimeout, CancelOnDisconnect, HttpToolsProtocol):
    """One connection of a client over HTTP/1.1."""

    def awaits_request(self) -> bool:
        """Return True if every request so far has its whole response."""
        return self.cycle is None or self.cycle.response_complete

    def has_begun_response(self) -> bool:
        """Return True if a part of a response was sent, and not all of it."""
        return not self.awaits_request() and self.cycle.response_started

    def connections_of_address(self) -> int:
        """Return how many connections there are from the same address, this one and WebSockets included."""
        clients = [getattr(each, "client", None) for each in self.connections]
        return sum(client is not None and self.client is not None and client[0] == self.client[0] for client in clients)

    def add_response_header(self, header: Header) -> None:
        """Add a header to the response of the request that came last."""
        self.cycle.default_headers = [*self.cycle.default_headers, header]

    def is_upgraded(self) -> bool:
        """Return True if a WebSocket's protocol has taken over the connection."""
        return self.transport.get_protocol() is not self

    def on_websocket_upgrade(self) -> None:
        """Do nothing; called before a WebSocket's protocol takes over."""

    def handle_websocket_upgrade(self) -> None:
        """Hand the connection over to a WebSocket's protocol."""
        self.on_websocket_upgrade()
        super().handle_websocket_upgrade()


class SignalServer(uvicorn.Server):
    """A server that SIGTERM and SIGINT end, and that restores the handlers of both when it has ended."""

    @contextmanager
    def capture_signals(self) -> Iterator[None]:
        """Handle the signals meanwhile. uvicorn's own way raises them again at the end, which would end the process by the signal."""
        before = {number: signal.signal(number, self.handle_exit) for number in SIGNALS}
        try:
            yield
        finally:
            for number, handler in before.items():
                signal.signal(number, handler)

    def handle_exit(self, sig: int, frame: FrameType | None) -> None:
        """Begin to end."""
        self.on_signal(sig)
        super().handle_exit(sig, frame)

    def on_signal(self, number: int) -> None:
        """Do nothing; called when a signal arrives."""

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        """Start to accept connections."""
        await super().startup(sockets)
        self.on_startup()

    def on_startup(self) -> None:
        """Do nothing; called when connections are accepted."""

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        """End, once `before_shutdown` has."""
        await self.before_shutdown()
        await super().shutdown(sockets)

    async def before_shutdown(self) -> None:
        """Do nothing; connections are still accepted meanwhile."""

    @property
    def port(self) -> int:
        """The port of the first socket."""
        port: int = self.servers[0].sockets[0].getsockname()[1]
        return port

    def stop_accepting(self) -> None:
        """Accept no more connections."""
        for server in self.servers:
            server.close()


class EmbeddedServer(uvicorn.Server):
    """A server inside a process that handles its signals itself. It ends at once when told to, if no request is in progress."""

    def __init__(self, config: uvicorn.Config) -> None:
        super().__init__(config)
        self._leaving = asyncio.Event()

    @contextmanager
    def capture_signals(self) -> Iterator[None]:
        """Leave signals alone."""
        yield

    def leave(self) -> None:
        """End, now."""
        self.should_exit = True
        self._leaving.set()

    async def main_loop(self) -> None:
        """Wait for the end; uvicorn's looks for it ten times a second. Once a second `on_tick` updates the date header."""
        while not await self.on_tick(0):
            with suppress(TimeoutError):
                await asyncio.wait_for(self._leaving.wait(), 1)

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        """End; uvicorn's waits a tenth of a second even if no request is in progress."""
        if self.server_state.tasks:
            await super().shutdown(sockets)
            return
        for open_ in (*self.servers, *(sockets or ())):
            open_.close()
        for connection in list(self.server_state.connections):
            connection.shutdown()
        await self.lifespan.shutdown()


def abortable(app: ASGIApp) -> ASGIApp:
    """Return the app with the extension ABORT in the scope of each HTTP request: a function that cuts the connection without a response."""

    async def served(scope: Scope, receive: Receive, send: Send) -> None:
        cycle = getattr(send, "__self__", None)
        if scope["type"] == "http" and cycle is not None:
            scope["extensions"] = {**scope.get("extensions", {}), ABORT: cycle.transport.abort}
        await app(scope, receive, send)

    return served
