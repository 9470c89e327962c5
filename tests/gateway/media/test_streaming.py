"""Links to files: signed, expiring, and the bytes behind them, streamed."""

import gzip
import tracemalloc
from collections.abc import AsyncIterator
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx
import pytest
from itsdangerous import URLSafeTimedSerializer
from starlette.applications import Starlette
from starlette.requests import ClientDisconnect
from starlette.requests import Request as HttpRequest
from starlette.responses import Response
from starlette.routing import Route

from telegraphql.gateway.auth.caller import LOCAL
from telegraphql.gateway.errors import BadAnswer, Forbidden, NotFound, RateLimited, TimedOut, Unauthorized, Unavailable, Unsupported
from telegraphql.gateway.graphql.validation.concurrency_limit import ConcurrencyLimit
from telegraphql.gateway.graphql.validation.limits import Limits
from telegraphql.gateway.media.links import ExpiredLink, FileAddress, InvalidLink, MediaLinks, locate_file
from telegraphql.gateway.media.streaming import stream_file
from telegraphql.gateway.pagination.bound_provider import BoundProvider
from telegraphql.gateway.plugin.provider import Download, files
from telegraphql.gateway.upstream.client import Request
from telegraphql.schema.record import FileInfo
from tests.support.memory_provider import Handler, Memory, Store, serving
from tests.support.records import recording

BODY = bytes(range(256)) * 4
HOUR = timedelta(hours=1)
LINKS = MediaLinks("secret", HOUR)
SOUND = FileAddress("a", "Recording.media", "7").for_caller(LOCAL)


class Filing(Memory):
    """Keeps sounds, logs and traces."""

    details: dict[str, Any]

    @files("Recording.media")
    async def media(self, native_id: str) -> Download:
        """The sound."""
        self.store.asked.append(native_id)
        if self.store.failure:
            raise self.store.failure
        return Download(request=Request(operation="File", path=f"/{native_id}.wav"), **self.details)

    @files("Call.trace")
    async def trace(self, native_id: str) -> Download:
        """The SIP messages."""
        return Download(request=Request(operation="Trace", path=f"/{native_id}.txt"))


def keeping(handler: Handler, **details: Any) -> BoundProvider:
    served = serving("a", Filing, Store(), handler)
    provider: Any = served.provider
    provider.details = details
    return served


def ignoring(request: httpx.Request) -> httpx.Response:
    """An upstream that ignores ranges."""
    return httpx.Response(200, content=BODY, headers={"content-type": "audio/x-wav"})


def giving(request: httpx.Request) -> httpx.Response:
    """An upstream that gives ranges."""
    first, _, last = request.headers["range"].removeprefix("bytes=").partition("-")
    if int(first) >= len(BODY):
        return httpx.Response(416, headers={"content-range": f"bytes */{len(BODY)}"})
    part = BODY[int(first) : int(last) + 1]
    return httpx.Response(206, content=part, headers={"content-range": f"bytes {first}-{last}/{len(BODY)}"})


async def fetch(served: BoundProvider, token: str | None = None, method: str = "GET", **headers: str) -> httpx.Response:
    """The answer to a link."""

    async def file(request: HttpRequest) -> Response:
        return await stream_file(request, LINKS, {"a": served})

    app = Starlette(routes=[Route("/media/{token}", file, methods=["GET", "HEAD"])])
    url = LINKS.for_address(SOUND, FileInfo()).url if token is None else f"/media/{token}"
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://gateway") as client:
        return await client.request(method, url, headers=headers)


def test_a_link_leads_back_to_its_file() -> None:
    link = MediaLinks("secret", HOUR, "https://gateway.example/").for_address(SOUND, FileInfo("audio/mpeg", 7, "x.mp3"))
    assert link.url.startswith("https://gateway.example/media/")
    assert LINKS.read(link.url.rpartition("/")[2]) == SOUND
    assert (link.mime_type, link.size_bytes, link.file_name) == ("audio/mpeg", 7, "x.mp3")
    assert timedelta(minutes=59) < link.expires_at - datetime.now(UTC) <= HOUR


