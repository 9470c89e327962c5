"""Rate limits of providers that all replicas share, and the pauses that upstreams ask for.

A generic cell rate algorithm in one script, on the server's clock: each request reserves its time slot and waits for it. A slot after the
operation's deadline is not reserved.
"""

import asyncio
from contextlib import suppress

from aiolimiter import AsyncLimiter

from telegraphql.gateway.cluster.redis import RedisClient, RedisUnavailable
from telegraphql.gateway.errors import RateLimited
from telegraphql.gateway.upstream.request_budget import current

# Times in microseconds. ARGV: interval between requests, burst, longest wait. Returns the wait, or its negative if it is too long.
RESERVE = """
local clock = redis.call('TIME')
local now = clock[1] * 1000000 + clock[2]
local pause = redis.call('PTTL', KEYS[2]) * 1000
local interval, burst, longest = tonumber(ARGV[1]), tonumber(ARGV[2]), tonumber(ARGV[3])
local due = math.max(tonumber(redis.call('GET', KEYS[1]) or 0), now)
local wait = math.max(due + interval - burst - now, pause, 0)
if wait > longest then return -wait end
redis.call('SET', KEYS[1], string.format('%.0f', due + interval), 'PX', math.ceil((due + interval - now) / 1000) + 1000)
return wait
"""
PAUSE = """
if redis.call('PTTL', KEYS[1]) < tonumber(ARGV[1]) then redis.call('SET', KEYS[1], '', 'PX', ARGV[1]) end
return 0
"""
SECOND = 1_000_000


class SharedRateLimit:
    """The rate limit of one provider. While Redis is down, this replica uses its part of it."""

    def __init__(self, redis: RedisClient, provider: str, requests_per_second: float, burst: float) -> None:
        self._redis, self._interval = redis, max(1, round(SECOND / requests_per_second))
        self._burst = max(self._interval, round(burst * SECOND / requests_per_second))
        self._keys = [f"{redis.settings.key_prefix}:{name}:{provider}" for name in ("rate", "pause")]
        part = max(1.0, burst / redis.settings.replicas)
        self._local = AsyncLimiter(part, part * redis.settings.replicas / requests_per_second)
        self._pause_tasks: set[asyncio.Task[None]] = set()

    async def acquire(self) -> None:
        """Wait for the next time slot.

        Raises:
            RateLimited: The slot is after the operation's deadline.
        """
        try:
            wait = await self._reserve(int(current().left() * SECOND))
        except RedisUnavailable:
            await self._local.acquire()
            return
        if wait < 0:
            raise RateLimited("is asked as often as it allows, or asks for fewer requests", retry_after=-wait // SECOND + 1)
        if wait:
            await asyncio.sleep(wait / SECOND)

    def pause(self, seconds: float) -> None:
        """Stop requests of all replicas for so many seconds."""
        task = asyncio.get_running_loop().create_task(self._pause(max(1, int(seconds * 1000))))
        self._pause_tasks.add(task)
        task.add_done_callback(self._pause_tasks.discard)

    async def _reserve(self, longest_wait: int) -> int:
        return int(await self._redis.run_script(RESERVE, self._keys, [self._interval, self._burst, longest_wait]))

    async def _pause(self, milliseconds: int) -> None:
        with suppress(RedisUnavailable):
            await self._redis.run_script(PAUSE, self._keys[1:], [milliseconds])
