"""Wire: the transport of the kit, which counts what is sent and what is left open, and may be short of patience or tell something else."""

import ssl
from collections.abc import AsyncIterator
from dataclasses import dataclass, field

import httpx

# Sandboxes speak plain http; loading the machine's authorities for each test would take longer than the test.
TRUST = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)


@dataclass
class Tape:
    """Answers as they came the first time, given again with some bytes in place of others; `found` says whether these were there."""

    old: bytes = b""
    new: bytes = b""
    found: bool = False
    answers: dict[tuple[str, str, bytes], tuple[httpx.Response, bytes]] = field(default_factory=dict)

    def replace(self, old: bytes, new: bytes) -> None:
        """From now on tell `new` where `old` was said."""
        self.old, self.new, self.found = old, new, False

    @property
    def is_json(self) -> bool:
        """Whether all that was said is JSON."""
        return bool(self.answers) and all("json" in response.headers.get("content-type", "") for response, _ in self.answers.values())

    def told(self, key: tuple[str, str, bytes]) -> httpx.Response:
        """The answer to a request."""
        response, body = self.answers[key]
        self.found = self.found or bool(self.old and self.old in body)
        whole = body.replace(self.old, self.new) if self.old else body
        kept = {name: text for name, text in response.headers.items() if name not in ("content-length", "content-encoding")}
        return httpx.Response(response.status_code, headers=kept, content=whole)


class Wire(httpx.AsyncBaseTransport):
    """Sends over loopback. `sent` counts requests, `open` those that are waiting for an answer or whose answer is not closed; `patience`
    is how many seconds to wait, where that is less than the client would; `last` is what was sent last; with a `tape` nothing is sent
    twice."""

    def __init__(self) -> None:
        self._inner = httpx.AsyncHTTPTransport(verify=TRUST)
        self.sent = 0
        self.open = 0
        self.patience: float | None = None
        self.tape: Tape | None = None
        self.last: httpx.Request | None = None

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        """Send a request and watch its answer."""
        self.last = request
        return await self._send(request) if self.tape is None else await self._taped(request, self.tape)

    async def _taped(self, request: httpx.Request, tape: Tape) -> httpx.Response:
        key = request.method, str(request.url), await request.aread()
        if key not in tape.answers:
            response = await self._send(request)
            tape.answers[key] = response, await response.aread()
            await response.aclose()
        return tape.told(key)

    async def _send(self, request: httpx.Request) -> httpx.Response:
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
