"""PortSIP: what clients must see of legs, conversations and files ("" is absent)."""

from collections.abc import Callable
from decimal import Decimal
from typing import Any

from tests.endtoend.ground_truth.values import Row, Truth, e164, micros, money, text, told, veiled, zoned
from tests.endtoend.world import Upstream

DIRECTION = {"INBOUND_CALL": "INBOUND", "OUTBOUND_CALL": "OUTBOUND", "EXTENSION_CALL": "INTERNAL", "INBOUND_OUTBOUND_CALL": "TRANSIT"}
STATUS = {486: "BUSY", 600: "BUSY", 487: "CANCELED", 408: "NO_ANSWER", 480: "NO_ANSWER", 0: "NO_ANSWER"}
REGION, CURRENCY = "CH", "EUR"
# Of the documents' own example, which names its leg only in its file's name.
EXAMPLE_RECORDING, EXAMPLE_LEG = "878156822119247872", "878156644691742721"
RECORDING_SUMMARY = ("id", "caller", "caller_display_name", "callee", "callee_display_name", "started_at", "ended_at")


def status(row: Row) -> str:
    if row["answered_at"]:
        return "ANSWERED"
    if row["end_reason"] == "CANCELLED" and STATUS.get(row["status_code"]) != "BUSY":
        return "CANCELED"
    return STATUS.get(row["status_code"], "FAILED" if row["status_code"] >= 400 else "UNKNOWN")


def party(number: str | None, name: str | None) -> Row:
    is_withheld = number == "anonymous"
    shown = None if is_withheld else text(number)
    return {"number": shown, "e164": e164(shown, REGION), "name": text(name), "isWithheld": is_withheld}


def between(first: str, last: str) -> int | None:
    """Whole seconds between two moments."""
    start, end = zoned(first), zoned(last)
    return None if start is None or end is None else int((end - start).total_seconds())


def at(row: Row, name: str, provider: str) -> tuple[Any, ...]:
    moment = zoned(row[name])
    assert moment is not None
    return micros(moment), provider, row["id"]


def conversation(row: Row) -> Row:
    """What legs and conversations have in common."""
    return {
        "direction": DIRECTION[row["direction"]],
        "status": status(row),
        "startedAt": told(zoned(row["started_at"])),
        "endedAt": told(zoned(row["ended_at"])),
        "durationSeconds": between(row["started_at"], row["ended_at"]),
    }


def calls(upstream: Upstream) -> list[Truth]:
    queues = {row["extension_number"]: row["id"] for row in upstream.rows("queues")}
    recorded: dict[str, list[str]] = {}
    for row in upstream.rows("recordings"):
        recorded.setdefault(leg_of(row), []).append(row["id"])
    return [call(upstream.name, row, queues, recorded) for row in upstream.rows("calls")]


def leg_of(recording: Row) -> str:
    return EXAMPLE_LEG if recording["id"] == EXAMPLE_RECORDING else str(recording["calllog_id"])


def call(provider: str, row: Row, queues: Row, recorded: dict[str, list[str]]) -> Truth:
    shown = conversation(row) | {
        "hangupCause": text(row["end_reason"]),
        "sipStatusCode": row["status_code"] or None,
        "from": party(row["caller"], row["caller_display_name"]),
        "to": party(row["callee"], row["callee_display_name"]),
        "dialedNumber": text(row["did_cid"]) if row["direction"] == "INBOUND_CALL" else None,
        "callerIdShown": text(row["outbound_caller_id"]),
        "trunk": text(row["trunk"]),
        "ringingAt": told(zoned(row["rang_at"])),
        "answeredAt": told(zoned(row["answered_at"])),
        "isEndedAtDerived": False,
        "talkSeconds": row["duration"],
        "cost": money(row["cost"], CURRENCY),
        "userId": None,
        "sipCallId": text(row["call_id"]),
        "rerouteReason": text(row["reroute_reason"]),
    }
    links = {
        "session": row["session_id"],
        "recordings": recorded.get(row["id"], []),
        "voicemessages": None,
        "transaction": None,
        "queue": queues.get(row["service_number"]) or queues.get(row["callee"]),
    }
    shared = {name: value for name, value in row.items() if name not in ("cost", "billed_account")}
    return Truth(provider=provider, native_id=row["id"], place=at(row, "started_at", provider), shown=shown, links=links, row=shared)


def sessions(upstream: Upstream) -> list[Truth]:
    legs: dict[str, list[Row]] = {}
    for row in upstream.rows("calls"):
        legs.setdefault(row["session_id"], []).append(row)
    recorded: dict[str, list[Row]] = {}
    of_leg = {row["id"]: row["session_id"] for row in upstream.rows("calls")}
    for row in upstream.rows("recordings"):
        recorded.setdefault(of_leg[leg_of(row)], []).append(row)
    return [session(upstream.name, row, legs[row["id"]], recorded.get(row["id"], [])) for row in upstream.rows("sessions")]


def session(provider: str, row: Row, legs: list[Row], recorded: list[Row]) -> Truth:
    cost = sum((Decimal(str(leg["cost"])) for leg in legs), Decimal(0))
    shown = conversation(row) | {"isDerived": False, "userId": None, "applicationName": None, "cost": money(cost, CURRENCY)}
    ordered = sorted(legs, key=lambda leg: (leg["started_at"], leg["id"]))
    in_order = sorted(recorded, key=lambda each: (each["started_at"], each["id"]))
    links = {"calls": [leg["id"] for leg in ordered], "recordings": [each["id"] for each in in_order]}
    return Truth(provider=provider, native_id=row["id"], place=at(row, "started_at", provider), shown=shown, links=links, row=row)


