"""HeaderTimeoutProtocol: what comes before a request's body is bounded; its parser would take it without end, before anybody is known."""

from telegraphql.gateway.http.uvicorn_internals import ConnectionProtocol

# A line with a long query, and a token or two. As much again may come in one read.
MOST_BYTES = 65_536
REFUSAL = b"HTTP/1.1 431 Request Header Fields Too Large\r\nconnection: close\r\ncontent-length: 0\r\n\r\n"


class HeaderLimitProtocol(ConnectionProtocol):
    """Ends a connection that sends on and on without a request's body or its end; trailers are such as well."""

    _idle = 0

    def data_received(self, data: bytes) -> None:
        """Count what leads to nothing."""
        self._idle += len(data)
        super().data_received(data)
        if self._idle > MOST_BYTES and not self.transport.is_closing():
            if self.awaits_request():
                self.transport.write(REFUSAL)
            self.transport.close()

    def on_headers_complete(self) -> None:
        """A head is whole."""
        self._idle = 0
        super().on_headers_complete()

    def on_body(self, body: bytes) -> None:
        """Bodies have a limit of their own."""
        self._idle = 0
        super().on_body(body)

    def on_message_complete(self) -> None:
        """A request is whole."""
        self._idle = 0
        super().on_message_complete()
