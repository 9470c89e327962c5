"""JWKS: an issuer's public keys - fetched, kept, and fetched again when they age or rotate."""

import asyncio
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
    """A public key; `algorithm` None where the issuer does not say for which one it is."""

    public: Any
    algorithm: str | None


class Keys:
    """The keys of one answer, by their ids. Only public keys that sign are kept; what cannot be read is left out."""

    def __init__(self, text: bytes) -> None:
        found = msgspec.json.decode(text, type=dict[str, Any])
        rows = found.get("keys")
        rows = rows[:MAX_KEYS] if isinstance(rows, list) else []
        made = [(row.get("kid"), key) for row in rows if (key := _key(row)) is not None]
        self._by_id: Mapping[Any, PublicKey] = dict(made)
        self.only = made[0][1] if len(made) == 1 else None
        if not made:
            raise ValueError("no key that signs")

    def get(self, kid: str | None) -> PublicKey | None:
        """The key with this id; without an id, the only one there is."""
        return self.only if kid is None else self._by_id.get(kid)


def _key(row: Any) -> PublicKey | None:
    if not isinstance(row, dict) or row.get("kty") not in ("RSA", "EC", "OKP") or row.get("use", "sig") != "sig":
        return None
    if not isinstance(row.get("kid"), str | None):
        return None
    try:
        return PublicKey(jwt.PyJWK(row).key, row.get("alg"))
    except (jwt.PyJWTError, UnsupportedAlgorithm, ValueError, TypeError, ArithmeticError):
        return None


def of_file(path: str) -> Keys:
    """The keys of a file; SettingsError where it cannot be read."""
    try:
        with open(path, "rb") as file:
            return Keys(file.read())
    except (OSError, *UNREADABLE):
        raise SettingsError(f"callers.jwt.jwks_file: {path} is no set of public keys that can be read") from None


class KeySet:
    """The issuer's keys as they are now. Without a URL they stay as they are given."""

    def __init__(self, url: str | None, given: Keys | None, refresh: timedelta, pause: timedelta, timeout: timedelta) -> None:
        self._url = url
        self._keys = given
        self._refresh, self._pause, self._timeout = refresh.total_seconds(), pause.total_seconds(), timeout.total_seconds()
        self._fetched = self._tried = -float("inf")
        self._fetching = asyncio.Lock()
        self.generation = 0

    async def key(self, kid: str | None) -> PublicKey | None:
        """The key with this id, fetched when it is unknown, but not more often than the pause lets. Unverifiable where there are none."""
        await self.keep()
        if self._keys is not None and (found := self._keys.get(kid)) is not None:
            return found
        await self._fetch()
        if self._keys is None:
            raise Unverifiable("the keys of the tokens' issuer cannot be had; try again later")
        return self._keys.get(kid)

    async def keep(self) -> None:
        """Fetch the keys when they have aged. An outage of the issuer is survived with the last good ones."""
        if self._url is not None and time.monotonic() - self._fetched > self._refresh and not (self._keys and self._fetching.locked()):
            await self._fetch()

    async def _fetch(self) -> None:
        if self._url is None:
            return
        async with self._fetching:
            if time.monotonic() - self._tried < self._pause:
                return
            self._tried = time.monotonic()
            try:
                found = Keys(await self._got(self._url))
            except (httpx.HTTPError, httpx.InvalidURL, UpstreamError, TimeoutError, *UNREADABLE) as error:
                log.error("the keys of the tokens' issuer were not fetched: %s", type(error).__name__)
                return
            self._keys, self._fetched = found, time.monotonic()
            self.generation += 1

    async def _got(self, url: str) -> bytes:
        headers = {"accept-encoding": ", ".join(ENCODINGS)}
        async with (
            asyncio.timeout(self._timeout),
            httpx.AsyncClient(timeout=self._timeout, trust_env=False, verify=authorities()) as client,
            client.stream("GET", url, headers=headers) as response,
        ):
            if response.status_code != httpx.codes.OK:
                raise ValueError("not answered")
            return await read_body(response, MAX_BYTES)
