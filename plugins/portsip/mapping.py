"""Mapping: from PortSIP's rows to our records, one flat function per kind, its lines in the order of the schema type."""

from collections.abc import Sequence
from decimal import Decimal
from typing import Any

import msgspec

from telegraphql.plugin import Provider, RowPosition, digits
from telegraphql.plugins.portsip import wire
from telegraphql.plugins.portsip.recording_span import Span, session_in
from telegraphql.plugins.portsip.values import amount, integer, moment, money, named, seconds, stamp
from telegraphql.schema import (
    Call,
    CallDirection,
    CallStatus,
    FileInfo,
    Party,
    PartyKind,
    Queue,
    Recording,
    Report,
    ReportKind,
    ReportSchedule,
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
# The final SIP status; 0 is no failure.
STATUS = {
    0: CallStatus.NO_ANSWER,
    408: CallStatus.NO_ANSWER,
    480: CallStatus.NO_ANSWER,
    486: CallStatus.BUSY,
    487: CallStatus.CANCELED,
    600: CallStatus.BUSY,
}
IS_READ = {"READ": True, "UNREAD": False}
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
MIME_TYPE = {"wav": "audio/wav", "mp3": "audio/mpeg", "csv": "text/csv", "html": "text/html"}
BY_NUMBER = "number:"
PSTN_DIGITS = 7


def place(row: Any, time: str) -> RowPosition:
    """Where the record of a row stands in a list by this time."""
    return RowPosition(named(row.id), stamp(getattr(row, time)))


def call(row: wire.CallLog, of: Provider) -> Call:
    """A leg; the row of a PBX without call logs is its own session."""
    native_id, session_id = named(row.id), str(row.session_id or row.id)
    began, answered, ended = stamp(row.started_at), moment(row.answered_at), moment(row.ended_at)
    span = Span(native_id, session_id, row.caller or "", row.callee or "" if row.session_id else "", answered, ended)
    return Call(
        provider_name=of.name,
        native_id=native_id,
        refs={"session": session_id, "queue": _queue(row), "recordings": _recorded(span)},
        direction=DIRECTION.get(row.direction or "", CallDirection.UNKNOWN),
        status=_status(row),
        hangup_cause=row.end_reason or None,
        sip_status_code=integer(row.status_code) or None,
        from_=_party(row, row.caller, row.caller_display_name, row.caller_domain, of),
        to=_party(row, row.callee, row.callee_display_name, row.callee_domain, of),
        dialed_number=row.did_cid or None if row.direction == "INBOUND_CALL" else None,
        caller_id_shown=row.outbound_caller_id or None,
        trunk=row.trunk or None,
        started_at=began,
        ringing_at=moment(row.rang_at),
        answered_at=answered,
        ended_at=ended,
        duration_seconds=seconds(began, ended),
        ring_seconds=seconds(began, answered or ended),
        talk_seconds=integer(row.duration),
        cost=money(row.cost, of),
        sip_call_id=row.call_id or None,
        reroute_reason=row.reroute_reason or None,
    )


def session(row: wire.SessionRow, of: Provider) -> Session:
    """A conversation, from its summary."""
    native_id = named(row.id)
    began, ended = stamp(row.started_at), moment(row.ended_at)
    key = _recorded(Span(native_id, native_id, row.caller or "", "", moment(row.answered_at), ended))
    return Session(
        provider_name=of.name,
        native_id=native_id,
        refs={"id": key, "calls": native_id, "recordings": key},
        started_at=began,
        ended_at=ended,
        duration_seconds=seconds(began, ended),
        direction=DIRECTION.get(row.direction or "", CallDirection.UNKNOWN),
        status=_status(row),
        finish_reason=row.end_reason or None,
        custom_data=row.user_data or None,
        is_derived=False,
        cost=money(row.cost, of),
    )


def whole(legs: Sequence[wire.Leg], native_id: str) -> wire.CallLog:
    """A conversation put together from its legs: `/cdrs/{id}` has nothing else, and no id in it."""
    first = min(legs, key=lambda leg: stamp(leg.started_at))
    last = max(legs, key=lambda leg: moment(leg.ended_at) or stamp(leg.started_at))
    row = wire.CallLog(id=native_id, **{name: getattr(first, name) for name in first.__struct_fields__})
    row.answered_at = min((leg.answered_at for leg in legs if leg.answered_at), key=stamp, default=None)
    row.ended_at, row.end_reason = last.ended_at, last.end_reason
    row.duration = sum(integer(leg.duration) or 0 for leg in legs)
    costs = [found for leg in legs if (found := amount(leg.cost)) is not None]
    row.cost = msgspec.Raw(str(sum(costs, Decimal(0))).encode()) if costs else wire.NULL
    return row


def queue(row: wire.QueueRow, of: Provider) -> Queue:
    """A call queue; calls know it by its number."""
    sla = integer(row.sla_time)
    return Queue(
        provider_name=of.name,
        native_id=named(row.id),
        refs={"id": BY_NUMBER + row.extension_number if row.extension_number else None},
        name=row.name,
        number=row.extension_number or None,
        strategy=row.polling_strategy or None,
        max_wait_seconds=integer(row.max_waiting_time) or None,
        ring_seconds=integer(row.ring_time),
        service_level_seconds=[sla] if sla else None,
        agent_count=None if row.agents is None else len(row.agents),
        created_at=moment(row.created_at),
    )


def recording(row: wire.RecordingRow, of: Provider) -> Recording:
    """A recording. Without its file's name it cannot be told to which session it belongs."""
    began, ended, session_id = stamp(row.started_at), moment(row.ended_at), session_in(row.file_name)
    parties = Span("", session_id or "", row.caller or "", row.callee or "")
    return Recording(
        provider_name=of.name,
        native_id=named(row.id),
        refs={"session": session_id, "call": parties.key if session_id else None},
        files={"media": file(row.file_name, row.file_size)} if row.file_name or row.file_url else {},
        started_at=began,
        ended_at=ended,
        duration_seconds=integer(row.duration),
        size_bytes=integer(row.file_size) or None,
        file_name=row.file_name or None,
        from_=_known(row.caller, of),
        to=_known(row.callee, of),
        transcription=Transcription(status=TranscriptionStatus.UNKNOWN, sentiment=row.sentiment) if row.sentiment else None,
    )


def voicemessage(row: wire.Voicemail, of: Provider) -> Voicemessage:
    """A voicemail."""
    return Voicemessage(
        provider_name=of.name,
        native_id=named(row.id),
        files={"media": file(row.file_name, row.file_size)} if row.file_url else {},
        received_at=stamp(row.created_at),
        from_=_known(row.sender_number or row.sender, of, row.sender_name),
        duration_seconds=integer(row.duration),
        is_read=IS_READ.get(row.status or ""),
        transcript=row.transcription_text or None,
    )


def report(row: wire.CompletedReport, of: Provider) -> Report:
    """A finished report. The PBX does not tell when it was asked for, so it stands at the moment it was finished."""
    return Report(
        provider_name=of.name,
        native_id=named(row.id),
        files={"media": file(row.file_name, row.file_size)} if row.file_url else {},
        name=row.name or None,
        kind=REPORT_KIND.get(row.type or "", ReportKind.OTHER),
        status=ReportStatus.DONE,
        format=row.format or None,
        created_at=stamp(row.completed_at),
        completed_at=stamp(row.completed_at),
        file_name=row.file_name or None,
        size_bytes=integer(row.file_size) or None,
    )


def schedule(row: wire.CallReport, of: Provider) -> ReportSchedule:
    """An order for reports."""
    return ReportSchedule(
        provider_name=of.name,
        native_id=named(row.id),
        name=row.name,
        type=row.type,
        status=row.status,
        email=row.email or None,
        format=row.format or None,
        range=row.range or None,
        from_=moment(row.started_at),
        to=moment(row.ended_at),
        cron=row.cron_expr or None,
        filter=msgspec.json.decode(row.filter) or None,
    )


def file(name: str | None, size: wire.Number) -> FileInfo:
    """What is known of a file; a size of 0 is said of files that are not empty."""
    ending = (name or "").rpartition(".")[2].lower()
    return FileInfo(mime_type=MIME_TYPE.get(ending), size_bytes=integer(size) or None, file_name=name or None)


def _status(row: wire.Leg) -> CallStatus:
    if row.answered_at:
        return CallStatus.ANSWERED
    code = integer(row.status_code) or 0
    if row.end_reason == "CANCELLED" and code not in (486, 600):
        return CallStatus.CANCELED
    return STATUS.get(code, CallStatus.FAILED if code >= 400 else CallStatus.UNKNOWN)


def _recorded(span: Span) -> str | None:
    """The key by which recordings are found; what nobody answered was not recorded."""
    return span.key if span.answered else None


def _queue(row: wire.Leg) -> str | None:
    """The number of the queue: the service number, or the callee where the row says that the queue let the caller go."""
    left = row.callee if row.reroute_reason in ("QUEUE_EXIT", "QUEUE_ABANDONED") else None
    number = row.service_number or left
    return BY_NUMBER + number if number else None


def _party(row: wire.Leg, number: str | None, name: str | None, domain: str | None, of: Provider) -> Party:
    uri = f"sip:{number}@{domain}" if number and domain else None
    kind = PartyKind.EXTENSION if row.direction == "EXTENSION_CALL" and _bare(number) else _kind(number)
    return Party(number=number or None, name=name or None, uri=uri, kind=kind, to_e164=of.numbering.e164)


def _known(number: str | None, of: Provider, name: str | None = None) -> Party:
    return Party(number=number or None, name=name or None, kind=_kind(number), to_e164=of.numbering.e164)


def _kind(number: str | None) -> PartyKind:
    """Extensions are 3 digits and more; from 7 digits on a number is taken for a public one."""
    if not number or not (_bare(number) or number.startswith("+")):
        return PartyKind.UNKNOWN
    return PartyKind.PSTN if len(digits(number)) >= PSTN_DIGITS else PartyKind.EXTENSION


def _bare(number: str | None) -> bool:
    return bool(number) and digits(number or "") == number
