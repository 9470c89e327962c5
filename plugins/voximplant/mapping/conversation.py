"""Conversation: sessions, their legs, recordings and resource usages, one flat function each."""

import re
from typing import Any

from telegraphql.plugin import Provider
from telegraphql.plugins.voximplant.mapping.codes import DIRECTION, REMOTE, STATUS, TRANSCRIPTION
from telegraphql.plugins.voximplant.mapping.values import after, file, file_name, moment, money, reference
from telegraphql.plugins.voximplant.wire import CallInfo, CallRecord, CallSession, Usage
from telegraphql.schema import (
    Call,
    CallStatus,
    FileInfo,
    Party,
    PartyKind,
    Recording,
    ResourceUsage,
    Session,
    Transcription,
    TranscriptionStatus,
)

SIP_CODE = re.compile(r"(?<!\d)[3-6]\d\d(?!\d)")
PHONE = re.compile(r"\+?\d{3,15}")
LIKELY_PHONE = re.compile(r"\+?\d{8,15}")


def call(row: CallInfo, session: Session, of: Provider) -> Call:
    """A leg, standing at its session's start."""
    started = moment(row.start_time)
    cause, code = ending(row.end_reason)
    return Call(
        provider_name=of.name,
        native_id=leg_id(session, row.call_id),
        sort_id=f"{session.native_id}:{row.start_time}:{row.call_id:020d}",
        stands_at=session.started_at,
        refs={"session": session.native_id, "recordings": leg_id(session, row.call_id), "transaction": reference(row.transaction_id)},
        held={"session": session},
        direction=DIRECTION[row.incoming],
        status=status(row, code),
        hangup_cause=cause,
        sip_status_code=code,
        from_=caller(row, of),
        to=called(row, of),
        forwarded_from=row.diversion_number or None,
        started_at=started,
        ended_at=after(started, row.duration),
        is_ended_at_derived=row.duration is not None,
        duration_seconds=row.duration,
        cost=money(row.cost, of),
        user_id=session.user_id,
    )


def status(row: CallInfo, code: int | None) -> CallStatus:
    """How a leg ended."""
    if row.successful:
        return CallStatus.ANSWERED
    if row.successful is None:
        return CallStatus.UNKNOWN
    return STATUS.get(code or 0, CallStatus.FAILED)


def ending(reason: dict[str, Any] | str | int | None) -> tuple[str | None, int | None]:
    """The words of an end_reason and the SIP code in it, whether it is text or an object of any shape."""
    if not reason:
        return None, None
    parts = reason.values() if isinstance(reason, dict) else (reason,)
    words = " ".join(str(part) for part in parts if isinstance(part, str | int) and part != "")
    code = SIP_CODE.search(words)
    return words or None, int(code[0]) if code else None


def leg_id(session: Session, call_id: int) -> str:
    """The native id of a leg, which the upstream finds through its session only."""
    return f"{session.native_id}.{call_id}"


def caller(row: CallInfo, of: Provider) -> Party:
    """Who called."""
    return remote(row, of) if row.incoming else local(row, of)


def called(row: CallInfo, of: Provider) -> Party:
    """Who was called."""
    return local(row, of) if row.incoming else remote(row, of)


def remote(row: CallInfo, of: Provider) -> Party:
    """The far end; where it was called, `direction` names its country."""
    found = party(row.remote_number, remote_kind(row), of)
    found.country = None if row.incoming else row.direction or None
    return found


def local(row: CallInfo, of: Provider) -> Party:
    """The end at the platform."""
    return party(row.local_number, local_kind(row.local_number or ""), of)


def party(number: str | None, kind: PartyKind, of: Provider) -> Party:
    """One end of a leg."""
    address = number if number and "@" in number else None
    return Party(number=number or None, uri=address, kind=kind, to_e164=of.numbering.e164)


def remote_kind(row: CallInfo) -> PartyKind:
    """What the far end is; the upstream also calls some user names "pstn"."""
    number = row.remote_number or ""
    kind = REMOTE.get((row.remote_number_type or "").lower(), PartyKind.UNKNOWN)
    is_odd = kind is PartyKind.PSTN and not PHONE.fullmatch(number)
    return local_kind(number) if is_odd or not row.remote_number_type else kind


