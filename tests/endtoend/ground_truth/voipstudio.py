"""VoIPstudio: what clients must see of cdrs, monitors, voicemessages, chats and the rest (times in UTC, trees of legs by live ids)."""

import re
from collections.abc import Callable
from datetime import timedelta
from typing import Any

from tests.endtoend.ground_truth.values import Row, Truth, e164, micros, money, text, told, total, utc
from tests.endtoend.world import Upstream

# What the sandbox is configured with: the upstream names no currency of calls.
CURRENCY = "GBP"
WAY = {"in": "INBOUND", "out": "OUTBOUND", "webcall": "INBOUND", "callmeback": "OUTBOUND"}
TYPE = {"I": "INBOUND", "O": "OUTBOUND", "M": "INBOUND"}
TALKED = {"CONNECTED": "ANSWERED", "ON_HOLD": "ANSWERED", "VM": "VOICEMAIL"}
CAUSE = {
    "User busy": "BUSY",
    "Circuit/channel congestion": "CONGESTION",
    "Switch congestion": "CONGESTION",
    **dict.fromkeys(
        (
            "Call Rejected",
            "Unallocated (unassigned) number",
            "No route to destination",
            "Destination out of order",
            "Invalid number format",
            "Network out of order",
            "Subscriber absent",
        ),
        "FAILED",
    ),
}
KIND_OF_TYPE = {
    **dict.fromkeys(("charge", "invoice", "subscription"), "CHARGE"),
    **dict.fromkeys(("payment", "topup"), "PAYMENT"),
    "refund": "REFUND",
    "adjustment": "ADJUSTMENT",
    "transfer": "TRANSFER",
    "bonus": "GIFT",
}


def direction(row: Row) -> str:
    if row["context"] == "USER_LOCAL":
        return "INTERNAL"
    return WAY.get(row["destination"]) or TYPE.get(row["type"]) or "UNKNOWN"


def status(row: Row) -> str:
    word = row["disposition"]
    if word in TALKED:
        return TALKED[word]
    if word in ("INITIAL", "RINGING"):
        return CAUSE.get(row["t_cause"], "NO_ANSWER")
    return "NO_ANSWER" if row["type"] == "M" else "UNKNOWN"


def party(number: Any, name: Any = None) -> Row:
    return {"number": text(number), "e164": e164(text(number), bare=True), "name": text(name)}


def parts(clid: str) -> tuple[str | None, str | None]:
    """The name, which is no number, and the number in a caller id."""
    found = re.fullmatch(r'"(.*)" <(.*)>', clid)
    name, number = found.groups() if found else (clid, clid)
    return (None if re.fullmatch(r"\+?\d*", name) else name), text(number)


def ended(row: Row, time: str) -> str | None:
    moment = utc(row[time])
    assert moment is not None
    return told(moment + timedelta(seconds=row["duration"]))


def truth(upstream: Upstream, row: Row, time: str, shown: Row, links: Row | None = None) -> Truth:
    moment, native = utc(row[time]), str(row["id"])
    assert moment is not None
    place = (micros(moment), upstream.name, native)
    return Truth(provider=upstream.name, native_id=native, place=place, shown=shown, links=links or {}, row=row)


class Joined:
    """What hangs on the legs, by their live ids."""

    def __init__(self, upstream: Upstream) -> None:
        self.calls = upstream.rows("calls")
        self.by_live = {row["live_id"]: row for row in self.calls}
        self.tracked = {row["id"] for row in upstream.rows("trackedCalls")}
        self.recordings = self._ids(upstream.rows("recordings"), "timestamp")
        self.voicemessages = self._ids(upstream.rows("voicemessages"), "origtime")

    @staticmethod
    def _ids(rows: list[Row], time: str) -> dict[int, list[str]]:
        found: dict[int, list[str]] = {}
        for row in sorted(rows, key=lambda row: (row[time], str(row["id"]))):
            found.setdefault(row["live_id"], []).append(str(row["id"]))
        return found

    def links(self, row: Row) -> Row:
        queue = re.fullmatch(r"Queue(\d+)", row["dst_id"])
        parent = self.by_live.get(row["parent_live_id"])
        return {
            "session": str(row["root_live_id"]),
            "recordings": self.recordings.get(row["live_id"], []),
            "voicemessages": self.voicemessages.get(row["live_id"], []),
            "transaction": None,
            "queue": queue[1] if queue else None,
            "parent": str(parent["id"]) if parent else None,
            "tracked": row["id"] in self.tracked,
        }


