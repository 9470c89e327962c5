"""Patience: how long a connection is kept - not for who sends slowly, not for one address's hundredth, not beyond the end."""

from asyncio import BaseTransport, TimerHandle

from telegraphql.gateway.http.header_limit import HeaderLimitProtocol
from telegraphql.gateway.http.uvicorn_internals import ConnectionProtocol
from telegraphql.gateway.runtime import ShutdownState

TOO_SLOW = b"HTTP/1.1 408 Request Timeout\r\nconnection: close\r\ncontent-length: 0\r\n\r\n"
LAST = (b"connection", b"close")
TOO_MANY = b"HTTP/1.1 429 Too Many Requests\r\nconnection: close\r\ncontent-length: 0\r\nretry-after: 10\r\n\r\n"


class ConnectionLimitsProtocol(HeaderLimitProtocol):
    """A connection that ends when a request, or the first one, is not whole in time. What comes at once needs no clock."""

    seconds = 20.0
    most: int | None = None
    shutdown_state = ShutdownState()
    _clock: TimerHandle | None = None
    _begun = True

    def connection_made(self, transport: BaseTransport) -> None:
        """One more, unless there are too many from there."""
        super().connection_made(transport)  # type: ignore[arg-type]
        if self.most is not None and self.connections_of_address() > self.most:
            self.transport.write(TOO_MANY)
            self.transport.close()
            return
        self._wait()

    def data_received(self, data: bytes) -> None:
        """Look at the clock only for what does not come whole."""
        super().data_received(data)
        if self._begun and self._clock is None and not self.is_upgraded():
            self._wait()

    def on_message_begin(self) -> None:
        """A request begins."""
        self._begun = True
        super().on_message_begin()

    def on_headers_complete(self) -> None:
        """Before the end each answer is its connection's last: a proxy that sends over it just as it is closed could not ask again."""
        before = self.cycle
        super().on_headers_complete()
        if self.shutdown_state.draining and self.cycle is not before:
            self.add_response_header(LAST)

    def on_message_complete(self) -> None:
        """A request is whole."""
        self._rest()
        super().on_message_complete()

    def on_websocket_upgrade(self) -> None:
        """From here on it is a WebSocket, with pings of its own."""
        self._rest()

    def connection_lost(self, exc: Exception | None) -> None:
        """Nobody is left to wait for."""
        self._rest()
        super().connection_lost(exc)

    def _wait(self) -> None:
        self._clock = self.loop.call_later(self.seconds, self._over)

    def _rest(self) -> None:
        self._begun = False
        if self._clock is not None:
            self._clock.cancel()
            self._clock = None

    def _over(self) -> None:
        self._clock = None
        if self.transport.is_closing():
            return
        if not self.has_begun_response():
            self.transport.write(TOO_SLOW)
        self.transport.close()


def create_protocol(seconds: float, most: int | None, shutdown_state: ShutdownState) -> type[ConnectionProtocol]:
    """The protocol of a server that waits so long for a request, takes so many connections from one address, and ends some day."""
    return type("Patience", (ConnectionLimitsProtocol,), {"seconds": seconds, "most": most, "shutdown_state": shutdown_state})
