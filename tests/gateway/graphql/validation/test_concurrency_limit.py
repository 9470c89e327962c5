"""Places: taken when they are needed, so many at once and of each caller, dealt out in turn, and never lost."""

import asyncio
from typing import Any

import pytest

from telegraphql.gateway.errors import Overloaded
from telegraphql.gateway.graphql.validation.concurrency_limit import ConcurrencyLimit, Place
from telegraphql.gateway.graphql.validation.limits import Limits
from telegraphql.gateway.upstream.memory import MemoryBudget

MANY = {"max_concurrency_per_caller": 9, "max_queue_per_caller": 9}


class Visitors:
    """Operations that have or wait for a place, by name; the first letter is their caller."""

    def __init__(self, **limits: Any) -> None:
        self.limit = ConcurrencyLimit(Limits(**{"max_concurrency": 2, "max_queue": 2, **MANY, **limits}))
        self.places: dict[str, Place] = {}
        self.tasks: dict[str, asyncio.Task[None]] = {}

    async def come(self, *names: str) -> None:
        for name in names:
            self.places[name] = self.limit.place(name[0])
            self.tasks[name] = asyncio.create_task(self.places[name].take())
            await settled()

    async def go(self, name: str) -> None:
        self.places[name].leave()
        await settled()

    @property
    def inside(self) -> str:
        return " ".join(name for name, place in self.places.items() if place.is_taken)

    def is_empty(self) -> bool:
        slots = self.limit.slots
        return (slots.taken, slots.waiting, slots.taken_by) == (0, 0, {})


async def settled() -> None:
    for _ in range(5):
        await asyncio.sleep(0)


async def test_they_wait_in_order_and_the_rest_is_refused() -> None:
    visitors = Visitors()
    await visitors.come("a1", "a2", "a3", "a4")
    assert visitors.inside == "a1 a2"
    with pytest.raises(Overloaded, match="2 operations are executing and 2 wait; try again in a moment"):
        await visitors.limit.place("a").take()
    await visitors.go("a1")
    assert visitors.inside == "a2 a3"
    for name in ("a2", "a3", "a4"):
        await visitors.go(name)
    assert visitors.is_empty()


async def test_a_caller_has_no_more_than_its_part_of_the_places() -> None:
    visitors = Visitors(max_concurrency_per_caller=1, max_queue_per_caller=1)
    await visitors.come("a1", "a2", "b1")
    assert visitors.inside == "a1 b1"
    with pytest.raises(Overloaded, match="1 operations of yours are executing and as many wait as may"):
        await visitors.limit.place("a").take()
    await visitors.go("b1")
    assert visitors.inside == "a1"
    await visitors.go("a1")
    assert visitors.inside == "a2"


async def test_callers_have_their_turns_however_many_of_one_wait() -> None:
    visitors = Visitors(max_concurrency=1, max_queue=9)
    await visitors.come("a0", "a1", "a2", "a3", "b1", "b2", "c1")
    order = []
    while visitors.inside:
        order.append(visitors.inside)
        await visitors.go(visitors.inside)
    assert order == ["a0", "a1", "b1", "c1", "a2", "b2", "a3"]
    assert visitors.is_empty()


async def test_of_a_full_queue_the_caller_with_most_in_it_loses_the_last() -> None:
    visitors = Visitors(max_concurrency=1, max_queue=3)
    await visitors.come("a0", "a1", "a2", "a3", "b1")
    with pytest.raises(Overloaded, match="of yours"):
        await visitors.tasks["a3"]
    await visitors.come("b2")
    with pytest.raises(Overloaded, match="1 operations are executing and 3 wait"):
        await visitors.tasks["b2"]
    for name in ("a0", "a1", "b1"):
        await visitors.go(name)
    assert visitors.inside == "a2"


async def test_whoever_leaves_while_waiting_leaves_the_turn_to_others() -> None:
    visitors = Visitors()
    await visitors.come("a1", "a2", "a3", "a4")
    await visitors.go("a3")
    await visitors.go("a1")
    assert visitors.inside == "a2 a4"
    await visitors.go("a2")
    await visitors.go("a4")
    assert visitors.is_empty()


async def test_a_place_handed_over_to_somebody_who_is_leaving_is_not_lost() -> None:
    visitors = Visitors(max_concurrency=1)
    await visitors.come("a1", "a2", "a3")
    visitors.places["a1"].leave()
    visitors.places["a2"].leave()
    await settled()
    assert visitors.inside == "a3"
    await visitors.go("a3")
    assert visitors.is_empty()


async def test_all_requests_of_an_operation_have_one_place() -> None:
    visitors = Visitors(max_concurrency=1)
    await visitors.come("a1")
    place = visitors.limit.place("b")
    both = asyncio.gather(place.take(), place.take())
    await settled()
    assert (visitors.limit.slots.waiting, place.is_taken) == (1, False)
    await visitors.go("a1")
    await both
    await place.take()
    assert visitors.limit.slots.taken == 1
    place.leave()
    assert visitors.is_empty()


async def test_nobody_waits_longer_than_an_operation_may_take() -> None:
    visitors = Visitors(max_concurrency=1, deadline="10ms")
    await visitors.come("a1")
    place = visitors.limit.place("a")
    with pytest.raises(Overloaded, match="none ended in time"):
        await place.take()
    with pytest.raises(Overloaded, match="none ended in time"):
        await place.take()
    place.leave()
    await visitors.go("a1")
    assert visitors.is_empty()


async def test_no_place_is_given_while_the_memory_is_used_up() -> None:
    visitors = Visitors(memory=2000, deadline="1s")
    memory = visitors.limit.memory
    memory.hold(2000)
    await visitors.come("a1", "b1")
    assert visitors.inside == ""
    memory.release(1)
    await settled()
    assert visitors.inside == "a1 b1"


async def test_an_operation_is_refused_where_the_memory_stays_used_up() -> None:
    visitors = Visitors(memory=2000, deadline="10ms")
    visitors.limit.memory.hold(2000)
    with pytest.raises(Overloaded, match=r"as much memory as they may \(limits.memory\)"):
        await visitors.limit.place("a").take()


def test_other_limits_hold_from_then_on() -> None:
    limit = ConcurrencyLimit(Limits(), MemoryBudget())
    limit.adapt(Limits(max_downloads_per_caller=1, max_subscriptions=1, memory=5000, cpu_share=0.25))
    assert (limit.memory.max_bytes, limit.processor.share) == (5000, 0.25)
    limit.download("a")
    with pytest.raises(Overloaded, match=r"1 downloads of yours are under way \(limits.max_downloads_per_caller\)"):
        limit.download("a")
    limit.download("b")
    limit.subscribe("a")
    with pytest.raises(Overloaded, match=r"1 subscriptions are open \(limits.max_subscriptions\)"):
        limit.subscribe("b")
    limit.subscriptions.release("a")
    limit.subscribe("b")
