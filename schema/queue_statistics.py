"""Queue statistics: visits to queues counted in groups, and their figures."""

from collections.abc import Mapping
from enum import Enum
from typing import Annotated, Any

import strawberry
from strawberry import UNSET
from strawberry import enum_value as word
from strawberry.types import Info

from telegraphql.schema.described import enum_type, object_type
from telegraphql.schema.enums import QueueOutcome
from telegraphql.schema.fields import needed, shown
from telegraphql.schema.paging import Problem
from telegraphql.schema.queue import Queue, QueueVisit, QueueVisitFilter
from telegraphql.schema.statistics import EXPECTED_GROUPS, SCAN_COST, Filling, Going, Percentiles, StatisticsGroup, StatisticsQuestion, Zone

DEFAULT_SERVICE_LEVEL = 20


@enum_type
class QueueStatisticsDimension(Enum):
    """A property by which visits to queues are grouped."""

    PROVIDER = word("PROVIDER", description="The configured provider.")
    MONTH = word("MONTH", description="The month in which the caller entered the queue, in `timeZone`.")
    WEEK = word("WEEK", description="The week by ISO 8601, Monday to Sunday, in which the caller entered the queue, in `timeZone`.")
    DAY = word("DAY", description="The day on which the caller entered the queue, in `timeZone`.")
    HOUR = word("HOUR", description="The hour of the day in which the caller entered the queue, 0 to 23, in `timeZone`.")
    OUTCOME = word("OUTCOME", description="The outcome of the visit.")
    QUEUE = word("QUEUE", description="The queue.")
    AGENT = word("AGENT", description="The agent who answered. Groups by provider too, since an agent is one of a provider.")


# The field of a visit that each dimension looks at; PROVIDER looks at none.
QUEUE_DIMENSION_FIELDS: Mapping[Enum, tuple[str, ...]] = {
    QueueStatisticsDimension.MONTH: ("enteredAt",),
    QueueStatisticsDimension.WEEK: ("enteredAt",),
    QueueStatisticsDimension.DAY: ("enteredAt",),
    QueueStatisticsDimension.HOUR: ("enteredAt",),
    QueueStatisticsDimension.OUTCOME: ("outcome",),
    QueueStatisticsDimension.QUEUE: ("queue",),
    QueueStatisticsDimension.AGENT: ("agentId",),
}
# The fields of a visit that figures are made of.
QUEUE_FIGURE_FIELDS = ("outcome", "waitSeconds", "serviceSeconds")


@object_type
class QueueFigures:
    """Figures of a set of visits to queues."""

    visits: int = needed("The number of visits.")
    serviced: int = needed("The number of visits in which an agent answered.")
    abandoned: int = needed("The number of visits in which the caller left before an agent answered.")
    rejected: int = needed("The number of visits that the queue refused.")
    abandonment_rate: float | None = shown(
        "The share of callers who left, 0 to 1: abandoned visits divided by serviced and abandoned ones. Null if there are none."
    )
    service_level: float | None = shown(
        "The share of callers who were answered within `serviceLevelSeconds`, 0 to 1: such visits divided by serviced and abandoned ones, "
        "all of known waiting time. Null if there are none."
    )
    wait_seconds_percentiles: Percentiles = needed("The percentiles of the waiting time of serviced and abandoned visits, as far as known.")
    longest_wait_seconds: int | None = shown(
        "The longest waiting time of serviced and abandoned visits in seconds. Null if there are no visits of known waiting time."
    )
    average_wait_seconds: float | None = shown(
        "The average waiting time of serviced and abandoned visits in seconds. Null if there are no visits of known waiting time."
    )
    wait_seconds_known: int = needed("The number of serviced and abandoned visits of known waiting time.")
    average_service_seconds: float | None = shown(
        "The average time for which an agent talked in seconds, over serviced visits of known length. Null if there are none."
    )


@object_type
class QueueGroup(StatisticsGroup):
    """Visits that have the same values in the chosen dimensions. The other dimensions are null."""

    outcome: QueueOutcome | None = shown("The outcome. Null unless chosen.")
    queue: Queue | None = shown(
        "The queue. Null unless chosen, and for visits whose queue is not known.", metadata={"expected": 1, "cost": 1}
    )
    agent: str | None = shown("The provider's id of the agent. Null unless chosen, and for visits without one.", personal=True)
    figures: QueueFigures = needed("The figures of these visits.")


@object_type
class QueueStatistics:
    """Visits to queues counted in groups."""

    groups: list[QueueGroup] = strawberry.field(
        description="The groups, ordered by provider, month, week, day, hour, outcome, queue and agent; null comes last. "
        "Empty without dimensions.",
        metadata={"expected": EXPECTED_GROUPS, "cost": 0},
    )
    total: QueueFigures = needed("The figures of all these visits.")
    is_complete: bool = needed("True if every matching visit is counted. If false, `problems` says why.")
    end_cursor: str | None = shown(
        "The cursor to pass as `after` to count the remaining visits. No visit is counted twice: counts can be added, rates and "
        "percentiles cannot. Null if nothing remains."
    )
    problems: list[Problem] = needed("The visits that are not counted, with the reasons. Empty if `isComplete`.")


Which = Annotated[
    QueueVisitFilter | None,
    strawberry.argument(description="A filter. Without `enteredAt.since`, all visits of the past are read. Null: all visits."),
]
By = Annotated[list[QueueStatisticsDimension] | None, strawberry.argument(description="The dimensions. Null: only the total.")]
ServiceLevel = Annotated[int, strawberry.argument(description="The seconds within which callers should be answered, for `serviceLevel`.")]


async def resolve(
    self: Any,
    info: Info,
    filter: Which = UNSET,
    by: By = UNSET,
    service_level_seconds: ServiceLevel = DEFAULT_SERVICE_LEVEL,
    time_zone: Zone = "UTC",
    after: Going = UNSET,
    fill_gaps: Filling = False,
) -> QueueStatistics:
    """Resolve the statistics."""
    question = StatisticsQuestion(
        filter=filter or QueueVisitFilter(),
        by=tuple(by or ()),
        time_zone=time_zone or "UTC",
        after=after or None,
        fill_gaps=fill_gaps,
        service_level_seconds=service_level_seconds,
    )
    found: QueueStatistics = await info.context.statistics(QueueVisit, question, info)
    return found


queue_statistics: Any = strawberry.field(
    resolver=resolve,
    metadata={"scan": SCAN_COST, "cost": EXPECTED_GROUPS},
    description="Visits to queues counted in groups. Every matching visit is read once: pass a range of time and a narrow filter. "
    "If there are more visits than one operation may read, the rest is not counted and `problems` says so.",
)
