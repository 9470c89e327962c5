"""What newly appears is told to all who listen, once, by one look at each provider."""

import asyncio
from typing import Any

import pytest

from telegraphql.gateway.auth.caller import Caller
from telegraphql.gateway.errors import RateLimited, Unavailable
from telegraphql.schema.enums import CallDirection
from tests.gateway.subscriptions.subscribers import Client, eventually, following, listening
from tests.support.memory_provider import Memory, Store, serving
from tests.support.records import at, call
from tests.support.virtual_time import leaping

MINUTE = 60.0


def ended(native_id: object, start: float, seconds: float = 0, provider: str = "a", **fields: Any) -> Any:
    """A call that lasted so long."""
    return call(native_id, start, provider, ended_at=at(start + seconds), duration_seconds=int(seconds), **fields)


def clock() -> float:
    return asyncio.get_running_loop().time()


def test_what_appears_is_told_and_what_was_there_is_not() -> None:
    async def story() -> list[list[str]]:
        store = Store([ended(1, clock() - 30, 20)])
        async with listening(Client(following([serving("a", Memory, store)]))) as client:
            store.calls.append(ended(2, clock() - 5, 4))
            await asyncio.sleep(4)
            store.calls += [ended(4, clock() - 50, 48), ended(3, clock() - 10, 1)]
            await asyncio.sleep(10)
        return client.told

    assert leaping(story()) == [["a2", "a3", "a4"]]


def test_a_call_that_goes_on_is_told_when_it_is_over() -> None:
    async def story() -> list[list[str]]:
        store = Store([call(1, clock() - 30)])
        async with listening(Client(following([serving("a", Memory, store)]))) as client:
            await asyncio.sleep(10)
            assert client.told == [[]]
            store.calls[0] = ended(1, clock() - 40, 40)
            await asyncio.sleep(10)
        return client.told

    assert leaping(story()) == [["a1"]]


@pytest.mark.parametrize(("minutes", "looks"), [(4, 1), (19, 4), (79, 16), (239, 64)])
def test_the_longer_a_call_lasted_the_later_it_is_told_at_the_latest(minutes: int, looks: int) -> None:
    async def story() -> float:
        store = Store()
        async with listening(Client(following([serving("a", Memory, store)]))) as client:
            began = clock()
            store.calls.append(ended(1, began - minutes * MINUTE, minutes * MINUTE))
            await eventually(lambda: bool(client.told[0]), 0.5, 1000)
            return clock() - began

    assert leaping(story()) <= looks * 3 + 0.5


def test_a_thousand_listeners_cost_a_provider_one_request_per_interval() -> None:
    async def story() -> tuple[int, list[list[str]]]:
        store = Store()
        whole = following([serving("a", Memory, store)])
        clients = [Client(whole) for _ in range(1000)]
        tasks = [asyncio.create_task(client.listen(most=1)) for client in clients]
        await asyncio.sleep(29.9)
        asks = len(store.asks)
        store.calls.append(ended(1, clock(), 1))
        await asyncio.gather(*tasks)
        assert whole.pollers == {}
        return asks, [client.told[0] for client in clients]

    assert leaping(story()) == (10, [["a1"]] * 1000)


def test_nobody_is_asked_before_somebody_listens_nor_after_the_last_has_left() -> None:
    async def story() -> list[int]:
        store = Store()
        whole = following([serving("a", Memory, store)])
        await asyncio.sleep(30)
        before = len(store.asks)
        async with listening(Client(whole)):
            await asyncio.sleep(1)
        during = len(store.asks)
        await asyncio.sleep(30)
        return [before, during, len(store.asks)]

    assert leaping(story()) == [0, 1, 1]


