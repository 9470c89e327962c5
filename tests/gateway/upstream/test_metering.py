"""Metering: the processor time of each operation's tasks is counted for it, and for no other."""

import asyncio
import inspect
import time
from collections.abc import Iterator

import msgspec
import pytest

from telegraphql.gateway.upstream.messages import INLINE_BYTES, Answer
from telegraphql.gateway.upstream.metering import metered_task, settle
from telegraphql.gateway.upstream.request_budget import RequestBudget, enter, entered, running

STEP = 0.02


@pytest.fixture(autouse=True)
async def metered() -> None:
    asyncio.get_running_loop().set_task_factory(metered_task)  # type: ignore[arg-type]  # as the server does


def compute(seconds: float = STEP) -> None:
    began = time.thread_time()
    while time.thread_time() - began < seconds:
        pass


async def steps(count: int) -> None:
    for _ in range(count):
        compute()
        await asyncio.sleep(0)


async def operation(count: int) -> RequestBudget:
    """An operation as one task, which ends it itself, and with tasks of its own."""
    budget = RequestBudget()
    enter(budget)
    await asyncio.gather(steps(count), steps(count))
    compute()
    settle(budget)
    enter(None)
    return budget


async def test_what_the_tasks_of_an_operation_compute_is_counted_for_it_alone() -> None:
    small, large = await asyncio.gather(operation(1), operation(3))
    assert 3 * STEP <= small.work.cpu_seconds < 3 * STEP + STEP
    assert 7 * STEP <= large.work.cpu_seconds < 7 * STEP + STEP
    assert STEP <= large.work.longest_step < 2 * STEP


async def test_waiting_costs_nothing() -> None:
    with running(RequestBudget()) as budget:
        await asyncio.create_task(asyncio.sleep(0.05))
    assert budget.work.cpu_seconds < 0.01


async def test_a_step_that_ends_with_an_exception_counts() -> None:
    async def failing() -> None:
        try:
            await asyncio.sleep(60)
        finally:
            compute()

    with running(RequestBudget()) as budget:
        task = asyncio.create_task(failing())
        await asyncio.sleep(0)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
    assert budget.work.cpu_seconds >= STEP


async def test_what_a_thread_decodes_counts_for_the_operation() -> None:
    rows = [{"id": number, "text": "x" * 40} for number in range(20_000)]
    body = msgspec.json.encode(rows)
    assert len(body) > INLINE_BYTES

    class Slow:
        def decode(self, body: bytes) -> int:
            compute()
            return len(body)

    with running(RequestBudget()) as budget:
        assert await Answer(200, body, {}).decoded(Slow()) == len(body)
    assert budget.work.cpu_seconds >= STEP
    assert budget.work.answer_bytes == len(body)


async def test_a_metered_task_looks_like_any_other() -> None:
    async def waiting() -> int:
        await asyncio.sleep(0)
        return 5

    task = asyncio.create_task(waiting(), name="five")
    coroutine: Iterator[object] = task.get_coro()  # type: ignore[assignment]
    assert (task.get_name(), inspect.getcoroutinestate(coroutine)) == ("five", "CORO_CREATED")  # type: ignore[arg-type]
    assert "waiting" in repr(task)
    assert await task == 5
    assert entered() is None
