"""Connection errors: each reason why there is no connection is told apart, with what to change, against real servers on loopback."""

import asyncio
import ipaddress
import ssl
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from telegraphql.gateway.config.settings import build_config
from telegraphql.gateway.errors import SettingsError, TimedOut, Unavailable, UpstreamError
from telegraphql.gateway.plugin.provider import Provider, lists
from telegraphql.gateway.plugin.registry import Plugins
from telegraphql.gateway.runtime import Runtime
from telegraphql.gateway.upstream.client import Request
from telegraphql.gateway.upstream.connection_errors import ConnectionCause
from telegraphql.plugin import Whole
from telegraphql.schema import Queue

Handler = Callable[[asyncio.StreamReader, asyncio.StreamWriter], Awaitable[None]]
OK = b"HTTP/1.1 200 OK\r\ncontent-length: 4\r\n\r\ngood"
DAY = timedelta(days=1)
SECRET = "pr0xy-s3cret"


class Upstreamed(Provider):
    """A provider of one request."""

    plugin = "upstreamed"

    @lists(Queue, pages=Whole(most=1))
    async def queues(self, request: Any) -> Any:
        """List nothing."""

    async def check(self) -> None:
        """Send a request."""
        assert (await self.upstream.ask(Request(operation="GET /", path="/"))).body == b"good"


def answering(answer: bytes) -> Handler:
    async def handler(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        if answer:
            await reader.readuntil(b"\r\n\r\n")
        writer.write(answer)
        await writer.drain()
        writer.close()

    return handler


@asynccontextmanager
async def served(handler: Handler, trust: ssl.SSLContext | None = None) -> AsyncIterator[int]:
    server = await asyncio.start_server(handler, "127.0.0.1", 0, ssl=trust)
    async with server:
        yield server.sockets[0].getsockname()[1]


def certificate(folder: Path, *, host: str = "127.0.0.1", begins: timedelta = -DAY, ends: timedelta = DAY, own: bool = True) -> Path:
    """Make a certificate with its key in one file. `own`: it is self-signed, else of an authority that nobody knows."""
    key, now = ec.generate_private_key(ec.SECP256R1()), datetime.now(UTC)
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "upstream")])
    issuer = subject if own else x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "authority")])
    name = x509.IPAddress(ipaddress.ip_address(host)) if host[0].isdigit() else x509.DNSName(host)
    built = x509.CertificateBuilder().subject_name(subject).issuer_name(issuer).public_key(key.public_key()).serial_number(1)
    built = built.not_valid_before(now + begins).not_valid_after(now + ends)
    built = built.add_extension(x509.SubjectAlternativeName([name]), critical=False)
    signed = built.sign(key if own else ec.generate_private_key(ec.SECP256R1()), hashes.SHA256())
    secret = key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    path = folder / "server.pem"
    path.write_bytes(signed.public_bytes(serialization.Encoding.PEM) + secret)
    return path


def showing(path: Path) -> ssl.SSLContext:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(path)
    return context


async def failure(base_url: str, network: dict[str, str] | None = None, **settings: Any) -> UpstreamError:
    """Return the error of a provider's check, which must be the one that its health shows."""
    limits = {"max_attempts": 1, "connect_timeout": "300ms", "read_timeout": "2s"}
    table = {"plugin": "upstreamed", "base_url": base_url, "limits": limits, **settings}
    config = build_config({"providers": {"pbx": table}, "network": network or {}}, Path())
    runtime = Runtime.build(config, Plugins({"upstreamed": Upstreamed}, {}))
    provider = runtime.providers["pbx"].provider
    try:
        with pytest.raises(UpstreamError) as found:
            await provider.check()
        problem = provider.upstream.health.last_problem
        assert problem is not None
        assert (problem.message, problem.code) == (found.value.message, found.value.problem)
        assert SECRET not in repr(found.value) + str(problem)
        return found.value
    finally:
        await runtime.aclose()


def told(error: UpstreamError) -> tuple[type[UpstreamError], str, str]:
    return type(error), error.cause, error.message


def expected(cause: ConnectionCause) -> tuple[type[UpstreamError], str, str]:
    return TimedOut if cause is ConnectionCause.CONNECT_TIMEOUT else Unavailable, cause.name, cause.value


