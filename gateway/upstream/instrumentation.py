"""Instrumentation: report the requests to one provider to metrics, traces and `extensions.explain`."""

import asyncio
import logging
import time
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
    """Reports what happens at one provider. `meters` and `tracing` are None if they are disabled."""

    __slots__ = ("meters", "provider", "tracing")

    def __init__(self, provider: str = "") -> None:
        self.provider = provider
        self.meters: ProviderMetrics | None = None
        self.tracing: Tracing | None = None

    def request(self, operation: str) -> "Sent":
        """Return a context that lasts from sending a request to its answer."""
        return Sent(self, operation)

    def retried(self) -> None:
        """Count a retry."""
        if self.meters is not None:
            self.meters.retries.inc()
        tally = current().tally
        if tally is not None:
            tally.of(self.provider).retries += 1

    def waited(self, reason: str, seconds: float) -> None:
        """Count the seconds that a request waited in the `queue`, for the `rate` or in a `pause`."""
        if seconds < MIN_WAIT:
            return
        if self.meters is not None:
            self.meters.waited(reason, seconds)
        tally = current().tally
        if tally is not None:
            tally.of(self.provider).waited += seconds

    def breaker(self, state: BreakerState) -> None:
        """Report the new state of the breaker."""
        if self.meters is not None:
            self.meters.breaks(state)
        level = logging.WARNING if state is BreakerState.OPEN else logging.INFO
        log.log(
            level, "the breaker of %s is %s", self.provider, state.name, extra={"fields": {"provider": self.provider, "state": state.name}}
        )

    def cached(self, result: str) -> None:
        """Count a lookup in the cache as `hit`, `miss` or `stale`, or a read that joined an equal one as `shared`."""
        if self.meters is not None:
            self.meters.cached(result)
        tally = current().tally
        if tally is not None:
            tally.of(self.provider).cached[result] += 1

    def media(self, size: int) -> None:
        """Count the bytes of a file that were passed on."""
        if self.meters is not None:
            self.meters.media.inc(size)


class Sent:
    """One request under way. `status` is the upstream's, or 0 until it is known."""

    __slots__ = ("began", "operation", "recorder", "span", "status", "tally")

    def __init__(self, recorder: Recorder, operation: str) -> None:
        self.recorder, self.operation, self.status = recorder, operation, 0
        self.span: RequestSpan | None = None

    def __enter__(self) -> "Sent":
        self.tally: ExplainReport | None = current().tally
        if self.recorder.tracing is not None:
            self.span = self.recorder.tracing.request(self.recorder.provider, self.operation, self.tally)
        self.began = time.perf_counter()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        seconds = time.perf_counter() - self.began
        outcome = "OK" if error is None else outcome_of(error)
        recorder = self.recorder
        if recorder.meters is not None:
            recorder.meters.answered(self.operation, outcome, seconds)
        if self.tally is not None:
            self.tally.of(recorder.provider).answered(self.operation, seconds)
        if self.span is not None:
            self.span.end(outcome, self.status)


def outcome_of(error: BaseException) -> str:
    """Return the code of an error, out of a closed set."""
    if isinstance(error, UpstreamError):
        return str(error.problem.value)
    return "CANCELLED" if isinstance(error, asyncio.CancelledError | GeneratorExit) else "INTERNAL"
