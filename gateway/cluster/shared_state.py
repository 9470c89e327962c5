"""Sharing: all that one gateway shares with others, over one connection; made once for a configuration."""

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

SECRET = "cluster.secret: set it, or media.secret, to the same 16 or more characters on all replicas: what they share is encrypted with it"


@dataclass(eq=False)
class SharedState:
    """What is shared; an attribute is None where it is not."""

    settings: ClusterSettings
    redis: RedisClient
    encryption: Encryption
    revocations: RevocationList | None
    _tasks: list[asyncio.Task[None]] = field(default_factory=list)

    @classmethod
    def of(cls, settings: ClusterSettings, fallback: SecretStr | None) -> "SharedState":
        """As the settings want it; nothing is asked yet."""
        secret = settings.secret or fallback
        if secret is None or len(secret.get_secret_value()) < MIN_SECRET_LENGTH:
            raise SettingsError(SECRET)
        line, box = RedisClient(settings), Encryption(secret.get_secret_value())
        return cls(settings, line, box, RevocationList(line, box) if settings.check_revocations else None)

    def share_cache(self, cache: Cache | None) -> None:
        """Keep answers where all replicas find them."""
        if cache is not None and self.settings.share_cache:
            cache.store = SharedCache(cache.store.backend, self.redis, self.encryption)

    def rate_limit(self, provider: str, per_second: float) -> SharedRateLimit | None:
        """The rate of a provider, for all replicas together."""
        return SharedRateLimit(self.redis, provider, per_second) if self.settings.share_rate_limits else None

    def is_revoked(self, credential: str) -> bool:
        """Whether a credential is refused."""
        return self.revocations is not None and self.revocations.holds(credential)

    def share_polling(self, hub: SubscriptionHub) -> None:
        """Look for new calls on behalf of all, one replica at each provider."""
        if self.settings.share_polling:
            hub.poller_factory = LeaderPollerFactory(self.redis, self.encryption)

    def start(self, before: "SharedState | None" = None) -> None:
        """Keep up with the others from now on, with what another has learned."""
        if self.revocations is not None and before is not None and before.revocations is not None:
            self.revocations.after(before.revocations)
        if self.revocations is not None and not self._tasks:
            self._tasks.append(asyncio.get_running_loop().create_task(self.revocations.keep(), name="revocations"))

    async def aclose(self) -> None:
        """Let go of the connection."""
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        await self.redis.aclose()
