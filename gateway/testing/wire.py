"""Wire: the transport of the kit, which counts what is sent and what is left open, and may be short of patience."""

import ssl
from collections.abc import AsyncIterator

import httpx

# Sandboxes speak plain http; loading the machine's authorities for each test would take longer than the test.
TRUST = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)


class Wire(httpx.AsyncBaseTransport):
    """Sends over loopback. `sent` counts requests, `open` those that are waiting for an answer or whose answer is not closed; `patience`
    is how many seconds to wait, where that is less than the client would."""

    def __init__(self) -> None:
        self._inner = httpx.AsyncHTTPTransport(verify=TRUST)
        self.sent = 0
        self.open = 0
        self.patience: float | None = None

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        """Send a request and watch its answer."""
        self.sent += 1
        self.open += 1
        if self.patience is not None:
            request.extensions["timeout"] = dict.fromkeys(("connect", "read", "write", "pool"), self.patience)
        try:
            response = await self._inner.handle_async_request(request)
        except BaseException:
            self.open -= 1
            raise
        assert isinstance(response.stream, httpx.AsyncByteStream)
        response.stream = _Watched(response.stream, self)
        return response

    async def aclose(self) -> None:
        """Nothing: clients come and go, and share this transport."""

    async def close(self) -> None:
        """Close all connections."""
        await self._inner.aclose()


class _Watched(httpx.AsyncByteStream):
    def __init__(self, inner: httpx.AsyncByteStream, wire: Wire) -> None:
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
