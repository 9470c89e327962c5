"""The client against real sockets: what it trusts, follows and waits for, and what becomes of a connection that breaks."""

import asyncio
import datetime
import ipaddress
import ssl
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from pathlib import Path

import httpx
import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from telegraphql.gateway.errors import TooLarge
from telegraphql.gateway.upstream.body import read_body
from telegraphql.gateway.upstream.http_transport import client
from telegraphql.gateway.upstream.resilience import ResilienceSettings

Answers = Callable[[asyncio.StreamReader, asyncio.StreamWriter], Awaitable[None]]
HURRY = ResilienceSettings(connect_timeout="500ms", read_timeout="200ms")
OK = b"HTTP/1.1 200 OK\r\ncontent-length: 4\r\n\r\ngood"


@asynccontextmanager
async def served(answers: Answers, trust: ssl.SSLContext | None = None) -> AsyncIterator[str]:
    """An upstream that answers each connection by hand."""

    async def connected(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            await answers(reader, writer)
        except (ConnectionError, asyncio.IncompleteReadError):
            pass
        finally:
            writer.close()

    server = await asyncio.start_server(connected, "127.0.0.1", 0, ssl=trust)
    async with server:
        port = server.sockets[0].getsockname()[1]
        yield f"{'https' if trust else 'http'}://127.0.0.1:{port}/"


def once(answer: bytes) -> Answers:
    async def answers(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        writer.write(answer)
        await writer.drain()

    return answers


async def asked(url: str, limits: ResilienceSettings = HURRY, ca_file: str | None = None) -> httpx.Response:
    async with client(limits, ca_file) as asking:
        response = await asking.send(httpx.Request("GET", url))
        try:
            await response.aread()
        finally:
            await response.aclose()
        return response


@pytest.fixture(scope="module")
def authority(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, ssl.SSLContext]:
    """A certificate of 127.0.0.1 that nobody has heard of, and a server that shows it."""
    key, now = ec.generate_private_key(ec.SECP256R1()), datetime.datetime.now(datetime.UTC)
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "upstream")])
    made = x509.CertificateBuilder().subject_name(name).issuer_name(name).public_key(key.public_key()).serial_number(1)
    made = made.not_valid_before(now - datetime.timedelta(days=1)).not_valid_after(now + datetime.timedelta(days=1))
    here = x509.SubjectAlternativeName([x509.IPAddress(ipaddress.ip_address("127.0.0.1"))])
    certificate = made.add_extension(here, critical=False).sign(key, hashes.SHA256())
    path = tmp_path_factory.mktemp("authority") / "upstream.pem"
    path.write_bytes(certificate.public_bytes(serialization.Encoding.PEM))
    secret = path.with_name("key.pem")
    secret.write_bytes(key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()))
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(path, secret)
    return path, context


async def test_a_certificate_is_trusted_where_the_settings_name_its_authority(authority: tuple[Path, ssl.SSLContext]) -> None:
    path, context = authority
    async with served(once(OK), context) as url:
        assert (await asked(url, ca_file=str(path))).content == b"good"
        with pytest.raises(httpx.ConnectError):
            await asked(url)


async def test_a_redirect_is_an_answer_like_any_other() -> None:
    async with served(once(b"HTTP/1.1 302 Found\r\nlocation: /secret\r\ncontent-length: 0\r\n\r\n")) as url:
        assert (await asked(url)).status_code == 302