def test_a_record_without_the_file_has_no_link() -> None:
    record = recording(7, 1, files={"media": FileInfo()})
    found = LINKS.for_record(record, "media")
    assert found is not None
    assert LINKS.read(found.url.rpartition("/")[2]) == SOUND
    assert LINKS.for_record(record, "transcription") is None


def token(secret: str = "secret", salt: str = "media", content: Any = ("a", "Recording.media", "7")) -> str:
    return str(URLSafeTimedSerializer(secret, salt=salt).dumps(list(content)))


WRONG = {
    "garbage": "garbage",
    "of another secret": token("other"),
    "of another purpose": token(salt="session"),
    "with another signature": token()[:-2] + ("AA" if token()[-2:] != "AA" else "BB"),
    "with another file": token(content=("a", "Recording.media", "8")).partition(".")[0] + "." + token().partition(".")[2],
    "of other parts": token(content=("a", "b")),
    "of nobody": token(content=("nobody", "Recording.media", "7")),
}


@pytest.mark.parametrize("token", WRONG.values(), ids=WRONG)
async def test_a_foreign_or_changed_link_leads_nowhere(token: str) -> None:
    served = keeping(ignoring)
    answer = await fetch(served, token)
    assert (answer.status_code, answer.headers["cache-control"]) == (403, "no-store")
    assert answer.json() == {"error": {"message": "this is not a link of this gateway", "code": "BAD_TOKEN"}}
    assert served.provider.store.asked == []


def test_no_letter_of_a_link_can_be_changed() -> None:
    token = LINKS.for_address(SOUND, FileInfo()).url.removeprefix("/media/")
    assert LINKS.read(token) == SOUND
    others = [
        token[:place] + letter + token[place + 1 :] for place in range(len(token)) for letter in "ABQgwz09-_.=" if letter != token[place]
    ]
    for other in [*others, token + "=", token + "A", token + "\n", f" {token}"]:
        with pytest.raises(InvalidLink):
            LINKS.read(other)


async def test_an_expired_link_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    old = token()
    with pytest.raises(ExpiredLink):
        MediaLinks("secret", timedelta(seconds=-1)).read(old)
    monkeypatch.setattr(LINKS, "_lifetime", timedelta(seconds=-1))
    answer = await fetch(keeping(ignoring), old)
    assert answer.status_code == 410
    words = "this link has expired: query the record's media again for a new one"
    assert answer.json() == {"error": {"message": words, "code": "EXPIRED_TOKEN"}}


def test_another_secret_makes_other_links() -> None:
    with pytest.raises(InvalidLink):
        MediaLinks("other", HOUR).read(token())


FAILURES = [
    (NotFound("has no such record"), 404),
    (Forbidden("does not allow this"), 403),
    (RateLimited("asks for fewer requests", retry_after=7), 503),
    (TimedOut("no answer in time"), 504),
    (Unauthorized("refused the credentials"), 502),
    (Unavailable("is down"), 502),
    (BadAnswer("answers nonsense"), 502),
    (Unsupported("has no file"), 502),
]


@pytest.mark.parametrize(("failure", "status"), FAILURES, ids=lambda each: str(each))
async def test_an_upstreams_failure_has_a_status_and_a_code(failure: Any, status: int) -> None:
    served = keeping(ignoring)
    served.provider.store.failure = failure
    answer = await fetch(served)
    assert answer.status_code == status
    assert answer.json() == {"error": {"message": failure.message, **failure.extensions, "provider": "a"}}


async def test_a_file_nobody_keeps_is_unsupported() -> None:
    with pytest.raises(Unsupported, match=r"has no file Call\.capture"):
        await locate_file(keeping(ignoring), "Call.capture", "7")


async def test_a_file_is_streamed_with_what_is_known_of_it() -> None:
    answer = await fetch(keeping(ignoring))
    assert (answer.status_code, answer.content) == (200, BODY)
    wanted = {
        "content-type": "audio/x-wav",
        "content-length": "1024",
        "accept-ranges": "bytes",
        "cache-control": "private, no-store",
        "x-content-type-options": "nosniff",
        "content-security-policy": "sandbox; default-src 'none'; media-src 'self'",
    }
    assert dict(answer.headers) == wanted


