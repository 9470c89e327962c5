"""Statistics: calls counted in groups, and their figures."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from enum import Enum
from typing import Annotated, Any

import strawberry
from strawberry import UNSET
from strawberry import enum_value as word
from strawberry.types import Info

from telegraphql.schema.call import Call, CallFilter
from telegraphql.schema.described import enum_type, object_type
from telegraphql.schema.enums import CallDirection, CallStatus
from telegraphql.schema.fields import ResolverPromise, needed, promising, shown
from telegraphql.schema.paging import Problem
from telegraphql.schema.provider import ProviderNode
from telegraphql.schema.queue import Queue
from telegraphql.schema.values import Money

# In records, as the limit of cost counts them: the scan, unless it is read with a wider one, and the groups that are expected.
SCAN_COST = 3000
EXPECTED_GROUPS = 100
# The root fields that count records.
STATISTICS_FIELDS = frozenset({"callStatistics", "queueStatistics"})


@enum_type
class CallStatisticsDimension(Enum):
    """A property by which calls are grouped."""

    PROVIDER = word("PROVIDER", description="The configured provider.")
    MONTH = word("MONTH", description="The month in which the call began, in `timeZone`.")
    WEEK = word("WEEK", description="The week by ISO 8601, Monday to Sunday, in which the call began, in `timeZone`.")
    DAY = word("DAY", description="The day on which the call began, in `timeZone`.")
    HOUR = word("HOUR", description="The hour of the day in which the call began, 0 to 23, in `timeZone`.")
    DIRECTION = word("DIRECTION", description="The direction of the call.")
    STATUS = word("STATUS", description="The outcome of the call.")
    QUEUE = word("QUEUE", description="The queue through which the call went.")
    AGENT = word(
        "AGENT",
        description="The extension or user of the company: the called one of an inbound call, the calling one of an outbound call. "
        "Groups by provider too, since several providers can have the same extension.",
    )
    NUMBER = word(
        "NUMBER",
        description="The number outside the company: the calling one of an inbound call, the called one of an outbound call. "
        "In E.164 where that is certain, so that all spellings are one group.",
    )


# The fields of a call that each dimension looks at; PROVIDER looks at none.
DIMENSION_FIELDS: Mapping[CallStatisticsDimension, tuple[str, ...]] = {
    CallStatisticsDimension.MONTH: ("startedAt",),
    CallStatisticsDimension.WEEK: ("startedAt",),
    CallStatisticsDimension.DAY: ("startedAt",),
    CallStatisticsDimension.HOUR: ("startedAt",),
    CallStatisticsDimension.DIRECTION: ("direction",),
    CallStatisticsDimension.STATUS: ("status",),
    CallStatisticsDimension.QUEUE: ("queue",),
    CallStatisticsDimension.AGENT: ("direction", "from", "to"),
    CallStatisticsDimension.NUMBER: ("direction", "from", "to"),
}
# The fields of a call that figures are made of. The cost is read only where it is selected.
FIGURE_FIELDS = ("status", "talkSeconds", "ringSeconds")
COST_FIELD = "cost"


@object_type
class Percentiles:
    """Exact percentiles in whole seconds: the smallest length that the given share of the calls does not exceed."""

    p50: int | None = shown("The median. Null if there are no calls.")
    p90: int | None = shown("The length that 90 percent of the calls do not exceed. Null if there are no calls.")
    p95: int | None = shown("The length that 95 percent of the calls do not exceed. Null if there are no calls.")
    p99: int | None = shown("The length that 99 percent of the calls do not exceed. Null if there are no calls.")


@object_type
class CallFigures:
    """Figures of a set of calls."""

    calls: int = needed("The number of calls.")
    answered: int = needed("The number of calls with the status ANSWERED. Calls with the status VOICEMAIL are not among them.")
    answer_seizure_ratio: float | None = shown(
        "The answer-seizure ratio (ASR), 0 to 1: answered calls divided by all calls whose status is neither IN_PROGRESS nor UNKNOWN. "
        "Null if there are none."
    )
    average_call_seconds: float | None = shown(
        "The average call duration (ACD) in seconds: talk time divided by the answered calls of known talk time. Null if there are none."
    )
    talk_seconds: float = needed("The talk time of the answered calls in seconds, as far as known.")
    talk_seconds_known: int = needed("The number of answered calls of known talk time.")
    talk_seconds_percentiles: Percentiles = needed("The percentiles of the talk time of the answered calls, as far as known.")
    ring_seconds_percentiles: Percentiles = needed(
        "The percentiles of the ring time of all calls, as far as known: from start to answer, or to the end without one."
    )
    ring_seconds_known: int = needed("The number of calls of known ring time.")
    cost: list[Money] = needed("The cost of the calls: one exact sum for each currency. Some providers need one request for each call.")
    cost_known: int = needed("The number of calls of known cost. Needs the same requests as `cost`.")


@object_type
class StatisticsGroup:
    """Records that have the same provider and time, as far as these are chosen."""

    # Its id.
    provider: strawberry.Private[str | None] = None
    month: date | None = shown("The first day of the month in the time zone. Null unless chosen.")
    week: date | None = shown("The Monday of the week in the time zone. Null unless chosen.")
    day: date | None = shown("The day in the time zone. Null unless chosen.")
    hour: int | None = shown("The hour of the day in the time zone, 0 to 23. Null unless chosen.")

    @strawberry.field(name="provider", description="The provider. Null unless PROVIDER or AGENT is chosen.")
    @promising(ResolverPromise.AT_ONCE)
    def provider_node(self, info: Info) -> ProviderNode | None:
        found: ProviderNode | None = info.context.known_provider(self.provider or "")
        return found


@object_type
class CallGroup(StatisticsGroup):
    """Calls that have the same values in the chosen dimensions. The other dimensions are null."""

    direction: CallDirection | None = shown("The direction. Null unless chosen.")
    status: CallStatus | None = shown("The outcome. Null unless chosen.")
    queue: Queue | None = shown(
        "The queue. Null unless chosen, for calls without a queue, and for providers that do not report it.",
        metadata={"expected": 1, "cost": 1},
    )
    agent: str | None = shown(
        "The extension, or the provider's id or name of the user. Null unless chosen, and for calls without one.", personal=True
    )
    number: str | None = shown("The number outside the company. Null unless chosen, and for calls without one.", personal=True)
    figures: CallFigures = needed("The figures of these calls.")


@object_type
class CallStatistics:
    """Calls counted in groups."""

    groups: list[CallGroup] = strawberry.field(
        description="The groups, ordered by provider, month, week, day, hour, direction, status, queue, agent and number; null comes last. "
        "Empty without dimensions.",
        metadata={"expected": EXPECTED_GROUPS, "cost": 0},
    )
    total: CallFigures = needed("The figures of all these calls.")
    is_complete: bool = needed("True if every matching call is counted. If false, `problems` says why.")
    end_cursor: str | None = shown(
        "The cursor to pass as `after` to count the remaining calls. No call is counted twice: counts and sums can be added, ratios and "
        "percentiles cannot. Null if nothing remains."
    )
    problems: list[Problem] = needed("The calls that are not counted, with the reasons. Empty if `isComplete`.")


@dataclass(frozen=True, slots=True, kw_only=True)
class StatisticsQuestion:
    """A question: the records to count and the dimensions by which they are grouped."""

    filter: Any
    by: Sequence[Enum] = ()
    time_zone: str = "UTC"
    after: str | None = None
    fill_gaps: bool = False
    service_level_seconds: int = 0


Which = Annotated[
    CallFilter | None,
    strawberry.argument(description="A filter. Without `startedAt.since`, all calls of the past are read. Null: all calls."),
]
By = Annotated[list[CallStatisticsDimension] | None, strawberry.argument(description="The dimensions. Null: only the total.")]
Zone = Annotated[
    str | None, strawberry.argument(description="The IANA time zone of MONTH, WEEK, DAY and HOUR, such as Europe/Zurich. Null: UTC.")
]
Going = Annotated[str | None, strawberry.argument(description="An `endCursor` of the same filter, to count what remains.")]
Filling = Annotated[
    bool,
    strawberry.argument(
        description="True: also the hours, days, weeks or months of the range in which nothing began, as empty groups. "
        "Each combination of the other dimensions that occurs is continued over all of them. Needs the start of a "
        "range (`since`); without `until`, it ends now."
    ),
]


async def resolve(
    self: Any, info: Info, filter: Which = UNSET, by: By = UNSET, time_zone: Zone = "UTC", after: Going = UNSET, fill_gaps: Filling = False
) -> CallStatistics:
    """Resolve the statistics."""
    question = StatisticsQuestion(
        filter=filter or CallFilter(), by=tuple(by or ()), time_zone=time_zone or "UTC", after=after or None, fill_gaps=fill_gaps
    )
    found: CallStatistics = await info.context.statistics(Call, question, info)
    return found


call_statistics: Any = strawberry.field(
    resolver=resolve,
    metadata={"scan": SCAN_COST, "cost": EXPECTED_GROUPS},
    description="Calls counted in groups. Every matching call is read once: pass a range of time and a narrow filter. "
    "If there are more calls than one operation may read, the rest is not counted and `problems` says so.",
)
