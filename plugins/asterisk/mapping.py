"""Mapping: Asterisk's words as ours, and what a call, a conversation and a recording are made of."""

import re
from collections.abc import Sequence
from datetime import datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from telegraphql.plugin import (
    PROVIDER,
    Column,
    Mapping,
    file_size,
    grouped_session,
    mapped,
    party,
    plain,
    provider,
    read_local,
    seconds,
    text,
)
from telegraphql.plugins.asterisk import recordings
from telegraphql.plugins.asterisk.legs import PlacedCdr, native_id
from telegraphql.plugins.asterisk.recordings import TYPES, Matched
from telegraphql.plugins.asterisk.wire import AsteriskCdr, caller_id, peer
from telegraphql.schema import Call, CallDirection, CallStatus, FileInfo, PartyKind, Queue, Recording, Session

if TYPE_CHECKING:
    from telegraphql.plugins.asterisk.provider import Asterisk
    from telegraphql.plugins.asterisk.settings import AsteriskSettings

# Words and numbers: docs.asterisk.org, function CDR().
STATUS = {
    "ANSWERED": CallStatus.ANSWERED,
    "8": CallStatus.ANSWERED,
    "NO ANSWER": CallStatus.NO_ANSWER,
    "0": CallStatus.NO_ANSWER,
    "1": CallStatus.NO_ANSWER,
    "BUSY": CallStatus.BUSY,
    "4": CallStatus.BUSY,
    "FAILED": CallStatus.FAILED,
    "2": CallStatus.FAILED,
    "CONGESTION": CallStatus.CONGESTION,
    "16": CallStatus.CONGESTION,
}
# Applications that end a call in a box; all others that answer, answer.
BOXES = frozenset({"voicemail", "voicemailmain", "minivmrecord"})
# What Dial was given: PJSIP/<number>@<peer>, or SIP/<peer>/<number>.
DIALLED = re.compile(r"(?!Local/)\w+/(?:[^@/&,]*@)?(?P<peer>[^@/&,]+)")
NUMBER = re.compile(r"\+?[0-9][0-9 ().-]*")
LONGEST_EXTENSION = 6


def session(parts: Sequence[Call]) -> Session:
    """Return the conversation of these legs, in order of time."""
    return grouped_session(parts, refs={"recordings": parts[0].refs["session"]})


def status(cdr: AsteriskCdr) -> CallStatus:
    """Return how a call ended."""
    found = STATUS.get(cdr.disposition.upper(), CallStatus.UNKNOWN)
    return CallStatus.VOICEMAIL if found is CallStatus.ANSWERED and cdr.lastapp.lower() in BOXES else found


def direction(cdr: AsteriskCdr, settings: "AsteriskSettings") -> CallDirection:
    """Return which way a call went, as the contexts of the dialplan are set up, and the trunks."""
    leaves = _far(cdr) in settings.trunks
    if cdr.dcontext in settings.inbound_contexts:
        return CallDirection.TRANSIT if leaves else CallDirection.INBOUND
    if cdr.dcontext in settings.outbound_contexts:
        return CallDirection.OUTBOUND
    if cdr.dcontext in settings.internal_contexts:
        return CallDirection.OUTBOUND if leaves else CallDirection.INTERNAL
    return CallDirection.UNKNOWN


def session_of(cdr: AsteriskCdr) -> str:
    """Return what the legs of a conversation have in common; the channel's id where Asterisk keeps no `linkedid`, else the record's own."""
    return cdr.linkedid or cdr.uniqueid or native_id(cdr)


def recording_key(cdr: AsteriskCdr) -> str | None:
    """Return the key by which the recordings of a record are found: the file that a column names, or the channel's id."""
    for named in (cdr.recordingfile, cdr.userfield):
        if recordings.is_sound(named):
            return recordings.key_of(named)
    return recordings.key_of(cdr.uniqueid) or None


def queue_of(cdr: AsteriskCdr) -> str | None:
    """Return the queue a caller waited in."""
    return (cdr.lastdata.partition(",")[0].strip() or None) if cdr.lastapp.lower() == "queue" else None


def answered_at(cdr: AsteriskCdr, start: datetime, zone: ZoneInfo) -> datetime | None:
    """Return when a call was answered; in the hour that runs twice its length and talk time tell when."""
    return read_local(cdr.answer, zone, start + timedelta(seconds=(cdr.duration or 0) - (cdr.billsec or 0)))


def end_told(cdr: AsteriskCdr, start: datetime, zone: ZoneInfo) -> datetime | None:
    """Return when a call ended as the record says it; None where it does not."""
    return read_local(cdr.end, zone, start + timedelta(seconds=cdr.duration or 0))


def ended_at(cdr: AsteriskCdr, start: datetime, zone: ZoneInfo) -> datetime | None:
    """Return when a call ended: as the record says it, else after its length."""
    return end_told(cdr, start, zone) or (None if cdr.duration is None else start + timedelta(seconds=cdr.duration))


def is_derived(cdr: AsteriskCdr, start: datetime, zone: ZoneInfo) -> bool:
    """Return True if the end is made of start and length."""
    return cdr.duration is not None and end_told(cdr, start, zone) is None


