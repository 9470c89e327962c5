"""The GraphiQL page in a real browser that can reach nothing but our own server."""

import json

import pytest
from playwright.async_api import Page, WebSocket, expect

from tests.browser.chromium import Complaints
from tests.browser.page_actions import ANSWER, EDITOR, in_view, open_tab, press_run, run, type_below, type_query

pytestmark = [pytest.mark.slow, pytest.mark.browser, pytest.mark.asyncio(loop_scope="session")]

EXAMPLES = {
    "NewestCalls": "calls",
    "Sessions": "sessions",
    "Queues": "queues",
    "Providers": "providers",
    "Problems": "calls",
    "Timeline": "timeline",
}
REQUEST_REPORT = 'mutation { requestReport(input: {provider: "voximplant", kind: CALLS}) { report { id status } } }'


async def test_the_page_offers_the_examples_and_each_of_them_shows_rows(page: Page) -> None:
    assert await page.title() == "TelegraphQL"
    assert set(await page.get_by_role("tab").all_inner_texts()) >= EXAMPLES.keys()
    for name, root in EXAMPLES.items():
        await page.get_by_role("tab", name=name).click()
        answer = await run(page)
        assert "errors" not in answer
        rows = answer["data"][root]
        assert len(rows if root == "providers" else rows["nodes"]) >= 4
        assert root == "providers" or rows["problems"] == []


async def test_the_statistics_add_up(page: Page) -> None:
    await page.get_by_role("tab", name="Statistics").click()
    figures = (await run(page))["data"]["callStatistics"]
    assert figures["isComplete"]
    assert sum(group["figures"]["calls"] for group in figures["groups"]) == figures["total"]["calls"] > 0


async def test_calls_that_ended_are_shown_until_the_visitor_stops(page: Page) -> None:
    await page.get_by_role("tab", name="EndedCalls").click()
    async with page.expect_websocket() as opened:
        await press_run(page)
    await expect(page.locator(ANSWER)).to_contain_text('"callEnded"')
    socket = await opened.value
    assert not socket.is_closed()
    async with socket.expect_event("close"):
        await page.locator(".graphiql-execute-button").click()


async def test_words_are_coloured_and_a_field_the_schema_lacks_is_underlined_by_the_worker(page: Page) -> None:
    uncoloured = "mtk1"
    await expect(page.locator(f"{EDITOR} .view-line span span").first).not_to_have_class(uncoloured)
    await type_query(page, "{ noSuchField }")
    await expect(page.locator(f"{EDITOR} .squiggly-error").first).to_be_visible()


async def test_the_explorer_lists_the_roots_of_the_schema(page: Page) -> None:
    await page.get_by_role("button", name="Show GraphiQL Explorer").click()
    await expect(page.locator(".graphiql-explorer-root")).to_contain_text("sessions")


async def test_typed_headers_travel_with_a_query(page: Page) -> None:
    await type_below(page, "Headers", '{"X-Probe": "seen"}')
    async with page.expect_request("**/graphql") as asked:
        await press_run(page)
    assert (await asked.value).headers["x-probe"] == "seen"


async def test_an_empty_query_is_refused_in_words_the_page_can_show(page: Page, complaints: Complaints) -> None:
    await open_tab(page)
    await run(page)
    assert "BAD_REQUEST" in await in_view(page)
    assert complaints.pop() == "error: Failed to load resource: the server responded with a status of 400 (Bad Request)"


async def test_a_report_is_followed_over_the_websocket_until_it_is_done(page: Page) -> None:
    sent: list[str | bytes] = []
    received: list[str | bytes] = []

    def listen(socket: WebSocket) -> None:
        socket.on("framesent", lambda frame: sent.append(frame))
        socket.on("framereceived", lambda frame: received.append(frame))

    page.on("websocket", listen)
    await type_query(page, REQUEST_REPORT)
    report = (await run(page))["data"]["requestReport"]["report"]
    await type_query(page, f'subscription {{ reportProgress(id: "{report["id"]}") {{ report {{ status fileName media {{ url }} }} }} }}')
    await type_below(page, "Headers", '{"X-Probe": "seen"}')
    await press_run(page)
    await expect(page.locator(ANSWER)).to_contain_text('"DONE"', timeout=20_000)
    assert '"fileName": "calls_history_' in await in_view(page)
    assert json.loads(sent[0]) == {"type": "connection_init", "payload": {"X-Probe": "seen"}}
    frames = [json.loads(frame) for frame in received]
    states = [frame["payload"]["data"]["reportProgress"]["report"]["status"] for frame in frames if frame["type"] == "next"]
    assert [report["status"], states] == ["QUEUED", ["RUNNING", "DONE"]]
    assert frames[-1]["type"] == "complete"
