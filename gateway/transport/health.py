"""Health: how each provider is, as the gateway has seen it."""

from dataclasses import dataclass
from datetime import UTC, datetime

from gateway.errors import UpstreamError
from schema.enums import BreakerState
from schema.paging import Problem
from schema.provider import ProviderHealth


@dataclass(slots=True)
class Health:
    """One provider's last good and bad moments."""

    state: BreakerState = BreakerState.CLOSED
    last_success_at: datetime | None = None
    last_problem: Problem | None = None

    def succeeded(self) -> None:
        """An answer came."""
        self.last_success_at = datetime.now(UTC)

    def failed(self, error: UpstreamError) -> None:
        """Something went wrong."""
        self.last_problem = error.as_problem()

    def shown(self) -> ProviderHealth:
        """As clients see it."""
        return ProviderHealth(state=self.state, last_success_at=self.last_success_at, last_problem=self.last_problem)
