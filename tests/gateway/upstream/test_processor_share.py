"""The processor's share: one with much work goes on in turns while others ask, and nobody else waits."""

import pytest

from telegraphql.gateway.upstream.processor_share import BURST, MAX_DEBT, OVERHEAD, PRESENCE, ProcessorShare

COST = 0.01 - OVERHEAD


class Clock:
    """Time as told."""

    now = 100.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


def busy(share: ProcessorShare, clock: Clock, seconds: float, *callers: str) -> float:
    """Let callers have an operation after the other for so long; return the seconds of the processor that they have used."""
    used, end = 0.0, clock.now + seconds
    while clock.now < end:
        for caller in callers:
            clock.now += max(share.begin(caller), 0.01)
            share.end(caller, COST)
            used += 0.01
    return used


def test_whoever_is_alone_never_waits(clock: Clock) -> None:
    share = ProcessorShare(0.5, clock)
    assert busy(share, clock, 20, "a") == pytest.approx(20, rel=0.01)


def test_one_with_much_work_has_its_share_while_others_ask(clock: Clock) -> None:
    share = ProcessorShare(0.5, clock)
    used = 0.0
    for _ in range(20):
        assert share.begin("quiet") == 0
        share.end("quiet", 0.001)
        used += busy(share, clock, 1, "flood")
    assert 9 <= used <= 11 + BURST


def test_two_with_much_work_have_one_share_together(clock: Clock) -> None:
    share, used = ProcessorShare(0.5, clock), 0.0
    waits = {"one": clock.now, "other": clock.now}
    # Both send their next operation as soon as the last one is answered.
    while clock.now < 120:
        for caller in sorted(waits, key=lambda name: waits[name]):
            clock.now = max(clock.now, waits[caller])
            waits[caller] = clock.now + share.begin(caller) + 0.01
            share.end(caller, COST)
            used += 0.01
    assert used <= 20 * 0.5 + 4 * MAX_DEBT


def test_nobody_pays_long_for_the_time_alone(clock: Clock) -> None:
    share = ProcessorShare(0.5, clock)
    busy(share, clock, 10, "a")
    share.begin("b")
    assert share.begin("a") <= MAX_DEBT
    clock.now += PRESENCE + 1
    assert share.begin("a") == 0
