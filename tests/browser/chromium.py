"""Chromium: a real browser that reaches nothing but this machine, and what it says against a page."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from playwright.async_api import Browser, BrowserContext, ConsoleMessage, Page, Request, async_playwright

from tests.support.programs import require_program

FLAGS = (
    "--autoplay-policy=no-user-gesture-required",
    "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-gpu",
    "--disable-quic",
    "--disable-sync",
    "--mute-audio",
    "--no-first-run",
)
REPORT_VIOLATIONS = """
document.addEventListener('securitypolicyviolation', (event) =>
  console.error(`CSP: ${event.effectiveDirective} refused ${event.blockedURI || event.sourceFile}`));
"""


class Complaints(list[str]):
    """What the browser said against the page: console errors and warnings, exceptions, failed or foreign requests."""

    def __init__(self, *origins: str) -> None:
        super().__init__()
        self.origins = origins

    def watch(self, page: Page) -> None:
        """Listen from now on."""
        page.on("console", self.on_console)
        page.on("pageerror", lambda error: self.append(f"exception: {error}"))
        page.on("requestfailed", self.on_failure)
        page.on("request", self.on_request)

    def on_console(self, message: ConsoleMessage) -> None:
        if message.type in {"error", "warning"}:
            self.append(f"{message.type}: {message.text}")

    def on_failure(self, request: Request) -> None:
        # A player gives up what it was reading when it is to play from elsewhere, and a page its questions when it shows something else.
        if request.resource_type not in ("media", "fetch") or request.failure != "net::ERR_ABORTED":
            self.append(f"failed: {request.url} ({request.failure})")

    def on_request(self, request: Request) -> None:
        if not request.url.startswith(self.origins):
            self.append(f"foreign: {request.url}")


@asynccontextmanager
async def launched() -> AsyncIterator[Browser]:
    """The browser."""
    executable = require_program("chromium")
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=executable, args=FLAGS)
        yield browser
        await browser.close()


@asynccontextmanager
async def visiting(browser: Browser) -> AsyncIterator[BrowserContext]:
    """The browser as one visitor has it, with a memory of their own."""
    context = await browser.new_context(viewport={"width": 1440, "height": 900})
    await context.add_init_script(REPORT_VIOLATIONS)
    yield context
    await context.close()
