"""The guard: retries for reads only, a breaker, bounded waiting, pauses, and the deadline over all of it."""

import asyncio
import time
from functools import partial

import pytest

from telegraphql.gateway.errors import (
    BadAnswer,
    Expired,
    NotFound,
    RateLimited,
    TimedOut,
    Unavailable,
)
from telegraphql.gateway.upstream.health import Health
from telegraphql.gateway.upstream.request_budget import RequestBudget, running
from telegraphql.gateway.upstream.resilience import Resilience, ResilienceSettings
from telegraphql.schema.enums import BreakerState
from tests.support.exchanges import change, read


class Script:
    """An attempt that fails as written, then succeeds; it counts how often it was made."""

    def __init__(self, *failures: Exception) -> None:
        self.failures = list(failures)
        self.made = 0

    async def __call__(self) -> str:
        self.made += 1
        if self.failures:
            raise self.failures.pop(0)
        return "answer"


def guard(**settings: float | str) -> tuple[Resilience, Health]:
    health = Health()
    return Resilience(ResilienceSettings(**{"retry_wait": "1ms", **settings}), health), health


async def test_a_read_is_tried_again_until_it_succeeds() -> None:
    attempt = Script(Unavailable("down"), TimedOut("slow"))
    made, _ = guard(max_attempts=3)
    assert await read(made, attempt) == "answer"
    assert attempt.made == 3


async def test_a_read_gives_up_after_its_attempts() -> None:
    attempt = Script(*[Unavailable("down")] * 9)
    made, _ = guard(max_attempts=3)
    with pytest.raises(Unavailable):
        await read(made, attempt)
    assert attempt.made == 3


async def test_a_command_is_tried_once() -> None:
    attempt = Script(Unavailable("down"))
    made, _ = guard(max_attempts=3)
    with pytest.raises(Unavailable):
        await change(made, attempt)
    assert attempt.made == 1


async def test_what_cannot_get_better_is_not_tried_again() -> None:
    attempt = Script(NotFound("no such record"))
    made, _ = guard(max_attempts=3)
    with pytest.raises(NotFound):
        await read(made, attempt)
    assert attempt.made == 1


async def test_what_was_not_sent_says_nothing_about_the_upstream() -> None:
    made, health = guard(max_attempts=1, max_concurrency=1, breaker_failures=1)
    gate = asyncio.Event()
    under_way = asyncio.create_task(read(made, gate.wait))
    await asyncio.sleep(0)
    with running(RequestBudget(deadline=time.monotonic() + 0.01)), pytest.raises(TimedOut):
        await read(made, Script())
    assert health.state is BreakerState.CLOSED
    gate.set()
    await under_way


async def test_retries_end_with_their_budget() -> None:
    made, _ = guard(max_attempts=2, retry_budget=0.1, breaker_failures=1000)
    attempt = Script(*[Unavailable("down")] * 1000)
    for _ in range(100):
        with pytest.raises(Unavailable):
            await read(made, attempt)
    assert 100 + 10 <= attempt.made <= 100 + 10 + 12


async def test_a_budget_of_nothing_allows_no_retry() -> None:
    made, _ = guard(max_attempts=2, retry_budget=0)
    attempt = Script(Unavailable("down"))
    with pytest.raises(Unavailable):
        await read(made, attempt)
    assert attempt.made == 1


async def test_the_breaker_opens_and_closes_again() -> None:
    made, health = guard(max_attempts=1, breaker_failures=3, breaker_reset_timeout="0.05s")
    attempt = Script(*[BadAnswer("not JSON")] * 3)
    for _ in range(3):
        with pytest.raises(BadAnswer):
            await read(made, attempt)
    assert health.state is BreakerState.OPEN
    with pytest.raises(BadAnswer) as caught:
        await read(made, attempt)
    assert attempt.made == 3, "an open breaker lets nothing through"
    assert caught.value.retry_after == 1
    await asyncio.sleep(0.06)
    assert await read(made, attempt) == "answer"
    assert health.state is BreakerState.CLOSED


async def test_a_missing_record_says_nothing_about_the_upstream() -> None:
    made, health = guard(max_attempts=1, breaker_failures=2)
    for _ in range(5):
        with pytest.raises(NotFound):
            await read(made, Script(NotFound("no such record")))
    assert health.state is BreakerState.CLOSED


