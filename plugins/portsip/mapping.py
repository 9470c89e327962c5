"""Mappings of all kinds. Times are in UTC. Absent values are "", null or missing fields."""

from telegraphql.plugin import (
    Column,
    Constant,
    Mapping,
    Object,
    between,
    file,
    file_size,
    ident,
    mapped,
    money,
    not_before,
    number_text,
    parameter,
    party,
    plain,
    seconds,
    text,
    utc,
    whole,
    word,
)
from telegraphql.plugins.portsip import values, wire
from telegraphql.plugins.portsip.recordings import session_in_file_name
from telegraphql.plugins.portsip.report_calls import read_calls, read_native_filter
from telegraphql.plugins.portsip.schedule_codes import SCHEDULE_STATUS, SCHEDULE_TYPE, read_format, read_range
from telegraphql.schema import (
    Call,
    CallDirection,
    Queue,
    Recording,
    Report,
    ReportKind,
    ReportSchedule,
    ReportScheduleStatus,
    ReportScheduleType,
    ReportStatus,
    Session,
    Transcription,
    TranscriptionStatus,
    Voicemessage,
)

DIRECTION = {
    "INBOUND_CALL": CallDirection.INBOUND,
    "OUTBOUND_CALL": CallDirection.OUTBOUND,
    "EXTENSION_CALL": CallDirection.INTERNAL,
    "INBOUND_OUTBOUND_CALL": CallDirection.TRANSIT,
}
REPORT_KIND = {
    "NORMAL": ReportKind.CALLS,
    "EXTENSION_GROUP_CALL_COST": ReportKind.COSTS,
    "QUEUE_PERFORMANCE": ReportKind.QUEUES,
    "QUEUE_DETAILED_STATISTICS": ReportKind.QUEUES,
    "QUEUE_ABANDONED_CALLS": ReportKind.QUEUES,
    "QUEUE_SLA_STATISTICS": ReportKind.QUEUES,
    "QUEUE_BREACHES_SLA_STATISTICS": ReportKind.QUEUES,
    "QUEUE_CALLBACKS": ReportKind.QUEUES,
    "QUEUE_FAILED_CALLBACKS": ReportKind.QUEUES,
    "TEAM_QUEUE_GENERAL_STATISTICS": ReportKind.QUEUES,
    "RING_GROUP_STATISTICS": ReportKind.OTHER,
}
IS_READ = {"READ": True, "UNREAD": False}


def read_status(status: str | None) -> bool | None:
    """Return True for READ, False for UNREAD; None for another word."""
    return IS_READ.get(status or "")


def _call_party(part: str, number: str) -> Object:
    """Return the column of one end of a call; "caller" and "callee" are both number and beginning of the other names."""
    return party(
        number,
        name=f"{number}_display_name",
        kind=Column(values.party_kind, mapped(f"{part}.number"), mapped("direction"), never_fails=True),
        uri=Column(values.sip_address, mapped(f"{part}.number"), text(f"{number}_domain"), never_fails=True),
    )


def _other_party(part: str, number: str | Column, name: str | None = None) -> Object:
    """Return the column of one end of a recording or voicemail."""
    return party(number, name=name, kind=Column(values.number_kind, mapped(f"{part}.number"), never_fails=True))


ENDED_AT = not_before(mapped("started_at"), utc("ended_at"))

