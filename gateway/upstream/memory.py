"""Memory budget: what the process holds of upstream answers, cached answers and unsent bytes, and the most of it that it may.

It counts bytes instead of measuring the process, whose size says nothing about what is free inside of it.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from math import inf
from typing import Protocol

# A decoded row takes about twice the bytes of its text, and keeps the text.
DECODED_FACTOR = 3


class GivesWay(Protocol):
    """Kept bytes that can be had again, such as cached answers."""

    @property
    def used_bytes(self) -> int:
        """Return how many there are."""

    def shrink(self, max_bytes: int) -> None:
        """Forget all but so many of them."""


@dataclass(eq=False, slots=True)
class MemoryBudget:
    """The bytes that are held, and the most of them beyond which no further operation begins.

    Attributes:
        held: The bytes of answers that operations hold, those being read, and unsent bytes of responses.
        kept: What gives way first.
        on_release: Called when bytes are released, if there was no room before.
    """

    max_bytes: float = inf
    held: int = 0
    kept: GivesWay | None = None
    on_release: Callable[[], None] | None = field(default=None, repr=False)

    @property
    def has_room(self) -> bool:
        """Return True if a further operation may begin."""
        return self.held < self.max_bytes

    @property
    def used_bytes(self) -> int:
        """Return all bytes that count, those that give way included."""
        return self.held + (self.kept.used_bytes if self.kept is not None else 0)

    def hold(self, size: int) -> None:
        """Count bytes. What is kept gives way to them."""
        self.held += size
        if self.kept is not None and self.held + self.kept.used_bytes > self.max_bytes:
            self.kept.shrink(max(0, int(self.max_bytes) - self.held))

    def release(self, size: int) -> None:
        """Count bytes no more."""
        had_room = self.held < self.max_bytes
        self.held -= size
        if not had_room and self.on_release is not None:
            self.on_release()


# For work that no configuration limits, such as that of commands.
UNBOUNDED = MemoryBudget()
