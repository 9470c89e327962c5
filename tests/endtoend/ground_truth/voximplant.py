"""Voximplant: what clients must see of sessions with their legs and recordings."""

import re
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

from tests.endtoend.ground_truth import voximplant_account
from tests.endtoend.ground_truth.values import Row, Truth, e164, micros, money, text, told, utc
from tests.endtoend.world import Upstream

PARTS = ("calls", "records", "other_resource_usage")
STATUS = {486: "BUSY", 600: "BUSY", 487: "CANCELED", 408: "NO_ANSWER", 480: "NO_ANSWER"}
TRANSCRIPTION = {"Not required": "NOT_REQUESTED", "In progress": "IN_PROGRESS", "Complete": "COMPLETE"}


def later(start: str, seconds: int | None) -> str | None:
    moment = utc(start)
    return None if seconds is None or moment is None else told(moment + timedelta(seconds=seconds))


def party(number: str, name: str | None = None) -> Row:
    return {"number": text(number), "e164": e164(number, bare=True), "name": name}


def code_of(reason: Any) -> int | None:
    """The SIP code of an end_reason, which is an object or a text."""
    if isinstance(reason, dict):
        return int(reason["code"])
    found = re.match(r"\d{3}\b", reason or "")
    return int(found[0]) if found else None


def platform_status(call: Row, session: Row) -> str:
    """How a leg ended for the platform, which is not how it ended for the caller."""
    if session.get("active") and "duration" not in call:
        return "IN_PROGRESS"
    if call["successful"]:
        return "ANSWERED"
    return STATUS.get(code_of(call.get("end_reason")) or 0, "FAILED")


def is_user(call: Row) -> bool:
    """A leg to or from a user; the documents' examples give users the type of numbers."""
    return call["remote_number_type"] == "user" or (call["remote_number_type"] == "pstn" and call["remote_number"].startswith("test"))


def session_direction(session: Row) -> str:
    """As the company sees it: an incoming leg from a user is an agent who dials."""
    legs = sorted(session["calls"], key=lambda row: (row["start_time"], row["call_id"]))
    callers, callees = [row for row in legs if row["incoming"]], [row for row in legs if not row["incoming"]]
    if callers and not is_user(callers[0]):
        return "INBOUND"
    return "INTERNAL" if callees and all(map(is_user, callees)) else "OUTBOUND"


def session_status(session: Row) -> str:
    """Answered where the called party answered; a scenario that answers with music is none."""
    legs = sorted(session["calls"], key=lambda row: (row["start_time"], row["call_id"]))
    direction = session_direction(session)
    callees = [row for row in legs if not row["incoming"] and not (direction == "OUTBOUND" and is_user(row))]
    ends = [platform_status(row, session) for row in callees]
    if "ANSWERED" in ends:
        return "ANSWERED"
    if "IN_PROGRESS" in (platform_status(row, session) for row in legs):
        return "IN_PROGRESS"
    if not callees:
        first = platform_status(legs[0], session)
        return "CANCELED" if first == "ANSWERED" else first
    if direction == "INBOUND":
        return ends[0] if len(set(ends)) == 1 and ends[0] in ("BUSY", "FAILED") else "NO_ANSWER"
    return ends[-1]


def status(call: Row, session: Row) -> str:
    """How a leg ended for the company."""
    own = platform_status(call, session)
    return session_status(session) if call["incoming"] and own == "ANSWERED" else own


def direction(call: Row, session: Row) -> str:
    if is_user(call):
        return session_direction(session)
    return "INBOUND" if call["incoming"] else "OUTBOUND"


def answered_by(call: Row, session: Row) -> str | None:
    if platform_status(call, session) != "ANSWERED":
        return None
    return "SCENARIO" if call["incoming"] and session_status(session) != "ANSWERED" else "PERSON"


def in_session(provider: str, session: Row, *rest: Any) -> tuple[Any, ...]:
    """What belongs to a session stands at its start, by session, then in order of its own start."""
    start = utc(session["start_date"])
    assert start is not None
    return micros(start), provider, (str(session["call_session_history_id"]), *rest)


def calls(upstream: Upstream) -> list[Truth]:
    return [call(upstream.name, row, session) for session in upstream.rows("sessions") for row in session["calls"]]


def call(provider: str, row: Row, session: Row) -> Truth:
    session_id, incoming = str(session["call_session_history_id"]), row["incoming"]
    ends = party(row["remote_number"]), party(row["local_number"])
    shown = {
        "direction": direction(row, session),
        "status": status(row, session),
        "answeredBy": answered_by(row, session),
        "sipStatusCode": code_of(row.get("end_reason")),
        "from": ends[0] if incoming else ends[1],
        "to": ends[1] if incoming else ends[0] | {"country": row.get("direction")},
        "forwardedFrom": row.get("diversion_number"),
        "startedAt": told(utc(row["start_time"])),
        "answeredAt": None,
        "endedAt": later(row["start_time"], row.get("duration")),
        "isEndedAtDerived": "duration" in row,
        "durationSeconds": row.get("duration"),
        "talkSeconds": None,
        "cost": money(row.get("cost"), "USD"),
        "userId": text(session.get("user_id")),
        "sipCallId": None,
    }
    links = {
        "session": session_id,
        "recordings": [name for name, _, of in recorded(session) if of is row],
        "voicemessages": None,
        "transaction": text(row["transaction_id"] or None),
        "queue": None,
        "of_session": session,
    }
    place = in_session(provider, session, row["start_time"], row["call_id"])
    return Truth(provider=provider, native_id=f"{session_id}.{row['call_id']}", place=place, shown=shown, links=links, row=row)


