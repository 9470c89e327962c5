"""Twilio: what clients must see of its rows (times of RFC 2822, prices as negative texts, addresses with schemes)."""

from collections.abc import Callable
from datetime import datetime
from email.utils import parsedate_to_datetime
from typing import Any

from tests.endtoend.ground_truth.values import Row, Truth, e164, micros, money, text, told, total, utc
from tests.endtoend.world import Upstream

DIRECTION = {
    "inbound": "INBOUND",
    "trunking-originating": "INBOUND",
    "outbound-api": "OUTBOUND",
    "outbound-dial": "OUTBOUND",
    "trunking-terminating": "OUTBOUND",
}
STATUS = {"completed": "ANSWERED", "no-answer": "NO_ANSWER", "busy": "BUSY", "failed": "FAILED", "canceled": "CANCELED"}
ANSWERED_BY = {"human": "PERSON", "machine_start": "PERSON", "unknown": None, None: None}


def positive(price: Any, currency: str) -> Row | None:
    """The price of a charge, which the upstream writes as a negative text."""
    return None if price is None else money(str(price).removeprefix("-"), currency)


def moment(written: str | None) -> datetime | None:
    return parsedate_to_datetime(written) if written else None


def party(address: str, name: str | None = None) -> Row:
    """An end: a user of a client, a SIP address, or a number."""
    scheme, _, rest = address.rpartition(":")
    number = rest.partition("@")[0]
    kind = {"client": "USER", "sip": "SIP"}.get(scheme, "UNKNOWN")
    return {"number": number, "e164": e164(number), "name": name, "uri": address if scheme == "sip" else None, "kind": kind}


def direction(row: Row) -> str:
    """A client is a user of the company."""
    users = row["from"].startswith("client:"), row["to"].startswith("client:")
    return {(True, True): "INTERNAL", (True, False): "OUTBOUND", (False, True): "INBOUND"}.get(users, DIRECTION[row["direction"]])


def call(provider: str, row: Row) -> Truth:
    start = moment(row["start_time"])
    assert start is not None
    shown = {
        "direction": direction(row),
        "status": STATUS[row["status"]],
        "answeredBy": ANSWERED_BY[row["answered_by"]],
        "from": party(row["from"], text(row["caller_name"])),
        "to": party(row["to"]),
        "forwardedFrom": text(row["forwarded_from"]),
        "trunk": text(row["trunk_sid"]),
        "startedAt": told(start),
        "endedAt": told(moment(row["end_time"])),
        "isEndedAtDerived": False,
        "durationSeconds": int(row["duration"]),
        "cost": positive(row["price"], row["price_unit"]),
        "accountId": row["account_sid"],
        "userId": None,
        "hangupCause": None,
    }
    links = {"session": row["parent_call_sid"] or row["sid"], "parent": row["parent_call_sid"]}
    links |= dict.fromkeys(("recordings", "voicemessages", "transaction", "queue"))
    return Truth(provider=provider, native_id=row["sid"], place=(micros(start), provider, row["sid"]), shown=shown, links=links, row=row)


def calls(upstream: Upstream) -> list[Truth]:
    """Every row is a leg; the recordings belong to the parent leg of a conversation."""
    recorded: dict[str, list[str]] = {}
    for row in upstream.rows("recordings"):
        recorded.setdefault(row["call_sid"], []).append(row["sid"])
    found = [call(upstream.name, row) for row in upstream.rows("calls")]
    for each in found:
        each.links["recordings"] = recorded.get(each.native_id, [])
    return found


def sessions(upstream: Upstream) -> list[Truth]:
    """A parent leg and those that it dialed are a session."""
    groups: dict[str, list[Truth]] = {}
    for leg in sorted(calls(upstream), key=lambda each: each.place):
        groups.setdefault(leg.links["session"], []).append(leg)
    return [session(upstream.name, native, legs) for native, legs in groups.items()]


def session(provider: str, native: str, legs: list[Truth]) -> Truth:
    parent = next(leg for leg in legs if leg.native_id == native)
    dialed = [leg for leg in legs if leg is not parent]
    came_in = parent.row["direction"] in ("inbound", "trunking-originating")
    statuses = [leg.shown["status"] for leg in (dialed if came_in and dialed else [parent, *dialed])]
    start = datetime.fromisoformat(legs[0].shown["startedAt"])
    end = max(datetime.fromisoformat(leg.shown["endedAt"]) for leg in legs)
    shown = {
        "startedAt": legs[0].shown["startedAt"],
        "endedAt": told(end),
        "durationSeconds": int((end - start).total_seconds()),
        "direction": parent.shown["direction"],
        "status": "ANSWERED" if "ANSWERED" in statuses else statuses[0],
        "cost": total([leg.shown["cost"] for leg in legs]),
        "accountId": parent.shown["accountId"],
        "isDerived": True,
        "userId": None,
        "applicationName": None,
    }
    links = {"calls": [leg.native_id for leg in legs], "recordings": sorted(sid for leg in legs for sid in leg.links["recordings"])}
    return Truth(provider=provider, native_id=native, place=(micros(start), provider, native), shown=shown, links=links)


def recordings(upstream: Upstream) -> list[Truth]:
    return [recording(upstream.name, row) for row in upstream.rows("recordings")]


def recording(provider: str, row: Row) -> Truth:
    start, length = moment(row["start_time"]), row["duration"] and int(row["duration"])
    assert start is not None
    shown = {
        "startedAt": told(start),
        "durationSeconds": length,
        "from": None,
        "to": None,
        "cost": positive(row["price"], row["price_unit"]),
        "isRemoved": row["status"] == "deleted",
    }
    links = {"call": row["call_sid"], "session": row["call_sid"]}
    return Truth(provider=provider, native_id=row["sid"], place=(micros(start), provider, row["sid"]), shown=shown, links=links, row=row)


def queues(upstream: Upstream) -> list[Truth]:
    found = []
    for row in upstream.rows("queues"):
        shown = {
            "name": row["friendly_name"],
            "createdAt": told(moment(row["date_created"])),
            "modifiedAt": told(moment(row["date_updated"])),
        }
        place = row["friendly_name"], upstream.name, row["sid"]
        found.append(Truth(provider=upstream.name, native_id=row["sid"], place=place, shown=shown, row=row))
    return found


def transactions(upstream: Upstream) -> list[Truth]:
    """The total price of each day, as a debit."""
    found = []
    for row in upstream.rows("usage"):
        day = utc(row["start_date"])
        assert day is not None
        shown = {
            "performedAt": told(day),
            "amount": money(f"-{row['price']}", row["price_unit"].upper()),
            "kind": "CHARGE",
            "type": "totalprice",
            "description": row["description"],
            "isPending": False,
            "accountId": row["account_sid"],
            "userId": None,
        }
        place = micros(day), upstream.name, row["start_date"]
        found.append(Truth(provider=upstream.name, native_id=row["start_date"], place=place, shown=shown, row=row))
    return found


KINDS: dict[str, Callable[[Upstream], list[Truth]]] = {
    "Call": calls,
    "Session": sessions,
    "Recording": recordings,
    "Queue": queues,
    "Transaction": transactions,
}
