"""Query: what can be read."""

from typing import Annotated, Any

import strawberry
from strawberry import UNSET
from strawberry.scalars import JSON
from strawberry.types import Info

from telegraphql.schema import filters
from telegraphql.schema.arguments import After, Before, First, Last, Order
from telegraphql.schema.audit_entry import AuditEntry
from telegraphql.schema.call import Call
from telegraphql.schema.chat import Chat
from telegraphql.schema.context import PageArguments
from telegraphql.schema.enums import DictionaryKind, TimeOrder
from telegraphql.schema.media_session import MediaSession
from telegraphql.schema.paging import Connection
from telegraphql.schema.provider import ProviderNode
from telegraphql.schema.queue import Queue, QueueVisit
from telegraphql.schema.record import Node, Record
from telegraphql.schema.recording import Recording
from telegraphql.schema.report import Report, ReportSchedule
from telegraphql.schema.session import Session
from telegraphql.schema.statistics import call_statistics
from telegraphql.schema.timeline import timeline
from telegraphql.schema.tracking_number import TrackingNumber
from telegraphql.schema.transaction import Transaction
from telegraphql.schema.voicemessage import Voicemessage

NULL = "Null, with an error, when every provider that was asked failed."


def timed(kind: type[Record], wanted: type, description: str) -> Any:
    """A root list of a kind with a time."""
    filter_type = Annotated[
        wanted | None,  # type: ignore[valid-type]
        strawberry.argument(description="Which ones. Null means all."),
    ]

    async def resolve(
        self: Any,
        info: Info,
        first: First = UNSET,
        after: After = UNSET,
        last: Last = UNSET,
        before: Before = UNSET,
        filter: filter_type = UNSET,
        order: Order = TimeOrder.NEWEST_FIRST,
    ) -> Connection[kind] | None:  # type: ignore[valid-type]
        arguments = PageArguments.of(first, after, last, before, filter, order)
        found: Connection[Any] | None = await info.context.page(kind, arguments, info)
        return found

    return strawberry.field(resolver=resolve, description=f"{description} {NULL}")


def named(kind: type[Record], wanted: type, description: str) -> Any:
    """A root list of a kind without a time, in the order of its names."""
    filter_type = Annotated[
        wanted | None,  # type: ignore[valid-type]
        strawberry.argument(description="Which ones. Null means all."),
    ]

    async def resolve(
        self: Any,
        info: Info,
        first: First = UNSET,
        after: After = UNSET,
        last: Last = UNSET,
        before: Before = UNSET,
        filter: filter_type = UNSET,
    ) -> Connection[kind] | None:  # type: ignore[valid-type]
        arguments = PageArguments.of(first, after, last, before, filter, TimeOrder.OLDEST_FIRST)
        found: Connection[Any] | None = await info.context.page(kind, arguments, info)
        return found

    return strawberry.field(resolver=resolve, description=f"{description} {NULL}")


@strawberry.type(description="What can be read.")
class Query:
    calls = timed(Call, filters.CallFilter, "Calls of all providers in one list.")
    sessions = timed(Session, filters.SessionFilter, "Sessions of all providers in one list.")
    queues = named(Queue, filters.QueueFilter, "Queues of all providers, by name.")
    queue_visits = timed(QueueVisit, filters.QueueVisitFilter, "Visits to queues of all providers in one list.")
    recordings = timed(Recording, filters.RecordingFilter, "Recordings of all providers in one list.")
    voicemessages = timed(Voicemessage, filters.VoicemessageFilter, "Voicemessages of all providers in one list.")
    chats = timed(Chat, filters.ChatFilter, "Chats of all providers in one list.")
    transactions = timed(Transaction, filters.TransactionFilter, "Movements of money of all providers in one list.")
    media_sessions = timed(MediaSession, filters.MediaSessionFilter, "Media sessions of all providers in one list.")
    audit_entries = timed(
        AuditEntry,
        filters.AuditEntryFilter,
        "Changes of the accounts of all providers in one list. Needs the scope admin: it tells who did what, and from where.",
    )
    tracking_numbers = named(TrackingNumber, filters.TrackingNumberFilter, "Tracking numbers of all providers, by name.")
    reports = timed(Report, filters.ReportFilter, "Reports of all providers in one list.")
    report_schedules = named(ReportSchedule, filters.ReportScheduleFilter, "Report schedules of all providers, by name.")

    timeline = timeline
    call_statistics = call_statistics

    @strawberry.field(description="The record with this global id. Null when the upstream has no such record.")
    async def node(self, info: Info, id: Annotated[strawberry.ID, strawberry.argument(description="A global id.")]) -> Node | None:
        (found,) = await info.context.records([id], info)
        return found  # type: ignore[no-any-return]

    @strawberry.field(description="The records with these global ids, in their order; null where the upstream has no such record.")
    async def nodes(
        self, info: Info, ids: Annotated[list[strawberry.ID], strawberry.argument(description="Global ids, at most 500.")]
    ) -> list[Node | None]:
        return await info.context.records(ids, info)  # type: ignore[no-any-return]

    @strawberry.field(description="The configured providers, by name.")
    def providers(self, info: Info) -> list[ProviderNode]:
        return info.context.providers()  # type: ignore[no-any-return]

    @strawberry.field(description="One configured provider. Null when there is none of this name.")
    def provider(self, info: Info, name: Annotated[str, strawberry.argument(description="Its configured name.")]) -> ProviderNode | None:
        return next((each for each in info.context.providers() if each.name == name), None)

    @strawberry.field(description="A provider's own dictionary of codes. Null when it did not answer.")
    async def dictionary(
        self,
        info: Info,
        provider: Annotated[str, strawberry.argument(description="The configured name of the provider.")],
        of: Annotated[DictionaryKind, strawberry.argument(description="Whose codes.")],
    ) -> JSON | None:
        done = await info.context.command("dictionary", {"provider": provider, "of": of})
        return done.value  # type: ignore[no-any-return]
