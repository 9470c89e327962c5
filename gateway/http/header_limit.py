"""Limit the bytes of a request's head and trailers, which uvicorn's parser accepts without end before anyone is authenticated."""

from telegraphql.gateway.http.uvicorn_internals import ConnectionProtocol

# Enough for a long query in the URL and two tokens. One read may bring as much again.
MOST_BYTES = 65_536
REFUSAL = b"HTTP/1.1 431 Request Header Fields Too Large\r\nconnection: close\r\ncontent-length: 0\r\n\r\n"


class HeaderLimitProtocol(ConnectionProtocol):
    """A connection that is closed when it sends more than MOST_BYTES without a part of a body or the end of a request."""

    _idle = 0

    def data_received(self, data: bytes) -> None:
        """Count the bytes, and close the connection when there are too many."""
        self._idle += len(data)
        super().data_received(data)
        if self._idle > MOST_BYTES and not self.transport.is_closing():
            if self.awaits_request():
                self.transport.write(REFUSAL)
            self.transport.close()

    def on_headers_complete(self) -> None:
        """Start counting anew after a head."""
        self._idle = 0
        super().on_headers_complete()

    def on_body(self, body: bytes) -> None:
        """Start counting anew: bodies have a limit of their own."""
        self._idle = 0
        super().on_body(body)

    def on_message_complete(self) -> None:
        """Start counting anew after a request."""
        self._idle = 0
        super().on_message_complete()