def calls(upstream: Upstream) -> list[Truth]:
    joined = Joined(upstream)
    return [truth(upstream, row, "calldate", call(row), joined.links(row)) for row in joined.calls]


def call(row: Row) -> Row:
    return {
        "direction": direction(row),
        "status": status(row),
        "hangupCause": text(row["t_cause"]),
        "sipStatusCode": None,
        "callerIdShown": parts(row["clid"])[1],
        "from": party(row["src"], text(row["src_name"]) or parts(row["clid"])[0]),
        "to": party(row["dst"], row["dst_name"]),
        "startedAt": told(utc(row["calldate"])),
        "endedAt": ended(row, "calldate"),
        "isEndedAtDerived": True,
        "durationSeconds": row["duration"],
        "talkSeconds": row["billsec"],
        "cost": money(row["charge"], CURRENCY),
        "ratePerMinute": money(row["rate"], CURRENCY),
        "userId": text(row["user_id"]),
        "sipCallId": None,
    }


def sessions(upstream: Upstream) -> list[Truth]:
    groups: dict[str, list[Truth]] = {}
    for leg in sorted(calls(upstream), key=lambda each: each.place):
        groups.setdefault(leg.links["session"], []).append(leg)
    return [session(native, legs) for native, legs in groups.items()]


def session(native: str, legs: list[Truth]) -> Truth:
    first, statuses = legs[0], [leg.shown["status"] for leg in legs]
    shown = {
        "startedAt": first.shown["startedAt"],
        "endedAt": max(leg.shown["endedAt"] for leg in legs),
        "direction": first.shown["direction"],
        "status": next((each for each in ("ANSWERED", "VOICEMAIL") if each in statuses), statuses[0]),
        "cost": total([leg.shown["cost"] for leg in legs]),
        "isDerived": True,
        "applicationName": None,
    }
    end, start = utc(shown["endedAt"][:-1]), utc(shown["startedAt"][:-1])
    assert start is not None
    assert end is not None
    shown["durationSeconds"] = int((end - start).total_seconds())
    links = {"calls": [leg.native_id for leg in legs], "recordings": [each for leg in legs for each in leg.links["recordings"]]}
    return Truth(provider=first.provider, native_id=native, place=(first.place[0], first.provider, native), shown=shown, links=links)


def recordings(upstream: Upstream) -> list[Truth]:
    joined = Joined(upstream)
    return [truth(upstream, row, "timestamp", recording(row), of_call(joined, row)) for row in upstream.rows("recordings")]


def of_call(joined: Joined, row: Row) -> Row:
    leg = joined.by_live.get(row["live_id"])
    return {"call": str(leg["id"]) if leg else None, "session": str(leg["root_live_id"]) if leg else None}


def recording(row: Row) -> Row:
    return {
        "startedAt": told(utc(row["timestamp"])),
        "endedAt": ended(row, "timestamp"),
        "durationSeconds": row["duration"],
        "sizeBytes": row["size"],
        "direction": recording_direction(row),
        "userId": text(row["user_id"]),
        "from": party(row["caller"]) | {"name": None},
        "to": party(row["called"], row["dst_name"]),
        "cost": None,
    }


def recording_direction(row: Row) -> str:
    return "INTERNAL" if row["context"] == "USER_LOCAL" else TYPE.get(row["type"], "UNKNOWN")


def voicemessages(upstream: Upstream) -> list[Truth]:
    joined = Joined(upstream)
    return [truth(upstream, row, "origtime", voicemessage(row), of_call(joined, row)) for row in upstream.rows("voicemessages")]


