"""Cross-origin resource sharing (CORS): pages of configured origins may use the API."""

from collections.abc import Sequence

from starlette.middleware import Middleware
from starlette.middleware.cors import CORSMiddleware

METHODS = ("GET", "HEAD", "POST")
# Response headers that scripts may read besides those that every script may.
EXPOSED_HEADERS = (
    "Accept-Ranges",
    "Content-Disposition",
    "Content-Length",
    "Content-Range",
    "Retry-After",
    "WWW-Authenticate",
    "X-Request-ID",
)
# Chromium caches the response to a preflight request no longer.
PREFLIGHT_MAX_AGE = 7200


def cors_middleware(origins: Sequence[str]) -> Middleware:
    """Return the middleware for these origins.

    Callers are authenticated by headers that scripts set, never by cookies, so no origin is trusted with credentials.
    """
    return Middleware(
        CORSMiddleware,
        allow_origins=origins,
        allow_methods=METHODS,
        allow_headers=["*"],
        expose_headers=EXPOSED_HEADERS,
        max_age=PREFLIGHT_MAX_AGE,
    )
