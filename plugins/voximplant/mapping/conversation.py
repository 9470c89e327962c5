"""Mappings of sessions and of the legs, recordings and resource usages inside their rows."""

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
    seconds,
    text,
    utc,
)
from telegraphql.plugins.voximplant.mapping.outcome import hangup_cause, leg_answered_by, leg_direction, leg_status, own_status, sip_code
from telegraphql.plugins.voximplant.mapping.parties import called, called_country, called_kind, caller, caller_kind, sip_address
from telegraphql.plugins.voximplant.mapping.session_parts import SessionParts
from telegraphql.plugins.voximplant.mapping.values import file_at, number
from telegraphql.plugins.voximplant.wire import CallInfo, CallSession, Usage
from telegraphql.schema import (
    AnsweredBy,
    Call,
    CallDirection,
    CallStatus,
    Money,
    PartyKind,
    ResourceUsage,
    Session,
)


def part_id(session: RowView, own_id: int) -> str:
    """Return the native id of a part, which the upstream finds through its session only."""
    return f"{session.native_id}.{own_id}"


def part_sort_id(session: RowView, started_at: datetime, own_id: int) -> str:
    """Return the place of a part among those of its session: by its own start, then by its id."""
    return f"{session.native_id}:{started_at.isoformat()}:{own_id:020d}"


def status(
    incoming: bool | None, successful: bool | None, code: int | None, duration: int | None, session: RowView, parts: SessionParts
) -> CallStatus:
    """Return how a leg ended; one that the scenario answered ended as its session."""
    return leg_status(own_status(successful, code, is_going_on(session, duration)), incoming, parts.outcome)


def answered_by(
    incoming: bool | None, successful: bool | None, code: int | None, duration: int | None, session: RowView, parts: SessionParts
) -> AnsweredBy | None:
    """Return who answered a leg."""
    return leg_answered_by(own_status(successful, code, is_going_on(session, duration)), incoming, parts.outcome)


def is_going_on(session: RowView, duration: int | None) -> bool:
    """Return True for a leg without a length in an active session."""
    return session.row.active is True and duration is None


def direction(incoming: bool | None, caller: PartyKind, called: PartyKind, parts: SessionParts) -> CallDirection:
    """Return the direction of a leg, seen from the company."""
    return leg_direction(incoming, caller if incoming else called, parts.outcome)


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


def _embedded(name: str, attribute: str) -> Column:
    return Column(partial(embedded, name), attribute, mapped("native_id"), parameter("parts"), words="in the session's row", lenient=True)


def _of_parts(name: str) -> Column:
    return Column(partial(of_parts, name), mapped("native_id"), parameter("parts"), words="of its parts", total_for=None)


SESSION_ID = Column(attrgetter("native_id"), parameter("session"), words="id of the session")
SESSION_START = Column(attrgetter("time"), parameter("session"), words="start of the session")
ENDS = ("incoming", "remote_number", "local_number")
ENDING = ("incoming", "successful", mapped("sip_status_code"), mapped("duration_seconds"), parameter("session"), parameter("parts"))
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
    direction=Column(direction, "incoming", mapped("from_.kind"), mapped("to.kind"), parameter("parts")),
    status=Column(status, *ENDING),
    answered_by=Column(answered_by, *ENDING),
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
    account_id=Column(attrgetter("account_id"), parameter("session"), words="account of the session"),
    user_id=Column(attrgetter("user_id"), parameter("session"), words="user of the session"),
    custom_data=text("custom_data"),
    media_server=text("media_server_address"),
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
    answered_by=_of_parts("answered_by"),
    finish_reason=text("finish_reason"),
    account_id=ident("account_id"),
    application_id=ident("application_id"),
    application_name=text("application_name"),
    rule_name=text("rule_name"),
    initiator_address=text("initiator_address"),
    audio_quality=text("audio_quality"),
    media_server=text("media_server_address"),
    custom_data=text("custom_data"),
    user_id=ident("user_id"),
    is_derived=Constant(False),
    cost=Object(
        Money,
        unless_null="amount",
        amount=_of_parts("cost"),
        currency=plain(provider("settings.currency")),
    ),
)
