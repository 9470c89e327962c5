"""Line: the connection to the shared store - one short wait at most, then nobody asks it again until it answers a look."""

import asyncio
import logging
from collections.abc import Awaitable, Callable, Sequence
from typing import Any, TypeVar

from redis.asyncio import Redis, SSLConnection
from redis.asyncio.retry import Retry
from redis.backoff import NoBackoff
from redis.commands.core import AsyncScript
from redis.exceptions import AuthenticationError, AuthorizationError, NoPermissionError, RedisError, ResponseError
from redis.maint_notifications import MaintNotificationsConfig

from telegraphql.gateway.cluster.settings import SCHEMES, ClusterSettings
from telegraphql.gateway.errors import SettingsError

T = TypeVar("T")
log = logging.getLogger("telegraphql")
# Commands under way at once; each has a connection.
AT_ONCE = 32
LOST = (RedisError, OSError, TimeoutError)
CA_FILE = "cluster.ca_file: cannot be read as a PEM file of certificates"
REFUSED = (AuthenticationError, AuthorizationError, NoPermissionError)


class RedisUnavailable(Exception):
    """The shared store does not answer; go on without it."""


class RedisClient:
    """Asks the shared store. `up` is whether it answers, as far as is known; `returned` are told when it is back."""

    def __init__(self, settings: ClusterSettings) -> None:
        self.settings = settings
        self.is_up = True
        self.returned: list[Callable[[], None]] = []
        self._redis = _client(settings)
        self._places = asyncio.Semaphore(AT_ONCE)
        self._looking: asyncio.Task[None] | None = None
        self._scripts: dict[str, AsyncScript] = {}
        self._closed = False
        self._told: set[str] = set()

    async def ask(self, what: Callable[[Redis], Awaitable[T]]) -> T:
        """What the store answers. Away where it does not in time, and at once where it did not before."""
        async with self._places:
            if not self.is_up or self._closed:
                raise RedisUnavailable
            try:
                return await self._asked(what)
            except LOST as error:
                self._lost(error)
                raise RedisUnavailable from None

    async def run(self, script: str, keys: Sequence[str], arguments: Sequence[str | int | bytes]) -> Any:
        """What a script answers, which the store is sent in full once."""
        found = self._scripts.get(script)
        if found is None:
            found = self._scripts[script] = self._redis.register_script(script)
        return await self.ask(lambda _: found(keys=keys, args=arguments))

    async def looked(self) -> str | None:
        """Look whether it answers: None if so, else in what way it does not."""
        try:
            await self._asked(lambda redis: redis.ping())
        except LOST as error:
            return (
                "refuses the credentials of cluster.redis_url"
                if isinstance(error, REFUSED)
                else f"does not answer ({type(error).__name__})"
            )
        return None

    async def aclose(self) -> None:
        """Close all connections."""
        self._closed = True
        if self._looking is not None:
            self._looking.cancel()
            await asyncio.gather(self._looking, return_exceptions=True)
        await self._redis.aclose()

    async def _asked(self, what: Callable[[Redis], Awaitable[T]]) -> T:
        async with asyncio.timeout(self.settings.timeout):
            return await what(self._redis)

    def _lost(self, error: BaseException) -> None:
        if self.is_up and not self._closed:
            self.is_up = False
            if isinstance(error, ResponseError):
                self._refused(type(error).__name__)
            self._looking = asyncio.get_running_loop().create_task(self._until_back(), name="shared store")

    def _refused(self, how: str) -> None:
        """It answers a look, but not this: it is full, read only, or does not let us. Told once, since nothing else would tell it."""
        if how not in self._told:
            self._told.add(how)
            log.warning("the shared store refuses what it is asked (%s): look at its memory, its role and the rights of the user", how)

    async def _until_back(self) -> None:
        """Look again at once - a busy moment of our own looks the same - and then again and again."""
        why = await self.looked()
        if why is not None:
            log.warning("the shared store %s: this replica goes on by itself until it does", why)
            while why is not None:
                await asyncio.sleep(self.settings.reconnect_delay)
                why = await self.looked()
            log.warning("the shared store is back")
        self.is_up = True
        for tell in self.returned:
            tell()


def _client(settings: ClusterSettings) -> Redis:
    """The client, which asks once. The operating system's or the given authorities vouch for what is reached with TLS."""
    assert settings.redis_url is not None
    scheme, _, rest = settings.redis_url.get_secret_value().partition("://")
    more: dict[str, Any] = {}
    if SCHEMES[scheme] == "rediss" and settings.ca_file:
        more["ssl_ca_certs"] = settings.ca_file
    try:
        client = Redis.from_url(
            f"{SCHEMES[scheme]}://{rest}",
            # `_asked` bounds all of it. With a time of its own the client sends through `asyncio.wait_for`, which before Python 3.12 drops
            # a cancellation that comes when the sending is done: whoever was cancelled would go on, and one who asks for ever never end.
            socket_timeout=None,
            socket_connect_timeout=settings.timeout,
            retry=Retry(NoBackoff(), 0),
            # With these a connection that was closed meanwhile is only noticed by the command that it fails.
            maint_notifications_config=MaintNotificationsConfig(enabled=False),
            **more,
        )
    except ValueError:
        raise SettingsError("cluster.redis_url: write redis://HOST:6379/0, rediss://HOST:6379/0 with TLS, or unix://PATH") from None
    if SCHEMES[scheme] == "rediss":
        _trust_once(client)
    return client


def _trust_once(client: Redis) -> None:
    """All connections share one context: the client would read the authorities, which takes 20 ms and more, for each of them."""
    pool = client.connection_pool
    trust = SSLConnection(**pool.connection_kwargs).ssl_context
    try:
        trust.get()
    except OSError:
        raise SettingsError(CA_FILE) from None

    class Trusting(SSLConnection):
        def __init__(self, **given: Any) -> None:
            super().__init__(**given)
            self.ssl_context = trust

    pool.connection_class = Trusting