NAMES = [
    ("call.wav", "inline; filename*=UTF-8''call.wav"),
    ("Gespräch mit Ärzten.mp3", "inline; filename*=UTF-8''Gespr%C3%A4ch%20mit%20%C3%84rzten.mp3"),
    ('a"b/c\\d\r\nX: y;', "inline; filename*=UTF-8''a%22b%2Fc%5Cd%0D%0AX%3A%20y%3B"),
]


@pytest.mark.parametrize(("name", "header"), NAMES)
async def test_a_files_name_is_encoded(name: str, header: str) -> None:
    answer = await fetch(keeping(ignoring, file_name=name, mime_type="audio/mpeg"))
    assert (answer.headers["content-disposition"], answer.headers["content-type"]) == (header, "audio/mpeg")


@pytest.mark.parametrize("handler", [ignoring, giving])
async def test_a_range_is_given_whether_or_not_the_upstream_gives_ranges(handler: Handler) -> None:
    answer = await fetch(keeping(handler), range="bytes=100-299")
    assert (answer.status_code, answer.content) == (206, BODY[100:300])
    assert (answer.headers["content-range"], answer.headers["content-length"]) == ("bytes 100-299/1024", "200")


@pytest.mark.parametrize("handler", [ignoring, giving])
async def test_a_range_beyond_the_end_is_refused_with_the_size(handler: Handler) -> None:
    answer = await fetch(keeping(handler), range="bytes=1024-2000")
    assert (answer.status_code, answer.content, answer.headers["content-range"]) == (416, b"", "bytes */1024")


@pytest.mark.parametrize("header", ["bytes=9-5", "bytes=0-1,4-5", "lines=1-2"])
async def test_a_range_that_is_none_gives_the_whole(header: str) -> None:
    answer = await fetch(keeping(ignoring), range=header)
    assert (answer.status_code, answer.content) == (200, BODY)


async def test_a_range_of_5000_digits_is_past_the_end() -> None:
    for handler in (ignoring, giving):
        answer = await fetch(keeping(handler), range=f"bytes={'9' * 5000}-")
        assert (answer.status_code, answer.headers["content-range"]) == (416, f"bytes */{len(BODY)}")


@pytest.mark.parametrize(
    "headers", [{"content-range": "bytes 0-1/\xe9"}, {"content-length": "0" * 5000}, {"content-encoding": "gzip, gzip"}]
)
async def test_broken_headers_of_the_upstream_are_a_bad_answer(headers: dict[str, str]) -> None:
    raw = [(name.encode(), value.encode("latin-1")) for name, value in headers.items()]
    status = 206 if "content-range" in headers else 200
    answer = await fetch(keeping(lambda request: httpx.Response(status, headers=raw, stream=Chunks(1, b"sound"))))
    assert (answer.status_code, answer.json()["error"]["code"]) == (502, "BAD_ANSWER")


async def test_a_content_type_that_no_header_may_hold_is_left_out() -> None:
    answer = await fetch(keeping(lambda request: httpx.Response(200, content=BODY, headers=[(b"content-type", "a/\u20ac".encode())])))
    assert (answer.status_code, answer.headers["content-type"]) == (200, "application/octet-stream")


async def test_only_what_was_asked_for_is_asked_upstream() -> None:
    sent: list[httpx.Request] = []
    await fetch(keeping(lambda request: sent.append(request) or ignoring(request)), range="bytes=1-2")
    assert (sent[0].headers["range"], sent[0].headers["accept-encoding"]) == ("bytes=1-2", "identity")


async def test_head_tells_the_same_without_the_bytes() -> None:
    read = Chunks(8, b"x")
    answer = await fetch(keeping(lambda request: httpx.Response(200, stream=read, headers={"content-length": "8"})), method="HEAD")
    assert (answer.status_code, answer.headers["content-length"], answer.content, read.given) == (200, "8", b"", 0)
    part = await fetch(keeping(ignoring), method="HEAD", range="bytes=0-9")
    assert (part.status_code, part.headers["content-length"], part.content) == (206, "10", b"")


@pytest.mark.parametrize("content", [BODY, gzip.compress(BODY)], ids=["plain", "packed"])
async def test_a_file_that_may_be_packed_is_unpacked_and_has_no_length(content: bytes) -> None:
    served = keeping(lambda request: httpx.Response(200, content=content), may_be_gzipped=True, size_bytes=len(content))
    for method, body in (("GET", BODY), ("HEAD", b"")):
        answer = await fetch(served, method=method, range="bytes=0-9")
        assert (answer.status_code, answer.content) == (200, body)
        assert "content-length" not in answer.headers