def local_kind(number: str) -> PartyKind:
    """What an end is that the upstream gives no type."""
    if LIKELY_PHONE.fullmatch(number):
        return PartyKind.PSTN
    if "@" in number or number.startswith("sip:"):
        return PartyKind.SIP
    return PartyKind.USER if any(letter.isalpha() for letter in number) else PartyKind.UNKNOWN


def session(row: CallSession, of: Provider) -> Session:
    """A run of a scenario, without its parts."""
    started = moment(row.start_date)
    native_id = str(row.call_session_history_id)
    return Session(
        provider_name=of.name,
        native_id=native_id,
        refs=dict.fromkeys(("calls", "recordings", "resourceUsages"), native_id),
        files={"log": file(row.log_file_url, "text/plain")} if row.log_file_url else {},
        started_at=started,
        ended_at=after(started, row.duration),
        duration_seconds=row.duration,
        finish_reason=row.finish_reason or None,
        application_name=row.application_name or None,
        rule_name=row.rule_name or None,
        initiator_address=row.initiator_address or None,
        media_server=row.media_server_address or None,
        custom_data=row.custom_data or None,
        user_id=reference(row.user_id),
        is_derived=False,
    )


def resource_usage(row: Usage, session: Session, of: Provider) -> ResourceUsage:
    """What a session used beside calls and records."""
    return ResourceUsage(
        provider_name=of.name,
        native_id=f"{session.native_id}.{row.resource_usage_id}",
        refs={
            "session": session.native_id,
            "call": leg_id(session, row.ref_call_id) if row.ref_call_id else None,
            "transaction": reference(row.transaction_id),
        },
        type=row.resource_type,
        used_at=moment(row.used_at),
        description=row.description or None,
        quantity=row.resource_quantity,
        unit=row.unit or None,
        cost=money(row.cost, of),
    )


def recording(row: CallRecord, session: Session, of_call: Call | None, of: Provider) -> Recording:
    """A file of a session, standing at the session's start; `of_call` is the leg it belongs to, where that is certain."""
    started = moment(row.start_time)
    found = Recording(
        provider_name=of.name,
        native_id=f"{session.native_id}.{row.record_id}",
        sort_id=f"{session.native_id}:{row.start_time}:{row.record_id:020d}",
        stands_at=session.started_at,
        refs={"session": session.native_id, "call": of_call.native_id if of_call else None},
        held={"session": session, "call": of_call},
        started_at=started,
        ended_at=after(started, row.duration),
        duration_seconds=row.duration,
        size_bytes=row.file_size,
        file_name=row.record_name or file_name(row.record_url),
        from_=of_call.from_ if of_call else None,
        to=of_call.to if of_call else None,
        cost=money(row.cost, of),
    )
    found.transcription = transcription(row, found)
    found.files = _files(row)
    return found


def transcription(row: CallRecord, of_recording: Recording) -> Transcription | None:
    """What was said; None where the upstream does not say a word of it."""
    if not row.transcription_status and not row.transcription_url:
        return None
    known = TRANSCRIPTION.get(row.transcription_status or "Complete", TranscriptionStatus.UNKNOWN)
    return Transcription(status=known, recording=of_recording)


def recording_of_call(url: str, of_call: Call, session: Session) -> Recording:
    """A file that the upstream names on the leg only."""
    return Recording(
        provider_name=of_call.provider_name,
        native_id=f"{session.native_id}.call-{of_call.native_id.partition('.')[2]}",
        sort_id=f"{of_call.sort_id}c",
        stands_at=session.started_at,
        refs={"session": session.native_id, "call": of_call.native_id},
        held={"session": session, "call": of_call},
        files={"media": file(url)},
        started_at=of_call.started_at,
        file_name=file_name(url),
        from_=of_call.from_,
        to=of_call.to,
        raw=of_call.raw,
    )


def _files(row: CallRecord) -> dict[str, FileInfo]:
    found = {}
    if row.record_url:
        found["media"] = file(row.record_url, size=row.file_size)
    if row.transcription_url:
        found["transcription"] = file(row.transcription_url, "text/plain")
    return found