async def test_more_than_may_wait_are_refused() -> None:
    made, _ = guard(max_attempts=1, max_concurrency=1, max_queue=2)
    gate = asyncio.Event()

    async def slow() -> str:
        await gate.wait()
        return "answer"

    under_way = [asyncio.create_task(read(made, slow)) for _ in range(3)]
    await asyncio.sleep(0)
    await asyncio.sleep(0)
    with pytest.raises(RateLimited):
        await read(made, slow)
    gate.set()
    assert await asyncio.gather(*under_way) == ["answer"] * 3


async def test_no_more_than_allowed_are_under_way_at_once() -> None:
    made, _ = guard(max_concurrency=4)
    now, most = 0, 0

    async def attempt() -> None:
        nonlocal now, most
        now += 1
        most = max(most, now)
        await asyncio.sleep(0.001)
        now -= 1

    await asyncio.gather(*(read(made, attempt) for _ in range(40)))
    assert most == 4


async def test_a_pause_the_upstream_asks_for_holds_for_all() -> None:
    made, _ = guard(max_attempts=1)
    with pytest.raises(RateLimited):
        await read(made, Script(RateLimited("slower", retry_after=30)))
    attempt = Script()
    with running(RequestBudget(deadline=time.monotonic() + 1)), pytest.raises(RateLimited) as caught:
        await read(made, attempt)
    assert attempt.made == 0
    assert caught.value.retry_after in (30, 31)


async def test_who_is_refused_because_of_a_pause_makes_it_no_longer(monkeypatch: pytest.MonkeyPatch) -> None:
    now, loop = asyncio.get_running_loop().time(), asyncio.get_running_loop()
    monkeypatch.setattr(loop, "time", lambda: now)
    made, _ = guard(max_attempts=1, requests_per_second=1000)
    with pytest.raises(RateLimited):
        await change(made, Script(RateLimited("slower", retry_after=30)))
    for passed in (0, 10, 20, 29):
        monkeypatch.setattr(loop, "time", lambda passed=passed: now + passed)
        with running(RequestBudget(deadline=time.monotonic() + 0.5)), pytest.raises(RateLimited) as caught:
            await change(made, Script())
        assert caught.value.retry_after == 31 - passed
    monkeypatch.setattr(loop, "time", lambda: now + 30)
    assert await change(made, Script()) == "answer"


async def late(blocked: float) -> None:
    """An upstream that never answers, while this process is busy with something else."""
    await asyncio.sleep(0.01)
    time.sleep(blocked)  # noqa: ASYNC251
    await asyncio.Event().wait()


@pytest.mark.parametrize(("blocked", "state"), [(0.0, BreakerState.OPEN), (0.3, BreakerState.CLOSED)])
async def test_a_deadline_that_is_missed_since_the_loop_stood_still_says_nothing_about_the_upstream(
    blocked: float, state: BreakerState
) -> None:
    made, health = guard(breaker_failures=1, max_attempts=1)
    with running(RequestBudget(deadline=time.monotonic() + 0.2)), pytest.raises(TimedOut):
        await read(made, partial(late, blocked))
    assert health.state is state


async def test_the_deadline_ends_an_attempt() -> None:
    made, _ = guard(max_attempts=5)

    async def hanging() -> None:
        await asyncio.sleep(30)

    began = time.monotonic()
    with running(RequestBudget(deadline=began + 0.05)), pytest.raises(TimedOut):
        await read(made, hanging)
    assert time.monotonic() - began < 1


async def test_the_rate_is_kept() -> None:
    made, _ = guard(requests_per_second=10, max_concurrency=100)
    began = time.monotonic()
    await asyncio.gather(*(read(made, Script()) for _ in range(14)))
    assert time.monotonic() - began >= 0.3, "ten at once, then one every tenth of a second"


async def test_a_burst_is_admitted_at_once_and_paid_back_at_the_rate() -> None:
    made, _ = guard(requests_per_second=10, burst=30, max_concurrency=100)
    began = time.monotonic()
    await asyncio.gather(*(read(made, Script()) for _ in range(30)))
    assert time.monotonic() - began < 0.5
    await asyncio.gather(*(read(made, Script()) for _ in range(4)))
    assert time.monotonic() - began >= 0.3, "then one every tenth of a second"


