"""Store: where kept answers are - bytes by key, over a backend of cashews: the memory of this process, bound by its bytes, or another."""

import time
from collections import Counter
from collections.abc import Hashable
from typing import Any, Protocol

from cashews.backends.memory import Memory

# What is not worth a share of the memory of its own, per answer: its key, its time, its place.
OVERHEAD = 200
# An answer that alone would take more than this part of the memory is not kept.
SHARE = 8
ENDLESS = 1 << 62


class Backend(Protocol):
    """What is needed of a backend of cashews."""

    async def get(self, key: str, default: Any = None) -> Any:
        """What stands under a key."""

    async def set(self, key: str, value: Any, expire: float | None = None, exist: bool | None = None) -> bool:
        """Put it there for so many seconds."""

    async def delete(self, key: str) -> bool:
        """Take it away."""

    async def delete_match(self, pattern: str) -> None:
        """Take all away whose keys match."""

    async def close(self) -> None:
        """Let go of it."""


class Store:
    """The one seam between what is kept and where. Keys begin with the account's name and a colon, which no name holds."""

    def __init__(self, backend: Backend) -> None:
        self.backend = backend
        self._changes: Counter[str] = Counter()

    def after(self, other: "Store") -> "Store":
        """What goes on in the place of another: the other itself, where it is of the same sort."""
        return other if type(other) is type(self) else self

    def changes(self, account: str) -> Hashable:
        """Another value after each time the account was cleared; what was asked before the last time is not kept after it."""
        return self._changes[account]

    async def get(self, key: str) -> bytes | None:
        """What is kept under a key."""
        found: bytes | None = await self.backend.get(key)
        return found

    async def newer(self, key: str) -> bytes | None:
        """What another may have kept since, where what is kept here is too old."""
        return None

    async def set(self, key: str, value: bytes, seconds: float) -> None:
        """Keep it for so long."""
        await self.backend.set(key, value, expire=seconds)

    async def drop(self, key: str) -> None:
        """Keep it no longer."""
        await self.backend.delete(key)

    async def clear(self, account: str) -> None:
        """Keep nothing of an account any longer."""
        self._changes[account] += 1
        await self.backend.delete_match(f"{account}:*")

    async def aclose(self) -> None:
        """Let go of the backend."""
        await self.backend.close()


class Bounded(Memory):
    """The memory of cashews, bound by bytes instead of entries: what was not read for longest goes first."""

    def __init__(self, most: int) -> None:
        # Without a task that looks for what has run out: that goes as room is needed, and nothing outlives whoever made this.
        super().__init__(size=ENDLESS, check_interval=0)
        self.most = most
        self.held = 0

    def _set(self, key: str, value: Any, expire: float | None = None) -> None:
        self._forget(key)
        size = _size(key, value)
        if size > self.most // SHARE:
            return
        super()._set(key, value, expire)
        self.held += size
        self._make_room()

    def _make_room(self) -> None:
        """Let go of what has run out where it is next in turn, and of as much more as it takes."""
        now = time.time()
        while self.store:
            key, (ends, _) = next(iter(self.store.items()))
            if self.held <= self.most and (ends is None or ends > now):
                return
            self._forget(key)

    def _forget(self, key: str) -> None:
        found = self.store.pop(key, None)
        if found is not None:
            self.held -= _size(key, found[1])

    async def _delete(self, key: str) -> bool:
        there = key in self.store
        self._forget(key)
        return there

    async def clear(self) -> None:
        """Let go of everything."""
        await super().clear()
        self.held = 0


def _size(key: str, value: Any) -> int:
    return len(key) + len(value) + OVERHEAD
