"""Exact aggregates of one group of visits to queues, in memory that does not grow with the number of visits."""

from collections import Counter
from dataclasses import dataclass, field

from telegraphql.gateway.plugin.selection import Selection
from telegraphql.gateway.statistics.aggregates import DurationAggregate
from telegraphql.schema.enums import QueueOutcome
from telegraphql.schema.queue import QueueVisit
from telegraphql.schema.queue_statistics import QueueFigures

# The outcomes of callers who waited for an agent.
WAITED = frozenset({QueueOutcome.SERVICED, QueueOutcome.ABANDONED})


@dataclass(frozen=True, slots=True)
class NeededQueueFigures:
    """The needs of a query that counts visits."""

    wait_seconds_percentiles: bool
    service_level_seconds: int
    # Nothing of a visit has a price.
    cost: bool = False

    @classmethod
    def of(cls, figures: Selection, service_level_seconds: int) -> "NeededQueueFigures":
        """Return the needs of a selection of figures."""
        return cls("waitSecondsPercentiles" in figures, service_level_seconds)


@dataclass(slots=True)
class QueueAggregate:
    """The aggregates of one group of visits."""

    outcomes: Counter[QueueOutcome] = field(default_factory=Counter)
    waits: DurationAggregate = field(default_factory=DurationAggregate)
    services: DurationAggregate = field(default_factory=DurationAggregate)
    in_time: int = 0
    longest_wait: int | None = None

    def add(self, visit: QueueVisit, needed: NeededQueueFigures) -> None:
        """Add a visit."""
        outcome, wait, service = visit.outcome, visit.wait_seconds, visit.service_seconds
        self.outcomes[outcome] += 1
        if outcome is QueueOutcome.SERVICED and service is not None:
            self.services.add(service, False)
        if wait is not None and outcome in WAITED:
            self.waits.add(wait, needed.wait_seconds_percentiles)
            self.in_time += outcome is QueueOutcome.SERVICED and wait <= needed.service_level_seconds
            self.longest_wait = max(wait, self.longest_wait or 0)

    def join(self, other: "QueueAggregate") -> None:
        """Add all visits of another group."""
        self.outcomes.update(other.outcomes)
        self.waits.join(other.waits)
        self.services.join(other.services)
        self.in_time += other.in_time
        if other.longest_wait is not None:
            self.longest_wait = max(other.longest_wait, self.longest_wait or 0)

    def figures(self) -> QueueFigures:
        """Return the figures as the schema shows them."""
        serviced, abandoned = self.outcomes[QueueOutcome.SERVICED], self.outcomes[QueueOutcome.ABANDONED]
        waited = serviced + abandoned
        return QueueFigures(
            visits=self.outcomes.total(),
            serviced=serviced,
            abandoned=abandoned,
            rejected=self.outcomes[QueueOutcome.REJECTED],
            abandonment_rate=abandoned / waited if waited else None,
            service_level=self.in_time / self.waits.count if self.waits.count else None,
            wait_seconds_percentiles=self.waits.percentiles(),
            longest_wait_seconds=self.longest_wait,
            average_wait_seconds=self.waits.average(),
            wait_seconds_known=self.waits.count,
            average_service_seconds=self.services.average(),
        )
