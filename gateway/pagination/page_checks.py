"""Page checks: the requests and comparisons that show whether the pages of one walk can be believed."""

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import replace
from datetime import datetime
from itertools import zip_longest

from telegraphql.gateway.pagination.cursor import time_of
from telegraphql.gateway.pagination.page_order import stray
from telegraphql.gateway.plugin.provider import ListRequest, Page

Fetch = Callable[[ListRequest], Awaitable[Page]]
# Makes the request for the records from a time on.
Beyond = Callable[[datetime], ListRequest]

# So many ids are kept of an operation of an account.
MOST_PROVEN = 1000


async def without_strays(fetch: Fetch, page: Page, gaps: Sequence[datetime], beyond: Beyond, proven: set[str], *, newest: bool) -> Page:
    """Return a page without the rows behind a gap that do not come again when the rows from their time on are requested.

    They have a wrong time, and stand somewhere else in the upstream's own order: a list that went on behind them would lose the rows of the
    gap. `proven` keeps the ids of those that came again, so that they are not asked for with each query.
    """
    for gap, following in zip_longest(gaps, gaps[1:]):
        behind = [each for each in page.records if _is_beyond(time_of(each), gap, newest)]
        distant = [each for each in behind if following is None or not _is_beyond(time_of(each), following, newest)]
        if all(each.native_id in proven for each in distant):
            continue
        nearest = (max if newest else min)(time_of(each) for each in distant)
        request = beyond(nearest)
        check = await fetch(request)
        again = ids_of(check)
        if len(proven) < MOST_PROVEN:
            proven |= {each.native_id for each in distant} & again
        reached = None if check.read < request.size else (min if newest else max)(map(time_of, check.records), default=None)
        unseen = [each for each in distant if each.native_id not in again]
        # Of a full page nobody knows what stands behind it.
        if strays := [each for each in unseen if reached is None or _is_beyond(reached, time_of(each), newest)]:
            records = [each for each in page.records if each not in strays]
            page = replace(page, records=records, problems=[*page.problems, *map(stray, strays)])
    return page


def _is_beyond(time: datetime, gap: datetime, newest: bool) -> bool:
    return time < gap if newest else time > gap


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
