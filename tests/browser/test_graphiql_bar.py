"""What stands around GraphiQL: what a first visitor presses, refusals in words, links to queries, events in a list, on any screen."""

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from playwright.async_api import BrowserContext, Page, WebSocket, expect

from tests.browser import gateway_process
from tests.browser.chromium import Complaints
from tests.browser.console_page import SIZES, findings, picture
from tests.browser.page_actions import ANSWER, EDITOR, in_view, press_run, ready, run, type_query

pytestmark = [pytest.mark.slow, pytest.mark.browser, pytest.mark.asyncio(loop_scope="session")]

# The tabs are GraphiQL's own: each holds the button that closes it.
OF_GRAPHIQL = "nested-interactive"
# The colors of code are Monaco's own.
CODE = ".view-lines"
REFUSAL = ".bar .refusal"
LINK = "{ providers { name } }"
FOLLOW = """subscription {{ callEnded(since: "{since}") {{ call {{ nativeId }} }} }}"""


async def test_a_first_visitor_is_told_what_to_press_and_nobody_else(page: Page) -> None:
    told = page.get_by_text("to send the query to the gateway")
    await expect(told).to_be_visible()
    await run(page)
    await expect(told).to_have_count(0)
    await page.reload()
    await ready(page)
    await expect(told).to_have_count(0)


async def test_what_is_refused_is_told_in_words_until_something_is_answered(page: Page) -> None:
    await type_query(page, "{ calls(first: 501) { nodes { id } } }")
    message = (await run(page))["errors"][0]["message"]
    await expect(page.locator(REFUSAL)).to_have_text(message)
    await page.get_by_role("tab", name="Providers").click()
    await run(page)
    await expect(page.locator(REFUSAL)).to_be_empty()


async def test_a_gateway_that_is_away_is_told_in_words(page: Page, complaints: Complaints) -> None:
    await page.route("**/graphql", lambda route: route.abort())
    await press_run(page)
    await expect(page.locator(REFUSAL)).to_contain_text("The gateway cannot be reached")
    await expect(page.locator(ANSWER)).not_to_contain_text("stack")
    complaints.clear()


async def test_a_link_to_a_query_opens_it(page: Page, visitor: BrowserContext, origin: str) -> None:
    await visitor.grant_permissions(["clipboard-read", "clipboard-write"], origin=origin)
    await type_query(page, LINK)
    await page.get_by_role("button", name="Copy a link to this query").click()
    await expect(page.get_by_role("button", name="The link is copied")).to_be_visible()
    link = await page.evaluate("navigator.clipboard.readText()")
    assert link.startswith(f"{origin}/graphiql#query=")
    other = await visitor.new_page()
    await other.goto(link)
    await ready(other)
    await expect(other.locator(EDITOR)).to_contain_text(LINK.replace(" ", "\xa0"))
    assert other.url == f"{origin}/graphiql"


async def test_events_stay_in_a_list_the_newest_above(page: Page) -> None:
    events: list[str] = []

    def listen(socket: WebSocket) -> None:
        socket.on("framereceived", lambda frame: events.extend(ids_in(json.loads(frame))))

    page.on("websocket", listen)
    await type_query(page, FOLLOW.format(since=(datetime.now(UTC) - timedelta(days=3)).isoformat()))
    await press_run(page)
    await expect(page.locator(ANSWER)).to_contain_text("callEnded")
    # The calls of three days come one after the other; then it is quiet, since this sandbox makes no new ones.
    count = 0
    while count < len(events):
        count = len(events)
        await page.wait_for_timeout(1000)
    assert count > 30
    shown = await in_view(page)
    assert next(each for each in events if each not in shown) == events[0]
    assert all(each in shown for each in events[-3:])
    await page.locator(".graphiql-execute-button").click()


def ids_in(frame: Any) -> list[str]:
    """The calls that a message of the WebSocket holds."""
    return [frame["payload"]["data"]["callEnded"]["call"]["nativeId"]] if frame["type"] == "next" else []


@pytest.mark.parametrize("size", SIZES)
async def test_axe_finds_nothing_of_ours_and_a_telephone_shows_question_and_answer(visitor_of: Any, origin: str, size: str) -> None:
    page = await (await visitor_of(size)).new_page()
    await page.goto(f"{origin}/graphiql")
    await ready(page)
    await run(page)
    assert await findings(page, OF_GRAPHIQL, besides=CODE) == []
    width, height, _ = SIZES[size]
    for part in (EDITOR, ".result-window", ".graphiql-execute-button"):
        box = await page.locator(part).bounding_box()
        assert box is not None
        assert (box["x"] >= 0, box["x"] + box["width"] <= width, box["y"] + box["height"] <= height) == (True, True, True)
        assert part == ".graphiql-execute-button" or (box["width"] > min(width, 900) / 2, box["height"] > 150) == (True, True)
    await picture(page, f"graphiql-{size}")


async def test_a_gateway_that_answers_its_manifest_only_explains_that(tmp_path: Path, visitor: BrowserContext) -> None:
    (tmp_path / "manifest.json").write_text("{}")
    settings = {"manifest_file": str(tmp_path / "manifest.json"), "manifest_only": True}
    variables = {f"TELEGRAPHQL_PERSISTED_QUERIES__{name.upper()}": json.dumps(value).strip('"') for name, value in settings.items()}
    with gateway_process.running(tmp_path / "log", variables) as origin:
        page = await visitor.new_page()
        await page.goto(f"{origin}/graphiql")
        await ready(page)
        await press_run(page)
        await expect(page.locator(REFUSAL)).to_contain_text("only the operations that its operator has put into a manifest")
        await page.close()
