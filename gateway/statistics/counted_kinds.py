"""Counted kinds: the records of which there are statistics, their dimensions and their figures."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from enum import Enum
from typing import Any, Protocol

from telegraphql.gateway.plugin.selection import Selection
from telegraphql.gateway.statistics.aggregates import GroupAggregate, NeededFigures
from telegraphql.gateway.statistics.call_dimensions import number, queue_of
from telegraphql.gateway.statistics.queue_aggregates import NeededQueueFigures, QueueAggregate
from telegraphql.schema.call import Call, agent_of
from telegraphql.schema.queue import QueueVisit
from telegraphql.schema.queue_statistics import (
    QUEUE_DIMENSION_FIELDS,
    QUEUE_FIGURE_FIELDS,
    QueueGroup,
    QueueStatistics,
    QueueStatisticsDimension,
)
from telegraphql.schema.record import Record
from telegraphql.schema.statistics import (
    DIMENSION_FIELDS,
    FIGURE_FIELDS,
    CallGroup,
    CallStatistics,
    CallStatisticsDimension,
    StatisticsQuestion,
)


class Aggregate(Protocol):
    """The figures of one group, as they grow."""

    def add(self, record: Any, needed: Any) -> None:
        """Add a record."""

    def join(self, other: Any) -> None:
        """Add all records of another group."""

    def figures(self) -> Any:
        """Return the figures as the schema shows them."""


@dataclass(frozen=True, slots=True, kw_only=True)
class CountedKind:
    """A kind of which there are statistics. Its periods are those of its time."""

    kind: type[Record]
    dimensions: type[Enum]
    # The fields that each dimension looks at, by the schema's names, and those that figures are made of.
    dimension_fields: Mapping[Any, tuple[str, ...]]
    figure_fields: tuple[str, ...]
    # The value of each dimension that is no period, by its name.
    values: Mapping[str, Callable[[Any], Any]]
    aggregate: Callable[[], Aggregate]
    needed: Callable[[Selection, StatisticsQuestion], Any]
    group: type
    answer: type


COUNTED_KINDS: Mapping[type[Record], CountedKind] = {
    each.kind: each
    for each in (
        CountedKind(
            kind=Call,
            dimensions=CallStatisticsDimension,
            dimension_fields=DIMENSION_FIELDS,
            figure_fields=FIGURE_FIELDS,
            values={
                "PROVIDER": lambda call: call.provider_name,
                "DIRECTION": lambda call: call.direction,
                "STATUS": lambda call: call.status,
                "QUEUE": queue_of,
                "AGENT": agent_of,
                "NUMBER": number,
            },
            aggregate=GroupAggregate,
            needed=lambda figures, question: NeededFigures.of(figures),
            group=CallGroup,
            answer=CallStatistics,
        ),
        CountedKind(
            kind=QueueVisit,
            dimensions=QueueStatisticsDimension,
            dimension_fields=QUEUE_DIMENSION_FIELDS,
            figure_fields=QUEUE_FIGURE_FIELDS,
            values={
                "PROVIDER": lambda visit: visit.provider_name,
                "OUTCOME": lambda visit: visit.outcome,
                "QUEUE": queue_of,
                "AGENT": lambda visit: visit.agent_id,
            },
            aggregate=QueueAggregate,
            needed=lambda figures, question: NeededQueueFigures.of(figures, question.service_level_seconds),
            group=QueueGroup,
            answer=QueueStatistics,
        ),
    )
}
