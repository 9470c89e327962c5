"""Map VoIPstudio's rows to the schema's kinds. All its times are UTC and name no zone."""

from collections.abc import Sequence

from telegraphql.plugin import (
    Column,
    Mapping,
    Object,
    boolean,
    file,
    file_size,
    grouped_session,
    ident,
    is_known,
    later,
    mapped,
    money,
    negated,
    parameter,
    plain,
    provider,
    read_ident,
    read_text,
    seconds,
    template,
    text,
    utc,
    whole,
    word,
)
from telegraphql.plugins.voipstudio import wire
from telegraphql.plugins.voipstudio.codes import RANG_ONLY, TRANSACTION, direction, status
from telegraphql.plugins.voipstudio.values import (
    TRANSCRIPTION,
    agent_count,
    any_text,
    called_name,
    caller_name,
    caller_number,
    end_of_call,
    first_text,
    is_pending,
    label_texts,
    metadata_text,
    queue_id,
    recording_direction,
)
from telegraphql.schema import (
    Call,
    CallStatus,
    Chat,
    MediaSession,
    Note,
    Queue,
    Recording,
    Session,
    TrackingNumber,
    Transaction,
    TransactionKind,
    Visitor,
    Voicemessage,
)

MP3, PCAP, SIP = "audio/mpeg", "application/vnd.tcpdump.pcap", "text/plain"


def session_key(root: wire.Word, before: wire.Word, own: wire.Word, version: str) -> str | None:
    """Return the live id of a conversation's first leg.

    v1.1 names only the leg before, so there a conversation is a leg and those after it.
    """
    return read_ident(root) or (read_ident(before) if version == "v1.1" else None) or read_ident(own)


def notes_key(count: int | None, key: str) -> str | None:
    """Return the key of a leg's notes; None if the upstream counts none."""
    return None if count == 0 else key


def note_id(call: str, key: str | None, words: str | None) -> str | None:
    """Return the id of a note. A row without words is none: the reference shows a Cdr in its place."""
    return f"{call}.{key}" if key and words else None


def hangup_cause(t_cause: wire.Word, disposition: wire.Word, went: CallStatus) -> str | None:
    """Return why a leg ended; where its status is unknown and no cause is given, the upstream's word for the status."""
    return read_text(t_cause) or (read_text(disposition) if went is CallStatus.UNKNOWN else None)


def ring_length(length: int | None, went: CallStatus) -> int | None:
    """Return how many seconds a leg rang: as long as it lasted, if nobody answered."""
    return length if went in RANG_ONLY else None


