"""Health: remember whether each provider works, as seen by the gateway's own requests."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime

from telegraphql.gateway.errors import ScanLimit, UpstreamError
from telegraphql.gateway.fault_owner import FaultOwner
from telegraphql.schema.enums import BreakerState, HealthStatus, ProblemCode
from telegraphql.schema.paging import Problem
from telegraphql.schema.provider import CircuitBreaker, ProviderHealth

# With any other problem the upstream is reachable and accepts the credentials.
DOWN = frozenset({ProblemCode.UNAUTHORIZED, ProblemCode.TIMEOUT, ProblemCode.UNAVAILABLE, ProblemCode.BAD_ANSWER})


@dataclass(slots=True)
class Health:
    """The state of one provider: its last success and its last problem."""

    state: BreakerState = BreakerState.CLOSED
    last_success_at: datetime | None = None
    last_problem: Problem | None = None
    # When it last answered or failed.
    last_heard_at: datetime | None = None
    status: HealthStatus = HealthStatus.UNKNOWN
    # When the status began.
    since: datetime | None = None
    # What limits the gateway at this provider, and what to change.
    warnings: tuple[str, ...] = ()
    # The header Date of the last answer, and when that came.
    _date: tuple[str, datetime] | None = None

    @property
    def up(self) -> bool | None:
        """Return True if the provider answers and accepts the credentials; None until the first request."""
        return None if self.status is HealthStatus.UNKNOWN else self.status is not HealthStatus.DOWN

    def note_date(self, header: str | None) -> None:
        """Note the upstream's time, which is read only if somebody asks for the skew."""
        if header is not None:
            self._date = header, datetime.now(UTC)

    @property
    def clock_skew(self) -> timedelta | None:
        """Return how far the upstream's clock is ahead of this machine's; None if it has not told its time."""
        if self._date is None:
            return None
        header, received = self._date
        try:
            return parsedate_to_datetime(header) - received
        except (ValueError, TypeError):  # a time without a zone cannot be compared
            return None

    def succeeded(self) -> None:
        """Note an answer."""
        self.last_success_at = self.last_heard_at = datetime.now(UTC)
        if self.status is not HealthStatus.HEALTHY:
            self._begin(HealthStatus.HEALTHY)

    def failed(self, error: UpstreamError) -> None:
        """Note an error. An upstream that refuses what a client asked for works; the gateway's own limit says nothing about it."""
        if isinstance(error, ScanLimit):
            return
        if error.fault is FaultOwner.INPUT:
            self.succeeded()
            return
        self.last_problem, self.last_heard_at = error.as_problem(), datetime.now(UTC)
        status = HealthStatus.DOWN if self.last_problem.code in DOWN else HealthStatus.DEGRADED
        if self.status is not status:
            self._begin(status)

    def _begin(self, status: HealthStatus) -> None:
        self.status, self.since = status, datetime.now(UTC)

    def shown(self) -> ProviderHealth:
        """Return the health as clients see it."""
        return ProviderHealth(
            status=self.status,
            since=self.since,
            last_success_at=self.last_success_at,
            last_problem=self.last_problem,
            breaker=CircuitBreaker(state=self.state),
            warnings=[*self.warnings],
        )
