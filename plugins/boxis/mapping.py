"""Mapping of legs and conversations, with the upstream's codes."""

import re
from collections.abc import Sequence
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from telegraphql.plugin import (
    Column,
    Mapping,
    end_of,
    grouped_session,
    mapped,
    money,
    party,
    provider,
    read_local,
    read_seconds,
    read_text,
    seconds,
    text,
)
from telegraphql.plugins.boxis.local_time import CLOCK_SLACK, start_in_id
from telegraphql.plugins.boxis.wire import Cdr, Text
from telegraphql.schema import Call, CallDirection, CallStatus, PartyKind, Session

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
DIRECTION = {
    "inbound": CallDirection.INBOUND,
    "outbound": CallDirection.OUTBOUND,
    "internal": CallDirection.INTERNAL,
}
DIRECTION_WORD = re.compile(r"\b(?:inbound|outbound|internal)\b")
FROM_OUTSIDE = "fromoutside"
ABSENT = frozenset({"", "N/A"})
SISTER = "fromotherpbx"
LONGEST_EXTENSION = 6

CLID = re.compile(r'^\s*(?:"(?P<quoted>.*)"|(?P<bare>[^<"]*?))\s*(?:<[^>]*>)?\s*$')
PEER = re.compile(r"^(?!Local/)\w+/(?P<peer>.+)-[0-9a-f]{8}$")
NUMBER = re.compile(r"^\+?[0-9][0-9 ().-]*$")
VOICEMAIL = re.compile(r"^voicemail\s+", re.IGNORECASE)
# "606", or with a name: "606 Anna Keller", "Anna Keller <606>"
EXTENSION = re.compile(rf"^(?:(?P<name>[^\d<>*#]+?)\s+)?<?(?P<number>\d{{2,{LONGEST_EXTENSION}}})>?(?:\s+(?P<after>\D+))?$")


def native_id(uniqueid: Text, sequence: Text) -> str | None:
    """Return the id of a leg: a channel can have several, which its sequence tells apart."""
    channel = given(uniqueid)
    return None if channel is None else f"{channel}/{given(sequence) or ''}"


def session_key(linkedid: Text, uniqueid: Text) -> str | None:
    """Return the id of the conversation; a leg without one is its own."""
    return given(linkedid) or given(uniqueid)


def started_at(start: Text, uniqueid: Text, zone: ZoneInfo) -> datetime | None:
    """Return when a leg began: with its channel, give or take a second, or later, never before it."""
    opened = start_in_id(given(uniqueid) or "")
    return read_local(given(start), zone, opened, opened and opened - CLOCK_SLACK)


def ended_at(end: Text, duration: Text, start: datetime, zone: ZoneInfo) -> datetime | None:
    """Return when a leg ended; in the hour that runs twice, its length tells which of the two."""
    found = read_local(given(end), zone, end_of(start, _seconds(duration)) or start, start)
    return None if found is None or found < start else found


def answered_at(answer: Text, billsec: Text, start: datetime, end: datetime | None, zone: ZoneInfo) -> datetime | None:
    """Return when a leg was answered; in the hour that runs twice, its talk time tells which of the two."""
    talked = _seconds(billsec)
    near = start if end is None or talked is None else end - timedelta(seconds=talked)
    found = read_local(given(answer), zone, near, start)
    return None if found is None or found < start else found


def ring_seconds(start: datetime, answer: datetime | None, talked: int | None, length: int | None) -> int | None:
    """Return how long it rang; without an answer as long as the leg lasted, where nobody talked."""
    if answer:
        return int((answer - start).total_seconds())
    return None if talked else length


def status(disposition: Text, wherelanded: Text) -> CallStatus:
    """Return how a leg went; one that a voicemail box answered is told apart by where it landed."""
    found = STATUS.get((given(disposition) or "").upper(), CallStatus.UNKNOWN)
    is_box = VOICEMAIL.match(given(wherelanded) or "")
    return CallStatus.VOICEMAIL if found is CallStatus.ANSWERED and is_box else found


def direction(userfield: Text, dcontext: Text) -> CallDirection:
    """Return the direction by its marker. A leg with another marker is inbound if its context says that it came from outside."""
    marker = DIRECTION_WORD.search((given(userfield) or "").lower())
    if marker:
        return DIRECTION[marker[0]]
    return CallDirection.INBOUND if given(dcontext) == FROM_OUTSIDE else CallDirection.UNKNOWN


def calling_extension(direction: CallDirection, realsrc: Text, src: Text) -> str | None:
    """Return the extension that called; None for a call from outside."""
    return None if direction is CallDirection.INBOUND else _extension(realsrc, src)


def called_extension(direction: CallDirection, wherelanded: Text, lastdst: Text, dst: Text) -> str | None:
    """Return the extension that answered, else the last that was called; None for a call to outside."""
    return None if direction is CallDirection.OUTBOUND else _extension(wherelanded, lastdst, dst)


def caller_kind(number: str | None, direction: CallDirection) -> PartyKind:
    """Return what stands behind the number that called."""
    return _kind(number or "", direction is CallDirection.INBOUND)


