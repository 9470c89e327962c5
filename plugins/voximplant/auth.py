"""Tokens signed with a service account's key, by the upstream's clock.

Source: the vendor's guide on JWT (RS256, `kid` in the header, `iss`, `iat`, `exp` at most an hour later).
"""

import time
from dataclasses import dataclass, field
from email.utils import parsedate_to_datetime
from functools import lru_cache
from pathlib import Path

import jwt
import msgspec
from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey
from cryptography.hazmat.primitives.asymmetric.types import PrivateKeyTypes
from cryptography.hazmat.primitives.serialization import load_pem_private_key

BACKDATED_SECONDS = 5
TOKEN_SECONDS = 64
MIN_REMAINING_SECONDS = 30


class KeyFile(msgspec.Struct):
    """The vendor's format of a service account's key file."""

    account_id: int | str
    key_id: str
    private_key: str


@dataclass(frozen=True, slots=True)
class ServiceAccount:
    """A service account. Its repr shows no key."""

    account_id: str
    key_id: str
    key: RSAPrivateKey = field(repr=False)

    @classmethod
    def read(cls, path: str) -> "ServiceAccount":
        """Read the JSON key file that the control panel hands out.

        Raises:
            ValueError: The file cannot be read, or is not a valid key file.
        """
        try:
            content = msgspec.json.decode(Path(path).expanduser().read_bytes(), type=KeyFile)
            key = _key(content.private_key)
        except OSError as error:
            raise ValueError(f"credentials_file cannot be read: {error.strerror}") from None
        except (msgspec.DecodeError, ValueError, TypeError, UnsupportedAlgorithm):
            raise ValueError(
                "credentials_file is not a service account's JSON key file with account_id, key_id and private_key (PEM)"
            ) from None
        if not isinstance(key, RSAPrivateKey):
            raise ValueError("credentials_file contains a key that is not RSA")
        return cls(str(content.account_id), content.key_id, key)


@lru_cache(maxsize=64)
def _key(pem: str) -> PrivateKeyTypes:
    """Return the key of a PEM text. Cached, since its validation takes 30 ms."""
    return load_pem_private_key(pem.encode(), password=None)


class Signer:
    """Signs tokens for one account, and reuses each while enough of its lifetime remains."""

    def __init__(self, account: ServiceAccount, acts_as: str | None = None) -> None:
        self._account = account
        # PyJWT refuses a numeric issuer; the upstream accepts both.
        self._issuer = acts_as or account.account_id
        self._skew = 0.0
        self._token = ""
        self._expires_at = 0.0

    @property
    def token(self) -> str:
        """Return a token that is valid for at least another `MIN_REMAINING_SECONDS`."""
        if self._expires_at - self._now() < MIN_REMAINING_SECONDS:
            self._sign()
        return self._token

    @property
    def is_expired(self) -> bool:
        """Return True if the last token has expired."""
        return bool(self._token) and self._expires_at <= self._now()

    def forget(self) -> None:
        """Make the next request sign a new token."""
        self._expires_at = 0.0

    def set_clock(self, date: str | None) -> None:
        """Set the clock offset by the Date header of a response."""
        try:
            upstream_time = parsedate_to_datetime(date or "").timestamp()
        except ValueError:
            return
        self._skew = upstream_time - time.time()

    def _now(self) -> float:
        return time.time() + self._skew

    def _sign(self) -> None:
        now = int(self._now())
        self._expires_at = now + TOKEN_SECONDS
        claims = {"iss": self._issuer, "iat": now - BACKDATED_SECONDS, "exp": now + TOKEN_SECONDS}
        self._token = jwt.encode(claims, self._account.key, algorithm="RS256", headers={"kid": self._account.key_id})
