"""All replicas together ask no more often than an upstream allows, and none of them while it asks for a pause."""

import asyncio
import time

import pytest

from telegraphql.gateway.cluster.rate_limit import SharedRateLimit
from telegraphql.gateway.errors import RateLimited
from telegraphql.gateway.upstream.health import Health
from telegraphql.gateway.upstream.request_budget import RequestBudget, running
from telegraphql.gateway.upstream.resilience import Resilience, ResilienceSettings
from tests.gateway.cluster.redis_server import House, eventually, house
from tests.support.exchanges import change


async def test_replicas_together_keep_to_one_rate(redis: House, prefix: str) -> None:
    lines = [redis.line(key_prefix=prefix) for _ in range(3)]
    rates = [SharedRateLimit(line, "acme", 40, 40) for line in lines]
    moments: list[float] = []

    async def ask(rate: SharedRateLimit) -> None:
        for _ in range(20):
            await rate.acquire()
            moments.append(time.monotonic())

    await asyncio.gather(*map(ask, rates))
    # The bucket holds the requests of one second; each one after that waits for its own 1/40.
    began = min(moments)
    assert max(moments) - began >= 20 / 40 * 0.95
    assert sum(moment - began < 0.25 for moment in moments) <= 40 + 0.25 * 40 + 1
    for line in lines:
        await line.aclose()


async def test_a_burst_is_shared_too(redis: House, prefix: str) -> None:
    line = redis.line(key_prefix=prefix)
    rate = SharedRateLimit(line, "acme", 1, 5)
    with running(RequestBudget(deadline=time.monotonic() + 0.5)):
        for _ in range(5):
            await rate.acquire()
        with pytest.raises(RateLimited):
            await rate.acquire()
    await line.aclose()


async def test_other_providers_have_their_own(redis: House, prefix: str) -> None:
    line = redis.line(key_prefix=prefix)
    one, other = SharedRateLimit(line, "one", 1, 1), SharedRateLimit(line, "other", 1, 1)
    with running(RequestBudget(deadline=time.monotonic() + 0.5)):
        await one.acquire()
        await other.acquire()
        with pytest.raises(RateLimited) as refused:
            await one.acquire()
    assert refused.value.retry_after == 1
    with running(RequestBudget(deadline=time.monotonic() + 60)):
        assert 0 < await one._reserve(60_000_000) <= 1_000_000, "what was refused was not booked"
    await line.aclose()


async def test_a_pause_that_an_upstream_tells_one_is_kept_by_all(redis: House, prefix: str) -> None:
    lines = [redis.line(key_prefix=prefix) for _ in range(2)]
    one, other = (Resilience(ResilienceSettings(), Health(), rate=SharedRateLimit(line, "acme", 50, 50)) for line in lines)

    async def refused() -> None:
        raise RateLimited("asks for fewer requests", retry_after=30)

    async def fine() -> int:
        return 1

    with pytest.raises(RateLimited):
        await change(one, refused)
    await eventually(lambda: not one._shared_rate._pause_tasks)  # type: ignore[union-attr]
    with running(RequestBudget(deadline=time.monotonic() + 10)), pytest.raises(RateLimited) as told:
        await change(other, fine)
    assert 28 <= (told.value.retry_after or 0) <= 31
    assert other._paused_until == 0, "it goes by the shared pause, and makes none of its own"
    for line in lines:
        await line.aclose()


async def test_while_it_is_away_each_replica_takes_its_part() -> None:
    with house() as made:
        line = made.line(replicas=4)
        rate, slow = SharedRateLimit(line, "acme", 40, 40), SharedRateLimit(line, "slow", 2, 2)
        made.kill()
        await rate.acquire()
        assert not line.is_up
        assert (rate._local.max_rate, rate._local.time_period) == (10, 1)
        assert (slow._local.max_rate, slow._local.time_period) == (1, 2)
        made.start()
        await eventually(lambda: line.is_up)
        for _ in range(40):
            await rate.acquire()
        assert rate._local._level <= 1.0, "those were booked there"
        await line.aclose()
