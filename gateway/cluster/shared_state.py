"""Sharing: all that one gateway shares with others, over one connection; made once for a configuration."""

import asyncio
from dataclasses import dataclass, field

from pydantic import SecretStr

from telegraphql.gateway.cluster.encryption import Box
from telegraphql.gateway.cluster.leader_poller import Lookouts
from telegraphql.gateway.cluster.rate_limit import SharedRate
from telegraphql.gateway.cluster.redis import Line
from telegraphql.gateway.cluster.revocation import Revoked
from telegraphql.gateway.cluster.settings import MIN_SECRET_LENGTH, ClusterSettings
from telegraphql.gateway.cluster.shared_cache import SharedStore
from telegraphql.gateway.errors import SettingsError
from telegraphql.gateway.subscriptions.hub import SubscriptionHub
from telegraphql.gateway.upstream.cache import Cache

SECRET = "cluster.secret: set it, or media.secret, to the same 16 or more characters on all replicas: what they share is encrypted with it"


@dataclass(eq=False)
class Sharing:
    """What is shared; an attribute is None where it is not."""

    settings: ClusterSettings
    line: Line
    box: Box
    revoked: Revoked | None
    _tasks: list[asyncio.Task[None]] = field(default_factory=list)

    @classmethod
    def of(cls, settings: ClusterSettings, fallback: SecretStr | None) -> "Sharing":
        """As the settings want it; nothing is asked yet."""
        secret = settings.secret or fallback
        if secret is None or len(secret.get_secret_value()) < MIN_SECRET_LENGTH:
            raise SettingsError(SECRET)
        line, box = Line(settings), Box(secret.get_secret_value())
        return cls(settings, line, box, Revoked(line, box) if settings.check_revocations else None)

    def keep(self, cache: Cache | None) -> None:
        """Keep answers where all replicas find them."""
        if cache is not None and self.settings.share_cache:
            cache.store = SharedStore(cache.store.backend, self.line, self.box)

    def rate(self, provider: str, per_second: float) -> SharedRate | None:
        """The rate of a provider, for all replicas together."""
        return SharedRate(self.line, provider, per_second) if self.settings.share_rate_limits else None

    def is_revoked(self, credential: str) -> bool:
        """Whether a credential is refused."""
        return self.revoked is not None and self.revoked.holds(credential)

    def follow(self, following: SubscriptionHub) -> None:
        """Look for new calls on behalf of all, one replica at each provider."""
        if self.settings.share_polling:
            following.poller_factory = Lookouts(self.line, self.box)

    def start(self, before: "Sharing | None" = None) -> None:
        """Keep up with the others from now on, with what another has learned."""
        if self.revoked is not None and before is not None and before.revoked is not None:
            self.revoked.after(before.revoked)
        if self.revoked is not None and not self._tasks:
            self._tasks.append(asyncio.get_running_loop().create_task(self.revoked.keep(), name="revocations"))

    async def aclose(self) -> None:
        """Let go of the connection."""
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        await self.line.aclose()
