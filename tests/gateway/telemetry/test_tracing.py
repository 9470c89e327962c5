"""Traces: an operation, the providers it asked and each request, as part of the caller's trace; and no text of anybody's."""

import subprocess
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import httpx
import pytest
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest
from opentelemetry.sdk.trace import ReadableSpan
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter
from opentelemetry.trace import SpanKind, StatusCode
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from telegraphql.gateway.http.thread_server import serve_in_thread
from telegraphql.gateway.telemetry.settings import TracingSettings
from telegraphql.gateway.telemetry.tracing import Tracing, create_tracing
from tests.gateway.telemetry.in_process_gateway import SECRET, Handler, Place, good, place

TRACE, PARENT = "4bf92f3577b34da6a3ce929d0e0e4736", "00f067aa0ba902b7"
TRACEPARENT = f"00-{TRACE}-{PARENT}-01"
DOCUMENT = "query Newest($secret: Int) { calls(first: $secret) { nodes { nativeId } } }"


class Traced:
    """A place whose spans are kept."""

    def __init__(self, here: Place, **settings: Any) -> None:
        self.here, self._spans = here, InMemorySpanExporter()
        self.tracing = here.engine.instruments.tracing = Tracing(TracingSettings(**settings), self._spans)
        here.engine.instruments.observe({name: each.provider.upstream for name, each in here.engine.providers.items()})

    async def ask(self, document: str = DOCUMENT, **headers: str) -> httpx.Response:
        return await self.here.ask(document, headers=headers, variables={"secret": 2})

    @property
    def spans(self) -> dict[str, ReadableSpan]:
        """By name, those that have ended."""
        self.tracing.flush()
        return {span.name: span for span in self._spans.get_finished_spans()}


@asynccontextmanager
async def traced(answers: Handler = good, **settings: Any) -> AsyncIterator[Traced]:
    async with place(answers) as here:
        yield Traced(here, **settings)


def below(span: ReadableSpan) -> int | None:
    return span.parent.span_id if span.parent else None


def own(span: ReadableSpan) -> int:
    return span.get_span_context().span_id


async def test_an_operation_its_providers_and_their_requests_stand_below_each_other() -> None:
    async with traced() as here:
        await here.ask()
        spans = here.spans
    assert set(spans) == {"query Newest", "provider a", "provider b", "a GetCalls", "b GetCalls"}
    operation = spans["query Newest"]
    assert (below(operation), operation.kind) == (None, SpanKind.SERVER)
    assert below(spans["provider a"]) == own(operation)
    assert below(spans["a GetCalls"]) == own(spans["provider a"])
    assert {span.get_span_context().trace_id for span in spans.values()} == {operation.get_span_context().trace_id}


async def test_the_spans_say_what_was_asked_and_nothing_that_is_a_secret() -> None:
    async with traced() as here:
        await here.ask()
        spans = here.spans
    assert dict(spans["query Newest"].attributes or {}) == {
        "graphql.operation.type": "query",
        "graphql.operation.name": "Newest",
        "telegraphql.outcome": "ok",
    }
    assert dict(spans["a GetCalls"].attributes or {}) == {
        "telegraphql.provider": "a",
        "telegraphql.upstream.operation": "GetCalls",
        "http.response.status_code": 200,
        "telegraphql.outcome": "OK",
    }
    told = "".join(span.to_json() for span in spans.values())
    assert [word for word in (SECRET, "127.0.0.1", "until", "nativeId", "/calls") if word in told] == []


async def test_failures_are_told_by_their_code() -> None:
    async with traced(lambda request: httpx.Response(500, content=SECRET.encode())) as here:
        await here.ask()
        spans = here.spans
    request, operation = spans["a GetCalls"], spans["query Newest"]
    assert (request.status.status_code, request.status.description) == (StatusCode.ERROR, "UNAVAILABLE")
    assert (request.attributes or {})["http.response.status_code"] == 500
    assert (operation.status.status_code, operation.status.description, operation.events) == (StatusCode.ERROR, "partial", ())
    assert SECRET not in "".join(span.to_json() for span in spans.values())


