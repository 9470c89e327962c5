"""The client of one provider: every failure becomes one of our errors, names the provider, and tells no secret."""

import asyncio
import gzip
import logging
from collections.abc import AsyncIterator, Callable
from typing import Any

import httpx
import msgspec
import pytest

from telegraphql.gateway.errors import (
    BadAnswer,
    Expired,
    Forbidden,
    NotFound,
    RateLimited,
    TimedOut,
    TooLarge,
    Unauthorized,
    Unavailable,
    UpstreamError,
)
from telegraphql.gateway.upstream.client import Answer, Request, Upstream

SECRET = "s3cr3t"
URL = f"https://upstream.example/platform_api?api_key={SECRET}"
Handler = Callable[[httpx.Request], Any]


class Account:
    """A provider's credentials, in the query as the worst of them want it."""

    name = id = "acme"

    def __init__(self) -> None:
        self.key = SECRET
        self.renewals = 0
        self.not_renewed: UpstreamError | None = None

    async def authorize(self, request: Request) -> None:
        request.params["api_key"] = self.key
        request.headers["Authorization"] = f"Bearer {self.key}"

    async def renew(self) -> None:
        self.renewals += 1
        await asyncio.sleep(0.01)
        if self.not_renewed:
            raise self.not_renewed
        self.key = f"new {SECRET}"

    def refusal(self, answer: Answer) -> UpstreamError | None:
        return Expired("the session has run out") if answer.body == b"expired" else None


def client(handler: Handler, base: str = "https://upstream.example/api/", hosts: tuple[str, ...] = ()) -> tuple[Upstream, Account]:
    upstream = Upstream(httpx.AsyncClient(transport=httpx.MockTransport(handler), trust_env=False), base, hosts)
    upstream.provider = account = Account()
    return upstream, account


def answering(status: int, content: bytes = b"{}", headers: dict[str, str] | None = None) -> Handler:
    return lambda request: httpx.Response(status, content=content, headers=headers)


ASK = Request(operation="GetCalls", path="/calls", params={"page": "1"})


async def test_a_request_is_sent_with_its_credentials_and_without_changing_it() -> None:
    sent: list[httpx.Request] = []

    def handle(request: httpx.Request) -> httpx.Response:
        sent.append(request)
        return httpx.Response(200, content=b'{"a": 1}', headers={"X-Total": "7"})

    upstream, _ = client(handle)
    request = Request(operation="x", path="/calls", method="POST", params={"page": "1"}, form={"a": "ü"})
    answer = await upstream.ask(request)
    assert (answer.status, answer.body, answer.headers["x-total"]) == (200, b'{"a": 1}', "7")
    assert (sent[0].method, str(sent[0].url)) == ("POST", f"https://upstream.example/api/calls?page=1&api_key={SECRET}")
    assert (sent[0].content, sent[0].headers["authorization"]) == (b"a=%C3%BC", f"Bearer {SECRET}")
    assert (request.params, request.headers) == ({"page": "1"}, {})


async def test_a_request_without_credentials_has_none() -> None:
    sent: list[httpx.Request] = []
    upstream, _ = client(lambda request: sent.append(request) or httpx.Response(200))
    await upstream.ask(Request(operation="Login", path="/login", method="POST", json={"user": "x"}, auth=False))
    assert (str(sent[0].url), sent[0].content, "authorization" in sent[0].headers) == (
        "https://upstream.example/api/login",
        b'{"user":"x"}',
        False,
    )


@pytest.mark.parametrize("status", [200, 201, 202, 204, 206])
async def test_a_status_of_success_is_no_error(status: int) -> None:
    assert (await client(answering(status))[0].ask(ASK)).status == status


async def opened(upstream: Upstream, path: str = "/file") -> bytes:
    async with upstream.stream(Request(operation="File", path=path)) as response:
        return await response.aread()


@pytest.mark.parametrize(
    ("fault", "kind"),
    [(503, Unavailable), (404, NotFound), (429, RateLimited), (httpx.ConnectError(URL), Unavailable), (httpx.PoolTimeout(URL), TimedOut)],
)
async def test_every_failure_names_the_provider_and_nothing_else(fault: int | Exception, kind: type[UpstreamError]) -> None:
    def fail(request: httpx.Request) -> httpx.Response:
        if isinstance(fault, Exception):
            raise fault
        return httpx.Response(fault, content=f"<html>{SECRET}</html>".encode(), headers={"retry-after": "7"} if fault == 503 else {})

    upstream, _ = client(fail)
    for attempt in (upstream.ask(ASK), opened(upstream)):
        with pytest.raises(UpstreamError) as raised:
            await attempt
        assert (type(raised.value), raised.value.provider) == (kind, "acme")
        assert raised.value.retry_after == (7 if fault == 503 else None)
        assert raised.value.__context__ is None or raised.value.__suppress_context__
        assert SECRET not in str(raised.value) + repr(raised.value)


