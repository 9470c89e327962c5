"""Internals of httpx that the transport uses beyond its documentation, read from httpx 0.28.1.

`OutgoingRequest` has the attributes of `httpx.Request` without calling its constructor. `Client` replaces `httpx.AsyncClient.send`,
which the methods for single verbs call too.
"""

from collections.abc import Mapping
from functools import cached_property
from typing import Any
from urllib.parse import urlencode

import httpx
import msgspec


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
