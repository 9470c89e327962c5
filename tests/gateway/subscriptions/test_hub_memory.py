"""What a subscriber costs in memory, and that it is given back."""

import asyncio
import gc
import tracemalloc

import pytest

from telegraphql.gateway.subscriptions.hub import SubscriptionHub
from tests.gateway.subscriptions.subscribers import Client, following
from tests.support.memory_provider import Memory, Store, serving
from tests.support.records import at, call
from tests.support.virtual_time import leaping

LISTENERS = 1000
MOST = 60_000
FIELDS = """{ nativeId provider { name } startedAt endedAt durationSeconds status direction from { number } to { number }
    cost { amount currency } }"""


async def _listening(whole: SubscriptionHub, number: int) -> list[asyncio.Task[None]]:
    """So many listeners, each waiting for news."""
    tasks = [asyncio.create_task(Client(whole, fields=FIELDS).listen()) for _ in range(number)]
    await asyncio.sleep(4)
    return tasks


async def _left(tasks: list[asyncio.Task[None]]) -> None:
    for task in tasks:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)
    tasks.clear()
    await asyncio.sleep(4)


def _held() -> int:
    gc.collect()
    return tracemalloc.get_traced_memory()[0]


@pytest.mark.slow
def test_a_subscriber_costs_little_memory_and_leaves_none_behind(capsys: pytest.CaptureFixture[str]) -> None:
    async def story() -> tuple[int, int]:
        store = Store([call(number, number, ended_at=at(number)) for number in range(100)])
        whole = following([serving("a", Memory, store)])
        await _left(await _listening(whole, 10))
        tracemalloc.start()
        try:
            before = _held()
            tasks = await _listening(whole, LISTENERS)
            during = _held()
            await _left(tasks)
            return (during - before) // LISTENERS, (_held() - before) // LISTENERS
        finally:
            tracemalloc.stop()

    during, after = leaping(story())
    with capsys.disabled():
        print(f"\n{LISTENERS} subscribers: {during} bytes each while they listen, {after} bytes each when they have left")
    assert during < MOST
    assert after < 1000
