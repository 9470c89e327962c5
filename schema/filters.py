"""Filters: which records of a kind are wanted. Every part narrows; what is null does not."""

from datetime import datetime

import strawberry

from telegraphql.schema.enums import CallDirection, CallStatus, QueueOutcome, ReportKind, ReportStatus, TransactionKind
from telegraphql.schema.fields import filtering

PROVIDERS = "Only these configured providers. Null means all; an unknown name is an error."
NUMBER = "Numbers are compared in E.164 where both are certain, else by their digits."


@strawberry.input(description="A half-open range of time: from <= t < to.")
class TimeRange:
    from_: datetime | None = filtering("The first moment that belongs to it. Null means since ever.", name="from")
    to: datetime | None = filtering("The first moment that does not. Null means no end.")


@strawberry.input(description="A range of whole numbers, both ends included.")
class IntRange:
    from_: int | None = filtering("The smallest number that belongs to it. Null means no lower end.", name="from")
    to: int | None = filtering("The largest number that belongs to it. Null means no upper end.")


@strawberry.input(description=f"Which telephone numbers. {NUMBER} Every part that is given must hold.")
class NumberFilter:
    equals: list[str] | None = filtering("One of these numbers.")
    starts_with: str | None = filtering("The number starts so, such as +41.")
    contains: str | None = filtering("These digits occur in the number.")


@strawberry.input(description="Which texts. Upper and lower case are the same. Every part that is given must hold.")
class TextFilter:
    equals: list[str] | None = filtering("One of these texts.")
    starts_with: str | None = filtering("The text starts so.")
    contains: str | None = filtering("This occurs in the text.")


@strawberry.input(description="Which calls.")
class CallFilter:
    providers: list[str] | None = filtering(PROVIDERS)
    started_at: TimeRange | None = filtering("When the call began.")
    direction: list[CallDirection] | None = filtering("Which way it went: one of these.")
    status: list[CallStatus] | None = filtering("How it ended: one of these.")
    number: NumberFilter | None = filtering(f"Either party's number. {NUMBER}", personal=True)
    from_: NumberFilter | None = filtering(f"The caller's number. {NUMBER}", name="from", personal=True)
    to: NumberFilter | None = filtering(f"The called number. {NUMBER}", personal=True)
    duration: IntRange | None = filtering("Seconds from start to end; calls whose duration is unknown do not match.")
    talk_duration: IntRange | None = filtering("Seconds from answer to end; calls whose talk time is unknown do not match.")
    user_id: list[str] | None = filtering("The upstream's id of the user: one of these.")
    session_id: list[strawberry.ID] | None = filtering("The global id of the session: one of these.")
    has_recording: bool | None = filtering("Whether something was recorded.")
    tracked: bool | None = filtering("Whether it came in over a tracking number. Only some providers can tell.")
    application_name: list[str] | None = filtering("The application that handled it: one of these. Only some providers have any.")
    rule_name: list[str] | None = filtering("The routing rule that started it: one of these. Only some providers have any.")
    custom_data: list[str] | None = filtering(
        "What the scenario attached to the session: one of these. Only some providers have any.", personal=True
    )


@strawberry.input(description="Which sessions.")
class SessionFilter:
    providers: list[str] | None = filtering(PROVIDERS)
    started_at: TimeRange | None = filtering("When the session began.")
    direction: list[CallDirection] | None = filtering("The direction of its first leg: one of these.")
    status: list[CallStatus] | None = filtering("How it went: one of these.")
    duration: IntRange | None = filtering("Seconds from start to end; sessions whose duration is unknown do not match.")
    user_id: list[str] | None = filtering("The upstream's id of the user: one of these.")
    application_name: list[str] | None = filtering("The application that handled it: one of these. Only some providers have any.")
    rule_name: list[str] | None = filtering("The routing rule that started it: one of these. Only some providers have any.")
    custom_data: list[str] | None = filtering("What the scenario attached: one of these. Only some providers have any.", personal=True)


@strawberry.input(description="Which queues.")
class QueueFilter:
    providers: list[str] | None = filtering(PROVIDERS)
    name: TextFilter | None = filtering("The queue's name.")
    number: list[str] | None = filtering("The queue's internal number: one of these.")


