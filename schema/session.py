"""Session: the legs of one conversation, and what they used."""

from datetime import datetime
from decimal import Decimal
from typing import TYPE_CHECKING, Annotated

import strawberry

from telegraphql.schema.declaration import RootList, record_kind
from telegraphql.schema.enums import CallDirection, CallStatus
from telegraphql.schema.fields import downloadable, needed, related, shown
from telegraphql.schema.filters import IntRange, RecordFilter, TimeRange, filtering
from telegraphql.schema.record import Record
from telegraphql.schema.values import Media, Money

if TYPE_CHECKING:
    from telegraphql.schema.call import Call
    from telegraphql.schema.recording import Recording
    from telegraphql.schema.transaction import Transaction


@record_kind()
@strawberry.type(description="A paid resource that a session used, such as speech recognition.")
class ResourceUsage(Record):
    type: str = needed("The upstream's word for the resource.")
    used_at: datetime = needed("When it was used.")
    description: str | None = shown("What it was used for. Null when the upstream does not say.", personal=True)
    quantity: Decimal | None = shown("How much was used, in unit. Null when the upstream does not say.")
    unit: str | None = shown("The unit of quantity. Null when the upstream does not say.")
    cost: Money | None = shown("What it cost. Null when the upstream does not say.")
    call: Annotated["Call", strawberry.lazy("telegraphql.schema.call")] | None = related(
        "The leg that used it. Null when the whole session did.", by="id"
    )
    transaction: Annotated["Transaction", strawberry.lazy("telegraphql.schema.transaction")] | None = related("The charge for it.", by="id")


@strawberry.input(description="Which sessions.")
class SessionFilter(RecordFilter):
    started_at: TimeRange | None = filtering("When the session began.")
    direction: list[CallDirection] | None = filtering("The direction of its first leg: one of these.")
    status: list[CallStatus] | None = filtering("How it went: one of these.")
    duration: IntRange | None = filtering("Seconds from start to end; sessions whose duration is unknown do not match.")
    user_id: list[str] | None = filtering("The upstream's id of the user: one of these.")
    application_name: list[str] | None = filtering(
        "The application that handled it: one of these. Only some providers have any.", declared_only=True
    )
    rule_name: list[str] | None = filtering(
        "The routing rule that started it: one of these. Only some providers have any.", declared_only=True
    )
    custom_data: list[str] | None = filtering(
        "What the scenario attached: one of these. Only some providers have any.", personal=True, declared_only=True
    )


@record_kind(time="started_at", end="ended_at", filter=SessionFilter, root=RootList("sessions", "Sessions of all providers in one list."))
@strawberry.type(description="What belongs together: the legs of one conversation.")
class Session(Record):
    started_at: datetime = needed("When its first leg or its scenario began.")
    ended_at: datetime | None = shown("When its last leg ended. Null while it goes on or when the upstream does not say.")
    duration: int | None = shown("Seconds from start to end. Null when the upstream does not say.")
    direction: CallDirection = shown("The direction of its first leg.", default=CallDirection.UNKNOWN)
    status: CallStatus = shown("How it went: answered when any leg was.", default=CallStatus.UNKNOWN)
    finish_reason: str | None = shown("The upstream's words for how it ended. Null when it does not say.")
    application_name: str | None = shown("The application that handled it. Null when the upstream has none.")
    rule_name: str | None = shown("The routing rule that started it. Null when the upstream has none.")
    initiator_address: str | None = shown("The IP address that started it. Null when the upstream does not say.", personal=True)
    media_server: str | None = shown("The media server that handled it. Null when the upstream does not say.")
    log: Media | None = downloadable("The log of its scenario. Null where there is none or it was cleared.", personal=True)
    custom_data: str | None = shown("What the scenario attached. Null when nothing.", personal=True)
    user_id: str | None = shown("The upstream's id of the user it belongs to. Null when it does not say.")
    derived: bool = needed("Whether the gateway grouped the legs itself.")
    calls: list[Annotated["Call", strawberry.lazy("telegraphql.schema.call")]] | None = related(
        "Its legs, in order of their start.", by="session"
    )
    recordings: list[Annotated["Recording", strawberry.lazy("telegraphql.schema.recording")]] | None = related(
        "What was recorded of it.", by="session"
    )
    resource_usages: list[ResourceUsage] | None = related("What else it used.", by="session")
    cost: Money | None = shown("What all of it cost. Null when the upstream does not say.")
