"""Auth: tokens signed with a service account's key, by the upstream's clock.

Source: the vendor's guide on JWT (RS256, `kid` in the header, `iss`, `iat`, `exp` at most an hour later)."""

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

BACKDATED = 5
LIFE = 64
SPARE = 30


class KeyFile(msgspec.Struct):
    """The vendor's own format of a service account's key."""

    account_id: int | str
    key_id: str
    private_key: str


@dataclass(frozen=True, slots=True)
class ServiceAccount:
    """Who signs. The repr shows no key."""

    account_id: str
    key_id: str
    key: RSAPrivateKey = field(repr=False)

    @classmethod
    def read(cls, path: str) -> "ServiceAccount":
        """From the JSON file that the control panel hands out; ValueError says what is wrong with it."""
        try:
            content = msgspec.json.decode(Path(path).expanduser().read_bytes(), type=KeyFile)
            key = _key(content.private_key)
        except OSError as error:
            raise ValueError(f"credentials_file cannot be read: {error.strerror}") from None
        except (msgspec.DecodeError, ValueError, TypeError, UnsupportedAlgorithm):
            raise ValueError("credentials_file is not a service account's JSON with account_id, key_id and private_key (PEM)") from None
        if not isinstance(key, RSAPrivateKey):
            raise ValueError("credentials_file holds a key that is not RSA")
        return cls(str(content.account_id), content.key_id, key)


@lru_cache(maxsize=64)
def _key(pem: str) -> PrivateKeyTypes:
    """Read once: whether its numbers are those of a key takes 30 ms to find out."""
    return load_pem_private_key(pem.encode(), password=None)


class Signer:
    """Signs tokens for one account; one is used again while it has life to spare."""

    def __init__(self, account: ServiceAccount, acts_as: str | None = None) -> None:
        self._account = account
        # PyJWT refuses a numeric issuer; the upstream takes both.
        self._issuer = acts_as or account.account_id
        self._skew = 0.0
        self._token = ""
        self._dies = 0.0

    @property
    def token(self) -> str:
        """A token with at least half its life before it."""
        if self._dies - self._now() < SPARE:
            self._sign()
        return self._token

    @property
    def ran_out(self) -> bool:
        """Whether the last token is dead by now."""
        return bool(self._token) and self._dies <= self._now()

    def forget(self) -> None:
        """Make the next request sign anew."""
        self._dies = 0.0

    def learn(self, date: str | None) -> None:
        """Set the clock by an answer's Date header."""
        try:
            theirs = parsedate_to_datetime(date or "").timestamp()
        except ValueError:
            return
        self._skew = theirs - time.time()

    def _now(self) -> float:
        return time.time() + self._skew

    def _sign(self) -> None:
        now = int(self._now())
        self._dies = now + LIFE
        claims = {"iss": self._issuer, "iat": now - BACKDATED, "exp": now + LIFE}
        self._token = jwt.encode(claims, self._account.key, algorithm="RS256", headers={"kid": self._account.key_id})
