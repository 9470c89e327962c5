"""Resilience: what stands between the gateway and one upstream - deadline, retries, breaker, rate and concurrency, in this order.

    retries     reads only, full jitter, within a budget, never past the deadline of the operation
     └ breaker      lets nothing through for a while after failing again and again
        └ queue         a bounded number of requests wait for a bounded number of places
           └ rate           a token bucket, and a pause whenever the upstream asks for one
              └ deadline        what the running operation has left

Everything has a setting, with its unit, under `[providers.NAME.limits]`."""

import asyncio
from collections.abc import Awaitable, Callable
from datetime import timedelta
from types import TracebackType
from typing import Any, Protocol, TypeVar

from aiolimiter import AsyncLimiter
from purgatory import AsyncCircuitBreakerFactory
from purgatory.domain.model import CLOSED, HALF_OPENED, OpenedState
from purgatory.service._async.circuitbreaker import AsyncCircuitBreaker
from pydantic import BaseModel, ConfigDict, Field
from tenacity import AsyncRetrying, RetryCallState, retry_if_exception, stop_after_attempt, wait_random_exponential

from telegraphql.gateway.errors import (
    Expired,
    Forbidden,
    Malformed,
    NotFound,
    RateLimited,
    ScanLimit,
    TimedOut,
    TooLarge,
    Unavailable,
    Unsupported,
    UpstreamError,
)
from telegraphql.gateway.upstream.deadline import LATE, within_deadline
from telegraphql.gateway.upstream.health import Health
from telegraphql.gateway.upstream.instrumentation import Recorder
from telegraphql.gateway.upstream.request_budget import current
from telegraphql.schema.enums import BreakerState

T = TypeVar("T")
STATES = {"closed": BreakerState.CLOSED, "half-opened": BreakerState.HALF_OPEN, "opened": BreakerState.OPEN}
# With these the upstream has answered as it should.
HARMLESS = (Forbidden, Malformed, NotFound, RateLimited, TooLarge, Unsupported)
# These say nothing about it: we stopped, or what comes of it is only known once the credentials are renewed.
SILENT = (asyncio.CancelledError, Expired, ScanLimit)


class ResilienceSettings(BaseModel):
    """How one upstream is protected, and we from it."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    connect_timeout: float = Field(default=3.0, gt=0, description="Seconds to wait for a connection.")
    read_timeout: float = Field(default=10.0, gt=0, description="Seconds to wait for the next bytes, or for a read of this machine.")
    keep_alive: float = Field(default=60.0, gt=0, description="Seconds for which a connection that nobody uses is kept open.")
    attempts: int = Field(default=3, ge=1, description="How often a read is tried in all; commands are tried once.")
    retry_wait: float = Field(default=0.2, ge=0, description="Seconds within which the first retry comes; doubled for each further one.")
    retry_budget: float = Field(default=0.2, ge=0, le=1, description="Retries allowed, as a share of all requests.")
    breaker_failures: int = Field(default=5, ge=1, description="Failures one after the other that open the breaker.")
    breaker_rest: float = Field(default=5.0, gt=0, description="Seconds for which an open breaker lets nothing through.")
    at_once: int = Field(default=16, ge=1, description="Requests under way at once.")
    waiting: int = Field(default=256, ge=1, description="Requests that may wait for a place; beyond that they are refused.")
    per_second: float = Field(default=50.0, gt=0, description="Requests per second, as a token bucket of one second.")


class Rate(Protocol):
    """A rate that is kept together with others."""

    async def acquire(self) -> None:
        """Wait for the next request's turn."""

    def pause(self, seconds: float) -> None:
        """Nobody shall ask for so long."""


class Budget:
    """Retries are paid from what requests earn, so that they cannot multiply the load on an upstream in trouble."""

    def __init__(self, share: float, most: float = 10.0) -> None:
        self._share, self._most, self._tokens = share, most, most if share else 0.0

    def earn(self) -> None:
        """A request was made."""
        self._tokens = min(self._most, self._tokens + self._share)

    def spend(self) -> bool:
        """Whether there is one retry left; it is gone then."""
        if self._tokens < 1:
            return False
        self._tokens -= 1
        return True


