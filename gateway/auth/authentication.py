"""Authentication: from a credential to a caller, and whether a caller is still one."""

import time
from collections.abc import Callable, Collection

from telegraphql.gateway.auth.api_keys import PREFIX, Keyring
from telegraphql.gateway.auth.caller import LOCAL, NOBODY, Caller, Scope, gone
from telegraphql.gateway.auth.jwt import Tokens, token_credential
from telegraphql.gateway.auth.settings import CallersSettings, KeySettings
from telegraphql.gateway.errors import SettingsError, Unauthenticated

__all__ = ["Authentication", "key_credential", "token_credential"]
REFUSED = "these credentials are not good here: they are unknown, changed or have expired"
MISSING = "who are you? Send an API key or a token: Authorization: Bearer …"


class Authentication:
    """Everybody who may call, as the settings say."""

    def __init__(self, settings: CallersSettings, providers: Collection[str], revoked: Callable[[str], bool] | None = None) -> None:
        _check(settings, providers)
        self._revoked = revoked
        self.is_open = settings.is_open
        self._keys = Keyring(_caller(name, key) for name, key in settings.keys.items())
        self._tokens = None if settings.jwt is None else Tokens(settings.jwt, providers)
        self._anonymous = None if settings.anonymous is None else Caller("anonymous", frozenset(settings.anonymous))

    async def caller(self, credential: str | None) -> Caller:
        """Who brings a credential, or none. Unauthenticated where that is nobody; a wrong one never counts as none."""
        if self.is_open:
            return LOCAL
        if credential is None:
            if self._anonymous is None:
                raise Unauthenticated(MISSING)
            return self._anonymous
        found = await self._owner(credential)
        if found is None or self._is_over(found):
            raise Unauthenticated(REFUSED)
        return found

    async def _owner(self, credential: str) -> Caller | None:
        if credential.startswith(PREFIX) or self._tokens is None:
            return self._keys.owner(credential)
        return await self._tokens.owner(credential)

    def still(self, caller: Caller) -> Caller:
        """What a caller may do by now; those who are no longer known or whose time is over may do nothing."""
        if self.is_open or caller is NOBODY:
            return caller
        now = self._now(caller)
        return gone(caller) if now is None or self._is_over(now) else now

    def _now(self, caller: Caller) -> Caller | None:
        if self._tokens is not None and caller.proof == self._tokens.proof:
            return caller
        if self._anonymous is not None and caller.name == self._anonymous.name:
            return self._anonymous
        found = self._keys.by_name.get(caller.name)
        return found if found is not None and found.proof == caller.proof else None

    def may_fetch(self, name: str, provider: str) -> bool:
        """Whether the caller for whom a link was made may still fetch files of a provider. Links of tokens do not outlive them, so that
        it is enough that tokens are still taken."""
        if self.is_open:
            return name == LOCAL.name
        if name.startswith("jwt:"):
            return self._tokens is not None
        found = self._anonymous if self._anonymous is not None and name == self._anonymous.name else self._keys.by_name.get(name)
        return found is not None and not self._is_over(found) and Scope.MEDIA in found.scopes and found.sees(provider)

    def _is_over(self, caller: Caller) -> bool:
        if caller.until is not None and caller.until <= time.time():
            return True
        return self._revoked is not None and self._revoked(caller.credential)


def key_credential(hashed: str) -> str:
    """What a key is revoked by, from its hash in the settings."""
    return f"key:{hashed}"


def _caller(name: str, key: KeySettings) -> Caller:
    return Caller(
        name=name,
        scopes=frozenset(key.scopes),
        providers=None if key.providers is None else frozenset(key.providers),
        withhold=frozenset(key.redact),
        until=key.expires_at.timestamp() if key.expires_at else None,
        proof=bytes.fromhex(key.hash.removeprefix("sha256:")),
        credential=key_credential(key.hash),
    )


def _check(settings: CallersSettings, providers: Collection[str]) -> None:
    """SettingsError for a provider that nobody configured: a typing error must not become a list of nothing."""
    tables = [(f"keys.{name}", key.providers) for name, key in settings.keys.items()]
    if settings.jwt is not None:
        tables.append(("jwt", settings.jwt.providers))
    for where, named in tables:
        for name in named or ():
            if name not in providers:
                raise SettingsError(f"callers.{where}.providers: there is no provider {name!r}")