CALL = Mapping(
    Call,
    wire.CdrRow,
    native_id=ident("id"),
    refs={
        "session": Column(session_key, "root_live_id", "parent_live_id", "live_id", provider("settings.version"), never_fails=True),
        "queue": Column(queue_id, "dst_id", never_fails=True),
        "recordings": ident("live_id"),
        "voicemessages": ident("live_id"),
        "notes": Column(notes_key, "nb_notes", mapped("native_id"), never_fails=True),
        "parent": ident("parent_live_id"),
        "children": ident("live_id"),
        "tracked": plain(parameter("tracked")),
    },
    direction=Column(direction, "context", "destination", "type", never_fails=True),
    status=Column(status, "disposition", "t_cause", "type", never_fails=True),
    hangup_cause=Column(hangup_cause, "t_cause", "disposition", mapped("status")),
    from_=end_of_call("from_", "src", "src_id", Column(caller_name, "src_name", "clid"), user_agent="src_ua", codec="src_codec"),
    to=end_of_call(
        "to",
        "dst",
        "dst_id",
        name=Column(called_name, "dst_name", "dst_id", mapped("direction")),
        user_agent="dst_ua",
        codec="dst_codec",
    ),
    caller_id_shown=Column(caller_number, "clid"),
    started_at=utc("calldate"),
    ended_at=later(mapped("started_at"), mapped("duration_seconds")),
    is_ended_at_derived=is_known(mapped("duration_seconds")),
    duration_seconds=seconds("duration"),
    ring_seconds=Column(ring_length, mapped("duration_seconds"), mapped("status"), never_fails=True),
    talk_seconds=seconds("billsec"),
    cost=money("charge"),
    rate_per_minute=money("rate"),
    user_id=ident("user_id"),
    labels=Column(label_texts, "labels", never_fails=True),
    custom_data=Column(metadata_text, "metadata"),
    info=text("info"),
    endpoint_id=ident("sip_endpoint_id"),
    media_server=ident("server_id"),
    files={
        "trace": file(mime_type=SIP, file_name=template("call-{}.txt", mapped("native_id"))),
        "capture": file(mime_type=PCAP, file_name=template("call-{}.pcap", mapped("native_id"))),
    },
)
WORDS_OF_NOTE = Column(first_text, "text", "note", "content", "message")
NOTE = Mapping(
    Note,
    wire.NoteRow,
    native_id=Column(note_id, parameter("call"), ident("id"), WORDS_OF_NOTE),
    refs={"call": plain(parameter("call"))},
    text=WORDS_OF_NOTE,
    created_at=utc("created_at"),
    user_id=ident("user_id"),
)
RECORDING = Mapping(
    Recording,
    wire.Monitor,
    native_id=ident("id"),
    refs={"call": ident("live_id"), "session": ident("live_id")},
    started_at=utc("timestamp"),
    ended_at=later(mapped("started_at"), mapped("duration_seconds")),
    duration_seconds=seconds("duration"),
    size_bytes=file_size("size"),
    from_=end_of_call("from_", "caller", "src_id"),
    to=end_of_call("to", "called", "dst_id", name=Column(called_name, "dst_name", "dst_id", mapped("direction"))),
    direction=Column(recording_direction, "context", "type", never_fails=True),
    user_id=ident("user_id"),
    transcription=TRANSCRIPTION,
    files={"media": file(mime_type=MP3, size="size", file_name=template("recording-{}.mp3", mapped("native_id")))},
)
VOICEMESSAGE = Mapping(
    Voicemessage,
    wire.VoicemessageRow,
    native_id=ident("id"),
    refs={"call": ident("live_id")},
    received_at=utc("origtime"),
    from_=end_of_call("from_", "caller", name=Column(caller_name, "callerid")),
    to=end_of_call("to", "dialled"),
    dialed_number=text("dialled"),
    mailbox=ident("extension_id"),
    duration_seconds=seconds("duration"),
    is_read=negated("is_new"),
    folder=text("folder"),
    transcript=text("transcript"),
    files={"media": file(mime_type=MP3, file_name=template("voicemessage-{}.mp3", mapped("native_id")))},
)
CHAT = Mapping(
    Chat,
    wire.ChatRow,
    native_id=ident("id"),
    started_at=utc("created_at"),
    ended_at=later(mapped("started_at"), mapped("duration_seconds")),
    duration_seconds=seconds("duration"),
    state=text("state"),
    operator_id=ident("operator_id"),
    operator_user_agent=text("operator_ua"),
    website_id=ident("website_id"),
    customer_id=ident("customer_id"),
    visitor=Object(
        Visitor,
        native_id=text("visitor_id"),
        name=text("visitor_name"),
        email=text("visitor_email"),
        ip=text("visitor_ip"),
        city=text("visitor_city"),
        country=text("visitor_country"),
        location=text("visitor_geo"),
        user_agent=text("visitor_ua"),
        referrer=text("visitor_referer"),
    ),
)
MEDIA_SESSION = Mapping(
    MediaSession,
    wire.Msdr,
    native_id=ident("id"),
    started_at=utc("created_at"),
    duration_seconds=seconds("duration"),
    from_=end_of_call("from_", "src", "src_id", user_agent="src_ua"),
    to=end_of_call("to", "dst", "dst_id", user_agent="dst_ua"),
    sip_call_id=text("call_id"),
    hangup_cause=text("t_cause"),
    type=text("type"),
    user_id=ident("user_id"),
    files={
        "trace": file(mime_type=SIP, file_name=template("stream-{}.txt", mapped("native_id"))),
        "capture": file(mime_type=PCAP, file_name=template("stream-{}.pcap", mapped("native_id"))),
    },
)
TRANSACTION_MAPPING = Mapping(
    Transaction,
    wire.TransactionRow,
    native_id=ident("id"),
    performed_at=utc("created_at"),
    amount=money("amount", currency="currency_iso"),
    kind=word("type", TRANSACTION, TransactionKind.OTHER, fold=str.casefold),
    type=Column(any_text, "type"),
    description=text("result"),
    is_pending=Column(is_pending, "result"),
)
QUEUE = Mapping(
    Queue,
    wire.CallQueueRow,
    native_id=ident("id"),
    name=Column(first_text, "name", mapped("number"), mapped("native_id")),
    number=text("number"),
    strategy=text("ring_strategy"),
    ring_seconds=seconds("ring_time"),
    agent_count=Column(agent_count, "users", never_fails=True),
)
TRACKING_NUMBER = Mapping(
    TrackingNumber,
    wire.TrackingNumberRow,
    native_id=ident("id"),
    # This collection's name promises calls: a row without a name and a number is none of its own.
    name=Column(first_text, "name", mapped("number")),
    number=text("e164"),
    uri=text("uri"),
    created_at=utc("created_at"),
    channels=whole("channels"),
    rate=plain("rate"),
    status=text("status"),
    target_type=text("target_type"),
    target_id=ident("target_id"),
    is_sms_enabled=boolean("sms_enabled"),
    is_fax_enabled=boolean("fax_enabled"),
    info=text("info"),
)


def session(legs: Sequence[Call]) -> Session:
    """Return a conversation, from its legs in order of time."""
    return grouped_session(
        legs,
        refs={"recordings": ";".join(sorted({live for leg in legs if (live := leg.refs["recordings"])}))},
        finish_reason=max(legs, key=lambda leg: leg.ended_at or leg.started_at).hangup_cause,
        user_id=next((leg.user_id for leg in legs if leg.user_id), None),
    )
