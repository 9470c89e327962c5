"""The memory budget: what counts, what gives way, and that nothing is forgotten or counted twice."""

import gc
from collections.abc import AsyncIterator
from math import inf
from types import SimpleNamespace
from typing import Any

import httpx
import pytest

from telegraphql.gateway.errors import TooLarge
from telegraphql.gateway.upstream.body import read_body
from telegraphql.gateway.upstream.cashews_internals import OVERHEAD, MemoryBackend
from telegraphql.gateway.upstream.memory import MemoryBudget
from telegraphql.gateway.upstream.request_budget import RequestBudget, note_answer, reading, running


async def test_the_cache_gives_way_and_loses_the_oldest_first() -> None:
    cache, size = MemoryBackend(100_000), 100 + 1 + OVERHEAD
    for key in "abc":
        await cache.set(key, bytes(100))
    memory = MemoryBudget(2 * size + 50, kept=cache)
    memory.hold(50)
    assert (sorted(cache.store), memory.used_bytes) == (["b", "c"], 2 * size + 50)
    memory.hold(2 * size)
    assert (len(cache.store), memory.used_bytes, memory.has_room) == (0, 2 * size + 50, False)


def test_whoever_waits_is_told_once_there_is_room() -> None:
    told: list[bool] = []
    memory = MemoryBudget(100)
    memory.on_release = lambda: told.append(memory.has_room)
    memory.hold(99)
    memory.release(9)
    assert told == []
    memory.hold(20)
    memory.release(5)
    memory.release(6)
    assert told == [False, True]


def test_an_operation_holds_what_it_has_read_until_it_ends() -> None:
    memory = MemoryBudget(inf)
    budget = RequestBudget.lasting(None, memory=memory)
    with running(budget), reading(None) as here:
        note_answer(100)
        note_answer(10)
    assert (budget.work.answer_bytes, budget.work.held_bytes, here.held_bytes, memory.held) == (110, 330, 330, 330)
    budget.work.forget(30)
    assert memory.held == 300
    budget.work.forget()
    assert memory.held == 0
    with running(budget.anew()) as next_one:
        note_answer(1)
    assert (memory.held, next_one.work.held_bytes) == (3, 3)
    del next_one
    gc.collect()
    assert memory.held == 0


@pytest.mark.parametrize("size", [1000, 3000])
async def test_an_answer_counts_while_it_is_read(size: int) -> None:
    memory, seen = MemoryBudget(inf), []

    class Parts(httpx.AsyncByteStream):
        async def __aiter__(self) -> AsyncIterator[bytes]:
            for _ in range(size // 500):
                seen.append(memory.held)
                yield bytes(500)

    response: Any = SimpleNamespace(headers={}, stream=Parts())
    with running(RequestBudget.lasting(None, memory=memory)):
        if size > 2000:
            with pytest.raises(TooLarge):
                await read_body(response, 2000)
        else:
            assert len(await read_body(response, 2000)) == size
    assert seen == [500 * number for number in range(min(size, 2500) // 500)]
    assert memory.held == 0
