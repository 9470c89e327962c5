"""Store: keep cached answers as bytes by key, in the memory of this process or in another backend of cashews."""

import time
from collections import Counter
from collections.abc import Hashable
from typing import Any, Protocol

from cashews.backends.memory import Memory

# Bytes that an entry costs besides its key and value.
OVERHEAD = 200
# An answer that alone takes more than this part of the memory is not stored.
MAX_SHARE = 8
UNLIMITED = 1 << 62


class Backend(Protocol):
    """The part of a cashews backend that the store uses."""

    async def get(self, key: str, default: Any = None) -> Any:
        """Return the value of a key."""

    async def set(self, key: str, value: Any, expire: float | None = None, exist: bool | None = None) -> bool:
        """Store a value for `expire` seconds."""

    async def delete(self, key: str) -> bool:
        """Remove a key."""

    async def delete_match(self, pattern: str) -> None:
        """Remove all keys that match."""

    async def close(self) -> None:
        """Close the backend."""


class Store:
    """Cached answers by key. A key begins with the account's name and a colon; no account name holds a colon."""

    def __init__(self, backend: Backend) -> None:
        self.backend = backend
        self._changes: Counter[str] = Counter()

    def after(self, other: "Store") -> "Store":
        """Return the store that replaces another one: the other itself if it is of the same type."""
        return other if type(other) is type(self) else self

    def changes(self, account: str) -> Hashable:
        """Return a value that changes with each `clear` of the account. An answer requested before a clear is not stored after it."""
        return self._changes[account]

    async def get(self, key: str) -> bytes | None:
        """Return the value of a key."""
        found: bytes | None = await self.backend.get(key)
        return found

    async def newer(self, key: str) -> bytes | None:
        """Return a newer value that another replica may have stored."""
        return None

    async def set(self, key: str, value: bytes, seconds: float) -> None:
        """Store a value for so many seconds."""
        await self.backend.set(key, value, expire=seconds)

    async def drop(self, key: str) -> None:
        """Remove a key."""
        await self.backend.delete(key)

    async def clear(self, account: str) -> None:
        """Remove all keys of an account."""
        self._changes[account] += 1
        await self.backend.delete_match(f"{account}:*")

    async def aclose(self) -> None:
        """Close the backend."""
        await self.backend.close()


class MemoryBackend(Memory):
    """A memory backend that is bounded by bytes instead of entries: the least recently read entry is removed first."""

    def __init__(self, max_bytes: int) -> None:
        # No task that removes expired entries: they are removed as room is needed, and no task outlives this object.
        super().__init__(size=UNLIMITED, check_interval=0)
        self.max_bytes = max_bytes
        self.used_bytes = 0

    def _set(self, key: str, value: Any, expire: float | None = None) -> None:
        self._forget(key)
        size = _size(key, value)
        if size > self.max_bytes // MAX_SHARE:
            return
        super()._set(key, value, expire)
        self.used_bytes += size
        self._make_room()

    def _make_room(self) -> None:
        """Remove the oldest entries that have expired, and as many more as it takes."""
        now = time.time()
        while self.store:
            key, (ends, _) = next(iter(self.store.items()))
            if self.used_bytes <= self.max_bytes and (ends is None or ends > now):
                return
            self._forget(key)

    def _forget(self, key: str) -> None:
        found = self.store.pop(key, None)
        if found is not None:
            self.used_bytes -= _size(key, found[1])

    async def _delete(self, key: str) -> bool:
        there = key in self.store
        self._forget(key)
        return there

    async def clear(self) -> None:
        """Remove everything."""
        await super().clear()
        self.used_bytes = 0


def _size(key: str, value: Any) -> int:
    return len(key) + len(value) + OVERHEAD