def ring_seconds(cdr: AsteriskCdr, start: datetime, answered: datetime | None) -> int | None:
    """Return how long it rang; without an answer to its end."""
    if answered:
        return max(0, int((answered - start).total_seconds()))
    if cdr.duration is None or cdr.billsec is None or cdr.duration < cdr.billsec:
        return None
    return cdr.duration - cdr.billsec


def caller_number(cdr: AsteriskCdr) -> str | None:
    """Return the number of `src`, or of `"Name" <number>`."""
    return _caller(cdr)[0]


def caller_name(cdr: AsteriskCdr) -> str | None:
    """Return the name of `"Name" <number>`."""
    return _caller(cdr)[1]


def caller_kind(number: str | None, way: CallDirection) -> PartyKind:
    """Return what stands behind the number that called."""
    return _kind(number or "", way in (CallDirection.INBOUND, CallDirection.TRANSIT))


def called_kind(number: str | None, way: CallDirection) -> PartyKind:
    """Return what stands behind the number that was called."""
    return _kind(number or "", way in (CallDirection.OUTBOUND, CallDirection.TRANSIT))


def queue(native_id: str | None, of: "Asterisk") -> Queue | None:
    """Return the queue, of which only the name is known."""
    return Queue(provider_name=of.id, native_id=native_id, name=native_id) if native_id else None


def _caller(cdr: AsteriskCdr) -> tuple[str | None, str | None]:
    """Return number and name out of `src` and `"Name" <number>`; a number repeated as a name is none."""
    number, name = caller_id(cdr.clid)
    number, name = cdr.src or number or cdr.cnum, name or cdr.cnam
    return number or None, name if name and name != number and not NUMBER.fullmatch(name) else None


def _kind(number: str, outside: bool) -> PartyKind:
    if not NUMBER.fullmatch(number):
        return PartyKind.UNKNOWN
    # From or to outside even a short number, such as 117, is a public one.
    return PartyKind.PSTN if outside or len(number) > LONGEST_EXTENSION else PartyKind.EXTENSION


def trunk(cdr: AsteriskCdr, way: CallDirection) -> str | None:
    """Return the peer outside."""
    if way is CallDirection.OUTBOUND:
        return _far(cdr)
    return peer(cdr.channel) if way in (CallDirection.INBOUND, CallDirection.TRANSIT) else None


def _far(cdr: AsteriskCdr) -> str | None:
    """Return the peer that was called. A call that failed at once has no second channel, but Dial was told where to."""
    if cdr.dstchannel or cdr.lastapp.lower() != "dial":
        return peer(cdr.dstchannel)
    found = DIALLED.match(cdr.lastdata)
    return found["peer"] if found else None


def file_name(path: str) -> str:
    """Return the name of a file without its folders."""
    return path.rpartition("/")[2]


def sound_file(path: str, size: int | None) -> FileInfo:
    """Return what is known of a file."""
    return FileInfo(TYPES[Path(path).suffix.lower()], size, file_name(path))


def told(path: str, size: int | None) -> dict[str, object]:
    """Return a file as `native` shows it."""
    return {"file": path, "size": size}


CALL = Mapping(
    Call,
    PlacedCdr,
    native_id=plain("id"),
    started_at=plain("at"),
    raw=plain("cdr.told"),
    refs={
        "session": Column(session_of, "cdr"),
        "recordings": Column(lambda id, cdr: id if recording_key(cdr) else None, "id", "cdr"),
        "voicemessages": Column(lambda id, cdr: id if cdr.channel else None, "id", "cdr"),
        "queue": Column(queue_of, "cdr"),
    },
    held={"queue": Column(queue, Column(queue_of, "cdr"), PROVIDER)},
    direction=Column(direction, "cdr", provider("settings")),
    status=Column(status, "cdr"),
    hangup_cause=text("cdr.disposition"),
    from_=party(
        Column(caller_number, "cdr"), name=Column(caller_name, "cdr"), kind=Column(caller_kind, mapped("from_.number"), mapped("direction"))
    ),
    to=party(text("cdr.dst"), name=text("cdr.dst_cnam"), kind=Column(called_kind, mapped("to.number"), mapped("direction"))),
    dialed_number=text("cdr.did"),
    caller_id_shown=text("cdr.outbound_cnum"),
    trunk=Column(trunk, "cdr", mapped("direction")),
    forwarded_from=text("transfer.by"),
    reroute_reason=text("transfer.kind"),
    answered_at=Column(answered_at, "cdr", mapped("started_at"), provider("zone")),
    ended_at=Column(ended_at, "cdr", mapped("started_at"), provider("zone")),
    is_ended_at_derived=Column(is_derived, "cdr", mapped("started_at"), provider("zone")),
    duration_seconds=seconds("cdr.duration"),
    ring_seconds=Column(ring_seconds, "cdr", mapped("started_at"), mapped("answered_at")),
    talk_seconds=seconds("cdr.billsec"),
    user_id=text("cdr.accountcode"),
)
RECORDING = Mapping(
    Recording,
    Matched,
    native_id=Column(recordings.id_of, "sound.name"),
    started_at=plain("sound.at"),
    raw=Column(told, "sound.name", "sound.size"),
    refs={
        "call": plain("leg.id"),
        "session": Column(lambda cdr: session_of(cdr) if cdr else None, "leg.cdr"),
    },
    files={"media": Column(sound_file, "sound.name", "sound.size")},
    size_bytes=file_size("sound.size"),
    file_name=Column(file_name, "sound.name"),
)
