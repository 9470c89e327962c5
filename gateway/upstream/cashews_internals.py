"""Internals of cashews that the cache uses beyond its documentation, read from cashews 7.6.0.

It uses the entries of `Memory`, and the methods by which it sets and deletes one.
"""

import time
from typing import Any

from cashews.backends.memory import Memory

# Bytes that an entry costs besides its key and value.
OVERHEAD = 200
# An answer that alone takes more than this part of the memory is not stored.
MAX_SHARE = 8
UNLIMITED = 1 << 62


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

    def shrink(self, max_bytes: int) -> None:
        """Remove the least recently read entries until they take no more than so many bytes."""
        while self.used_bytes > max_bytes:
            self._forget(next(iter(self.store)))

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
