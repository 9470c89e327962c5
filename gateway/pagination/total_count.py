"""Total count: how many records a list has at all providers; null where one cannot tell, or where its rows contradict it."""

import asyncio
from collections.abc import Sequence
from typing import NamedTuple

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


class Total(NamedTuple):
    """The number of records of a list: the exact one if it is known, and the least possible."""

    exact: int | None
    at_least: int


NOT_COUNTED = Total(None, 0)


def total_count(lists: Sequence[CountedList], counts: Sequence[int | None], streams: Sequence[Stream]) -> Total:
    """Return the sum over all providers. It is exact unless one is neither counted nor read to its end, or failed, or is old."""
    known = [_count(search, serving, count, stream) for (search, serving), count, stream in zip(lists, counts, streams, strict=True)]
    at_least = sum(max(count or 0, stream.kept) for count, stream in zip(known, streams, strict=True))
    return Total(None if None in known else at_least, at_least)


def _count(search: Search, serving: BoundProvider, count: int | None, stream: Stream) -> int | None:
    """Return how many records one provider's list has: those that were read if these are all, or else its own count if that is believed."""
    if stream.error or stream.provider in current().stale:
        return None
    if stream.done and search.after is None and search.before is None:
        return stream.kept
    return None if count is None else search.believed_count(serving, count, stream)
