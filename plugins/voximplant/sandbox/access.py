"""AccessControl: accounts, their service accounts' keys, and who a request comes from."""

import json
import time
from dataclasses import dataclass, field
from typing import Any

import jwt
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa

from telegraphql.plugins.voximplant.sandbox.refused import (
    AUTHORIZATION_FAILED,
    INVALID_TOKEN_FORMAT,
    INVALID_TOKEN_TTL,
    TOKEN_EXPIRED,
    TOKEN_FROM_FUTURE,
    ErrorReply,
)

MOST_LIFE = 3600
OWNER = "Owner"
UNCHECKED = {"verify_exp": False, "verify_iat": False, "verify_nbf": False, "verify_aud": False, "verify_iss": False}


@dataclass(frozen=True, slots=True)
class SandboxAccount:
    """Who can be asked about; a child is looked after by its parent's keys too."""

    number: int
    name: str
    api_key: str = field(repr=False)
    zone: str
    parent: int | None = None


@dataclass(frozen=True, slots=True)
class ServiceKey:
    """A service account's key."""

    account: int
    key_id: str
    role: str
    private: rsa.RSAPrivateKey = field(repr=False)

    @classmethod
    def new(cls, account: int, key_id: str, role: str = OWNER) -> "ServiceKey":
        """A fresh pair."""
        return cls(account, key_id, role, rsa.generate_private_key(public_exponent=65537, key_size=2048))

    def file(self) -> str:
        """The JSON that the control panel hands out."""
        pem = self.private.private_bytes(
            serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
        ).decode()
        return json.dumps({"account_id": self.account, "key_id": self.key_id, "private_key": pem}, indent=2)


@dataclass(frozen=True, slots=True)
class ActingAccount:
    """The account that a request acts for, and its role there."""

    account: SandboxAccount
    role: str = OWNER


class AccessControl:
    """Tells callers by their token or API key."""

    def __init__(self, accounts: list[SandboxAccount], keys: list[ServiceKey]) -> None:
        self.accounts = {account.number: account for account in accounts}
        self.keys = {key.key_id: key for key in keys}

    def caller(self, authorization: str | None, given: dict[str, str]) -> ActingAccount:
        """Who asks; ErrorReply where that is not certain."""
        if authorization is not None:
            scheme, _, token = authorization.partition(" ")
            if scheme.lower() != "bearer":
                raise ErrorReply(AUTHORIZATION_FAILED, "Authorization failed.")
            return self._by_token(token.strip())
        return self._by_key(given)

    def children(self, account: SandboxAccount) -> list[SandboxAccount]:
        """The accounts below one."""
        return [each for each in self.accounts.values() if each.parent == account.number]

    def _by_key(self, given: dict[str, str]) -> ActingAccount:
        for account in self.accounts.values():
            named = given.get("account_id") == str(account.number) or given.get("account_name") == account.name
            if named and given.get("api_key") == account.api_key:
                return ActingAccount(account)
        raise ErrorReply(AUTHORIZATION_FAILED, "Authorization failed.")

    def _by_token(self, token: str) -> ActingAccount:
        key = self._key_of(token)
        try:
            claims = jwt.decode(token, key.private.public_key(), algorithms=["RS256"], options=UNCHECKED)  # type: ignore[arg-type]
        except jwt.InvalidSignatureError:
            raise ErrorReply(AUTHORIZATION_FAILED, "Authorization failed.") from None
        except jwt.InvalidTokenError:
            raise ErrorReply(INVALID_TOKEN_FORMAT, "Invalid token format.") from None
        _check_times(claims)
        account = self.accounts.get(_number(claims.get("iss")))
        if account is None or key.account not in (account.number, account.parent):
            raise ErrorReply(AUTHORIZATION_FAILED, "Authorization failed.")
        return ActingAccount(account, key.role)

    def _key_of(self, token: str) -> ServiceKey:
        try:
            header = jwt.get_unverified_header(token)
        except jwt.InvalidTokenError:
            raise ErrorReply(INVALID_TOKEN_FORMAT, "Invalid token format.") from None
        key = self.keys.get(header.get("kid", ""))
        if key is None:
            raise ErrorReply(AUTHORIZATION_FAILED, "Authorization failed.")
        return key


def _check_times(claims: dict[str, Any]) -> None:
    issued, dies, now = claims.get("iat"), claims.get("exp"), time.time()
    if not isinstance(issued, int) or not isinstance(dies, int) or "iss" not in claims:
        raise ErrorReply(INVALID_TOKEN_FORMAT, "Invalid token format.")
    if dies - issued > MOST_LIFE:
        raise ErrorReply(INVALID_TOKEN_TTL, "The token lives too long.")
    if issued > now:
        raise ErrorReply(TOKEN_FROM_FUTURE, "The token is issued in the future.")
    if dies <= now:
        raise ErrorReply(TOKEN_EXPIRED, "The token is expired.")


def _number(issuer: object) -> int:
    """Both of the vendor's clients are right: the issuer may be a number or text."""
    return int(issuer) if isinstance(issuer, int) or (isinstance(issuer, str) and issuer.isdigit()) else 0
