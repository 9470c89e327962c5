"""Instrumentation: report the requests to one provider to metrics, traces and `extensions.explain`."""

import asyncio
import logging
import time
from dataclasses import dataclass
from types import TracebackType
from typing import TYPE_CHECKING

from telegraphql.gateway.errors import UpstreamError
from telegraphql.gateway.upstream.request_budget import current
from telegraphql.schema.enums import BreakerState

if TYPE_CHECKING:
    from telegraphql.gateway.telemetry.explain import ExplainReport
    from telegraphql.gateway.telemetry.metrics import ProviderMetrics
    from telegraphql.gateway.telemetry.tracing import RequestSpan, Tracing

log = logging.getLogger("telegraphql")
# To get a slot or a token that is free takes less.
MIN_WAIT = 0.001


class Recorder:
    """Reports what happens at one provider. `metrics` and `tracing` are None if they are disabled."""

    __slots__ = ("metrics", "provider", "tracing")

    def __init__(self, provider: str = "") -> None:
        self.provider = provider
        self.metrics: ProviderMetrics | None = None
        self.tracing: Tracing | None = None

    def retried(self) -> None:
        """Count a retry."""
        if self.metrics is not None:
            self.metrics.retries.inc()
        report = current().explain_report
        if report is not None:
            report.provider(self.provider).retries += 1

    def waited(self, reason: str, seconds: float) -> None:
        """Count the seconds that a request waited in the `queue`, for the `rate` or in a `pause`."""
        if seconds < MIN_WAIT:
            return
        if self.metrics is not None:
            self.metrics.observe_wait(reason, seconds)
        report = current().explain_report
        if report is not None:
            report.provider(self.provider).wait_seconds += seconds

    def breaker(self, state: BreakerState) -> None:
        """Report the new state of the breaker."""
        if self.metrics is not None:
            self.metrics.set_breaker_state(state)
        level = logging.WARNING if state is BreakerState.OPEN else logging.INFO
        log.log(
            level, "the breaker of %s is %s", self.provider, state.name, extra={"fields": {"provider": self.provider, "state": state.name}}
        )

    def cached(self, result: str) -> None:
        """Count a lookup in the cache as `hit`, `miss` or `stale`, or a read that joined an equal one as `shared`."""
        if self.metrics is not None:
            self.metrics.count_lookup(result)
        report = current().explain_report
        if report is not None:
            report.provider(self.provider).cache_results[result] += 1

    def media(self, size: int) -> None:
        """Count the bytes of a file that were passed on."""
        if self.metrics is not None:
            self.metrics.media_bytes.inc(size)


@dataclass(slots=True)
class Sent:
    """A context that lasts from sending a request to its answer. `status` is the upstream's, or 0 until it is known."""

    recorder: Recorder
    operation: str
    status: int = 0
    span: "RequestSpan | None" = None
    report: "ExplainReport | None" = None
    began: float = 0.0

    def __enter__(self) -> "Sent":
        self.report = current().explain_report
        if self.recorder.tracing is not None:
            parent = None if self.report is None else self.report.span
            self.span = self.recorder.tracing.start_request(self.recorder.provider, self.operation, parent)
        self.began = time.perf_counter()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        seconds = time.perf_counter() - self.began
        outcome = "OK" if error is None else outcome_of(error)
        recorder = self.recorder
        if recorder.metrics is not None:
            recorder.metrics.count_request(self.operation, outcome, seconds)
        if self.report is not None:
            self.report.provider(recorder.provider).count_request(self.operation, seconds)
        if self.span is not None:
            self.span.end(outcome, self.status)


def outcome_of(error: BaseException) -> str:
    """Return the code of an error, out of a closed set."""
    if isinstance(error, UpstreamError):
        return str(error.problem.value)
    return "CANCELLED" if isinstance(error, asyncio.CancelledError | GeneratorExit) else "INTERNAL"
