"""Server-sent events: the words of graphql-sse's protocol, and the silence that is kept from growing long."""

import asyncio
from collections.abc import AsyncGenerator
from typing import Any

import httpx
import pytest
from strawberry.types import ExecutionResult

from telegraphql.gateway.http import app, sse
from tests.clients.gateway_servers import CALLS, FOLLOW, engine, reporting

EVENTS = "text/event-stream"


async def text(given: Any, method: str = "POST") -> httpx.Response:
    made = engine()
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app.create_app(made)), base_url="http://127.0.0.1") as client:
        if method == "POST":
            answer = await client.post("/graphql", json=given, headers={"accept": EVENTS})
        else:
            answer = await client.get("/graphql", params=given, headers={"accept": EVENTS})
    await made.aclose()
    return answer


@pytest.mark.parametrize("method", ["GET", "POST"])
async def test_a_query_is_one_event_and_the_end(method: str) -> None:
    answer = await text({"query": "{ providers { name } }"}, method)
    assert (answer.status_code, answer.headers["content-type"]) == (200, "text/event-stream; charset=utf-8")
    assert (answer.headers["cache-control"], answer.headers["x-accel-buffering"]) == ("no-store, no-transform", "no")
    assert answer.text == ':\n\nevent: next\ndata: {"data":{"providers":[{"name":"a"}]}}\n\nevent: complete\ndata:\n\n'


async def test_what_cannot_be_executed_is_told_in_the_stream() -> None:
    answer = await text({"documentId": "none"})
    assert answer.text.startswith('event: next\ndata: {"errors":[{"message":"PersistedQueryNotFound"')
    assert answer.text.endswith("event: complete\ndata:\n\n")
    answer = await text({"query": "mutation { __typename }"}, "GET")
    assert '"code":"METHOD_NOT_ALLOWED"' in answer.text


async def test_what_is_no_request_is_refused_in_json() -> None:
    answer = await text({})
    assert (answer.status_code, answer.headers["content-type"]) == (400, "application/json")


async def test_a_client_that_likes_json_better_but_takes_events_gets_a_subscription_as_events() -> None:
    made = engine()
    reporting(made).status = reporting(made).status.DONE
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app.create_app(made)), base_url="http://127.0.0.1") as client:
        answer = await client.post("/graphql", json=FOLLOW, headers={"accept": f"application/json, {EVENTS};q=0.5"})
        other = await client.post("/graphql", json=CALLS, headers={"accept": f"application/json, {EVENTS};q=0.5"})
    await made.aclose()
    assert '{"data":{"reportProgress":{"report":{"status":"DONE"}}}}' in answer.text
    assert other.headers["content-type"] == "application/json"


async def test_a_silent_stream_is_kept_alive_by_comments(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sse, "HEARTBEAT_SECONDS", 0.001)
    speak, closed = asyncio.Event(), asyncio.Event()

    async def results() -> AsyncGenerator[ExecutionResult, None]:
        try:
            await speak.wait()
            yield ExecutionResult({"a": 1}, None)
        finally:
            closed.set()

    told = []
    async for part in sse.event_stream_response(results()).body_iterator:
        told.append(part)
        if len(told) == 3:
            speak.set()
    assert told[:3] == [sse.HEARTBEAT] * 3
    assert [part for part in told if part != sse.HEARTBEAT] == ['event: next\ndata: {"data":{"a":1}}\n\n', sse.COMPLETE]
    assert closed.is_set()
