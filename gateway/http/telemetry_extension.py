"""Operations: each GraphQL operation is counted, timed and traced, and explained to callers who may know."""

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

MOST_NAME = 80
NOT_TOLD = "explain needs the scope admin, which your credentials do not have; the rest of the answer is complete"
REFUSED = {"explain": {"error": {"code": "FORBIDDEN", "message": NOT_TOLD}}}


class TelemetryExtension(SchemaExtension):
    """Watches one operation. It stands after whatever gives the operation a context of its own."""

    _tally: ExplainReport | None = None
    _asked = False
    _open = False
    _kind = ""

    def on_operation(self) -> Iterator[None]:
        """From before the document is parsed until everything is done, or the client has left."""
        context = self.execution_context.context
        if not isinstance(context, RequestContext):
            yield
            return
        self._begin(context)
        began, left = time.perf_counter(), ""
        try:
            yield
        except BaseException as error:
            left = _of(error)
            raise
        finally:
            self._end(context.instruments, left or outcome_of(self._errors()), time.perf_counter() - began)

    def on_execute(self) -> Iterator[None]:
        """A subscription is open from here on."""
        watch = getattr(self.execution_context.context, "instruments", None)
        self._kind = self.execution_context.operation_type.value
        if watch is not None and watch.metrics is not None and self._kind == "subscription":
            watch.metrics.subscriptions.inc()
            self._open = True
        yield

    def get_results(self) -> dict[str, Any]:
        """The explanation, for those who asked for it and may have it."""
        if not self._asked:
            return {}
        return {"explain": self._tally.shown()} if self._tally is not None else REFUSED

    def _begin(self, context: RequestContext) -> None:
        running = current_request()
        if running is not None:
            if running.socket:
                set_current_request(running := running.part())
            running.caller = context.caller.name
        given = self.execution_context.operation_extensions
        self._asked = (given is not None and given.get("explain") is True) or (running is not None and running.explain)
        explains = self._asked and Scope.ADMIN in context.caller.scopes
        trace = (
            context.instruments.tracing.operation() if context.instruments is not None and context.instruments.tracing is not None else None
        )
        if explains or trace is not None:
            context.budget.tally = tally = ExplainReport(trace=trace)
            self._tally = tally if explains else None

    def _end(self, watch: UpstreamInstruments | None, ended: str, seconds: float) -> None:
        kind, name = self._kind or self._found(), (self.execution_context.operation_name or "")[:MOST_NAME]
        running = current_request()
        if running is not None:
            running.operation = name
        if watch is None:
            return
        if watch.metrics is not None:
            watch.metrics.operation(kind, ended, seconds)
            if self._open:
                watch.metrics.subscriptions.dec()
        tally = self.execution_context.context.budget.tally
        if tally is not None and tally.trace is not None:
            tally.trace.end(kind, name, ended)

    def _found(self) -> str:
        try:
            return self.execution_context.operation_type.value
        except RuntimeError:
            return "unknown"

    def _errors(self) -> Sequence[GraphQLError]:
        return self.execution_context.pre_execution_errors or getattr(self.execution_context.result, "errors", None) or ()


def outcome_of(errors: Sequence[GraphQLError]) -> str:
    """Whose fault the worst of an operation's errors is."""
    kinds = {_fault(error) for error in errors}
    return next((kind for kind in ("internal", "upstream", "refused") if kind in kinds), "ok")


def _fault(error: GraphQLError) -> str:
    told = error.extensions or {}
    if told.get("code") == ACCIDENT:
        return "internal"
    return "upstream" if "retryable" in told else "refused"


def _of(error: BaseException) -> str:
    if isinstance(error, asyncio.CancelledError | GeneratorExit):
        return "cancelled"
    if isinstance(error, UpstreamError):
        return "upstream"
    # Strawberry says with exceptions of its own that a document has no such operation.
    return "refused" if isinstance(error, Refusal) or type(error).__module__.startswith("strawberry.") else "internal"
