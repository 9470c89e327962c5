"""Queue: where callers wait, and their visits to it."""

from datetime import datetime
from typing import Annotated

import strawberry
from strawberry import UNSET
from strawberry.types import Info

from telegraphql.schema.declaration import RootList, record_kind
from telegraphql.schema.enums import QueueOutcome, TimeOrder
from telegraphql.schema.fields import needed, related, shown
from telegraphql.schema.filters import IntRange, RecordFilter, TextFilter, TimeRange, filtering
from telegraphql.schema.paging import Connection
from telegraphql.schema.record import Record
from telegraphql.schema.values import QueueEvent


@strawberry.input(description="Which visits to queues.")
class QueueVisitFilter(RecordFilter):
    entered_at: TimeRange | None = filtering("When the caller entered.")
    queue_id: list[strawberry.ID] | None = filtering("The global id of the queue: one of these.", id_of="queue")
    outcome: list[QueueOutcome] | None = filtering("How the visit ended: one of these.")
    wait_duration: IntRange | None = filtering("Seconds waited; visits whose waiting time is unknown do not match.")
    user_id: list[str] | None = filtering("The upstream's id of the agent: one of these.")


@record_kind(time="entered_at", filter=QueueVisitFilter, root=RootList("queueVisits", "Visits to queues of all providers in one list."))
@strawberry.type(description="One caller in one queue.")
class QueueVisit(Record):
    queue: Annotated["Queue", strawberry.lazy("telegraphql.schema.queue")] | None = related("The queue.", by="id")
    entered_at: datetime = needed("When the caller entered.")
    wait_duration: int | None = shown("Seconds the caller waited. Null when the upstream does not say.")
    service_duration: int | None = shown("Seconds an agent talked. Null when none did.")
    wrap_up_duration: int | None = shown("Seconds the agent needed afterwards. Null when none did.")
    priority: int | None = shown("The caller's priority. Null when the upstream does not say.")
    outcome: QueueOutcome = shown("How the visit ended.", default=QueueOutcome.UNKNOWN)
    hangup_by_agent: bool | None = shown("Whether the agent hung up. Null when the upstream does not say.")
    user_id: str | None = shown("The upstream's id of the agent. Null when none answered.")
    request_id: str | None = shown("The upstream's id of the request to the queue. Null when it does not say.")
    events: list[QueueEvent] | None = shown("What happened meanwhile. Null when the upstream does not say.")


@strawberry.input(description="Which queues.")
class QueueFilter(RecordFilter):
    name: TextFilter | None = filtering("The queue's name.")
    number: list[str] | None = filtering("The queue's internal number: one of these.")


@record_kind(name="name", filter=QueueFilter, root=RootList("queues", "Queues of all providers, by name."))
@strawberry.type(description="A queue of waiting callers and the agents who serve it.")
class Queue(Record):
    name: str = needed("Its name.")
    number: str | None = shown("Its internal number. Null when the upstream does not say.")
    strategy: str | None = shown("How agents are chosen, in the upstream's word. Null when it does not say.")
    max_wait: int | None = shown("The most seconds a caller may wait. Null when there is no limit or the upstream does not say.")
    ring_time: int | None = shown("Seconds one agent's phone rings. Null when the upstream does not say.")
    service_level_thresholds: list[int] | None = shown(
        "Seconds within which callers should be served. Null when the upstream does not say."
    )
    agent_count: int | None = shown("How many agents serve it. Null when the upstream does not say.")
    created_at: datetime | None = shown("When it was made. Null when the upstream does not say.")
    modified_at: datetime | None = shown("When it was last changed. Null when the upstream does not say.")

    @strawberry.field(description="The visits to this queue, newest first by default. Null when the provider keeps none or did not answer.")
    async def visits(
        self,
        info: Info,
        first: Annotated[int | None, strawberry.argument(description="How many, from the start: 1 to 500; 25 unless given.")] = UNSET,
        after: Annotated[str | None, strawberry.argument(description="A cursor to go on after.")] = UNSET,
        last: Annotated[int | None, strawberry.argument(description="How many, from the end: 1 to 500.")] = UNSET,
        before: Annotated[str | None, strawberry.argument(description="A cursor to stop before.")] = UNSET,
        filter: Annotated[QueueVisitFilter | None, strawberry.argument(description="Which visits.")] = UNSET,
        order: Annotated[TimeOrder | None, strawberry.argument(description="Newest or oldest first.")] = TimeOrder.NEWEST_FIRST,
    ) -> Connection[QueueVisit] | None:
        from telegraphql.schema.context import PageArguments

        arguments = PageArguments.of(first, after, last, before, filter, order, parent=self)
        found: Connection[QueueVisit] | None = await info.context.page(QueueVisit, arguments, info)
        return found
