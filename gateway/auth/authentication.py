"""Authentication: the credential of a request, which caller it belongs to, and whether that caller still has access."""

import time
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from typing import Any

from telegraphql.gateway.auth.api_keys import PREFIX, Keyring
from telegraphql.gateway.auth.caller import LOCAL, NOBODY, Caller, without_access
from telegraphql.gateway.auth.jwt import TOKEN_NAMES, JwtVerifier
from telegraphql.gateway.auth.settings import CallersSettings, KeySettings
from telegraphql.gateway.errors import SettingsError, Unauthenticated

REFUSED = "the API key or token is unknown, revoked or expired"
MAX_LENGTH = 16_384
CREDENTIAL_HEADERS = (b"authorization", b"x-api-key")
HEADERS_BY_PAYLOAD_KEY = {"authorization": b"authorization", "apikey": b"x-api-key", "x-api-key": b"x-api-key"}
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
        is_key = self._jwt is None or credential.startswith(PREFIX)
        caller = self._keys.owner(credential) if is_key else await self._jwt.owner(credential)  # type: ignore[union-attr]
        if caller is None or self._has_expired(caller):
            raise Unauthenticated(REFUSED)
        return caller

    def refresh(self, caller: Caller) -> Caller:
        """Return the caller with its present rights: none if it was removed, revoked or has expired."""
        if self.is_open or caller is NOBODY:
            return caller
        present = self._present(caller)
        return without_access(caller) if present is None or self._has_expired(present) else present

    def _present(self, caller: Caller) -> Caller | None:
        if caller.signing_key:
            return None if self._jwt is None else self._jwt.present(caller)
        if self._anonymous is not None and caller.name == self._anonymous.name:
            return self._anonymous
        found = self._keys.by_name.get(caller.name)
        return found if found is not None and found.credential_digest == caller.credential_digest else None

    async def link_owner(self, name: str, stamp: Sequence[str]) -> Caller | None:
        """Return the caller for whom a link was signed, with its present rights; None if its credentials hold no more."""
        if self.is_open:
            return LOCAL if name == LOCAL.name else None
        if name.startswith(TOKEN_NAMES):
            found = None if self._jwt is None else await self._jwt.link_owner(name, stamp)
        else:
            is_anonymous = self._anonymous is not None and name == self._anonymous.name
            found = self._anonymous if is_anonymous else self._keys.by_name.get(name)
            found = found if found is not None and found.stamp == tuple(stamp) else None
        return None if found is None or self._has_expired(found) else found

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


def credential_from_headers(headers: Iterable[tuple[bytes, bytes]]) -> str | None:
    """Return the key or token in `Authorization: Bearer` or `X-API-Key`.

    None: there is neither header. "": a header cannot hold a credential, or two headers hold different ones.
    """
    found = [_credential(name, value) for name, value in headers if name in CREDENTIAL_HEADERS]
    # Of two different ones, a proxy in between may have checked the other.
    return None if not found else found[0] if len(set(found)) == 1 else ""


def credential_from_payload(payload: Any) -> str | None:
    """Return the key or token in the payload of graphql-transport-ws' connection_init.

    Browsers cannot set headers on a WebSocket. The payload may hold the headers at its top level or under `headers`.
    """
    if not isinstance(payload, Mapping):
        return None
    nested = payload.get("headers")
    entries = {**(nested if isinstance(nested, Mapping) else {}), **payload}
    texts = [(str(name).lower(), value) for name, value in entries.items() if isinstance(value, str)]
    return credential_from_headers(
        (HEADERS_BY_PAYLOAD_KEY[name], value.encode("utf-8", "surrogatepass")) for name, value in texts if name in HEADERS_BY_PAYLOAD_KEY
    )


def _credential(header: bytes, value: bytes) -> str:
    text = value.decode("latin-1").strip()
    if header == b"authorization":
        scheme, _, text = text.partition(" ")
        if scheme.lower() != "bearer":
            return ""
    text = text.strip()
    return text if len(text) <= MAX_LENGTH and text.isascii() else ""
