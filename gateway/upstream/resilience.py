"""Resilience: protect one upstream and the gateway from each other - retries, breaker, deadline, queue and rate, in this order.

    retries     reads only, with jitter, within a budget, never past the deadline of the operation
     └ breaker      sends nothing for a while after repeated failures
        └ deadline      what the running operation has left, waiting included
           └ queue         a bounded number of requests wait for a bounded number of slots
              └ rate           a token bucket, and a pause whenever the upstream asks for one

Every part has a setting under `[providers.NAME.limits]`.
"""

import asyncio
import random
import time
from collections.abc import Awaitable, Callable
from typing import Any, Protocol

from aiolimiter import AsyncLimiter
from pydantic import BaseModel, ConfigDict, Field

from telegraphql.gateway.duration import Seconds
from telegraphql.gateway.errors import (
    Expired,
    RateLimited,
    ScanLimit,
    TimedOut,
    Unauthorized,
    Unavailable,
    UpstreamError,
)
from telegraphql.gateway.fault_owner import FaultOwner
from telegraphql.gateway.upstream.breaker import Breaker, BreakerOpen
from telegraphql.gateway.upstream.fair_slots import FairSlots, NoSlot, SlotLimits
from telegraphql.gateway.upstream.health import Health
from telegraphql.gateway.upstream.instrumentation import MIN_WAIT, Recorder
from telegraphql.gateway.upstream.loop_stalls import LoopStalls
from telegraphql.gateway.upstream.messages import Exchange, Handler
from telegraphql.gateway.upstream.request_budget import LATE, current, within_deadline
from telegraphql.schema.enums import BreakerState

# These say nothing about the upstream: the gateway stopped, or the outcome is known only once the credentials are renewed.
SILENT = (Expired, ScanLimit)
MAX_RETRY_WAIT = 5.0
MAX_PAUSE = 60
MAX_SAVED_RETRIES = 10.0