@pytest.mark.parametrize(
    ("made", "is_trusted", "cause"),
    [
        ({}, False, ConnectionCause.SELF_SIGNED_CERTIFICATE),
        ({"own": False}, False, ConnectionCause.UNTRUSTED_CERTIFICATE),
        ({"begins": -2 * DAY, "ends": -DAY}, True, ConnectionCause.EXPIRED_CERTIFICATE),
        ({"begins": DAY, "ends": 2 * DAY}, True, ConnectionCause.EARLY_CERTIFICATE),
        ({"host": "other.example"}, True, ConnectionCause.WRONG_HOST_CERTIFICATE),
        ({"host": "127.0.0.2"}, True, ConnectionCause.WRONG_HOST_CERTIFICATE),
    ],
)
async def test_certificates(tmp_path: Path, made: dict[str, Any], is_trusted: bool, cause: ConnectionCause) -> None:
    path = certificate(tmp_path, **made)
    async with served(answering(OK), showing(path)) as port:
        error = await failure(f"https://127.0.0.1:{port}", **({"ca_file": str(path)} if is_trusted else {}))
    assert told(error) == expected(cause)
    assert any(mend in error.message for mend in ("`ca_file`", "`base_url`", "the clock"))


async def test_tls_on_a_plain_port_and_the_other_way_round(tmp_path: Path) -> None:
    async with served(answering(b"HTTP/1.1 400 Bad Request\r\n\r\n"), None) as port:
        # The server answers what it can read of the TLS greeting.
        babbling = await failure(f"https://127.0.0.1:{port}")
    async with served(_at_once(b"HTTP/1.1 400 Bad Request\r\n\r\n")) as port:
        assert told(await failure(f"https://127.0.0.1:{port}")) == expected(ConnectionCause.NOT_TLS)
    assert told(babbling) == expected(ConnectionCause.CONNECT_TIMEOUT)
    async with served(answering(OK), showing(certificate(tmp_path))) as port:
        assert told(await failure(f"http://127.0.0.1:{port}")) == expected(ConnectionCause.CLOSED)


