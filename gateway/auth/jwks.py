"""JSON Web Key Sets: the issuer's public keys, fetched and refreshed."""

import asyncio
import hashlib
import logging
import time
from collections.abc import Mapping
from datetime import timedelta
from typing import Any, NamedTuple

import httpx
import jwt
import msgspec
from cryptography.exceptions import UnsupportedAlgorithm

from telegraphql.gateway.errors import SettingsError, Unverifiable, UpstreamError
from telegraphql.gateway.upstream.body import ENCODINGS, read_body
from telegraphql.gateway.upstream.http_transport import authorities

UNREADABLE = (ValueError, RecursionError, msgspec.DecodeError)
log = logging.getLogger("telegraphql")
MAX_BYTES = 1024 * 1024
# More than any issuer publishes; to read one takes up to a millisecond.
MAX_KEYS = 100


class PublicKey(NamedTuple):
    """A public key. `algorithm` is None if the key set does not name one; `mark` tells it apart from others of the same id."""

    public: Any
    algorithm: str | None
    mark: str


class JwkSet:
    """The public signature keys of one key set, by key id. Other keys, and unreadable ones, are ignored.

    Raises:
        ValueError: The set contains no usable key.
    """

    def __init__(self, text: bytes) -> None:
        decoded = msgspec.json.decode(text, type=dict[str, Any])
        rows = decoded.get("keys")
        rows = rows[:MAX_KEYS] if isinstance(rows, list) else []
        keys = [(row.get("kid"), key) for row in rows if (key := _public_key(row)) is not None]
        self._by_id: Mapping[Any, PublicKey] = dict(keys)
        self.marks = frozenset(key.mark for _, key in keys)
        self._single = keys[0][1] if len(keys) == 1 else None
        if not keys:
            raise ValueError("no key that signs")

    def get(self, kid: str | None) -> PublicKey | None:
        """Return the key with this id; without an id, the single key of the set, if there is one."""
        return self._single if kid is None else self._by_id.get(kid)


def _public_key(row: Any) -> PublicKey | None:
    if not isinstance(row, dict) or row.get("kty") not in ("RSA", "EC", "OKP") or row.get("use", "sig") != "sig":
        return None
    if not isinstance(row.get("kid"), str | None):
        return None
    try:
        mark = hashlib.sha256(msgspec.json.encode(row, order="sorted")).hexdigest()[:16]
        return PublicKey(jwt.PyJWK(row).key, row.get("alg"), mark)
    except (jwt.PyJWTError, UnsupportedAlgorithm, ValueError, TypeError, ArithmeticError):
        return None


def read_jwks_file(path: str) -> JwkSet:
    """Read a key set from a file.

    Raises:
        SettingsError: The file is not a readable key set.
    """
    try:
        with open(path, "rb") as file:
            return JwkSet(file.read(MAX_BYTES))
    except (OSError, *UNREADABLE):
        raise SettingsError(f"callers.jwt.jwks_file: {path} is not a readable set of public keys") from None


class JwksClient:
    """The issuer's current keys. Without a URL, they are those of `initial` forever.

    `generation` counts the successful fetches.
    """

    def __init__(
        self, url: str | None, initial: JwkSet | None, refresh_interval: timedelta, cooldown: timedelta, timeout: timedelta
    ) -> None:
        self._url = url
        self._keys = initial
        self._refresh_interval, self._cooldown = refresh_interval.total_seconds(), cooldown.total_seconds()
        self._timeout = timeout.total_seconds()
        self._fetched_at = self._tried_at = -float("inf")
        self._fetching = asyncio.Lock()
        self._refreshing: set[asyncio.Task[None]] = set()
        self.generation = 0

    async def key(self, kid: str | None) -> PublicKey | None:
        """Return the key with this id, or None. An unknown id causes a fetch, unless the last one is within the cooldown.

        Raises:
            Unverifiable: No keys could be fetched so far.
        """
        await self.refresh()
        if self._keys is not None and (found := self._keys.get(kid)) is not None:
            return found
        await self._fetch()
        if self._keys is None:
            raise Unverifiable("tokens cannot be verified: the issuer's keys cannot be fetched; try again later")
        return self._keys.get(kid)

    def still_has(self, mark: str) -> bool:
        """Return True unless the issuer is known to have withdrawn a key. Keys that have aged are fetched in the background."""
        if self._is_due and not self._fetching.locked() and not self._refreshing:
            task = asyncio.get_running_loop().create_task(self.refresh())
            self._refreshing.add(task)
            task.add_done_callback(self._refreshing.discard)
        return self._keys is None or mark in self._keys.marks

    @property
    def _is_due(self) -> bool:
        return self._url is not None and time.monotonic() - self._fetched_at > self._refresh_interval

    async def refresh(self) -> None:
        """Fetch the keys if the refresh interval has passed. If that fails, the previous keys stay in use."""
        if self._is_due and not (self._keys and self._fetching.locked()):
            await self._fetch()

    async def _fetch(self) -> None:
        if self._url is None:
            return
        async with self._fetching:
            if time.monotonic() - self._tried_at < self._cooldown:
                return
            self._tried_at = time.monotonic()
            try:
                keys = JwkSet(await self._download(self._url))
            except (httpx.HTTPError, httpx.InvalidURL, UpstreamError, TimeoutError, *UNREADABLE) as error:
                log.error("cannot fetch the keys of callers.jwt.jwks_url: %s", type(error).__name__)
                return
            self._keys, self._fetched_at = keys, time.monotonic()
            self.generation += 1

    async def _download(self, url: str) -> bytes:
        headers = {"accept-encoding": ", ".join(ENCODINGS)}
        async with (
            asyncio.timeout(self._timeout),
            httpx.AsyncClient(timeout=self._timeout, trust_env=False, verify=authorities()) as client,
            client.stream("GET", url, headers=headers) as response,
        ):
            if response.status_code != httpx.codes.OK:
                raise ValueError(f"status {response.status_code}")
            return await read_body(response, MAX_BYTES)
