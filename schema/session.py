"""Session: a conversation of one or more legs, and the paid resources that it used."""

from datetime import datetime
from decimal import Decimal
from typing import TYPE_CHECKING, Annotated

import strawberry

from telegraphql.schema.declaration import RootList, record_kind
from telegraphql.schema.described import input_type, object_type
from telegraphql.schema.enums import AnsweredBy, CallDirection, CallStatus
from telegraphql.schema.fields import downloadable, needed, related, shown
from telegraphql.schema.filters import (
    COST,
    NUMBER,
    SEARCH,
    DecimalRange,
    IntRange,
    NumberFilter,
    RecordFilter,
    TextFilter,
    TimeRange,
    filtering,
)
from telegraphql.schema.record import Record, TimedRecord
from telegraphql.schema.values import Media, Money

if TYPE_CHECKING:
    from telegraphql.schema.call import Call
    from telegraphql.schema.recording import Recording
    from telegraphql.schema.transaction import Transaction


BY_LEGS = "Some providers need a request for the legs."


@record_kind()
@object_type
class ResourceUsage(Record):
    """A paid resource that a session used, such as speech recognition."""

    type: str = needed("The resource, in the provider's own words.")
    used_at: datetime = needed("The time at which it was used.")
    description: str | None = shown("The purpose for which it was used. Null if not reported.", personal=True)
    quantity: Decimal | None = shown("The quantity, in `unit`. Null if not reported.")
    unit: str | None = shown("The unit of `quantity`. Null if not reported.")
    cost: Money | None = shown("The price. Null if not reported.")
    call: Annotated["Call", strawberry.lazy("telegraphql.schema.call")] | None = related(
        "The leg that used it. Null if the whole session did.", by="id"
    )
    transaction: Annotated["Transaction", strawberry.lazy("telegraphql.schema.transaction")] | None = related("The charge for it.", by="id")


@input_type
class SessionFilter(RecordFilter):
    """A filter for sessions. A session has to match every field that is set.

    For example {status: [ANSWERED], durationSeconds: {min: 60}}.
    """

    started_at: TimeRange | None = filtering("The time at which the session began.")
    direction: list[CallDirection] | None = filtering("One of these directions.")
    status: list[CallStatus] | None = filtering("One of these outcomes.")
    number: NumberFilter | None = filtering(
        f"The number or extension of the caller or of the called party of a leg. {NUMBER} {BY_LEGS}",
        personal=True,
        either=("from_", "to"),
        among="calls",
    )
    search: str | None = filtering(
        f"{SEARCH} Numbers and names are those of the legs. {BY_LEGS}", personal=True, either=("from_", "to"), among="calls", is_search=True
    )
    name: TextFilter | None = filtering(
        f"The name of the caller or of the called party of a leg. {BY_LEGS}", personal=True, either=("from_", "to"), among="calls"
    )
    duration_seconds: IntRange | None = filtering("The length in seconds, from start to end. Sessions of unknown length do not match.")
    cost: DecimalRange | None = filtering(COST)
    user_id: list[str] | None = filtering("One of these users, by the provider's ids.")
    account_id: list[str] | None = filtering(
        "One of these accounts, by the provider's ids. Only some providers have several accounts in one.", declared_only=True
    )
    application_id: list[str] | None = filtering(
        "One of these applications handled the session, by the provider's ids. Only some providers have applications.", declared_only=True
    )
    application_name: list[str] | None = filtering(
        "One of these applications handled the session. Only some providers have applications.", declared_only=True
    )
    rule_name: list[str] | None = filtering(
        "One of these routing rules started the session. Only some providers have rules.", declared_only=True
    )
    custom_data: list[str] | None = filtering(
        "The session has one of these custom data. Only some providers have custom data.", personal=True, declared_only=True
    )


@record_kind(time="started_at", end="ended_at", filter=SessionFilter, root=RootList("sessions", "Sessions of all providers."))
@object_type
class Session(TimedRecord):
    """A conversation: all legs that belong together."""

    started_at: datetime = needed("The time at which the first leg or the scenario began.")
    ended_at: datetime | None = shown("The time at which the last leg ended. Null while the session is in progress, or if not reported.")
    duration_seconds: int | None = shown("The length in seconds, from start to end. Null if not reported.")
    direction: CallDirection = shown("The direction, seen from the company.", default=CallDirection.UNKNOWN)
    status: CallStatus = shown("The outcome. It is ANSWERED if a called party answered in any leg.", default=CallStatus.UNKNOWN)
    answered_by: AnsweredBy | None = shown("Who answered. Null if nobody did, or if not reported.")
    finish_reason: str | None = shown("The reason why the session ended, in the provider's own words. Null if not reported.")
    account_id: str | None = shown("The provider's id of the account, such as a child account. Null if not reported.")
    application_id: str | None = shown("The provider's id of the application. Null if the provider has no applications.")
    application_name: str | None = shown("The application that handled the session. Null if the provider has no applications.")
    rule_name: str | None = shown("The routing rule that started the session. Null if the provider has no rules.")
    initiator_address: str | None = shown("The IP address that started the session. Null if not reported.", personal=True)
    audio_quality: str | None = shown('The audio quality in the provider\'s own words, such as "HD". Null if not reported.')
    media_server: str | None = shown("The media server that handled the session. Null if not reported.")
    log: Media | None = downloadable("The log of the scenario. Null if there is none, or if it was removed.", personal=True)
    custom_data: str | None = shown("The data that the scenario attached. Null if there are none.", personal=True)
    user_id: str | None = shown("The provider's id of the user to whom the session belongs. Null if not reported.")
    is_derived: bool = needed("True if the gateway grouped the legs itself.")
    calls: list[Annotated["Call", strawberry.lazy("telegraphql.schema.call")]] | None = related(
        "The legs, in the order of their start.", by="session"
    )
    recordings: list[Annotated["Recording", strawberry.lazy("telegraphql.schema.recording")]] | None = related(
        "The recordings of the session.", by="session"
    )
    resource_usages: list[ResourceUsage] | None = related("The paid resources that the session used.", by="session")
    cost: Money | None = shown("The price of the whole session. Null if not reported.")
