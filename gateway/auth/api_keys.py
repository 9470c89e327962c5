"""API keys: generation, hashing and look-up by hash."""

import hashlib
import secrets
from collections.abc import Iterable
from hmac import compare_digest

from telegraphql.gateway.auth.caller import Caller

PREFIX = "tgq_"
NO_DIGEST = bytes(32)


def new_key() -> str:
    """Return a new API key: 256 random bits after a prefix that secret scanners can recognize."""
    return PREFIX + secrets.token_urlsafe(32)


def key_digest(key: str) -> bytes:
    """Return the SHA-256 digest of a key. A slow password hash is not needed: 256 random bits cannot be guessed."""
    return hashlib.sha256(key.encode("utf-8", "surrogateescape")).digest()


def hash_key(key: str) -> str:
    """Return the hash of a key as it is written in the configuration: sha256: and 64 hexadecimal digits."""
    return f"sha256:{key_digest(key).hex()}"


class Keyring:
    """Callers by the digest of their API key."""

    def __init__(self, callers: Iterable[Caller]) -> None:
        self._by_digest = {caller.credential_digest: caller for caller in callers}
        self.by_name = {caller.name: caller for caller in self._by_digest.values()}

    def owner(self, key: str) -> Caller | None:
        """Return the caller with this key, or None. The look-up takes the same time for known and unknown keys."""
        digest = key_digest(key)
        caller = self._by_digest.get(digest)
        # The dict compares hashes of a digest, which reveal nothing about the key. This comparison takes constant time.
        matches = compare_digest(digest, caller.credential_digest if caller else NO_DIGEST)
        return caller if matches else None
