"""Sending: a request on its way to an upstream's own hosts, and its open answer. What httpx describes in full takes as long to describe
as to send, so that answers that are only read are opened without it where the client can."""

from collections.abc import Awaitable, Callable
from functools import lru_cache
from typing import TypeVar
from urllib.parse import quote_plus, urlsplit

import httpx

from telegraphql.gateway.errors import BadAnswer, Forbidden, TooLarge
from telegraphql.gateway.upstream.error_mapping import translated
from telegraphql.gateway.upstream.http_transport import Client, UncompressedResponse
from telegraphql.gateway.upstream.instrumentation import traced
from telegraphql.gateway.upstream.messages import Request

QUOTED = {code: quote_plus(chr(code)) for code in range(128)}
Opened = TypeVar("Opened", httpx.Response, httpx.Response | UncompressedResponse)


class Sender:
    """Sends signed requests with one client; to other hosts than the upstream's and its files' nothing goes."""

    def __init__(self, client: httpx.AsyncClient, base_url: str, file_hosts: tuple[str, ...]) -> None:
        self._client = client
        self._base = base_url.rstrip("/")
        self._hosts = {urlsplit(self._base).netloc, *file_hosts}

    async def plainly(self, signed: Request) -> httpx.Response | UncompressedResponse:
        """The open answer to a request whose answer is read as a whole."""
        return await _sent(signed, self._plain)

    async def fully(self, signed: Request) -> httpx.Response:
        """The open answer to a request for a file."""
        return await _sent(signed, self._full)

    async def aclose(self) -> None:
        """Close all connections."""
        await self._client.aclose()

    async def _plain(self, signed: Request) -> httpx.Response | UncompressedResponse:
        if isinstance(self._client, Client) and signed.form is None and signed.json is None:
            return await self._client.ask(signed.method, self._address(signed), signed.headers)
        return await self._full(signed)

    async def _full(self, signed: Request) -> httpx.Response:
        built = httpx.Request(signed.method, self._address(signed), data=signed.form, json=signed.json, headers=signed.headers)
        return await self._client.send(built, stream=True, follow_redirects=False)

    def _address(self, request: Request) -> str:
        is_whole = request.path.startswith(("http://", "https://"))
        try:
            host, written = _written(request.path if is_whole else self._base + request.path)
        except ValueError:
            raise BadAnswer("the address of the file is broken") from None
        if host not in self._hosts:
            raise Forbidden("the file is kept on a host that is not this provider's; add it to `file_hosts` if you trust it")
        if not request.params:
            return written
        query = "&".join([f"{_quoted(name)}={_quoted(value)}" for name, value in request.params.items()])
        return f"{written}{'&' if '?' in written else '?'}{query}"


async def read(response: httpx.Response | UncompressedResponse, most: int) -> bytes:
    """The body of an open answer; TooLarge where it is longer than so many bytes."""
    body: bytes | bytearray = bytearray()
    with translated():
        if isinstance(response, UncompressedResponse):
            body = await response.read(most)
        else:
            async for part in response.aiter_bytes():
                body += part
                if len(body) > most:
                    break
    if len(body) > most:
        raise TooLarge(f"the answer is longer than {most} bytes")
    return bytes(body)


async def whole(response: httpx.Response) -> bytes:
    """The body, which can be read once more."""
    with translated():
        return await response.aread()


async def _sent(signed: Request, send: Callable[[Request], Awaitable[Opened]]) -> Opened:
    sent = traced()
    if sent is not None and sent.traceparent:
        signed.headers["traceparent"] = sent.traceparent
    with translated():
        response = await send(signed)
    if sent is not None:
        sent.status = response.status_code
    return response


def _quoted(text: object) -> str:
    """As in a query; what is ASCII by a table, which takes a quarter of the time."""
    text = str(text)
    return text.translate(QUOTED) if text.isascii() else quote_plus(text)


@lru_cache(maxsize=1024)
def _written(address: str) -> tuple[str, str]:
    """The host of an address, and how the address is written out."""
    return urlsplit(address).netloc, str(httpx.URL(address))
