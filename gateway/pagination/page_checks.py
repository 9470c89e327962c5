"""Page checks: the requests and comparisons that show whether the pages of one walk can be believed."""

from collections.abc import Awaitable, Callable

from telegraphql.gateway.plugin.provider import ListRequest, Page

Fetch = Callable[[ListRequest], Awaitable[Page]]


async def nothing_follows(fetch: Fetch, page: Page, behind: ListRequest, beyond: ListRequest | None) -> bool:
    """Return True if nothing comes behind the rows of a page, or, from an upstream that ignores offsets, beyond its last time."""
    check = await fetch(behind)
    if check.read == 0:
        return True
    if beyond is None or ids_of(check) != (known := ids_of(page)):
        return False
    return ids_of(await fetch(beyond)) <= known


def ids_of(page: Page) -> frozenset[str]:
    """Return the native ids of a page."""
    return frozenset(record.native_id for record in page.records)
