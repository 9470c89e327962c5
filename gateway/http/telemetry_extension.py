"""The Strawberry extension that counts, times, traces and explains each operation."""

import asyncio
import time
from collections.abc import Iterator, Sequence
from typing import Any

from graphql import GraphQLError
from strawberry.extensions import SchemaExtension

from telegraphql.gateway.auth.caller import Scope
from telegraphql.gateway.errors import ACCIDENT, Refusal, UpstreamError
from telegraphql.gateway.resolvers.context import RequestContext
from telegraphql.gateway.telemetry.explain import ExplainReport
from telegraphql.gateway.telemetry.request_context import current_request, set_current_request
from telegraphql.gateway.upstream.instruments import UpstreamInstruments

MAX_NAME_LENGTH = 80
NOT_ALLOWED = "explain needs the scope admin, which your credentials do not have; the rest of the response is complete"
REFUSED = {"explain": {"error": {"code": "FORBIDDEN", "message": NOT_ALLOWED}}}


class TelemetryExtension(SchemaExtension):
    """Observes one operation. It must come after the extension that gives a WebSocket's operation its own context."""

    _report: ExplainReport | None = None
    _explain_is_requested = False
    _is_open_subscription = False
    _operation_type = ""

    def on_operation(self) -> Iterator[None]:
        """Observe the operation from before parsing until it is complete or the client has disconnected."""
        context = self.execution_context.context
        if not isinstance(context, RequestContext):
            yield
            return
        self._begin(context)
        started_at, exit_outcome = time.perf_counter(), ""
        try:
            yield
        except BaseException as error:
            exit_outcome = _outcome_of_exception(error)
            raise
        finally:
            self._end(context.instruments, exit_outcome or outcome_of(self._errors()), time.perf_counter() - started_at)

    def on_execute(self) -> Iterator[None]:
        """Count an open subscription."""
        instruments = getattr(self.execution_context.context, "instruments", None)
        self._operation_type = self.execution_context.operation_type.value
        if instruments is not None and instruments.metrics is not None and self._operation_type == "subscription":
            instruments.metrics.active_subscriptions.inc()
            self._is_open_subscription = True
        yield

    def get_results(self) -> dict[str, Any]:
        """Return `extensions.explain`, if it was requested: the report, or an error without the scope admin."""
        if not self._explain_is_requested:
            return {}
        return {"explain": self._report.as_json()} if self._report is not None else REFUSED

    def _begin(self, context: RequestContext) -> None:
        request = current_request()
        if request is not None:
            if request.is_websocket:
                set_current_request(request := request.part())
            request.caller = context.caller.name
        extensions = self.execution_context.operation_extensions
        by_extension = extensions is not None and extensions.get("explain") is True
        self._explain_is_requested = by_extension or (request is not None and request.explain)
        may_explain = self._explain_is_requested and Scope.ADMIN in context.caller.scopes
        tracing = None if context.instruments is None else context.instruments.tracing
        span = None if tracing is None else tracing.start_operation()
        if may_explain or span is not None:
            context.budget.explain_report = report = ExplainReport(span=span)
            self._report = report if may_explain else None

    def _end(self, instruments: UpstreamInstruments | None, outcome: str, seconds: float) -> None:
        operation_type = self._operation_type or self._type_or_unknown()
        name = (self.execution_context.operation_name or "")[:MAX_NAME_LENGTH]
        request = current_request()
        if request is not None:
            request.operation = name
        if instruments is None:
            return
        if instruments.metrics is not None:
            instruments.metrics.count_operation(operation_type, outcome, seconds)
            if self._is_open_subscription:
                instruments.metrics.active_subscriptions.dec()
        report = self.execution_context.context.budget.explain_report
        if report is not None and report.span is not None:
            report.span.end(operation_type, name, outcome)

    def _type_or_unknown(self) -> str:
        try:
            return self.execution_context.operation_type.value
        except RuntimeError:
            return "unknown"

    def _errors(self) -> Sequence[GraphQLError]:
        return self.execution_context.pre_execution_errors or getattr(self.execution_context.result, "errors", None) or ()


def outcome_of(errors: Sequence[GraphQLError]) -> str:
    """Return the outcome of an operation by its worst error: internal, upstream, refused or ok."""
    outcomes = {_outcome_of_error(error) for error in errors}
    return next((outcome for outcome in ("internal", "upstream", "refused") if outcome in outcomes), "ok")


def _outcome_of_error(error: GraphQLError) -> str:
    extensions = error.extensions or {}
    if extensions.get("code") == ACCIDENT:
        return "internal"
    return "upstream" if "retryable" in extensions else "refused"


def _outcome_of_exception(error: BaseException) -> str:
    if isinstance(error, asyncio.CancelledError | GeneratorExit):
        return "cancelled"
    if isinstance(error, UpstreamError):
        return "upstream"
    # Strawberry raises exceptions of its own if a document has no such operation.
    return "refused" if isinstance(error, Refusal) or type(error).__module__.startswith("strawberry.") else "internal"