class Resilience:
    """The protection of one provider."""

    def __init__(self, settings: ResilienceSettings, health: Health, recorder: Recorder | None = None, rate: Rate | None = None) -> None:
        self._health = health
        self.recorder = recorder or Recorder()
        self._settings = settings
        # A rest of its own unit: purgatory keeps failures one after the other and lets a call try after the rest.
        self._breakers = AsyncCircuitBreakerFactory(
            default_threshold=settings.breaker_failures, default_ttl=settings.breaker_rest, exclude=[*HARMLESS]
        )
        self._breakers.add_listener(self._changed)
        self._breaker: AsyncCircuitBreaker | None = None
        self._places = asyncio.Semaphore(settings.at_once)
        self._waiting = 0
        self._shared = rate
        self._rate = rate or AsyncLimiter(settings.per_second, 1.0)
        self._budget = Budget(settings.retry_budget)
        self._paused_until = 0.0
        self._last: UpstreamError | None = None
        self._trying = False

    async def read(self, attempt: Callable[[], Awaitable[T]]) -> T:
        """What an attempt gives, tried again where that may help."""
        try:
            return await self.once(attempt)
        except UpstreamError as error:
            return await self._again(error, attempt)

    async def _again(self, first: UpstreamError, attempt: Callable[[], Awaitable[T]]) -> T:
        """What comes after a first attempt that failed. Only then is there something to decide, which takes longer than to ask."""
        failed = [first]

        async def next_one() -> T:
            if failed:
                raise failed.pop()
            return await self.once(attempt)

        retrying = AsyncRetrying(
            stop=stop_after_attempt(self._settings.attempts),
            wait=self._wait,
            retry=retry_if_exception(self._worth_another),
            before_sleep=lambda _: self.recorder.retried(),
            reraise=True,
        )
        return await retrying(next_one)

    async def once(self, attempt: Callable[[], Awaitable[T]]) -> T:
        """What one attempt gives."""
        self._budget.earn()
        asked = False
        async with _Passage(self):
            try:
                # All waiting counts against the deadline: for a place, for the end of a pause, for a token, for the answer.
                async with within_deadline(), _Place(self):
                    asked = True
                    return await attempt()
            except RateLimited as error:
                if asked:  # by the upstream; a wait that is too long for one operation makes no pause any longer
                    self._pause(error)
                raise
            except UpstreamError as error:
                self._last = error
                raise
            except asyncio.CancelledError:
                if current().left() > 0:
                    raise
                # Whoever waited gave up at the deadline: then the upstream was too slow.
                self._last = TimedOut(LATE)
                raise self._last from None

    async def renew(self, renew: Callable[[], Awaitable[None]]) -> None:
        """New credentials. That they are refused tells the breaker something; that they are given proves nothing yet."""
        async with _Passage(self, proves=False):
            try:
                await renew()
            except UpstreamError as error:
                self._last = error
                raise

    def _changed(self, circuit: str, kind: str, event: Any) -> None:
        if kind == "state_changed":
            self._health.state = STATES[event.state]
            self.recorder.breaker(self._health.state)

    def _wait(self, state: RetryCallState) -> float:
        error = state.outcome.exception() if state.outcome else None
        asked = error.retry_after if isinstance(error, UpstreamError) and error.retry_after else 0
        return max(float(asked), wait_random_exponential(self._settings.retry_wait, max=5)(state))

    def _worth_another(self, error: BaseException) -> bool:
        if not isinstance(error, UpstreamError) or not error.retryable or isinstance(error, TooLarge):
            return False
        in_time = current().left() > (error.retry_after or 0) + self._settings.retry_wait
        return in_time and self._health.state is BreakerState.CLOSED and self._budget.spend()

    def _resting(self) -> UpstreamError:
        kind = type(self._last) if self._last else Unavailable
        rest = timedelta(seconds=self._settings.breaker_rest).seconds or 1
        why = self._last.message if self._last else "it failed again and again"
        return kind(f"is left alone for a few seconds after failing again and again: {why}", retry_after=rest)

    async def _placed(self) -> None:
        """Wait for a place among the requests under way."""
        if not self._places.locked():
            await self._places.acquire()
            return
        if self._waiting >= self._settings.waiting:
            raise RateLimited("has too many requests waiting here; ask for less at once", retry_after=1)
        self._waiting += 1
        try:
            with self.recorder.waiting("place"):
                await self._places.acquire()
        finally:
            self._waiting -= 1

    async def _paid(self) -> None:
        """Wait for the end of a pause, and for a token of the rate."""
        if self._paused_until:
            await self._unpaused()
        with self.recorder.waiting("rate"):
            await self._rate.acquire()

    def _pause(self, error: RateLimited) -> None:
        now, seconds = asyncio.get_running_loop().time(), min(error.retry_after or 0, 60)
        self._paused_until = max(self._paused_until, now + seconds)
        if self._shared is not None and seconds:
            self._shared.pause(seconds)

    async def _unpaused(self) -> None:
        rest = self._paused_until - asyncio.get_running_loop().time()
        if rest > current().left():
            raise RateLimited("asks for fewer requests", retry_after=int(rest) + 1)
        if rest > 0:
            with self.recorder.waiting("pause"):
                await asyncio.sleep(rest)


class _Passage:
    """The breaker around one attempt; an open one answers with the kind of error that opened it. After its rest an upstream is tried by
    one request at a time, which purgatory leaves to us. New credentials prove nothing: they are part of that one's way, and already got
    one at a time."""

    __slots__ = ("_breaker", "_guard", "_proves", "_tries")

    def __init__(self, guard: Resilience, proves: bool = True) -> None:
        self._guard, self._proves = guard, proves

    async def __aenter__(self) -> None:
        guard = self._guard
        # It is one and the same, and lets everything through while it is closed; to ask it every time takes longer than to look.
        breaker = guard._breaker = guard._breaker or await guard._breakers.get_breaker("upstream")
        self._breaker, self._tries = breaker, False
        if breaker.context.state == CLOSED:
            return
        try:
            await breaker.__aenter__()
        except OpenedState:
            raise guard._resting() from None
        if self._proves and breaker.context.state == HALF_OPENED:
            if guard._trying:
                raise guard._resting()
            self._tries = guard._trying = True

    async def __aexit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        context = self._breaker.context
        if error is None and not self._tries and context.state == CLOSED and not context.failure_count:
            return  # nothing to tell
        try:
            if self._proves if error is None else not isinstance(error, SILENT):
                await self._breaker.__aexit__(kind, error, trace)
        finally:
            if self._tries:
                self._guard._trying = False


class _Place:
    """A place among the requests under way, and a token of the rate."""

    __slots__ = ("_guard",)

    def __init__(self, guard: Resilience) -> None:
        self._guard = guard

    async def __aenter__(self) -> None:
        await self._guard._placed()
        try:
            await self._guard._paid()
        except BaseException:
            self._guard._places.release()
            raise

    async def __aexit__(self, *_: object) -> None:
        self._guard._places.release()
