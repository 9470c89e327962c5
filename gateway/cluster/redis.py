"""The Redis client: each command has a short timeout, and a server that is down delays no request."""

import asyncio
import logging
from collections.abc import Awaitable, Callable, Sequence
from typing import Any, TypeVar

from redis.asyncio import Redis
from redis.asyncio.retry import Retry
from redis.backoff import NoBackoff
from redis.commands.core import AsyncScript
from redis.exceptions import AuthenticationError, AuthorizationError, NoPermissionError, RedisError, ResponseError
from redis.maint_notifications import MaintNotificationsConfig

from telegraphql.gateway.cluster.redis_internals import share_ssl_context
from telegraphql.gateway.cluster.settings import SCHEMES, ClusterSettings
from telegraphql.gateway.errors import SettingsError

T = TypeVar("T")
log = logging.getLogger("telegraphql")
# Concurrent commands; each has a connection.
MAX_CONCURRENCY = 32
FAILURES = (RedisError, OSError, TimeoutError)
REFUSED_CREDENTIALS = (AuthenticationError, AuthorizationError, NoPermissionError)
WRONG_URL = "cluster.redis_url: write redis://HOST:6379/0, rediss://HOST:6379/0 with TLS, or unix://PATH"
WRONG_CA_FILE = "cluster.ca_file: cannot be read as a PEM file of certificates"


class RedisUnavailable(Exception):
    """The server is down or refuses the command. Callers work without it."""


class RedisClient:
    """A Redis client that stops sending commands while the server is down.

    Attributes:
        is_up: True unless the last command failed and no ping has succeeded since.
        on_reconnect: Functions called when the server is back.
    """

    def __init__(self, settings: ClusterSettings) -> None:
        self.settings = settings
        self.is_up = True
        self.on_reconnect: list[Callable[[], None]] = []
        self._redis = _create_redis(settings)
        self._slots = asyncio.Semaphore(MAX_CONCURRENCY)
        self._reconnecting: asyncio.Task[None] | None = None
        self._scripts: dict[str, AsyncScript] = {}
        self._closed = False
        self._logged_refusals: set[str] = set()

    async def execute(self, command: Callable[[Redis], Awaitable[T]]) -> T:
        """Execute a command and return the server's reply.

        Raises:
            RedisUnavailable: The command failed or timed out, or the server is known to be down.
        """
        async with self._slots:
            if not self.is_up or self._closed:
                raise RedisUnavailable
            try:
                return await self._with_timeout(command)
            except FAILURES as error:
                self._mark_down(error)
                raise RedisUnavailable from None

    async def run_script(self, script: str, keys: Sequence[str], arguments: Sequence[str | int | bytes]) -> Any:
        """Run a Lua script and return its reply. The script's text is sent only once.

        Raises:
            RedisUnavailable: The script failed or timed out, or the server is known to be down.
        """
        registered = self._scripts.get(script)
        if registered is None:
            registered = self._scripts[script] = self._redis.register_script(script)
        return await self.execute(lambda _: registered(keys=keys, args=arguments))

    async def check(self) -> str | None:
        """Ping the server. Return None if it answers, else why not."""
        try:
            await self._with_timeout(lambda redis: redis.ping())
        except REFUSED_CREDENTIALS:
            return "refuses the credentials of cluster.redis_url"
        except FAILURES as error:
            return f"does not answer ({type(error).__name__})"
        return None

    async def aclose(self) -> None:
        """Close all connections."""
        self._closed = True
        if self._reconnecting is not None:
            self._reconnecting.cancel()
            await asyncio.gather(self._reconnecting, return_exceptions=True)
        await self._redis.aclose()

    async def _with_timeout(self, command: Callable[[Redis], Awaitable[T]]) -> T:
        async with asyncio.timeout(self.settings.timeout):
            return await command(self._redis)

    def _mark_down(self, error: BaseException) -> None:
        if self.is_up and not self._closed:
            self.is_up = False
            if isinstance(error, ResponseError):
                self._log_refusal(type(error).__name__)
            self._reconnecting = asyncio.get_running_loop().create_task(self._reconnect(), name="redis reconnect")

    def _log_refusal(self, error: str) -> None:
        """Log once that the server answers pings but refuses a command: it is full, read-only, or lacks a permission."""
        if error not in self._logged_refusals:
            self._logged_refusals.add(error)
            log.warning("Redis refuses a command (%s): check its memory, its role and the user's permissions", error)

    async def _reconnect(self) -> None:
        """Ping until the server answers. The first ping is sent at once, since a timeout may be due to a busy moment of this process."""
        reason = await self.check()
        if reason is not None:
            log.warning("Redis %s: this replica works alone until it does", reason)
            while reason is not None:
                await asyncio.sleep(self.settings.reconnect_delay)
                reason = await self.check()
            log.warning("Redis is back")
        self.is_up = True
        for callback in self.on_reconnect:
            callback()


def _create_redis(settings: ClusterSettings) -> Redis:
    assert settings.redis_url is not None
    scheme, _, address = settings.redis_url.get_secret_value().partition("://")
    options: dict[str, Any] = {}
    if SCHEMES[scheme] == "rediss" and settings.ca_file:
        options["ssl_ca_certs"] = settings.ca_file
    try:
        redis = Redis.from_url(
            f"{SCHEMES[scheme]}://{address}",
            # `_with_timeout` covers a whole command. A timeout of redis-py uses `asyncio.wait_for`, which before Python 3.12 swallows a
            # cancellation that arrives as the send completes: the cancelled task would go on, and a loop would never end.
            socket_timeout=None,
            socket_connect_timeout=settings.timeout,
            retry=Retry(NoBackoff(), 0),
            # With maintenance notifications, a connection that was closed meanwhile is only noticed when a command fails on it.
            maint_notifications_config=MaintNotificationsConfig(enabled=False),
            **options,
        )
    except ValueError:
        raise SettingsError(WRONG_URL) from None
    if SCHEMES[scheme] == "rediss":
        try:
            share_ssl_context(redis)
        except OSError:
            raise SettingsError(WRONG_CA_FILE) from None
    return redis
