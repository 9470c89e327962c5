"""Fixtures: one gateway and one browser for all tests, a visitor for each."""

from collections.abc import AsyncIterator, Iterator
from typing import Any

import pytest
import pytest_asyncio
from playwright.async_api import Browser, BrowserContext, Page

from telegraphql.gateway import console, graphiql
from tests.browser import gateway_process, page_actions
from tests.browser.chromium import REPORT_VIOLATIONS, Complaints, launched, visiting
from tests.browser.console_page import SIZES


@pytest.fixture(scope="session")
def origin(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """Where the gateway serves the sandbox."""
    with gateway_process.running(tmp_path_factory.mktemp("gateway") / "log") as address:
        yield address


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def browser() -> AsyncIterator[Browser]:
    async with launched() as browser:
        yield browser


@pytest_asyncio.fixture(loop_scope="session")
async def visitor(browser: Browser) -> AsyncIterator[BrowserContext]:
    async with visiting(browser) as context:
        yield context


@pytest.fixture
def complaints(origin: str) -> Iterator[Complaints]:
    """None are left: a test that expects one takes it out."""
    complaints = Complaints(origin)
    yield complaints
    assert complaints == []


@pytest_asyncio.fixture(loop_scope="session")
async def page(origin: str, visitor: BrowserContext, complaints: Complaints) -> Page:
    """The GraphiQL page."""
    assert (graphiql.PAGE.dist / "index.html").is_file(), "run `make assets` first"
    page = await visitor.new_page()
    complaints.watch(page)
    await page.goto(f"{origin}/graphiql")
    await page_actions.ready(page)
    return page


@pytest_asyncio.fixture(loop_scope="session")
async def visitor_of(browser: Browser) -> AsyncIterator[Any]:
    """Contexts of visitors with screens of their own."""
    made: list[BrowserContext] = []

    async def new(size: str = "desk", locale: str = "en-GB") -> BrowserContext:
        width, height, scheme = SIZES[size]
        context = await browser.new_context(
            viewport={"width": width, "height": height},
            color_scheme=scheme,  # type: ignore[arg-type]
            locale=locale,
            timezone_id="Europe/Zurich",
        )
        await context.add_init_script(REPORT_VIOLATIONS)
        made.append(context)
        return context

    yield new
    for each in made:
        await each.close()


@pytest_asyncio.fixture(loop_scope="session")
async def desk(visitor_of: Any, complaints: Complaints) -> Page:
    """An empty page on a desk, for the console."""
    assert (console.PAGE.dist / "index.html").is_file(), "run `make assets` first"
    page: Page = await (await visitor_of()).new_page()
    complaints.watch(page)
    return page
