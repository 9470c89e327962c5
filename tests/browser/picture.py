"""Take the picture of the console in the README anew: `python -m tests.browser.picture`."""

import asyncio
from pathlib import Path
from tempfile import TemporaryDirectory

from playwright.async_api import expect

from tests.browser import gateway_process
from tests.browser.chromium import launched
from tests.support.repository import ROOT

PICTURE = ROOT / "docs/console.png"


async def take(origin: str) -> None:
    """Write a screenshot of the overview once it shows its figures."""
    async with launched() as browser:
        page = await browser.new_page(
            viewport={"width": 1280, "height": 740}, color_scheme="light", locale="en-GB", timezone_id="Europe/Zurich"
        )
        await page.goto(f"{origin}/")
        await expect(page.locator(".bars rect").first).to_be_visible(timeout=30_000)
        await expect(page.locator(".pulse.on")).to_be_visible()
        await page.wait_for_timeout(1000)
        await page.screenshot(path=PICTURE)


def main() -> None:
    """Start the sandbox, and take the picture."""
    with TemporaryDirectory() as folder, gateway_process.running(Path(folder) / "log") as origin:
        asyncio.run(take(origin))


if __name__ == "__main__":
    main()
