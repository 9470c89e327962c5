"""Authenticated encryption of everything that is stored in Redis."""

import hashlib
import os

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

NONCE_BYTES = 12


class Encryption:
    """AES-256-GCM with keys derived from one secret.

    Each Redis key has an encryption key of its own, so that no encryption key is used often enough for random nonces to collide.
    """

    def __init__(self, secret: str) -> None:
        text = secret.encode()
        self._value_key = hashlib.blake2b(text, person=b"shared locks", digest_size=32).digest()
        self._name_key = hashlib.blake2b(text, person=b"shared names", digest_size=32).digest()

    def hash_name(self, kind: str, *parts: str) -> str:
        """Return a keyed hash of a name. Without the secret it can neither be reversed nor computed."""
        return hashlib.blake2b("\0".join((kind, *parts)).encode(), key=self._name_key, digest_size=16).hexdigest()

    def encrypt(self, name: str, body: bytes) -> bytes:
        """Encrypt a value that is stored under a Redis key."""
        nonce = os.urandom(NONCE_BYTES)
        return nonce + self._cipher(name).encrypt(nonce, body, None)

    def decrypt(self, name: str, encrypted: bytes) -> bytes | None:
        """Decrypt a value, or return None if it was not encrypted with this secret for this Redis key."""
        if len(encrypted) < NONCE_BYTES:
            return None
        try:
            return self._cipher(name).decrypt(encrypted[:NONCE_BYTES], encrypted[NONCE_BYTES:], None)
        except InvalidTag:
            return None

    def _cipher(self, name: str) -> AESGCM:
        return AESGCM(hashlib.blake2b(name.encode(), key=self._value_key, digest_size=32).digest())
