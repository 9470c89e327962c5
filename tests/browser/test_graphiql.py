"""The GraphiQL page in a real browser that can reach nothing but our own server."""

import json
import os
import re
import shutil
import socket
import subprocess
import sys
import time
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import httpx
import pytest
from playwright.async_api import ConsoleMessage, Page, async_playwright, expect

from gateway import graphiql

pytestmark = pytest.mark.browser

ROOT = Path(__file__).parents[2]
CHROMIUM = os.environ.get("CHROMIUM") or shutil.which("chromium") or shutil.which("chromium-browser")
FLAGS = (
    "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-gpu",
    "--disable-quic",
    "--disable-sync",
    "--no-first-run",
)
EDITOR = ".graphiql-query-editor"
EXAMPLES = {"NewestCalls": "calls", "Sessions": "sessions", "Queues": "queues", "Providers": "providers", "Problems": "calls"}
OPERATION_NAME_DELAY = 300  # milliseconds; GraphiQL reads the operation's name 100 ms after the query changed
REPORT_VIOLATIONS = """
document.addEventListener('securitypolicyviolation', (event) =>
  console.error(`CSP: ${event.effectiveDirective} refused ${event.blockedURI || event.sourceFile}`));
"""


def command(port: int) -> list[str]:
    """Name the server under test; the finished one is `telegraphql serve --sandbox --port PORT`."""
    return [sys.executable, "-m", "uvicorn", "tests.browser.standin:app", "--port", str(port)]


def free_port() -> int:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        port: int = listener.getsockname()[1]
    return port


def wait_until_served(address: str, server: subprocess.Popen[bytes]) -> None:
    deadline = time.monotonic() + 30
    while time.monotonic() < deadline and server.poll() is None:
        try:
            httpx.get(address)
        except httpx.TransportError:
            time.sleep(0.1)
        else:
            return
    pytest.fail(f"the server does not answer (exit code {server.poll()})")


@pytest.fixture(scope="module")
def origin() -> Iterator[str]:
    port = free_port()
    address = f"http://127.0.0.1:{port}"
    with subprocess.Popen(command(port), cwd=ROOT) as server:
        try:
            wait_until_served(f"{address}/graphiql", server)
            yield address
        finally:
            server.terminate()


class Complaints(list[str]):
    """What the browser said against the page: console errors and warnings, exceptions, failed or foreign requests."""

    def watch(self, page: Page, origin: str) -> None:
        page.on("console", self.on_console)
        page.on("pageerror", lambda error: self.append(f"exception: {error}"))
        page.on("requestfailed", lambda request: self.append(f"failed: {request.url}"))
        page.on("request", lambda request: request.url.startswith(origin) or self.append(f"foreign: {request.url}"))

    def on_console(self, message: ConsoleMessage) -> None:
        if message.type in {"error", "warning"}:
            self.append(f"{message.type}: {message.text}")


@pytest.fixture
async def page(origin: str) -> AsyncIterator[Page]:
    if CHROMIUM is None:
        pytest.skip("Chromium is not installed")
    assert (graphiql.DIST / "index.html").is_file(), "run `make assets` first"
    complaints = Complaints()
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        page = await browser.new_page(viewport={"width": 1440, "height": 900})
        complaints.watch(page, origin)
        await page.add_init_script(REPORT_VIOLATIONS)
        await page.goto(f"{origin}/graphiql")
        await expect(page.locator(f"{EDITOR} .view-line").first).to_be_visible(timeout=20_000)
        yield page
        await browser.close()
    assert complaints == []


async def run(page: Page) -> str:
    """Press the run button and return the lines of the answer that are in view."""
    await page.wait_for_timeout(OPERATION_NAME_DELAY)
    await page.locator(".graphiql-execute-button").click()
    await expect(page.locator(".graphiql-spinner")).to_have_count(0)
    lines = page.locator(".result-window .view-lines")
    await expect(lines).to_contain_text("data")
    return (await lines.inner_text()).replace("\xa0", " ")


async def type_query(page: Page, query: str) -> None:
    """Type a query into a new tab."""
    await page.get_by_role("button", name="New tab").click()
    await page.locator(f"{EDITOR} .view-lines").click()
    await page.keyboard.insert_text(query)


async def type_headers(page: Page) -> None:
    await page.get_by_role("button", name="Headers").click()
    await page.locator("[aria-label=Headers] .graphiql-editor:not(.hidden) .view-lines").click()
    await page.keyboard.insert_text('{"X-Probe": "seen"}')


async def test_the_page_offers_the_examples_and_runs_each_of_them(page: Page) -> None:
    assert await page.title() == "TelegraphQL"
    for name, root in EXAMPLES.items():
        await page.get_by_role("tab", name=name).click()
        answer = await run(page)
        assert f'"{root}": ' in answer
        assert '"errors"' not in answer


async def test_the_newest_calls_arrive_as_rows(page: Page) -> None:
    answer = await run(page)
    assert len(re.findall(r'"startedAt": "20\d\d-\d\d-\d\dT', answer)) >= 2
    uncoloured = "mtk1"
    await expect(page.locator(f"{EDITOR} .view-line span span").first).not_to_have_class(uncoloured)
    (ROOT / "artifacts").mkdir(exist_ok=True)
    await page.screenshot(path=ROOT / "artifacts" / "graphiql.png")


async def test_a_typed_query_is_answered(page: Page) -> None:
    await type_query(page, "{ providers { name } }")
    assert '"name": "voximplant"' in await run(page)


async def test_a_field_the_schema_lacks_is_underlined_by_the_worker(page: Page) -> None:
    await type_query(page, "{ noSuchField }")
    await expect(page.locator(f"{EDITOR} .squiggly-error").first).to_be_visible()


async def test_the_explorer_lists_the_roots_of_the_schema(page: Page) -> None:
    await page.get_by_role("button", name="Show GraphiQL Explorer").click()
    await expect(page.locator(".graphiql-explorer-root")).to_contain_text("sessions")


async def test_typed_headers_travel_with_a_query(page: Page) -> None:
    await type_headers(page)
    async with page.expect_request("**/graphql") as asked:
        await run(page)
    request = await asked.value
    assert request.headers["x-probe"] == "seen"


async def test_a_subscription_arrives_over_the_websocket_and_its_opening_carries_the_headers(page: Page) -> None:
    frames: list[str | bytes] = []
    page.on("websocket", lambda opened: opened.on("framesent", lambda frame: frames.append(frame)))
    await type_query(page, "subscription { callEnded { startedAt } }")
    await type_headers(page)
    assert '"callEnded"' in await run(page)
    assert json.loads(frames[0]) == {"type": "connection_init", "payload": {"X-Probe": "seen"}}
