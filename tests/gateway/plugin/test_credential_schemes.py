"""The declared ways to authenticate: what goes into requests, how often tokens are fetched, and what a refusal says."""

from base64 import b64encode
from typing import Any
from urllib.parse import parse_qsl

import httpx
import pytest
from pydantic import SecretStr

from telegraphql.gateway.errors import Unauthorized, Unavailable
from telegraphql.gateway.plugin import credential_schemes
from telegraphql.gateway.plugin.credential_schemes import Basic, Bearer, CredentialScheme, HeaderKey, OAuth2
from telegraphql.gateway.plugin.phone_numbers import Numbering
from telegraphql.gateway.plugin.provider import Provider, Settings
from telegraphql.gateway.upstream.client import Request, Upstream
from telegraphql.gateway.upstream.http_transport import Client

BASE = "https://upstream.example"


class Keys(Settings):
    base_url: str = BASE
    name: str = "ada"
    secret: SecretStr = SecretStr("s3cr3t")
    password: SecretStr = SecretStr("pä:ss")


class Server:
    """Issues tokens, and knows only the last one."""

    def __init__(self, **answer: Any) -> None:
        self.answer, self.forms, self.headers = answer, list[dict[str, str]](), list[httpx.Headers]()
        self.issued = 0
        self.refuses: set[str] = set()
        self.valid, self.is_down = True, False

    def __call__(self, request: httpx.Request) -> httpx.Response:
        if request.url.path == "/token":
            form = dict(parse_qsl(request.content.decode()))
            if self.is_down:
                return httpx.Response(503)
            self.forms.append(form)
            self.headers.append(request.headers)
            if form["grant_type"] in self.refuses:
                return httpx.Response(400, json={"error": "invalid_grant"})
            self.issued += 1
            return httpx.Response(200, json={"access_token": f"t{self.issued}", "token_type": "bearer", **self.answer})
        self.headers.append(request.headers)
        good = self.valid and request.headers.get("authorization") in (None, f"Bearer t{self.issued}")
        return httpx.Response(200 if good else 401)


def provider(server: Any, declared: CredentialScheme) -> Provider:
    upstream = Upstream(Client(httpx.MockTransport(server)), BASE)
    made = type("Acme", (Provider,), {"authentication": declared, "plugin": "acme"})("acme", Keys(), upstream, Numbering("CH"))
    upstream.provider = made
    return made


async def ask(account: Provider) -> None:
    await account.upstream.ask(Request(operation="GET /calls", path="/calls"))


@pytest.mark.parametrize(
    ("declared", "header", "value"),
    [
        (Basic("name", "password"), "authorization", "Basic " + b64encode("ada:pä:ss".encode()).decode()),
        (Bearer("secret"), "authorization", "Bearer s3cr3t"),
        (HeaderKey("X-API-Key", "secret"), "x-api-key", "s3cr3t"),
    ],
)
async def test_fixed_credentials_go_into_a_header_and_their_refusal_names_the_settings(
    declared: CredentialScheme, header: str, value: str
) -> None:
    sent: list[httpx.Request] = []
    status = 200

    def handle(request: httpx.Request) -> httpx.Response:
        sent.append(request)
        return httpx.Response(status)

    account = provider(handle, declared)
    await ask(account)
    assert [request.headers[header] for request in sent] == [value]
    status = 401
    with pytest.raises(Unauthorized, match=r"refused the credentials: check the settings? `(name`, `password|secret)`"):
        await ask(account)
    assert len(sent) == 2


CLIENT = OAuth2(path="/token", client_id="name", client_secret="secret", scope="calls")


async def test_a_token_is_fetched_once_and_renewed_when_it_is_refused() -> None:
    server = Server()
    account = provider(server, CLIENT)
    for _ in range(2):
        await ask(account)
    assert server.forms == [{"grant_type": "client_credentials", "scope": "calls", "client_id": "ada", "client_secret": "s3cr3t"}]
    server.issued += 1
    await ask(account)
    assert (len(server.forms), server.issued) == (2, 3)
    server.valid = False
    with pytest.raises(Unauthorized, match="refused the credentials: check the settings `name`, `secret`"):
        await ask(account)
    assert len(server.forms) == 3


async def test_a_refresh_token_is_used_and_the_first_grant_again_if_it_is_refused() -> None:
    server = Server(refresh_token="r1")
    account = provider(server, OAuth2(path="/token", client_id="name", user="name", password="password"))
    await ask(account)
    assert server.forms[-1] == {"grant_type": "password", "username": "ada", "password": "pä:ss", "client_id": "ada"}
    server.issued += 1
    await ask(account)
    assert server.forms[-1] == {"grant_type": "refresh_token", "refresh_token": "r1", "client_id": "ada"}
    server.issued, server.refuses = server.issued + 1, {"refresh_token"}
    await ask(account)
    assert [form["grant_type"] for form in server.forms] == ["password", "refresh_token", "refresh_token", "password"]


async def test_a_refresh_token_is_kept_until_another_comes_or_it_is_refused() -> None:
    server = Server(refresh_token="r1")
    account = provider(server, OAuth2(path="/token", client_id="name", refresh_token="password"))
    await ask(account)
    server.answer, server.issued, server.is_down = {}, server.issued + 1, True
    with pytest.raises(Unavailable):
        await ask(account)
    server.is_down = False
    for _ in range(2):
        await ask(account)
        server.issued += 1
    # RFC 6749, 6: an answer without a refresh token leaves the old one as it is.
    used = [form["refresh_token"] for form in server.forms]
    assert used == ["pä:ss", "r1", "r1"]


async def test_a_refresh_token_of_the_settings_is_a_grant_of_its_own() -> None:
    server = Server()
    account = provider(
        server, OAuth2(path="/token", client_id="name", client_secret="secret", refresh_token="password", client_in_header=True)
    )
    await ask(account)
    assert server.forms == [{"grant_type": "refresh_token", "refresh_token": "pä:ss"}]
    assert server.headers[0]["authorization"] == "Basic " + b64encode(b"ada:s3cr3t").decode()


async def test_a_refused_grant_names_the_settings() -> None:
    server = Server()
    server.refuses = {"client_credentials"}
    with pytest.raises(Unauthorized, match="refused the credentials: check the settings `name`, `secret`"):
        await ask(provider(server, CLIENT))


@pytest.mark.parametrize(("expires_in", "renewals"), [(100, 2), ("100", 2), (1000, 1), (None, 1), (0, 1), ("soon", 1)])
async def test_a_token_is_renewed_before_it_ends(monkeypatch: pytest.MonkeyPatch, expires_in: Any, renewals: int) -> None:
    now = 0.0
    monkeypatch.setattr(credential_schemes.time, "monotonic", lambda: now)
    server = Server(expires_in=expires_in)
    account = provider(server, CLIENT)
    await ask(account)
    now = 91.0
    await ask(account)
    assert server.issued == renewals
