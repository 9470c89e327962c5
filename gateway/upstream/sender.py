"""Sender: send requests to an upstream's own hosts over HTTP."""

import asyncio
from collections.abc import Mapping
from dataclasses import replace
from functools import lru_cache
from types import MappingProxyType
from urllib.parse import quote_plus, urljoin, urlsplit

import httpx

from telegraphql.gateway.errors import BadAnswer, BadData, Forbidden, NotFound, Unavailable
from telegraphql.gateway.upstream.body import read_body, valid_utf8
from telegraphql.gateway.upstream.file_hosts import FileHosts
from telegraphql.gateway.upstream.httpx_internals import OutgoingRequest
from telegraphql.gateway.upstream.instrumentation import Sent
from telegraphql.gateway.upstream.messages import INLINE_BYTES, Answer, Request

REDIRECTS = frozenset({301, 302, 303, 307, 308})
# Header fields that say nothing about who asks.
PUBLIC_FIELDS = frozenset({"accept", "accept-encoding", "if-range", "range"})
MAX_SHOWN_HOST = 100
# Segments of a path that stand for another one (RFC 3986, 3.3), also where quoting leaves an id as it is.
DOTS = frozenset({".", ".."})
QUOTED = {code: quote_plus(chr(code)) for code in range(128)}


class Sender:
    """Sends signed requests with one client, only to the hosts of the upstream and of its files."""

    def __init__(
        self, client: httpx.AsyncClient, base_url: str, file_hosts: tuple[str, ...], other_urls: Mapping[str, str] = MappingProxyType({})
    ) -> None:
        self._client = client
        self._bases = {name: url.rstrip("/") for name, url in {"base_url": base_url, **other_urls}.items()}
        own = [origin for url in self._bases.values() for origin in (_origin(url), _origin(str(httpx.URL(url))))]
        self._hosts = FileHosts([*own, *file_hosts], https_only=urlsplit(base_url).scheme == "https")

    async def fetch(self, signed: Request, sent: Sent) -> Answer:
        """Return the answer to a request, read as a whole. Errors are those of httpx, or of the body."""
        response = await self.open(signed, sent)
        try:
            body = await read_body(response, signed.max_bytes)
            if not body.isascii():
                body = valid_utf8(body) if len(body) <= INLINE_BYTES else await asyncio.to_thread(valid_utf8, body)
            return Answer(response.status_code, body, response.headers)
        finally:
            await response.aclose()

    async def open(self, signed: Request, sent: Sent) -> httpx.Response:
        """Return the open answer to a request; redirects are not followed. The span of `sent` learns the status."""
        if sent.span is not None and sent.span.traceparent:
            signed.headers["traceparent"] = sent.span.traceparent
        request = OutgoingRequest(signed.method, self._address(signed), signed.headers, signed.form, signed.json)
        response = await self._client.send(request, stream=True, follow_redirects=False)
        sent.status = response.status_code
        return response

    async def aclose(self) -> None:
        """Close all connections."""
        await self._client.aclose()

    def linked(self, request: Request) -> Request:
        """Return the request to which the link of a request leads; one without a link stays as it is.

        Raises:
            BadData: the link is broken, or leads to another origin: credentials would go with it.
        """
        if request.link is None:
            return request
        try:
            own = httpx.URL(self._bases[request.host] + request.path)
            after = httpx.URL(urljoin(str(own), request.link))
        except (ValueError, httpx.InvalidURL):
            raise BadData("links to its next page at an address that is broken") from None
        if (own.scheme, own.netloc) != (after.scheme, after.netloc) or after.userinfo:
            raise BadData(
                f"links to its next page on {_shown_origin(str(after))}, which is not this provider's `{request.host}`; it is not followed"
            )
        return replace(request, path=str(after), params={}, link=None)

    def redirected(self, signed: Request, location: str | None) -> Request:
        """Return the request to which a redirect of a file leads. Credentials and a body go only to the same scheme, host and port.

        Raises:
            BadData: the redirect leads nowhere, or from https to http.
            Forbidden: it leads to a host that is neither the upstream's nor one of its files.
        """
        try:
            before = httpx.URL(self._address(signed))
            after = httpx.URL(urljoin(str(before), location or ""))
        except (ValueError, httpx.InvalidURL):
            raise BadData("redirects a file to an address that is broken") from None
        if not location or after.scheme not in ("http", "https") or (before.scheme, after.scheme) == ("https", "http"):
            raise BadData("redirects a file to nowhere, or from https to http")
        if not self._hosts.allow(after.scheme, after.netloc.decode()) or after.userinfo:
            raise self._foreign_host(str(after))
        redirect = replace(signed, path=str(after), params={})
        if (before.scheme, before.netloc) != (after.scheme, after.netloc):
            headers = {name: value for name, value in signed.headers.items() if name.lower() in PUBLIC_FIELDS}
            redirect = replace(redirect, method="GET", form=None, json=None, headers=headers)
        return redirect

    def _address(self, request: Request) -> str:
        is_whole = request.path.startswith(("http://", "https://"))
        if not is_whole and not self._bases[request.host]:
            raise Unavailable("this provider has no address: its plugin sends requests only with settings derived from `Settings`")
        if not is_whole and "/." in request.path and not DOTS.isdisjoint(request.path.partition("?")[0].split("/")):
            raise NotFound("has no such record: the id would lead to another path")
        try:
            scheme, host, address = _normalized(request.path if is_whole else self._bases[request.host] + request.path)
        except ValueError:
            raise BadAnswer("the address of the file is broken") from None
        if not self._hosts.allow(scheme, host):
            raise self._foreign_host(address)
        if not request.params:
            return address
        query = "&".join([f"{_quoted(name)}={_quoted(value)}" for name, value in request.params.items()])
        return f"{address}{'&' if '?' in address else '?'}{query}"

    def _foreign_host(self, address: str) -> Forbidden:
        """Return the error of a file on an origin that is not allowed. It names the origin, and nothing else of the address."""
        kept = f"the file is kept on {_shown_origin(address)}"
        if self._hosts.https_only and not address.startswith("https://"):
            return Forbidden(f"{kept}, but this provider's `base_url` is https: nothing is fetched over http, whatever `file_hosts` says")
        return Forbidden(f"{kept}, which is not a host of this provider; add it to `file_hosts` if you trust it")


def _quoted(text: object) -> str:
    """Return a text as it stands in a query. ASCII goes through a table, which takes a quarter of the time."""
    text = str(text)
    return text.translate(QUOTED) if text.isascii() else quote_plus(text)


@lru_cache(maxsize=1024)
def _normalized(address: str) -> tuple[str, str, str]:
    """Return the scheme and the host of an address, and the address as httpx writes it."""
    parts = urlsplit(address)
    return parts.scheme, parts.netloc, str(httpx.URL(address))


def _origin(address: str) -> str:
    """Return the scheme, host and port of an address."""
    parts = urlsplit(address)
    return f"{parts.scheme}://{parts.netloc}"


def _shown_origin(address: str) -> str:
    """Return the origin of an address for a message: without a user, and not too long."""
    parts = urlsplit(address)
    return f"{parts.scheme}://{parts.netloc.rpartition('@')[2]}"[:MAX_SHOWN_HOST]
