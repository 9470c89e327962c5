"""Coalescing: equal reads under way are asked once, and nobody's leaving harms the others."""

import asyncio

import pytest

from telegraphql.gateway.errors import TimedOut
from telegraphql.gateway.upstream.coalescing import Coalescer
from tests.support.exchanges import share


class Ask:
    """A slow question that counts how often it is asked."""

    def __init__(self) -> None:
        self.asked = 0
        self.cancelled = 0
        self.go = asyncio.Event()

    async def __call__(self) -> str:
        self.asked += 1
        try:
            await self.go.wait()
        except asyncio.CancelledError:
            self.cancelled += 1
            raise
        return "answer"


async def settled() -> None:
    for _ in range(5):
        await asyncio.sleep(0)


async def test_twenty_at_once_are_asked_once() -> None:
    coalescer: Coalescer = Coalescer()
    ask = Ask()
    joined = [asyncio.create_task(share(coalescer, "key", ask)) for _ in range(20)]
    await settled()
    ask.go.set()
    found = await asyncio.gather(*joined)
    assert ask.asked == 1
    assert found == ["answer"] * 20


async def test_other_keys_are_asked_apart() -> None:
    coalescer: Coalescer = Coalescer()
    ask = Ask()
    ask.go.set()
    await asyncio.gather(share(coalescer, "one", ask), share(coalescer, "two", ask))
    assert ask.asked == 2


async def test_what_has_landed_is_asked_again() -> None:
    coalescer: Coalescer = Coalescer()
    ask = Ask()
    ask.go.set()
    await share(coalescer, "key", ask)
    await share(coalescer, "key", ask)
    assert ask.asked == 2


async def test_one_who_leaves_does_not_stop_the_others() -> None:
    coalescer: Coalescer = Coalescer()
    ask = Ask()
    first = asyncio.create_task(share(coalescer, "key", ask))
    second = asyncio.create_task(share(coalescer, "key", ask))
    await settled()
    first.cancel()
    await settled()
    ask.go.set()
    assert await second == "answer"
    assert ask.cancelled == 0


async def test_the_last_who_leaves_stops_the_work() -> None:
    coalescer: Coalescer = Coalescer()
    ask = Ask()
    joined = [asyncio.create_task(share(coalescer, "key", ask)) for _ in range(3)]
    await settled()
    for each in joined:
        each.cancel()
    await settled()
    assert ask.cancelled == 1


async def test_a_failure_is_everybodys_and_is_not_kept() -> None:
    coalescer: Coalescer = Coalescer()
    asked = 0

    async def fail() -> str:
        nonlocal asked
        asked += 1
        raise ValueError("no")

    found = await asyncio.gather(*(share(coalescer, "key", fail) for _ in range(3)), return_exceptions=True)
    assert [type(each) for each in found] == [ValueError] * 3
    with pytest.raises(ValueError, match="no"):
        await share(coalescer, "key", fail)
    assert asked == 2


async def test_the_deadline_of_the_one_who_asked_is_not_the_others() -> None:
    coalescer: Coalescer = Coalescer()
    go = asyncio.Event()
    asked = 0

    async def late() -> str:
        nonlocal asked
        asked += 1
        if asked > 1:
            return "answer"
        await go.wait()
        raise TimedOut("not in time")

    joined = [asyncio.create_task(share(coalescer, "key", late)) for _ in range(3)]
    await settled()
    go.set()
    found = await asyncio.gather(*joined, return_exceptions=True)
    assert [type(found[0]), *found[1:]] == [TimedOut, "answer", "answer"]
