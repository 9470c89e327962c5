"""Steps: what people do on the GraphiQL page."""

from typing import Any

from playwright.async_api import Page, Response, expect

EDITOR = ".graphiql-query-editor"
ANSWER = ".result-window .view-lines"
OPERATION_NAME_DELAY = 300  # milliseconds; GraphiQL reads the operation's name 100 ms after the query changed
Answer = dict[str, Any]


async def ready(page: Page) -> None:
    """Wait until the page can be used."""
    await expect(page.locator(f"{EDITOR} .view-line").first).to_be_visible(timeout=20_000)


async def press_run(page: Page) -> None:
    """Press the run button."""
    await page.wait_for_timeout(OPERATION_NAME_DELAY)
    await page.locator(".graphiql-execute-button").click()


async def in_view(page: Page) -> str:
    """The lines of the answer that are in view."""
    await expect(page.locator(".graphiql-spinner")).to_have_count(0)
    lines = page.locator(ANSWER)
    await expect(lines).to_contain_text("{")
    return (await lines.inner_text()).replace("\xa0", " ")


async def run(page: Page) -> Answer:
    """Press the run button; the whole answer, which the page shows."""
    async with page.expect_response(_answers_a_query) as answered:
        await press_run(page)
    answer: Answer = await (await answered.value).json()
    await expect(page.locator(ANSWER)).to_contain_text(next(iter(answer)))
    return answer


def _answers_a_query(response: Response) -> bool:
    """GraphiQL asks for the schema too, whenever it likes."""
    return response.url.endswith("/graphql") and "IntrospectionQuery" not in (response.request.post_data or "IntrospectionQuery")


async def open_tab(page: Page) -> None:
    """Open a new tab, which is empty."""
    await page.get_by_role("button", name="New tab").click()


async def type_query(page: Page, query: str) -> None:
    """Type a query into a new tab."""
    await open_tab(page)
    await page.locator(f"{EDITOR} .view-lines").click()
    await page.keyboard.insert_text(query)


async def type_below(page: Page, tool: str, text: str) -> None:
    """Write into the editor of variables or headers, in place of what it held."""
    await page.get_by_role("button", name=tool).click()
    await page.locator(f"[aria-label={tool}] .graphiql-editor:not(.hidden) .view-lines").click()
    await page.keyboard.press("ControlOrMeta+A")
    await page.keyboard.press("Delete")  # text inserted over a selection may keep the end of what it replaces
    await page.keyboard.insert_text(text)
