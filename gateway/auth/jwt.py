"""JSON Web Tokens of an identity provider, verified once and cached until they expire."""

import hashlib
import time
from collections.abc import Collection, Mapping, Sequence
from typing import Any

import jwt

from telegraphql.gateway.auth.caller import Caller, Scope
from telegraphql.gateway.auth.jwks import JwksClient, read_jwks_file
from telegraphql.gateway.auth.settings import JwtSettings

MAX_CACHED = 4096
# What a link keeps of a token: the settings that it was verified with, the mark of its key, and its revocation id.
STAMP_PARTS = 3
MAX_SUBJECT_LENGTH = 200
# What the names of callers with tokens begin with; that of no API key can.
TOKEN_NAMES = "jwt:"
# The year 9999: no later time can be shown.
MAX_EXPIRY = 253_402_300_799
# They only say how the keys are fetched, and how the console gets a token.
FETCH_SETTINGS = {"jwks_refresh_interval", "jwks_cooldown", "jwks_timeout", "console"}
INVALID = (jwt.PyJWTError, ValueError, TypeError, ArithmeticError, RecursionError)


class JwtVerifier:
    """Callers by their tokens."""

    def __init__(self, settings: JwtSettings, providers: Collection[str]) -> None:
        self._settings = settings
        self._allowed_providers = frozenset(providers if settings.providers is None else settings.providers)
        initial = read_jwks_file(settings.jwks_file) if settings.jwks_file else None
        self._jwks = JwksClient(settings.jwks_url, initial, settings.jwks_refresh_interval, settings.jwks_cooldown, settings.jwks_timeout)
        # By the digest of the token: memory holds no token longer than its request.
        self._cache: dict[bytes, Caller] = {}
        self._generation = 0
        # Of all settings that decide what a token may do: a caller of other ones has to be authenticated again.
        self.credential_digest = hashlib.sha256(settings.model_dump_json(exclude=FETCH_SETTINGS).encode()).digest()

    async def owner(self, token: str) -> Caller | None:
        """Return the caller with this token, or None if the token is not valid.

        Raises:
            Unverifiable: No keys of the issuer could be fetched so far.
        """
        digest = hashlib.sha256(token.encode()).digest()
        await self._jwks.refresh()
        self._drop_cache_of_old_keys()
        caller = self._cache.get(digest)
        if caller is None:
            caller = await self._verify(token)
            self._drop_cache_of_old_keys()
            if caller is not None:
                self._add(digest, caller)
        return caller if caller is not None and (caller.expires_at or 0) > time.time() else None

    def present(self, caller: Caller) -> Caller | None:
        """Return a caller whose token was verified some time ago; None if other settings hold since, or the issuer withdrew its key."""
        is_same = caller.credential_digest == self.credential_digest
        return caller if is_same and self._jwks.still_has(caller.signing_key) else None

    async def link_owner(self, name: str, stamp: Sequence[str]) -> Caller | None:
        """Return the caller of a token for which a link was signed. A link names a provider that the token could see."""
        if len(stamp) != STAMP_PARTS or stamp[0] != self.credential_digest[:8].hex():
            return None
        await self._jwks.refresh()
        if not self._jwks.still_has(stamp[1]):
            return None
        providers = None if self._settings.providers is None else self._allowed_providers
        return Caller(name, frozenset({Scope.MEDIA}), providers, frozenset(self._settings.redact), revocation_id=stamp[2])

    def _drop_cache_of_old_keys(self) -> None:
        """Clear the cache after a fetch: a key may have been withdrawn, and its tokens with it."""
        if self._generation != self._jwks.generation:
            self._generation = self._jwks.generation
            self._cache.clear()

    def _add(self, digest: bytes, caller: Caller) -> None:
        while len(self._cache) >= MAX_CACHED:
            del self._cache[next(iter(self._cache))]
        self._cache[digest] = caller

    async def _verify(self, token: str) -> Caller | None:
        try:
            header = jwt.get_unverified_header(token)
            algorithm, kid = header.get("alg"), header.get("kid")
            if algorithm not in self._settings.algorithms or not isinstance(kid, str | None):
                return None
            key = await self._jwks.key(kid)
            # A key that names an algorithm is for no other. If it names none, PyJWT checks the key's type.
            if key is None or key.algorithm not in (None, algorithm):
                return None
            return self._caller(self._claims(token, key.public, algorithm), key.mark)
        except INVALID:
            return None

    def _claims(self, token: str, key: Any, algorithm: str) -> Mapping[str, Any]:
        claims: Mapping[str, Any] = jwt.decode(
            token,
            key,
            algorithms=[algorithm],
            audience=self._settings.audience,
            issuer=self._settings.issuer,
            leeway=self._settings.leeway,
            options={"require": ["exp", "iss", "aud", "sub"]},
        )
        return claims

    def _caller(self, claims: Mapping[str, Any], signing_key: str) -> Caller | None:
        subject = claims["sub"]
        expiry = float(claims["exp"])
        if not 0 < expiry <= MAX_EXPIRY:
            return None
        if not isinstance(subject, str) or not subject or len(subject) > MAX_SUBJECT_LENGTH or not subject.isprintable():
            return None
        return Caller(
            name=f"{TOKEN_NAMES}{subject}",
            scopes=self._scopes(claims),
            providers=self._providers(claims),
            redact=frozenset(self._settings.redact),
            expires_at=expiry + self._settings.leeway.total_seconds(),
            credential_digest=self.credential_digest,
            revocation_id=token_revocation_id(self._settings.issuer, claims.get("jti")),
            signing_key=signing_key,
        )

    def _scopes(self, claims: Mapping[str, Any]) -> frozenset[Scope]:
        claim = claims.get(self._settings.scopes_claim)
        if claim is None:
            return frozenset(self._settings.default_scopes)
        words = _words(claim)
        return frozenset(scope for scope in Scope if scope.value in words)

    def _providers(self, claims: Mapping[str, Any]) -> frozenset[str] | None:
        if self._settings.providers_claim is None:
            return None if self._settings.providers is None else self._allowed_providers
        return self._allowed_providers & _words(claims.get(self._settings.providers_claim))


def token_revocation_id(issuer: str, jti: Any) -> str:
    """Return the id under which a token is revoked, from its `jti` claim; "" for a token without one, which cannot be revoked."""
    return f"jti:{issuer}:{jti}" if isinstance(jti, str) and jti else ""


def _words(claim: Any) -> frozenset[str]:
    """Return a claim as words: a list of texts, or a text split at spaces as OAuth's `scope` is (RFC 6749, section 3.3)."""
    if isinstance(claim, str):
        return frozenset(claim.split())
    return frozenset(each for each in claim if isinstance(each, str)) if isinstance(claim, list) else frozenset()
