"""Mapping of the upstream's rows, with its codes."""

from collections.abc import Sequence
from datetime import datetime
from decimal import Decimal
from urllib.parse import parse_qs

from telegraphql.plugin import (
    Column,
    Constant,
    Mapping,
    Object,
    file,
    grouped_session,
    ident,
    later,
    mapped,
    money,
    party,
    provider,
    read_decimal,
    read_ident,
    read_text,
    rfc2822,
    seconds,
    status_of_legs,
    text,
    utc,
    whole,
    word,
)
from telegraphql.plugins.twilio import wire
from telegraphql.schema import (
    AnsweredBy,
    Attachment,
    Call,
    CallDirection,
    CallStatus,
    FileInfo,
    Message,
    MessageStatus,
    Money,
    Note,
    PartyKind,
    Queue,
    Recording,
    Session,
    Transaction,
    TransactionKind,
)

# Words: https://www.twilio.com/docs/voice/api/call-resource and https://www.twilio.com/docs/messaging/api/message-resource
STATUS = {
    "queued": CallStatus.IN_PROGRESS,
    "ringing": CallStatus.IN_PROGRESS,
    "in-progress": CallStatus.IN_PROGRESS,
    "completed": CallStatus.ANSWERED,
    "busy": CallStatus.BUSY,
    "failed": CallStatus.FAILED,
    "no-answer": CallStatus.NO_ANSWER,
    "canceled": CallStatus.CANCELED,
}
DIRECTION = {
    "inbound": CallDirection.INBOUND,
    "outbound-api": CallDirection.OUTBOUND,
    "outbound-dial": CallDirection.OUTBOUND,
    "trunking-originating": CallDirection.INBOUND,
    "trunking-terminating": CallDirection.OUTBOUND,
}
MESSAGE_DIRECTION = {
    "inbound": CallDirection.INBOUND,
    "outbound-api": CallDirection.OUTBOUND,
    "outbound-call": CallDirection.OUTBOUND,
    "outbound-reply": CallDirection.OUTBOUND,
}
MESSAGE_STATUS = {
    "accepted": MessageStatus.QUEUED,
    "scheduled": MessageStatus.QUEUED,
    "queued": MessageStatus.QUEUED,
    "sending": MessageStatus.QUEUED,
    "sent": MessageStatus.SENT,
    "partially_delivered": MessageStatus.SENT,
    "delivered": MessageStatus.DELIVERED,
    "read": MessageStatus.READ,
    "receiving": MessageStatus.RECEIVED,
    "received": MessageStatus.RECEIVED,
    "undelivered": MessageStatus.UNDELIVERED,
    "failed": MessageStatus.FAILED,
    "canceled": MessageStatus.CANCELED,
}
FORMATS = {"mp3": "audio/mpeg", "wav": "audio/x-wav"}
CLIENT = "client:"
# A recording has its file only in the state "completed".
COMPLETED, DELETED = "completed", "deleted"


def first_time(began: datetime | None, created: datetime | None) -> datetime | None:
    """Return when it began, or when it was created while it has not begun."""
    return began or created


def session_key(parent: wire.Text, own: wire.Text) -> str | None:
    """Return the id of the leg that dialed this one; its own if there is none."""
    return read_ident(parent) or read_ident(own)


def direction(word: wire.Text, caller: wire.Text, called: wire.Text) -> CallDirection:
    """Return the direction of a leg. A `client:` address is a user of the company, whatever the upstream's word is."""
    from_user, to_user = (str(each or "").startswith(CLIENT) for each in (caller, called))
    if from_user:
        return CallDirection.INTERNAL if to_user else CallDirection.OUTBOUND
    return CallDirection.INBOUND if to_user else DIRECTION.get(str(word), CallDirection.UNKNOWN)


def answered_by(found: wire.Text) -> AnsweredBy | None:
    """Return who answered, if answering machines were to be detected: a human, a machine or a fax at the called end."""
    return None if read_text(found) in (None, "unknown") else AnsweredBy.PERSON


def magnitude(price: wire.Number) -> Decimal | None:
    """Return an amount without its sign: the documentation shows positive prices of recordings, accounts have negative ones."""
    found = read_decimal(price)
    return None if found is None else abs(found)


def currency(unit: wire.Text) -> str | None:
    """Return the code of a currency, which the upstream writes in capitals or not."""
    found = read_text(unit)
    return found and found.upper()


def media(sid: wire.Text, status: wire.Text, extension: str) -> FileInfo | None:
    """Return the properties of the file of a recording; None if there is none."""
    return FileInfo(FORMATS[extension], None, f"{sid}.{extension}") if read_text(status) == COMPLETED else None


def is_deleted(status: wire.Text) -> bool:
    """Return True if the recording was deleted, of which the upstream keeps the row for 40 days."""
    return read_text(status) == DELETED


def failure_reason(message: wire.Text, code: wire.Text) -> str | None:
    """Return the upstream's words for a failure, else its code."""
    found = read_ident(code)
    return read_text(message) or (f"error {found}" if found else None)


