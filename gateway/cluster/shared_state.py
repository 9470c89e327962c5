"""The state that one gateway shares with its replicas over one Redis client."""

import asyncio
from dataclasses import dataclass, field

from pydantic import SecretStr

from telegraphql.gateway.cluster.encryption import Encryption
from telegraphql.gateway.cluster.leader_poller import LeaderPollerFactory
from telegraphql.gateway.cluster.rate_limit import SharedRateLimit
from telegraphql.gateway.cluster.redis import RedisClient
from telegraphql.gateway.cluster.revocation import RevocationList
from telegraphql.gateway.cluster.settings import MIN_SECRET_LENGTH, ClusterSettings
from telegraphql.gateway.cluster.shared_cache import SharedCache
from telegraphql.gateway.errors import SettingsError
from telegraphql.gateway.subscriptions.hub import SubscriptionHub
from telegraphql.gateway.upstream.cache import Cache

NO_SECRET = (
    f"cluster.secret is missing: set it, or media.secret, to the same text of at least {MIN_SECRET_LENGTH} characters on all replicas; "
    "values in Redis are encrypted with it"
)


@dataclass(eq=False)
class SharedState:
    """The state that replicas share over Redis. `revocations` is None if they are not checked."""

    settings: ClusterSettings
    redis: RedisClient
    encryption: Encryption
    revocations: RevocationList | None
    _tasks: list[asyncio.Task[None]] = field(default_factory=list)

    @classmethod
    def of(cls, settings: ClusterSettings, media_secret: SecretStr | None) -> "SharedState":
        """Build the shared state of a configuration. No command is sent yet.

        Raises:
            SettingsError: There is no secret, or the settings are wrong.
        """
        secret = settings.secret or media_secret
        if secret is None or len(secret.get_secret_value()) < MIN_SECRET_LENGTH:
            raise SettingsError(NO_SECRET)
        redis, encryption = RedisClient(settings), Encryption(secret.get_secret_value())
        return cls(settings, redis, encryption, RevocationList(redis, encryption) if settings.check_revocations else None)

    def share_cache(self, cache: Cache | None) -> None:
        """Make a cache shared, if the settings say so."""
        if cache is not None and self.settings.share_cache:
            cache.store = SharedCache(cache.store.backend, self.redis, self.encryption)

    def rate_limit(self, provider: str, requests_per_second: float, burst: float) -> SharedRateLimit | None:
        """Return the shared rate limit of a provider, or None if rate limits are not shared."""
        return SharedRateLimit(self.redis, provider, requests_per_second, burst) if self.settings.share_rate_limits else None

    def is_revoked(self, revocation_id: str) -> bool:
        """Return True if a credential is revoked."""
        return self.revocations is not None and self.revocations.contains(revocation_id)

    def share_polling(self, hub: SubscriptionHub) -> None:
        """Make one replica poll each provider for all, if the settings say so."""
        if self.settings.share_polling:
            hub.poller_factory = LeaderPollerFactory(self.redis, self.encryption)

    def start(self, previous: "SharedState | None" = None) -> None:
        """Start reading revocations, beginning with those that the previous configuration has read."""
        if self.revocations is not None and previous is not None and previous.revocations is not None:
            self.revocations.copy_from(previous.revocations)
        if self.revocations is not None and not self._tasks:
            self._tasks.append(asyncio.get_running_loop().create_task(self.revocations.keep_updated(), name="revocations"))

    async def aclose(self) -> None:
        """Close the Redis client."""
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        await self.redis.aclose()
