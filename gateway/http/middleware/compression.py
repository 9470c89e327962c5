"""Wrapping: what stands around all routes - answers are compressed, and pages of other origins let in."""

from collections.abc import Iterable, Sequence
from typing import Any

from starlette.datastructures import MutableHeaders
from starlette.middleware import Middleware
from starlette.middleware.cors import CORSMiddleware
from starlette.middleware.gzip import GZipResponder, IdentityResponder
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from telegraphql.gateway.http.headers import headers
from telegraphql.gateway.http.middleware.access_log import AccessLogMiddleware

LEAST_BYTES = 1024
# Beyond this level JSON gets hardly smaller, and takes several times as long.
LEVEL = 4
FILES = "/media/"
METHODS = ("GET", "HEAD", "POST")
# What a page's script may read besides what every script may.
EXPOSED = (
    "Accept-Ranges",
    "Content-Disposition",
    "Content-Length",
    "Content-Range",
    "Retry-After",
    "WWW-Authenticate",
    "X-Request-ID",
)
# Chromium keeps the answer to a preflight no longer.
PREFLIGHT_SECONDS = 7200


class CompressionMiddleware:
    """ASGI around an app whose answers are sent through gzip where that is worth it; not files, whose bytes ranges count on."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request."""
        plain = scope["type"] != "http" or scope["path"].startswith(FILES)
        await self.app(scope, receive, send if plain else _Packing(scope, send).send)


class _Packing:
    """What is sent of one answer: a short one as it is, any other by the responder that Starlette has for it."""

    __slots__ = ("_scope", "_send")

    def __init__(self, scope: Scope, send: Send) -> None:
        self._scope, self._send = scope, send

    async def send(self, message: Message) -> None:
        if message["type"] == "http.response.start" and not _is_short(message.get("headers", ())):
            packs = b"gzip" in headers(self._scope).get(b"accept-encoding", b"")
            if packs or not _is_json(message["headers"]):
                self._send = self._responding(self._send, packs)
            else:
                MutableHeaders(raw=message["headers"]).add_vary_header("Accept-Encoding")
        await self._send(message)

    def _responding(self, send: Send, packs: bool) -> Send:
        responder = GZipResponder(_nothing, LEAST_BYTES, LEVEL) if packs else IdentityResponder(_nothing, LEAST_BYTES)
        responder.send = send
        return responder.send_with_compression


def _is_short(given: Iterable[tuple[bytes, bytes]]) -> bool:
    return any(name == b"content-length" and value.isdigit() and int(value) < LEAST_BYTES for name, value in given)


def _is_json(given: Iterable[tuple[bytes, bytes]]) -> bool:
    return any(name == b"content-type" and value.startswith(b"application/") and b"json" in value for name, value in given)


async def _nothing(scope: Scope, receive: Receive, send: Send) -> None:
    """Responders are made around an app; here they only pack what one sends."""


def wrappings(origins: Sequence[str], compress: bool, access: bool = True) -> list[Middleware]:
    """From the outermost to the innermost."""
    made = [Middleware(AccessLogMiddleware, access)]
    if origins:
        # Callers prove who they are by headers that scripts set, never by cookies, so that no origin is trusted with credentials.
        crossing: dict[str, Any] = {"allow_methods": METHODS, "allow_headers": ["*"], "expose_headers": EXPOSED}
        made.append(Middleware(CORSMiddleware, allow_origins=origins, max_age=PREFLIGHT_SECONDS, **crossing))
    if compress:
        made.append(Middleware(CompressionMiddleware))
    return made
