"""Limits of a connection: the size of request heads, the time until a request is complete, and connections per IP address."""

from asyncio import BaseTransport, TimerHandle

from telegraphql.gateway.http.uvicorn_internals import ConnectionProtocol
from telegraphql.gateway.runtime import ShutdownState
from telegraphql.gateway.upstream.memory import UNBOUNDED, MemoryBudget

# Enough for a request line with a long query and a few tokens. One read may exceed it by as much again.
MAX_HEAD_BYTES = 65_536
HEAD_TOO_LARGE = b"HTTP/1.1 431 Request Header Fields Too Large\r\nconnection: close\r\ncontent-length: 0\r\n\r\n"
REQUEST_TIMEOUT = b"HTTP/1.1 408 Request Timeout\r\nconnection: close\r\ncontent-length: 0\r\n\r\n"
TOO_MANY_REQUESTS = b"HTTP/1.1 429 Too Many Requests\r\nconnection: close\r\ncontent-length: 0\r\nretry-after: 10\r\n\r\n"
CONNECTION_CLOSE = (b"connection", b"close")


class ConnectionLimitsProtocol(ConnectionProtocol):
    """Closes a connection whose request is not complete in time, one too many of an IP address, and one with too long a head.

    httptools buffers a head without any limit, before the caller is known; so all bytes outside of request bodies count, trailers too.
    A request that arrives in one piece starts no timer.
    """

    request_timeout = 20.0
    max_connections_per_ip: int | None = None
    shutdown_state = ShutdownState()
    _timer: TimerHandle | None = None
    _is_receiving = True
    # Since the last complete head or part of a body.
    _head_bytes = 0

    def connection_made(self, transport: BaseTransport) -> None:
        """Accept a connection, unless its address has too many."""
        super().connection_made(transport)  # type: ignore[arg-type]
        if self.max_connections_per_ip is not None and self.connections_of_address() > self.max_connections_per_ip:
            self.transport.write(TOO_MANY_REQUESTS)
            self.transport.close()
            return
        self._start_timer()

    def data_received(self, data: bytes) -> None:
        """Close the connection if the head is too long. Start a timer if the data does not complete a request."""
        self._head_bytes += len(data)
        super().data_received(data)
        if self._head_bytes > MAX_HEAD_BYTES and not self.transport.is_closing():
            if self.awaits_request():
                self.transport.write(HEAD_TOO_LARGE)
            self.transport.close()
        if self._is_receiving and self._timer is None and not self.is_upgraded():
            self._start_timer()

    def on_message_begin(self) -> None:
        """Note that a request has begun."""
        self._is_receiving = True
        super().on_message_begin()

    def on_headers_complete(self) -> None:
        """Close the connection after each response while the server drains.

        A proxy that sends a request over a connection just as it is closed may be unable to repeat it.
        """
        self._head_bytes = 0
        before = self.cycle
        super().on_headers_complete()
        if self.shutdown_state.draining and self.cycle is not before:
            self.add_response_header(CONNECTION_CLOSE)

    def on_body(self, body: bytes) -> None:
        """Count the head's bytes anew after a part of a body, which has a limit of its own."""
        self._head_bytes = 0
        super().on_body(body)

    def on_message_complete(self) -> None:
        """Stop the timer after a request."""
        self._head_bytes = 0
        self._is_receiving = False
        if self._timer is not None:
            self._stop_timer()
        super().on_message_complete()

    def on_websocket_upgrade(self) -> None:
        """Stop the timer: a WebSocket has pings of its own."""
        self._stop_timer()

    def connection_lost(self, exc: Exception | None) -> None:
        """Stop the timer of a closed connection."""
        self._stop_timer()
        super().connection_lost(exc)

    def _start_timer(self) -> None:
        self._timer = self.loop.call_later(self.request_timeout, self._time_out)

    def _stop_timer(self) -> None:
        self._is_receiving = False
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None

    def _time_out(self) -> None:
        self._timer = None
        if self.transport.is_closing():
            return
        if not self.has_begun_response():
            self.transport.write(REQUEST_TIMEOUT)
        self.transport.close()


def create_protocol(
    request_timeout: float,
    max_connections_per_ip: int | None,
    shutdown_state: ShutdownState,
    write_timeout: float = 60.0,
    memory: MemoryBudget = UNBOUNDED,
) -> type[ConnectionLimitsProtocol]:
    """Return the protocol class of a server with these limits."""
    attributes = {
        "request_timeout": request_timeout,
        "write_timeout": write_timeout,
        "max_connections_per_ip": max_connections_per_ip,
        "shutdown_state": shutdown_state,
        "memory": memory,
    }
    return type("ConnectionLimitsProtocol", (ConnectionLimitsProtocol,), attributes)