async def test_the_upstreams_own_words_come_before_its_status() -> None:
    upstream, account = client(answering(500, b"expired"))
    account.not_renewed = Unauthorized("the password is wrong")
    with pytest.raises(Unauthorized, match="the password is wrong"):
        await upstream.ask(ASK)


@pytest.mark.parametrize("content", [b"x" * 101, gzip.compress(b"x" * 101)], ids=["plain", "packed"])
async def test_an_answer_that_is_too_long_is_not_read(content: bytes) -> None:
    headers = {"content-encoding": "gzip"} if content[:1] == b"\x1f" else {}
    upstream, _ = client(answering(200, content, headers))
    with pytest.raises(TooLarge, match="sent an answer that is longer than 100 bytes"):
        await upstream.ask(Request(operation="x", max_bytes=100))
    assert len((await upstream.ask(Request(operation="x", max_bytes=101))).body) == 101


async def test_broken_compression_is_a_bad_answer() -> None:
    def broken(request: httpx.Request) -> httpx.Response:
        return httpx.Response(200, headers={"content-encoding": "gzip"}, stream=Chunks(b"not gzip"))

    with pytest.raises(BadAnswer, match="sent compressed bytes that are broken"):
        await client(broken)[0].ask(ASK)


class Chunks(httpx.AsyncByteStream):
    """A body that arrives piece by piece, and may break off."""

    def __init__(self, *parts: bytes | Exception) -> None:
        self.parts = parts
        self.closed = False

    async def __aiter__(self) -> AsyncIterator[bytes]:
        for part in self.parts:
            if isinstance(part, Exception):
                raise part
            yield part

    async def aclose(self) -> None:
        self.closed = True


@pytest.mark.parametrize(("failure", "kind"), [(httpx.ReadError, Unavailable), (httpx.ReadTimeout, TimedOut)])
async def test_a_body_that_breaks_off_is_our_error_and_the_connection_is_closed(
    failure: type[httpx.TransportError], kind: type[UpstreamError]
) -> None:
    for attempt in (lambda upstream: upstream.ask(ASK), opened):
        body = Chunks(b"{", failure(URL))
        upstream, _ = client(lambda request, body=body: httpx.Response(200, stream=body))
        with pytest.raises(UpstreamError) as raised:
            await attempt(upstream)
        assert (type(raised.value), raised.value.provider, body.closed) == (kind, "acme", True)


FOREIGN = [
    "https://evil.example/x",
    "https://upstream.example.evil.example/x",
    "https://upstream.example@evil.example/x",
    "https://upstream.example:8443/x",
    "https://169.254.169.254/latest/meta-data",
    "https://UPSTREAM.example/x",
]


@pytest.mark.parametrize("url", FOREIGN)
async def test_a_foreign_host_is_never_asked(url: str) -> None:
    sent: list[httpx.Request] = []
    upstream, _ = client(lambda request: sent.append(request) or httpx.Response(200), hosts=("files.example",))
    with pytest.raises(Forbidden, match="add it to `file_hosts` if you trust it") as raised:
        await opened(upstream, url)
    assert (sent, raised.value.provider) == ([], "acme")


@pytest.mark.parametrize("host", ["upstream.example", "upstream.example:80", "upstream.example:443", "files.example", "storage.example"])
async def test_nothing_goes_over_http_for_an_upstream_with_https(host: str) -> None:
    sent: list[httpx.Request] = []
    upstream, _ = client(lambda request: sent.append(request) or httpx.Response(200), hosts=("files.example", "http://storage.example"))
    with pytest.raises(Forbidden) as raised:
        await opened(upstream, f"http://{host}/x?sig={SECRET}")
    words = f"the file is kept on http://{host.removesuffix(':80')}, but this provider's `base_url` is https: nothing is fetched over http"
    assert (raised.value.message, sent) == (f"{words}, whatever `file_hosts` says", [])


@pytest.mark.parametrize(
    "url", ["http://127.0.0.1:8090/x", "http://127.0.0.1:8091/x", "https://127.0.0.1:8091/x", "http://storage.example/x"]
)
async def test_a_sandbox_over_http_keeps_its_files_over_http(url: str) -> None:
    hosts = ("127.0.0.1:8091", "http://storage.example")
    upstream, _ = client(lambda request: httpx.Response(200, content=str(request.url).encode()), "http://127.0.0.1:8090/api", hosts)
    assert (await opened(upstream, url)).decode().startswith(url)


