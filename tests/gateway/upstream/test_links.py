"""Links to a next page are followed on the upstream's own origin only."""

import httpx
import pytest

from telegraphql.gateway.errors import BadData, UpstreamError
from telegraphql.gateway.upstream.client import Answer, Request, Upstream
from telegraphql.gateway.upstream.http_transport import Client

BASE = "https://upstream.example/v1"


class Account:
    """A provider that signs with a header and a parameter."""

    name = id = "acme"

    async def authorize(self, request: Request) -> None:
        request.headers["Authorization"] = "Bearer s3cr3t"
        request.params["account"] = "7"

    async def renew(self) -> None: ...

    def refusal(self, answer: Answer) -> UpstreamError | None:
        return None


async def sent(link: str | None, host: str = "base_url") -> list[httpx.Request]:
    """Return the requests that a request with a link causes."""
    requests: list[httpx.Request] = []

    def handle(request: httpx.Request) -> httpx.Response:
        requests.append(request)
        return httpx.Response(200)

    others = {"media_url": "https://media.example/m/"}
    upstream = Upstream(Client(httpx.MockTransport(handle)), BASE, ("files.example",), other_urls=others)
    upstream.provider = Account()
    await upstream.ask(Request(operation="GET /calls", path="/calls.json", params={"size": "50"}, link=link, host=host))
    return requests


@pytest.mark.parametrize(
    ("link", "address"),
    [
        (None, f"{BASE}/calls.json?size=50&account=7"),
        ("https://upstream.example/v2/calls?page=2", "https://upstream.example/v2/calls?page=2&account=7"),
        ("https://UPSTREAM.example:443/v2/calls?page=2", "https://upstream.example/v2/calls?page=2&account=7"),
        ("/v1/calls?page=2&token=a%2Fb", f"{BASE}/calls?page=2&token=a%2Fb&account=7"),
        ("?page=2", f"{BASE}/calls.json?page=2&account=7"),
        ("more/2", f"{BASE}/more/2?account=7"),
    ],
)
async def test_a_link_takes_the_place_of_path_and_parameters(link: str | None, address: str) -> None:
    (request,) = await sent(link)
    assert (str(request.url), request.headers["authorization"]) == (address, "Bearer s3cr3t")


@pytest.mark.parametrize(
    "link",
    [
        "https://attacker.example/calls?page=2",
        "//attacker.example/calls",
        "http://upstream.example/calls",
        "https://upstream.example:8443/calls",
        "https://files.example/calls",
        "https://user@upstream.example/calls",
        "https://upstream.example.attacker.example/calls",
        "https://upstream.example@attacker.example/calls",
        "ftp://upstream.example/calls",
        "file:///etc/passwd",
        "javascript:alert(1)",
        "https://[::1/calls",
    ],
)
async def test_a_link_to_another_origin_is_not_followed(link: str) -> None:
    with pytest.raises(BadData, match="links to its next page") as found:
        await sent(link)
    assert "page=2" not in str(found.value)
    assert "/calls" not in str(found.value)


async def test_the_host_of_a_refused_link_is_named() -> None:
    with pytest.raises(BadData) as found:
        await sent("https://attacker.example/calls?token=s3cr3t")
    assert str(found.value) == (
        "links to its next page on https://attacker.example, which is not this provider's `base_url`; it is not followed"
    )


async def test_another_host_of_the_upstream_is_named_by_its_setting() -> None:
    assert [str(request.url) for request in await sent(None, "media_url")] == ["https://media.example/m/calls.json?size=50&account=7"]
    assert [str(request.url) for request in await sent("?page=2", "media_url")] == ["https://media.example/m/calls.json?page=2&account=7"]
    with pytest.raises(BadData, match=r"links to its next page on https://upstream\.example, which is not this provider's `media_url`"):
        await sent(f"{BASE}/calls?page=2", "media_url")
    with pytest.raises(BadData, match="which is not this provider's `base_url`"):
        await sent("https://media.example/m/calls?page=2")