def _at_once(answer: bytes) -> Handler:
    async def handler(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(answer)
        await writer.drain()
        await reader.read()
        writer.close()

    return handler


@pytest.mark.parametrize(
    ("version", "cause"),
    [(ssl.TLSVersion.TLSv1_2, ConnectionCause.HANDSHAKE_CLOSED), (ssl.TLSVersion.TLSv1_3, ConnectionCause.TLS_CLOSED)],
)
async def test_a_server_that_asks_for_a_client_certificate(
    tmp_path_factory: pytest.TempPathFactory, version: ssl.TLSVersion, cause: ConnectionCause
) -> None:
    own, ours = certificate(tmp_path_factory.mktemp("server")), certificate(tmp_path_factory.mktemp("client"), host="gateway.example")
    trust = showing(own)
    trust.verify_mode, trust.maximum_version = ssl.CERT_REQUIRED, version
    trust.load_verify_locations(ours)
    async with served(answering(OK), trust) as port:
        table = {"base_url": f"https://127.0.0.1:{port}", "ca_file": str(own)}
        error = await failure(**table)
        assert (error.cause, "`client_cert_file`" in error.message) == (cause.name, True)
        config = build_config({"providers": {"pbx": {"plugin": "upstreamed", "client_cert_file": str(ours), **table}}}, Path())
        runtime = Runtime.build(config, Plugins({"upstreamed": Upstreamed}, {}))
        await runtime.providers["pbx"].provider.check()
        await runtime.aclose()


def test_a_file_that_holds_no_client_certificate_is_named(tmp_path: Path) -> None:
    (tmp_path / "empty.pem").write_text("")
    table = {"plugin": "upstreamed", "base_url": "https://pbx.example", "client_cert_file": str(tmp_path / "empty.pem")}
    with pytest.raises(SettingsError) as found:
        Runtime.build(build_config({"providers": {"pbx": table}}, Path()), Plugins({"upstreamed": Upstreamed}, {}))
    words = "cannot be read as a PEM file of a certificate and its key without a password"
    assert str(found.value) == f"providers.pbx.client_cert_file: {words}"


async def test_names_and_ports() -> None:
    assert told(await failure("https://no-such-host.invalid"))[1] in ("UNKNOWN_HOST", "NO_NAME_SERVER")
    assert told(await failure("http://127.0.0.1:9")) == expected(ConnectionCause.REFUSED)


async def test_a_proxy_that_is_not_there() -> None:
    gone = await failure("https://pbx.example", proxy=f"http://us:{SECRET}@127.0.0.1:9")
    assert told(gone) == expected(ConnectionCause.PROXY_UNREACHABLE)
    unknown = await failure("https://pbx.example", proxy=f"http://us:{SECRET}@no-such-host.invalid:3128")
    assert told(unknown) == expected(ConnectionCause.PROXY_UNKNOWN_HOST)


@pytest.mark.parametrize("scheme", ["http", "https"])
@pytest.mark.parametrize(
    ("status", "cause"),
    [(407, ConnectionCause.PROXY_CREDENTIALS), (403, ConnectionCause.PROXY_REFUSED), (502, ConnectionCause.PROXY_REFUSED)],
)
async def test_a_proxy_that_refuses(scheme: str, status: int, cause: ConnectionCause) -> None:
    async with served(answering(b"HTTP/1.1 %d No\r\ncontent-length: 0\r\n\r\n" % status)) as port:
        error = await failure(f"{scheme}://pbx.example", {"proxy": f"http://us:{SECRET}@127.0.0.1:{port}"})
    # Without TLS, the answer to the request may be the upstream's own.
    assert (told(error) == expected(cause)) is (scheme == "https" or status == 407)


class ConnectProxy:
    """An HTTP proxy that wants credentials: CONNECT, and requests with a whole address. It notes what it was asked for."""

    CREDENTIALS = "Basic dXM6cHIweHktczNjcmV0"  # us:pr0xy-s3cret

    def __init__(self) -> None:
        self.asked: list[str] = []

    async def __call__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Serve one connection."""
        head = (await reader.readuntil(b"\r\n\r\n")).decode()
        method, target, _ = head.split("\r\n")[0].split()
        self.asked.append(f"{method} {target}")
        if f"Proxy-Authorization: {self.CREDENTIALS}" not in head:
            writer.write(b"HTTP/1.1 407 Proxy Authentication Required\r\ncontent-length: 0\r\n\r\n")
        elif method == "CONNECT":
            host, _, port = target.rpartition(":")
            far_reader, far_writer = await asyncio.open_connection(host, int(port))
            writer.write(b"HTTP/1.1 200 OK\r\n\r\n")
            await asyncio.gather(self._copy(reader, far_writer), self._copy(far_reader, writer))
        else:
            writer.write(OK)
        await writer.drain()
        writer.close()

    @staticmethod
    async def _copy(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        while part := await reader.read(65_536):
            writer.write(part)
            await writer.drain()
        writer.close()


async def check_through(proxy: ConnectProxy, base_url: str, **settings: Any) -> None:
    async with served(proxy) as port:
        address = f"http://us:{SECRET}@127.0.0.1:{port}"
        network = {"proxy": address} if settings.pop("common", True) else {"proxy": "http://127.0.0.1:9"}
        own = {} if network["proxy"] == address else {"proxy": address}
        table = {"plugin": "upstreamed", "base_url": base_url, **own, **settings}
        config = build_config({"providers": {"pbx": table}, "network": network}, Path())
        runtime = Runtime.build(config, Plugins({"upstreamed": Upstreamed}, {}))
        assert SECRET not in repr(config) + repr(runtime.providers["pbx"].provider.settings)
        try:
            await runtime.providers["pbx"].provider.check()
        finally:
            await runtime.aclose()


@pytest.mark.parametrize("common", [True, False])
async def test_a_request_goes_through_the_proxy_of_all_or_of_the_provider(tmp_path: Path, common: bool) -> None:
    path, proxy = certificate(tmp_path), ConnectProxy()
    async with served(answering(OK), showing(path)) as port:
        await check_through(proxy, f"https://127.0.0.1:{port}", ca_file=str(path), common=common)
        assert proxy.asked == [f"CONNECT 127.0.0.1:{port}"]
        await check_through(proxy, "http://pbx.example/api", common=common)
        assert proxy.asked[1:] == ["GET http://pbx.example/api/"]


async def test_a_certificate_is_verified_through_a_proxy_too(tmp_path: Path) -> None:
    async with served(answering(OK), showing(certificate(tmp_path))) as port, served(ConnectProxy()) as proxy:
        error = await failure(f"https://127.0.0.1:{port}", proxy=f"http://us:{SECRET}@127.0.0.1:{proxy}")
    assert told(error) == expected(ConnectionCause.SELF_SIGNED_CERTIFICATE)


async def test_none_is_no_proxy_for_one_provider() -> None:
    async with served(answering(OK)) as port:
        table = {"plugin": "upstreamed", "base_url": f"http://127.0.0.1:{port}", "proxy": "none"}
        config = build_config({"providers": {"pbx": table}, "network": {"proxy": "http://127.0.0.1:9"}}, Path())
        runtime = Runtime.build(config, Plugins({"upstreamed": Upstreamed}, {}))
        await runtime.providers["pbx"].provider.check()
        await runtime.aclose()


@pytest.mark.parametrize("proxy", ["proxy.example:3128", "socks5://proxy.example", "http://proxy.example/path"])
@pytest.mark.parametrize("key", ["network.proxy", "providers.pbx.proxy"])
def test_what_is_no_proxy_is_refused_without_showing_it(proxy: str, key: str) -> None:
    own, common = ({}, {"proxy": proxy}) if key == "network.proxy" else ({"proxy": proxy}, {})
    config = build_config(
        {"providers": {"pbx": {"plugin": "upstreamed", "base_url": "http://pbx.example", **own}}, "network": common}, Path()
    )
    with pytest.raises(SettingsError) as found:
        Runtime.build(config, Plugins({"upstreamed": Upstreamed}, {}))
    assert str(found.value) == f"{key}: write scheme, host and port of an HTTP proxy, such as http://proxy.example:3128"
