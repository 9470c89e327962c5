"""HTTP transport: httpx over aiohttp, which takes a fraction of the processor time of httpx's own transport."""

import ssl
from collections.abc import AsyncIterator
from functools import cache
from importlib.metadata import version

import aiohttp
import httpx
from yarl import URL

from telegraphql.gateway.upstream.aiohttp_internals import never_retry
from telegraphql.gateway.upstream.body import ENCODINGS
from telegraphql.gateway.upstream.connection_errors import connection_error
from telegraphql.gateway.upstream.httpx_internals import Client, OutgoingRequest
from telegraphql.gateway.upstream.resilience import ResilienceSettings

HEADERS = {
    "accept": "*/*",
    "accept-encoding": ", ".join(ENCODINGS),
    "user-agent": f"telegraphql/{version('telegraphql')}",
}


def client(
    limits: ResilienceSettings, ca_file: str | None = None, proxy: str | None = None, client_cert_file: str | None = None
) -> httpx.AsyncClient:
    """Return the client of one upstream. It follows no redirects, and trusts the authorities of the system or of a file.

    `proxy` is the URL of an HTTP proxy, with its credentials. Proxies of the environment are not used.

    Raises:
        CertificateFileError: a file cannot be read.
    """
    return Client(Transport(limits, _tls(ca_file, client_cert_file), proxy))


class CertificateFileError(Exception):
    """A file of certificates cannot be read. `setting` names it."""

    def __init__(self, setting: str, content: str) -> None:
        super().__init__(f"cannot be read as a PEM file of {content}")
        self.setting = setting


def _tls(ca_file: str | None, client_cert_file: str | None) -> ssl.SSLContext:
    if ca_file is None and client_cert_file is None:
        return authorities()
    try:
        context = ssl.create_default_context(cafile=ca_file)
    except OSError:
        raise CertificateFileError("ca_file", "certificates") from None
    if client_cert_file is not None:
        try:
            context.load_cert_chain(client_cert_file, password="")  # without it, an encrypted key would ask at the terminal
        except OSError:
            raise CertificateFileError("client_cert_file", "a certificate and its key without a password") from None
    return context


@cache
def authorities() -> ssl.SSLContext:
    """Return trust in the authorities of the system, which are read once: that takes 20 ms."""
    return ssl.create_default_context()


class Transport(httpx.AsyncBaseTransport):
    """httpx's interface to an aiohttp session. The session belongs to the running loop, so that the first request makes it."""

    def __init__(self, limits: ResilienceSettings, trust: ssl.SSLContext, proxy: str | None = None) -> None:
        self._trust = trust
        self._proxy = None if proxy is None else URL(proxy)
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
                proxy=self._proxy,
            )
        except Exception as error:
            proxy_host = None if self._proxy is None else self._proxy.host
            raise connection_error(error, proxy_host, request.address.startswith("http:")) or _as_httpx(error) from None
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
        never_retry(self._session)
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
    if isinstance(error, TimeoutError):
        return httpx.ReadTimeout("no answer in time")
    if isinstance(error, aiohttp.InvalidURL):
        return httpx.InvalidURL("not an address")
    if isinstance(error, aiohttp.ClientError | OSError):
        return httpx.RemoteProtocolError("the connection broke")
    return error
