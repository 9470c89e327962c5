"""Caller: who asks, and what they may do and see."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import TypeVar

from telegraphql.gateway.errors import NotAllowed, Unauthenticated

T = TypeVar("T")


class Scope(StrEnum):
    """What a caller may do. None holds another: a caller may write without reading."""

    READ = "read"
    MEDIA = "media"
    WRITE = "write"
    ADMIN = "admin"


class Withheld(StrEnum):
    """What a caller is not shown."""

    NATIVE = "native"
    PERSONAL = "personal"


@dataclass(frozen=True, slots=True)
class Caller:
    """Someone who asks. `providers` None means all; any others do not exist for this caller. `until` is when the credentials run out,
    in seconds since 1970; `proof` tells one name's credentials from its next ones; they are revoked by `credential`; `gone` says that they
    were good once."""

    name: str
    scopes: frozenset[Scope] = frozenset(Scope)
    providers: frozenset[str] | None = None
    withhold: frozenset[Withheld] = frozenset()
    until: float | None = None
    proof: bytes = field(default=b"", repr=False)
    credential: str = field(default="", repr=False)
    gone: bool = False

    def seen(self, providers: Mapping[str, T]) -> dict[str, T]:
        """What is left of something kept by provider."""
        return {name: each for name, each in providers.items() if self.providers is None or name in self.providers}

    def sees(self, provider: str) -> bool:
        """Whether a provider exists for this caller."""
        return self.providers is None or provider in self.providers

    def needs(self, scope: Scope) -> None:
        """Raise unless this caller has a scope."""
        if scope in self.scopes:
            return
        if self.gone:
            raise Unauthenticated("these credentials were good once, but no longer: connect again with new ones")
        raise NotAllowed(f"this needs the scope {scope.value}, which your credentials do not have", scope.value)

    @property
    def withholds_personal(self) -> bool:
        """Whether personal fields are kept from this caller."""
        return Withheld.PERSONAL in self.withhold

    @property
    def withholds_native(self) -> bool:
        """Whether the upstream's own records are kept from this caller: they hold everything that is personal as well."""
        return bool(self.withhold)


LOCAL = Caller("local")
# For those who have proved nothing: the page, and how the server is.
NOBODY = Caller("nobody", frozenset(), frozenset(), frozenset(Withheld))


def gone(caller: Caller) -> Caller:
    """What is left of a caller whose credentials are no longer good."""
    return Caller(caller.name, frozenset(), frozenset(), frozenset(Withheld), gone=True)
