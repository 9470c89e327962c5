"""Call: a leg between two parties, and the remarks on it."""

from datetime import datetime
from typing import TYPE_CHECKING, Annotated, Any

import strawberry

from telegraphql.schema.declaration import RootList, TimelineMembership, record_kind
from telegraphql.schema.described import input_type, object_type
from telegraphql.schema.enums import AnsweredBy, CallDirection, CallStatus, PartyKind
from telegraphql.schema.fields import downloadable, needed, readable, related, shown
from telegraphql.schema.filters import (
    COST,
    NUMBER,
    SEARCH,
    WITHHELD,
    DecimalRange,
    IntRange,
    NumberFilter,
    RecordFilter,
    TextFilter,
    TimeRange,
    filtering,
    withholds_number,
)
from telegraphql.schema.record import Record
from telegraphql.schema.timeline_entry import TimelineEntry
from telegraphql.schema.values import Media, Money, Party

if TYPE_CHECKING:
    from telegraphql.schema.queue import Queue
    from telegraphql.schema.recording import Recording
    from telegraphql.schema.session import Session
    from telegraphql.schema.transaction import Transaction
    from telegraphql.schema.voicemessage import Voicemessage


# The kinds of party that can be an agent.
AGENT_KINDS = frozenset({PartyKind.EXTENSION, PartyKind.USER})


def agent_of(call: Any) -> str | None:
    """Return the extension or user that was called from outside, or called out; None for other calls.

    The number of a user can be a number of the company that several users share: the id is preferred.
    """
    party = call.to if call.direction is CallDirection.INBOUND else call.from_ if call.direction is CallDirection.OUTBOUND else None
    if party is None:
        return None
    return party.extension or (party.native_id or party.number if party.kind in AGENT_KINDS else None)


@record_kind()
@object_type
class Note(Record):
    """A remark on a call, by a user or by the provider itself, such as a warning."""

    text: str | None = shown("The text of the remark. Null if it is withheld from you.", personal=True)
    created_at: datetime | None = shown("The time at which the remark was written. Null if not reported.")
    user_id: str | None = shown("The provider's id of the author. Null if not reported, and for remarks of the provider.")


@input_type
class CallFilter(RecordFilter):
    """A filter for calls. A call has to match every field that is set.

    For example {direction: [INBOUND], status: [NO_ANSWER], startedAt: {since: "2026-11-01T00:00:00Z"}}.
    """

    started_at: TimeRange | None = filtering("The time at which the call began.")
    direction: list[CallDirection] | None = filtering("One of these directions.")
    status: list[CallStatus] | None = filtering("One of these outcomes.")
    number: NumberFilter | None = filtering(
        f"The number or extension of the caller or of the called party. {NUMBER}", personal=True, either=("from_", "to")
    )
    from_: NumberFilter | None = filtering(f"The number or extension of the caller. {NUMBER}", name="from", personal=True)
    to: NumberFilter | None = filtering(f"The number or extension of the called party. {NUMBER}", personal=True)
    search: str | None = filtering(SEARCH, personal=True, either=("from_", "to"), is_search=True)
    name: TextFilter | None = filtering("The name of the caller or of the called party.", personal=True, either=("from_", "to"))
    is_withheld: bool | None = filtering(WITHHELD.format("calls"), either=("from_",), reads=withholds_number)
    dialed_number: NumberFilter | None = filtering(f"The number that the caller dialed first. {NUMBER}", personal=True)
    caller_id_shown: NumberFilter | None = filtering(f"The caller id that the called party saw. {NUMBER}", personal=True)
    trunk: list[str] | None = filtering("One of these lines to the public network, as the provider spells them.")
    answered_at: TimeRange | None = filtering("The time at which the call was answered. Calls without this time do not match.")
    hangup_cause: list[str] | None = filtering("One of these reasons for the end of the call, as the provider spells them.")
    sip_status_code: list[int] | None = filtering("One of these final SIP status codes, such as 486.")
    duration_seconds: IntRange | None = filtering("The length in seconds, from start to end. Calls of unknown length do not match.")
    talk_seconds: IntRange | None = filtering("The talk time in seconds, from answer to end. Calls of unknown talk time do not match.")
    cost: DecimalRange | None = filtering(COST)
    agent_id: list[str] | None = filtering(
        "One of these extensions or users of the company was called from outside or called out, as grouping by AGENT names them.",
        personal=True,
        either=("direction", "from_", "to"),
        reads=agent_of,
    )
    queue_id: list[strawberry.ID] | None = filtering("One of these queues, by their global ids.", id_of="queue", is_loaded=True)
    user_id: list[str] | None = filtering("One of these user ids, as the provider spells them.")
    session_id: list[strawberry.ID] | None = filtering("One of these sessions, by their global ids.", id_of="session")
    has_recording: bool | None = filtering("True for calls with a recording, false for calls without one.", has="recordings")
    has_voicemessage: bool | None = filtering("True for calls with a voicemessage, false for calls without one.", has="voicemessages")
    is_tracked: bool | None = filtering(
        "True for calls that came in over a tracking number, false for the others. Only some providers can tell.", marker="tracked"
    )
    account_id: list[str] | None = filtering(
        "One of these accounts, by the provider's ids. Only some providers have several accounts in one.", declared_only=True
    )
    application_id: list[str] | None = filtering(
        "One of these applications handled the call, by the provider's ids. Only some providers have applications.",
        through="session",
        declared_only=True,
    )
    application_name: list[str] | None = filtering(
        "One of these applications handled the call. Only some providers have applications.", through="session", declared_only=True
    )
    rule_name: list[str] | None = filtering(
        "One of these routing rules started the call. Only some providers have rules.", through="session", declared_only=True
    )
    custom_data: list[str] | None = filtering(
        "The session has one of these custom data. Only some providers have custom data.",
        personal=True,
        through="session",
        declared_only=True,
    )


