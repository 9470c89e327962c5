"""Voximplant: what clients must see of sessions with their legs and recordings."""

import re
from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
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


def words_of(reason: Any) -> str | None:
    """An end_reason as text."""
    return " ".join(map(str, reason.values())) if isinstance(reason, dict) else text(reason)


def code_of(reason: Any) -> int | None:
    """The SIP code of an end_reason, which is an object or a text."""
    if isinstance(reason, dict):
        return int(reason["code"])
    found = re.match(r"\d{3}\b", reason or "")
    return int(found[0]) if found else None


def status(call: Row, session: Row) -> str:
    if call["successful"]:
        return "ANSWERED"
    if session.get("active") and "duration" not in call:
        return "IN_PROGRESS"
    return STATUS.get(code_of(call.get("end_reason")) or 0, "FAILED")


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
        "direction": "INBOUND" if incoming else "OUTBOUND",
        "status": status(row, session),
        "hangupCause": words_of(row.get("end_reason")),
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
            "fileName": row.get("record_name") or row["record_url"].rpartition("/")[2],
            "cost": money(row.get("cost"), "USD"),
            "transcription": {"status": TRANSCRIPTION[known], "text": None} if known else None,
        }
    links = {"session": session_id, "call": f"{session_id}.{leg['call_id']}" if leg else None}
    place = in_session(provider, session, row["start_time"], row.get("record_id") or row["call_id"], "record_id" not in row)
    return Truth(provider=provider, native_id=native, place=place, shown=shown, links=links, row=row)


def sessions(upstream: Upstream) -> list[Truth]:
    return [session(upstream.name, row) for row in upstream.rows("sessions")]


def session(provider: str, row: Row) -> Truth:
    native, start = str(row["call_session_history_id"]), utc(row["start_date"])
    assert start is not None
    legs = sorted((call(provider, each, row) for each in row["calls"]), key=lambda leg: leg.place)
    statuses = [leg.shown["status"] for leg in legs]
    costs = [each["cost"] for part in PARTS for each in row.get(part, ()) if "cost" in each]
    shown = {
        "startedAt": told(start),
        "endedAt": later(row["start_date"], row.get("duration")),
        "durationSeconds": row.get("duration"),
        "direction": legs[0].shown["direction"],
        "status": "ANSWERED" if "ANSWERED" in statuses else statuses[0],
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
