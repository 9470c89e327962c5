"""Cache: reuse answers of upstreams - briefly for the present, longer for the closed past, and stale ones while an upstream fails."""

import asyncio
import hashlib
import logging
import time
from collections.abc import Callable, Mapping
from contextvars import Context
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

import msgspec
import orjson
from pydantic import BaseModel, ConfigDict, Field

from telegraphql.gateway.duration import Seconds
from telegraphql.gateway.errors import (
    BadAnswer,
    Forbidden,
    NotFound,
    TooLarge,
    Unauthorized,
    UpstreamError,
)
from telegraphql.gateway.fault_owner import FaultOwner
from telegraphql.gateway.upstream.cache_store import Store
from telegraphql.gateway.upstream.cashews_internals import MemoryBackend
from telegraphql.gateway.upstream.instrumentation import Recorder
from telegraphql.gateway.upstream.messages import Answer, Exchange, Handler
from telegraphql.gateway.upstream.request_budget import RequestBudget, current, note_stale, reach, reading, running

log = logging.getLogger("telegraphql")
# A stale answer may replace these. Never a refusal: whoever may not see something any more does not see it from the cache either.
REPLACEABLE = (FaultOwner.STATE, FaultOwner.DATA)
# Seconds within which an answer that is revalidated in the background must come.
BACKGROUND_DEADLINE = 30.0


