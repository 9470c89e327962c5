"""Page checks: the requests and comparisons that show whether the pages of one walk can be believed."""

from collections.abc import Awaitable, Callable
from dataclasses import replace
from datetime import datetime

from telegraphql.gateway.pagination.cursor import time_of
from telegraphql.gateway.pagination.page_order import stray
from telegraphql.gateway.plugin.provider import ListRequest, Page

Fetch = Callable[[ListRequest], Awaitable[Page]]


async def without_false_gap(fetch: Fetch, page: Page, gap: datetime, beyond: ListRequest) -> Page:
    """Return a page without the rows behind a gap that do not come again when the rows from there on are requested.

    They have a wrong time, and stand somewhere else in the upstream's own order.
    """
    again = ids_of(await fetch(beyond))
    newest = beyond.newest_first
    false = [each for each in page.records if (time_of(each) < gap if newest else time_of(each) > gap) and each.native_id not in again]
    if not false:
        return page
    records = [each for each in page.records if each not in false]
    return replace(page, records=records, problems=[*page.problems, *map(stray, false)])


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
