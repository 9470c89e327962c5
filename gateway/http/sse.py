"""Events: results as server-sent events, in the distinct connections mode of graphql-sse."""

from collections.abc import AsyncGenerator, AsyncIterator, Mapping
from contextlib import aclosing
from typing import Any

from starlette.responses import Response, StreamingResponse
from strawberry.http.streaming import merge_stream_with_heartbeat

from telegraphql.gateway.http.content_negotiation import EVENT_STREAM
from telegraphql.gateway.http.responses import encode_json, result_body

# Proxies end what is silent for a minute, some after half of one.
PAUSE = 15.0
COMMENT = ":\n\n"
END = "event: complete\ndata:\n\n"
HEADERS = {
    "Cache-Control": "no-store, no-transform",
    "Vary": "Accept, Authorization, X-API-Key",
    # nginx would hold events back until its buffer is full.
    "X-Accel-Buffering": "no",
}


def event_stream_response(results: AsyncGenerator[Any, None]) -> StreamingResponse:
    """The response for a stream of results; a client that leaves ends the stream."""

    async def texts() -> AsyncGenerator[str, None]:
        async with aclosing(results):
            async for result in results:
                yield encode_event(result_body(result))
        yield END

    kept_alive: AsyncIterator[str] = merge_stream_with_heartbeat(texts, lambda: COMMENT, PAUSE, send_initial_heartbeat=True)()
    return StreamingResponse(kept_alive, headers=HEADERS, media_type=EVENT_STREAM)


def single_event_response(told: Mapping[str, Any]) -> Response:
    """The response for a single result that is known already."""
    return Response(encode_event(told) + END, headers=HEADERS, media_type=EVENT_STREAM)


def encode_event(told: Mapping[str, Any]) -> str:
    """One result."""
    return f"event: next\ndata: {encode_json(told).decode()}\n\n"
