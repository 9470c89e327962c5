"""Mapping: the upstream's codes, and what a leg and a conversation are made of."""

import re
from collections.abc import Sequence
from datetime import datetime, timedelta
from decimal import Decimal, InvalidOperation
from typing import TYPE_CHECKING

from telegraphql.plugin import RowPosition
from telegraphql.plugins.boxis.local_time import SLACK, epoch, moment
from telegraphql.plugins.boxis.wire import Cdr, Text
from telegraphql.schema import Call, CallDirection, CallStatus, Money, Party, PartyKind, Session

if TYPE_CHECKING:
    from telegraphql.plugins.boxis.provider import Boxis

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
    "[inbound]": CallDirection.INBOUND,
    "[outbound]": CallDirection.OUTBOUND,
    "[internal]": CallDirection.INTERNAL,
}
ABSENT = frozenset({"", "N/A"})
NEVER = "0000-00-00"
SISTER = "fromotherpbx"
LONGEST_EXTENSION = 6
# Of seconds; a text such as 1e999999999 is short, the number is not.
MOST_DIGITS = 12

CLID = re.compile(r'^\s*(?:"(?P<quoted>.*)"|(?P<bare>[^<"]*?))\s*(?:<[^>]*>)?\s*$')
PEER = re.compile(r"^(?!Local/)\w+/(?P<peer>.+)-[0-9a-f]{8}$")
NUMBER = re.compile(r"^\+?[0-9][0-9 ().-]*$")


def call(row: Cdr, of: "Boxis") -> Call:
    """The leg a row tells of. A leg without an id or a start is an error."""
    uniqueid = _needed(row.uniqueid, "uniqueid")
    started_at, answered_at, ended_at = _times(row, uniqueid, of)
    direction = DIRECTION.get((text(row.userfield) or "").lower(), CallDirection.UNKNOWN)
    return Call(
        provider_name=of.name,
        native_id=_native_id(row, uniqueid),
        refs={"session": text(row.linkedid) or uniqueid},
        direction=direction,
        status=_status(row),
        hangup_cause=text(row.disposition),
        from_=_party(row.src, of, outside=direction is CallDirection.INBOUND, name=_name(row)),
        to=_party(row.dst, of, outside=direction is CallDirection.OUTBOUND, country=text(row.cc_country)),
        dialed_number=text(row.firstdst),
        trunk=_trunk(row, direction),
        started_at=started_at,
        answered_at=answered_at,
        ended_at=ended_at,
        duration_seconds=_whole(row.duration, "duration"),
        ring_seconds=_ring(row, started_at, answered_at),
        talk_seconds=_whole(row.billsec, "billsec"),
        cost=_cost(row, of.settings.currency),
        sip_call_id=text(row.srcCallID),
    )


def place(row: Cdr, of: "Boxis") -> RowPosition:
    """Where the leg stands."""
    uniqueid = _needed(row.uniqueid, "uniqueid")
    return RowPosition(_native_id(row, uniqueid), _start(row, uniqueid, of))


def session(legs: Sequence[Call], of: "Boxis") -> Session:
    """The conversation of these legs, which are given in order of time."""
    first = legs[0]
    linkedid = first.refs["session"] or ""
    ends = [leg.ended_at for leg in legs if leg.ended_at]
    ended_at = max(ends) if len(ends) == len(legs) else None
    return Session(
        provider_name=of.name,
        native_id=linkedid,
        refs={"calls": linkedid},
        started_at=first.started_at,
        ended_at=ended_at,
        duration_seconds=int((ended_at - first.started_at).total_seconds()) if ended_at else None,
        direction=first.direction,
        status=_whole_status(legs),
        media_server=linkedid.rpartition("-")[0] or None,
        is_derived=True,
        cost=_sum(legs),
    )


def text(value: Text) -> str | None:
    """A value as text; None where it is absent."""
    found = "" if value is None else str(value).strip()
    return None if found in ABSENT else found


def _needed(value: Text, name: str) -> str:
    found = text(value)
    if found is None:
        raise _wrong(name)
    return found


def _wrong(name: str) -> ValueError:
    return ValueError(f"missing or wrong - at `$.{name}`")


def _decimal(value: Text, name: str) -> Decimal | None:
    found = text(value)
    try:
        number = None if found is None else Decimal(found)
    except InvalidOperation:
        raise _wrong(name) from None
    if number is not None and not number.is_finite():
        raise _wrong(name)
    return number