async def test_a_cancelled_wait_gives_its_place_back() -> None:
    made, _ = guard(max_concurrency=1)
    gate = asyncio.Event()

    async def slow() -> str:
        await gate.wait()
        return "answer"

    first, second = asyncio.create_task(read(made, slow)), asyncio.create_task(read(made, slow))
    await asyncio.sleep(0.001)
    second.cancel()
    first.cancel()
    await asyncio.gather(first, second, return_exceptions=True)
    assert await asyncio.wait_for(read(made, Script()), 1) == "answer"


async def opened() -> tuple[Resilience, Health]:
    """A guard whose breaker has opened, and has rested."""
    made, health = guard(max_attempts=3, breaker_failures=1, breaker_reset_timeout="0.01s")
    with pytest.raises(Unavailable):
        await read(made, Script(*[Unavailable("down")] * 3))
    assert health.state is BreakerState.OPEN
    await asyncio.sleep(0.02)
    return made, health


async def test_after_its_rest_an_upstream_is_tried_by_one_request_at_a_time() -> None:
    made, health = await opened()
    gate = asyncio.Event()
    tried = 0

    async def slow() -> str:
        nonlocal tried
        tried += 1
        await gate.wait()
        return "answer"

    waiting = [asyncio.create_task(read(made, slow)) for _ in range(10)]
    _, still = await asyncio.wait(waiting[1:], timeout=5)
    assert (tried, still) == (1, set())
    gate.set()
    found = await asyncio.gather(*waiting, return_exceptions=True)
    assert found[0] == "answer"
    assert {(type(error), "temporarily disabled" in str(error)) for error in found[1:]} == {(Unavailable, True)}
    assert health.state is BreakerState.CLOSED
    assert await asyncio.gather(*(read(made, Script()) for _ in range(10))) == ["answer"] * 10


async def test_one_who_tried_and_left_lets_the_next_one_try() -> None:
    made, health = await opened()
    gate = asyncio.Event()
    first = asyncio.create_task(read(made, gate.wait))
    await asyncio.sleep(0.001)
    first.cancel()
    await asyncio.gather(first, return_exceptions=True)
    assert await read(made, Script()) == "answer"
    assert health.state is BreakerState.CLOSED


async def test_one_who_tries_while_another_finds_the_upstream_well_stands_in_nobodys_way() -> None:
    made, health = guard(max_attempts=1, breaker_failures=1, breaker_reset_timeout="0.01s")
    early, late = asyncio.Event(), asyncio.Event()

    async def broken() -> None:
        with pytest.raises(Unavailable):
            await read(made, Script(Unavailable("down")))
        await asyncio.sleep(0.02)

    begun_before = asyncio.create_task(read(made, early.wait))
    await asyncio.sleep(0)
    await broken()
    trying = asyncio.create_task(read(made, late.wait))
    await asyncio.sleep(0)
    early.set()
    await begun_before
    assert health.state is BreakerState.CLOSED
    late.set()
    await trying
    await broken()
    assert await read(made, Script()) == "answer"
    assert health.state is BreakerState.CLOSED


async def test_one_who_tries_may_renew_its_credentials_on_the_way() -> None:
    made, health = await opened()
    renewed = 0

    async def renew() -> None:
        nonlocal renewed
        renewed += 1

    with pytest.raises(Expired):
        await read(made, Script(Expired("run out")))
    await made.renew(renew)
    assert await read(made, Script()) == "answer"
    assert (renewed, health.state) == (1, BreakerState.CLOSED)


async def test_the_rate_is_shared_between_callers_and_the_background_comes_last() -> None:
    """One caller with thirty requests, another with two, and a poll that came before both."""
    made, _ = guard(requests_per_second=50, max_concurrency=100)
    sent: list[str] = []

    async def ask(payer: str, number: int) -> None:
        async def attempt() -> None:
            sent.append(f"{payer}{number}")

        with running(RequestBudget.lasting(10, payer=payer)):
            await read(made, attempt)

    # Of a bucket of fifty, nothing is left.
    await asyncio.gather(*(ask("first", number) for number in range(50)))
    sent.clear()
    wishes = [("", 0), *(("flood", number) for number in range(30)), ("other", 0), ("other", 1)]
    tasks = [asyncio.create_task(ask(*wish)) for wish in wishes]
    await asyncio.gather(*tasks)
    assert sorted(sent.index(each) for each in ("other0", "other1"))[1] <= 5
    # Whoever waits for the rate when the others come has its turn.
    assert sent.index("0") in (0, len(sent) - 1)
    assert len(sent) == 33
