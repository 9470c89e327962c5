"""Rates: one bucket for each provider, from which the requests of all replicas are paid, and the pauses that upstreams ask for.

A generic cell rate algorithm in one script, on the shared store's own clock: a request books its moment and waits for it. What would come
after the operation's deadline is not booked."""

import asyncio
from contextlib import suppress

from aiolimiter import AsyncLimiter

from telegraphql.gateway.cluster.redis import RedisClient, RedisUnavailable
from telegraphql.gateway.errors import RateLimited
from telegraphql.gateway.upstream.request_budget import current

# Times in microseconds. ARGV: between two requests, the burst, the longest wait. Answers the wait; less than 0 where it is too long.
BOOK = """
local clock = redis.call('TIME')
local now = clock[1] * 1000000 + clock[2]
local pause = redis.call('PTTL', KEYS[2]) * 1000
local between, burst, longest = tonumber(ARGV[1]), tonumber(ARGV[2]), tonumber(ARGV[3])
local due = math.max(tonumber(redis.call('GET', KEYS[1]) or 0), now)
local wait = math.max(due + between - burst - now, pause, 0)
if wait > longest then return -wait end
redis.call('SET', KEYS[1], string.format('%.0f', due + between), 'PX', math.ceil((due + between - now) / 1000) + 1000)
return wait
"""
PAUSE = """
if redis.call('PTTL', KEYS[1]) < tonumber(ARGV[1]) then redis.call('SET', KEYS[1], '', 'PX', ARGV[1]) end
return 0
"""
SECOND = 1_000_000
BURST = 1.0


class SharedRateLimit:
    """The rate of one provider. While the shared store is away this replica keeps to its part of it."""

    def __init__(self, line: RedisClient, provider: str, per_second: float) -> None:
        self._line, self._between = line, max(1, round(SECOND / per_second))
        self._burst = max(self._between, round(BURST * SECOND))
        self._keys = [f"{line.settings.key_prefix}:{what}:{provider}" for what in ("rate", "pause")]
        part = per_second / line.settings.replicas
        self._alone = AsyncLimiter(part, BURST) if part >= 1 else AsyncLimiter(1, 1 / part)
        self._telling: set[asyncio.Task[None]] = set()

    async def acquire(self) -> None:
        """Wait for the next request's turn; RateLimited where that does not come before the deadline."""
        try:
            wait = await self._booked(int(current().left() * SECOND))
        except RedisUnavailable:
            await self._alone.acquire()
            return
        if wait < 0:
            raise RateLimited("is asked as often as it allows, or asks for fewer requests", retry_after=-wait // SECOND + 1)
        if wait:
            await asyncio.sleep(wait / SECOND)

    def pause(self, seconds: float) -> None:
        """No replica shall ask for so long."""
        task = asyncio.get_running_loop().create_task(self._paused(max(1, int(seconds * 1000))))
        self._telling.add(task)
        task.add_done_callback(self._telling.discard)

    async def _booked(self, longest: int) -> int:
        arguments = [self._between, self._burst, longest]
        return int(await self._line.run(BOOK, self._keys, arguments))

    async def _paused(self, milliseconds: int) -> None:
        with suppress(RedisUnavailable):
            await self._line.run(PAUSE, self._keys[1:], [milliseconds])
