"""Date ranges: an account whose history can only be read in ranges of so many days is asked range by range.

The vendor documents the error, and no number of days: it stands in the error's text.
"""

from collections.abc import Awaitable, Callable, Iterator, Sequence
from datetime import UTC, datetime, timedelta

import msgspec

from telegraphql.plugin import NotFound, read_all_pages
from telegraphql.plugins.voximplant.parameters import MAX_ROWS, Form, format_time
from telegraphql.plugins.voximplant.wire import ListAnswer

IDS = "call_session_history_id"
Ask = Callable[[Form], Awaitable[ListAnswer]]


def has_range(form: Form) -> bool:
    """Return True if a request has a date range."""
    return "from_date" in form and "to_date" in form


def split_range(form: Form, days: int) -> Iterator[Form]:
    """Yield the ranges of at most so many days that together are a request's, in the order of its rows. Without an order: newest first."""
    first, last = (datetime.fromisoformat(form[name]).replace(tzinfo=UTC) for name in ("from_date", "to_date"))
    step, ranges = timedelta(days=days), list[Form]()
    end = last
    while end > first or not ranges:
        start = max(first, end - step)
        ranges.append({"from_date": format_time(start), "to_date": format_time(end)})
        end = start
    yield from reversed(ranges) if form.get("desc_order") == "false" else ranges


async def read_ranges(ask: Ask, form: Form, days: int) -> ListAnswer:
    """Return the rows of a request, range by range. There is a total only if all ranges were read."""
    if IDS in form:
        return await _read_ids(ask, form, days)
    count, offset = int(form.get("count", MAX_ROWS)), int(form.get("offset", 0))
    rows, total = dict[bytes, msgspec.Raw](), 0
    for each in split_range(form, days):
        size = None if len(rows) >= count else await _read_range(ask, form | each, offset, count, rows)
        if size is None:
            return ListAnswer([*rows.values()], None)
        total += size
        offset = max(0, offset - size)
    return ListAnswer([*rows.values()], total)


async def _read_range(ask: Ask, form: Form, offset: int, count: int, rows: dict[bytes, msgspec.Raw]) -> int | None:
    """Add the rows of a range from an offset on, until there are `count`. Return how many the range has, None if that is not known."""
    total = None

    async def fetch(read: int) -> tuple[list[msgspec.Raw], int | None]:
        nonlocal total
        if len(rows) >= count:
            return [], None
        place = {"count": str(min(count - len(rows), MAX_ROWS)), "offset": str(offset + read), "with_total_count": "true"}
        answer = await ask(form | place)
        # A row at the edge of two ranges may come in both.
        rows.update((bytes(row), row) for row in answer.result)
        total = answer.total_count
        return answer.result, None if total is None else total - offset

    found = await read_all_pages(fetch, min(count - len(rows), MAX_ROWS))
    if offset and not found:
        # All of them come before the offset: without a total they have to be read to be counted.
        return total or await _read_range(ask, form, 0, offset + 1, {})
    return None if total is None and len(rows) >= count else max(total or 0, offset + len(found))


async def _read_ids(ask: Ask, form: Form, days: int) -> ListAnswer:
    """Return the rows of some ids.

    Raises:
        NotFound: One of them is in no range.
    """
    ids, rows = form[IDS].split(";"), list[msgspec.Raw]()
    for each in split_range(form, days):
        for found, answer in await _known(ask, form | each, ids):
            rows += answer.result
            ids = [key for key in ids if key not in found]
        if not ids:
            return ListAnswer(rows, len(rows))
    raise NotFound("has no such record")


async def _known(ask: Ask, form: Form, ids: Sequence[str]) -> list[tuple[Sequence[str], ListAnswer]]:
    """Return the rows of those ids that are in a range: the upstream refuses all for one that is not."""
    try:
        return [(ids, await ask(form | {IDS: ";".join(ids)}))]
    except NotFound:
        middle = len(ids) // 2
        return [found for half in (ids[:middle], ids[middle:]) if len(ids) > 1 for found in await _known(ask, form, half)]
