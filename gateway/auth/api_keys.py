"""Keys: API keys, which the settings know by their hashes only."""

import hashlib
import secrets
from collections.abc import Iterable
from hmac import compare_digest

from telegraphql.gateway.auth.caller import Caller

PREFIX = "tgq_"
NOBODYS = bytes(32)


def new_key() -> str:
    """A key that nobody has: 256 random bits behind a prefix by which scanners for leaked secrets know it."""
    return PREFIX + secrets.token_urlsafe(32)


def digest(key: str) -> bytes:
    """What is kept of a key. A plain SHA-256 is enough: slow hashes make guessing dear, and nobody guesses 256 random bits."""
    return hashlib.sha256(key.encode("utf-8", "surrogateescape")).digest()


def hashed(key: str) -> str:
    """A key as the settings hold it."""
    return f"sha256:{digest(key).hex()}"


class Keyring:
    """Callers by the hashes of their keys; a look-up costs the same whether or not the key is known."""

    def __init__(self, callers: Iterable[Caller]) -> None:
        self._by_digest = {caller.proof: caller for caller in callers}
        self.by_name = {caller.name: caller for caller in self._by_digest.values()}

    def owner(self, key: str) -> Caller | None:
        """Whose key it is."""
        found = digest(key)
        caller = self._by_digest.get(found)
        # The dict compares hashes of a hash, which tell nothing of the key; this comparison takes as long for every key.
        same = compare_digest(found, caller.proof if caller else NOBODYS)
        return caller if same else None
