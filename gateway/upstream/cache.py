"""Cache: answers of upstreams that are used again - for a moment while things move, for longer where the past is closed, and for longer
still, marked, while the upstream fails. What is kept belongs to one account with its credentials as they are configured."""

import asyncio
import hashlib
import logging
import time
from collections.abc import Awaitable, Callable, Mapping
from contextvars import Context
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any, TypeVar

import msgspec
import orjson
from pydantic import BaseModel, ConfigDict, Field

from telegraphql.gateway.errors import (
    BadAnswer,
    Forbidden,
    NotFound,
    RateLimited,
    TimedOut,
    TooLarge,
    Unauthorized,
    Unavailable,
    UpstreamError,
)
from telegraphql.gateway.upstream.cache_store import Bounded, Store
from telegraphql.gateway.upstream.instrumentation import Recorder
from telegraphql.gateway.upstream.messages import Answer
from telegraphql.gateway.upstream.request_budget import RequestBudget, reach, reading, running, stood_in

T = TypeVar("T")
log = logging.getLogger("telegraphql")
# An old answer may stand in for these. Never for a refusal: whoever may not see something any more does not see it from here either.
FAILURES = (BadAnswer, RateLimited, TimedOut, Unavailable)
# Seconds in which an answer that nobody waits for must come.
PATIENCE = 30.0
Decode = Callable[[bytes], T]