@pytest.mark.parametrize("url", ["https://127.0.0.1:8090/x", "http://127.0.0.1/x", "http://127.0.0.1:8092/x", "https://storage.example/x"])
async def test_another_scheme_or_port_is_another_origin(url: str) -> None:
    sent: list[httpx.Request] = []
    hosts = ("127.0.0.1:8091", "http://storage.example")
    upstream, _ = client(lambda request: sent.append(request) or httpx.Response(200), "http://127.0.0.1:8090/api", hosts)
    with pytest.raises(Forbidden, match="which is not a host of this provider; add it to `file_hosts`"):
        await opened(upstream, url)
    assert sent == []


@pytest.mark.parametrize("url", ["https://upstream.example/x?sig=1", "https://files.example/x?sig=1", "/x?sig=1"])
async def test_the_providers_own_hosts_are_asked(url: str) -> None:
    upstream, _ = client(lambda request: httpx.Response(200, content=str(request.url).encode()), hosts=("files.example",))
    found = (await opened(upstream, url)).decode()
    assert found.startswith(url if url.startswith("https") else "https://upstream.example/api/x?sig=1")


@pytest.mark.parametrize("url", ["https://[::1/x", "https://upstream.example:port/x", "https:///x", "https://upstream.example/\x00"])
async def test_a_broken_address_is_an_error_of_ours(url: str) -> None:
    with pytest.raises(UpstreamError):
        await opened(client(answering(200))[0], url)


def expiring(request: httpx.Request) -> httpx.Response:
    good = request.headers["authorization"] == f"Bearer new {SECRET}"
    return httpx.Response(200, content=b"{}" if good else b"expired")


async def many(upstream: Upstream) -> list[Any]:
    asks = (upstream.ask(Request(operation="x", path=f"/{number}")) for number in range(20))
    return await asyncio.gather(*asks, return_exceptions=True)


async def test_expired_credentials_are_renewed_once_for_all_and_the_requests_go_on() -> None:
    upstream, account = client(expiring)
    assert [answer.body for answer in await many(upstream)] == [b"{}"] * 20
    assert account.renewals == 1
    account.key = "old again"
    assert [answer.body for answer in await many(upstream)] == [b"{}"] * 20
    assert account.renewals == 2


async def test_credentials_that_cannot_be_renewed_are_tried_once_for_all() -> None:
    upstream, account = client(expiring)
    account.not_renewed = Unauthorized("the password is wrong")
    assert {(type(error), str(error), error.provider) for error in await many(upstream)} == {
        (Unauthorized, "the password is wrong", "acme")
    }
    assert account.renewals == 1
    account.not_renewed = None
    assert [answer.body for answer in await many(upstream)] == [b"{}"] * 20
    assert account.renewals == 2


async def test_credentials_that_are_renewed_in_vain_are_not_renewed_again_and_again() -> None:
    upstream, account = client(answering(200, b"expired"))
    with pytest.raises(Unauthorized):
        await upstream.ask(ASK)
    assert account.renewals == 1


async def test_a_request_without_credentials_renews_none() -> None:
    upstream, account = client(answering(200, b"expired"))
    with pytest.raises(Expired):
        await upstream.ask(Request(operation="Login", auth=False))
    assert account.renewals == 0


async def test_health_remembers_the_last_good_and_bad_moment() -> None:
    statuses = [503, 200]
    upstream, _ = client(lambda request: httpx.Response(statuses.pop(0)))
    with pytest.raises(Unavailable):
        await upstream.ask(ASK)
    assert (upstream.health.last_success_at, upstream.health.last_problem and upstream.health.last_problem.provider) == (None, "acme")
    await upstream.ask(ASK)
    assert upstream.health.last_success_at is not None


async def test_no_secret_is_in_a_log_line_or_a_repr(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG, "telegraphql")
    upstream, _ = client(answering(200, SECRET.encode()))
    request = Request(operation="GetCalls", path=f"/x?key={SECRET}", params={"key": SECRET}, headers={"key": SECRET}, form={"key": SECRET})
    answer = await upstream.ask(request)
    shown = [repr(request), repr(answer), *(record.getMessage() for record in caplog.records if record.name.startswith("telegraphql"))]
    assert SECRET not in "".join(shown)
    assert repr(request) == "Request(operation='GetCalls', method='GET', auth=True, max_bytes=8388608)"


def test_an_answer_in_another_format_is_a_bad_answer_without_its_words() -> None:
    decoder = msgspec.json.Decoder(dict[str, int])
    assert Answer(200, b'{"a": 1}', {}).decode(decoder) == {"a": 1}
    for body in (b"<html>s3cr3t</html>", b'{"a": "s3cr3t"}', b""):
        with pytest.raises(BadAnswer, match="the answer is not in the documented format") as raised:
            Answer(200, body, {}).decode(decoder)
        assert SECRET not in str(raised.value)
        assert raised.value.__suppress_context__


async def test_closing_closes_the_connections() -> None:
    await (upstream := client(answering(200))[0]).aclose()
    with pytest.raises(RuntimeError, match="closed"):
        await upstream.ask(ASK)
