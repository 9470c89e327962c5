"""Mappings of sessions and of the legs, recordings and resource usages inside their rows."""

import re
from collections.abc import Mapping as Dict
from datetime import datetime
from functools import partial
from operator import attrgetter
from typing import Any

from telegraphql.plugin import (
    Column,
    Constant,
    Mapping,
    Object,
    RowView,
    constant,
    decimal,
    ident,
    is_known,
    later,
    mapped,
    money,
    parameter,
    party,
    plain,
    provider,
    read_text,
    seconds,
    text,
    utc,
    word,
)
from telegraphql.plugins.voximplant.mapping.codes import DIRECTION, REMOTE, STATUS
from telegraphql.plugins.voximplant.mapping.session_parts import SessionParts
from telegraphql.plugins.voximplant.mapping.values import file_at, number
from telegraphql.plugins.voximplant.wire import CallInfo, CallSession, Usage
from telegraphql.schema import (
    Call,
    CallDirection,
    CallStatus,
    Money,
    PartyKind,
    ResourceUsage,
    Session,
)

SIP_CODE = re.compile(r"(?<!\d)[3-6]\d\d(?!\d)")
PHONE = re.compile(r"\+?\d{3,15}")
LIKELY_PHONE = re.compile(r"\+?\d{8,15}")


def part_id(session: RowView, own_id: int) -> str:
    """Return the native id of a part, which the upstream finds through its session only."""
    return f"{session.native_id}.{own_id}"


def part_sort_id(session: RowView, started_at: datetime, own_id: int) -> str:
    """Return the place of a part among those of its session: by its own start, then by its id."""
    return f"{session.native_id}:{started_at.isoformat()}:{own_id:020d}"


def status(successful: bool | None, code: int | None, duration: int | None, session: RowView) -> CallStatus:
    """Return how a leg ended; one without a length in an active session still goes on."""
    if session.row.active is True and duration is None:
        return CallStatus.IN_PROGRESS
    if successful:
        return CallStatus.ANSWERED
    return CallStatus.UNKNOWN if successful is None else STATUS.get(code or 0, CallStatus.FAILED)


def hangup_cause(reason: Any) -> str | None:
    """Return the words of an end_reason, be it text or an object of any shape."""
    parts = reason.values() if isinstance(reason, dict) else (reason,)
    return " ".join(str(part) for part in parts if isinstance(part, str | int) and part != "") or None


def sip_code(cause: str | None) -> int | None:
    """Return the SIP status in the words of an end_reason."""
    found = SIP_CODE.search(cause or "")
    return int(found[0]) if found else None


def caller(incoming: bool | None, remote: Any, local: Any) -> str | None:
    """Return the number that called."""
    return number(remote if incoming else local)


def called(incoming: bool | None, remote: Any, local: Any) -> str | None:
    """Return the number that was called."""
    return number(local if incoming else remote)


def caller_kind(incoming: bool | None, caller: str | None, remote_type: Any) -> PartyKind:
    """Return what stands behind the number that called."""
    return _remote_kind(caller or "", remote_type) if incoming else _local_kind(caller or "")


def called_kind(incoming: bool | None, called: str | None, remote_type: Any) -> PartyKind:
    """Return what stands behind the number that was called."""
    return _local_kind(called or "") if incoming else _remote_kind(called or "", remote_type)


def called_country(incoming: bool | None, geography: Any) -> str | None:
    """Return the country of a number that was called from the platform."""
    return None if incoming else read_text(geography)


def sip_address(found: str | None) -> str | None:
    """Return a number that is a SIP address."""
    return found if found and "@" in found else None


def used_by(ref_call_id: int | None, session: RowView) -> str | None:
    """Return the native id of the leg that used a resource."""
    return part_id(session, ref_call_id) if ref_call_id else None


def leg_that_used(call: str | None, parts: SessionParts) -> RowView | None:
    """Return the leg that used a resource, where it came along."""
    return next((leg for leg in parts.calls or () if leg.native_id == call), None)


def embedded(name: str, rows: Any, native_id: str, parts: Dict[str, SessionParts]) -> list[Any] | None:
    """Return the parts of a session that came in its row; None where they were not asked for."""
    if rows and not isinstance(rows, list):
        raise ValueError("no list")
    found: list[Any] | None = getattr(parts[native_id], name)
    return found


def of_parts(name: str, native_id: str, parts: Dict[str, SessionParts]) -> Any:
    """Return what the parts of a session say of it."""
    return getattr(parts[native_id], name)


def _remote_kind(found: str, remote_type: Any) -> PartyKind:
    """Return what the far end is. The upstream also calls some user names "pstn"."""
    kind = REMOTE.get((read_text(remote_type) or "").lower())
    if kind is None:
        return PartyKind.UNKNOWN if read_text(remote_type) else _local_kind(found)
    return _local_kind(found) if kind is PartyKind.PSTN and not PHONE.fullmatch(found) else kind


