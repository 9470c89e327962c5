"""Page checks: the requests and comparisons that show whether the pages of one walk can be believed."""

from collections.abc import Awaitable, Callable
from dataclasses import replace
from datetime import datetime

from telegraphql.gateway.pagination.cursor import time_of
from telegraphql.gateway.pagination.page_order import stray
from telegraphql.gateway.plugin.provider import ListRequest, Page

Fetch = Callable[[ListRequest], Awaitable[Page]]

# So many ids are kept of an operation of an account.
MOST_PROVEN = 1000


async def without_false_gap(fetch: Fetch, page: Page, gap: datetime, beyond: ListRequest, proven: set[str]) -> Page:
    """Return a page without the rows behind a gap that do not come again when the rows from there on are requested.

    They have a wrong time, and stand somewhere else in the upstream's own order. `proven` keeps the ids of those that came again, so that
    they are not asked for with each query.
    """
    newest = beyond.newest_first
    distant = [each for each in page.records if (time_of(each) < gap if newest else time_of(each) > gap)]
    if all(each.native_id in proven for each in distant):
        return page
    again = ids_of(await fetch(beyond))
    false = [each for each in distant if each.native_id not in again]
    if len(proven) < MOST_PROVEN:
        proven |= {each.native_id for each in distant} & again
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
