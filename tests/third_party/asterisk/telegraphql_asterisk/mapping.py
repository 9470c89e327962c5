"""Mapping: Asterisk's words as ours, and what a call, a conversation and a recording are made of."""

import re
from collections.abc import Sequence
from datetime import datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING

from telegraphql.schema import Call, CallDirection, CallStatus, FileInfo, Party, PartyKind, Queue, Recording, Session
from telegraphql_asterisk import local_time, recordings
from telegraphql_asterisk.legs import Leg, native_id
from telegraphql_asterisk.recordings import TYPES, Sound
from telegraphql_asterisk.wire import Cdr

if TYPE_CHECKING:
    from telegraphql_asterisk.provider import Asterisk
    from telegraphql_asterisk.settings import AsteriskSettings

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
PEER = re.compile(r"(?!Local/)\w+/(?P<peer>.+)-[0-9a-f]{8,}(?:;[12])?")
# What Dial was given: PJSIP/<number>@<peer>, or SIP/<peer>/<number>.
DIALLED = re.compile(r"(?!Local/)\w+/(?:[^@/&,]*@)?(?P<peer>[^@/&,]+)")
CLID = re.compile(r'\s*(?:"(?P<quoted>.*)"|(?P<bare>[^<"]*?))\s*(?:<(?P<number>[^>]*)>)?\s*')
NUMBER = re.compile(r"\+?[0-9][0-9 ().-]*")
LONGEST_EXTENSION = 6


def call(row: Leg, of: "Asterisk") -> Call:
    """The call that a record tells of."""
    cdr, way = row.cdr, direction(row.cdr, of.settings)
    answered_at, ended_at = _times(row, of)
    number, name = _caller(cdr)
    queue = queue_of(cdr)
    return Call(
        provider_name=of.name,
        native_id=row.id,
        refs={"session": session_of(cdr), "recordings": row.id if recording_key(cdr) else None, "queue": queue},
        held={"queue": Queue(provider_name=of.name, native_id=queue, name=queue)} if queue else {},
        raw=cdr.told,
        direction=way,
        status=status(cdr),
        hangup_cause=cdr.disposition or None,
        from_=_party(number, of, way in (CallDirection.INBOUND, CallDirection.TRANSIT), name),
        to=_party(cdr.dst or None, of, way in (CallDirection.OUTBOUND, CallDirection.TRANSIT)),
        trunk=_trunk(cdr, way),
        started_at=row.at,
        answered_at=answered_at,
        ended_at=ended_at or row.at + timedelta(seconds=cdr.duration),
        is_ended_at_derived=ended_at is None,
        duration_seconds=cdr.duration,
        ring_seconds=_ring(row, answered_at),
        talk_seconds=cdr.billsec,
        user_id=cdr.accountcode or None,
    )


def session(parts: Sequence[Call], of: "Asterisk") -> Session:
    """The conversation of these legs, in order of time."""
    first = parts[0]
    key = first.refs["session"] or first.native_id
    ended_at = max(leg.ended_at for leg in parts if leg.ended_at)
    statuses = [leg.status for leg in parts]
    whole = next((each for each in (CallStatus.ANSWERED, CallStatus.VOICEMAIL) if each in statuses), statuses[0])
    return Session(
        provider_name=of.name,
        native_id=key,
        refs={"calls": key, "recordings": key},
        started_at=first.started_at,
        ended_at=ended_at,
        duration_seconds=int((ended_at - first.started_at).total_seconds()),
        direction=first.direction,
        status=whole,
        is_derived=True,
    )


def recording(sound: Sound, leg: Leg | None, of: "Asterisk") -> Recording:
    """The recording that a file holds, of a record where that was looked for and found."""
    name = sound.name.rpartition("/")[2]
    return Recording(
        provider_name=of.name,
        native_id=sound.id,
        refs={"call": leg.id, "session": session_of(leg.cdr)} if leg else {},
        files={"media": FileInfo(TYPES[Path(name).suffix.lower()], sound.size, name)},
        raw={"file": sound.name, "size": sound.size},
        started_at=sound.at,
        size_bytes=None if sound.size is None or sound.size >= 2**31 else sound.size,
        file_name=name,
    )