def attachments_key(sid: wire.Text, count: wire.Text) -> str | None:
    """Return the key of the files of a message; None if it has none."""
    return None if read_ident(count) is None else read_ident(sid)


def attachment_id(message: wire.Text, own: wire.Text) -> str | None:
    """Return the id of a file: its path begins with its message."""
    parent, found = read_ident(message), read_ident(own)
    return f"{parent}/{found}" if parent and found else None


def notification(logged: wire.Text, code: wire.Text) -> str | None:
    """Return what was logged in words, with its code. The upstream writes it as a query string; what is none is taken as it is."""
    found, number = read_text(logged), read_ident(code)
    words = parse_qs(found).get("Msg", [found])[0] if found else None
    return f"{words} (error {number})" if words and number else words or (f"error {number}" if number else None)


CURRENCY = Column(currency, "price_unit")
CALL = Mapping(
    Call,
    wire.CallResource,
    native_id=ident("sid"),
    refs={
        "session": Column(session_key, "parent_call_sid", "sid"),
        "parent": ident("parent_call_sid"),
        "recordings": ident("sid"),
        "notes": ident("sid"),
    },
    direction=Column(direction, "direction", "from_", "to", never_fails=True),
    status=word("status", STATUS, CallStatus.UNKNOWN),
    answered_by=Column(answered_by, "answered_by"),
    from_=party("from_", name="caller_name"),
    to=party("to"),
    forwarded_from=text("forwarded_from"),
    trunk=ident("trunk_sid"),
    started_at=Column(first_time, rfc2822("start_time"), rfc2822("date_created")),
    ended_at=rfc2822("end_time"),
    duration_seconds=seconds("duration"),
    cost=money("price", currency=CURRENCY, negate=True),
    account_id=ident("account_sid"),
)
RECORDING = Mapping(
    Recording,
    wire.RecordingResource,
    native_id=ident("sid"),
    refs={"call": ident("call_sid"), "session": ident("call_sid")},
    started_at=Column(first_time, rfc2822("start_time"), rfc2822("date_created")),
    ended_at=later(mapped("started_at"), mapped("duration_seconds")),
    duration_seconds=seconds("duration"),
    is_removed=Column(is_deleted, "status"),
    cost=Object(Money, unless_null="amount", amount=Column(magnitude, "price"), currency=CURRENCY),
    files={"media": Column(media, "sid", "status", provider("settings.recording_format"))},
)
MESSAGE = Mapping(
    Message,
    wire.MessageResource,
    native_id=ident("sid"),
    refs={"attachments": Column(attachments_key, "sid", "num_media")},
    sent_at=Column(first_time, rfc2822("date_sent"), rfc2822("date_created")),
    direction=word("direction", MESSAGE_DIRECTION, CallDirection.UNKNOWN),
    status=word("status", MESSAGE_STATUS, MessageStatus.UNKNOWN),
    failure_reason=Column(failure_reason, "error_message", "error_code"),
    from_=party("from_"),
    to=party("to"),
    text=text("body"),
    segments=whole("num_segments"),
    cost=money("price", currency=CURRENCY, negate=True),
    account_id=ident("account_sid"),
)
ATTACHMENT = Mapping(
    Attachment,
    wire.MediaResource,
    native_id=Column(attachment_id, "parent_sid", "sid"),
    refs={"message": ident("parent_sid")},
    mime_type=text("content_type"),
    created_at=rfc2822("date_created"),
    files={"media": file(mime_type=text("content_type"))},
)
NOTIFICATION = Mapping(
    Note,
    wire.NotificationResource,
    native_id=ident("sid"),
    refs={"call": ident("call_sid")},
    text=Column(notification, "message_text", "error_code"),
    created_at=Column(first_time, rfc2822("message_date"), rfc2822("date_created")),
)
QUEUE = Mapping(
    Queue,
    wire.QueueResource,
    native_id=ident("sid"),
    name=Column(lambda name, sid: read_text(name) or read_text(sid), "friendly_name", "sid"),
    created_at=rfc2822("date_created"),
    modified_at=rfc2822("date_updated"),
)
# One a day: the other categories are parts of the total, and of each other.
USAGE = Mapping(
    Transaction,
    wire.UsageResource,
    native_id=text("start_date"),
    performed_at=utc("start_date"),
    amount=money("price", currency=CURRENCY, negate=True),
    kind=Constant(TransactionKind.CHARGE),
    type=text("category"),
    description=text("description"),
    account_id=ident("account_sid"),
)


def session(legs: Sequence[Call]) -> Session:
    """Return the conversation of a parent leg and the legs that it dialed, in order of time."""
    key = legs[0].refs["session"] or legs[0].native_id
    parent = next((leg for leg in legs if leg.native_id == key), legs[0])
    dialed = [leg for leg in legs if leg is not parent]
    # A call that comes to the upstream is answered by its script: the legs that it dials tell.
    comes_in = parent.direction is CallDirection.INBOUND or parent.from_.kind is PartyKind.USER
    called = dialed if comes_in and dialed else [parent, *dialed]
    return grouped_session(legs, main=parent, refs={"recordings": key}, status=status_of_legs(called))