def voicemessage(row: Row) -> Row:
    return {
        "receivedAt": told(utc(row["origtime"])),
        "from": party(row["caller"], parts(row["callerid"] or "")[0]),
        "to": {"number": text(row["dialled"]), "e164": e164(row["dialled"], bare=True)},
        "dialedNumber": text(row["dialled"]),
        "mailbox": text(row["extension_id"]),
        "durationSeconds": row["duration"],
        "isRead": not row["is_new"],
        "folder": text(row["folder"]),
        "transcript": text(row["transcript"]),
    }


def chat(row: Row) -> Row:
    visitor = {"nativeId": "id", "name": "name", "email": "email", "ip": "ip", "city": "city", "country": "country", "location": "geo"}
    visitor |= {"userAgent": "ua", "referrer": "referer"}
    return {
        "startedAt": told(utc(row["created_at"])),
        "durationSeconds": row["duration"],
        "state": text(row["state"]),
        "operatorId": text(row["operator_id"] or None),
        "operatorUserAgent": text(row["operator_ua"]),
        "websiteId": text(row["website_id"]),
        "customerId": text(row["customer_id"]),
        "visitor": {ours: text(row[f"visitor_{theirs}"]) for ours, theirs in visitor.items()},
    }


def media_session(row: Row) -> Row:
    return {
        "startedAt": told(utc(row["created_at"])),
        "durationSeconds": row["duration"],
        "from": party(row["src"]),
        "to": party(row["dst"]),
        "sipCallId": text(row["call_id"]),
        "hangupCause": text(row["t_cause"]),
        "type": text(row["type"]),
        "userId": text(row["user_id"]),
    }


def transaction(row: Row) -> Row:
    return {
        "performedAt": told(utc(row["created_at"])),
        "amount": money(row["amount"], row["currency_iso"]),
        "kind": KIND_OF_TYPE.get(row["type"].lower(), "OTHER"),
        "type": row["type"],
        "isPending": "pending" in row["result"].lower() or "not completed" in row["result"].lower(),
        "userId": None,
    }


def plain(kind: str, time: str, show: Callable[[Row], Row]) -> Callable[[Upstream], list[Truth]]:
    return lambda upstream: [truth(upstream, row, time, show(row)) for row in upstream.rows(kind)]


def named(kind: str, show: Callable[[Row], Row]) -> Callable[[Upstream], list[Truth]]:
    def found(upstream: Upstream) -> list[Truth]:
        return [named_truth(upstream.name, row, show(row)) for row in upstream.rows(kind)]

    return found


def named_truth(provider: str, row: Row, shown: Row) -> Truth:
    native = str(row["id"])
    return Truth(provider=provider, native_id=native, place=(shown["name"], provider, native), shown=shown, row=row)


def queue(row: Row) -> Row:
    return {
        "name": row["name"],
        "number": text(row["number"]),
        "strategy": text(row["ring_strategy"]),
        "ringSeconds": row["ring_time"],
        "agentCount": len(row["users"]) if "users" in row else None,
    }


def tracking_number(row: Row) -> Row:
    return {
        "name": text(row["name"]) or text(row["e164"]) or row["id"],
        "number": text(row["e164"]),
        "uri": text(row["uri"]),
        "createdAt": told(utc(row["created_at"])),
        "channels": row["channels"],
        "status": text(row["status"]),
        "targetType": text(row["target_type"]),
        "targetId": text(row["target_id"]),
        "isSmsEnabled": row["sms_enabled"],
        "isFaxEnabled": row["fax_enabled"],
        "info": text(row["info"]),
    }


KINDS: dict[str, Callable[[Upstream], list[Truth]]] = {
    "Call": calls,
    "Session": sessions,
    "Recording": recordings,
    "Voicemessage": voicemessages,
    "Chat": plain("chats", "created_at", chat),
    "MediaSession": plain("mediaSessions", "created_at", media_session),
    "Transaction": plain("transactions", "created_at", transaction),
    "Queue": named("queues", queue),
    "TrackingNumber": named("trackingNumbers", tracking_number),
}