def status(cdr: Cdr) -> CallStatus:
    """How a call ended."""
    found = STATUS.get(cdr.disposition.upper(), CallStatus.UNKNOWN)
    return CallStatus.VOICEMAIL if found is CallStatus.ANSWERED and cdr.lastapp.lower() in BOXES else found


def direction(cdr: Cdr, settings: "AsteriskSettings") -> CallDirection:
    """Which way a call went, as the contexts of the dialplan are set up, and the trunks."""
    leaves = _far(cdr) in settings.trunks
    if cdr.dcontext in settings.inbound_contexts:
        return CallDirection.TRANSIT if leaves else CallDirection.INBOUND
    if cdr.dcontext in settings.outbound_contexts:
        return CallDirection.OUTBOUND
    if cdr.dcontext in settings.internal_contexts:
        return CallDirection.OUTBOUND if leaves else CallDirection.INTERNAL
    return CallDirection.UNKNOWN


def session_of(cdr: Cdr) -> str:
    """What the legs of a conversation have in common; the channel's id where Asterisk keeps no `linkedid`, else the record's own."""
    return cdr.linkedid or cdr.uniqueid or native_id(cdr)


def recording_key(cdr: Cdr) -> str | None:
    """The key by which the recordings of a record are found: the file that `userfield` names, or the channel's id."""
    if recordings.is_sound(cdr.userfield):
        return recordings.key_of(cdr.userfield)
    return recordings.key_of(cdr.uniqueid) or None


def queue_of(cdr: Cdr) -> str | None:
    """The queue a caller waited in."""
    return (cdr.lastdata.partition(",")[0].strip() or None) if cdr.lastapp.lower() == "queue" else None


def _times(leg: Leg, of: "Asterisk") -> tuple[datetime | None, datetime | None]:
    ended = leg.at + timedelta(seconds=leg.cdr.duration)
    return _moment(leg.cdr.answer, of, ended - timedelta(seconds=leg.cdr.billsec)), _moment(leg.cdr.end, of, ended)


def _moment(text: str, of: "Asterisk", near: datetime) -> datetime | None:
    """A time that may be absent, as all zeros are."""
    try:
        return local_time.moment(text, of.zone, near) if text else None
    except ValueError:
        return None


def _ring(leg: Leg, answered_at: datetime | None) -> int | None:
    if answered_at:
        return max(0, int((answered_at - leg.at).total_seconds()))
    return leg.cdr.duration - leg.cdr.billsec if leg.cdr.duration >= leg.cdr.billsec else None


def _caller(cdr: Cdr) -> tuple[str | None, str | None]:
    """Number and name out of `src` and `"Name" <number>`; a number repeated as a name is none."""
    found = CLID.fullmatch(cdr.clid)
    name = ((found["quoted"] or found["bare"] or "") if found else "").strip()
    number = cdr.src or ((found["number"] or "").strip() if found else "")
    return number or None, name if name and name != number and not NUMBER.fullmatch(name) else None


def _party(number: str | None, of: "Asterisk", outside: bool, name: str | None = None) -> Party:
    return Party(number=number, name=name, kind=_kind(number or "", outside), to_e164=of.numbering.e164)


def _kind(number: str, outside: bool) -> PartyKind:
    if not NUMBER.fullmatch(number):
        return PartyKind.UNKNOWN
    # From or to outside even a short number, such as 117, is a public one.
    return PartyKind.PSTN if outside or len(number) > LONGEST_EXTENSION else PartyKind.EXTENSION


def _trunk(cdr: Cdr, way: CallDirection) -> str | None:
    if way is CallDirection.OUTBOUND:
        return _far(cdr)
    return _peer(cdr.channel) if way in (CallDirection.INBOUND, CallDirection.TRANSIT) else None


def _far(cdr: Cdr) -> str | None:
    """The peer that was called. A call that failed at once has no second channel, but Dial was told where to."""
    if cdr.dstchannel or cdr.lastapp.lower() != "dial":
        return _peer(cdr.dstchannel)
    found = DIALLED.match(cdr.lastdata)
    return found["peer"] if found else None


def _peer(channel: str) -> str | None:
    found = PEER.fullmatch(channel)
    return found["peer"] if found else None
