"""Tokens: JWTs of an identity provider, verified once and then remembered until they run out."""

import hashlib
import time
from collections.abc import Collection, Mapping
from typing import Any

import jwt

from telegraphql.gateway.auth.caller import Caller, Scope
from telegraphql.gateway.auth.jwks import KeySet, of_file
from telegraphql.gateway.auth.settings import JwtSettings

MOST_REMEMBERED = 4096
MOST_NAME = 200
# The year 9999: no later moment can be shown.
MAX_EXPIRY = 253_402_300_799
REFUSED = (jwt.PyJWTError, ValueError, TypeError, ArithmeticError, RecursionError)


class Tokens:
    """Callers by their tokens."""

    def __init__(self, settings: JwtSettings, providers: Collection[str]) -> None:
        self._settings = settings
        self._most = frozenset(providers if settings.providers is None else settings.providers)
        given = of_file(settings.jwks_file) if settings.jwks_file else None
        self._keys = KeySet(settings.jwks_url, given, settings.jwks_refresh_interval, settings.jwks_cooldown, settings.jwks_timeout)
        # By the hash of a token, not by the token: memory holds no credentials longer than a request.
        self._remembered: dict[bytes, Caller] = {}
        self._generation = 0
        self.proof = hashlib.sha256(f"{settings.issuer}\n{settings.audience}".encode()).digest()

    async def owner(self, token: str) -> Caller | None:
        """Whose token it is; None where it is not good."""
        mark = hashlib.sha256(token.encode()).digest()
        await self._keys.keep()
        self._forget_old_keys()
        found = self._remembered.get(mark)
        if found is None:
            found = await self._verified(token)
            self._forget_old_keys()
            if found is not None:
                self._remember(mark, found)
        return found if found is not None and (found.until or 0) > time.time() else None

    def _forget_old_keys(self) -> None:
        """What was signed with a key that is withdrawn is no longer good."""
        if self._generation != self._keys.generation:
            self._generation = self._keys.generation
            self._remembered.clear()

    def _remember(self, mark: bytes, caller: Caller) -> None:
        while len(self._remembered) >= MOST_REMEMBERED:
            del self._remembered[next(iter(self._remembered))]
        self._remembered[mark] = caller

    async def _verified(self, token: str) -> Caller | None:
        try:
            header = jwt.get_unverified_header(token)
            algorithm, kid = header.get("alg"), header.get("kid")
            if algorithm not in self._settings.algorithms or not isinstance(kid, str | None):
                return None
            key = await self._keys.key(kid)
            # A key that says its algorithm is for no other; where it says none, PyJWT holds its type against the token's.
            if key is None or key.algorithm not in (None, algorithm):
                return None
            return self._caller(self._claims(token, key.public, algorithm))
        except REFUSED:
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

    def _caller(self, claims: Mapping[str, Any]) -> Caller | None:
        subject = claims["sub"]
        expiry = float(claims["exp"])
        if not 0 < expiry <= MAX_EXPIRY:
            return None
        if not isinstance(subject, str) or not subject or len(subject) > MOST_NAME or not subject.isprintable():
            return None
        return Caller(
            name=f"jwt:{subject}",
            scopes=self._scopes(claims),
            providers=self._providers(claims),
            withhold=frozenset(self._settings.redact),
            until=expiry + self._settings.leeway.total_seconds(),
            proof=self.proof,
            credential=token_credential(self._settings.issuer, claims.get("jti")),
        )

    def _scopes(self, claims: Mapping[str, Any]) -> frozenset[Scope]:
        said = claims.get(self._settings.scopes_claim)
        if said is None:
            return frozenset(self._settings.default_scopes)
        words = _words(said)
        return frozenset(scope for scope in Scope if scope.value in words)

    def _providers(self, claims: Mapping[str, Any]) -> frozenset[str] | None:
        if self._settings.providers_claim is None:
            return None if self._settings.providers is None else self._most
        return self._most & _words(claims.get(self._settings.providers_claim))


def token_credential(issuer: str, jti: Any) -> str:
    """What a token is revoked by; a token without a `jti` cannot be."""
    return f"jti:{issuer}:{jti}" if isinstance(jti, str) and jti else ""


def _words(said: Any) -> frozenset[str]:
    """A claim as words: text is split at spaces, as OAuth's `scope` is."""
    if isinstance(said, str):
        return frozenset(said.split())
    return frozenset(each for each in said if isinstance(each, str)) if isinstance(said, list) else frozenset()
