"""A person who never saw the console answers four questions with it alone, on a desk, in the dark and on a telephone."""

from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import httpx
import pytest
from playwright.async_api import Page, expect

from tests.browser.console_page import NUMBER, ask, open_page, picture, rows, settled

pytestmark = [pytest.mark.slow, pytest.mark.browser, pytest.mark.asyncio(loop_scope="session")]

HERE = ZoneInfo("Europe/Zurich")
TIMELINE = """query ($number: String!, $at: TimeRange) { timeline(number: $number, first: 200, at: $at) {
  nodes { __typename from { number e164 extension name } } problems { code } } }"""
WAITS = """query ($since: DateTime!) { queueVisits(first: 500, filter: { enteredAt: { since: $since } }) {
  nodes { waitSeconds } pageInfo { hasNextPage } problems { code } } }"""
HEALTH = "{ providers { name health { status since } } }"
RECORDED = "{ calls(first: 50, filter: { hasRecording: true }) { nodes { id recordings { media { url } } } } }"
PLAYED = """audio => new Promise((played) => {
  const check = () => audio.currentTime > 0.2 && !audio.paused && played(audio.currentTime);
  audio.addEventListener('timeupdate', check);
  check();
})"""


@pytest.fixture(params=["desk", "dark", "phone"])
def size(request: pytest.FixtureRequest) -> str:
    name: str = request.param
    return name


async def test_who_called_or_was_called_at_a_number_last_week(visitor_of: Any, origin: str, size: str) -> None:
    page: Page = await (await visitor_of(size)).new_page()
    await open_page(page, origin, "overview")
    box = page.get_by_role("searchbox").first
    await box.fill("+41 61 692 58 79")
    await box.press("Enter")
    await page.get_by_role("button", name="7 days").click()
    await settled(page)
    since = datetime.now(HERE).replace(minute=0, second=0, microsecond=0) - timedelta(hours=167)
    contacts = ask(origin, TIMELINE, number=NUMBER, at={"since": since.isoformat()})["timeline"]
    assert contacts["problems"] == []
    assert len(contacts["nodes"]) > 3
    await expect(page.locator("[aria-labelledby=contacts] li")).to_have_count(len(contacts["nodes"]))
    parties = [each["from"] for each in contacts["nodes"] if each["from"]]
    callers = {each["e164"] or each["number"] or each["extension"] for each in parties} - {None}
    shown = await page.locator("[aria-labelledby=contacts]").inner_text()
    assert [each for each in sorted(callers) if each not in shown] == []
    await picture(page, f"task-number-{size}")


async def test_which_provider_is_failing_and_since_when(visitor_of: Any, origin: str, size: str) -> None:
    page: Page = await (await visitor_of(size)).new_page()
    await open_page(page, origin, "overview")
    await page.get_by_role("switch", name="Make portsip fail").check()
    try:
        failing = page.locator(".tile", has_text="Down")
        await expect(failing).to_contain_text("portsip", timeout=30_000)
        await expect(failing).to_have_count(1)
        health = {each["name"]: each["health"] for each in ask(origin, HEALTH)["providers"]}
        assert [name for name, each in health.items() if each["status"] == "DOWN"] == ["portsip"]
        since = datetime.fromisoformat(health["portsip"]["since"]).astimezone(HERE)
        await expect(failing).to_contain_text(f"since {since:%H:%M}")
        await picture(page, f"task-failing-{size}")
    finally:
        mend(origin)
        while ask(origin, "{ calls(first: 1) { problems { code } } }")["calls"]["problems"]:
            await page.wait_for_timeout(500)


def mend(origin: str) -> None:
    httpx.delete(f"{origin}/console/sandbox/portsip").raise_for_status()


async def test_the_longest_queue_wait_of_today(visitor_of: Any, origin: str, size: str) -> None:
    page: Page = await (await visitor_of(size)).new_page()
    await open_page(page, origin, "overview")
    await page.get_by_role("link", name="Queues").click()
    await settled(page)
    midnight = datetime.now(HERE).replace(hour=0, minute=0, second=0, microsecond=0)
    visits = ask(origin, WAITS, since=midnight.isoformat())["queueVisits"]
    assert visits["pageInfo"]["hasNextPage"] is False
    longest = max((each["waitSeconds"] or 0 for each in visits["nodes"]), default=0)
    expected = [f"{longest // 60}:{longest % 60:02}"] if longest else []
    assert list(dict.fromkeys(await page.locator("td.worst").all_inner_texts())) == expected
    await picture(page, f"task-queues-{size}")


async def test_the_newest_recording_plays(visitor_of: Any, origin: str, size: str) -> None:
    page: Page = await (await visitor_of(size)).new_page()
    await open_page(page, origin, "overview")
    await page.get_by_role("link", name="Calls", exact=True).first.click()
    await page.get_by_label("With recordings").check()
    await settled(page)
    calls = ask(origin, RECORDED)["calls"]["nodes"]
    # Of some recordings a provider tells no file: the page says so, and the person looks at the next one.
    place = next(place for place, each in enumerate(calls) if any(file["media"] for file in each["recordings"]))
    if place:
        await rows(page).first.click()
        await expect(page.get_by_text("without a file").first).to_be_visible()
        await page.keyboard.press("Escape")
    row = rows(page).nth(place)
    assert await row.get_attribute("data-id") == calls[place]["id"]
    await row.click()
    await page.get_by_role("button", name="Play").first.click()
    assert await page.locator("audio").first.evaluate(PLAYED) > 0
    await expect(page.locator(".wave rect.played").first).to_be_visible(timeout=20_000)
    await picture(page, f"task-recording-{size}")
