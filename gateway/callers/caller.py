"""Caller: who asks, and what they may do and see."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import TypeVar

T = TypeVar("T")


class Scope(StrEnum):
    """What a caller may do."""

    READ = "read"
    MEDIA = "media"
    WRITE = "write"
    ADMIN = "admin"


@dataclass(frozen=True, slots=True)
class Caller:
    """Someone who asks. `providers` None means all; any others do not exist for this caller."""

    name: str
    scopes: frozenset[Scope] = frozenset(Scope)
    providers: frozenset[str] | None = None

    def seen(self, providers: Mapping[str, T]) -> dict[str, T]:
        """What is left of something kept by provider."""
        return {name: each for name, each in providers.items() if self.providers is None or name in self.providers}


LOCAL = Caller("local")
