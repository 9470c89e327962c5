"""Tracing: operations, the providers they asked, and each request, as OpenTelemetry spans without a text of anybody's.

OpenTelemetry is imported where tracing is on, and only there."""

import logging
import os
from importlib.metadata import version
from typing import TYPE_CHECKING

from telegraphql.gateway.telemetry.request_context import current_request
from telegraphql.gateway.telemetry.settings import TracingSettings

if TYPE_CHECKING:
    from opentelemetry.context import Context
    from opentelemetry.sdk.trace.export import SpanExporter
    from opentelemetry.trace import Span

    from telegraphql.gateway.telemetry.explain import ExplainReport

PATH = "/v1/traces"
VARIABLES = ("OTEL_EXPORTER_OTLP_TRACES_ENDPOINT", "OTEL_EXPORTER_OTLP_ENDPOINT")


def create_tracing(settings: TracingSettings) -> "Tracing | None":
    """Tracing where it is configured."""
    if not settings.endpoint and not any(os.environ.get(name) for name in VARIABLES):
        return None
    from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter

    logging.getLogger("opentelemetry").setLevel(logging.ERROR)
    endpoint = settings.endpoint.rstrip("/")
    return Tracing(settings, OTLPSpanExporter(endpoint=endpoint + PATH if endpoint else None))


class Tracing:
    """Makes spans and sends them away from a thread of its own."""

    def __init__(self, settings: TracingSettings, exporter: "SpanExporter") -> None:
        from opentelemetry import trace
        from opentelemetry.sdk.resources import Resource
        from opentelemetry.sdk.trace import TracerProvider
        from opentelemetry.sdk.trace.export import BatchSpanProcessor
        from opentelemetry.sdk.trace.sampling import ParentBasedTraceIdRatio
        from opentelemetry.trace.propagation.tracecontext import TraceContextTextMapPropagator

        named = {"service.name": os.environ.get("OTEL_SERVICE_NAME", "telegraphql"), "service.version": version("telegraphql")}
        self._api, self._propagator = trace, TraceContextTextMapPropagator()
        self._sdk = TracerProvider(
            sampler=ParentBasedTraceIdRatio(settings.sample_ratio), resource=Resource.create(named), shutdown_on_exit=False
        )
        self._sdk.add_span_processor(BatchSpanProcessor(exporter))
        self._tracer = self._sdk.get_tracer("telegraphql")
        self._propagate = settings.propagate

    def operation(self) -> "OperationSpan":
        """An operation that begins now, as part of its caller's trace."""
        span = self._tracer.start_span("operation", self._incoming(), self._api.SpanKind.SERVER)
        running = current_request()
        if running is not None:
            running.trace = f"{span.get_span_context().trace_id:032x}"
        return OperationSpan(self, span)

    def request(self, provider: str, operation: str, tally: "ExplainReport | None") -> "RequestSpan":
        """A request that is sent now: below its provider's part of the operation, or of the caller's trace where there is none."""
        parent = self._incoming() if tally is None or tally.trace is None else tally.trace.provider(provider)
        span = self._tracer.start_span(f"{provider} {operation}", parent, self._api.SpanKind.CLIENT)
        span.set_attribute("telegraphql.provider", provider)
        span.set_attribute("telegraphql.upstream.operation", operation)
        return RequestSpan(self, span)

    def child(self, name: str, of: "Span") -> "Span":
        """A span inside another."""
        return self._tracer.start_span(name, self._api.set_span_in_context(of))

    def within(self, span: "Span") -> "Context":
        """Where its children belong."""
        return self._api.set_span_in_context(span)

    def ended(self, span: "Span", outcome: str) -> None:
        """The end of a span; what went wrong is told by its code alone."""
        span.set_attribute("telegraphql.outcome", outcome)
        if outcome.upper() != "OK":
            span.set_status(self._api.StatusCode.ERROR, outcome)
        span.end()

    def header(self, span: "Span") -> str:
        """Its traceparent, where upstreams may have it."""
        carrier: dict[str, str] = {}
        if self._propagate:
            self._propagator.inject(carrier, self.within(span))
        return carrier.get("traceparent", "")

    def flush(self) -> None:
        """Send what has ended."""
        self._sdk.force_flush()

    def close(self) -> None:
        """Send what has ended, and stop."""
        self._sdk.shutdown()

    def _incoming(self) -> "Context | None":
        running = current_request()
        if running is None or not running.traceparent:
            return None
        return self._propagator.extract({"traceparent": running.traceparent})


class OperationSpan:
    """The spans of one operation: its own, and one for each provider it asked."""

    __slots__ = ("_providers", "_span", "_tracing")

    def __init__(self, create_tracing: Tracing, span: "Span") -> None:
        self._tracing, self._span = create_tracing, span
        self._providers: dict[str, Span] = {}

    def provider(self, name: str) -> "Context":
        """Where requests to a provider belong."""
        found = self._providers.get(name)
        if found is None:
            found = self._providers[name] = self._tracing.child(f"provider {name}", self._span)
            found.set_attribute("telegraphql.provider", name)
        return self._tracing.within(found)

    def end(self, kind: str, name: str, outcome: str) -> None:
        """The operation is over; only now is known what it was."""
        for span in self._providers.values():
            span.end()
        self._span.update_name(f"{kind} {name}".strip())
        self._span.set_attribute("graphql.operation.type", kind)
        if name:
            self._span.set_attribute("graphql.operation.name", name)
        self._tracing.ended(self._span, outcome)


class RequestSpan:
    """The span of one upstream request."""

    __slots__ = ("_span", "_tracing")

    def __init__(self, create_tracing: Tracing, span: "Span") -> None:
        self._tracing, self._span = create_tracing, span

    @property
    def traceparent(self) -> str:
        """The header for the upstream; empty where it shall not know."""
        return self._tracing.header(self._span)

    def end(self, outcome: str, status: int) -> None:
        """The answer came, or did not."""
        if status:
            self._span.set_attribute("http.response.status_code", status)
        self._tracing.ended(self._span, outcome)
