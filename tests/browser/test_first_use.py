"""A first visit: from the endpoint's address to rows, on to the next page, and to an error that says what is wrong."""

import json
from collections import Counter
from pathlib import Path

import pytest
import pytest_asyncio
from playwright.async_api import BrowserContext, Page, expect

from tests.browser import page_actions
from tests.browser.chromium import Complaints

pytestmark = [pytest.mark.browser, pytest.mark.asyncio(loop_scope="session")]

ARTIFACTS = Path(__file__).parents[2] / "artifacts"
PROVIDERS = {"asterisk", "boxis", "portsip", "twilio", "voipstudio", "voximplant"}


@pytest_asyncio.fixture(loop_scope="session")
async def arrived(origin: str, visitor: BrowserContext, complaints: Complaints) -> Page:
    page = await visitor.new_page()
    complaints.watch(page)
    await page.goto(f"{origin}/graphql")
    await page_actions.ready(page)
    return page


async def test_the_endpoint_in_a_browser_leads_to_the_newest_calls_of_all_providers_in_one_list(arrived: Page, origin: str) -> None:
    assert (arrived.url, await arrived.title()) == (f"{origin}/graphql", "TelegraphQL")
    await expect(arrived.get_by_role("tab", selected=True)).to_contain_text("NewestCalls")
    calls = (await page_actions.run(arrived))["data"]["calls"]
    moments = [call["occurredAt"] for call in calls["nodes"]]
    assert (len(moments), moments) == (50, sorted(moments, reverse=True))
    assert Counter(call["provider"]["name"] for call in calls["nodes"]).keys() == PROVIDERS
    assert (calls["pageInfo"]["hasNextPage"], calls["problems"]) == (True, [])
    assert f'"occurredAt": "{moments[0]}"' in await page_actions.in_view(arrived)
    ARTIFACTS.mkdir(exist_ok=True)
    await arrived.screenshot(path=ARTIFACTS / "graphiql.png")


async def test_the_end_cursor_put_into_the_variables_leads_to_the_next_page(arrived: Page) -> None:
    pages = []
    for _ in range(3):
        calls = (await page_actions.run(arrived))["data"]["calls"]
        pages.append([(call["provider"]["name"], call["nativeId"]) for call in calls["nodes"]])
        await page_actions.type_below(arrived, "Variables", json.dumps({"after": calls["pageInfo"]["endCursor"]}))
    assert [len(page) for page in pages] == [50, 50, 50]
    assert len({call for page in pages for call in page}) == 150


async def test_what_a_visitor_typed_is_still_there_on_the_next_visit(arrived: Page) -> None:
    variables = arrived.locator("[aria-label=Variables] .graphiql-editor:not(.hidden) .view-lines")
    await expect(variables).to_contain_text("after")
    await page_actions.type_below(arrived, "Variables", '{"mine": 1}')
    while "mine" not in await arrived.evaluate("JSON.stringify(localStorage)"):
        await arrived.wait_for_timeout(100)
    await arrived.reload()
    await page_actions.ready(arrived)
    await expect(variables).to_contain_text("mine")


async def test_a_wrong_argument_is_answered_with_an_error_and_its_code(arrived: Page) -> None:
    await page_actions.type_query(arrived, "{ calls(first: 501) { nodes { id } } }")
    answer = await page_actions.run(arrived)
    assert (answer["data"], [error["extensions"] for error in answer["errors"]]) == (None, [{"code": "BAD_USER_INPUT"}])
    assert '"code": "BAD_USER_INPUT"' in await page_actions.in_view(arrived)
