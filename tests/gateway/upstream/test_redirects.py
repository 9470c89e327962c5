"""Redirects of files are followed a few times, to the provider's own origins only, and without credentials on another one."""

from typing import Any

import httpx
import pytest

from telegraphql.gateway.errors import BadData, Forbidden, UpstreamError
from telegraphql.gateway.upstream.client import Answer, Request, Upstream
from telegraphql.gateway.upstream.http_transport import Client

BASE = "https://upstream.example"


class Account:
    """A provider that signs with a header."""

    name = id = "acme"

    async def authorize(self, request: Request) -> None:
        request.headers["Authorization"] = "Bearer s3cr3t"

    async def renew(self) -> None: ...

    def refusal(self, answer: Answer) -> UpstreamError | None:
        return None


class Server:
    """Redirects from address to address, and sends the file at any other address."""

    def __init__(self, redirects: dict[str, str], status: int = 302) -> None:
        self.redirects, self.status = redirects, status
        self.sent: list[httpx.Request] = []

    def __call__(self, request: httpx.Request) -> httpx.Response:
        self.sent.append(request)
        location = self.redirects.get(str(request.url))
        return httpx.Response(200, content=b"sound") if location is None else httpx.Response(self.status, headers={"location": location})

    @property
    def addresses(self) -> list[str]:
        return [str(each.url) for each in self.sent]


def upstream(server: Server, base: str = BASE) -> Upstream:
    made = Upstream(Client(httpx.MockTransport(server)), base, ("files.example", "files.example:8443"))
    made.provider = Account()
    return made


async def fetched(server: Server, path: str = "/file", base: str = BASE, **more: Any) -> bytes:
    async with upstream(server, base).stream(Request(operation="file", path=path, headers={"Range": "bytes=1-2"}, **more)) as response:
        return await response.aread()


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
async def test_a_redirect_to_a_file_host_is_followed_without_credentials(status: int) -> None:
    server = Server({f"{BASE}/file": "https://files.example/x?sig=1"}, status)
    assert await fetched(server) == b"sound"
    assert server.addresses == [f"{BASE}/file", "https://files.example/x?sig=1"]
    assert [each.headers.get("authorization") for each in server.sent] == ["Bearer s3cr3t", None]
    assert [each.headers.get("range") for each in server.sent] == ["bytes=1-2", "bytes=1-2"]


@pytest.mark.parametrize("location", ["/other", f"{BASE}/other", "other", "//upstream.example/other", f"{BASE}:443/other"])
async def test_a_redirect_on_the_same_origin_keeps_the_credentials(location: str) -> None:
    server = Server({f"{BASE}/file": location}, 307)
    assert await fetched(server) == b"sound"
    assert [each.url.path for each in server.sent] == ["/file", "/other"]
    assert [each.headers.get("authorization") for each in server.sent] == ["Bearer s3cr3t"] * 2


async def test_another_port_or_scheme_is_another_origin() -> None:
    for base, location in ((BASE, "https://files.example:8443/x"), ("http://files.example", "https://files.example/x")):
        server = Server({f"{base}/file": location})
        assert await fetched(server, base=base) == b"sound"
        assert server.sent[1].headers.get("authorization") is None


async def test_a_body_and_parameters_are_not_sent_to_another_origin() -> None:
    server = Server({f"{BASE}/file?key=s3cr3t": "https://files.example/x"}, 307)
    assert await fetched(server, method="POST", form={"key": "s3cr3t"}, params={"key": "s3cr3t"}) == b"sound"
    assert (server.sent[1].method, server.sent[1].content, server.addresses[1]) == ("GET", b"", "https://files.example/x")


FOREIGN = [
    "https://evil.example/x",
    "https://upstream.example.evil.example/x",
    "https://upstream.example@evil.example/x",
    "https://user:word@upstream.example/x",
    "https://upstream.example:8443/x",
    "https://files.example:1/x",
    "//169.254.169.254/latest/meta-data",
]


@pytest.mark.parametrize("location", FOREIGN)
async def test_a_redirect_to_a_foreign_origin_is_not_followed(location: str) -> None:
    server = Server({f"{BASE}/file": location})
    with pytest.raises(Forbidden, match="add it to `file_hosts` if you trust it") as raised:
        await fetched(server)
    assert (len(server.sent), raised.value.provider) == (1, "acme")


@pytest.mark.parametrize(
    "location", ["http://upstream.example/x", "http://files.example/x", "ftp://files.example/x", "file:///etc/passwd", ""]
)
async def test_a_redirect_from_https_to_another_scheme_is_not_followed(location: str) -> None:
    server = Server({f"{BASE}/file": location})
    with pytest.raises(BadData, match="redirects a file to nowhere, or from https to http"):
        await fetched(server)
    assert len(server.sent) == 1


async def test_a_redirect_without_an_address_or_to_a_broken_one_is_bad_data() -> None:
    for location in ("https://[::1/x", "https://upstream.example:port/x"):
        with pytest.raises(BadData, match="broken"):
            await fetched(Server({f"{BASE}/file": location}))


async def test_three_redirects_are_followed_and_no_fourth() -> None:
    steps = {f"{BASE}/{name}": f"{BASE}/{after}" for name, after in zip("abc", "bcd", strict=True)}
    assert await fetched(Server(steps), "/a") == b"sound"
    server = Server({**steps, f"{BASE}/d": f"{BASE}/a"})
    with pytest.raises(BadData, match="more than 3 times"):
        await fetched(server, "/a")
    assert len(server.sent) == 4


async def test_a_redirect_of_anything_but_a_file_is_not_followed() -> None:
    server = Server({f"{BASE}/calls": f"{BASE}/other"})
    with pytest.raises(BadData, match="unexpected status 302"):
        await upstream(server).ask(Request(operation="calls", path="/calls"))
    assert len(server.sent) == 1
