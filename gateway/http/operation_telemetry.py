"""Telemetry of one operation: count, time, trace and explain it."""

import asyncio
import time
from collections.abc import Mapping, Sequence
from typing import Any

from graphql import GraphQLError

from telegraphql.gateway.auth.caller import Scope
from telegraphql.gateway.errors import ACCIDENT, Refusal, UpstreamError
from telegraphql.gateway.resolvers.context import RequestContext
from telegraphql.gateway.telemetry.explain import ExplainReport
from telegraphql.gateway.telemetry.request_context import CURRENT_REQUEST
from telegraphql.gateway.upstream.request_budget import RequestBudget

MAX_NAME_LENGTH = 80
NOT_ALLOWED = "explain needs the scope admin, which your credentials do not have; the rest of the response is complete"
REFUSED = {"explain": {"error": {"code": "FORBIDDEN", "message": NOT_ALLOWED}}}


class OperationTelemetry:
    """Observes one operation, from before parsing until it is complete."""

    explain_is_requested = False
    _report: ExplainReport | None = None
    _counts_subscription = False

    def __init__(self, context: RequestContext, extensions: Mapping[str, Any] | None) -> None:
        """Start the clock, and the explain report and the span that are wanted."""
        self._context = context
        request = CURRENT_REQUEST.get()
        if request is not None:
            if request.is_websocket:
                CURRENT_REQUEST.set(request := request.part())
            request.caller = context.caller.name
        by_extension = extensions is not None and extensions.get("explain") is True
        self.explain_is_requested = by_extension or (request is not None and request.explain)
        may_explain = self.explain_is_requested and Scope.ADMIN in context.caller.scopes
        tracing = None if context.instruments is None else context.instruments.tracing
        span = None if tracing is None else tracing.start_operation()
        if may_explain or span is not None:
            context.budget.explain_report = report = ExplainReport(span=span)
            self._report = report if may_explain else None
        self._started_at = time.perf_counter()

    def count_subscription(self) -> None:
        """Count an open subscription."""
        instruments = self._context.instruments
        if instruments is not None and instruments.metrics is not None:
            instruments.metrics.active_subscriptions.inc()
            self._counts_subscription = True

    def explanation(self) -> dict[str, Any]:
        """Return `extensions.explain`: the report, or an error without the scope admin."""
        return REFUSED.copy() if self._report is None else {"explain": self._report.as_json()}

    def end(self, operation_type: str, name: str | None, errors: Sequence[GraphQLError] | None, error: BaseException | None = None) -> None:
        """Report how the operation ended: with the errors of its result, or with an exception."""
        name = (name or "")[:MAX_NAME_LENGTH]
        request = CURRENT_REQUEST.get()
        if request is not None:
            request.operation = name
        context = self._context
        work = context.budget.work
        if request is not None and work.rows:
            request.rows, request.cpu_seconds = request.rows + work.rows, request.cpu_seconds + work.cpu_seconds
        if context.instruments is None:
            return
        is_partial = bool(context.problems.told or context.problems.failures)
        outcome = "partial" if is_partial else "ok"
        if error is not None or errors:
            outcome = _outcome_of_exception(error) if error is not None else outcome_of(errors or ())
        metrics = context.instruments.metrics
        if metrics is not None:
            metrics.count_operation(operation_type, outcome, time.perf_counter() - self._started_at)
            metrics.count_caller(context.caller.name, name, outcome)
            if work.rows:
                metrics.count_work(work.rows, work.cpu_seconds, work.longest_step)
            if self._counts_subscription:
                metrics.active_subscriptions.dec()
            if is_partial:
                names = context.provider_names()
                metrics.count_problems({(names.get(id, id), code.name): count for (id, code), count in context.problems.counts().items()})
        report = context.budget.explain_report
        if report is not None and report.span is not None:
            report.span.end(operation_type, name, outcome)


def spent(budget: RequestBudget) -> dict[str, Any]:
    """Return the work of an operation so far, as `extensions.cost` shows it; nothing where nothing was read."""
    work, sent = budget.work, budget.requests.total()
    if not work.rows and not sent:
        return {}
    return {
        "spent": {
            "rows": work.rows,
            "bytes": work.answer_bytes,
            "upstreamRequests": sent,
            "cpuMilliseconds": round(1000 * work.cpu_seconds),
        }
    }


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
