"""Slices of lists on a PBX that refuses `orderby`: whole windows of time, from the beginning of the slice on, sorted here."""

from collections.abc import Awaitable, Callable
from datetime import UTC, datetime, timedelta
from typing import Any

from telegraphql.plugin import MICROSECOND, ListRequest, Page

DAY = timedelta(days=1)
EARLIEST = datetime(2000, 1, 1, tzinfo=UTC)
GROWTH = 4
# Returns all records between two inclusive times; None is no bound.
ReadWindow = Callable[[datetime | None, datetime | None], Awaitable[Page]]


async def read_windows(read: ReadWindow, request: ListRequest) -> Page:
    """Return the records of a slice, as many as were requested or all that are left, sorted by time."""
    newest_first = request.newest_first
    outer, inner = (request.until, request.since) if newest_first else (request.since, request.until)
    now = datetime.now(UTC)
    place, last = (outer or now, inner or EARLIEST) if newest_first else (outer or EARLIEST, inner or now)
    width, records, page = DAY, dict[str, Any](), Page(records=[], read=0)
    while True:
        edge = max(last, place - width) if newest_first else min(last, place + width)
        is_last = edge == last
        near, far = outer, inner if is_last else edge
        part = await read(*((far, near) if newest_first else (near, far)))
        records |= {record.native_id: record for record in part.records}
        page.problems += part.problems
        page.records = sorted(records.values(), key=lambda record: record.time, reverse=newest_first)
        if is_last or _is_enough(page, request):
            break
        outer = place = edge
        width *= GROWTH if part.read < request.size else 1
    page.read = request.size
    if is_last:
        page.records = page.records[request.offset :][: request.size]
        page.read = len(page.records)
    return page


def _is_enough(page: Page, request: ListRequest) -> bool:
    """Return True if a page is full and reaches beyond the slice before it, which ends one tick before this one's bound."""
    if len(page.records) < request.size:
        return False
    reached = page.records[-1].time
    if request.newest_first:
        return request.until is None or bool(reached < request.until - 2 * MICROSECOND)
    return request.since is None or bool(reached > request.since + 2 * MICROSECOND)
