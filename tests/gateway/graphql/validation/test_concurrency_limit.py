"""Admission: so many at once, so many waiting, in order; places are never lost."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager

import pytest

from telegraphql.gateway.errors import Overloaded
from telegraphql.gateway.graphql.validation.concurrency_limit import ConcurrencyLimit
from telegraphql.gateway.graphql.validation.limits import Limits

SMALL = Limits(max_concurrency=2, max_queue=2)


@asynccontextmanager
async def slot(admission: ConcurrencyLimit, limits: Limits) -> AsyncIterator[None]:
    """Hold a slot."""
    await admission.acquire(limits)
    try:
        yield
    finally:
        admission.release()


class Visitors:
    """Tasks that hold a place until they are let go."""

    def __init__(self, limits: Limits = SMALL) -> None:
        self.admission, self.limits = ConcurrencyLimit(), limits
        self.inside: list[int] = []
        self.doors: dict[int, asyncio.Event] = {}
        self.tasks: dict[int, asyncio.Task[None]] = {}

    async def come(self, number: int) -> None:
        self.doors[number] = asyncio.Event()
        self.tasks[number] = asyncio.create_task(self._visit(number))
        await asyncio.sleep(0)

    async def go(self, number: int) -> None:
        self.doors[number].set()
        await self.tasks[number]
        await asyncio.sleep(0)
        await asyncio.sleep(0)

    async def cancel(self, number: int) -> None:
        self.tasks[number].cancel()
        await asyncio.gather(self.tasks[number], return_exceptions=True)
        await asyncio.sleep(0)

    async def _visit(self, number: int) -> None:
        async with slot(self.admission, self.limits):
            self.inside.append(number)
            await self.doors[number].wait()
        self.inside.remove(number)


async def test_they_wait_in_order_and_the_rest_is_refused() -> None:
    visitors = Visitors()
    for number in range(4):
        await visitors.come(number)
    assert visitors.inside == [0, 1]
    with pytest.raises(Overloaded, match="2 operations are executing and 2 wait; try again in a moment"):
        async with slot(visitors.admission, visitors.limits):
            pass
    await visitors.go(0)
    assert visitors.inside == [1, 2]
    await visitors.go(1)
    assert visitors.inside == [2, 3]
    await visitors.go(2)
    await visitors.go(3)
    assert visitors.admission.running == 0


async def test_whoever_stops_waiting_leaves_the_turn_to_others() -> None:
    visitors = Visitors()
    for number in range(4):
        await visitors.come(number)
    await visitors.cancel(2)
    await visitors.go(0)
    assert visitors.inside == [1, 3]
    await visitors.cancel(3)
    await visitors.go(1)
    assert (visitors.admission.running, len(visitors.admission.queue)) == (0, 0)


async def test_a_place_handed_over_to_somebody_who_is_leaving_is_not_lost() -> None:
    visitors = Visitors(Limits(max_concurrency=1, max_queue=2))
    for number in range(2):
        await visitors.come(number)
    visitors.doors[0].set()
    await visitors.tasks[0]
    visitors.tasks[1].cancel()
    await asyncio.gather(visitors.tasks[1], return_exceptions=True)
    assert (visitors.admission.running, len(visitors.admission.queue)) == (0, 0)


async def test_nobody_waits_longer_than_an_operation_may_take() -> None:
    admission, limits = ConcurrencyLimit(), Limits(max_concurrency=1, max_queue=1, deadline="10ms")
    async with AsyncExitStack() as stack:
        await stack.enter_async_context(slot(admission, limits))
        with pytest.raises(Overloaded, match="none ended in time"):
            await stack.enter_async_context(slot(admission, limits))
        assert len(admission.queue) == 0
    assert admission.running == 0


async def test_the_place_of_what_fails_is_free_again() -> None:
    admission = ConcurrencyLimit()
    for _ in range(5):
        with pytest.raises(ZeroDivisionError):
            async with slot(admission, SMALL):
                raise ZeroDivisionError
    assert admission.running == 0
