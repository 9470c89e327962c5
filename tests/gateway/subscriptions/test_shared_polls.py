"""Shared polls: however many follow a record, it is polled once per interval."""

import asyncio
from collections.abc import Awaitable, Callable

import pytest

from telegraphql.gateway.subscriptions.shared_polls import SharedPolls


def counting() -> tuple[list[int], Callable[[], Awaitable[int]]]:
    polls: list[int] = []

    async def load() -> int:
        polls.append(len(polls))
        await asyncio.sleep(0)
        return polls[-1]

    return polls, load


async def test_followers_of_one_record_share_its_poll() -> None:
    polls, load = counting()
    shared = SharedPolls(60)
    assert await asyncio.gather(*(shared.get("r", load) for _ in range(20))) == [0] * 20
    assert await shared.get("another", load) == 1
    assert polls == [0, 1]


async def test_after_an_interval_it_is_polled_again() -> None:
    _, load = counting()
    shared = SharedPolls(0)
    assert [await shared.get("r", load) for _ in range(3)] == [0, 1, 2]


async def test_who_stops_waiting_stops_no_others() -> None:
    release = asyncio.Event()

    async def load() -> str:
        await release.wait()
        return "found"

    shared = SharedPolls(60)
    first, second = (asyncio.create_task(shared.get("r", load)) for _ in range(2))
    await asyncio.sleep(0)
    first.cancel()
    release.set()
    assert await second == "found"
    with pytest.raises(asyncio.CancelledError):
        await first