class ResilienceSettings(BaseModel):
    """The timeouts, retries, rates and breaker of one upstream."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    connect_timeout: Seconds = Field(default=3.0, gt=0, description="How long to wait for a connection.")
    read_timeout: Seconds = Field(default=10.0, gt=0, description="How long to wait for the next bytes, or for a read on this machine.")
    keep_alive: Seconds = Field(default=60.0, gt=0, description="How long an idle connection is kept open.")
    max_attempts: int = Field(default=3, ge=1, description="How often a read is attempted in all; commands are attempted once.")
    retry_wait: Seconds = Field(default=0.2, ge=0, description="The longest wait before the first retry; doubled for each further one.")
    retry_budget: float = Field(default=0.2, ge=0, le=1, description="Retries allowed, as a share of all requests.")
    breaker_failures: int = Field(default=5, ge=1, description="Failures in a row that open the breaker.")
    breaker_reset_timeout: Seconds = Field(
        default=5.0, gt=0, description="How long an open breaker sends nothing. After it, one test request is sent."
    )
    max_concurrency: int = Field(default=16, ge=1, description="Requests under way at the same time.")
    max_queue: int = Field(default=256, ge=1, description="Requests that may wait to be sent; further ones are refused.")
    requests_per_second: float = Field(default=50.0, gt=0, description="Requests per second, on average.")
    burst: int | None = Field(
        default=None, ge=1, description="Requests that may be sent at once after a pause. Unset: as many as `requests_per_second`."
    )

    @property
    def largest_burst(self) -> float:
        """Return how many requests may be sent at once after a pause."""
        return max(1.0, self.requests_per_second if self.burst is None else self.burst)


class Rate(Protocol):
    """A rate limit that is shared with other replicas."""

    async def acquire(self) -> None:
        """Wait until the next request may be sent."""

    def pause(self, seconds: float) -> None:
        """Send nothing for so many seconds."""


class Resilience:
    """The protection of one provider."""

    def __init__(self, settings: ResilienceSettings, health: Health, recorder: Recorder | None = None, rate: Rate | None = None) -> None:
        self.recorder = recorder or Recorder()
        self._settings, self._health = settings, health
        self._breaker = Breaker(settings.breaker_failures, settings.breaker_reset_timeout, self._breaker_changed)
        most, waiting = settings.max_concurrency, settings.max_queue
        self._slots = FairSlots(SlotLimits(most, waiting, slots_each=most, waiting_each=waiting))
        # One request at a time waits for the rate, so that the one after it is chosen when its turn comes.
        self._turns = FairSlots(SlotLimits(1, most, slots_each=1, waiting_each=most))
        self._shared_rate = rate
        self._rate = rate or AsyncLimiter(settings.largest_burst, settings.largest_burst / settings.requests_per_second)
        # Retries are paid from what requests earn, so that they cannot multiply the load on an upstream in trouble.
        self._saved_retries = MAX_SAVED_RETRIES if settings.retry_budget else 0.0
        self._paused_until = 0.0
        self._last_error: UpstreamError | None = None
        self._stalls = LoopStalls()

    async def protect(self, following: Handler, exchange: Exchange) -> Any:
        """Pass an exchange on under protection: a read with retries, a command without.

        A login and a signed link do not wait in the queue: the requests in it may be waiting for just them.
        """
        if not exchange.request.auth:
            async with within_deadline():
                return await following(exchange)
        attempts, max_attempts = 1, 1 if exchange.is_command else self._settings.max_attempts
        while True:
            try:
                return await self._attempt(following, exchange)
            except UpstreamError as error:
                if attempts >= max_attempts or not self._may_retry(error):
                    raise
                jitter = random.uniform(0, min(MAX_RETRY_WAIT, self._settings.retry_wait * 2 ** (attempts - 1)))
                wait = max(float(error.retry_after or 0), jitter)
            self.recorder.retried()
            await asyncio.sleep(wait)
            attempts += 1

    async def _attempt(self, following: Handler, exchange: Exchange) -> Any:
        """Pass an exchange on once, if the breaker admits it, when there is a slot and a token of the rate for it."""
        self._saved_retries = min(MAX_SAVED_RETRIES, self._saved_retries + self._settings.retry_budget)
        token = None if self._breaker.state is BreakerState.CLOSED else self._enter_breaker()
        is_sent, has_succeeded = False, None
        stalls = self._stalls
        if not stalls.is_running:
            stalls.start()
        stalls.waiting += 1
        stalled, sent_at = stalls.seconds, time.perf_counter()
        try:
            async with within_deadline():
                payer = current().payer
                if not self._slots.take(payer, not payer):
                    await self._wait_for_slot(payer)
                try:
                    if self._paused_until:
                        await self._wait_for_pause()
                    began = time.perf_counter()
                    await self._acquire_rate(payer)
                    if (waited := time.perf_counter() - began) > MIN_WAIT:
                        self.recorder.waited("rate", waited)
                    is_sent = True
                    result = await following(exchange)
                finally:
                    self._slots.release(payer)
            has_succeeded = True
            return result
        except UpstreamError as error:
            has_succeeded = self._outcome(error) if is_sent else None
            if isinstance(error, TimedOut) and stalls.explain(stalled, time.perf_counter() - sent_at):
                has_succeeded = None
            raise
        except asyncio.CancelledError:
            if current().left() > 0:
                raise
            # Whoever waits gave up at the deadline: the upstream was too slow.
            late = TimedOut(LATE)
            has_succeeded = self._outcome(late) if is_sent else None
            if stalls.explain(stalled, time.perf_counter() - sent_at):
                has_succeeded = None
            raise late from None
        finally:
            stalls.waiting -= 1
            # A success changes nothing where nothing has failed.
            if not has_succeeded or self._breaker.failures or self._breaker.state is not BreakerState.CLOSED:
                self._breaker.leave(token, has_succeeded)

    async def renew(self, renew: Callable[[], Awaitable[None]]) -> None:
        """Renew credentials. The breaker counts a failure, but new credentials alone do not prove that the upstream works."""
        token, has_succeeded = self._enter_breaker(may_test=False), None
        try:
            await renew()
        except UpstreamError as error:
            has_succeeded = self._outcome(error)
            raise
        finally:
            self._breaker.leave(token, has_succeeded)

    def _outcome(self, error: UpstreamError) -> bool | None:
        """Return what an error of the upstream tells the breaker, and keep the pause that it asks for."""
        if isinstance(error, RateLimited):
            self._pause(min(error.retry_after or 0, MAX_PAUSE))
        else:
            self._last_error = error
        if isinstance(error, SILENT):
            return None
        # Refused credentials count although the upstream works: to try them again and again can lock the account.
        is_down = error.fault is FaultOwner.STATE and not isinstance(error, RateLimited)
        return not is_down and not isinstance(error, Unauthorized)

    def _breaker_changed(self, state: BreakerState) -> None:
        self._health.state = state
        self.recorder.breaker(state)

    def _enter_breaker(self, may_test: bool = True) -> object | None:
        try:
            return self._breaker.enter(may_test)
        except BreakerOpen as closed:
            kind = type(self._last_error) if self._last_error else Unavailable
            reason = self._last_error.message if self._last_error else "it failed"
            message = f"is temporarily disabled after repeated failures ({reason}); retry in {closed.retry_after} s"
            raise kind(message, retry_after=closed.retry_after, cause=self._last_error.cause if self._last_error else "") from None

    def _may_retry(self, error: UpstreamError) -> bool:
        if error.fault is not FaultOwner.STATE or self._breaker.state is not BreakerState.CLOSED:
            return False
        in_time = current().left() > (error.retry_after or 0) + self._settings.retry_wait
        if not in_time or self._saved_retries < 1:
            return False
        self._saved_retries -= 1
        return True

    async def _wait_for_slot(self, payer: str) -> None:
        """Wait for a slot; whoever gets one releases it. Work in the background has no payer."""
        began = time.perf_counter()
        try:
            await self._slots.wait(payer, is_background=not payer)
        except NoSlot:
            raise RateLimited("has too many requests waiting in this gateway; ask for less at once", retry_after=1) from None
        finally:
            self.recorder.waited("queue", time.perf_counter() - began)

    async def _acquire_rate(self, payer: str) -> None:
        """Wait until the rate lets one more request go. A rate that replicas share has an order of its own."""
        if self._shared_rate is not None:
            await self._shared_rate.acquire()
            return
        if not self._turns.take(payer, not payer):
            await self._turns.wait(payer, is_background=not payer)
        try:
            await self._rate.acquire()
        finally:
            self._turns.release(payer)

    def _pause(self, seconds: int) -> None:
        self._paused_until = max(self._paused_until, asyncio.get_running_loop().time() + seconds)
        if self._shared_rate is not None and seconds:
            self._shared_rate.pause(seconds)

    async def _wait_for_pause(self) -> None:
        rest = self._paused_until - asyncio.get_running_loop().time()
        if rest > current().left():
            raise RateLimited("asks for fewer requests", retry_after=int(rest) + 1)
        if rest > 0:
            await asyncio.sleep(rest)
            self.recorder.waited("pause", rest)
