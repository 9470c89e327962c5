"""Console: the pages of the console, the screens on which people look at them, and what tests ask of both."""

from typing import Any

import httpx
from playwright.async_api import Locator, Page, expect

from tests.support.repository import ROOT

ARTIFACTS = ROOT / "artifacts"
AXE = ROOT / "tests/clients/node_modules/axe-core/axe.min.js"
VIOLATIONS = """async ([rules, exclude]) => (await axe.run({ exclude }, { rules })).violations
  .map(({ id, nodes }) => [id, nodes.map((node) => node.html)])"""
NUMBER = "+41616925879"
PAGES = {
    "overview": "#/",
    "calls": "#/calls",
    "number": f"#/number?number={NUMBER.replace('+', '%2B')}",
    "queues": "#/queues?period=30d",
    "statistics": "#/statistics?period=30d&by=PROVIDER&then=STATUS&compare=yes",
    "providers": "#/providers",
}
# A machine that does other things at the same time needs some of it. In milliseconds.
PATIENCE = 30_000
SIZES = {"desk": (1440, 900, "light"), "dark": (1440, 900, "dark"), "phone": (390, 844, "light"), "small": (360, 740, "dark")}


def ask(origin: str, query: str, **variables: Any) -> Any:
    """The data that the gateway answers."""
    answer = httpx.post(f"{origin}/graphql", json={"query": query, "variables": variables}, timeout=60).json()
    assert "errors" not in answer
    return answer["data"]


async def open_page(page: Page, origin: str, name: str) -> None:
    """Open a page of the console, and wait until it shows what it asked for."""
    await page.goto(f"{origin}/{PAGES[name]}")
    await settled(page)


async def settled(page: Page) -> None:
    """Wait until nothing is loaded any more."""
    await expect(page.locator("h1")).to_be_visible(timeout=PATIENCE)
    for words in ("Loading …", "Wird geladen …"):
        await expect(page.get_by_text(words, exact=True)).to_have_count(0, timeout=PATIENCE)


def rows(page: Page) -> Locator:
    """The calls in view."""
    return page.locator(".calls-table .row.call")


async def picture(page: Page, name: str) -> None:
    """Keep a screenshot for people to look at."""
    ARTIFACTS.mkdir(exist_ok=True)
    await page.screenshot(path=ARTIFACTS / f"{name}.png")


async def findings(page: Page, *without: str, besides: str = "noscript") -> Any:
    """What axe finds on the page, by all its rules but some, and besides some of its elements."""
    await page.evaluate(AXE.read_text("utf-8"))
    return await page.evaluate(VIOLATIONS, [{rule: {"enabled": False} for rule in without}, [besides]])
