"""Breaker: an upstream that fails all the time is asked less and less, and nobody else waits for it."""

import asyncio
import time
from contextlib import suppress
from statistics import median

import httpx
import pytest

from telegraphql.gateway.errors import TimedOut, Unavailable
from telegraphql.gateway.upstream.health import Health
from telegraphql.gateway.upstream.request_budget import RequestBudget, running
from telegraphql.gateway.upstream.resilience import Resilience, ResilienceSettings
from telegraphql.schema.enums import BreakerState
from tests.resilience.simulated_gateway import NAMES, Clients
from tests.support.exchanges import read

QUERIES, WAVE = 200, 10
# Far less than a timeout; of three rounds the calmest counts, since a busy machine does more than that to the others.
NOT_SLOWER = 2.0


@pytest.mark.parametrize("mode", ["status", "drop", "unauthorized"])
async def test_the_load_on_an_upstream_that_always_fails_falls(clients: Clients, mode: str) -> None:
    """Each query alone would be three requests, and no two of them are the same."""
    clients.place.misbehave("voximplant", mode=mode)
    for start in range(1, QUERIES, WAVE):
        asked = (clients.ask(first=start + each, providers=["voximplant"]) for each in range(WAVE))
        assert all(told.codes <= {"UNAVAILABLE", "UNAUTHORIZED"} for told in await asyncio.gather(*asked))
    assert len(clients.place.asked("voximplant")) < QUERIES / 2


@pytest.mark.slow
async def test_queries_that_do_not_ask_a_hanging_upstream_are_not_slower(clients: Clients) -> None:
    sick, others = "portsip", [name for name in NAMES if name != "portsip"]
    slower: list[float] = []
    for _ in range(3):
        clients.place.behave()
        calm = [(await clients.ask(first=20, providers=others)).seconds for _ in range(12)]
        clients.place.misbehave(sick, mode="timeout")
        waiting = [asyncio.create_task(clients.ask(first=number, providers=[sick])) for number in range(1, 11)]
        await asyncio.sleep(0.1)
        beside = [(await clients.ask(first=20, providers=others)).seconds for _ in range(12)]
        for told in await asyncio.gather(*waiting):
            assert told.codes == {"TIMEOUT"}
        slower.append(median(beside) / median(calm))
    assert min(slower) <= NOT_SLOWER


def guard(failures: int, rest: float) -> tuple[Resilience, Health]:
    health = Health()
    return Resilience(ResilienceSettings(breaker_failures=failures, breaker_reset_timeout=f"{rest}s", max_attempts=1), health), health


async def hang() -> None:
    await asyncio.sleep(60)


async def fail() -> None:
    raise Unavailable("down")


async def test_an_upstream_that_hangs_until_the_deadline_opens_the_breaker_though_whoever_asked_gave_up_first() -> None:
    """Who waits for a shared request gives up by cancelling it, at the very moment at which it would time out by itself."""
    made, health = guard(failures=2, rest=5)
    for _ in range(2):
        with running(RequestBudget(deadline=time.monotonic() + 0.02)):
            task = asyncio.create_task(read(made, hang))
            with pytest.raises((TimeoutError, TimedOut)):
                await asyncio.wait_for(task, 0.02)
    assert health.state is BreakerState.OPEN
    with pytest.raises(TimedOut):
        await read(made, hang)


async def test_clients_that_leave_say_nothing_about_the_upstream() -> None:
    """They neither open a closed breaker, nor close one that is being tried, nor make good what failed before."""
    made, health = guard(failures=2, rest=0.01)

    async def leave() -> None:
        task = asyncio.create_task(read(made, hang))
        await asyncio.sleep(0.001)
        task.cancel()
        with suppress(asyncio.CancelledError):
            await task

    for _ in range(4):
        await leave()
    assert health.state is BreakerState.CLOSED
    for _ in range(2):
        await leave()
        with pytest.raises(Unavailable):
            await read(made, fail)
    assert health.state is BreakerState.OPEN
    await asyncio.sleep(0.02)
    await leave()
    assert health.state is not BreakerState.CLOSED


async def test_a_client_without_a_list_hears_that_all_providers_failed(clients: Clients) -> None:
    for name in NAMES:
        clients.place.misbehave(name, status=503)
    told = await clients.ask(first=5)
    assert told.status == httpx.codes.OK
    assert told.body["data"]["calls"]["nodes"] == []
    assert {each["code"] for each in told.body["data"]["calls"]["problems"]} == {"UNAVAILABLE"}
    assert "errors" not in told.body
