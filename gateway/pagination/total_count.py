"""Total count: how many records a list has at all providers; null where one cannot tell, or where its rows contradict it."""

import asyncio
from collections.abc import Sequence

from telegraphql.gateway.pagination.bound_provider import BoundProvider
from telegraphql.gateway.pagination.list_query import Search
from telegraphql.gateway.pagination.merge import RESERVE
from telegraphql.gateway.pagination.stream import Stream
from telegraphql.gateway.upstream.request_budget import current, enter

CountedList = tuple[Search, BoundProvider]


async def upstream_counts(lists: Sequence[CountedList]) -> list[int | None]:
    """Return the upstreams' own counts of these lists; None for those that cannot tell, or fail."""
    enter(current().hurried(1 - RESERVE))
    counts = await asyncio.gather(*(search.count(serving) for search, serving in lists), return_exceptions=True)
    return [count if isinstance(count, int) else None for count in counts]


def total_count(lists: Sequence[CountedList], counts: Sequence[int | None], streams: Sequence[Stream]) -> int | None:
    """Return the sum of the counts; None if one is missing, not believed, or stands beside a failure or an old answer."""
    total = 0
    for (search, serving), count, stream in zip(lists, counts, streams, strict=True):
        if count is None or stream.error or stream.provider in current().stale:
            return None
        believed = search.believed_count(serving, count, stream)
        if believed is None:
            return None
        total += believed
    return total
