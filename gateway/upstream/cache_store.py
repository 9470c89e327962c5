"""Store: keep cached answers as bytes by key, in the memory of this process or in another backend of cashews."""

from collections import Counter
from collections.abc import Hashable
from typing import Any, Protocol


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
