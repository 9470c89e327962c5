"""Call: one leg between two parties, and the notes on it."""

from datetime import datetime
from typing import TYPE_CHECKING, Annotated, ClassVar

import strawberry

from telegraphql.schema.enums import CallDirection, CallStatus
from telegraphql.schema.fields import downloadable, needed, readable, related, shown
from telegraphql.schema.record import Record
from telegraphql.schema.values import Media, Money, Party

if TYPE_CHECKING:
    from telegraphql.schema.queue import Queue
    from telegraphql.schema.recording import Recording
    from telegraphql.schema.session import Session
    from telegraphql.schema.transaction import Transaction
    from telegraphql.schema.voicemessage import Voicemessage


@strawberry.type(description="A remark that somebody left on a call.")
class Note(Record):
    text: str | None = shown("The remark. Null when it is withheld.", personal=True)
    created_at: datetime | None = shown("When it was written. Null when the upstream does not say.")
    user_id: str | None = shown("The upstream's id of the author. Null when it does not say.")


@strawberry.type(description="One call, or one leg of a longer conversation; the session holds the legs together.")
class Call(Record):
    time_field: ClassVar[str | None] = "started_at"

    session: Annotated["Session", strawberry.lazy("telegraphql.schema.session")] | None = related("The conversation this leg belongs to.")
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
    queue: Annotated["Queue", strawberry.lazy("telegraphql.schema.queue")] | None = related("The queue it went through.")
    recordings: list[Annotated["Recording", strawberry.lazy("telegraphql.schema.recording")]] | None = related("What was recorded of it.")
    voicemessages: list[Annotated["Voicemessage", strawberry.lazy("telegraphql.schema.voicemessage")]] | None = related(
        "Messages left during it."
    )
    transaction: Annotated["Transaction", strawberry.lazy("telegraphql.schema.transaction")] | None = related("The charge for it.")
    user_id: str | None = shown("The upstream's id of the user it belongs to. Null when it does not say.")
    sip_call_id: str | None = shown("The SIP Call-ID. Null when the upstream does not say.", personal=True)
    reroute_reason: str | None = shown("Why it was sent elsewhere, in the upstream's word. Null when it was not.")
    notes: list[Note] | None = related("Remarks on it.")
    trace: str | None = readable("The SIP messages as text. Null where the provider keeps none.", personal=True)
    capture: Media | None = downloadable("The packet capture. Null where the provider keeps none.", personal=True)
    parent: Annotated["Call", strawberry.lazy("telegraphql.schema.call")] | None = related("The leg this one came out of.")