def recorded(session: Row) -> list[tuple[str, Row, Row | None]]:
    """The recordings of a session in order of their start: id, record (or the leg, where it alone names the file), leg."""
    return sorted(_recorded(session), key=lambda each: (each[1]["start_time"], each[1].get("record_id") or each[1]["call_id"]))


def _recorded(session: Row) -> Iterator[tuple[str, Row, Row | None]]:
    session_id, records = session["call_session_history_id"], session.get("records", [])
    by_url = {row["record_url"]: row for row in session["calls"] if "record_url" in row}
    for record in records:
        leg = by_url.pop(record["record_url"], None)
        yield f"{session_id}.{record['record_id']}", record, leg or only_leg_at(record["start_time"], session)
    for row in by_url.values():
        yield f"{session_id}.call-{row['call_id']}", row, row


def only_leg_at(moment: str, session: Row) -> Row | None:
    """The leg that was going on then, where there is just one: it must be what a recording that no leg names is of."""
    going_on = [row for row in session["calls"] if "duration" in row and row["start_time"] <= moment <= ended(row)]
    return going_on[0] if len(going_on) == 1 else None


def ended(row: Row) -> str:
    return str(datetime.fromisoformat(row["start_time"]) + timedelta(seconds=row["duration"]))


def recordings(upstream: Upstream) -> list[Truth]:
    return [
        recording(upstream.name, session, native, record, leg)
        for session in upstream.rows("sessions")
        for native, record, leg in recorded(session)
    ]


def recording(provider: str, session: Row, native: str, row: Row, leg: Row | None) -> Truth:
    session_id = str(session["call_session_history_id"])
    ends = call(provider, leg, session).shown if leg else {"from": None, "to": None}
    known = row.get("transcription_status")
    shown = {
        "startedAt": told(utc(row["start_time"])),
        "sizeBytes": row.get("file_size"),
        "from": ends["from"],
        "to": ends["to"],
    }
    if "record_id" in row:
        shown |= {
            "endedAt": later(row["start_time"], row.get("duration")),
            "durationSeconds": row.get("duration"),
            "fileName": row.get("record_name") or row["record_url"].partition("?")[0].rpartition("/")[2],
            "expiresAt": told(utc(row.get("expiration_date"))),
            "isRemoved": removed(row),
            "cost": money(row.get("cost"), "USD"),
            "transcription": {"status": TRANSCRIPTION[known], "text": None} if known else None,
        }
    links = {"session": session_id, "call": f"{session_id}.{leg['call_id']}" if leg else None}
    place = in_session(provider, session, row["start_time"], row.get("record_id") or row["call_id"], "record_id" not in row)
    return Truth(provider=provider, native_id=native, place=place, shown=shown, links=links, row=row)


def removed(row: Row) -> bool | None:
    """Whether the file is gone: it is said to be, or its last day is over."""
    last = utc(row.get("expiration_date"))
    if row.get("is_removed") or (last and last + timedelta(days=1) <= datetime.now(UTC)):
        return True
    return None if last is None else False


def sessions(upstream: Upstream) -> list[Truth]:
    return [session(upstream.name, row) for row in upstream.rows("sessions")]


def session(provider: str, row: Row) -> Truth:
    native, start = str(row["call_session_history_id"]), utc(row["start_date"])
    assert start is not None
    legs = sorted((call(provider, each, row) for each in row["calls"]), key=lambda leg: leg.place)
    answerers = [leg.shown["answeredBy"] for leg in legs]
    costs = [each["cost"] for part in PARTS for each in row.get(part, ()) if "cost" in each]
    shown = {
        "startedAt": told(start),
        "endedAt": later(row["start_date"], row.get("duration")),
        "durationSeconds": row.get("duration"),
        "direction": session_direction(row),
        "status": session_status(row),
        "answeredBy": "PERSON" if session_status(row) == "ANSWERED" else next((each for each in answerers if each == "SCENARIO"), None),
        "finishReason": row.get("finish_reason"),
        "applicationName": row.get("application_name"),
        "ruleName": row.get("rule_name"),
        "initiatorAddress": row["initiator_address"],
        "mediaServer": row["media_server_address"],
        "customData": row.get("custom_data"),
        "userId": text(row.get("user_id")),
        "isDerived": False,
        "cost": money(sum(map(Decimal, map(str, costs))), "USD") if costs else None,
    }
    usages = [f"{native}.{each['resource_usage_id']}" for each in row.get("other_resource_usage", ())]
    links = {
        "calls": [leg.native_id for leg in legs],
        "recordings": [name for name, _, _ in recorded(row)],
        "resourceUsages": usages,
    }
    shared = {name: value for name, value in row.items() if name not in PARTS}
    return Truth(provider=provider, native_id=native, place=(micros(start), provider, native), shown=shown, links=links, row=shared)


KINDS: dict[str, Callable[[Upstream], list[Truth]]] = {
    "Call": calls,
    "Session": sessions,
    "Recording": recordings,
    **voximplant_account.KINDS,
}
