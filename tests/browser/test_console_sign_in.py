"""Sign-in at an OpenID Connect provider, as people do it: from the console to the provider's page and back, for this tab only."""

import json
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import httpx
import pytest
from playwright.async_api import Page, Request, expect

from tests.browser import gateway_process
from tests.browser.console_page import findings, picture, rows
from tests.support.programs import require_program

pytestmark = [pytest.mark.slow, pytest.mark.browser, pytest.mark.asyncio(loop_scope="session")]

PROVIDER = Path(__file__).with_name("identity_provider.mjs")
# The console renews a token half a minute before its end.
TOKEN_SECONDS = 33
SCOPE = "openid offline_access read media"


@contextmanager
def provider_for(console: str) -> Iterator[str]:
    """The issuer of a provider that knows the console."""
    command = [require_program("node"), str(PROVIDER), console, str(TOKEN_SECONDS)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True) as process:
        try:
            assert process.stdout is not None
            yield process.stdout.readline().strip()
        finally:
            process.kill()


@pytest.fixture(scope="module")
def signed(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """A gateway that lets in who has a token of the provider."""
    port = gateway_process.free_port()
    origin = f"http://127.0.0.1:{port}"
    with provider_for(origin) as issuer:
        client = {"client_id": "console", "scope": SCOPE}
        tokens = {"issuer": issuer, "audience": "telegraphql", "jwks_url": f"{issuer}/jwks", "console": client}
        folder = tmp_path_factory.mktemp("signed")
        with gateway_process.running(folder / "log", {"TELEGRAPHQL_CALLERS__JWT": json.dumps(tokens)}, port) as address:
            yield address


async def sign_in(page: Page, name: str) -> None:
    """Sign in at the provider's page, and allow what the console wants."""
    await page.get_by_role("button", name="Sign in at 127.0.0.1").click()
    await page.locator("input[name=login]").fill(name)
    await page.locator("input[name=password]").fill("any")
    await page.get_by_role("button", name="Sign-in").click()
    await page.get_by_role("button", name="Continue").click()


def credential_of(request: Request) -> str:
    return request.headers.get("authorization", "")


async def test_a_person_signs_in_and_finds_the_page_that_was_asked_for(visitor_of: Any, signed: str) -> None:
    page: Page = await (await visitor_of()).new_page()
    left: list[str] = []
    page.on("request", lambda request: left.append(request.url) if "/auth?" in request.url else None)
    await page.goto(f"{signed}/#/calls?status=BUSY")
    await expect(page.get_by_role("heading", name="Sign in to TelegraphQL")).to_be_visible()
    assert await findings(page) == []
    await picture(page, "console-sign-in")
    await sign_in(page, "ada")
    await expect(rows(page).first).to_be_visible()
    assert page.url == f"{signed}/#/calls?status=BUSY"
    await expect(page.get_by_text("Signed in as jwt:ada")).to_be_visible()
    asked = parse_qs(urlsplit(left[0]).query)
    assert (asked["code_challenge_method"], asked["response_type"], "code_verifier" in asked) == (["S256"], ["code"], False)
    assert await page.evaluate("Object.keys(localStorage).filter((name) => /key|renewal|sign-in/.test(name))") == []


async def test_a_token_is_renewed_before_its_end_and_forgotten_at_sign_out(visitor_of: Any, signed: str) -> None:
    page: Page = await (await visitor_of()).new_page()
    await page.goto(f"{signed}/#/providers")
    await sign_in(page, "grace")
    await expect(page.get_by_text("Signed in as jwt:grace")).to_be_visible()
    sent: list[str] = []
    page.on("request", lambda request: sent.append(credential_of(request)) if request.url.endswith("/graphql") else None)
    async with page.expect_request("**/token", timeout=20_000) as renewal:
        pass
    assert parse_qs((await renewal.value).post_data or "")["grant_type"] == ["refresh_token"]
    before = set(sent)
    async with page.expect_request(
        lambda request: request.url.endswith("/graphql") and credential_of(request) not in before, timeout=20_000
    ) as next:
        pass
    answer = await (await next.value).response()
    assert answer is not None
    assert answer.status == 200
    await page.get_by_role("button", name="Sign out").click()
    await expect(page.get_by_role("heading", name="Sign in to TelegraphQL")).to_be_visible()
    assert await page.evaluate("Object.keys(sessionStorage)") == []


async def test_who_is_refused_or_comes_back_with_a_foreign_code_is_told_so(visitor_of: Any, signed: str) -> None:
    page: Page = await (await visitor_of()).new_page()
    await page.goto(f"{signed}/")
    await page.get_by_role("button", name="Sign in at 127.0.0.1").click()
    await page.get_by_role("link", name="Cancel").click()
    await expect(page.get_by_role("alert")).to_contain_text("The sign-in did not succeed")
    await page.evaluate("sessionStorage.setItem('telegraphql:sign-in', JSON.stringify({ state: 'mine', verifier: 'v', place: '' }))")
    await page.goto(f"{signed}/?code=stolen&state=foreign")
    await expect(page.get_by_role("alert")).to_contain_text("The sign-in did not succeed")
    assert page.url == f"{signed}/"


async def test_the_page_may_ask_the_issuer_and_nobody_else(signed: str) -> None:
    settings, policy, other = sign_in_of(signed), policy_of(f"{signed}/"), policy_of(f"{signed}/graphiql")
    assert settings == {"issuer": settings["issuer"], "clientId": "console", "scope": SCOPE, "parameters": {}}
    assert f"connect-src 'self' {settings['issuer']};" in policy
    assert settings["issuer"] not in other


async def test_without_an_issuer_there_is_only_the_key(origin: str) -> None:
    assert sign_in_of(origin) is None
    assert "connect-src 'self';" in policy_of(f"{origin}/")


def sign_in_of(origin: str) -> Any:
    return httpx.get(f"{origin}/console/config").json()["signIn"]


def policy_of(address: str) -> str:
    policy: str = httpx.get(address).headers["content-security-policy"]
    return policy
