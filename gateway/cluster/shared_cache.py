"""Answers: kept answers that replicas share. The nearest copy is in this process; whether it still counts is asked on every read.

Each account has a mark in the shared store, drawn anew by every command. What is kept bears the mark that was seen before it was asked
for: a command at any replica makes it worthless at all of them, and no late answer can bring back what was before."""

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

MARK = 12
# For how long an account that nobody asks keeps its mark: longer than anything is kept.
REMEMBERED = 7 * 86_400


class SharedCacheEntry(msgspec.Struct, array_like=True):
    """What is kept, with its account's mark at the time, and until when."""

    mark: bytes
    ends: float
    body: bytes


ENCODER = msgspec.msgpack.Encoder()
DECODER = msgspec.msgpack.Decoder(SharedCacheEntry)


class SharedCache(Store):
    """A store of all replicas over the memory of this process, which is all there is while the shared one is away."""

    def __init__(self, backend: Backend, line: RedisClient, box: Encryption) -> None:
        super().__init__(backend)
        self._line, self._box, self._prefix = line, box, line.settings.key_prefix
        self._marks: dict[str, bytes] = {}
        # Accounts that were cleared while the shared store was away, which must hear of it before it is believed again.
        self._owed: set[str] = set()
        self._paying: asyncio.Task[None] | None = None
        line.returned.append(self._returned)

    def after(self, other: Store) -> Store:
        """The same memory, with this one's connection."""
        if isinstance(other, SharedCache):
            self.backend, self._changes = other.backend, other._changes
            self._marks, self._owed = other._marks, other._owed
        return self

    def changes(self, account: str) -> Hashable:
        """Another value after each time the account was cleared, as far as it is known here."""
        return self._changes[account], self._marks.get(account)

    async def get(self, key: str) -> bytes | None:
        """What is kept under a key, here or there."""
        account, before = key.partition(":")[0], self._changes[key.partition(":")[0]]
        near = await self._near(key, self._marks.get(account, b""))
        try:
            mark, far = await self._read(account, None if near else key)
            if near is not None and near.mark != mark:
                near, (mark, far) = None, await self._read(account, key)
        except RedisUnavailable:
            return near.body if near else None
        found = near or (None if far is None else await self._fetched(key, far))
        return found.body if found and found.mark == mark and before == self._changes[account] else None

    async def newer(self, key: str) -> bytes | None:
        """What another replica may have kept since."""
        account = key.partition(":")[0]
        before = self._changes[account]
        with suppress(RedisUnavailable):
            mark, far = await self._read(account, key)
            found = None if far is None else await self._fetched(key, far)
            return found.body if found and found.mark == mark and before == self._changes[account] else None
        return None

    async def set(self, key: str, value: bytes, seconds: float) -> None:
        """Keep it for so long, here and there."""
        account = key.partition(":")[0]
        tagged = ENCODER.encode(SharedCacheEntry(self._marks.get(account, b""), time.time() + seconds, value))
        await self.backend.set(key, tagged, expire=seconds)
        if account in self._marks and account not in self._owed:
            name = self._name(key)
            with suppress(RedisUnavailable):
                await self._line.ask(lambda redis: redis.set(name, self._box.lock(name, tagged), px=max(1, int(seconds * 1000))))

    async def drop(self, key: str) -> None:
        """Keep it no longer."""
        await super().drop(key)
        with suppress(RedisUnavailable):
            await self._line.ask(lambda redis: redis.delete(self._name(key)))

    async def clear(self, account: str) -> None:
        """Keep nothing of an account any longer, at any replica; where they cannot hear of it they will as soon as they can."""
        self._owed.add(account)
        await super().clear(account)
        with suppress(RedisUnavailable):
            await self._pay(account)

    async def aclose(self) -> None:
        """Let go of the memory; the connection is another's."""
        if self._paying is not None:
            self._paying.cancel()
        await super().aclose()

    async def _near(self, key: str, mark: bytes) -> SharedCacheEntry | None:
        found = await self.backend.get(key)
        tagged = None if found is None else DECODER.decode(found)
        return tagged if tagged and tagged.mark == mark else None

    async def _fetched(self, key: str, locked: bytes) -> SharedCacheEntry | None:
        """What the shared store has, from now on here as well."""
        body = self._box.open(self._name(key), locked)
        try:
            tagged = None if body is None else DECODER.decode(body)
        except msgspec.DecodeError:
            tagged = None  # written by another version
        if body is None or tagged is None:
            return None
        left = tagged.ends - time.time()
        if left > 0:
            await self.backend.set(key, body, expire=left)
        return tagged

    async def _read(self, account: str, key: str | None) -> tuple[bytes, bytes | None]:
        """The account's mark, and what is kept under a key: one round trip, but for the first of all."""
        if account in self._owed:
            return await self._pay(account), None
        name = self._mark_name(account)
        names = [name] if key is None else [name, self._name(key)]
        told: Any = await self._line.ask(lambda redis: redis.mget(names))
        mark, *found = told
        if mark is None:
            fresh, found = secrets.token_bytes(MARK), []
            before: Any = await self._line.ask(lambda redis: redis.set(name, fresh, ex=REMEMBERED, nx=True, get=True))
            mark = before or fresh
        self._marks[account] = mark
        return mark, found[0] if found else None

    async def _pay(self, account: str) -> bytes:
        """Draw a new mark. It settles what is owed unless the account was cleared once more meanwhile."""
        fresh, before = secrets.token_bytes(MARK), self._changes[account]
        await self._line.ask(lambda redis: redis.set(self._mark_name(account), fresh, ex=REMEMBERED))
        if before == self._changes[account]:
            self._owed.discard(account)
            self._marks[account] = fresh
        return fresh

    def _returned(self) -> None:
        if self._owed:
            self._paying = asyncio.get_running_loop().create_task(self._pay_all())

    async def _pay_all(self) -> None:
        with suppress(RedisUnavailable):
            for account in list(self._owed):
                await self._pay(account)

    def _name(self, key: str) -> str:
        return f"{self._prefix}:answer:{key}"

    def _mark_name(self, account: str) -> str:
        return f"{self._prefix}:mark:{account}"
