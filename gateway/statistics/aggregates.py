"""Exact aggregates of one group of calls, in memory that does not grow with the number of calls."""

from collections import Counter
from dataclasses import dataclass, field
from decimal import Context, Decimal
from math import ceil

from telegraphql.gateway.plugin.selection import Selection
from telegraphql.schema.call import Call
from telegraphql.schema.enums import CallStatus
from telegraphql.schema.statistics import CallFigures, Percentiles
from telegraphql.schema.values import Money

# Statuses that count as no attempt: not over, or unknown.
NO_ATTEMPT = frozenset({CallStatus.IN_PROGRESS, CallStatus.UNKNOWN})
# Precise enough for exact sums: no amount has so many digits.
EXACT_CONTEXT = Context(prec=200)


@dataclass(frozen=True, slots=True)
class NeededFigures:
    """The costly figures that a query selects."""

    talk_seconds_percentiles: bool
    ring_seconds_percentiles: bool
    cost: bool

    @classmethod
    def of(cls, figures: Selection) -> "NeededFigures":
        """Return the needs of a selection of figures."""
        return cls("talkSecondsPercentiles" in figures, "ringSecondsPercentiles" in figures, "cost" in figures or "costKnown" in figures)


@dataclass(slots=True)
class DurationAggregate:
    """Durations in seconds: their count, their sum and, if needed, a histogram by whole second."""

    count: int = 0
    total: int = 0
    by_second: Counter[int] = field(default_factory=Counter)

    def add(self, seconds: int, keep_histogram: bool) -> None:
        """Add one duration in seconds."""
        self.count += 1
        self.total += seconds
        if keep_histogram:
            self.by_second[seconds] += 1

    def join(self, other: "DurationAggregate") -> None:
        """Add all durations of another aggregate."""
        self.count += other.count
        self.total += other.total
        self.by_second.update(other.by_second)

    def average(self) -> float | None:
        """Return the average in seconds; None without durations."""
        return self.total / self.count if self.count else None

    def percentiles(self) -> Percentiles:
        """Return the percentiles by nearest rank, in seconds."""
        p50, p90, p95, p99 = self._ranked([ceil(self.count * percent / 100) for percent in (50, 90, 95, 99)])
        return Percentiles(p50=p50, p90=p90, p95=p95, p99=p99)

    def _ranked(self, ranks: list[int]) -> list[int | None]:
        """Return the values at these ascending ranks; None for each without a histogram."""
        values: list[int | None] = []
        passed = 0
        for seconds in sorted(self.by_second):
            passed += self.by_second[seconds]
            while len(values) < len(ranks) and ranks[len(values)] <= passed:
                values.append(seconds)
        return values + [None] * (len(ranks) - len(values))


@dataclass(slots=True)
class GroupAggregate:
    """The aggregates of one group of calls."""

    calls: int = 0
    attempts: int = 0
    answered: int = 0
    talk: DurationAggregate = field(default_factory=DurationAggregate)
    ring: DurationAggregate = field(default_factory=DurationAggregate)
    costs: dict[str | None, Decimal] = field(default_factory=dict)
    cost_known: int = 0

    def add(self, call: Call, needed: NeededFigures) -> None:
        """Add a call."""
        self.calls += 1
        self.attempts += call.status not in NO_ATTEMPT
        if call.status is CallStatus.ANSWERED:
            self.answered += 1
            if call.talk_seconds is not None:
                self.talk.add(call.talk_seconds, needed.talk_seconds_percentiles)
        if call.ring_seconds is not None:
            self.ring.add(call.ring_seconds, needed.ring_seconds_percentiles)
        if needed.cost and call.cost is not None:
            self.cost_known += 1
            self._add_cost(call.cost.currency, call.cost.amount)

    def join(self, other: "GroupAggregate") -> None:
        """Add all calls of another group."""
        self.calls += other.calls
        self.attempts += other.attempts
        self.answered += other.answered
        self.talk.join(other.talk)
        self.ring.join(other.ring)
        self.cost_known += other.cost_known
        for currency, amount in other.costs.items():
            self._add_cost(currency, amount)

    def figures(self) -> CallFigures:
        """Return the figures as the schema shows them."""
        return CallFigures(
            calls=self.calls,
            answered=self.answered,
            answer_seizure_ratio=self.answered / self.attempts if self.attempts else None,
            average_call_seconds=self.talk.average(),
            talk_seconds=float(self.talk.total),
            talk_seconds_known=self.talk.count,
            talk_seconds_percentiles=self.talk.percentiles(),
            ring_seconds_percentiles=self.ring.percentiles(),
            ring_seconds_known=self.ring.count,
            cost=[Money(amount=self.costs[currency], currency=currency) for currency in sorted(self.costs, key=_none_last)],
            cost_known=self.cost_known,
        )

    def _add_cost(self, currency: str | None, amount: Decimal) -> None:
        self.costs[currency] = EXACT_CONTEXT.add(self.costs.get(currency, Decimal(0)), amount)


def _none_last(currency: str | None) -> tuple[bool, str]:
    return currency is None, currency or ""
