"""Authentication: which caller a credential belongs to, and whether that caller still has access."""

import time
from collections.abc import Callable, Collection

from telegraphql.gateway.auth.api_keys import PREFIX, Keyring
from telegraphql.gateway.auth.caller import LOCAL, NOBODY, Caller, Scope, without_access
from telegraphql.gateway.auth.jwt import JwtVerifier
from telegraphql.gateway.auth.settings import CallersSettings, KeySettings
from telegraphql.gateway.errors import SettingsError, Unauthenticated

REFUSED = "the API key or token is unknown, revoked or expired"
MISSING = "credentials are missing: send an API key or a token, such as Authorization: Bearer …"


class Authentication:
    """The callers that the settings configure.

    Raises:
        SettingsError: A caller names a provider that is not configured.
    """

    def __init__(self, settings: CallersSettings, providers: Collection[str], is_revoked: Callable[[str], bool] | None = None) -> None:
        _check_providers(settings, providers)
        self._is_revoked = is_revoked
        self.is_open = settings.is_open
        self._keys = Keyring(_key_caller(name, key) for name, key in settings.keys.items())
        self._jwt = None if settings.jwt is None else JwtVerifier(settings.jwt, providers)
        self._anonymous = None if settings.anonymous is None else Caller("anonymous", frozenset(settings.anonymous))

    async def authenticate(self, credential: str | None) -> Caller:
        """Return the caller with this API key or token; without a credential, the anonymous caller.

        Raises:
            Unauthenticated: The credential is missing or not valid. A wrong credential is never treated as a missing one.
            Unverifiable: The token cannot be verified, since the issuer's keys cannot be fetched.
        """
        if self.is_open:
            return LOCAL
        if credential is None:
            if self._anonymous is None:
                raise Unauthenticated(MISSING)
            return self._anonymous
        caller = await self._owner(credential)
        if caller is None or self._has_expired(caller):
            raise Unauthenticated(REFUSED)
        return caller

    async def _owner(self, credential: str) -> Caller | None:
        if credential.startswith(PREFIX) or self._jwt is None:
            return self._keys.owner(credential)
        return await self._jwt.owner(credential)

    def refresh(self, caller: Caller) -> Caller:
        """Return the caller with its present rights: none if it was removed, revoked or has expired."""
        if self.is_open or caller is NOBODY:
            return caller
        present = self._present(caller)
        return without_access(caller) if present is None or self._has_expired(present) else present

    def _present(self, caller: Caller) -> Caller | None:
        if self._jwt is not None and caller.credential_digest == self._jwt.credential_digest:
            return caller
        if self._anonymous is not None and caller.name == self._anonymous.name:
            return self._anonymous
        found = self._keys.by_name.get(caller.name)
        return found if found is not None and found.credential_digest == caller.credential_digest else None

    def may_download(self, name: str, provider: str) -> bool:
        """Return True if the caller for whom a media link was signed may still download files of a provider.

        Links signed for a token expire with the token, so for those only the `jwt` setting is checked.
        """
        if self.is_open:
            return name == LOCAL.name
        if name.startswith("jwt:"):
            return self._jwt is not None
        found = self._anonymous if self._anonymous is not None and name == self._anonymous.name else self._keys.by_name.get(name)
        return found is not None and not self._has_expired(found) and Scope.MEDIA in found.scopes and found.can_see(provider)

    def _has_expired(self, caller: Caller) -> bool:
        if caller.expires_at is not None and caller.expires_at <= time.time():
            return True
        return self._is_revoked is not None and self._is_revoked(caller.revocation_id)


def key_revocation_id(key_hash: str) -> str:
    """Return the id under which an API key is revoked, from its hash in the settings."""
    return f"key:{key_hash}"


def _key_caller(name: str, key: KeySettings) -> Caller:
    return Caller(
        name=name,
        scopes=frozenset(key.scopes),
        providers=None if key.providers is None else frozenset(key.providers),
        redact=frozenset(key.redact),
        expires_at=key.expires_at.timestamp() if key.expires_at else None,
        credential_digest=bytes.fromhex(key.hash.removeprefix("sha256:")),
        revocation_id=key_revocation_id(key.hash),
    )


def _check_providers(settings: CallersSettings, providers: Collection[str]) -> None:
    tables = [(f"keys.{name}", key.providers) for name, key in settings.keys.items()]
    if settings.jwt is not None:
        tables.append(("jwt", settings.jwt.providers))
    for table, names in tables:
        for name in names or ():
            if name not in providers:
                raise SettingsError(f"callers.{table}.providers: no provider {name!r} is configured")