def _local_kind(found: str) -> PartyKind:
    """Return what an end is that the upstream gives no type."""
    if LIKELY_PHONE.fullmatch(found):
        return PartyKind.PSTN
    if "@" in found or found.startswith("sip:"):
        return PartyKind.SIP
    return PartyKind.USER if any(letter.isalpha() for letter in found) else PartyKind.UNKNOWN


def _embedded(name: str, attribute: str) -> Column:
    return Column(partial(embedded, name), attribute, mapped("native_id"), parameter("parts"), words="in the session's row", lenient=True)


def _of_parts(name: str) -> Column:
    return Column(partial(of_parts, name), mapped("native_id"), parameter("parts"), words="of its parts", total_for=None)


SESSION_ID = Column(attrgetter("native_id"), parameter("session"), words="id of the session")
SESSION_START = Column(attrgetter("time"), parameter("session"), words="start of the session")
ENDS = ("incoming", "remote_number", "local_number")
CALL = Mapping(
    Call,
    CallInfo,
    native_id=Column(part_id, parameter("session"), "call_id"),
    sort_id=Column(part_sort_id, parameter("session"), mapped("started_at"), "call_id"),
    position_time=SESSION_START,
    refs={
        "session": SESSION_ID,
        "recordings": plain(mapped("native_id")),
        "transaction": ident("transaction_id"),
    },
    held={
        "session": plain(parameter("session")),
        "recordings": Column(SessionParts.recordings_of, parameter("parts"), mapped("native_id")),
    },
    direction=word("incoming", DIRECTION, CallDirection.UNKNOWN),
    status=Column(status, "successful", mapped("sip_status_code"), mapped("duration_seconds"), parameter("session")),
    hangup_cause=Column(hangup_cause, "end_reason", total_for=None),
    sip_status_code=Column(sip_code, mapped("hangup_cause"), total_for=None),
    from_=party(
        Column(caller, *ENDS),
        kind=Column(caller_kind, "incoming", mapped("from_.number"), "remote_number_type"),
        uri=Column(sip_address, mapped("from_.number"), total_for=None),
    ),
    to=party(
        Column(called, *ENDS),
        kind=Column(called_kind, "incoming", mapped("to.number"), "remote_number_type"),
        uri=Column(sip_address, mapped("to.number"), total_for=None),
        country=Column(called_country, "incoming", "direction"),
    ),
    forwarded_from=Column(number, "diversion_number"),
    started_at=utc("start_time"),
    ended_at=later(mapped("started_at"), mapped("duration_seconds")),
    is_ended_at_derived=is_known(mapped("ended_at")),
    duration_seconds=seconds("duration"),
    cost=money("cost"),
    user_id=Column(attrgetter("user_id"), parameter("session"), words="user of the session"),
)

RESOURCE_USAGE = Mapping(
    ResourceUsage,
    Usage,
    native_id=Column(part_id, parameter("session"), "resource_usage_id"),
    refs={
        "session": SESSION_ID,
        "call": Column(used_by, "ref_call_id", parameter("session")),
        "transaction": ident("transaction_id"),
    },
    held={"call": Column(leg_that_used, mapped("refs.call"), parameter("parts"))},
    type=text("resource_type"),
    used_at=utc("used_at"),
    description=text("description"),
    quantity=decimal("resource_quantity"),
    unit=text("unit"),
    cost=money("cost"),
)

SESSION = Mapping(
    Session,
    CallSession,
    native_id=ident("call_session_history_id"),
    refs=dict.fromkeys(("calls", "recordings", "resourceUsages"), plain(mapped("native_id"))),
    held={
        "calls": _embedded("calls", "calls"),
        "recordings": _embedded("recordings", "records"),
        "resourceUsages": _embedded("usages", "other_resource_usage"),
    },
    files={"log": Column(file_at, "log_file_url", Constant("text/plain"))},
    started_at=utc("start_date"),
    ended_at=later(mapped("started_at"), mapped("duration_seconds")),
    duration_seconds=seconds("duration"),
    direction=_of_parts("direction"),
    status=_of_parts("status"),
    finish_reason=text("finish_reason"),
    application_name=text("application_name"),
    rule_name=text("rule_name"),
    initiator_address=text("initiator_address"),
    media_server=text("media_server_address"),
    custom_data=text("custom_data"),
    user_id=ident("user_id"),
    is_derived=constant(False),
    cost=Object(
        Money,
        unless_null="amount",
        amount=_of_parts("cost"),
        currency=plain(provider("settings.currency")),
    ),
)