class CacheSettings(BaseModel):
    """The times for which answers of upstreams are reused. Commands, logins, files and failed requests are never cached."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    enabled: bool = Field(default=True, description="True if answers of upstreams are cached at all.")
    present_ttl: Seconds = Field(default=1.0, ge=0, description="How long an answer about the present is reused.")
    past_ttl: Seconds = Field(default=300.0, ge=0, description="How long an answer about the closed past is reused.")
    past_after: Seconds = Field(default=3600.0, ge=0, description="After how long the past counts as closed.")
    stale_if_error: Seconds = Field(
        default=600.0, ge=0, description="How long after its TTL an answer, marked as stale, replaces that of a failing upstream."
    )
    stale_while_revalidate: Seconds = Field(
        default=300.0, ge=0, description="How long after its TTL an answer about the closed past is reused while it is fetched again."
    )
    max_bytes: int = Field(default=64 * 1024 * 1024, ge=0, description="Bytes of answers kept in the memory of this process.")


class CachedAnswer(msgspec.Struct, array_like=True):
    """The body of an answer, and the Unix time at which it was stored."""

    stored_at: float
    body: bytes


ENCODER = msgspec.msgpack.Encoder()
DECODER = msgspec.msgpack.Decoder(CachedAnswer)


@dataclass
class Cache:
    """The cached answers of all accounts of one runtime. A runtime that takes over from another goes on with its store."""

    settings: CacheSettings
    store: Store
    clock: Callable[[], float] = time.time
    _is_taken_over: bool = False

    @classmethod
    def of(cls, settings: CacheSettings) -> "Cache | None":
        """Return a cache in the memory of this process; None if caching is disabled."""
        return cls(settings, Store(MemoryBackend(settings.max_bytes))) if settings.enabled else None

    def for_account(self, account: str, table: Mapping[str, Any], recorder: Recorder | None = None) -> "AccountCache":
        """Return the cache of one account. With another table in the configuration, none of its answers are found again."""
        secret = hashlib.sha256(orjson.dumps([account, table], default=str, option=orjson.OPT_SORT_KEYS)).digest()
        return AccountCache(self, account, secret, recorder or Recorder(account))

    @property
    def kept(self) -> MemoryBackend | None:
        """Return what this process keeps of the answers; None if it is elsewhere."""
        backend = self.store.backend
        return backend if isinstance(backend, MemoryBackend) else None

    def take_over(self, other: "Cache") -> None:
        """Go on with the answers of another cache; accounts whose tables changed find none."""
        self.store, other._is_taken_over = self.store.after(other.store), True
        if self.kept is not None:
            self.kept.max_bytes = self.settings.max_bytes

    async def aclose(self) -> None:
        """Close the store, unless another cache has taken it over."""
        if not self._is_taken_over:
            await self.store.aclose()


@dataclass(eq=False)
class AccountCache:
    """The cached answers of one account."""

    cache: Cache
    account: str
    secret: bytes = field(repr=False)
    recorder: Recorder
    _may_hold: bool = True
    _revalidating: dict[str, asyncio.Task[None]] = field(default_factory=dict)

    def key(self, identity: bytes) -> str:
        """Return the name under which the answer to a request is stored; the request cannot be read from it."""
        return f"{self.account}:{hashlib.blake2b(identity, key=self.secret, digest_size=20).hexdigest()}"

    async def reuse(self, following: Handler, exchange: Exchange) -> Any:
        """Return a fresh cached value; else that of the exchange; else, if that fails, a stale one. Commands empty the cache."""
        if exchange.is_command:
            try:
                return await following(exchange)
            finally:
                await self.clear()
        identity = exchange.identity
        if exchange.decoder is None or identity is None or not self._lifetime() or current().fresh:
            return await following(exchange)
        key = self.key(identity)
        cached, commands = await self._cached(key), self.cache.store.changes(self.account)
        if cached is not None and self._age(cached) <= self._ttl(cached) + self._revalidation_time(cached):
            try:
                value = await _answer(cached).decoded(exchange.decoder)
            except BadAnswer:
                cached = None  # stored for another decoder, which understood it differently
            else:
                if self._age(cached) > self._ttl(cached):
                    self._revalidate(key, following, exchange)
                self.recorder.cached("hit")
                return value
        self.recorder.cached("miss")
        try:
            return await self._fetch(key, following, exchange)
        except UpstreamError as error:
            error.provider = error.provider or self.account
            await self._after_refusal(key, error)
            is_current = commands == self.cache.store.changes(self.account)
            return await self._stale(cached if is_current else None, exchange, error)

    async def clear(self) -> None:
        """Remove all answers of the account."""
        self._may_hold = False
        await self.cache.store.clear(self.account)

    async def aclose(self) -> None:
        """Stop what is revalidated in the background."""
        tasks = list(self._revalidating.values())
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    async def _fetch(self, key: str, following: Handler, exchange: Exchange) -> Any:
        """Return the value of the exchange. Store its answer, unless a command has changed the account meanwhile."""
        commands = self.cache.store.changes(self.account)
        value = await following(exchange)
        seconds = self._lifetime()
        if exchange.answer is not None and seconds and commands == self.cache.store.changes(self.account):
            self._may_hold = True
            await self.cache.store.set(key, ENCODER.encode(CachedAnswer(self.cache.clock(), exchange.answer.body)), seconds)
        return value

    async def _cached(self, key: str) -> CachedAnswer | None:
        stored = await self.cache.store.get(key)
        cached = None if stored is None else DECODER.decode(stored)
        if cached is None or self._age(cached) <= self._ttl(cached):
            return cached
        newer = await self.cache.store.newer(key)
        return cached if newer is None else DECODER.decode(newer)

    def _age(self, cached: CachedAnswer) -> float:
        return max(0.0, self.cache.clock() - cached.stored_at)

    def _is_closed(self, at: float) -> bool:
        """Return True if everything that is being read was the closed past at a Unix time."""
        until = reach()
        return until is not None and until <= datetime.fromtimestamp(at, UTC) - timedelta(seconds=self.cache.settings.past_after)

    def _ttl(self, cached: CachedAnswer) -> float:
        settings = self.cache.settings
        return settings.past_ttl if self._is_closed(cached.stored_at) else settings.present_ttl

    def _revalidation_time(self, cached: CachedAnswer) -> float:
        is_reusable = self._ttl(cached) and self._is_closed(cached.stored_at)
        return self.cache.settings.stale_while_revalidate if is_reusable else 0.0

    def _lifetime(self) -> float:
        """Return for how many seconds an answer that comes now can be of use."""
        settings = self.cache.settings
        if self._is_closed(self.cache.clock()):
            return settings.past_ttl + max(settings.stale_if_error, settings.stale_while_revalidate if settings.past_ttl else 0.0)
        return settings.present_ttl + settings.stale_if_error

    async def _stale(self, cached: CachedAnswer | None, exchange: Exchange, error: UpstreamError) -> Any:
        """Return a stale value in the place of an error; raise the error if there is none that may be used."""
        is_replaceable = error.fault in REPLACEABLE and not isinstance(error, TooLarge)
        if cached is None or not is_replaceable or self._age(cached) > self._ttl(cached) + self.cache.settings.stale_if_error:
            raise error
        try:
            value = await _answer(cached).decoded(exchange.decoder)  # type: ignore[arg-type]  # only reads with a decoder are cached
        except BadAnswer:
            raise error from None
        self.recorder.cached("stale")
        note_stale(error, self._age(cached))
        return value

    async def _after_refusal(self, key: str, error: UpstreamError) -> None:
        """Remove an answer that is refused now, and all of an account whose credentials are refused."""
        if isinstance(error, Forbidden | NotFound):
            await self.cache.store.drop(key)
        elif isinstance(error, Unauthorized) and self._may_hold:
            await self.clear()

    def _revalidate(self, key: str, following: Handler, exchange: Exchange) -> None:
        """Fetch an answer again in the background, outside of the running operation; one task per key."""
        if key not in self._revalidating:
            again = Exchange(exchange.request, exchange.decoder)
            task = asyncio.get_running_loop().create_task(self._fetch_again(key, following, again, reach()), context=Context())
            self._revalidating[key] = task
            task.add_done_callback(lambda _: self._revalidating.pop(key, None))

    async def _fetch_again(self, key: str, following: Handler, exchange: Exchange, until: datetime | None) -> None:
        try:
            with running(RequestBudget.lasting(BACKGROUND_DEADLINE)), reading(until):
                await self._fetch(key, following, exchange)
        except UpstreamError as error:
            log.info("an answer of %s was not revalidated: %s", self.account, error.problem.value)
        except Exception as error:
            log.error("an answer of %s was not revalidated: unexpected %s", self.account, type(error).__name__)


def _answer(cached: CachedAnswer) -> Answer:
    return Answer(200, cached.body, {})
