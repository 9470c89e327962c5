"""GraphiQL before a gateway that asks who calls: without a key it says what to do, with one everything works."""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import pytest
import pytest_asyncio
from playwright.async_api import BrowserContext, Page, expect

from telegraphql.gateway.auth.api_keys import hash_key, new_key
from tests.browser import gateway_process, page_actions
from tests.browser.chromium import Complaints
from tests.browser.test_first_use import ARTIFACTS

pytestmark = [pytest.mark.slow, pytest.mark.browser, pytest.mark.asyncio(loop_scope="session")]

REFUSED = "error: Failed to load resource: the server responded with a status of 401 (Unauthorized)"
NOT_TOLD = "error: Failed to load resource: the server responded with a status of 400 (Bad Request)"
WHO = "credentials are missing: send an API key or a token"
HINT = "Enter your API key at the top of this page"
FOLLOW = "subscription { callEnded { cursor call { id } } }"


@dataclass(frozen=True)
class Guarded:
    """A gateway with callers, and their keys."""

    origin: str
    admin: str
    reader: str


@pytest.fixture(scope="module")
def guarded(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Guarded]:
    admin, reader = new_key(), new_key()
    tables = {
        "admin": {"hash": hash_key(admin), "scopes": ["read", "media", "write", "admin"]},
        "reader": {"hash": hash_key(reader), "scopes": ["read", "media"], "providers": ["boxis"]},
    }
    with gateway_process.running(tmp_path_factory.mktemp("guarded") / "log", {"TELEGRAPHQL_CALLERS__KEYS": json.dumps(tables)}) as address:
        yield Guarded(address, admin, reader)


@pytest_asyncio.fixture(loop_scope="session")
async def stranger(guarded: Guarded, visitor: BrowserContext) -> tuple[Page, Complaints]:
    """The page as somebody without a key finds it: it asked for the schema in vain, twice."""
    page, complaints = await visitor.new_page(), Complaints(guarded.origin)
    complaints.watch(page)
    await page.goto(f"{guarded.origin}/graphiql")
    await page_actions.ready(page)
    await expect(page.locator(page_actions.ANSWER)).to_contain_text("UNAUTHENTICATED")
    assert complaints == [REFUSED, REFUSED]
    complaints.clear()
    return page, complaints


async def _see(page: Page, *words: str) -> None:
    shown = page.locator(page_actions.ANSWER)
    for each in words:
        await expect(shown).to_contain_text(each.replace(" ", "\xa0"))


async def _docs(page: Page) -> None:
    await page.get_by_role("button", name="Show Documentation Explorer").click()
    await expect(page.locator(".graphiql-doc-explorer")).to_contain_text("Subscription")


async def _first_events(page: Page) -> list[Any]:
    frames: list[Any] = []
    page.on("websocket", lambda socket: socket.on("framesent", lambda frame: frames.append(json.loads(frame))))
    await page.get_by_role("tab", name="EndedCalls").click()
    await page_actions.press_run(page)
    await _see(page, '"callEnded"', '"endedAt"')
    return frames


async def test_without_a_key_the_page_says_what_to_do(stranger: tuple[Page, Complaints]) -> None:
    page, complaints = stranger
    await _see(page, WHO, HINT)
    await page_actions.press_run(page)
    await _see(page, WHO, HINT)
    await page_actions.type_query(page, FOLLOW)
    await page_actions.press_run(page)
    await _see(page, "4401", WHO, HINT)
    ARTIFACTS.mkdir(exist_ok=True)
    await page.screenshot(path=ARTIFACTS / "graphiql-without-a-key.png")
    assert complaints == [REFUSED]


async def test_a_key_in_the_field_above_counts_until_it_is_forgotten(stranger: tuple[Page, Complaints], guarded: Guarded) -> None:
    page, complaints = stranger
    await expect(page.locator(".bar .refusal")).to_contain_text(HINT)
    field = page.get_by_label("API key")
    assert await field.get_attribute("type") == "password"
    await field.fill(guarded.admin)
    await field.press("Enter")
    await _docs(page)
    assert (await page_actions.run(page))["data"]["calls"]["problems"] == []
    assert (await _first_events(page))[0]["payload"] == {"authorization": f"Bearer {guarded.admin}"}
    assert guarded.admin not in await page.evaluate("JSON.stringify({ ...localStorage })")
    await expect(page.locator(".bar .refusal")).to_be_empty()
    await page.get_by_role("button", name="Forget it").click()
    await expect(page.locator(".bar .refusal")).to_contain_text(HINT)
    assert complaints == [REFUSED, REFUSED]


@pytest.mark.parametrize("header", ["X-API-Key", "authorization"])
async def test_with_the_key_of_an_administrator_everything_works(stranger: tuple[Page, Complaints], guarded: Guarded, header: str) -> None:
    page, complaints = stranger
    key = guarded.admin if header == "X-API-Key" else f"Bearer {guarded.admin}"
    await page_actions.type_below(page, "Headers", json.dumps({header: key}))
    assert (await page_actions.run(page))["data"]["calls"]["problems"] == []
    await _docs(page)
    frames = await _first_events(page)
    assert frames[0] == {"type": "connection_init", "payload": {header: key}}
    assert complaints == []


async def test_a_key_counts_in_all_tabs_and_is_kept_nowhere(stranger: tuple[Page, Complaints], guarded: Guarded) -> None:
    page, complaints = stranger
    await page_actions.type_below(page, "Headers", json.dumps({"X-API-Key": guarded.admin}))
    await page_actions.run(page)
    for name in ("Sessions", "Problems"):
        await page.get_by_role("tab", name=name).click()
        assert "errors" not in await page_actions.run(page)
    assert guarded.admin not in await page.evaluate("JSON.stringify({ ...localStorage, ...sessionStorage })")
    assert complaints == []


async def test_who_may_not_ask_for_the_schema_sees_answers_all_the_same(stranger: tuple[Page, Complaints], guarded: Guarded) -> None:
    page, complaints = stranger
    await page_actions.type_below(page, "Headers", json.dumps({"X-API-Key": guarded.reader}))
    answer = await page_actions.run(page)
    assert {call["provider"]["name"] for call in answer["data"]["calls"]["nodes"]} == {"boxis"}
    await _first_events(page)
    assert complaints == [NOT_TOLD]


async def test_a_wrong_key_is_told_and_a_right_one_makes_it_good(stranger: tuple[Page, Complaints], guarded: Guarded) -> None:
    page, complaints = stranger
    await page_actions.type_below(page, "Headers", json.dumps({"X-API-Key": new_key()}))
    await page_actions.press_run(page)
    await _see(page, "the API key or token is unknown, revoked or expired", HINT)
    await page_actions.type_below(page, "Headers", json.dumps({"X-API-Key": guarded.admin}))
    assert (await page_actions.run(page))["data"]["calls"]["problems"] == []
    assert complaints == [REFUSED]
