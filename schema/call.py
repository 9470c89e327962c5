"""Call: one leg between two parties, and the notes on it."""

from datetime import datetime
from typing import TYPE_CHECKING, Annotated

import strawberry

from telegraphql.schema.declaration import RootList, TimelineMembership, record_kind
from telegraphql.schema.enums import CallDirection, CallStatus
from telegraphql.schema.fields import downloadable, needed, readable, related, shown
from telegraphql.schema.filters import NUMBER, IntRange, NumberFilter, RecordFilter, TimeRange, filtering
from telegraphql.schema.record import Record
from telegraphql.schema.values import Media, Money, Party

if TYPE_CHECKING:
    from telegraphql.schema.queue import Queue
    from telegraphql.schema.recording import Recording
    from telegraphql.schema.session import Session
    from telegraphql.schema.transaction import Transaction
    from telegraphql.schema.voicemessage import Voicemessage


@record_kind()
@strawberry.type(description="A remark that somebody left on a call.")
class Note(Record):
    text: str | None = shown("The remark. Null when it is withheld.", personal=True)
    created_at: datetime | None = shown("When it was written. Null when the upstream does not say.")
    user_id: str | None = shown("The upstream's id of the author. Null when it does not say.")


@strawberry.input(description="Which calls.")
class CallFilter(RecordFilter):
    started_at: TimeRange | None = filtering("When the call began.")
    direction: list[CallDirection] | None = filtering("Which way it went: one of these.")
    status: list[CallStatus] | None = filtering("How it ended: one of these.")
    number: NumberFilter | None = filtering(f"Either party's number. {NUMBER}", personal=True, either=("from_", "to"))
    from_: NumberFilter | None = filtering(f"The caller's number. {NUMBER}", name="from", personal=True)
    to: NumberFilter | None = filtering(f"The called number. {NUMBER}", personal=True)
    duration: IntRange | None = filtering("Seconds from start to end; calls whose duration is unknown do not match.")
    talk_duration: IntRange | None = filtering("Seconds from answer to end; calls whose talk time is unknown do not match.")
    user_id: list[str] | None = filtering("The upstream's id of the user: one of these.")
    session_id: list[strawberry.ID] | None = filtering("The global id of the session: one of these.", id_of="session")
    has_recording: bool | None = filtering("Whether something was recorded.", has="recordings")
    tracked: bool | None = filtering("Whether it came in over a tracking number. Only some providers can tell.", marker="tracked")
    application_name: list[str] | None = filtering(
        "The application that handled it: one of these. Only some providers have any.", through="session", declared_only=True
    )
    rule_name: list[str] | None = filtering(
        "The routing rule that started it: one of these. Only some providers have any.", through="session", declared_only=True
    )
    custom_data: list[str] | None = filtering(
        "What the scenario attached to the session: one of these. Only some providers have any.",
        personal=True,
        through="session",
        declared_only=True,
    )


@record_kind(
    time="started_at",
    end="ended_at",
    filter=CallFilter,
    root=RootList("calls", "Calls of all providers in one list."),
    timeline=TimelineMembership("number", "Calls from or to the number."),
)
@strawberry.type(description="One call, or one leg of a longer conversation; the session holds the legs together.")
class Call(Record):
    session: Annotated["Session", strawberry.lazy("telegraphql.schema.session")] | None = related(
        "The conversation this leg belongs to.", by="id"
    )
    direction: CallDirection = shown("Which way it went, seen from the company.", default=CallDirection.UNKNOWN)
    status: CallStatus = shown("How it ended.", default=CallStatus.UNKNOWN)
    hangup_cause: str | None = shown("The upstream's word or words for how it ended. Null when it does not say.")
    sip_status_code: int | None = shown("The final SIP status, such as 486. Null when there was no failure or the upstream does not say.")
    from_: Party = needed("Who called.", name="from")
    to: Party = needed("Who was called.")
    dialed_number: str | None = shown("What was dialled first. Null when the upstream does not say.", personal=True)
    forwarded_from: str | None = shown("The number that forwarded the call. Null when it was not forwarded.", personal=True)
    caller_id_shown: str | None = shown("The caller id shown to the called party. Null when the upstream does not say.", personal=True)
    trunk: str | None = shown("The line to the outside. Null when the upstream does not say.")
    started_at: datetime = needed("When it began.")
    ringing_at: datetime | None = shown("When it began to ring. Null when the upstream does not say.")
    answered_at: datetime | None = shown("When it was answered. Null when it was not, or the upstream does not say.")
    ended_at: datetime | None = shown("When it ended. Null while it goes on.")
    ended_at_derived: bool = shown("Whether endedAt was computed from start and duration.", default=False)
    duration: int | None = shown("Seconds from start to end. Null when the upstream does not say.")
    ring_duration: int | None = shown("Seconds from start to answer, or to the end without one. Null when it cannot be known.")
    talk_duration: int | None = shown("Seconds from answer to end. Null when the upstream does not say.")
    cost: Money | None = shown("What it cost. Null when the upstream does not say.")
    rate_per_minute: Money | None = shown("The price of a minute. Null when the upstream does not say.")
    queue: Annotated["Queue", strawberry.lazy("telegraphql.schema.queue")] | None = related("The queue it went through.", by="id")
    recordings: list[Annotated["Recording", strawberry.lazy("telegraphql.schema.recording")]] | None = related(
        "What was recorded of it.", by="call"
    )
    voicemessages: list[Annotated["Voicemessage", strawberry.lazy("telegraphql.schema.voicemessage")]] | None = related(
        "Messages left during it.", by="call"
    )
    transaction: Annotated["Transaction", strawberry.lazy("telegraphql.schema.transaction")] | None = related("The charge for it.", by="id")
    user_id: str | None = shown("The upstream's id of the user it belongs to. Null when it does not say.")
    sip_call_id: str | None = shown("The SIP Call-ID. Null when the upstream does not say.", personal=True)
    reroute_reason: str | None = shown("Why it was sent elsewhere, in the upstream's word. Null when it was not.")
    notes: list[Note] | None = related("Remarks on it.", by="call")
    trace: str | None = readable("The SIP messages as text. Null where the provider keeps none.", personal=True)
    capture: Media | None = downloadable("The packet capture. Null where the provider keeps none.", personal=True)
    parent: Annotated["Call", strawberry.lazy("telegraphql.schema.call")] | None = related("The leg this one came out of.", by="children")
