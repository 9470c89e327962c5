"""Web: the example frontend's page, the gateway it asks, and a visitor who looks at it."""

from dataclasses import dataclass, field
from pathlib import Path

import pytest
from playwright.async_api import Locator, Page, Response, expect
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import HTMLResponse
from starlette.routing import Mount, Route
from starlette.staticfiles import StaticFiles

from tests.browser.chromium import Complaints
from tests.endtoend.world import Row, World

ROOT = Path(__file__).parents[2]
DIST = ROOT / "examples/web/dist"
ARTIFACTS = ROOT / "artifacts"
MOST_SCROLLS = 50
END = "These are all calls."
# A scroll is answered by more rows or by the end; the page is not yet busy just after the wheel has turned.
MORE_OR_END = f"""(count) => document.querySelectorAll(".call").length > count || document.body.innerText.includes("{END}")"""
ALL = """query ($filter: CallFilter) { calls(first: 500, filter: $filter) {
  nodes { id startedAt from { number } } problems { code } } }"""


@dataclass
class Frontend:
    """The built page on a server of its own, and the gateway it is told to ask."""

    gateway: str = ""
    address: str = ""

    async def page(self, request: Request) -> HTMLResponse:
        """The page, led elsewhere than it was built for, as its README says."""
        built = (DIST / "index.html").read_text()
        assert built.count('content="/graphql"') == 1
        return HTMLResponse(built.replace('content="/graphql"', f'content="{self.gateway}/graphql"'))

    @property
    def app(self) -> Starlette:
        return Starlette(routes=[Route("/", self.page), Mount("/", StaticFiles(directory=DIST))])


@dataclass(frozen=True)
class House:
    """All there is: the page, its gateway, and a key."""

    frontend: Frontend
    world: World
    key: str

    def calls(self, **filters: object) -> list[Row]:
        """What the API says."""
        calls = self.world.ask(ALL, filter=filters)["calls"]
        assert calls["problems"] == []
        nodes: list[Row] = calls["nodes"]
        return nodes


@dataclass
class Visit:
    """A page, what the browser says against it, and what it fetched."""

    page: Page
    complaints: Complaints
    files: list[Response] = field(default_factory=list)

    @property
    def rows(self) -> Locator:
        return self.page.locator(".call")

    async def shown(self) -> list[str]:
        """The ids of the calls, in the order in which they stand."""
        ids: list[str] = await self.rows.evaluate_all("rows => rows.map((row) => row.dataset.id)")
        return ids

    async def loaded(self, count: int) -> list[str]:
        """The same, once there are so many."""
        await expect(self.rows).to_have_count(count)
        return await self.shown()

    async def to_the_end(self) -> list[str]:
        """The same, once somebody has scrolled down to the end."""
        end = self.page.get_by_text(END)
        for _ in range(MOST_SCROLLS):
            if await end.count():
                return await self.shown()
            count = await self.rows.count()
            await self.page.mouse.wheel(0, 5000)
            await self.page.wait_for_function(MORE_OR_END, arg=count)
        pytest.fail(f"no end after {len(await self.shown())} calls")

    async def picture(self, name: str) -> None:
        ARTIFACTS.mkdir(exist_ok=True)
        await self.page.screenshot(path=ARTIFACTS / f"web-{name}.png")