class Chunks(httpx.AsyncByteStream):
    """The same bytes again and again; counts what it gives."""

    def __init__(self, number: int, chunk: bytes) -> None:
        self.number, self.chunk = number, chunk
        self.given = 0
        self.closed = False

    async def __aiter__(self) -> AsyncIterator[bytes]:
        for _ in range(self.number):
            self.given += 1
            yield self.chunk

    async def aclose(self) -> None:
        self.closed = True


async def opened(served: BoundProvider, range: str = "", limit: ConcurrencyLimit | None = None) -> Any:
    headers = [(b"range", range.encode())] if range else []
    scope = {"type": "http", "method": "GET", "path": "/", "headers": headers, "path_params": {"token": token()}}
    return await stream_file(HttpRequest(scope), LINKS, {"a": served}, limit=limit)


async def sent(response: Response, most: int = 1_000_000) -> list[int]:
    """The sizes of the pieces that a client takes, which leaves after so many of them."""
    sizes: list[int] = []

    async def send(message: Any) -> None:
        if len(sizes) == most:
            raise OSError("the client has left")
        if message.get("body"):
            sizes.append(len(message["body"]))

    with suppress(ClientDisconnect):
        await response({"type": "http", "asgi": {"spec_version": "2.4"}}, None, send)  # type: ignore[arg-type]  # nothing is received
    return sizes


async def test_200_megabytes_need_hardly_any_memory() -> None:
    stream = Chunks(800, bytes(256 * 1024))
    response = await opened(keeping(lambda request: httpx.Response(200, stream=stream)))
    tracemalloc.start()
    try:
        size = sum(await sent(response))
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert (size, stream.closed) == (200 * 1024 * 1024, True)
    assert peak < 2 * 1024 * 1024


async def test_a_packed_megabyte_is_unpacked_in_small_pieces() -> None:
    packed = gzip.compress(bytes(50 * 1024 * 1024))
    response = await opened(keeping(lambda request: httpx.Response(200, content=packed), may_be_gzipped=True))
    sizes = await sent(response)
    assert (sum(sizes), max(sizes)) == (50 * 1024 * 1024, 128 * 1024)


@pytest.mark.parametrize("wanted", ["", "bytes=0-9"])
async def test_a_client_that_leaves_closes_the_upstream(wanted: str) -> None:
    stream = Chunks(1000, b"x" * 100)
    headers = {"content-length": "100000"}
    response = await opened(keeping(lambda request: httpx.Response(200, stream=stream, headers=headers)), wanted)
    assert await sent(response, most=1) == [10 if wanted else 100]
    assert (stream.given, stream.closed) == (1 if wanted else 2, True)


async def test_a_client_that_leaves_before_the_first_byte_closes_the_upstream() -> None:
    stream = Chunks(1000, b"x" * 100)
    assert await sent(await opened(keeping(lambda request: httpx.Response(200, stream=stream))), most=0) == []
    assert (stream.given, stream.closed) == (0, True)


async def test_a_caller_has_so_many_downloads_at_once() -> None:
    limit, served = ConcurrencyLimit(Limits(max_downloads_per_caller=1)), keeping(ignoring)
    first = await opened(served, limit=limit)
    refused = await opened(served, limit=limit)
    assert (refused.status_code, refused.headers["retry-after"]) == (429, "1")
    assert b'"code":"OVERLOADED"' in bytes(refused.body)
    assert sum(await sent(first)) == len(BODY)
    assert sum(await sent(await opened(served, limit=limit))) == len(BODY)
    assert limit.downloads.taken == 0


async def test_the_end_of_a_part_closes_the_upstream() -> None:
    stream = Chunks(1000, b"x" * 100)
    headers = {"content-length": "100000"}
    response = await opened(keeping(lambda request: httpx.Response(200, stream=stream, headers=headers)), "bytes=150-249")
    assert sum(await sent(response)) == 100
    assert (stream.given, stream.closed) == (3, True)