def called_kind(number: str | None, direction: CallDirection) -> PartyKind:
    """Return what stands behind the number that was called."""
    return _kind(number or "", direction is CallDirection.OUTBOUND)


def caller_name(direction: CallDirection, clid: Text, src: Text, realsrc: Text) -> str | None:
    """Return the name in `"Name" <number>`, else that of the calling extension or queue; a number repeated as a name is none."""
    found = CLID.match(given(clid) or "")
    name = found and (found["quoted"] or found["bare"] or "").strip()
    if name and name != given(src) and not NUMBER.match(name):
        return name
    return None if direction is CallDirection.INBOUND else _object_name(realsrc)


def called_name(direction: CallDirection, wherelanded: Text, lastdst: Text) -> str | None:
    """Return the name of the extension, queue or voicemail box that answered, else of the last that was called."""
    return None if direction is CallDirection.OUTBOUND else _object_name(wherelanded) or _object_name(lastdst)


def trunk(direction: CallDirection, channel: Text, dstchannel: Text, dcontext: Text) -> str | None:
    """Return the peer of the channel to the outside, such as NS_Out in SIP/NS_Out-00002c27; a sister PBX is not outside."""
    channels = {CallDirection.INBOUND: channel, CallDirection.OUTBOUND: dstchannel}
    found = PEER.match(given(channels.get(direction)) or "")
    return found["peer"] if found and given(dcontext) != SISTER else None


CALL = Mapping(
    Call,
    Cdr,
    native_id=Column(native_id, "uniqueid", "sequence"),
    refs={"session": Column(session_key, "linkedid", "uniqueid")},
    direction=Column(direction, "userfield", "dcontext", never_fails=True),
    status=Column(status, "disposition", "wherelanded"),
    hangup_cause=text("disposition", absent=ABSENT),
    from_=party(
        text("src", absent=ABSENT),
        extension=Column(calling_extension, mapped("direction"), "realsrc", "src", never_fails=True),
        name=Column(caller_name, mapped("direction"), "clid", "src", "realsrc"),
        kind=Column(caller_kind, mapped("from_.number"), mapped("direction")),
    ),
    to=party(
        text("dst", absent=ABSENT),
        extension=Column(called_extension, mapped("direction"), "wherelanded", "lastdst", "dst", never_fails=True),
        name=Column(called_name, mapped("direction"), "wherelanded", "lastdst", never_fails=True),
        country=text("cc_country", absent=ABSENT),
        kind=Column(called_kind, mapped("to.number"), mapped("direction")),
    ),
    dialed_number=text("firstdst", absent=ABSENT),
    trunk=Column(trunk, mapped("direction"), "channel", "dstchannel", "dcontext"),
    started_at=Column(started_at, "start", "uniqueid", provider("zone")),
    answered_at=Column(answered_at, "answer", "billsec", mapped("started_at"), mapped("ended_at"), provider("zone")),
    ended_at=Column(ended_at, "end", "duration", mapped("started_at"), provider("zone")),
    duration_seconds=seconds("duration", absent=ABSENT),
    ring_seconds=Column(ring_seconds, mapped("started_at"), mapped("answered_at"), mapped("talk_seconds"), mapped("duration_seconds")),
    talk_seconds=seconds("billsec", absent=ABSENT),
    cost=money("cc_cost", absent=ABSENT),
    sip_call_id=text("srcCallID", absent=ABSENT),
)


def session(legs: Sequence[Call]) -> Session:
    """Return the conversation of these legs, which are sorted by time."""
    return grouped_session(legs, media_server=(legs[0].refs["session"] or "").rpartition("-")[0] or None)


def given(value: Text) -> str | None:
    """Return a value as text; None where it is absent."""
    found = read_text(value)
    return None if found in ABSENT else found


def _seconds(value: Text) -> int | None:
    """Return a length that only serves as a hint; None where it is none."""
    try:
        return read_seconds(given(value))
    except (ValueError, ArithmeticError):
        return None


def _extension(*values: Text) -> str | None:
    """Return the first extension among some values; longer numbers are public ones, and a queue is none."""
    for value in values:
        found = EXTENSION.match(VOICEMAIL.sub("", given(value) or ""))
        if found and not (found["name"] or "").lower().startswith("queue"):
            return found["number"]
    return None


def _object_name(value: Text) -> str | None:
    """Return the name of an extension, queue or voicemail box; None for a bare number."""
    name = given(value)
    if name is None or NUMBER.match(name):
        return None
    found = None if VOICEMAIL.match(name) else EXTENSION.match(name)
    return name if found is None else found["name"] or found["after"]


def _kind(number: str, outside: bool) -> PartyKind:
    if number.startswith("QUEUE-"):
        return PartyKind.QUEUE
    if not NUMBER.match(number):
        return PartyKind.UNKNOWN
    # From or to outside even a short number, such as 117, is a public one.
    return PartyKind.PSTN if outside or len(number) > LONGEST_EXTENSION else PartyKind.EXTENSION
