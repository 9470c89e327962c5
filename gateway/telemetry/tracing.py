"""OpenTelemetry spans of operations, of the providers they query, and of upstream requests. No span contains user data.

OpenTelemetry is imported only if tracing is configured.
"""

import logging
import os
from importlib.metadata import version
from typing import TYPE_CHECKING

from telegraphql.gateway.telemetry.request_context import CURRENT_REQUEST
from telegraphql.gateway.telemetry.settings import TracingSettings

if TYPE_CHECKING:
    from opentelemetry.context import Context
    from opentelemetry.sdk.trace.export import SpanExporter
    from opentelemetry.trace import Span

TRACES_PATH = "/v1/traces"
ENDPOINT_VARIABLES = ("OTEL_EXPORTER_OTLP_TRACES_ENDPOINT", "OTEL_EXPORTER_OTLP_ENDPOINT")


def create_tracing(settings: TracingSettings) -> "Tracing | None":
    """Return tracing as configured, or None."""
    if not settings.endpoint and not any(os.environ.get(name) for name in ENDPOINT_VARIABLES):
        return None
    from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter

    logging.getLogger("opentelemetry").setLevel(logging.ERROR)
    endpoint = settings.endpoint.rstrip("/")
    return Tracing(settings, OTLPSpanExporter(endpoint=endpoint + TRACES_PATH if endpoint else None))


class Tracing:
    """Creates spans, and exports them in a thread."""

    def __init__(self, settings: TracingSettings, exporter: "SpanExporter") -> None:
        from opentelemetry import trace
        from opentelemetry.sdk.resources import Resource
        from opentelemetry.sdk.trace import TracerProvider
        from opentelemetry.sdk.trace.export import BatchSpanProcessor
        from opentelemetry.sdk.trace.sampling import ParentBasedTraceIdRatio
        from opentelemetry.trace.propagation.tracecontext import TraceContextTextMapPropagator

        attributes = {"service.name": os.environ.get("OTEL_SERVICE_NAME", "telegraphql"), "service.version": version("telegraphql")}
        self._api, self._propagator = trace, TraceContextTextMapPropagator()
        self._sdk = TracerProvider(
            sampler=ParentBasedTraceIdRatio(settings.sample_ratio), resource=Resource.create(attributes), shutdown_on_exit=False
        )
        self._sdk.add_span_processor(BatchSpanProcessor(exporter))
        self._tracer = self._sdk.get_tracer("telegraphql")
        self._propagate = settings.propagate

    def start_operation(self) -> "OperationSpan":
        """Start the span of an operation, below the client's span if there is one."""
        span = self._tracer.start_span("operation", self._client_context(), self._api.SpanKind.SERVER)
        request = CURRENT_REQUEST.get()
        if request is not None:
            request.trace_id = f"{span.get_span_context().trace_id:032x}"
        return OperationSpan(self, span)

    def start_request(self, provider: str, operation: str, parent: "OperationSpan | None") -> "RequestSpan":
        """Start the span of an upstream request: below its provider's span, or the client's outside of an operation."""
        context = self._client_context() if parent is None else parent.provider_context(provider)
        span = self._tracer.start_span(f"{provider} {operation}", context, self._api.SpanKind.CLIENT)
        span.set_attribute("telegraphql.provider", provider)
        span.set_attribute("telegraphql.upstream.operation", operation)
        return RequestSpan(self, span)

    def start_child(self, name: str, parent: "Span") -> "Span":
        """Start a span below another."""
        return self._tracer.start_span(name, self._api.set_span_in_context(parent))

    def context_of(self, span: "Span") -> "Context":
        """Return the context of a span's children."""
        return self._api.set_span_in_context(span)

    def end(self, span: "Span", outcome: str) -> None:
        """End a span. An error is described by its code alone."""
        span.set_attribute("telegraphql.outcome", outcome)
        if outcome.upper() != "OK":
            span.set_status(self._api.StatusCode.ERROR, outcome)
        span.end()

    def traceparent(self, span: "Span") -> str:
        """Return a span's traceparent header for upstreams, or "" if it is not propagated."""
        carrier: dict[str, str] = {}
        if self._propagate:
            self._propagator.inject(carrier, self.context_of(span))
        return carrier.get("traceparent", "")

    def flush(self) -> None:
        """Export the spans that have ended."""
        self._sdk.force_flush()

    def close(self) -> None:
        """Export the spans that have ended, and stop."""
        self._sdk.shutdown()

    def _client_context(self) -> "Context | None":
        request = CURRENT_REQUEST.get()
        if request is None or not request.traceparent:
            return None
        return self._propagator.extract({"traceparent": request.traceparent})


class OperationSpan:
    """The span of one operation, with a span below it for each provider."""

    __slots__ = ("_providers", "_span", "_tracing")

    def __init__(self, tracing: Tracing, span: "Span") -> None:
        self._tracing, self._span = tracing, span
        self._providers: dict[str, Span] = {}

    def provider_context(self, name: str) -> "Context":
        """Return the context of requests to a provider."""
        span = self._providers.get(name)
        if span is None:
            span = self._providers[name] = self._tracing.start_child(f"provider {name}", self._span)
            span.set_attribute("telegraphql.provider", name)
        return self._tracing.context_of(span)

    def end(self, operation_type: str, name: str, outcome: str) -> None:
        """End the span. The operation's type and name are known only now."""
        for span in self._providers.values():
            span.end()
        self._span.update_name(f"{operation_type} {name}".strip())
        self._span.set_attribute("graphql.operation.type", operation_type)
        if name:
            self._span.set_attribute("graphql.operation.name", name)
        self._tracing.end(self._span, outcome)


class RequestSpan:
    """The span of one upstream request."""

    __slots__ = ("_span", "_tracing")

    def __init__(self, tracing: Tracing, span: "Span") -> None:
        self._tracing, self._span = tracing, span

    @property
    def traceparent(self) -> str:
        """Return the traceparent header for the upstream, or "" if it is not propagated."""
        return self._tracing.traceparent(self._span)

    def end(self, outcome: str, status: int) -> None:
        """End the span. `status` is the HTTP status, or 0 without a response."""
        if status:
            self._span.set_attribute("http.response.status_code", status)
        self._tracing.end(self._span, outcome)
