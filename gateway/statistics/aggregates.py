"""GroupAggregate: the figures of one group, exact, in memory that does not grow with its calls."""

from collections import Counter
from dataclasses import dataclass, field
from decimal import Context, Decimal
from math import ceil

from telegraphql.gateway.plugin.selection import Selection
from telegraphql.schema.call import Call
from telegraphql.schema.enums import CallStatus
from telegraphql.schema.statistics import CallFigures, Percentiles
from telegraphql.schema.values import Money

# Not known to have been attempted, or not over.
NOT_COUNTED = frozenset({CallStatus.IN_PROGRESS, CallStatus.UNKNOWN})
# Sums of amounts are exact: no amount has as many digits.
EXACT = Context(prec=200)


@dataclass(frozen=True, slots=True)
class NeededAggregates:
    """What is worth keeping."""

    talk_times: bool
    ring_times: bool
    cost: bool

    @classmethod
    def of(cls, figures: Selection) -> "NeededAggregates":
        """What is selected of the figures."""
        return cls("talkTimes" in figures, "ringTimes" in figures, "cost" in figures or "costKnown" in figures)


@dataclass(slots=True)
class Lengths:
    """Lengths of time: how many, their sum, and how many of each whole second where that is wanted."""

    known: int = 0
    total: int = 0
    each: Counter[int] = field(default_factory=Counter)

    def add(self, seconds: int, keep: bool) -> None:
        """Count one."""
        self.known += 1
        self.total += seconds
        if keep:
            self.each[seconds] += 1

    def join(self, other: "Lengths") -> None:
        """Take in another's."""
        self.known += other.known
        self.total += other.total
        self.each.update(other.each)

    def percentiles(self) -> Percentiles:
        """By nearest rank."""
        p50, p90, p95, p99 = self._ranked([ceil(self.known * percent / 100) for percent in (50, 90, 95, 99)])
        return Percentiles(p50=p50, p90=p90, p95=p95, p99=p99)

    def _ranked(self, ranks: list[int]) -> list[int | None]:
        """The values at these ascending ranks; none where nothing was kept."""
        found: list[int | None] = []
        passed = 0
        for seconds in sorted(self.each):
            passed += self.each[seconds]
            while len(found) < len(ranks) and ranks[len(found)] <= passed:
                found.append(seconds)
        return found + [None] * (len(ranks) - len(found))


@dataclass(slots=True)
class GroupAggregate:
    """The calls of one group, as numbers."""

    calls: int = 0
    attempts: int = 0
    answered: int = 0
    talk: Lengths = field(default_factory=Lengths)
    ring: Lengths = field(default_factory=Lengths)
    costs: dict[str | None, Decimal] = field(default_factory=dict)
    priced: int = 0

    def add(self, call: Call, wanted: NeededAggregates) -> None:
        """Count a call."""
        self.calls += 1
        self.attempts += call.status not in NOT_COUNTED
        if call.status is CallStatus.ANSWERED:
            self.answered += 1
            if call.talk_duration is not None:
                self.talk.add(call.talk_duration, wanted.talk_times)
        if call.ring_duration is not None:
            self.ring.add(call.ring_duration, wanted.ring_times)
        if wanted.cost and call.cost is not None:
            self.priced += 1
            self._pay(call.cost.currency, call.cost.amount)

    def join(self, other: "GroupAggregate") -> None:
        """Take in another group."""
        self.calls += other.calls
        self.attempts += other.attempts
        self.answered += other.answered
        self.talk.join(other.talk)
        self.ring.join(other.ring)
        self.priced += other.priced
        for currency, amount in other.costs.items():
            self._pay(currency, amount)

    def figures(self) -> CallFigures:
        """What clients see."""
        return CallFigures(
            calls=self.calls,
            answered=self.answered,
            answer_seizure_ratio=self.answered / self.attempts if self.attempts else None,
            average_call_duration=self.talk.total / self.talk.known if self.talk.known else None,
            talk_time=float(self.talk.total),
            talk_time_known=self.talk.known,
            talk_times=self.talk.percentiles(),
            ring_times=self.ring.percentiles(),
            ring_time_known=self.ring.known,
            cost=[Money(amount=self.costs[currency], currency=currency) for currency in sorted(self.costs, key=_none_last)],
            cost_known=self.priced,
        )

    def _pay(self, currency: str | None, amount: Decimal) -> None:
        self.costs[currency] = EXACT.add(self.costs.get(currency, Decimal(0)), amount)


def _none_last(currency: str | None) -> tuple[bool, str]:
    return currency is None, currency or ""
