"""The breaker: closed, open, and half open with one test at a time."""

import time

import pytest

from telegraphql.gateway.upstream.breaker import Breaker, BreakerOpen
from telegraphql.schema.enums import BreakerState

CLOSED, HALF_OPEN, OPEN = BreakerState.CLOSED, BreakerState.HALF_OPEN, BreakerState.OPEN


class Clock:
    """A monotonic clock that moves when it is told to."""

    def __init__(self) -> None:
        self.now = 1000.0

    def monotonic(self) -> float:
        return self.now


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    clock = Clock()
    monkeypatch.setattr(time, "monotonic", clock.monotonic)
    return clock


def fail(breaker: Breaker, times: int = 1) -> None:
    for _ in range(times):
        breaker.leave(breaker.enter(), False)


def made(changes: list[BreakerState] | None = None) -> Breaker:
    return Breaker(3, 5.0, (changes if changes is not None else []).append)


def test_it_opens_after_failures_in_a_row_only(clock: Clock) -> None:
    breaker = made()
    fail(breaker, 2)
    breaker.leave(breaker.enter(), True)
    fail(breaker, 2)
    breaker.leave(breaker.enter(), None)
    assert breaker.state is CLOSED
    fail(breaker)
    assert breaker.state is OPEN


def test_an_open_one_says_how_long_it_stays_so(clock: Clock) -> None:
    breaker = made()
    fail(breaker, 3)
    for passed, rest in ((0.0, 5), (0.5, 5), (4.0, 1)):
        clock.now = 1000 + passed
        with pytest.raises(BreakerOpen) as raised:
            breaker.enter()
        assert raised.value.retry_after == rest


def test_after_its_timeout_one_request_tests_and_closes_it(clock: Clock) -> None:
    changes: list[BreakerState] = []
    breaker = made(changes)
    fail(breaker, 3)
    clock.now += 5
    test = breaker.enter()
    assert test is not None
    with pytest.raises(BreakerOpen):
        breaker.enter()
    breaker.leave(test, True)
    assert (breaker.state, changes) == (CLOSED, [OPEN, HALF_OPEN, CLOSED])
    assert breaker.enter() is None


def test_a_test_that_fails_opens_it_for_another_timeout(clock: Clock) -> None:
    breaker = made()
    fail(breaker, 3)
    clock.now += 5
    fail(breaker)
    assert breaker.state is OPEN
    clock.now += 4
    with pytest.raises(BreakerOpen):
        breaker.enter()
    clock.now += 1
    breaker.leave(breaker.enter(), True)
    assert breaker.state is CLOSED


def test_a_test_that_says_nothing_lets_the_next_one_test(clock: Clock) -> None:
    breaker = made()
    fail(breaker, 3)
    clock.now += 5
    breaker.leave(breaker.enter(), None)
    assert breaker.state is HALF_OPEN
    assert breaker.enter() is not None


def test_an_old_answer_neither_closes_nor_prolongs_an_open_one(clock: Clock) -> None:
    breaker = made()
    old = [breaker.enter(), breaker.enter()]
    fail(breaker, 3)
    clock.now += 4
    breaker.leave(old[0], True)
    breaker.leave(old[1], False)
    assert breaker.state is OPEN
    clock.now += 1
    assert breaker.enter() is not None


def test_the_test_of_an_earlier_opening_does_not_end_that_of_a_later_one(clock: Clock) -> None:
    breaker = made()
    before = breaker.enter()
    fail(breaker, 3)
    clock.now += 5
    first = breaker.enter()
    breaker.leave(before, False)
    clock.now += 5
    second = breaker.enter()
    breaker.leave(first, None)
    with pytest.raises(BreakerOpen):
        breaker.enter()
    breaker.leave(second, True)
    assert breaker.state is CLOSED


def test_what_may_not_test_passes_beside_the_test(clock: Clock) -> None:
    breaker = made()
    fail(breaker, 3)
    with pytest.raises(BreakerOpen):
        breaker.enter(may_test=False)
    clock.now += 5
    assert breaker.enter(may_test=False) is None
    assert breaker.enter() is not None
    assert breaker.enter(may_test=False) is None