def _whole(value: Text, name: str) -> int | None:
    if isinstance(value, str) and value.isdecimal():
        return int(value)
    number = _decimal(value, name)
    if number is not None and number.adjusted() > MOST_DIGITS:
        raise _wrong(name)
    return None if number is None else int(number)


def _native_id(row: Cdr, uniqueid: str) -> str:
    return f"{uniqueid}/{text(row.sequence) or ''}"


def _start(row: Cdr, uniqueid: str, of: "Boxis") -> datetime:
    opened = epoch(uniqueid)
    # A leg begins with its channel, give or take a second, or later: never before it.
    start = _moment(row.start, "start", of, opened and opened - SLACK, opened)
    if start is None:
        raise _wrong("start")
    return start


def _times(row: Cdr, uniqueid: str, of: "Boxis") -> tuple[datetime, datetime | None, datetime | None]:
    start = _start(row, uniqueid, of)
    end = _moment(row.end, "end", of, start, _later(start, row.duration, "duration"))
    answer = _moment(row.answer, "answer", of, start, end and _later(end, row.billsec, "billsec", -1))
    return start, answer, end


def _ring(row: Cdr, start: datetime, answer: datetime | None) -> int | None:
    if answer:
        return int((answer - start).total_seconds())
    return None if _whole(row.billsec, "billsec") else _whole(row.duration, "duration")


def _later(at: datetime, seconds: Text, name: str, sign: int = 1) -> datetime | None:
    whole = _whole(seconds, name)
    return None if whole is None else at + sign * timedelta(seconds=whole)


def _moment(value: Text, name: str, of: "Boxis", earliest: datetime | None, hint: datetime | None = None) -> datetime | None:
    found = text(value)
    if found is None or found.startswith(NEVER):
        return None
    try:
        return moment(found, of.zone, earliest, hint)
    except ValueError:
        raise _wrong(name) from None


def _status(row: Cdr) -> CallStatus:
    status = STATUS.get((text(row.disposition) or "").upper(), CallStatus.UNKNOWN)
    landed = (text(row.wherelanded) or "").lower()
    return CallStatus.VOICEMAIL if status is CallStatus.ANSWERED and landed.startswith("voicemail") else status


def _whole_status(legs: Sequence[Call]) -> CallStatus:
    statuses = [leg.status for leg in legs]
    return next((status for status in (CallStatus.ANSWERED, CallStatus.VOICEMAIL) if status in statuses), statuses[0])


def _party(value: Text, of: "Boxis", *, outside: bool, name: str | None = None, country: str | None = None) -> Party:
    number = text(value)
    return Party(number=number, name=name, country=country, kind=_kind(number or "", outside), to_e164=of.numbering.e164)


def _kind(number: str, outside: bool) -> PartyKind:
    if number.startswith("QUEUE-"):
        return PartyKind.QUEUE
    if not NUMBER.match(number):
        return PartyKind.UNKNOWN
    # From or to outside even a short number, such as 117, is a public one.
    return PartyKind.PSTN if outside or len(number) > LONGEST_EXTENSION else PartyKind.EXTENSION


def _name(row: Cdr) -> str | None:
    """The name in `"Name" <number>`; a number repeated as a name is none."""
    found = CLID.match(text(row.clid) or "")
    name = found and (found["quoted"] or found["bare"] or "").strip()
    return name if name and name != text(row.src) and not NUMBER.match(name) else None


def _trunk(row: Cdr, direction: CallDirection) -> str | None:
    """The peer of the channel to the outside, such as NS_Out in SIP/NS_Out-00002c27; a sister PBX is not outside."""
    channels = {CallDirection.INBOUND: row.channel, CallDirection.OUTBOUND: row.dstchannel}
    found = PEER.match(text(channels.get(direction)) or "")
    return found["peer"] if found and text(row.dcontext) != SISTER else None


def _cost(row: Cdr, currency: str | None) -> Money | None:
    amount = _decimal(row.cc_cost, "cc_cost")
    return None if amount is None else Money(amount=amount, currency=currency)


def _sum(legs: Sequence[Call]) -> Money | None:
    costs = [leg.cost for leg in legs if leg.cost]
    return Money(amount=sum((cost.amount for cost in costs), Decimal()), currency=costs[0].currency) if costs else None
