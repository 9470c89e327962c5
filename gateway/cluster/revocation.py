"""Revoked: credentials that are refused at all replicas at once. The list only grows, until its entries run out: each replica keeps what it
has seen, goes by that while the shared store is away, and gives it back to a store that has lost it."""

import asyncio
import logging
import time
from typing import Any

from redis.asyncio import Redis

from telegraphql.gateway.cluster.encryption import Encryption
from telegraphql.gateway.cluster.redis import RedisClient, RedisUnavailable

log = logging.getLogger("telegraphql")
# Seconds between two looks whether the list has changed.
PULSE = 0.25
# Seconds after which it is read even so: who can write to the store could take something from it and leave the version as it was.
WHOLE = 60.0


class RevocationList:
    """The list as it is known here, by names from which nobody learns what is revoked."""

    def __init__(self, line: RedisClient, box: Encryption) -> None:
        self._line, self._box = line, box
        self._keys = f"{line.settings.key_prefix}:revoked", f"{line.settings.key_prefix}:revoked:version"
        self._known: dict[str, float] = {}
        self._version: Any = None
        self._read_at = 0.0
        self._is_told = False

    def holds(self, credential: str) -> bool:
        """Whether a credential is revoked, as far as is known here."""
        return bool(self._known) and self._known.get(self._box.name("revoked", credential), 0.0) > time.time()

    def after(self, other: "RevocationList") -> None:
        """Know at least what another does."""
        self._known = dict(other._known)

    async def add(self, credential: str, until: float) -> None:
        """Revoke a credential until a time, in seconds since 1970. Away where nobody would hear of it."""
        name = self._box.name("revoked", credential)
        await self._line.ask(lambda redis: _added(redis, self._keys, {name: until}))
        self._known[name] = until

    async def keep(self) -> None:
        """Know the list from now on."""
        while True:
            try:
                await self.refresh()
                self._is_told = False
            except RedisUnavailable:
                self._tell()
            except Exception as error:
                # Whoever ended here would hear of nothing that is revoked later.
                log.error("the list of revoked keys and tokens cannot be read: %s", type(error).__name__, exc_info=error)
            await asyncio.sleep(PULSE)

    async def refresh(self) -> None:
        """Look whether the list has changed."""
        version: Any = await self._line.ask(lambda redis: redis.get(self._keys[1]))
        now = asyncio.get_running_loop().time()
        if version is None or version != self._version or now - self._read_at >= WHOLE:
            await self._load()
            self._version, self._read_at = version, now

    async def _load(self) -> None:
        now = time.time()
        found: Any = await self._line.ask(lambda redis: redis.zrangebyscore(self._keys[0], now, "inf", withscores=True))
        # Anybody's names, of which only ours mean something.
        there: dict[str, float] = {name.decode(errors="replace"): until for name, until in found}
        missing = {name: until for name, until in self._known.items() if until > now and there.get(name, 0.0) < until}
        self._known = there | missing
        if missing:
            await self._line.ask(lambda redis: _added(redis, self._keys, missing))
            log.warning(
                "the shared store had lost the revocations of keys and tokens that are known here (%s); it has them again", len(missing)
            )

    def _tell(self) -> None:
        """Say once how things are, where nothing else does: with an empty list the store may only not have been there yet."""
        if not self._is_told:
            self._is_told = True
            log.warning("of revoked keys and tokens only those are known that were (%s), until the shared store is back", len(self._known))


async def _added(redis: Redis, keys: tuple[str, str], names: dict[str, float]) -> None:
    async with redis.pipeline(transaction=True) as both:
        both.zremrangebyscore(keys[0], 0, time.time())
        both.zadd(keys[0], names, gt=True)
        both.incr(keys[1])
        await both.execute()