@record_kind(
    time="started_at",
    end="ended_at",
    filter=CallFilter,
    root=RootList("calls", "Calls of all providers."),
    timeline=TimelineMembership("number", "Calls from or to the number."),
)
@object_type
class Call(TimelineEntry):
    """A call, or one leg of a longer conversation. The legs of a conversation share a session."""

    session: Annotated["Session", strawberry.lazy("telegraphql.schema.session")] | None = related(
        "The conversation to which this leg belongs.", by="id"
    )
    direction: CallDirection = shown("The direction, seen from the company.", default=CallDirection.UNKNOWN)
    status: CallStatus = shown("The outcome of the call.", default=CallStatus.UNKNOWN)
    answered_by: AnsweredBy | None = shown("Who answered. Null if nobody did, or if not reported.")
    hangup_cause: str | None = shown("The reason why the call ended, in the provider's own words. Null if not reported.")
    sip_status_code: int | None = shown("The final SIP status code, such as 486. Null if the call did not fail, or if not reported.")
    from_: Party = needed("The caller. Null if not reported.", name="from", graphql_type=Party | None)
    to: Party = needed("The called party. Null if not reported.", graphql_type=Party | None)
    dialed_number: str | None = shown("The number that the caller dialed first. Null if not reported.", personal=True)
    forwarded_from: str | None = shown("The number that forwarded the call. Null if the call was not forwarded.", personal=True)
    caller_id_shown: str | None = shown("The caller id that the called party saw. Null if not reported.", personal=True)
    trunk: str | None = shown("The line to the public network. Null if not reported.")
    started_at: datetime = needed("The time at which the call began.")
    ringing_at: datetime | None = shown("The time at which the called party's phone began to ring. Null if not reported.")
    answered_at: datetime | None = shown("The time at which the call was answered. Null if it was not answered, or if not reported.")
    ended_at: datetime | None = shown("The time at which the call ended. Null while the call is in progress.")
    is_ended_at_derived: bool = shown("True if endedAt was computed from the start and the duration.", default=False)
    duration_seconds: int | None = shown("The length in seconds, from start to end. Null if not reported.")
    ring_seconds: int | None = shown("The ring time in seconds, from start to answer, or to the end if nobody answered. Null if unknown.")
    talk_seconds: int | None = shown("The talk time in seconds, from answer to end. Null if not reported.")
    cost: Money | None = shown("The price of the call. Null if not reported.")
    rate_per_minute: Money | None = shown("The price of one minute. Null if not reported.")
    queue: Annotated["Queue", strawberry.lazy("telegraphql.schema.queue")] | None = related(
        "The queue through which the call went.", by="id"
    )
    recordings: list[Annotated["Recording", strawberry.lazy("telegraphql.schema.recording")]] | None = related(
        "The recordings of the call.", by="call"
    )
    voicemessages: list[Annotated["Voicemessage", strawberry.lazy("telegraphql.schema.voicemessage")]] | None = related(
        "The voicemessages that were left during the call.", by="call"
    )
    transaction: Annotated["Transaction", strawberry.lazy("telegraphql.schema.transaction")] | None = related(
        "The charge for the call.", by="id"
    )
    user_id: str | None = shown("The provider's id of the user to whom the call belongs. Null if not reported.")
    account_id: str | None = shown("The provider's id of the account, such as a child account. Null if not reported.")
    custom_data: str | None = shown("The data that the scenario attached to this leg. Null if there are none.", personal=True)
    labels: list[str] | None = shown("The labels of the call. Null if not reported.")
    info: str | None = shown("A text about the call, by the provider or a user. Null if there is none.", personal=True)
    endpoint_id: str | None = shown("The provider's id of the phone that made or received the call. Null if not reported.")
    media_server: str | None = shown("The media server that handled this leg. Null if not reported.")
    sip_call_id: str | None = shown("The SIP Call-ID. Null if not reported.", personal=True)
    reroute_reason: str | None = shown("The reason why the call was sent elsewhere, in the provider's own words. Null if it was not.")
    notes: list[Note] | None = related("The remarks on the call.", by="call")
    trace: str | None = readable("The SIP messages as text. Null if the provider keeps none.", personal=True)
    capture: Media | None = downloadable("The packet capture. Null if the provider keeps none.", personal=True)
    parent: Annotated["Call", strawberry.lazy("telegraphql.schema.call")] | None = related(
        "The leg from which this leg was transferred or forwarded.", by="children"
    )
