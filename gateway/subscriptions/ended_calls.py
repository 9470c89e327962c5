"""The ended calls of one provider, in the order of their end."""

import heapq
from collections.abc import AsyncGenerator, Callable
from datetime import datetime
from itertools import count

from telegraphql.gateway.pagination.cursor import Position, micros
from telegraphql.gateway.pagination.stream import Stream
from telegraphql.gateway.plugin.row_view import without_views
from telegraphql.gateway.upstream.request_budget import RequestBudget, running
from telegraphql.schema.call import Call

StreamOpener = Callable[[Position | None], Stream]


def end_time(call: Call) -> datetime | None:
    """Return when a call ended, never before its position time. None if it is still in progress."""
    return call.ended_at and max(call.ended_at, call.position_time or call.started_at)


async def read_ended_calls(open_stream: StreamOpener, new_budget: Callable[[], RequestBudget]) -> AsyncGenerator[Call]:
    """Yield the ended calls of a time range, each step within a request budget of its own.

    No call ends before its position time. So all calls that ended before the reached position are complete and can be sent in order.

    Raises:
        UpstreamError: The upstream request that failed.
    """
    waiting: list[tuple[int, str, int, Call]] = []
    tie_breaker, stream = count(), open_stream(None)
    try:
        while stream.head or not stream.done:
            if stream.limited:
                await stream.aclose()
                stream = open_stream(stream.frontier)
            with running(new_budget()):
                await stream.fill()
            while stream.head:
                call = without_views(stream.take())
                if isinstance(call, Call) and (end := end_time(call)) is not None:
                    heapq.heappush(waiting, (micros(end), call.native_id, next(tie_breaker), call))
            while waiting and stream.frontier is not None and not stream.done and waiting[0][:1] < (stream.frontier.place,):
                yield heapq.heappop(waiting)[-1]
        if stream.error:
            raise stream.error
        while waiting:
            yield heapq.heappop(waiting)[-1]
    finally:
        await stream.aclose()
