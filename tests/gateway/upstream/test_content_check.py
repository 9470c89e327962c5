"""Reading through the client of one provider: what cannot be decoded is a failure like any other, and a file is the file."""

import gzip
from collections.abc import Callable
from typing import Any

import httpx
import msgspec
import pytest

from telegraphql.gateway.errors import BadAnswer, RateLimited, UpstreamError
from telegraphql.gateway.upstream.client import Answer, Request, Upstream
from telegraphql.gateway.upstream.health import Health
from telegraphql.gateway.upstream.request_budget import changing
from telegraphql.gateway.upstream.resilience import Resilience, ResilienceSettings
from telegraphql.schema.enums import BreakerState

ROWS = msgspec.json.Decoder(dict[str, int])
READ = Request(operation="GetCalls", path="/calls")
BROKEN = {"another format": b"<html>s3cr3t</html>", "truncated": b'{"a": 1', "another type": b'{"a": "s3cr3t"}'}


class Account:
    """An account whose upstream refuses with status 200."""

    name = id = "acme"

    async def authorize(self, request: Request) -> None: ...

    async def renew(self) -> None: ...

    def refusal(self, answer: Answer) -> UpstreamError | None:
        return RateLimited("asks for fewer requests") if b"slow down" in answer.body else None


def client(*answers: bytes | httpx.Response, **limits: Any) -> tuple[Upstream, list[httpx.Request]]:
    """An upstream that gives these answers, the last one again and again."""
    sent: list[httpx.Request] = []

    def handle(request: httpx.Request) -> httpx.Response:
        sent.append(request)
        found = answers[min(len(sent), len(answers)) - 1]
        return httpx.Response(200, content=found) if isinstance(found, bytes) else found

    health = Health()
    guard = Resilience(ResilienceSettings(**{"retry_wait": "1ms", **limits}), health)
    http = httpx.AsyncClient(transport=httpx.MockTransport(handle), trust_env=False)
    upstream = Upstream(http, "https://upstream.example", (), health, guard)
    upstream.provider = Account()
    return upstream, sent


async def test_an_answer_is_decoded() -> None:
    upstream, _ = client(b'{"a": 1}')
    assert await upstream.read(READ, ROWS) == {"a": 1}


@pytest.mark.parametrize("broken", BROKEN)
async def test_a_read_that_is_answered_in_another_format_is_tried_again(broken: str) -> None:
    upstream, sent = client(BROKEN[broken], BROKEN[broken], b'{"a": 1}')
    assert await upstream.read(READ, ROWS) == {"a": 1}
    assert len(sent) == 3


@pytest.mark.parametrize("broken", BROKEN)
async def test_it_counts_against_the_upstream_and_is_seen_in_its_health(broken: str) -> None:
    upstream, sent = client(BROKEN[broken], max_attempts=1, breaker_failures=2)
    for _ in range(3):
        with pytest.raises(BadAnswer) as raised:
            await upstream.read(READ, ROWS)
        assert raised.value.provider == "acme"
        assert "s3cr3t" not in str(raised.value)
    assert len(sent) == 2
    assert upstream.health.state is BreakerState.OPEN
    assert upstream.health.last_success_at is None
    assert upstream.health.last_problem is not None
    assert upstream.health.last_problem.provider == "acme"


async def test_what_a_command_is_answered_is_not_asked_for_twice() -> None:
    upstream, sent = client(BROKEN["truncated"], max_attempts=3)
    with changing(), pytest.raises(BadAnswer):
        await upstream.read(READ, ROWS)
    assert len(sent) == 1


async def test_the_answer_as_it_came_is_decoded_by_whoever_asked() -> None:
    upstream, _ = client(b'{"a": 1}')
    assert (await upstream.ask(READ)).decode(ROWS) == {"a": 1}


async def test_half_a_character_costs_a_character() -> None:
    upstream, _ = client(b'{"a": "\\ud83d"}')
    assert await upstream.read(READ, msgspec.json.Decoder(dict[str, str])) == {"a": "\ufffd"}


def told(content_type: str, content: bytes = b'{"message": "s3cr3t"}', status: int = 200) -> httpx.Response:
    return httpx.Response(status, content=content, headers={"content-type": content_type})


async def fetched(answer: httpx.Response, mime_type: str | None) -> bytes:
    upstream, _ = client(answer, max_attempts=1)
    async with upstream.stream(READ, mime_type) as response:
        return b"".join([part async for part in response.aiter_bytes()])


INSTEAD = [
    ("application/json", "audio/mpeg"),
    ("application/problem+json; charset=utf-8", "audio/wav"),
    ("Text/HTML; charset=utf-8", "audio/mpeg"),
    ("application/json", "text/csv"),
    ("text/html", "application/json"),
]
FILES = [
    ("audio/mpeg", "audio/mpeg"),
    ("application/octet-stream", "text/csv"),
    ("text/plain", "text/csv"),
    ("text/csv", "application/json"),
    ("application/json", "application/json"),
    ("application/json; charset=utf-8", "Application/JSON"),
    ("text/html", "text/html; charset=utf-8"),
    ("application/json", None),
    ("application/json", "application/octet-stream"),
    ("text/html", None),
    ("audio/mpeg", None),
]


@pytest.mark.parametrize(("content_type", "mime_type"), INSTEAD)
@pytest.mark.parametrize("status", [200, 206])
async def test_words_with_a_good_status_are_no_file_of_another_type(content_type: str, mime_type: str, status: int) -> None:
    with pytest.raises(BadAnswer, match="sent something else in place of the file") as raised:
        await fetched(told(content_type, status=status), mime_type)
    assert "s3cr3t" not in str(raised.value)


@pytest.mark.parametrize(("content_type", "mime_type"), FILES)
async def test_a_file_is_passed_on_whatever_it_says(content_type: str, mime_type: str | None) -> None:
    assert await fetched(told(content_type), mime_type) == b'{"message": "s3cr3t"}'


async def test_the_length_of_a_compressed_file_that_was_looked_into_is_that_of_its_bytes() -> None:
    content = b'{"message": "' + b"s" * 500 + b'"}'
    packed = httpx.Response(200, content=gzip.compress(content), headers={"content-type": "application/json", "content-encoding": "gzip"})
    upstream, _ = client(packed)
    async with upstream.stream(READ) as response:
        body = b"".join([part async for part in response.aiter_bytes()])
        assert (body, response.headers["content-length"], "content-encoding" in response.headers) == (content, "515", False)


@pytest.mark.parametrize("mime_type", ["audio/mpeg", None])
async def test_a_refusal_in_the_upstreams_own_words_is_told_as_such(mime_type: str | None) -> None:
    with pytest.raises(RateLimited):
        await fetched(told("application/json", b'{"error": "slow down"}'), mime_type)


async def test_a_long_file_of_unknown_type_is_not_read_into_memory_to_be_judged() -> None:
    assert len(await fetched(told("application/json", b"slow down" * 10_000), None)) == 90_000


async def test_a_file_that_is_refused_counts_against_the_upstream_and_is_asked_for_again() -> None:
    make: Callable[[], httpx.Response] = lambda: told("text/html", b"<html>")  # noqa: E731 - a response can be read once
    upstream, sent = client(make(), make(), told("audio/mpeg", b"sound"))
    async with upstream.stream(READ, "audio/mpeg") as response:
        assert await response.aread() == b"sound"
    assert len(sent) == 3
