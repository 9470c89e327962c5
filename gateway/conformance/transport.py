"""The kit's HTTP transport: counts requests and open responses, shortens timeouts, and replays changed responses."""

import ssl
from collections.abc import AsyncIterator
from dataclasses import dataclass, field

import httpx

from telegraphql.gateway.conformance.openapi import DocumentWatch
from telegraphql.gateway.plugin.answer_faults import FOREIGN_HOST
from telegraphql.gateway.upstream.http_transport import Transport
from telegraphql.gateway.upstream.resilience import ResilienceSettings

# Sandboxes use plain HTTP. Loading the machine's certificate authorities would take longer than a test.
TRUST = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
TIMEOUT = 10.0


@dataclass
class ResponseTape:
    """Recorded responses that are replayed with some bytes replaced. `found` is True once a replayed body contained `old`."""

    old: bytes = b""
    new: bytes = b""
    found: bool = False
    answers: dict[tuple[str, str, bytes], tuple[httpx.Response, bytes]] = field(default_factory=dict)

    def replace(self, old: bytes, new: bytes) -> None:
        """Replace `old` by `new` in all bodies replayed from now on."""
        self.old, self.new, self.found = old, new, False

    @property
    def is_json(self) -> bool:
        """Return True if all recorded responses are JSON."""
        return bool(self.answers) and all("json" in response.headers.get("content-type", "") for response, _ in self.answers.values())

    def replay(self, key: tuple[str, str, bytes]) -> httpx.Response:
        """Return the recorded response to a request."""
        response, body = self.answers[key]
        self.found = self.found or bool(self.old and self.old in body)
        new_body = body.replace(self.old, self.new) if self.old else body
        return whole(response, new_body)


def whole(response: httpx.Response, body: bytes) -> httpx.Response:
    """Return a response with another body."""
    headers = {name: text for name, text in response.headers.items() if name not in ("content-length", "content-encoding")}
    return httpx.Response(response.status_code, headers=headers, content=body)


class RecordingTransport(httpx.AsyncBaseTransport):
    """Sends requests over loopback.

    `sent` counts requests. `open` counts requests without a response, or whose response is not closed. `timeout` shortens the
    timeouts, in seconds. `last` is the last request. With a `tape` no request is sent twice. `strangers` has the host of each request that
    followed a foreign link; it is not sent. `watch` compares requests and responses with the vendor's document.
    """

    def __init__(self) -> None:
        self._transports: dict[float, Transport] = {}
        self.sent = 0
        self.open = 0
        self.timeout: float | None = None
        self.tape: ResponseTape | None = None
        self.last: httpx.Request | None = None
        self.strangers: list[str] = []
        self.watch: DocumentWatch | None = None

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        """Send a request, or replay its response."""
        if request.url.host == FOREIGN_HOST:
            self.strangers.append(request.url.host)
            raise httpx.ConnectError("not a host of the sandbox")
        self.last = request
        return await self._watched(request) if self.tape is None else await self._replay(request, self.tape)

    async def _replay(self, request: httpx.Request, tape: ResponseTape) -> httpx.Response:
        key = request.method, str(request.url), await request.aread()
        if key not in tape.answers:
            response = await self._watched(request)
            tape.answers[key] = response, await response.aread()
            await response.aclose()
        return tape.replay(key)

    async def _watched(self, request: httpx.Request) -> httpx.Response:
        """Send a request. If it is watched, its response has come as a whole."""
        if self.watch is None or not self.watch.wants(request):
            return await self._send(request)
        await request.aread()
        response = await self._send(request)
        await response.aread()
        await response.aclose()
        self.watch.see(request, response)
        return whole(response, response.content)

    async def _send(self, request: httpx.Request) -> httpx.Response:
        self.sent += 1
        self.open += 1
        try:
            response = await self._transport().handle_async_request(request)
        except BaseException:
            self.open -= 1
            raise
        assert isinstance(response.stream, httpx.AsyncByteStream)
        response.stream = _CountedStream(response.stream, self)
        return response

    async def aclose(self) -> None:
        """Do nothing: clients share this transport."""

    async def close(self) -> None:
        """Close all connections."""
        for transport in self._transports.values():
            await transport.aclose()
        self._transports.clear()

    def _transport(self) -> Transport:
        timeout = TIMEOUT if self.timeout is None else self.timeout
        if timeout not in self._transports:
            # Servers close idle connections after five seconds; a client that used one at that moment would fail.
            limits = ResilienceSettings.model_construct(connect_timeout=timeout, read_timeout=timeout, keep_alive=2.0)
            self._transports[timeout] = Transport(limits, TRUST)
        return self._transports[timeout]


class _CountedStream(httpx.AsyncByteStream):
    def __init__(self, inner: httpx.AsyncByteStream, wire: RecordingTransport) -> None:
        self._inner = inner
        self._wire = wire
        self._closed = False

    async def __aiter__(self) -> AsyncIterator[bytes]:
        async for part in self._inner:
            yield part

    async def aclose(self) -> None:
        if not self._closed:
            self._closed = True
            self._wire.open -= 1
        await self._inner.aclose()
