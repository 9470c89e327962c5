"""Caller: the identity behind a request, with its scopes, visible providers and redactions, and what each scope allows."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Protocol, TypeVar

from telegraphql.gateway.errors import NotAllowed, Unauthenticated
from telegraphql.gateway.telemetry.request_context import CURRENT_REQUEST
from telegraphql.schema.record import Record


class Named(Protocol):
    """A provider with its configured name."""

    @property
    def name(self) -> str:
        """Return the name."""


T = TypeVar("T", bound=Named)


class Scope(StrEnum):
    """Permissions. Scopes are independent: `admin` does not include `read`."""

    READ = "read"
    MEDIA = "media"
    WRITE = "write"
    ADMIN = "admin"


# The scopes of commands that do not need `write`.
SCOPES_BY_COMMAND = {"deleteAll": Scope.ADMIN, "dictionary": Scope.READ}


class Redaction(StrEnum):
    """Data hidden from a caller."""

    NATIVE = "native"
    PERSONAL = "personal"
    RECORDINGS = "recordings"


@dataclass(frozen=True, slots=True)
class Caller:
    """The identity behind a request.

    Attributes:
        providers: The names of the only visible providers; None: all.
        expires_at: When the credentials expire, in seconds since 1970.
        credential_digest: Distinguishes the present credentials from later ones under the same name.
        revocation_id: The id under which the credentials can be revoked; "" if they cannot.
        signing_key: The mark of the issuer's key that signed the token; "" for an API key.
        expired: The credentials were valid once, but are no longer.
    """

    name: str
    scopes: frozenset[Scope] = frozenset(Scope)
    providers: frozenset[str] | None = None
    redact: frozenset[Redaction] = frozenset()
    expires_at: float | None = None
    credential_digest: bytes = field(default=b"", repr=False)
    revocation_id: str = field(default="", repr=False)
    signing_key: str = field(default="", repr=False)
    expired: bool = False

    def visible(self, providers: Mapping[str, T]) -> Mapping[str, T]:
        """Return the entries of a mapping of providers that this caller can see."""
        return providers if self.providers is None else {id: each for id, each in providers.items() if each.name in self.providers}

    def can_see(self, provider: str) -> bool:
        """Return True if the provider is visible to this caller. Other providers do not exist for it."""
        return self.providers is None or provider in self.providers

    def require(self, scope: str) -> None:
        """Check that this caller has a scope.

        Raises:
            NotAllowed: It has not.
            Unauthenticated: Its credentials have expired or were revoked since.
        """
        if scope in self.scopes:
            return
        if self.expired:
            raise Unauthenticated("your credentials have expired or were revoked; connect again with new ones")
        raise NotAllowed(f"this needs the scope {scope}, which your credentials do not have", str(scope))

    @property
    def stamp(self) -> tuple[str, ...]:
        """Return what a link keeps of the credentials for which it is made, so that it ends with them."""
        digest = self.credential_digest[:8].hex()
        return (digest, self.signing_key, self.revocation_id) if self.signing_key else (digest,)

    @property
    def redacts_recordings(self) -> bool:
        """Return True if the sound of recordings and voicemessages is hidden from this caller."""
        return Redaction.RECORDINGS in self.redact

    @property
    def redacts_personal(self) -> bool:
        """Return True if personal fields are hidden from this caller."""
        return Redaction.PERSONAL in self.redact

    @property
    def redacts_native(self) -> bool:
        """Return True if the upstream's own records are hidden from this caller. They contain all that can be hidden."""
        return bool(self.redact)


LOCAL = Caller("local")
# Names of built-in callers. Whoever has one of them has no credentials.
SHARED_NAMES = frozenset({"local", "nobody", "anonymous"})
# A request without credentials to the GraphiQL page or to /readyz.
NOBODY = Caller("nobody", frozenset(), frozenset(), frozenset(Redaction))


def without_access(caller: Caller) -> Caller:
    """Return the caller without any rights, for credentials that are no longer valid."""
    return Caller(caller.name, frozenset(), frozenset(), frozenset(Redaction), expired=True)


def payer_of(name: str) -> str:
    """Return who pays for what a caller of this name asks: itself, or its address if others come under the same name."""
    request = None if name not in SHARED_NAMES else CURRENT_REQUEST.get()
    return name if request is None else f"{name} at {request.address}"


def scope_of_kind(kind: type[Record]) -> Scope:
    """Return the scope that reading a kind requires."""
    return Scope(kind.declaration.scope)


def scope_of_command(name: str) -> Scope:
    """Return the scope that a command requires."""
    return SCOPES_BY_COMMAND.get(name, Scope.WRITE)
