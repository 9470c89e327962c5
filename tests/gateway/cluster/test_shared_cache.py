"""Kept answers are shared, encrypted, forgotten together, and as good as before while the shared store is away."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

from telegraphql.gateway.cluster.encryption import Encryption
from telegraphql.gateway.cluster.shared_cache import SharedCache
from telegraphql.gateway.upstream.cashews_internals import MemoryBackend
from telegraphql.gateway.upstream.request_budget import changing
from tests.gateway.cluster.redis_server import House, encryption, eventually, house
from tests.support.cached_upstream import LONG_AGO, Rig


class Replica(Rig):
    """A rig whose answers are kept with those of others; all have one upstream and one clock."""

    def __init__(self, made: House, prefix: str, like: "Replica | None" = None, locked: Encryption | None = None) -> None:
        super().__init__()
        self.line = made.line(key_prefix=prefix)
        self.cache.store = SharedCache(MemoryBackend(1_000_000), self.line, locked or encryption())
        if like is not None:
            self.server, self.clock = like.server, like.clock
            self.cache.clock = like.clock
            self.upstream = self.account()

    async def change(self) -> None:
        with changing():
            await self.read(path="/delete")

    async def restart(self) -> None:
        """As after a restart: nothing is left in its own memory."""
        await self.cache.store.backend.delete_match("*")


@asynccontextmanager
async def replicas(made: House, prefix: str, **more: Any) -> AsyncIterator[tuple[Replica, Replica]]:
    one = Replica(made, prefix)
    other = Replica(made, prefix, one, **more)
    try:
        yield one, other
    finally:
        for each in (one, other):
            await each.cache.store.aclose()
            await each.line.aclose()


async def test_what_one_has_asked_another_does_not_ask(redis: House, prefix: str) -> None:
    async with replicas(redis, prefix) as (one, other):
        assert [await one.count(until=LONG_AGO), await other.count(until=LONG_AGO)] == [1, 1]
        assert [await one.count(until=LONG_AGO), await other.count(until=LONG_AGO)] == [1, 1]
        await other.restart()
        assert await other.count(until=LONG_AGO) == 1
        assert one.server.asked == 1
        assert await other.count(upstream=other.account(key="two"), until=LONG_AGO) == 2, "other credentials"


async def test_the_present_and_the_past_last_as_long_as_with_one(redis: House, prefix: str) -> None:
    async with replicas(redis, prefix) as (one, other):
        assert [await one.count(), await other.count()] == [1, 1]
        one.clock.now += 10.001
        assert await other.count() == 2
        assert await one.count() == 2


async def test_a_command_at_one_makes_all_forget(redis: House, prefix: str) -> None:
    async with replicas(redis, prefix) as (one, other):
        assert [await one.count(until=LONG_AGO), await other.count(until=LONG_AGO)] == [1, 1]
        await one.change()
        assert [await other.count(until=LONG_AGO), await one.count(until=LONG_AGO)] == [3, 3]
        stranger = other.account("other", "one")
        assert await other.count(upstream=stranger, until=LONG_AGO) == 4
        await one.change()
        assert await other.count(upstream=stranger, until=LONG_AGO) == 4, "another account"


async def test_an_answer_from_before_a_command_is_not_kept_after_it(redis: House, prefix: str) -> None:
    async with replicas(redis, prefix) as (one, other):
        one.server.gate = asyncio.Event()
        reading = asyncio.create_task(other.count(until=LONG_AGO))
        await eventually(lambda: one.server.asked == 1)
        one.server.gate.set()
        one.server.gate = None
        with changing():
            await one.read(path="/delete")
        assert await reading == 1
        assert [await other.count(until=LONG_AGO), await one.count(until=LONG_AGO)] == [3, 3]


async def test_a_stale_answer_of_another_stands_in_for_an_upstream_that_fails(redis: House, prefix: str) -> None:
    async with replicas(redis, prefix) as (one, other):
        assert await one.count() == 1
        one.clock.now += 11
        one.fail()
        assert await other.count() == 1


async def test_nothing_of_an_answer_can_be_read_or_forged_there(redis: House, prefix: str) -> None:
    async with replicas(redis, prefix, locked=Encryption("another secret 16")) as (one, other):
        assert await one.count(until=LONG_AGO) == 1
        text = redis.text()
        assert prefix.encode() in text
        assert not any(word in text for word in (b"count", b"GetCalls", b"/calls"))
        assert await other.count(until=LONG_AGO) == 2, "what was not locked with the same secret does not count"


async def test_what_was_kept_for_one_account_or_read_is_not_taken_for_another(redis: House, prefix: str) -> None:
    async with replicas(redis, prefix) as (one, other):
        assert [await one.count(path="/a", until=LONG_AGO), await one.count(path="/b", until=LONG_AGO)] == [1, 2]
        stranger = other.account("other", "one")
        assert await one.count(path="/a", upstream=one.account("other", "one"), until=LONG_AGO) == 3
        names: Any = await one.line.execute(lambda redis: redis.keys(f"{prefix}:cache:*"))
        assert len(names) == 3
        bodies: Any = await one.line.execute(lambda redis: redis.mget(names))
        await one.line.execute(lambda redis: redis.mset(dict(zip(names, bodies[1:] + bodies[:1], strict=True))))
        await other.restart()
        assert await other.count(path="/a", until=LONG_AGO) == 4
        assert await other.count(path="/a", upstream=stranger, until=LONG_AGO) == 5


async def test_while_it_is_away_each_keeps_its_own_and_what_was_changed_is_told_later(prefix: str) -> None:
    with house() as made:
        made.timeout = 0.5
        async with replicas(made, prefix) as (one, other):
            assert [await one.count(until=LONG_AGO), await other.count(until=LONG_AGO)] == [1, 1]
            made.hang()
            assert await one.count(until=LONG_AGO) == 1
            assert not one.line.is_up
            assert await other.count(until=LONG_AGO) == 1
            await one.change()
            assert await one.count(until=LONG_AGO) == 3
            assert await one.count(until=LONG_AGO) == 3, "kept here"
            assert await other.count(until=LONG_AGO) == 1, "nobody could tell"
            made.go_on()
            await eventually(lambda: one.line.is_up and other.line.is_up and not one.cache.store._pending_clears)  # type: ignore[attr-defined]
            assert await other.count(until=LONG_AGO) == 4
            assert await one.count(until=LONG_AGO) == 4


async def test_a_store_that_has_lost_everything_brings_nothing_old_back(prefix: str) -> None:
    with house() as made:
        async with replicas(made, prefix) as (one, other):
            assert [await one.count(until=LONG_AGO), await other.count(until=LONG_AGO)] == [1, 1]
            made.kill()
            assert await one.count(until=LONG_AGO) == 1
            made.start()
            await eventually(lambda: one.line.is_up)
            assert await one.count(until=LONG_AGO) == 2, "its mark is gone, and whoever drew a new one may have changed something"
            assert await other.count(until=LONG_AGO) == 2