class CacheSettings(BaseModel):
    """How long answers of upstreams are used again. Commands, logins, files and whatever failed are never kept."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    enabled: bool = Field(default=True, description="Whether answers of upstreams are kept at all.")
    present: float = Field(default=1.0, ge=0, description="Seconds for which an answer about the moving present is used again.")
    past: float = Field(default=300.0, ge=0, description="Seconds for which an answer about the closed past is used again.")
    settled: float = Field(default=3600.0, ge=0, description="Seconds after which the past counts as closed.")
    stale: float = Field(
        default=600.0, ge=0, description="Seconds after its end for which an answer stands in, marked, for an upstream that fails."
    )
    revalidate: float = Field(
        default=300.0, ge=0, description="Seconds after its end for which one about the closed past is still used while it is renewed."
    )
    memory: int = Field(default=64 * 1024 * 1024, ge=0, description="Bytes of answers kept in the memory of this process.")


class Kept(msgspec.Struct, array_like=True):
    """An answer as it is kept: when it came, and its body."""

    at: float
    body: bytes


ENCODER = msgspec.msgpack.Encoder()
DECODER = msgspec.msgpack.Decoder(Kept)


@dataclass
class Cache:
    """What is kept for all accounts of one engine. An engine that takes over from another goes on with its store."""

    settings: CacheSettings
    store: Store
    clock: Callable[[], float] = time.time
    _lent: bool = False

    @classmethod
    def of(cls, settings: CacheSettings) -> "Cache | None":
        """In the memory of this process; None where it is off."""
        return cls(settings, Store(Bounded(settings.memory))) if settings.enabled else None

    def answers(self, account: str, table: Mapping[str, Any], recorder: Recorder | None = None) -> "Answers":
        """Those of one account, which another table in the configuration does not find again."""
        mark = hashlib.sha256(orjson.dumps([account, table], default=str, option=orjson.OPT_SORT_KEYS)).digest()
        return Answers(self, account, mark, recorder or Recorder(account))

    def take_over(self, other: "Cache") -> None:
        """Go on with what another has kept; accounts whose tables changed find nothing in it."""
        self.store, other._lent = self.store.after(other.store), True
        if isinstance(self.store.backend, Bounded):
            self.store.backend.most = self.settings.memory

    async def aclose(self) -> None:
        """Let go of the store, unless another has taken it over."""
        if not self._lent:
            await self.store.aclose()


@dataclass(eq=False)
class Answers:
    """The kept answers of one account."""

    cache: Cache
    account: str
    mark: bytes = field(repr=False)
    recorder: Recorder
    _may_hold: bool = True
    _renewing: dict[str, asyncio.Task[None]] = field(default_factory=dict)

    def key(self, identity: bytes) -> str:
        """The name of what a request asks for; its words cannot be read from it."""
        return f"{self.account}:{hashlib.blake2b(identity, key=self.mark, digest_size=20).hexdigest()}"

    async def read(self, key: str, decode: Decode[T], ask: Callable[[], Awaitable[T]]) -> T:
        """What is kept, where it is young enough; else what is answered now; else, marked, what is kept and a little too old."""
        if not self._lasting():
            return await ask()
        kept = await self._kept(key)
        changes = self.cache.store.changes(self.account)
        if kept is not None and self._age(kept) <= self._fresh(kept) + self._renewable(kept):
            try:
                found = decode(kept.body)
            except BadAnswer:
                kept = None  # another reader's, who understood it otherwise
            else:
                if self._age(kept) > self._fresh(kept):
                    self._renew(key, ask)
                self.recorder.cached("hit")
                return found
        self.recorder.cached("miss")
        try:
            return await ask()
        except UpstreamError as error:
            error.provider = error.provider or self.account
            await self._refused(key, error)
            unchanged = changes == self.cache.store.changes(self.account)
            return self._standing_in(kept if unchanged else None, decode, error)

    async def keeping(self, key: str, ask: Callable[[], Awaitable[tuple[Answer, T]]]) -> T:
        """What is asked, kept if it came complete and no command has changed the account since it was asked."""
        changes = self.cache.store.changes(self.account)
        answer, value = await ask()
        seconds = self._lasting()
        if seconds and changes == self.cache.store.changes(self.account):
            self._may_hold = True
            await self.cache.store.set(key, ENCODER.encode(Kept(self.cache.clock(), answer.body)), seconds)
        return value

    async def clear(self) -> None:
        """Keep nothing any longer."""
        self._may_hold = False
        await self.cache.store.clear(self.account)

    async def aclose(self) -> None:
        """Stop what nobody waits for."""
        tasks = list(self._renewing.values())
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    async def _kept(self, key: str) -> Kept | None:
        found = await self.cache.store.get(key)
        kept = None if found is None else DECODER.decode(found)
        if kept is None or self._age(kept) <= self._fresh(kept):
            return kept
        newer = await self.cache.store.newer(key)
        return kept if newer is None else DECODER.decode(newer)

    def _age(self, kept: Kept) -> float:
        return max(0.0, self.cache.clock() - kept.at)

    def _is_closed(self, at: float) -> bool:
        """Whether what is being asked for was past and settled at a time."""
        until = reach()
        return until is not None and until <= datetime.fromtimestamp(at, UTC) - timedelta(seconds=self.cache.settings.settled)

    def _fresh(self, kept: Kept) -> float:
        return self.cache.settings.past if self._is_closed(kept.at) else self.cache.settings.present

    def _renewable(self, kept: Kept) -> float:
        fresh = self._fresh(kept)
        return self.cache.settings.revalidate if fresh and self._is_closed(kept.at) else 0.0

    def _lasting(self) -> float:
        """Seconds for which what is asked for now can be of use."""
        settings = self.cache.settings
        if self._is_closed(self.cache.clock()):
            return settings.past + max(settings.stale, settings.revalidate if settings.past else 0.0)
        return settings.present + settings.stale

    def _standing_in(self, kept: Kept | None, decode: Decode[T], error: UpstreamError) -> T:
        """What is kept in the place of what failed; the error where it may not be used."""
        failed = isinstance(error, FAILURES) and not isinstance(error, TooLarge)
        if kept is None or not failed or self._age(kept) > self._fresh(kept) + self.cache.settings.stale:
            raise error
        try:
            found = decode(kept.body)
        except BadAnswer:
            raise error from None
        self.recorder.cached("stale")
        stood_in(error, self._age(kept))
        return found

    async def _refused(self, key: str, error: UpstreamError) -> None:
        """After a refusal it is kept no longer; nor is anything of an account whose credentials are refused."""
        if isinstance(error, Forbidden | NotFound):
            await self.cache.store.drop(key)
        elif isinstance(error, Unauthorized) and self._may_hold:
            await self.clear()

    def _renew(self, key: str, ask: Callable[[], Awaitable[Any]]) -> None:
        """Ask anew, for whoever comes next: outside of the running operation, and once at a time."""
        if key not in self._renewing:
            task = asyncio.get_running_loop().create_task(self._renewed(ask, reach()), context=Context())
            self._renewing[key] = task
            task.add_done_callback(lambda _: self._renewing.pop(key, None))

    async def _renewed(self, ask: Callable[[], Awaitable[Any]], until: datetime | None) -> None:
        try:
            with running(RequestBudget(deadline=time.monotonic() + PATIENCE)), reading(until):
                await ask()
        except UpstreamError as error:
            log.info("an answer of %s was not renewed: %s", self.account, error.problem.value)
        except Exception as error:
            log.error("an answer of %s was not renewed: unexpected %s", self.account, type(error).__name__)
