"""Revoked credentials, refused by all replicas.

Entries are only added, and expire. Each replica keeps what it has read, uses it while Redis is down, and restores it to a server that has
lost it.
"""

import asyncio
import logging
import time
from typing import Any

from redis.asyncio import Redis

from telegraphql.gateway.cluster.encryption import Encryption
from telegraphql.gateway.cluster.redis import RedisClient, RedisUnavailable

log = logging.getLogger("telegraphql")
# Seconds between two checks whether the list has changed.
CHECK_INTERVAL = 0.25
# Seconds after which the list is read even if its version is unchanged: whoever can write to the server could remove entries.
FULL_READ_INTERVAL = 60.0


class RevocationList:
    """The revoked credentials known to this replica, by the hash of their revocation id."""

    def __init__(self, redis: RedisClient, encryption: Encryption) -> None:
        self._redis, self._encryption = redis, encryption
        self._keys = f"{redis.settings.key_prefix}:revoked", f"{redis.settings.key_prefix}:revoked:version"
        self._expiry_by_name: dict[str, float] = {}
        self._version: Any = None
        self._read_at = 0.0
        self._outage_is_logged = False

    def contains(self, revocation_id: str) -> bool:
        """Return True if a credential is revoked, as far as this replica knows."""
        return bool(self._expiry_by_name) and self._expiry_by_name.get(self._name(revocation_id), 0.0) > time.time()

    def copy_from(self, other: "RevocationList") -> None:
        """Take over the entries of another list."""
        self._expiry_by_name, self._outage_is_logged = dict(other._expiry_by_name), other._outage_is_logged

    async def add(self, revocation_id: str, expires_at: float) -> None:
        """Revoke a credential until a time, in seconds since 1970.

        Raises:
            RedisUnavailable: Nothing was revoked.
        """
        name = self._name(revocation_id)
        await self._redis.execute(lambda redis: _add(redis, self._keys, {name: expires_at}))
        self._expiry_by_name[name] = expires_at

    async def keep_updated(self) -> None:
        """Read changes of the list until cancelled."""
        while True:
            try:
                await self.update()
                self._outage_is_logged = False
            except RedisUnavailable:
                self._log_outage()
            except Exception as error:
                # If the task ended here, later revocations would go unnoticed.
                log.error("the list of revoked keys and tokens cannot be read: %s", type(error).__name__, exc_info=error)
            await asyncio.sleep(CHECK_INTERVAL)

    async def update(self) -> None:
        """Read the list if its version has changed.

        Raises:
            RedisUnavailable: The server is down.
        """
        version: Any = await self._redis.execute(lambda redis: redis.get(self._keys[1]))
        now = asyncio.get_running_loop().time()
        if version is None or version != self._version or now - self._read_at >= FULL_READ_INTERVAL:
            await self._read()
            self._version, self._read_at = version, now

    async def _read(self) -> None:
        now = time.time()
        rows: Any = await self._redis.execute(lambda redis: redis.zrangebyscore(self._keys[0], now, "inf", withscores=True))
        # Names that others wrote there match no credential.
        stored: dict[str, float] = {name.decode(errors="replace"): expires_at for name, expires_at in rows}
        missing = {
            name: expires_at for name, expires_at in self._expiry_by_name.items() if expires_at > now and stored.get(name, 0.0) < expires_at
        }
        self._expiry_by_name = stored | missing
        if missing:
            await self._redis.execute(lambda redis: _add(redis, self._keys, missing))
            log.warning("Redis had lost %s revocations of keys and tokens; this replica has restored them", len(missing))

    def _name(self, revocation_id: str) -> str:
        return self._encryption.hash_name("revoked", revocation_id)

    def _log_outage(self) -> None:
        if not self._outage_is_logged:
            self._outage_is_logged = True
            log.warning(
                "Redis is down: keys and tokens revoked from now on stay valid here until it is back (%s revocations are known)",
                len(self._expiry_by_name),
            )


async def _add(redis: Redis, keys: tuple[str, str], names: dict[str, float]) -> None:
    async with redis.pipeline(transaction=True) as transaction:
        transaction.zremrangebyscore(keys[0], 0, time.time())
        transaction.zadd(keys[0], names, gt=True)
        transaction.incr(keys[1])
        await transaction.execute()
