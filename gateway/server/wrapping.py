"""Wrapping: what stands around all routes - answers are compressed, and pages of other origins let in."""

from collections.abc import Sequence
from typing import Any

from starlette.middleware import Middleware
from starlette.middleware.cors import CORSMiddleware
from starlette.middleware.gzip import GZipMiddleware
from starlette.types import Receive, Scope, Send

from gateway.observing.access import Attended

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


class Compressed(GZipMiddleware):
    """Gzip, but for files, whose bytes have numbers that ranges count on."""

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request."""
        plain = scope["type"] != "http" or scope["path"].startswith(FILES)
        await (self.app if plain else super().__call__)(scope, receive, send)


def wrappings(origins: Sequence[str], compress: bool, access: bool = True) -> list[Middleware]:
    """From the outermost to the innermost."""
    made = [Middleware(Attended, access)]
    if origins:
        # Callers prove who they are by headers that scripts set, never by cookies, so that no origin is trusted with credentials.
        crossing: dict[str, Any] = {"allow_methods": METHODS, "allow_headers": ["*"], "expose_headers": EXPOSED}
        made.append(Middleware(CORSMiddleware, allow_origins=origins, max_age=PREFLIGHT_SECONDS, **crossing))
    if compress:
        made.append(Middleware(Compressed, minimum_size=LEAST_BYTES, compresslevel=LEVEL))
    return made
