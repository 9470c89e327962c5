"""Client: httpx over aiohttp, which asks with a fraction of the processor time that httpx's own transport takes."""

import ssl
from collections.abc import AsyncIterator, Mapping
from functools import cache
from importlib.metadata import version
from typing import Any

import aiohttp
import httpx
from aiohttp import hdrs
from yarl import URL

from telegraphql.gateway.upstream.resilience import ResilienceSettings

# The encodings are those that httpx unpacks as it is installed here.
HEADERS = {
    "accept": "*/*",
    "accept-encoding": httpx.AsyncClient(trust_env=False).headers["accept-encoding"],
    "user-agent": f"telegraphql/{version('telegraphql')}",
}


def client(limits: ResilienceSettings, ca_file: str | None = None) -> httpx.AsyncClient:
    """The client of one upstream: no redirects, no proxies of the environment, the authorities of the system or of a file. OSError
    where that is none."""
    return Client(Transport(limits, ssl.create_default_context(cafile=ca_file) if ca_file else authorities()))


@cache
def authorities() -> ssl.SSLContext:
    """Trust in the authorities of the system, read once: that takes 20 ms."""
    return ssl.create_default_context()


class Client(httpx.AsyncClient):
    """httpx's client without what nobody uses here - cookies, redirects, its own credentials - and what that takes on every request."""

    def __init__(self, transport: httpx.AsyncBaseTransport) -> None:
        # Timeouts are the transport's.
        super().__init__(transport=transport, timeout=None, trust_env=False)
        self._sends = transport.handle_async_request

    async def send(self, request: httpx.Request, **_: Any) -> httpx.Response:
        """The open answer to a request."""
        self._is_open()
        response = await self._sends(request)
        response.request = request
        return response

    async def ask(self, method: str, address: str, headers: Mapping[str, str]) -> "UncompressedResponse | httpx.Response":
        """The open answer to a request without a body. httpx's own description of both, which takes as long as asking, is only made
        where it is needed: of an answer that has to be unpacked."""
        self._is_open()
        return await self._transport.ask(method, address, headers)  # type: ignore[attr-defined, no-any-return]

    def _is_open(self) -> None:
        if self.is_closed:
            raise RuntimeError("cannot send a request, as the client has been closed")


class Transport(httpx.AsyncBaseTransport):
    """httpx's interface to an aiohttp session, which is made with the first request: it belongs to the loop that runs then."""

    def __init__(self, limits: ResilienceSettings, trust: ssl.SSLContext) -> None:
        self._trust = trust
        self._keep_alive = limits.keep_alive
        self._timeout = aiohttp.ClientTimeout(total=None, sock_connect=limits.connect_timeout, sock_read=limits.read_timeout)
        self._session: aiohttp.ClientSession | None = None

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        """The open answer; its body comes as it arrives, packed as it was sent."""
        session = self._session or self._opened()
        headers = [(name, value) for name, value in request.headers.items() if name != "content-length"]
        with _translated():
            answer = await session.request(
                request.method, URL(str(request.url), encoded=True), headers=headers, data=request.content or None, allow_redirects=False
            )
        return httpx.Response(answer.status, headers=answer.raw_headers, stream=ResponseBody(answer))

    async def ask(self, method: str, address: str, headers: Mapping[str, str]) -> "UncompressedResponse | httpx.Response":
        """The open answer to a request without a body."""
        session = self._session or self._opened()
        with _translated():
            answer = await session.request(method, URL(address, encoded=True), headers=headers, allow_redirects=False)
        if hdrs.CONTENT_ENCODING in answer.headers:
            return httpx.Response(answer.status, headers=answer.raw_headers, stream=ResponseBody(answer))
        return UncompressedResponse(answer)

    async def aclose(self) -> None:
        """Close all connections."""
        if self._session is not None:
            await self._session.close()

    def _opened(self) -> aiohttp.ClientSession:
        # The guard counts requests; files being downloaded come on top of them.
        connector = aiohttp.TCPConnector(limit=0, ssl=self._trust, keepalive_timeout=self._keep_alive)
        self._session = aiohttp.ClientSession(
            connector=connector,
            timeout=self._timeout,
            headers=HEADERS,
            auto_decompress=False,  # httpx unpacks
            cookie_jar=aiohttp.DummyCookieJar(),
            skip_auto_headers=("content-type",),
        )
        # A connection that breaks before the answer says nothing of what was done, and a DELETE would be sent twice: the guard decides.
        self._session._retry_connection = False
        return self._session


class UncompressedResponse:
    """An open answer whose body is as it was sent; of httpx's interface what reading it takes."""

    __slots__ = ("_answer", "headers", "status_code")

    def __init__(self, answer: aiohttp.ClientResponse) -> None:
        self._answer = answer
        self.status_code: int = answer.status
        self.headers: Mapping[str, str] = answer.headers

    async def read(self, most: int) -> bytes:
        """Its body, which mostly is all there by now; of one that is longer than so many bytes only as much as shows that."""
        content = self._answer.content
        with _translated():
            body = await content.readany()
            if content.at_eof():
                return body
            parts, size = [body], len(body)
            while size <= most and (part := await content.readany()):
                parts.append(part)
                size += len(part)
        return b"".join(parts)

    async def aclose(self) -> None:
        """Close the connection, unless it was given back with the end of the body."""
        if not self._answer.closed:
            self._answer.release() if self._answer.content.at_eof() else self._answer.close()


class ResponseBody(httpx.AsyncByteStream):
    """The body of an answer, as it arrives."""

    def __init__(self, answer: aiohttp.ClientResponse) -> None:
        self._answer = answer

    async def __aiter__(self) -> AsyncIterator[bytes]:
        """Its parts."""
        with _translated():
            async for part in self._answer.content.iter_any():
                yield part

    async def aclose(self) -> None:
        """Give the connection back where the body was read to its end; close it otherwise."""
        self._answer.release() if self._answer.content.at_eof() else self._answer.close()


class _translated:  # noqa: N801 - reads as a word in `with _translated():`
    """aiohttp's errors become those of httpx, without their words."""

    def __enter__(self) -> None: ...

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: object) -> None:
        if isinstance(error, aiohttp.ConnectionTimeoutError):
            raise httpx.ConnectTimeout("no connection in time") from None
        if isinstance(error, TimeoutError):
            raise httpx.ReadTimeout("no answer in time") from None
        if isinstance(error, aiohttp.ClientConnectorError):
            raise httpx.ConnectError("no connection") from None
        if isinstance(error, aiohttp.InvalidURL):
            raise httpx.InvalidURL("not an address")
        if isinstance(error, aiohttp.ClientError | OSError):
            raise httpx.RemoteProtocolError("the connection broke") from None
