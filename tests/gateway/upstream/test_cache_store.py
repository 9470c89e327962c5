"""The store: bytes by key, bound in memory, and handed from one cache to the next."""

import httpx

from telegraphql.gateway.upstream.cache import Cache, CacheSettings
from telegraphql.gateway.upstream.cache_store import Store
from telegraphql.gateway.upstream.cashews_internals import MemoryBackend
from tests.support.cached_upstream import LONG_AGO, Rig, bounded


async def test_the_memory_is_bound_by_bytes_and_what_was_not_read_for_longest_goes_first() -> None:
    rig = Rig(max_bytes=100_000)
    rig.server.answer = lambda request: httpx.Response(200, content=b'{"count": 1, "pad": "' + b"x" * 4000 + b'"}')
    most = 0
    for number in range(200):
        await rig.read(path=f"/{number}", until=LONG_AGO)
        await rig.read(path="/0", until=LONG_AGO)
        most = max(most, bounded(rig).used_bytes)
    assert 90_000 < most <= 100_000
    assert 20 <= len(bounded(rig).store) <= 24
    asked = rig.server.asked
    await rig.read(path="/0", until=LONG_AGO)
    assert rig.server.asked == asked == 200, "what is read all the time stays"


async def test_an_answer_above_its_share_of_the_memory_is_not_kept() -> None:
    rig = Rig(max_bytes=80_000)
    rig.server.answer = lambda request: httpx.Response(200, content=b'{"pad": "' + b"x" * 10_000 + b'"}')
    await rig.read()
    assert (bounded(rig).used_bytes, len(bounded(rig).store)) == (0, 0)


async def test_the_held_bytes_are_counted_exactly_whatever_happens() -> None:
    memory = MemoryBackend(10_000)
    store = Store(memory)
    for number in range(100):
        await store.set(f"a:{number % 7}", b"x" * number, 60)
        await store.set(f"b:{number}", b"y" * number, 60)
        await store.drop(f"b:{number - 3}")
    await store.clear("a")
    assert not any(key.startswith("a:") for key in memory.store)
    assert memory.used_bytes == sum(len(key) + len(value) + 200 for key, (_, value) in memory.store.items()) > 0
    await store.clear("b")
    assert (memory.used_bytes, len(memory.store)) == (0, 0)


async def test_another_cache_goes_on_with_the_store_and_closes_it() -> None:
    rig, after = Rig(), Cache.of(CacheSettings(max_bytes=5_000))
    assert after is not None
    await rig.read()
    after.take_over(rig.cache)
    await rig.cache.aclose()
    assert after.store is rig.cache.store
    assert bounded(rig).max_bytes == 5_000
    rig.cache = after
    after.clock = rig.clock
    assert await rig.count(upstream=rig.account()) == 1
    assert await rig.count(upstream=rig.account(key="new")) == 2
    await after.aclose()
