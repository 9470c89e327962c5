"""Breaker: stop sending to an upstream that keeps failing, and test it again after a pause."""

import time
from collections.abc import Callable
from math import ceil

from telegraphql.schema.enums import BreakerState

CLOSED, HALF_OPEN, OPEN = BreakerState.CLOSED, BreakerState.HALF_OPEN, BreakerState.OPEN


class BreakerOpen(Exception):
    """Raised instead of sending a request; `retry_after` is in seconds."""

    def __init__(self, retry_after: int) -> None:
        super().__init__()
        self.retry_after = retry_after


class Breaker:
    """Opens after `max_failures` failures in a row. After `reset_timeout` seconds one request at a time tests the upstream."""

    def __init__(self, max_failures: int, reset_timeout: float, on_change: Callable[[BreakerState], None]) -> None:
        self.state = CLOSED
        self._max_failures, self._reset_timeout, self._on_change = max_failures, reset_timeout, on_change
        # In a row.
        self.failures = 0
        self._opened_at = 0.0
        # The request that tests the upstream now; compared by identity, so that a late one cannot end the test of another.
        self._test: object | None = None

    def enter(self, may_test: bool = True) -> object | None:
        """Admit a request; `leave` must follow with what this returns: a token if the request is the test, else None.

        A request that `may_test` not does not become the test and does not wait for one.

        Raises:
            BreakerOpen: nothing may be sent now.
        """
        if self.state is CLOSED:
            return None
        rest = self._opened_at + self._reset_timeout - time.monotonic()
        if self.state is OPEN:
            if rest > 0:
                raise BreakerOpen(ceil(rest))
            self._change(HALF_OPEN)
        if not may_test:
            return None
        if self._test is not None:
            raise BreakerOpen(1)
        self._test = object()
        return self._test

    def leave(self, token: object | None, has_succeeded: bool | None) -> None:
        """End a request; `has_succeeded` is None if the request says nothing about the upstream."""
        if token is not None and self._test is token:
            self._test = None
        # The answer to a request that was sent before the breaker opened is older than the failures that opened it.
        if has_succeeded is None or self.state is OPEN:
            return
        if has_succeeded:
            self.failures = 0
            if self.state is not CLOSED:
                self._change(CLOSED)
            return
        self.failures += 1
        if self.state is HALF_OPEN or self.failures >= self._max_failures:
            self._opened_at = time.monotonic()
            self._change(OPEN)

    def _change(self, state: BreakerState) -> None:
        self.state, self._test = state, None
        self._on_change(state)
