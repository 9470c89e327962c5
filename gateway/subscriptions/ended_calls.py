"""Walk: the calls of one provider that have ended, in the order in which they ended."""

import heapq
from collections.abc import AsyncGenerator, Callable
from datetime import datetime
from itertools import count

from telegraphql.gateway.pagination.cursor import Position, micros
from telegraphql.gateway.pagination.stream import Stream
from telegraphql.gateway.plugin.rows import without_views
from telegraphql.gateway.upstream.request_budget import RequestBudget, running
from telegraphql.schema.call import Call

Opened = Callable[[Position | None], Stream]


def end_of(call: Call) -> datetime | None:
    """When a call was over, never before the place where it stands; None while it goes on."""
    return call.ended_at and max(call.ended_at, call.position_time or call.started_at)


async def ended(opened: Opened, operation: Callable[[], RequestBudget]) -> AsyncGenerator[Call]:
    """The ended calls of a range that is read from old to new; each step is an operation of its own. Raises what stopped it.

    No call ends before it stands in the list: what ended before the place that is reached is complete, and can be given out in order."""
    waiting: list[tuple[int, str, int, Call]] = []
    order, stream = count(), opened(None)
    try:
        while stream.head or not stream.done:
            if stream.limited:
                await stream.aclose()
                stream = opened(stream.frontier)
            with running(operation()):
                await stream.fill()
            while stream.head:
                call = without_views(stream.take())
                if isinstance(call, Call) and (end := end_of(call)) is not None:
                    heapq.heappush(waiting, (micros(end), call.native_id, next(order), call))
            while waiting and stream.frontier is not None and not stream.done and waiting[0][:1] < (stream.frontier.place,):
                yield heapq.heappop(waiting)[-1]
        if stream.error:
            raise stream.error
        while waiting:
            yield heapq.heappop(waiting)[-1]
    finally:
        await stream.aclose()
