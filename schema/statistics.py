"""Statistics: calls counted in groups, and what the figures mean."""

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
from telegraphql.schema.enums import CallDirection, CallStatus
from telegraphql.schema.fields import needed, shown
from telegraphql.schema.paging import Problem
from telegraphql.schema.queue import Queue
from telegraphql.schema.values import Money

# In records, as the limit of cost counts them: the scan, and the groups that are expected.
SCAN_COST = 5000
EXPECTED_GROUPS = 100


@strawberry.enum(description="By what calls are put into groups.")
class CallStatisticsDimension(Enum):
    PROVIDER = word("PROVIDER", description="The configured provider.")
    DAY = word("DAY", description="The day on which the call began, in the time zone that was asked for.")
    HOUR = word("HOUR", description="The hour of the day in which the call began, 0 to 23, in the time zone that was asked for.")
    DIRECTION = word("DIRECTION", description="Which way the call went.")
    STATUS = word("STATUS", description="How the call ended.")
    QUEUE = word("QUEUE", description="The queue the call went through.")


# The field of a call that each dimension looks at; PROVIDER looks at none.
DIMENSION_FIELDS: Mapping[CallStatisticsDimension, str] = {
    CallStatisticsDimension.DAY: "startedAt",
    CallStatisticsDimension.HOUR: "startedAt",
    CallStatisticsDimension.DIRECTION: "direction",
    CallStatisticsDimension.STATUS: "status",
    CallStatisticsDimension.QUEUE: "queue",
}
# The fields of a call that figures are made of. The cost is read only where it is selected.
FIGURE_FIELDS = ("status", "talkDuration", "ringDuration")
COST_FIELD = "cost"


@strawberry.type(description="Percentiles of whole seconds: the shortest length that so many percent of the calls do not exceed. Exact.")
class Percentiles:
    p50: int | None = shown("50 percent. Null when there are none.")
    p90: int | None = shown("90 percent. Null when there are none.")
    p95: int | None = shown("95 percent. Null when there are none.")
    p99: int | None = shown("99 percent. Null when there are none.")


@strawberry.type(description="What some calls come to.")
class CallFigures:
    calls: int = needed("How many calls.")
    answered: int = needed("How many of them have the status ANSWERED; VOICEMAIL is not among them.")
    answer_seizure_ratio: float | None = shown(
        "ASR, 0 to 1: answered calls / all calls, those left out that are IN_PROGRESS or UNKNOWN. Null when that leaves none."
    )
    average_call_duration: float | None = shown(
        "ACD in seconds: talk time / answered calls whose talk time is known. Null when there are none, as where no upstream tells it."
    )
    talk_time: float = needed("The talk time of the answered calls in seconds, where it is known.")
    talk_time_known: int = needed("Of how many answered calls the talk time is known.")
    talk_times: Percentiles = needed("The talk time of the answered calls, where it is known.")
    ring_times: Percentiles = needed("From start to answer, or to the end without one, of all calls where it is known.")
    ring_time_known: int = needed("Of how many calls the ring time is known.")
    cost: list[Money] = needed("What the calls cost, one exact sum for each currency. Some upstreams need a request for each call.")
    cost_known: int = needed("Of how many calls the cost is known. Asks the upstreams the same as cost.")


@strawberry.type(description="Calls that have the same values in the dimensions that were asked for; null in all others.")
class CallGroup:
    provider: str | None = shown("The configured name of the provider. Null unless asked for.")
    day: date | None = shown("The day in the time zone. Null unless asked for.")
    hour: int | None = shown("The hour of the day in the time zone, 0 to 23. Null unless asked for.")
    direction: CallDirection | None = shown("Which way. Null unless asked for.")
    status: CallStatus | None = shown("How they ended. Null unless asked for.")
    queue: Queue | None = shown(
        "The queue. Null unless asked for, and for the calls that went through none or whose upstream does not say.",
        metadata={"expected": 1, "cost": 1},
    )
    figures: CallFigures = needed("What they come to.")


@strawberry.type(description="Calls counted in groups.")
class CallStatistics:
    groups: list[CallGroup] = strawberry.field(
        description="The groups, in the order of provider, day, hour, direction, status and queue; null last. Empty without dimensions.",
        metadata={"expected": EXPECTED_GROUPS, "cost": 0},
    )
    total: CallFigures = needed("All of these calls.")
    complete: bool = needed("Whether every call that was asked for is counted. Where not, problems say why.")
    end_cursor: str | None = shown(
        "Give it as after to count the calls that are not counted yet: none is counted twice, and counts and sums can be added up, ratios "
        "and percentiles cannot. Null when asking on would find nothing."
    )
    problems: list[Problem] = needed("What is not counted and why. Empty when complete.")


@dataclass(frozen=True, slots=True, kw_only=True)
class StatisticsQuestion:
    """Which records are counted, and how."""

    filter: Any
    by: Sequence[Enum] = ()
    time_zone: str = "UTC"
    after: str | None = None


Which = Annotated[
    CallFilter | None, strawberry.argument(description="Which calls; without startedAt.from all since ever are read. Null means all.")
]
By = Annotated[list[CallStatisticsDimension] | None, strawberry.argument(description="The dimensions. Null means the total alone.")]
Zone = Annotated[str | None, strawberry.argument(description="The IANA time zone of DAY and HOUR, such as Europe/Zurich. Null means UTC.")]
Going = Annotated[str | None, strawberry.argument(description="An endCursor under the same filter, to count what it left out.")]


async def resolve(
    self: Any, info: Info, filter: Which = UNSET, by: By = UNSET, time_zone: Zone = "UTC", after: Going = UNSET
) -> CallStatistics | None:
    """What the engine counts."""
    question = StatisticsQuestion(filter=filter or CallFilter(), by=tuple(by or ()), time_zone=time_zone or "UTC", after=after or None)
    found: CallStatistics | None = await info.context.statistics(Call, question, info)
    return found


call_statistics: Any = strawberry.field(
    resolver=resolve,
    metadata={"expected": 1, "cost": SCAN_COST},
    description="Calls counted in groups, by reading them all once: give a range of time, and a narrow filter. What is more than one "
    "operation may read is not counted, and said. Null, with an error, when every provider that was asked failed.",
)
