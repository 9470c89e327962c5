"""Close connections: of clients that send too slowly, of addresses that have too many, and of a server that ends."""

from asyncio import BaseTransport, TimerHandle

from telegraphql.gateway.http.header_limit import HeaderLimitProtocol
from telegraphql.gateway.http.uvicorn_internals import ConnectionProtocol
from telegraphql.gateway.runtime import ShutdownState

TOO_SLOW = b"HTTP/1.1 408 Request Timeout\r\nconnection: close\r\ncontent-length: 0\r\n\r\n"
LAST = (b"connection", b"close")
TOO_MANY = b"HTTP/1.1 429 Too Many Requests\r\nconnection: close\r\ncontent-length: 0\r\nretry-after: 10\r\n\r\n"


class ConnectionLimitsProtocol(HeaderLimitProtocol):
    """A connection that is closed when a request is not complete in time. A request that comes in one read starts no timer."""

    seconds = 20.0
    most: int | None = None
    shutdown_state = ShutdownState()
    _clock: TimerHandle | None = None
    _begun = True

    def connection_made(self, transport: BaseTransport) -> None:
        """Accept the connection unless its address has too many."""
        super().connection_made(transport)  # type: ignore[arg-type]
        if self.most is not None and self.connections_of_address() > self.most:
            self.transport.write(TOO_MANY)
            self.transport.close()
            return
        self._wait()

    def data_received(self, data: bytes) -> None:
        """Parse the data, and start the timer if a request is not complete yet."""
        super().data_received(data)
        if self._begun and self._clock is None and not self.is_upgraded():
            self._wait()

    def on_message_begin(self) -> None:
        """Note that a request begins."""
        self._begun = True
        super().on_message_begin()

    def on_headers_complete(self) -> None:
        """While draining, make each response the last of its connection: a proxy could not repeat a request that meets its closing."""
        before = self.cycle
        super().on_headers_complete()
        if self.shutdown_state.draining and self.cycle is not before:
            self.add_response_header(LAST)

    def on_message_complete(self) -> None:
        """Stop the timer."""
        self._rest()
        super().on_message_complete()

    def on_websocket_upgrade(self) -> None:
        """Stop the timer: a WebSocket has pings of its own."""
        self._rest()

    def connection_lost(self, exc: Exception | None) -> None:
        """Stop the timer."""
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
    """Return the protocol class of a server that waits so many seconds for a request and accepts so many connections of one address."""
    return type("Protocol", (ConnectionLimitsProtocol,), {"seconds": seconds, "most": most, "shutdown_state": shutdown_state})
