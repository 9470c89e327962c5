"""How soon the console shows calls that end while somebody watches."""

from collections.abc import Iterator
from datetime import datetime
from statistics import median
from typing import Any

import pytest
from playwright.async_api import Page, expect

from tests.browser import gateway_process
from tests.browser.console_page import ask
from tests.browser.gateway_process import Simulated

pytestmark = [pytest.mark.slow, pytest.mark.browser, pytest.mark.asyncio(loop_scope="session")]

SECONDS_UNTIL_SHOWN = 3.0
SEEN = 8
# When each call came into view, by the page's clock.
WATCH = """() => {
  globalThis.seen = {};
  new MutationObserver((changes) => {
    for (const { addedNodes } of changes) for (const node of addedNodes)
      if (node.nodeName === 'LI') globalThis.seen[new URLSearchParams(node.querySelector('a').hash.split('?')[1]).get('call')] = Date.now();
  }).observe(document.querySelector('.live ul'), { childList: true });
}"""
ENDED = "query ($ids: [ID!]!) { nodes(ids: $ids) { id ... on Call { provider { name } endedAt } } }"


@pytest.fixture(scope="module")
def lively(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """A gateway whose providers make a call every two seconds."""
    with gateway_process.running(tmp_path_factory.mktemp("lively") / "log", simulated=Simulated(calls_per_minute=30)) as address:
        yield address


async def test_calls_are_shown_within_three_seconds_of_their_end(visitor_of: Any, lively: str) -> None:
    """The upstreams tell whole seconds, so a call may have ended up to a second later than they say."""
    page: Page = await (await visitor_of()).new_page()
    await page.goto(f"{lively}/#/")
    await expect(page.locator(".pulse.on")).to_be_visible()
    await page.evaluate(WATCH)
    await page.wait_for_function("(count) => Object.keys(globalThis.seen).length >= count", arg=SEEN, timeout=90_000)
    seen: dict[str, float] = await page.evaluate("globalThis.seen")
    ended = ask(lively, ENDED, ids=list(seen))["nodes"]
    late = {each["id"]: seen[each["id"]] / 1000 - moment(each["endedAt"]) for each in ended}
    print("seconds until shown:", sorted(f"{late[each['id']]:.2f} {each['provider']['name']}" for each in ended))
    assert median(late.values()) <= SECONDS_UNTIL_SHOWN


def moment(text: str) -> float:
    return datetime.fromisoformat(text).timestamp()
