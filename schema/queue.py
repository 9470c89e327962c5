"""Queue: a queue of waiting callers, and the visits to it."""

from datetime import datetime
from typing import Annotated

import strawberry
from strawberry import UNSET
from strawberry.types import Info

from telegraphql.schema.arguments import After, Before, First, Last, Order
from telegraphql.schema.declaration import RootList, record_kind
from telegraphql.schema.described import input_type, object_type
from telegraphql.schema.enums import QueueOutcome, TimeOrder
from telegraphql.schema.fields import needed, related, shown
from telegraphql.schema.filters import SEARCH, IntRange, RecordFilter, TextFilter, TimeRange, filtering
from telegraphql.schema.paging import Connection
from telegraphql.schema.record import Record, TimedRecord
from telegraphql.schema.values import QueueEvent


@input_type
class QueueVisitFilter(RecordFilter):
    """A filter for visits to queues. A visit has to match every field that is set.

    For example {outcome: [ABANDONED], waitSeconds: {min: 30}}.
    """

    entered_at: TimeRange | None = filtering("The time at which the caller entered the queue.")
    queue_id: list[strawberry.ID] | None = filtering("One of these queues, by their global ids.", id_of="queue")
    outcome: list[QueueOutcome] | None = filtering("One of these outcomes.")
    wait_seconds: IntRange | None = filtering("The waiting time in seconds. Visits of unknown waiting time do not match.")
    agent_id: list[str] | None = filtering("One of these agents, by the provider's ids.")
    request_id: list[str] | None = filtering("One of these requests to a queue, by the provider's ids.")
    was_hung_up_by_agent: bool | None = filtering("True for visits in which the agent hung up, false for the others.")


@record_kind(time="entered_at", filter=QueueVisitFilter, root=RootList("queueVisits", "Visits to queues of all providers."))
@object_type
class QueueVisit(TimedRecord):
    """The visit of one caller to one queue."""

    queue: Annotated["Queue", strawberry.lazy("telegraphql.schema.queue")] | None = related("The queue.", by="id")
    entered_at: datetime = needed("The time at which the caller entered the queue.")
    wait_seconds: int | None = shown("The waiting time in seconds. Null if not reported.")
    service_seconds: int | None = shown("The seconds for which an agent talked. Null if no agent did.")
    wrap_up_seconds: int | None = shown("The seconds that the agent needed afterwards. Null if no agent did.")
    priority: int | None = shown("The priority of the caller. Null if not reported.")
    outcome: QueueOutcome = shown("The outcome of the visit.", default=QueueOutcome.UNKNOWN)
    was_hung_up_by_agent: bool | None = shown("True if the agent hung up. Null if not reported.")
    agent_id: str | None = shown("The provider's id of the agent. Null if no agent answered.")
    request_id: str | None = shown("The provider's id of the request to the queue. Null if not reported.")
    events: list[QueueEvent] | None = shown("The events of the visit. Null if not reported.")


@input_type
class QueueFilter(RecordFilter):
    """A filter for queues. A queue has to match every field that is set. For example {name: {contains: "support"}}."""

    name: TextFilter | None = filtering("The name of the queue.")
    search: str | None = filtering(SEARCH, either=("name", "number"), is_search=True)
    number: list[str] | None = filtering('One of these internal numbers, such as "600".')


@record_kind(name="name", filter=QueueFilter, root=RootList("queues", "Queues of all providers, by name."))
@object_type
class Queue(Record):
    """A queue of waiting callers and the agents who serve it."""

    name: str = needed("The name of the queue.")
    number: str | None = shown("The internal number. Null if not reported.")
    strategy: str | None = shown("The order in which agents are chosen, in the provider's own words. Null if not reported.")
    max_wait_seconds: int | None = shown("The longest waiting time in seconds. Null if there is no limit, or if not reported.")
    ring_seconds: int | None = shown("The seconds for which one agent's phone rings. Null if not reported.")
    service_level_seconds: list[int] | None = shown("The seconds within which callers should be answered. Null if not reported.")
    agent_count: int | None = shown("The number of agents who serve the queue. Null if not reported.")
    created_at: datetime | None = shown("The time at which the queue was created. Null if not reported.")
    modified_at: datetime | None = shown("The time of the last change. Null if not reported.")

    @strawberry.field(description="The visits to this queue, newest first by default.")
    async def visits(
        self,
        info: Info,
        first: First = UNSET,
        after: After = UNSET,
        last: Last = UNSET,
        before: Before = UNSET,
        filter: Annotated[QueueVisitFilter | None, strawberry.argument(description="A filter. Null: all visits.")] = UNSET,
        order: Order = TimeOrder.NEWEST_FIRST,
    ) -> Connection[QueueVisit]:
        from telegraphql.schema.context import PageArguments

        arguments = PageArguments.of(first, after, last, before, filter, order, parent=self)
        found: Connection[QueueVisit] = await info.context.page(QueueVisit, arguments, info)
        return found
