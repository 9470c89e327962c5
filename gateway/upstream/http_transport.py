"""HTTP transport: httpx over aiohttp, which takes a fraction of the processor time of httpx's own transport."""

import ssl
from collections.abc import AsyncIterator, Mapping
from functools import cache, cached_property
from importlib.metadata import version
from typing import Any
from urllib.parse import urlencode

import aiohttp
import httpx
import msgspec
from yarl import URL

from telegraphql.gateway.upstream.body import ENCODINGS
from telegraphql.gateway.upstream.resilience import ResilienceSettings

HEADERS = {
    "accept": "*/*",
    "accept-encoding": ", ".join(ENCODINGS),
    "user-agent": f"telegraphql/{version('telegraphql')}",
}


def client(limits: ResilienceSettings, ca_file: str | None = None) -> httpx.AsyncClient:
    """Return the client of one upstream. It follows no redirects, uses no proxy, and trusts the authorities of the system or of a file.

    Raises:
        OSError: the file cannot be read as certificates.
    """
    return Client(Transport(limits, ssl.create_default_context(cafile=ca_file) if ca_file else authorities()))


@cache
def authorities() -> ssl.SSLContext:
    """Return trust in the authorities of the system, which are read once: that takes 20 ms."""
    return ssl.create_default_context()


class OutgoingRequest(httpx.Request):
    """httpx's request as plain values. Its URL and headers are made only if something reads them: they take as long as half a request."""

    def __init__(
        self, method: str, address: str, fields: Mapping[str, str], form: Mapping[str, str] | None = None, json: Any = None
    ) -> None:
        self.method, self.address, self.body, self.extensions = method, address, b"", {}
        self.fields = dict(fields)
        if form is not None:
            self.body = urlencode(form).encode()
            self.fields.setdefault("Content-Type", "application/x-www-form-urlencoded")
        elif json is not None:
            self.body = msgspec.json.encode(json)
            self.fields.setdefault("Content-Type", "application/json")

    @classmethod
    def of(cls, request: httpx.Request) -> "OutgoingRequest":
        """Return a request of httpx, whose body was read, as plain values."""
        outgoing = cls(request.method, str(request.url), dict(request.headers))
        outgoing.body = request.content
        return outgoing

    @cached_property
    def url(self) -> httpx.URL:  # type: ignore[override]  # an attribute of httpx.Request, as are the next two
        """Return the address as httpx's URL."""
        return httpx.URL(self.address)

    @cached_property
    def headers(self) -> httpx.Headers:  # type: ignore[override]
        """Return the header fields as httpx's headers, with those that httpx derives from address and body."""
        return httpx.Request(self.method, self.address, headers=self.fields, content=self.body or None).headers

    @cached_property
    def stream(self) -> httpx.ByteStream:  # type: ignore[override]
        """Return the body as httpx's stream."""
        return httpx.ByteStream(self.body)

    @property
    def content(self) -> bytes:
        """Return the body."""
        return self.body


class Client(httpx.AsyncClient):
    """httpx's client without cookies, redirects and credentials of its own, which nothing here uses and each request pays for."""

    def __init__(self, transport: httpx.AsyncBaseTransport) -> None:
        # Timeouts are the transport's.
        super().__init__(transport=transport, timeout=None, trust_env=False)
        self._sends = transport.handle_async_request

    async def send(self, request: httpx.Request, **_: Any) -> httpx.Response:
        """Return the open answer to a request."""
        if self.is_closed:
            raise RuntimeError("cannot send a request, as the client has been closed")
        response = await self._sends(request)
        response.request = request
        return response


class Transport(httpx.AsyncBaseTransport):
    """httpx's interface to an aiohttp session. The session belongs to the running loop, so that the first request makes it."""

    def __init__(self, limits: ResilienceSettings, trust: ssl.SSLContext) -> None:
        self._trust = trust
        self._keep_alive = limits.keep_alive
        self._timeout = aiohttp.ClientTimeout(total=None, sock_connect=limits.connect_timeout, sock_read=limits.read_timeout)
        self._session: aiohttp.ClientSession | None = None

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        """Return the open answer; its body comes as it arrives, still compressed."""
        session = self._session or self._opened()
        if not isinstance(request, OutgoingRequest):
            request = OutgoingRequest.of(request)
        try:
            answer = await session.request(
                request.method,
                URL(request.address, encoded=True),
                headers=request.fields,
                data=request.body or None,
                allow_redirects=False,
            )
        except Exception as error:
            raise _as_httpx(error) from None
        return httpx.Response(answer.status, headers=answer.raw_headers, stream=ResponseBody(answer))

    async def aclose(self) -> None:
        """Close all connections."""
        if self._session is not None:
            await self._session.close()

    def _opened(self) -> aiohttp.ClientSession:
        # Requests are limited by the settings; files that are being downloaded come on top of them.
        connector = aiohttp.TCPConnector(limit=0, ssl=self._trust, keepalive_timeout=self._keep_alive)
        self._session = aiohttp.ClientSession(
            connector=connector,
            timeout=self._timeout,
            headers=HEADERS,
            auto_decompress=False,  # gateway/upstream/body.py does, within bounds
            cookie_jar=aiohttp.DummyCookieJar(),
            skip_auto_headers=("content-type",),
        )
        # A connection that breaks before the answer says nothing of what was done, and a DELETE would be sent twice.
        self._session._retry_connection = False
        return self._session


class ResponseBody(httpx.AsyncByteStream):
    """The body of an answer, as it arrives."""

    def __init__(self, answer: aiohttp.ClientResponse) -> None:
        self._answer = answer

    async def __aiter__(self) -> AsyncIterator[bytes]:
        """Yield its parts."""
        content = self._answer.content
        try:
            while part := await content.readany():
                yield part
        except Exception as error:
            raise _as_httpx(error) from None

    async def aclose(self) -> None:
        """Give the connection back if the body was read to its end; close it otherwise."""
        if not self._answer.closed:
            self._answer.release() if self._answer.content.at_eof() else self._answer.close()


def _as_httpx(error: Exception) -> Exception:
    """Return httpx's error for one of aiohttp, without its text; any other error stays as it is."""
    if isinstance(error, aiohttp.ConnectionTimeoutError):
        return httpx.ConnectTimeout("no connection in time")
    if isinstance(error, TimeoutError):
        return httpx.ReadTimeout("no answer in time")
    if isinstance(error, aiohttp.ClientConnectorError):
        return httpx.ConnectError("no connection")
    if isinstance(error, aiohttp.InvalidURL):
        return httpx.InvalidURL("not an address")
    if isinstance(error, aiohttp.ClientError | OSError):
        return httpx.RemoteProtocolError("the connection broke")
    return error