async def test_a_proxy_of_the_environment_is_not_asked(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HTTP_PROXY", "http://127.0.0.1:9")
    monkeypatch.setenv("ALL_PROXY", "http://127.0.0.1:9")
    async with served(once(OK)) as url:
        assert (await asked(url)).content == b"good"


async def test_nobody_who_listens_is_no_connection() -> None:
    with pytest.raises(httpx.ConnectError):
        await asked("http://127.0.0.1:9/")


@pytest.mark.parametrize("answer", [b"", b"HTTP/1.1 200 OK\r\ncontent-length: 40\r\n\r\ngood", b"nonsense\r\n\r\n"])
async def test_a_connection_that_breaks_or_babbles_is_told_so(answer: bytes) -> None:
    async with served(once(answer)) as url:
        with pytest.raises(httpx.RemoteProtocolError, match="the connection broke"):
            await asked(url)


@pytest.mark.parametrize("before", [b"", b"HTTP/1.1 200 OK\r\ncontent-length: 4\r\n\r\ngo"])
async def test_who_says_nothing_more_is_given_up_after_the_read_timeout(before: bytes) -> None:
    async def silent(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await once(before)(reader, writer)
        await reader.read()

    async with served(silent) as url:
        with pytest.raises(httpx.ReadTimeout):
            await asked(url)


async def test_a_body_comes_as_it_arrives() -> None:
    go_on = asyncio.Event()

    async def halting(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await once(b"HTTP/1.1 200 OK\r\ncontent-length: 4\r\n\r\ngo")(reader, writer)
        await go_on.wait()
        writer.write(b"od")
        await writer.drain()

    async with served(halting) as url, client(ResilienceSettings()) as asking:
        response = await asking.send(httpx.Request("GET", url))
        parts = response.aiter_bytes()
        assert await anext(parts) == b"go"
        go_on.set()
        assert [part async for part in parts] == [b"od"]
        await response.aclose()


@pytest.mark.parametrize("method", ["GET", "DELETE", "PUT"])
async def test_nothing_is_sent_twice_though_a_kept_connection_breaks(method: str) -> None:
    asked_for: list[bytes] = []

    async def breaking(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await once(OK)(reader, writer)
        asked_for.append((await reader.readuntil(b"\r\n\r\n")).split(b" ")[0])

    async with served(breaking) as url, client(ResilienceSettings()) as asking:
        first = await asking.send(httpx.Request("GET", url))
        await first.aread()
        await first.aclose()
        with pytest.raises(httpx.RemoteProtocolError):
            await asking.send(httpx.Request(method, url))
    assert asked_for == [method.encode()]


async def test_a_connection_is_used_again_once_an_answer_was_read_and_closed_where_it_was_not() -> None:
    connections = 0

    async def counting(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        nonlocal connections
        connections += 1
        while True:
            await once(OK)(reader, writer)

    async with served(counting) as url, client(ResilienceSettings()) as asking:
        for is_read in (True, True, False, True):
            response = await asking.send(httpx.Request("GET", url))
            if is_read:
                assert await response.aread() == b"good"
            await response.aclose()
    assert connections <= 2


async def plain(asking: httpx.AsyncClient, url: str, max_bytes: int = 100) -> tuple[int, bytes]:
    answer = await asking.send(httpx.Request("GET", url))
    try:
        return answer.status_code, await read_body(answer, max_bytes)
    finally:
        await answer.aclose()


async def test_an_answer_that_is_only_read_comes_as_a_whole_and_its_connection_is_used_again() -> None:
    connections = 0
    answers = [
        [OK],
        [b"HTTP/1.1 404 No\r\ntransfer-encoding: chunked\r\n\r\n", b"2\r\ngo\r\n", b"2\r\nod\r\n0\r\n\r\n"],
        [b"HTTP/1.1 204 Nothing\r\n\r\n"],
        [OK],
    ]

    async def halting(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        nonlocal connections
        connections += 1
        for parts in answers:
            await once(parts[0])(reader, writer)
            for part in parts[1:]:
                await asyncio.sleep(0.01)
                writer.write(part)
                await writer.drain()

    async with served(halting) as url, client(ResilienceSettings()) as asking:
        found = [await plain(asking, url) for _ in answers]
    assert (found, connections) == ([(200, b"good"), (404, b"good"), (204, b""), (200, b"good")], 1)


async def test_of_an_answer_that_is_too_long_no_more_is_read_than_shows_it() -> None:
    async def endless(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await once(b"HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n")(reader, writer)
        while True:
            writer.write(b"5\r\nwords\r\n")
            await writer.drain()
            await asyncio.sleep(0)

    async with served(endless) as url, client(ResilienceSettings()) as asking:
        with pytest.raises(TooLarge, match="longer than 7 bytes"):
            await plain(asking, url, max_bytes=7)


async def test_it_says_who_asks_and_what_it_unpacks() -> None:
    heard: list[bytes] = []

    async def listening(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        heard.append(await reader.readuntil(b"\r\n\r\n"))
        writer.write(OK)
        await writer.drain()

    async with served(listening) as url:
        await asked(f"{url}a%2Fb?c=d%20e+f")
    lines = heard[0].decode().lower().splitlines()
    assert lines[0] == "get /a%2fb?c=d%20e+f http/1.1"
    assert any(line.startswith("user-agent: telegraphql/") for line in lines)
    assert any(line.startswith("accept-encoding: gzip") for line in lines)
    assert not any(line.startswith(("content-type", "content-length")) for line in lines)
