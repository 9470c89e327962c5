"""Box: what leaves the process, locked - who can read the shared store learns nothing, and who can write to it forges nothing."""

import hashlib
import os

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

NONCE = 12


class Encryption:
    """Locks with one secret. Each name has a key of its own, so that no key ever locks so much that its random nonces could meet."""

    def __init__(self, secret: str) -> None:
        text = secret.encode()
        self._locks = hashlib.blake2b(text, person=b"shared locks", digest_size=32).digest()
        self._names = hashlib.blake2b(text, person=b"shared names", digest_size=32).digest()

    def name(self, kind: str, *parts: str) -> str:
        """What stands there for some words: always the same, and nobody without the secret can tell or make it."""
        return hashlib.blake2b("\0".join((kind, *parts)).encode(), key=self._names, digest_size=16).hexdigest()

    def lock(self, name: str, body: bytes) -> bytes:
        """The body as it is kept under a name."""
        nonce = os.urandom(NONCE)
        return nonce + self._cipher(name).encrypt(nonce, body, None)

    def open(self, name: str, locked: bytes) -> bytes | None:
        """The body again; None for what was not locked with this secret under this name."""
        if len(locked) < NONCE:
            return None
        try:
            return self._cipher(name).decrypt(locked[:NONCE], locked[NONCE:], None)
        except InvalidTag:
            return None

    def _cipher(self, name: str) -> AESGCM:
        return AESGCM(hashlib.blake2b(name.encode(), key=self._locks, digest_size=32).digest())
