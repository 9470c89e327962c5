"""The console's figures and its search in a real browser: what they show is what the API says."""

import csv
import io
import json
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from playwright.async_api import Page, Route, expect

from tests.browser.console_page import NUMBER, ask, open_page, rows, settled

pytestmark = [pytest.mark.slow, pytest.mark.browser, pytest.mark.asyncio(loop_scope="session")]

TOTAL = """query ($since: DateTime!, $until: DateTime) {
  callStatistics(filter: { startedAt: { since: $since, until: $until } }) { total { calls } isComplete } }"""
SEARCH = "query ($filter: CallFilter) { calls(first: 500, filter: $filter) { nodes { id nativeId } problems { code } } }"
PNG = b"\x89PNG\r\n\x1a\n"
HERE = ZoneInfo("Europe/Zurich")


def calls_between(origin: str, since: datetime, until: datetime | None = None) -> int:
    found = ask(origin, TOTAL, since=since.isoformat(), until=until and until.isoformat())["callStatistics"]
    assert found["isComplete"]
    count: int = found["total"]["calls"]
    return count


async def test_a_period_is_compared_with_the_one_before(desk: Page, origin: str) -> None:
    now = datetime.now(HERE)
    since = now.replace(minute=0, second=0, microsecond=0).astimezone(ZoneInfo("UTC")) - timedelta(hours=167)
    until = now.replace(minute=now.minute // 5 * 5, second=0, microsecond=0)
    expected = calls_between(origin, since)
    before = calls_between(origin, _days_ago(since.astimezone(HERE), 7), _days_ago(until, 7))
    await desk.goto(f"{origin}/#/statistics?by=PROVIDER&compare=yes")
    await settled(desk)
    calls = desk.locator(".sums li").first
    await expect(calls.locator(".value")).to_have_text(f"{expected:,}")
    await expect(calls).to_contain_text(f"before: {before:,}")
    cells = await desk.locator(".card.scroll tbody tr td:nth-child(3)").all_inner_texts()
    assert sum(int(cell.replace(",", "")) for cell in cells) == before
    await desk.get_by_label("Compare with the period before").uncheck()
    await expect(desk.get_by_role("columnheader", name="Before")).to_have_count(0)


def _days_ago(moment: datetime, days: int) -> datetime:
    """The same time on the clock some days ago."""
    return moment - timedelta(days=days)


async def test_the_table_and_the_chart_are_saved_as_files(desk: Page, origin: str) -> None:
    await open_page(desk, origin, "statistics")
    async with desk.expect_download() as saved:
        await desk.get_by_role("button", name="Download CSV").click()
    table = await (await saved.value).path()
    lines = list(csv.DictReader(io.StringIO(table.read_text("utf-8-sig"))))
    shown = await desk.locator(".card.scroll tbody tr").count()
    assert (len(lines), {"Provider", "calls", "calls_before"} <= set(lines[0])) == (shown, True)
    async with desk.expect_download() as saved:
        await desk.get_by_role("button", name="Download picture").click()
    picture = (await (await saved.value).path()).read_bytes()
    width, height = (int.from_bytes(picture[at : at + 4]) for at in (16, 20))
    box = await desk.locator(".bars svg").first.bounding_box()
    assert box is not None
    assert (picture[:8], width, height) == (PNG, 2 * box["width"], 2 * (box["height"] + 32))
    assert await desk.evaluate(COLORS, list(picture)) > 3


# How many colors a picture has, of which each covers a hundred points or more.
COLORS = """async (bytes) => {
  const image = await createImageBitmap(new Blob([new Uint8Array(bytes)]));
  const context = new OffscreenCanvas(image.width, image.height).getContext('2d');
  context.drawImage(image, 0, 0);
  const points = new Uint32Array(context.getImageData(0, 0, image.width, image.height).data.buffer);
  const counts = new Map();
  for (const each of points) counts.set(each, (counts.get(each) ?? 0) + 1);
  return [...counts.values()].filter((count) => count >= 100).length;
}"""


async def test_one_box_finds_a_name_an_id_and_a_number(desk: Page, origin: str) -> None:
    await open_page(desk, origin, "overview")
    box = desk.get_by_role("searchbox", name="Number, name or id").first
    named = ask(origin, SEARCH, filter={"search": "keller"})["calls"]["nodes"]
    assert len(named) > 5
    await box.fill("keller")
    await box.press("Enter")
    assert await rows(desk).first.get_attribute("data-id") == named[0]["id"]
    await box.fill(named[3]["nativeId"])
    await box.press("Enter")
    await expect(desk.get_by_text("1 in all")).to_be_visible()
    assert await rows(desk).first.get_attribute("data-id") == named[3]["id"]
    await box.fill(named[4]["id"])
    await box.press("Enter")
    await expect(desk.locator(".drawer")).to_contain_text(named[4]["nativeId"])
    await box.fill(NUMBER)
    await box.press("Enter")
    await expect(desk.locator("h1")).to_have_text(NUMBER)


async def test_a_gateway_that_was_away_is_asked_again_by_the_page_itself(desk: Page, origin: str, complaints: Any) -> None:
    await desk.goto(f"{origin}/#/")
    await settled(desk)
    await desk.route("**/graphql", lambda route: route.abort())
    await desk.goto(f"{origin}/#/number?number={NUMBER.replace('+', '%2B')}")
    await expect(desk.get_by_role("alert")).to_contain_text("cannot be reached")
    await desk.unroute("**/graphql")
    await expect(desk.locator("#contacts")).to_be_visible(timeout=15_000)
    await expect(desk.get_by_role("alert")).to_have_count(0)
    assert all("ERR_FAILED" in each for each in complaints)
    complaints.clear()


async def test_short_pages_are_joined_until_the_screen_is_full(desk: Page, origin: str) -> None:
    """A provider that searches long returns few rows at a time: nobody can scroll there, so the table goes on by itself."""

    async def shorten(route: Route) -> None:
        body = json.loads(route.request.post_data or "{}")
        body["variables"]["first"] = 5
        await route.continue_(post_data=json.dumps(body))

    await desk.route("**/graphql", shorten)
    await desk.goto(f"{origin}/#/calls")
    await expect(desk.get_by_text("60 shown")).to_be_visible()
    expected = ask(origin, SEARCH, filter={})["calls"]["nodes"]
    shown = await rows(desk).evaluate_all("rows => rows.map((row) => row.dataset.id)")
    assert shown == [each["id"] for each in expected[: len(shown)]]
