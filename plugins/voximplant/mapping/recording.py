"""Recordings of a session, and of a leg that alone names one."""

from datetime import UTC, datetime, timedelta
from functools import partial
from typing import Any

from telegraphql.plugin import (
    PROVIDER,
    Column,
    Constant,
    Mapping,
    Object,
    Provider,
    RowView,
    file_size,
    later,
    mapped,
    money,
    parameter,
    plain,
    read_text,
    seconds,
    utc,
)
from telegraphql.plugins.voximplant.mapping.codes import TRANSCRIPTION
from telegraphql.plugins.voximplant.mapping.conversation import SESSION_ID, SESSION_START, part_id, part_sort_id
from telegraphql.plugins.voximplant.mapping.session_parts import SessionParts
from telegraphql.plugins.voximplant.mapping.values import file_at, file_name
from telegraphql.plugins.voximplant.wire import CallInfo, CallRecord
from telegraphql.schema import FileInfo, Party, Recording, Transcription, TranscriptionStatus


def leg_of(url: Any, started_at: datetime, parts: SessionParts) -> RowView | None:
    """Return the leg of a recording: the one that names its file, else the only one that was going on when it began."""
    named = parts.leg_by_url.get(read_text(url) or "")
    if named is not None:
        return named
    around = [leg for leg in parts.calls or () if leg.ended_at and leg.started_at <= started_at <= leg.ended_at]
    return around[0] if len(around) == 1 else None


def leg_id(leg: RowView | None) -> str | None:
    """Return the native id of a leg."""
    return None if leg is None else leg.native_id


def leg_party(end: str, leg: RowView | None) -> Party | None:
    """Return one end of a leg."""
    found: Party | None = None if leg is None else getattr(leg, end)
    return found


def transcription_status(word_of_it: Any, url: Any) -> TranscriptionStatus | None:
    """Return how far a transcription is; None where there is none."""
    found = read_text(word_of_it)
    if found is None:
        return TranscriptionStatus.COMPLETE if read_text(url) else None
    return TRANSCRIPTION.get(found, TranscriptionStatus.UNKNOWN)


def transcribed(native_id: str, started_at: datetime, transcription: FileInfo | None, of: Provider) -> Recording | None:
    """Return what a link to the file of a transcription is made of; None without a file."""
    if transcription is None:
        return None
    return Recording(provider_name=of.id, native_id=native_id, started_at=started_at, files={"transcription": transcription})


def name_of_file(name: Any, url: Any) -> str | None:
    """Return the name of a file, else the last part of its address."""
    return read_text(name) or file_name(read_text(url))


def leg_recording_id(session: RowView, call_id: int) -> str:
    """Return the native id of a file that the upstream names on a leg only."""
    return f"{session.native_id}.call-{call_id}"


def leg_recording_sort_id(session: RowView, started_at: datetime, call_id: int) -> str:
    """Return the place of such a file, behind a record that began with the leg."""
    return f"{part_sort_id(session, started_at, call_id)}c"


def is_removed(flag: bool | None, last_day: datetime | None) -> bool | None:
    """Return True if a file no longer plays: it was removed, or its last day is over."""
    is_over = last_day is not None and last_day + timedelta(days=1) <= datetime.now(UTC)
    return True if flag or is_over else flag if last_day is None else False


def recording_file(url: Any, size: int | None, is_removed: bool | None) -> FileInfo | None:
    """Return what is known of the file of a recording; None where it was removed."""
    return None if is_removed else file_at(url, size=size)


def transcription_file(url: Any, is_removed: bool | None) -> FileInfo | None:
    """Return what is known of the file of a transcription, which is removed together with its recording."""
    return None if is_removed else file_at(url, "text/plain")


# What both have in common.
OF_LEG: dict[str, Any] = {
    "position_time": SESSION_START,
    "refs": {"session": SESSION_ID, "call": Column(leg_id, mapped("held.call"))},
    "held": {"session": plain(parameter("session")), "call": Column(leg_of, "record_url", mapped("started_at"), parameter("parts"))},
    "started_at": utc("start_time"),
    "from_": Column(partial(leg_party, "from_"), mapped("held.call"), words="of the leg"),
    "to": Column(partial(leg_party, "to"), mapped("held.call"), words="of the leg"),
}

RECORDING = Mapping(
    Recording,
    CallRecord,
    **OF_LEG,
    native_id=Column(part_id, parameter("session"), "record_id"),
    sort_id=Column(part_sort_id, parameter("session"), mapped("started_at"), "record_id"),
    files={
        "media": Column(recording_file, "record_url", mapped("size_bytes"), mapped("is_removed")),
        "transcription": Column(transcription_file, "transcription_url", mapped("is_removed")),
    },
    ended_at=later(mapped("started_at"), mapped("duration_seconds")),
    duration_seconds=seconds("duration"),
    size_bytes=file_size("file_size"),
    file_name=Column(name_of_file, "record_name", "record_url", lenient=True),
    expires_at=utc("expiration_date"),
    is_removed=Column(is_removed, "is_removed", mapped("expires_at")),
    cost=money("cost"),
    transcription=Object(
        Transcription,
        unless_null="status",
        status=Column(transcription_status, "transcription_status", "transcription_url"),
        recording=Column(transcribed, mapped("native_id"), mapped("started_at"), mapped("files.transcription"), PROVIDER, total_for=None),
    ),
)

LEG_RECORDING = Mapping(
    Recording,
    CallInfo,
    **OF_LEG,
    native_id=Column(leg_recording_id, parameter("session"), "call_id"),
    sort_id=Column(leg_recording_sort_id, parameter("session"), mapped("started_at"), "call_id"),
    files={"media": Column(file_at, "record_url")},
    file_name=Column(name_of_file, Constant(None), "record_url", lenient=True),
)
