"""Recorder: where the transport tells what happens at one provider; it passes it on to the tally, the metrics and the trace."""

import asyncio
import logging
import time
from contextvars import ContextVar
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
# A place or a token that is free takes less.
LEAST_WAIT = 0.001


class Recorder:
    """The ear of one provider. `meters` and `tracing` are None where nobody watches."""

    __slots__ = ("meters", "provider", "tracing")

    def __init__(self, provider: str = "") -> None:
        self.provider = provider
        self.meters: ProviderMetrics | None = None
        self.tracing: Tracing | None = None

    def request(self, operation: str) -> "Sent":
        """A request that is sent where this is entered and answered where it is left."""
        return Sent(self, operation)

    def retried(self) -> None:
        """A read is tried again."""
        if self.meters is not None:
            self.meters.retries.inc()
        tally = current().tally
        if tally is not None:
            tally.of(self.provider).retries += 1

    def waiting(self, reason: str) -> "Waiting":
        """A request that waits for a `place`, the `rate` or a `pause` between where this is entered and left."""
        return Waiting(self, reason)

    def waited(self, reason: str, seconds: float) -> None:
        """A request had to wait."""
        if self.meters is not None:
            self.meters.waited(reason, seconds)
        tally = current().tally
        if tally is not None:
            tally.of(self.provider).waited += seconds

    def breaker(self, state: BreakerState) -> None:
        """The breaker opened, closed, or lets one request try."""
        if self.meters is not None:
            self.meters.breaks(state)
        told = log.warning if state is BreakerState.OPEN else log.info
        told("the breaker of %s is %s", self.provider, state.name, extra={"fields": {"provider": self.provider, "state": state.name}})

    def cached(self, result: str) -> None:
        """A read was looked up in the cache: `hit`, `miss` or `stale`; or it joined another's under way: `shared`."""
        if self.meters is not None:
            self.meters.cached(result)
        tally = current().tally
        if tally is not None:
            tally.of(self.provider).cached[result] += 1

    def media(self, size: int) -> None:
        """So many bytes of a file were passed on."""
        if self.meters is not None:
            self.meters.media.inc(size)


class Waiting:
    """One wait; what is free at once is none."""

    __slots__ = ("_began", "_reason", "_recorder")

    def __init__(self, recorder: Recorder, reason: str) -> None:
        self._recorder, self._reason = recorder, reason

    def __enter__(self) -> None:
        self._began = time.perf_counter()

    def __exit__(self, *_: object) -> None:
        seconds = time.perf_counter() - self._began
        if seconds >= LEAST_WAIT:
            self._recorder.waited(self._reason, seconds)


class Sent:
    """One request under way. `status` is the upstream's, once it is known."""

    __slots__ = ("_token", "began", "operation", "recorder", "span", "status", "tally")

    def __init__(self, recorder: Recorder, operation: str) -> None:
        self.recorder, self.operation, self.status = recorder, operation, 0
        self.span: RequestSpan | None = None

    def __enter__(self) -> "Sent":
        self.tally: ExplainReport | None = current().tally
        if self.recorder.tracing is not None:
            self.span = self.recorder.tracing.request(self.recorder.provider, self.operation, self.tally)
            self._token = _traced.set(self)
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
            _traced.reset(self._token)
            self.span.end(outcome, self.status)

    @property
    def traceparent(self) -> str:
        """The header by which the upstream would know the trace; empty where it shall not."""
        return self.span.traceparent if self.span is not None else ""


_traced: ContextVar[Sent | None] = ContextVar("traced", default=None)


def traced() -> Sent | None:
    """The request under way, where it has a span that wants to know more."""
    return _traced.get()


def outcome_of(error: BaseException) -> str:
    """The code of an error, out of a closed set."""
    if isinstance(error, UpstreamError):
        return str(error.problem.value)
    return "CANCELLED" if isinstance(error, asyncio.CancelledError | GeneratorExit) else "INTERNAL"