def recordings(upstream: Upstream) -> list[Truth]:
    of_leg = {row["id"]: row["session_id"] for row in upstream.rows("calls")}
    return [recording(upstream.name, row, of_leg) for row in upstream.rows("recordings")]


def recording(provider: str, row: Row, of_leg: Row) -> Truth:
    shown = {
        "startedAt": told(zoned(row["started_at"])),
        "endedAt": told(zoned(row["ended_at"])),
        "durationSeconds": row["duration"],
        "sizeBytes": row["file_size"] or None,
        "fileName": row["file_name"],
        "from": party(row["caller"], row.get("caller_display_name")),
        "to": party(row["callee"], row.get("callee_display_name")),
        "cost": None,
    }
    leg = leg_of(row)
    summary = {name: row[name] for name in RECORDING_SUMMARY if name in row}
    place = at(row, "started_at", provider)
    return Truth(provider=provider, native_id=row["id"], place=place, shown=shown, links={"call": leg, "session": of_leg[leg]}, row=summary)


def voicemessages(upstream: Upstream) -> list[Truth]:
    return [voicemessage(upstream.name, row) for row in upstream.rows("voicemessages")]


def voicemessage(provider: str, row: Row) -> Truth:
    shown = {
        "receivedAt": told(zoned(row["created_at"])),
        "from": party(row.get("sender_number") or row["sender"], row.get("sender_name")),
        "mailbox": None,
        "folder": None,
        "durationSeconds": row["duration"],
        "isRead": row["status"] == "READ",
        "transcript": text(row.get("transcription_text")),
    }
    return Truth(
        provider=provider,
        native_id=row["id"],
        place=at(row, "created_at", provider),
        shown=shown,
        links={"call": None},
        row=veiled(row, "file_url"),
    )


def queues(upstream: Upstream) -> list[Truth]:
    return [queue(upstream.name, row) for row in upstream.rows("queues")]


def queue(provider: str, row: Row) -> Truth:
    shown = {
        "name": row["name"],
        "number": row["extension_number"],
        "strategy": row["polling_strategy"],
        "ringSeconds": row["ring_time"],
        "maxWaitSeconds": row["max_waiting_time"],
        "serviceLevelSeconds": [row["sla_time"]] if row["sla_time"] else None,
        "agentCount": len(row["agents"]),
    }
    summary = {name: row[name] for name in ("id", "name", "extension_number", "ring_time", "polling_strategy")}
    return Truth(provider=provider, native_id=row["id"], place=(row["name"], provider, row["id"]), shown=shown, row=summary)


def report_kind(word: str) -> str:
    if word == "NORMAL":
        return "CALLS"
    if word == "EXTENSION_GROUP_CALL_COST":
        return "COSTS"
    return "QUEUES" if "QUEUE" in word else "OTHER"


def reports(upstream: Upstream) -> list[Truth]:
    return [report(upstream.name, row) for row in upstream.rows("reports")]


def report(provider: str, row: Row) -> Truth:
    shown = {
        "name": row["name"],
        "kind": report_kind(row["type"]),
        "status": "DONE",
        "format": row["format"],
        "completedAt": told(zoned(row["completed_at"])),
        "fileName": row["file_name"],
    }
    place = at(row, "completed_at", provider)
    return Truth(provider=provider, native_id=row["id"], place=place, shown=shown, row=veiled(row, "file_url"))


SCHEDULED = {
    "NORMAL": "CALLS",
    "EXTENSION_GROUP_CALL_COST": "EXTENSION_COSTS",
    "QUEUE_DETAILED_STATISTICS": "QUEUE_DETAILS",
    "QUEUE_SLA_STATISTICS": "QUEUE_SERVICE_LEVEL",
    "QUEUE_BREACHES_SLA_STATISTICS": "QUEUE_SERVICE_LEVEL_BREACHES",
    "TEAM_QUEUE_GENERAL_STATISTICS": "QUEUE_TEAMS",
    "RING_GROUP_STATISTICS": "RING_GROUPS",
}


def schedules(upstream: Upstream) -> list[Truth]:
    return [schedule(upstream.name, row) for row in upstream.rows("reportSchedules")]


def schedule(provider: str, row: Row) -> Truth:
    shown = {name: row[name] for name in ("name", "status", "email", "format", "range")}
    shown |= {f"native{name.title()}": row[name] for name in ("type", "status", "format", "range")}
    shown["type"] = SCHEDULED.get(row["type"], row["type"])
    shown |= {
        "nativeFilter": row["filter"] or None,
        "from": told(zoned(row["started_at"])),
        "to": told(zoned(row["ended_at"])),
        "cron": text(row["cron_expr"]),
    }
    summary = {name: row[name] for name in ("id", "name", "type", "cron_expr", "status")}
    return Truth(provider=provider, native_id=row["id"], place=(row["name"], provider, row["id"]), shown=shown, row=summary)


KINDS: dict[str, Callable[[Upstream], list[Truth]]] = {
    "Call": calls,
    "Session": sessions,
    "Recording": recordings,
    "Voicemessage": voicemessages,
    "Queue": queues,
    "Report": reports,
    "ReportSchedule": schedules,
}
