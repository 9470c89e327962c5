"""Translation: what goes wrong on the way to an upstream, as our errors, without the words that came with it."""

from collections.abc import Mapping
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from math import ceil

import httpx

from telegraphql.gateway.errors import BadAnswer, Forbidden, NotFound, RateLimited, TimedOut, Unauthorized, Unavailable, UpstreamError

MOST_RETRY_AFTER = 86_400


class translated:  # noqa: N801 - reads as a word in `with translated():`
    """Transport failures become our errors; httpx's texts, which hold URLs, are dropped."""

    def __enter__(self) -> None: ...

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: object) -> None:
        if isinstance(error, httpx.TimeoutException | TimeoutError):
            raise TimedOut("no answer in time; try again later") from None
        if isinstance(error, httpx.DecodingError):
            raise BadAnswer("the answer's content encoding is broken") from None
        if isinstance(error, httpx.HTTPError | httpx.InvalidURL | httpx.StreamError):
            raise Unavailable(f"cannot be reached ({type(error).__name__}); try again later") from None


def by_status(status: int, headers: Mapping[str, str]) -> UpstreamError | None:
    """What a status says where the upstream's own words say nothing."""
    if 200 <= status < 300:
        return None
    if status in (400, 405, 406, 409, 412, 415, 422):
        return BadAnswer(f"refused the request as wrong (status {status})")
    if status == 429:
        return RateLimited("asks for fewer requests", retry_after=_seconds(headers.get("retry-after")))
    if status in STATUSES:
        kind, words = STATUSES[status]
        return kind(f"{words} (status {status})")
    if status >= 500:
        return Unavailable(f"failed (status {status}); try again later", retry_after=_seconds(headers.get("retry-after")))
    return BadAnswer(f"answered with the unexpected status {status}")


STATUSES: dict[int, tuple[type[UpstreamError], str]] = {
    401: (Unauthorized, "refused the credentials; check this provider's settings"),
    403: (Forbidden, "does not allow this with the configured credentials"),
    404: (NotFound, "has no such record"),
    410: (NotFound, "has removed it"),
    408: (TimedOut, "gave up waiting"),
    504: (TimedOut, "did not get an answer from its own servers in time"),
}


def _seconds(header: str | None) -> int | None:
    """The seconds of a Retry-After, which is a number or a date (RFC 9110, 10.2.3); at most a day."""
    text = (header or "").strip()
    if text.isascii() and text.isdecimal():
        return min(int(text[:6]), MOST_RETRY_AFTER)
    try:
        rest = (parsedate_to_datetime(text) - datetime.now(UTC)).total_seconds()
    except (ValueError, TypeError):
        return None
    return min(max(0, ceil(rest)), MOST_RETRY_AFTER)
