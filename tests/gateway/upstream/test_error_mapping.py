"""What goes wrong on the way to an upstream becomes one of our errors, named, and without the words that came with it."""

from datetime import UTC, datetime, timedelta
from email.utils import format_datetime

import httpx
import pytest

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
from telegraphql.gateway.upstream.error_mapping import by_status, translated

SECRET = "s3cr3t"
URL = f"https://upstream.example/platform_api?api_key={SECRET}"

TRANSPORT: dict[str, type[UpstreamError] | None] = {
    "HTTPError": Unavailable,
    "RequestError": Unavailable,
    "TransportError": Unavailable,
    "TimeoutException": TimedOut,
    "ConnectTimeout": TimedOut,
    "ReadTimeout": TimedOut,
    "WriteTimeout": TimedOut,
    "PoolTimeout": TimedOut,
    "NetworkError": Unavailable,
    "ConnectError": Unavailable,
    "ReadError": Unavailable,
    "WriteError": Unavailable,
    "CloseError": Unavailable,
    "ProtocolError": Unavailable,
    "LocalProtocolError": Unavailable,
    "RemoteProtocolError": Unavailable,
    "ProxyError": Unavailable,
    "UnsupportedProtocol": Unavailable,
    "DecodingError": BadAnswer,
    "TooManyRedirects": Unavailable,
    "HTTPStatusError": Unavailable,
    "InvalidURL": Unavailable,
    "StreamError": Unavailable,
    "StreamConsumed": Unavailable,
    "StreamClosed": Unavailable,
    "ResponseNotRead": Unavailable,
    "RequestNotRead": Unavailable,
    # Only reading a response's cookies raises it, which nobody does.
    "CookieConflict": None,
}


def failure(name: str) -> Exception:
    kind: type[Exception] = getattr(httpx, name)
    return kind.__new__(kind, URL)


def test_no_exception_of_httpx_is_left_out() -> None:
    kinds = {name for name, each in vars(httpx).items() if isinstance(each, type) and issubclass(each, Exception)}
    assert kinds == set(TRANSPORT)


@pytest.mark.parametrize(("name", "kind"), [(name, kind) for name, kind in TRANSPORT.items() if kind])
def test_every_failure_on_the_way_becomes_our_error_without_its_words(name: str, kind: type[UpstreamError]) -> None:
    found = translated(failure(name))
    assert isinstance(found, UpstreamError)
    assert (type(found), found.retryable) == (kind, True)
    assert SECRET not in str(found) + repr(found)


def test_other_exceptions_stay_as_they_are() -> None:
    other = failure("CookieConflict")
    assert translated(other) is other
    assert type(translated(TimeoutError())) is TimedOut


STATUSES: list[tuple[int, type[UpstreamError], str]] = [
    (400, RejectedInput, "refused a value of the request (status 400)"),
    (401, Unauthorized, "refused the credentials; check this provider's settings (status 401)"),
    (403, Forbidden, "does not allow this with the configured credentials (status 403)"),
    (404, NotFound, "has no such record (status 404)"),
    (405, BadData, "answered with the unexpected status 405"),
    (408, TimedOut, "gave up waiting (status 408)"),
    (409, RejectedInput, "refused a value of the request (status 409)"),
    (410, NotFound, "has removed it (status 410)"),
    (418, BadData, "answered with the unexpected status 418"),
    (422, RejectedInput, "refused a value of the request (status 422)"),
    (429, RateLimited, "asks for fewer requests"),
    (301, BadData, "answered with the unexpected status 301"),
    (304, BadData, "answered with the unexpected status 304"),
    (500, Unavailable, "failed (status 500); try again later"),
    (502, Unavailable, "failed (status 502); try again later"),
    (503, Unavailable, "failed (status 503); try again later"),
    (504, TimedOut, "did not get an answer from its own servers in time (status 504)"),
    (599, Unavailable, "failed (status 599); try again later"),
]


@pytest.mark.parametrize(("status", "kind", "words"), STATUSES)
def test_a_status_says_what_it_means(status: int, kind: type[UpstreamError], words: str) -> None:
    found = by_status(status, {})
    assert (type(found), found.message, found.retry_after) == (kind, words, None)


WAITS = [
    ("7", 7),
    (" 7 ", 7),
    ("0", 0),
    ("0" * 5000 + "7", 7),
    ("9" * 5000, 86_400),
    ("\u0662", None),
    ("99999999999999999999", 86_400),
    ("Fri, 01 Mar 2024 12:00:00 GMT", 0),
    ("Fri, 01 Mar 9999 12:00:00 GMT", 86_400),
    ("²", None),
    ("soon", None),
    ("-1", None),
    ("1.5", None),
    ("", None),
]


@pytest.mark.parametrize(("header", "seconds"), WAITS)
@pytest.mark.parametrize("status", [429, 503])
def test_how_long_to_wait_is_told(status: int, header: str, seconds: int | None) -> None:
    found = by_status(status, {"retry-after": header})
    assert found.retry_after == seconds


def test_how_long_to_wait_may_be_a_date() -> None:
    in_a_minute = format_datetime(datetime.now(UTC) + timedelta(seconds=60), usegmt=True)
    found = by_status(503, {"retry-after": in_a_minute})
    assert found.retry_after in range(50, 61)
