"""One replica looks at each provider, all listeners at all replicas are told; nothing is lost when it dies, hangs, or the store does."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from typing import Any

from telegraphql.gateway.cluster.leader_poller import LeaderPoller, LeaderPollerFactory
from telegraphql.gateway.cluster.redis import RedisClient
from telegraphql.gateway.subscriptions.hub import SubscriptionHub
from tests.gateway.cluster.redis_server import House, encryption, eventually, house
from tests.gateway.subscriptions.subscribers import Client, following, listening
from tests.gateway.subscriptions.test_hub import ended
from tests.support.memory_provider import Memory, Store, serving

QUICK = {"poll_interval": "50ms", "lookback": "30s", "allowed_lateness": "5s", "window": "30s"}


def clock() -> float:
    return asyncio.get_running_loop().time()


class Replica:
    """The listeners of one replica, over its own line to the store."""

    def __init__(self, made: House, prefix: str, store: Store, **more: Any) -> None:
        self.line: RedisClient = made.line(key_prefix=prefix, leader_lease="400ms", **more)
        self.whole: SubscriptionHub = following([serving("a", Memory, store)], **QUICK)
        self.whole.poller_factory = LeaderPollerFactory(self.line, encryption())
        self.client = Client(self.whole)

    @property
    def lookout(self) -> LeaderPoller:
        feed = self.whole.pollers["a"]
        assert isinstance(feed, LeaderPoller)
        return feed

    @property
    def told(self) -> list[str]:
        return self.client.told[-1]

    def die(self) -> None:
        """As if killed: it says nothing any more, and leaves nothing in order."""
        self.lookout.is_leader = False
        for task in self.whole._tasks.values():
            task.cancel()


@asynccontextmanager
async def replicas(made: House, prefix: str, store: Store, most: int = 3) -> AsyncIterator[list[Replica]]:
    """All with a client each that listens; the first one looks."""
    async with AsyncExitStack() as stack:
        found = []
        for _ in range(most):
            one = Replica(made, prefix, store)
            stack.push_async_callback(one.line.aclose)
            stack.push_async_callback(one.whole.aclose)
            await stack.enter_async_context(listening(one.client))
            await eventually(lambda one=one: one.lookout.is_ready)  # type: ignore[misc]
            found.append(one)
        yield found


async def test_one_looks_and_all_are_told_once(redis: House, prefix: str) -> None:
    store = Store([ended(1, clock() - 10, 5)])
    async with replicas(redis, prefix, store) as all_of_them:
        assert [each.lookout.is_leader for each in all_of_them] == [True, False, False]
        began = len(store.asks), clock()
        for number in range(2, 22):
            store.calls.append(ended(number, clock() - 1, 1))
            await asyncio.sleep(0.01)
        await eventually(lambda: all(len(each.told) == 20 for each in all_of_them))
        await asyncio.sleep(0.2)
        assert [sorted(each.told) for each in all_of_them] == [sorted(f"a{number}" for number in range(2, 22))] * 3
        assert len(store.asks) - began[0] <= (clock() - began[1]) / 0.05 + 1, "as few looks as one replica takes"
        assert all(each.client.cursor for each in all_of_them)


async def appear(store: Store, *numbers: int) -> None:
    """Calls that end one after the other."""
    for number in numbers:
        store.calls.append(ended(number, clock() - 1, 1))
        await asyncio.sleep(0.02)


def told_once(one: Replica, *numbers: int) -> bool:
    return sorted(one.told) == sorted(f"a{number}" for number in numbers)


async def test_when_the_one_that_looks_dies_another_does_and_nothing_is_lost(redis: House, prefix: str) -> None:
    store = Store([ended(0, clock() - 10, 5)])
    async with replicas(redis, prefix, store) as (first, second, third):
        await appear(store, 1, 2)
        await eventually(lambda: all(told_once(each, 1, 2) for each in (first, second, third)))
        first.die()
        await appear(store, *range(3, 40))
        await eventually(lambda: all(len(each.told) >= 39 for each in (second, third)))
        assert sorted([second.lookout.is_leader, third.lookout.is_leader]) == [False, True]
        await asyncio.sleep(0.2)
        assert told_once(second, *range(1, 40))
        assert told_once(third, *range(1, 40))


async def test_one_that_leaves_hands_over_at_once(redis: House, prefix: str) -> None:
    store = Store()
    async with replicas(redis, prefix, store, 2) as (first, second):
        await appear(store, 1)
        await eventually(lambda: told_once(second, 1))
        began = clock()
        await first.whole.aclose()
        await appear(store, 2)
        await eventually(lambda: second.lookout.is_leader)
        assert clock() - began < 0.35, "sooner than the lease would end"
        await eventually(lambda: told_once(second, 1, 2))


async def test_one_that_stalls_until_another_looks_tells_nothing_twice_and_misses_nothing(redis: House, prefix: str) -> None:
    store = Store()
    async with replicas(redis, prefix, store, 2) as (first, second):
        await appear(store, 1)
        await eventually(lambda: told_once(first, 1) and told_once(second, 1))
        # It hears and says nothing, but has not noticed: as a process that is stopped, or cut off.
        stalled, first.line.is_up = asyncio.Event(), False
        await appear(store, 2, 3)
        await eventually(lambda: second.lookout.is_leader and told_once(second, 1, 2, 3))
        first.line.is_up = True
        stalled.set()
        await appear(store, 4, 5)
        await eventually(lambda: told_once(first, 1, 2, 3, 4, 5) and told_once(second, 1, 2, 3, 4, 5))
        assert (first.lookout.is_leader, second.lookout.is_leader) == (False, True)


async def test_while_the_store_is_away_all_look_and_when_it_is_back_one_does(prefix: str) -> None:
    with house() as made:
        store = Store()
        async with replicas(made, prefix, store) as all_of_them:
            await appear(store, 1)
            await eventually(lambda: all(told_once(each, 1) for each in all_of_them))
            made.kill()
            await appear(store, *range(2, 32))
            await eventually(lambda: all(told_once(each, *range(1, 32)) for each in all_of_them))
            made.start()
            await appear(store, *range(32, 62))
            await eventually(lambda: all(told_once(each, *range(1, 62)) for each in all_of_them))
            await eventually(lambda: sum(each.lookout._is_polling.is_set() for each in all_of_them) == 1)
            await appear(store, *range(62, 72))
            await eventually(lambda: all(told_once(each, *range(1, 72)) for each in all_of_them))


async def test_a_short_absence_of_the_store_loses_nothing_and_makes_nobody_look(prefix: str) -> None:
    with house() as made:
        store = Store()
        async with replicas(made, prefix, store, 2) as (first, second):
            await appear(store, 1)
            await eventually(lambda: told_once(second, 1))
            made.hang()
            await appear(store, 2, 3)
            made.go_on()
            await eventually(lambda: told_once(first, 1, 2, 3) and told_once(second, 1, 2, 3))
            assert not second.lookout._is_polling.is_set()


async def test_without_the_store_from_the_start_one_looks_for_itself(prefix: str) -> None:
    with house() as made:
        made.kill()
        store = Store()
        async with replicas(made, prefix, store, 2) as (first, second):
            await appear(store, 1)
            await eventually(lambda: told_once(first, 1) and told_once(second, 1))


async def test_a_client_goes_on_at_another_replica_with_its_cursor(redis: House, prefix: str) -> None:
    store = Store()
    async with replicas(redis, prefix, store, 2) as (first, second):
        await appear(store, 1, 2)
        await eventually(lambda: told_once(first, 1, 2) and told_once(second, 1, 2))
        late = Client(second.whole)
        late.cursor = first.client.cursor
        store.calls.append(ended(3, clock() - 1, 1))
        async with listening(late):
            await eventually(lambda: "a3" in late.told[-1])
        assert set(late.told[0]) - {"a1", "a2"} == {"a3"}, "what lies within the lateness may come again"


async def test_what_one_tells_the_others_cannot_be_read_in_the_store(redis: House, prefix: str) -> None:
    store = Store()
    async with replicas(redis, prefix, store, 2) as (_, second):
        store.calls.append(ended("findme", clock() - 1, 1))
        await eventually(lambda: second.told == ["afindme"])
        entries: Any = await second.line.execute(lambda redis: redis.xrange(f"{prefix}:poll:a:entries"))
        assert len(entries) >= 1
        assert not any(b"findme" in each for _, fields in entries for each in fields.values())


async def test_what_a_stranger_writes_among_it_is_told_to_nobody_and_hides_nothing(redis: House, prefix: str) -> None:
    store = Store()
    async with replicas(redis, prefix, store, 2) as (first, second):
        await appear(store, 1)
        await eventually(lambda: told_once(second, 1))
        name, ask = f"{prefix}:poll:a:entries", second.line.execute
        entries: Any = await ask(lambda redis: redis.xrange(name))
        ours = entries[0][1]
        strange: list[dict[Any, Any]] = [{"n": "many", "b": "x"}, {"other": "y"}, {"n": 7, "b": "not locked"}, ours]
        for entry in strange:
            await ask(lambda redis, entry=entry: redis.xadd(name, entry))  # type: ignore[misc]
        await appear(store, 2, 3)
        await eventually(lambda: told_once(first, 1, 2, 3) and told_once(second, 1, 2, 3))
        await eventually(lambda: sum(each.lookout._is_polling.is_set() for each in (first, second)) == 1)


async def test_what_cannot_be_understood_is_looked_for(redis: House, prefix: str) -> None:
    store = Store()
    async with replicas(redis, prefix, store, 2) as (first, second):
        first.whole.poller_factory.encryption = first.lookout.event_log.encryption = encryption().__class__("another secret 16")  # type: ignore[attr-defined]
        await appear(store, 1, 2)
        await eventually(lambda: told_once(first, 1, 2) and told_once(second, 1, 2))
