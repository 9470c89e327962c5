"""Authentication: accounts, the keys of service accounts, and the caller of a request."""

import json
import time
from dataclasses import dataclass, field
from functools import cache
from typing import Any

import jwt
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa

from telegraphql.plugins.voximplant.sandbox.errors import (
    AUTHORIZATION_FAILED,
    INVALID_TOKEN_FORMAT,
    INVALID_TOKEN_TTL,
    TOKEN_EXPIRED,
    TOKEN_FROM_FUTURE,
    ErrorReply,
)

MAX_TOKEN_SECONDS = 3600
OWNER = "Owner"
SKIPPED_CHECKS = {"verify_exp": False, "verify_iat": False, "verify_nbf": False, "verify_aud": False, "verify_iss": False}


@dataclass(frozen=True, slots=True)
class SandboxAccount:
    """An account. The keys of a parent also act on its children."""

    number: int
    name: str
    api_key: str = field(repr=False)
    zone: str
    parent: int | None = None


@dataclass(frozen=True, slots=True)
class SandboxServiceKey:
    """The key of a service account."""

    account: int
    key_id: str
    role: str
    private: rsa.RSAPrivateKey = field(repr=False)

    @classmethod
    def new(cls, account: int, key_id: str, role: str = OWNER) -> "SandboxServiceKey":
        """Return the key of an account, with a key pair of its own."""
        return cls(account, key_id, role, _private_key(account, key_id))

    def file(self) -> str:
        """Return the JSON file that the control panel hands out."""
        pem = self.private.private_bytes(
            serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
        ).decode()
        return json.dumps({"account_id": self.account, "key_id": self.key_id, "private_key": pem}, indent=2)


@cache
def _private_key(account: int, key_id: str) -> rsa.RSAPrivateKey:
    """Return the private key of a service account. Cached, since making one takes 100 ms."""
    return rsa.generate_private_key(public_exponent=65537, key_size=2048)


@dataclass(frozen=True, slots=True)
class ActingAccount:
    """The account that a request acts on, and the caller's role there."""

    account: SandboxAccount
    role: str = OWNER


class Authenticator:
    """Identifies callers by their token or API key."""

    def __init__(self, accounts: list[SandboxAccount], keys: list[SandboxServiceKey]) -> None:
        self.accounts = {account.number: account for account in accounts}
        self.keys = {key.key_id: key for key in keys}

    def caller(self, authorization: str | None, parameters: dict[str, str]) -> ActingAccount:
        """Return the caller of a request.

        Raises:
            ErrorReply: The credentials are missing or invalid.
        """
        if authorization is not None:
            scheme, _, token = authorization.partition(" ")
            if scheme.lower() != "bearer":
                raise ErrorReply(AUTHORIZATION_FAILED, "Authorization failed.")
            return self._by_token(token.strip())
        return self._by_key(parameters)

    def children(self, account: SandboxAccount) -> list[SandboxAccount]:
        """Return the child accounts of an account."""
        return [each for each in self.accounts.values() if each.parent == account.number]

    def _by_key(self, parameters: dict[str, str]) -> ActingAccount:
        for account in self.accounts.values():
            is_named = parameters.get("account_id") == str(account.number) or parameters.get("account_name") == account.name
            if is_named and parameters.get("api_key") == account.api_key:
                return ActingAccount(account)
        raise ErrorReply(AUTHORIZATION_FAILED, "Authorization failed.")

    def _by_token(self, token: str) -> ActingAccount:
        key = self._key_of(token)
        try:
            claims = jwt.decode(token, key.private.public_key(), algorithms=["RS256"], options=SKIPPED_CHECKS)  # type: ignore[arg-type]
        except jwt.InvalidSignatureError:
            raise ErrorReply(AUTHORIZATION_FAILED, "Authorization failed.") from None
        except jwt.InvalidTokenError:
            raise ErrorReply(INVALID_TOKEN_FORMAT, "Invalid token format.") from None
        _check_times(claims)
        account = self.accounts.get(_number(claims.get("iss")))
        if account is None or key.account not in (account.number, account.parent):
            raise ErrorReply(AUTHORIZATION_FAILED, "Authorization failed.")
        return ActingAccount(account, key.role)

    def _key_of(self, token: str) -> SandboxServiceKey:
        try:
            header = jwt.get_unverified_header(token)
        except jwt.InvalidTokenError:
            raise ErrorReply(INVALID_TOKEN_FORMAT, "Invalid token format.") from None
        key = self.keys.get(header.get("kid", ""))
        if key is None:
            raise ErrorReply(AUTHORIZATION_FAILED, "Authorization failed.")
        return key


def _check_times(claims: dict[str, Any]) -> None:
    issued, expires, now = claims.get("iat"), claims.get("exp"), time.time()
    if not isinstance(issued, int) or not isinstance(expires, int) or "iss" not in claims:
        raise ErrorReply(INVALID_TOKEN_FORMAT, "Invalid token format.")
    if expires - issued > MAX_TOKEN_SECONDS:
        raise ErrorReply(INVALID_TOKEN_TTL, "The token lives too long.")
    if issued > now:
        raise ErrorReply(TOKEN_FROM_FUTURE, "The token is issued in the future.")
    if expires <= now:
        raise ErrorReply(TOKEN_EXPIRED, "The token is expired.")


def _number(issuer: object) -> int:
    """Return the issuer as a number. The vendor's two clients send it as a number and as text."""
    return int(issuer) if isinstance(issuer, int) or (isinstance(issuer, str) and issuer.isdigit()) else 0
