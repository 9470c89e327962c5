"""Error mapping: turn errors of the transport and HTTP statuses into errors of the gateway."""

from collections.abc import Mapping
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from math import ceil

import httpx

from telegraphql.gateway.errors import (
    BadAnswer,
    BadData,
    Forbidden,
    NotFound,
    RateLimited,
    RejectedInput,
    TimedOut,
    Unauthorized,
    Unavailable,
    UpstreamError,
)
from telegraphql.gateway.upstream.connection_errors import PROXY_AUTHENTICATION_REQUIRED, ClosedConnection, ConnectionCause, NoConnection

MAX_RETRY_AFTER = 86_400


def translated(error: Exception) -> Exception:
    """Return our error for one of the transport, without its text, which may hold a URL; any other error stays as it is."""
    if isinstance(error, NoConnection | ClosedConnection):
        kind = TimedOut if error.cause is ConnectionCause.CONNECT_TIMEOUT else Unavailable
        return kind(error.cause.value, cause=error.cause.name)
    if isinstance(error, httpx.TimeoutException | TimeoutError):
        return TimedOut("no answer in time; try again later")
    if isinstance(error, httpx.DecodingError):
        return BadAnswer("sent compressed bytes that are broken")
    if isinstance(error, httpx.HTTPError | httpx.InvalidURL | httpx.StreamError):
        return Unavailable(f"cannot be reached ({type(error).__name__}); try again later")
    return error


def by_status(status: int, headers: Mapping[str, str]) -> UpstreamError:
    """Return the error that a status of no success stands for."""
    if status in REJECTED:
        return RejectedInput(f"refused a value of the request (status {status})")
    if status == PROXY_AUTHENTICATION_REQUIRED:
        return Unavailable(ConnectionCause.PROXY_CREDENTIALS.value, cause=ConnectionCause.PROXY_CREDENTIALS.name)
    if status == 429:
        return RateLimited("asks for fewer requests", retry_after=_seconds(headers.get("retry-after")))
    if status in STATUSES:
        kind, words = STATUSES[status]
        return kind(f"{words} (status {status})")
    if status >= 500:
        return Unavailable(f"failed (status {status}); try again later", retry_after=_seconds(headers.get("retry-after")))
    return BadData(f"answered with the unexpected status {status}")


# Conflicts and broken preconditions come from values that the client chose.
REJECTED = (400, 409, 412, 413, 414, 422)
STATUSES: dict[int, tuple[type[UpstreamError], str]] = {
    401: (Unauthorized, "refused the credentials; check this provider's settings"),
    403: (Forbidden, "does not allow this with the configured credentials"),
    404: (NotFound, "has no such record"),
    410: (NotFound, "has removed it"),
    408: (TimedOut, "gave up waiting"),
    504: (TimedOut, "did not get an answer from its own servers in time"),
}


def _seconds(header: str | None) -> int | None:
    """Return the seconds of a Retry-After header, which is a number or a date (RFC 9110, 10.2.3); at most a day."""
    text = (header or "").strip()
    if text.isascii() and text.isdecimal():
        return min(int(text.lstrip("0")[:6] or "0"), MAX_RETRY_AFTER)
    try:
        rest = (parsedate_to_datetime(text) - datetime.now(UTC)).total_seconds()
    except (ValueError, TypeError):
        return None
    return min(max(0, ceil(rest)), MAX_RETRY_AFTER)
