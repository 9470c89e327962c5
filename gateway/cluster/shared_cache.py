"""Response cache that replicas share: a copy in this process over the one in Redis.

Each account has a tag in Redis, and every command of the account draws a new one. An entry carries the tag that was valid before its
request was sent, and counts only while the account still has this tag. A command at any replica thus invalidates the entries of all
replicas, and a response that arrives late cannot bring an old state back. The tag is read from Redis on every look-up.
"""

import asyncio
import secrets
import time
from collections.abc import Hashable
from contextlib import suppress
from typing import Any

import msgspec

from telegraphql.gateway.cluster.encryption import Encryption
from telegraphql.gateway.cluster.redis import RedisClient, RedisUnavailable
from telegraphql.gateway.upstream.cache_store import Backend, Store

TAG_BYTES = 12
# Seconds after which the tag of an unused account expires: longer than any entry.
TAG_TTL = 7 * 86_400


class SharedCacheEntry(msgspec.Struct, array_like=True):
    """A cached value with its account's tag and its expiry in seconds since 1970."""

    tag: bytes
    expires_at: float
    body: bytes


ENCODER = msgspec.msgpack.Encoder()
DECODER = msgspec.msgpack.Decoder(SharedCacheEntry)


class SharedCache(Store):
    """A cache in Redis with a local copy. While Redis is down, only the local copy is used."""

    def __init__(self, backend: Backend, redis: RedisClient, encryption: Encryption) -> None:
        super().__init__(backend)
        self._redis, self._encryption, self._prefix = redis, encryption, redis.settings.key_prefix
        self._tags: dict[str, bytes] = {}
        # Accounts cleared while Redis was down. They get a new tag before their entries in Redis are used again.
        self._pending_clears: set[str] = set()
        self._clearing: asyncio.Task[None] | None = None
        redis.on_reconnect.append(self._schedule_pending_clears)

    def after(self, other: Store) -> Store:
        """Return this cache with the local copy of another one."""
        if isinstance(other, SharedCache):
            self.backend, self._changes = other.backend, other._changes
            self._tags, self._pending_clears = other._tags, other._pending_clears
        return self

    def changes(self, account: str) -> Hashable:
        """Return a value that changes with each `clear` of the account, as far as this replica knows."""
        return self._changes[account], self._tags.get(account)

    async def get(self, key: str) -> bytes | None:
        """Return the value of a key."""
        account, before = key.partition(":")[0], self._changes[key.partition(":")[0]]
        local = await self._read_local(key, self._tags.get(account, b""))
        try:
            tag, encrypted = await self._read_redis(account, None if local else key)
            if local is not None and local.tag != tag:
                local, (tag, encrypted) = None, await self._read_redis(account, key)
        except RedisUnavailable:
            return local.body if local else None
        entry = local or (None if encrypted is None else await self._copy_to_local(key, encrypted))
        return entry.body if entry and entry.tag == tag and before == self._changes[account] else None

    async def newer(self, key: str) -> bytes | None:
        """Return a value that another replica may have stored since."""
        account = key.partition(":")[0]
        before = self._changes[account]
        with suppress(RedisUnavailable):
            tag, encrypted = await self._read_redis(account, key)
            entry = None if encrypted is None else await self._copy_to_local(key, encrypted)
            return entry.body if entry and entry.tag == tag and before == self._changes[account] else None
        return None

    async def set(self, key: str, value: bytes, seconds: float) -> None:
        """Store a value for so many seconds."""
        account = key.partition(":")[0]
        entry = ENCODER.encode(SharedCacheEntry(self._tags.get(account, b""), time.time() + seconds, value))
        await self.backend.set(key, entry, expire=seconds)
        if account in self._tags and account not in self._pending_clears:
            name = self._entry_name(key)
            encrypted = self._encryption.encrypt(name, entry)
            with suppress(RedisUnavailable):
                await self._redis.execute(lambda redis: redis.set(name, encrypted, px=max(1, int(seconds * 1000))))

    async def drop(self, key: str) -> None:
        """Remove a key."""
        await super().drop(key)
        with suppress(RedisUnavailable):
            await self._redis.execute(lambda redis: redis.delete(self._entry_name(key)))

    async def clear(self, account: str) -> None:
        """Invalidate all entries of an account at all replicas. While Redis is down, this is made up for when it is back."""
        self._pending_clears.add(account)
        await super().clear(account)
        with suppress(RedisUnavailable):
            await self._renew_tag(account)

    async def aclose(self) -> None:
        """Close the local copy. The Redis client is closed by its owner."""
        if self._clearing is not None:
            self._clearing.cancel()
        await super().aclose()

    async def _read_local(self, key: str, tag: bytes) -> SharedCacheEntry | None:
        body = await self.backend.get(key)
        entry = None if body is None else DECODER.decode(body)
        return entry if entry and entry.tag == tag else None

    async def _copy_to_local(self, key: str, encrypted: bytes) -> SharedCacheEntry | None:
        body = self._encryption.decrypt(self._entry_name(key), encrypted)
        try:
            entry = None if body is None else DECODER.decode(body)
        except msgspec.DecodeError:
            entry = None  # written by another version
        if body is None or entry is None:
            return None
        ttl = entry.expires_at - time.time()
        if ttl > 0:
            await self.backend.set(key, body, expire=ttl)
        return entry

    async def _read_redis(self, account: str, key: str | None) -> tuple[bytes, bytes | None]:
        """Return the account's tag and the encrypted entry of a key: in one round trip, unless the tag has yet to be drawn."""
        if account in self._pending_clears:
            return await self._renew_tag(account), None
        name = self._tag_name(account)
        names = [name] if key is None else [name, self._entry_name(key)]
        values: Any = await self._redis.execute(lambda redis: redis.mget(names))
        tag, *entries = values
        if tag is None:
            new, entries = secrets.token_bytes(TAG_BYTES), []
            existing: Any = await self._redis.execute(lambda redis: redis.set(name, new, ex=TAG_TTL, nx=True, get=True))
            tag = existing or new
        self._tags[account] = tag
        return tag, entries[0] if entries else None

    async def _renew_tag(self, account: str) -> bytes:
        """Draw a new tag. The clear stays pending if the account was cleared once more meanwhile."""
        new, before = secrets.token_bytes(TAG_BYTES), self._changes[account]
        await self._redis.execute(lambda redis: redis.set(self._tag_name(account), new, ex=TAG_TTL))
        if before == self._changes[account]:
            self._pending_clears.discard(account)
            self._tags[account] = new
        return new

    def _schedule_pending_clears(self) -> None:
        if self._pending_clears:
            self._clearing = asyncio.get_running_loop().create_task(self._run_pending_clears())

    async def _run_pending_clears(self) -> None:
        with suppress(RedisUnavailable):
            for account in list(self._pending_clears):
                await self._renew_tag(account)

    def _entry_name(self, key: str) -> str:
        return f"{self._prefix}:cache:{key}"

    def _tag_name(self, account: str) -> str:
        return f"{self._prefix}:cache-tag:{account}"