def test_a_filter_is_each_listeners_own_and_so_are_the_providers_it_may_see() -> None:
    async def story() -> list[list[str]]:
        stores = {"a": Store(), "b": Store()}
        whole = following([serving(name, Memory, store) for name, store in stores.items()])
        inbound = {"filter": {"direction": ["INBOUND"]}}
        clients = [
            Client(whole),
            Client(whole, inbound),
            Client(whole, {"filter": {"providers": ["b"]}}),
            Client(whole, options={"caller": Caller("one", providers=frozenset({"a"}))}),
        ]
        tasks = [asyncio.create_task(client.listen()) for client in clients]
        await asyncio.sleep(0.01)
        stores["a"].calls.append(ended(1, clock(), 1, direction=CallDirection.INBOUND))
        stores["b"].calls.append(ended(2, clock(), 2, "b"))
        await asyncio.sleep(4)
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        return [sorted(client.told[0]) for client in clients]

    assert leaping(story()) == [["a1", "b2"], ["a1"], ["b2"], ["a1"]]


def test_a_failing_provider_is_looked_at_ever_more_seldom_and_then_caught_up_on() -> None:
    async def story() -> tuple[list[list[str]], int]:
        store = Store()
        whole = following([serving("a", Memory, store)])
        async with listening(Client(whole)) as client:
            store.failure = Unavailable("is down")
            asked = len(store.asks)
            await asyncio.sleep(20 * MINUTE)
            failed = len(store.asks) - asked
            store.calls += [ended(1, clock() - 19 * MINUTE, 5), ended(2, clock() - 5, 1)]
            store.failure = None
            await asyncio.sleep(MINUTE)
        return client.told, failed

    told, failed = leaping(story())
    assert told == [["a1", "a2"]]
    assert failed <= 24


def test_a_pause_that_an_upstream_asks_for_is_kept() -> None:
    async def story() -> int:
        store = Store(failure=RateLimited("asks for fewer requests", retry_after=500))
        async with listening(Client(following([serving("a", Memory, store)]))):
            await asyncio.sleep(490)
        return len(store.asks)

    assert leaping(story()) == 1


def test_what_ended_while_the_first_look_failed_is_told() -> None:
    async def story() -> list[list[str]]:
        store = Store([ended(1, clock() - 9, 1)], failure=Unavailable("is down"))
        async with listening(Client(following([serving("a", Memory, store)]))) as client:
            await asyncio.sleep(5)
            store.calls.append(ended(2, clock() - 1, 1))
            store.failure = None
            await asyncio.sleep(20)
        return client.told

    assert leaping(story()) == [["a2"]]


def test_one_that_is_too_slow_is_told_so_and_loses_nothing() -> None:
    async def story() -> tuple[Any, list[list[str]]]:
        store = Store()
        whole = following([serving("a", Memory, store)], max_queue=3, allowed_lateness="0s")
        client = Client(whole)
        task = asyncio.create_task(client.listen(rest=10))
        await asyncio.sleep(0.01)
        for number in range(8):
            store.calls.append(ended(number, clock(), 0))
            await asyncio.sleep(3)
        await task
        async with listening(client):
            await asyncio.sleep(9)
        return client.error.extensions["code"], client.told

    code, told = leaping(story())
    assert code == "SLOW_CONSUMER"
    assert sorted({name for part in told for name in part}) == [f"a{number}" for number in range(8)]
    assert len(told[0]) < 8


def test_providers_come_and_go_with_the_configuration() -> None:
    async def story() -> tuple[list[list[str]], list[str], bool]:
        stores = {"a": Store(), "b": Store([ended(0, clock() - 9, 1, "b")])}
        one, other = (serving(name, Memory, store) for name, store in stores.items())
        whole = following([one])
        async with listening(Client(whole)) as client:
            feed = whole.pollers["a"]
            again = serving("a", Memory, stores["a"])
            whole.adopt(following([again, other]))
            kept = whole.pollers["a"] is feed and feed.serving is again
            await asyncio.sleep(1)
            stores["a"].calls.append(ended(1, clock(), 0))
            stores["b"].calls.append(ended(2, clock(), 1, "b"))
            await asyncio.sleep(3)
            whole.adopt(following([other]))
            left = list(whole.pollers)
            await asyncio.sleep(3)
            stores["b"].calls.append(ended(3, clock(), 1, "b"))
            await asyncio.sleep(3)
        return client.told, left, kept

    told, left, kept = leaping(story())
    assert (sorted(told[0]), left, kept) == (["a1", "b2", "b3"], ["b"], True)
