"""Results as server-sent events, in the distinct connections mode of the graphql-sse protocol."""

from collections.abc import AsyncGenerator, AsyncIterator, Mapping
from contextlib import aclosing
from typing import Any

from starlette.responses import Response, StreamingResponse
from strawberry.http.streaming import merge_stream_with_heartbeat

from telegraphql.gateway.http.request_headers import EVENT_STREAM
from telegraphql.gateway.http.responses import VARY, encode_json, result_body

# Proxies close connections that are silent for a minute, some after 30 seconds.
HEARTBEAT_SECONDS = 15.0
HEARTBEAT = ":\n\n"
COMPLETE = "event: complete\ndata:\n\n"
HEADERS = {
    "Cache-Control": "no-store, no-transform",
    "Vary": VARY,
    # nginx would hold events back until its buffer is full.
    "X-Accel-Buffering": "no",
}


def event_stream_response(results: AsyncGenerator[Any, None]) -> StreamingResponse:
    """Return the response for a stream of results. If the client disconnects, the stream is closed."""

    async def events() -> AsyncGenerator[str, None]:
        async with aclosing(results):
            async for result in results:
                yield encode_event(result_body(result))
        yield COMPLETE

    stream: AsyncIterator[str] = merge_stream_with_heartbeat(events, lambda: HEARTBEAT, HEARTBEAT_SECONDS, send_initial_heartbeat=True)()
    return StreamingResponse(stream, headers=HEADERS, media_type=EVENT_STREAM)


def single_event_response(body: Mapping[str, Any]) -> Response:
    """Return the response for a single result."""
    return Response(encode_event(body) + COMPLETE, headers=HEADERS, media_type=EVENT_STREAM)


def encode_event(body: Mapping[str, Any]) -> str:
    """Return a GraphQL response as an event."""
    return f"event: next\ndata: {encode_json(body).decode()}\n\n"