CALL = Mapping(
    Call,
    wire.CallLog,
    native_id=ident("id"),
    refs={
        "session": Column(values.first_known, ident("session_id"), mapped("native_id"), never_fails=True),
        "queue": Column(values.queue_of_call, text("service_number"), text("callee"), text("reroute_reason"), never_fails=True),
        "recordings": Column(
            values.leg_key,
            mapped("native_id"),
            ident("session_id"),
            mapped("from_.number"),
            mapped("to.number"),
            mapped("answered_at"),
            mapped("ended_at"),
            never_fails=True,
        ),
    },
    direction=word("direction", DIRECTION, CallDirection.UNKNOWN),
    status=Column(values.status, mapped("answered_at"), "end_reason", "status_code"),
    hangup_cause=text("end_reason"),
    sip_status_code=whole("status_code", zero_is_null=True),
    from_=_call_party("from_", "caller"),
    to=_call_party("to", "callee"),
    dialed_number=Column(values.dialed_number, mapped("direction"), text("did_cid"), never_fails=True),
    caller_id_shown=text("outbound_caller_id"),
    trunk=text("trunk"),
    started_at=utc("started_at"),
    ringing_at=utc("rang_at"),
    answered_at=utc("answered_at"),
    ended_at=ENDED_AT,
    duration_seconds=between(mapped("started_at"), mapped("ended_at")),
    ring_seconds=between(mapped("started_at"), mapped("answered_at"), mapped("ended_at")),
    talk_seconds=seconds("duration"),
    cost=money("cost"),
    sip_call_id=text("call_id"),
    custom_data=text("user_data"),
    reroute_reason=text("reroute_reason"),
)
SESSION = Mapping(
    Session,
    wire.SessionRow,
    native_id=ident("id"),
    refs={
        "id": plain(mapped("refs.recordings")),
        "calls": plain(mapped("native_id")),
        "recordings": Column(
            values.session_key, mapped("native_id"), number_text("caller"), utc("answered_at"), mapped("ended_at"), never_fails=True
        ),
    },
    started_at=utc("started_at"),
    ended_at=ENDED_AT,
    duration_seconds=between(mapped("started_at"), mapped("ended_at")),
    direction=word("direction", DIRECTION, CallDirection.UNKNOWN),
    status=Column(values.status, utc("answered_at"), "end_reason", "status_code"),
    finish_reason=text("end_reason"),
    custom_data=text("user_data"),
    is_derived=Constant(False),
    cost=money("cost"),
)
QUEUE = Mapping(
    Queue,
    wire.QueueRow,
    native_id=ident("id"),
    refs={"id": Column(values.queue_key, mapped("number"), never_fails=True)},
    name=Column(values.queue_name, "name", mapped("number"), mapped("native_id"), lenient=True),
    number=text("extension_number"),
    strategy=text("polling_strategy"),
    max_wait_seconds=whole("max_waiting_time", zero_is_null=True),
    ring_seconds=seconds("ring_time"),
    service_level_seconds=Column(values.service_levels, seconds("sla_time")),
    agent_count=Column(values.agent_count, "agents", never_fails=True),
    created_at=utc("created_at"),
)
RECORDING = Mapping(
    Recording,
    wire.RecordingRow,
    # The detail does not hold the id that it was asked for by.
    native_id=Column(values.first_known, parameter("key"), ident("id")),
    refs={
        "session": Column(session_in_file_name, text("file_name"), never_fails=True),
        "call": Column(
            values.recorded_leg_key,
            mapped("refs.session"),
            mapped("from_.number"),
            mapped("to.number"),
            mapped("started_at"),
            mapped("ended_at"),
            text("file_name"),
            never_fails=True,
        ),
    },
    files={
        "media": file(
            if_set=Column(values.first_known, text("file_name"), text("file_url")),
            mime_type=Column(values.mime_type, mapped("file_name")),
            size=mapped("size_bytes"),
            file_name=mapped("file_name"),
        )
    },
    started_at=utc("started_at"),
    ended_at=ENDED_AT,
    duration_seconds=seconds("duration"),
    size_bytes=file_size("file_size", zero_is_null=True),
    file_name=text("file_name"),
    from_=_other_party("from_", "caller", "caller_display_name"),
    to=_other_party("to", "callee", "callee_display_name"),
    transcription=Object(Transcription, unless_null="sentiment", status=Constant(TranscriptionStatus.UNKNOWN), sentiment=text("sentiment")),
)
VOICEMESSAGE = Mapping(
    Voicemessage,
    wire.Voicemail,
    native_id=ident("id"),
    files={
        "media": file(
            if_set=text("file_url"),
            mime_type=Column(values.mime_type, text("file_name")),
            size=file_size("file_size", zero_is_null=True),
            file_name="file_name",
        )
    },
    received_at=utc("created_at"),
    from_=_other_party("from_", Column(values.first_known, text("sender_number"), text("sender")), "sender_name"),
    duration_seconds=seconds("duration"),
    is_read=Column(read_status, "status", never_fails=True),
    transcript=text("transcription_text"),
)
REPORT = Mapping(
    Report,
    wire.CompletedReport,
    native_id=ident("id"),
    files={
        "media": file(
            if_set=text("file_url"),
            mime_type=Column(values.mime_type, mapped("file_name")),
            size=mapped("size_bytes"),
            file_name=mapped("file_name"),
        )
    },
    name=text("name"),
    kind=word("type", REPORT_KIND, ReportKind.OTHER),
    status=Constant(ReportStatus.DONE),
    format=text("format"),
    # The PBX does not say when a report was asked for, so it stands at the moment at which it was finished.
    created_at=utc("completed_at"),
    completed_at=utc("completed_at"),
    file_name=text("file_name"),
    size_bytes=file_size("file_size", zero_is_null=True),
)
SCHEDULE = Mapping(
    ReportSchedule,
    wire.CallReport,
    native_id=ident("id"),
    name=Column(values.or_empty, text("name")),
    type=word("type", SCHEDULE_TYPE, ReportScheduleType.UNKNOWN),
    native_type=text("type"),
    status=word("status", SCHEDULE_STATUS, ReportScheduleStatus.UNKNOWN),
    native_status=text("status"),
    email=text("email"),
    format=Column(read_format, text("format"), never_fails=True),
    native_format=text("format"),
    range=Column(read_range, text("range"), never_fails=True),
    native_range=text("range"),
    from_=utc("started_at"),
    to=utc("ended_at"),
    cron=text("cron_expr"),
    calls=Column(read_calls, "filter", "type"),
    native_filter=Column(read_native_filter, "filter"),
)
