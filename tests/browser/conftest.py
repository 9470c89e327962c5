"""Fixtures: one gateway and one browser for all tests, a visitor for each."""

from collections.abc import AsyncIterator, Iterator

import pytest
import pytest_asyncio
from playwright.async_api import Browser, BrowserContext, Page

from telegraphql.gateway import graphiql
from tests.browser import gateway_process, page_actions
from tests.browser.chromium import Complaints, launched, visiting


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
