"""Health: how each provider is, as the gateway has seen it."""

from dataclasses import dataclass
from datetime import UTC, datetime

from telegraphql.gateway.errors import UpstreamError
from telegraphql.schema.enums import BreakerState, ProblemCode
from telegraphql.schema.paging import Problem
from telegraphql.schema.provider import ProviderHealth

# With any other problem the upstream is there, and lets us in.
DOWN = frozenset({ProblemCode.UNAUTHORIZED, ProblemCode.TIMEOUT, ProblemCode.UNAVAILABLE, ProblemCode.BAD_ANSWER})


@dataclass(slots=True)
class Health:
    """One provider's last good and bad moments; `up` is None until it was asked for the first time."""

    state: BreakerState = BreakerState.CLOSED
    last_success_at: datetime | None = None
    last_problem: Problem | None = None
    up: bool | None = None

    def succeeded(self) -> None:
        """An answer came."""
        self.last_success_at = datetime.now(UTC)
        self.up = True

    def failed(self, error: UpstreamError) -> None:
        """Something went wrong."""
        self.last_problem = error.as_problem()
        self.up = self.last_problem.code not in DOWN

    def shown(self) -> ProviderHealth:
        """As clients see it."""
        return ProviderHealth(state=self.state, last_success_at=self.last_success_at, last_problem=self.last_problem)