async def test_the_callers_trace_is_continued() -> None:
    async with traced() as here:
        await here.ask(traceparent=TRACEPARENT)
        operation = here.spans["query Newest"]
    assert (f"{operation.get_span_context().trace_id:032x}", f"{below(operation):016x}") == (TRACE, PARENT)


async def test_the_callers_word_on_sampling_counts() -> None:
    async with traced() as here:
        await here.ask(traceparent=TRACEPARENT[:-1] + "0")
        assert here.spans == {}


async def test_without_it_the_ratio_decides() -> None:
    async with traced(sample_ratio=0.0) as here:
        await here.ask()
        assert here.spans == {}
        await here.ask(traceparent=TRACEPARENT)
        assert "query Newest" in here.spans


@pytest.mark.parametrize("nonsense", ["x", "00-0-0-0", TRACEPARENT * 3])
async def test_a_traceparent_that_is_none_begins_a_trace(nonsense: str) -> None:
    async with traced() as here:
        await here.ask(traceparent=nonsense)
        assert here.spans["query Newest"].parent is None


@pytest.mark.parametrize("propagate", [False, True])
async def test_upstreams_are_told_of_the_trace_only_where_that_is_wanted(propagate: bool) -> None:
    async with traced(propagate=propagate) as here:
        await here.ask(traceparent=TRACEPARENT)
        span = here.spans["a GetCalls"]
        sent = [request.headers.get("traceparent") for request in here.here.seen]
    assert (f"00-{TRACE}-{own(span):016x}-01" in sent, len(set(sent))) == (propagate, 2 if propagate else 1)


async def test_a_files_request_belongs_to_the_trace_of_whoever_downloads() -> None:
    async with traced() as here:
        (node,) = (await here.ask('{ recordings(filter: {providers: ["a"]}) { nodes { media { url } } } }')).json()["data"]["recordings"][
            "nodes"
        ]
        await here.here.client.get(node["media"]["url"], headers={"traceparent": TRACEPARENT})
        span = here.spans["a GetFile"]
    assert f"{span.get_span_context().trace_id:032x}" == TRACE


async def test_a_collector_gets_them() -> None:
    got: list[ExportTraceServiceRequest] = []

    async def traces(request: Request) -> Response:
        got.append(ExportTraceServiceRequest.FromString(await request.body()))
        return Response()

    with serve_in_thread(Starlette(routes=[Route("/v1/traces", traces, methods=["POST"])])) as url:
        async with place(tracing={"endpoint": url}) as here:
            await here.ask()
    resources = [each for request in got for each in request.resource_spans]
    names = {span.name for each in resources for scope in each.scope_spans for span in scope.spans}
    assert names == {"query Newest", "provider a", "provider b", "a GetCalls", "b GetCalls"}
    services = {value.value.string_value for each in resources for value in each.resource.attributes if value.key == "service.name"}
    assert services == {"telegraphql"}


def test_the_standard_variable_switches_it_on(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("OTEL_EXPORTER_OTLP_ENDPOINT", raising=False)
    assert create_tracing(TracingSettings()) is None
    monkeypatch.setenv("OTEL_EXPORTER_OTLP_ENDPOINT", "http://127.0.0.1:9")
    made = create_tracing(TracingSettings())
    assert made is not None
    made.close()


def test_where_it_is_off_its_library_is_not_even_imported() -> None:
    # The Redis client brings the SDK's metrics along, where it finds them.
    parts = ("opentelemetry.sdk.trace", "opentelemetry.exporter")
    code = f"import sys, telegraphql.gateway.cli.main; print([name for name in sys.modules if name.startswith({parts})])"
    assert subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout == "[]\n"
