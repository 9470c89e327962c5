"""Leaks: after a long bad day nothing is left of it - no task, no connection, no file, no place that nobody gives back."""

import asyncio
import gc
import os
import random
from collections.abc import Iterator

import pytest

from telegraphql.gateway.upstream.client import Request
from telegraphql.schema.enums import BreakerState
from tests.resilience.simulated_gateway import LIMITS, NAMES, Clients, Place, place
from tests.resilience.test_cancellation import COSTS, leave

pytestmark = pytest.mark.slow
QUERIES, WAVE = 500, 20
# Seconds after which a connection that nobody uses is closed.
IDLE = 0.3
DOCUMENT = """query ($first: Int, $providers: [String!]) {
  calls(first: $first, filter: {providers: $providers}) { nodes { id recordings { id } } problems { code } } }"""
# The slow modes come last, once.
MODES = ("status", "drop", "html", "truncate", "rate_limit", "unauthorized")


class Loop:
    """The event loop in which the gateway runs, found the next time a request is signed."""

    def __init__(self, of: Place) -> None:
        self.loop: asyncio.AbstractEventLoop | None = None
        provider = of.world.engine.providers["boxis"].provider
        authorize = provider.authorize

        async def noting(request: Request) -> None:
            self.loop = asyncio.get_running_loop()
            await authorize(request)

        provider.authorize = noting  # type: ignore[method-assign]

    async def tasks(self) -> int:
        """How many tasks there are in it, other than those of connections that wait for their next request."""

        async def count() -> int:
            return sum(not task.done() for task in asyncio.all_tasks()) - 1

        assert self.loop is not None
        return await asyncio.wrap_future(asyncio.run_coroutine_threadsafe(count(), self.loop))


def files() -> int:
    """How many files and sockets this process has open."""
    gc.collect()
    return len(os.listdir("/proc/self/fd"))


@pytest.fixture
def own(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Place]:
    """A place whose connections nobody else holds."""
    limits = LIMITS | {"keep_alive": f"{IDLE}s"}
    with place(tmp_path_factory.mktemp("leaks"), **{name: {"limits": limits} for name in NAMES}) as made:
        yield made


async def settled(own: Place, loop: Loop) -> tuple[int, int]:
    """Tasks and files with one client who asked once, and left."""
    own.behave()
    async with own.clients() as clients:
        await clients.recover(within=10)
    await asyncio.sleep(3 * IDLE)
    return await loop.tasks(), files()


async def bad_day(clients: Clients, chance: random.Random) -> None:
    """Queries of all kinds while upstreams come and go."""
    own = clients.place
    for wave in range(QUERIES // WAVE):
        own.behave()
        for name in chance.sample(NAMES, chance.randint(0, 3)):
            own.misbehave(name, mode=chance.choice(MODES), rate=chance.choice((0.3, 1.0)))
        if wave == 0:
            own.misbehave("portsip", mode="timeout", rate=0.5)
        await asyncio.gather(*(clients.ask(DOCUMENT, first=chance.randint(1, 10), providers=chance.sample(NAMES, 2)) for _ in range(WAVE)))


@pytest.mark.skipif(not os.path.isdir("/proc/self/fd"), reason="counts files as Linux shows them")
async def test_a_bad_day_leaves_nothing_behind(own: Place) -> None:
    loop, chance = Loop(own), random.Random(20261122)
    async with own.clients() as clients:
        await clients.recover(within=10)
    before = await settled(own, loop)
    async with own.clients() as clients:
        await bad_day(clients, chance)
        own.behave()
        # A provider that still rests is told of at once, and nobody can leave before that.
        await clients.recover(within=10)
        own.misbehave("portsip", latency_ms=100)
        for _ in range(10):
            await leave(clients, COSTS, {"first": 60, "providers": ["portsip"]}, after=0.05)
    after = await settled(own, loop)
    # A socket of before may have been on its way out still.
    assert (after[0], after[1] <= before[1]) == (before[0], True)
    assert {serving.provider.upstream.health.state for serving in own.world.engine.providers.values()} == {BreakerState.CLOSED}
    for serving in own.world.engine.providers.values():
        upstream = serving.provider.upstream
        assert upstream._coalescer._tasks == {}
        assert (upstream._resilience._slots.waiting, upstream._resilience._slots.taken) == (0, 0)
    assert own.ears.leaks == []