@strawberry.input(description="Which visits to queues.")
class QueueVisitFilter:
    providers: list[str] | None = filtering(PROVIDERS)
    entered_at: TimeRange | None = filtering("When the caller entered.")
    queue_id: list[strawberry.ID] | None = filtering("The global id of the queue: one of these.")
    outcome: list[QueueOutcome] | None = filtering("How the visit ended: one of these.")
    wait_duration: IntRange | None = filtering("Seconds waited; visits whose waiting time is unknown do not match.")
    user_id: list[str] | None = filtering("The upstream's id of the agent: one of these.")


@strawberry.input(description="Which recordings.")
class RecordingFilter:
    providers: list[str] | None = filtering(PROVIDERS)
    started_at: TimeRange | None = filtering("When the recording began.")
    duration: IntRange | None = filtering("Its length in seconds; recordings whose length is unknown do not match.")
    number: NumberFilter | None = filtering(f"Either party's number. {NUMBER}", personal=True)
    from_: NumberFilter | None = filtering(f"The caller's number. {NUMBER}", name="from", personal=True)
    to: NumberFilter | None = filtering(f"The called number. {NUMBER}", personal=True)


@strawberry.input(description="Which voicemessages.")
class VoicemessageFilter:
    providers: list[str] | None = filtering(PROVIDERS)
    received_at: TimeRange | None = filtering("When it was left.")
    from_: NumberFilter | None = filtering(f"The caller's number. {NUMBER}", name="from", personal=True)
    mailbox: list[str] | None = filtering("The extension or box it is in: one of these.", personal=True)
    folder: list[str] | None = filtering("The folder it is in: one of these.")
    is_read: bool | None = filtering("Whether somebody has listened to it.")
    duration: IntRange | None = filtering("Its length in seconds; messages whose length is unknown do not match.")


@strawberry.input(description="Which chats.")
class ChatFilter:
    providers: list[str] | None = filtering(PROVIDERS)
    started_at: TimeRange | None = filtering("When it began.")
    duration: IntRange | None = filtering("Its length in seconds; chats whose length is unknown do not match.")
    state: list[str] | None = filtering("The upstream's code for its state: one of these.")
    operator_id: list[str] | None = filtering("The upstream's id of the operator: one of these.")
    website_id: list[str] | None = filtering("The upstream's id of the website: one of these.")


@strawberry.input(description="Which movements of money.")
class TransactionFilter:
    providers: list[str] | None = filtering(PROVIDERS)
    performed_at: TimeRange | None = filtering("When it was booked, or held while pending.")
    kind: list[TransactionKind] | None = filtering("What it was for: one of these.")
    type: list[str] | None = filtering("The upstream's word for what it was for: one of these.")
    is_pending: bool | None = filtering(
        "Whether the money is only held. Null gives all that the upstream lists; some list held ones only when asked with true."
    )
    user_id: list[str] | None = filtering("The upstream's id of the user concerned: one of these.")


@strawberry.input(description="Which media sessions.")
class MediaSessionFilter:
    providers: list[str] | None = filtering(PROVIDERS)
    started_at: TimeRange | None = filtering("When it began.")
    duration: IntRange | None = filtering("Its length in seconds; those whose length is unknown do not match.")
    user_id: list[str] | None = filtering("The upstream's id of the user: one of these.")


@strawberry.input(description="Which changes of the account.")
class AuditEntryFilter:
    providers: list[str] | None = filtering(PROVIDERS)
    performed_at: TimeRange | None = filtering("When it was made.")
    command: list[str] | None = filtering("The upstream's name of the command: one of these.")
    ip: list[str] | None = filtering("From which address: one of these.", personal=True)


@strawberry.input(description="Which tracking numbers.")
class TrackingNumberFilter:
    providers: list[str] | None = filtering(PROVIDERS)
    name: TextFilter | None = filtering("Its name.")


@strawberry.input(description="Which reports.")
class ReportFilter:
    providers: list[str] | None = filtering(PROVIDERS)
    created_at: TimeRange | None = filtering("When it was asked for, or finished where the upstream does not say when it was asked for.")
    kind: list[ReportKind] | None = filtering("What it is about: one of these.")
    status: list[ReportStatus] | None = filtering("How far it is: one of these.")


@strawberry.input(description="Which report schedules.")
class ReportScheduleFilter:
    providers: list[str] | None = filtering(PROVIDERS)
    name: TextFilter | None = filtering("Its name.")
    type: list[str] | None = filtering("The upstream's word for what it reports: one of these.")
    status: list[str] | None = filtering("The upstream's word for its state: one of these.")
