"""Boxis: what clients must see of getCDR's rows (wall times of Zurich, text only, no ids but uniqueid and sequence)."""

import re
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from tests.endtoend.ground_truth.values import Row, Truth, e164, micros, money, text, told, total, veiled
from tests.endtoend.world import Upstream

ZONE = ZoneInfo("Europe/Zurich")
NEVER = "0000-00-00 00:00:00"
DIRECTION = {"[inbound]": "INBOUND", "[outbound]": "OUTBOUND", "[internal]": "INTERNAL", "INTERNAL": "INTERNAL"}
# Asterisk's numbers: 8 answered, 0 and 1 not, 4 busy, 2 failed, 16 congestion.
STATUS = {
    "ANSWERED": "ANSWERED",
    "NO ANSWER": "NO_ANSWER",
    "BUSY": "BUSY",
    "FAILED": "FAILED",
    "CONGESTION": "CONGESTION",
    "8": "ANSWERED",
    "0": "NO_ANSWER",
    "1": "NO_ANSWER",
    "4": "BUSY",
    "2": "FAILED",
    "16": "CONGESTION",
}


def wall(written: str, right: Callable[[datetime], Any]) -> datetime | None:
    """The moment of a wall time; of the two that an hour set back has, the one that `right` puts first."""
    if written == NEVER:
        return None
    both = [datetime.fromisoformat(written).replace(tzinfo=ZONE, fold=fold).astimezone(UTC) for fold in (0, 1)]
    return min(both, key=right)


def opened(uniqueid: str) -> datetime:
    """The second in which a channel was opened, which stands in its id."""
    return datetime.fromtimestamp(int(re.search(r"-(\d+)\.", uniqueid)[1]), UTC)  # type: ignore[index]


def times(row: Row) -> tuple[datetime, datetime | None, datetime | None]:
    """Start, answer and end: the start is not before its channel's, the others lie where the lengths put them."""
    channel = opened(row["uniqueid"])
    start = wall(row["start"], lambda moment: (moment < channel - timedelta(seconds=1), moment))
    assert start is not None
    ending = start + timedelta(seconds=int(row["duration"]))
    end = wall(row["end"], lambda moment: abs(moment - ending))
    talking = (end or ending) - timedelta(seconds=int(row["billsec"]))
    return start, wall(row["answer"], lambda moment: abs(moment - talking)), end


def name_in(clid: str) -> str | None:
    """The name of a caller id: what is quoted, or stands before the number; a number alone is none."""
    name, number = re.fullmatch(r'"?(.*?)"?\s*(?:<([^>]*)>)?', clid.strip()).groups()  # type: ignore[union-attr]
    return name if name and name != number and (number is not None or clid.startswith('"')) else None


def calls(upstream: Upstream) -> list[Truth]:
    """Every row is a leg."""
    return [call(upstream.name, row) for row in upstream.rows("calls")]


def call(provider: str, row: Row) -> Truth:
    start, answer, end = times(row)
    native = f"{row['uniqueid']}/{row['sequence']}"
    shown = {
        "direction": DIRECTION.get(row["userfield"], "UNKNOWN"),
        "status": status(row),
        "hangupCause": row["disposition"],
        "from": caller(row),
        "to": called(row),
        "dialedNumber": text(row["firstdst"]),
        "trunk": trunk(row),
        "startedAt": told(start),
        "answeredAt": told(answer),
        "endedAt": told(end),
        "isEndedAtDerived": False,
        "durationSeconds": int(row["duration"]),
        "talkSeconds": int(row["billsec"]),
        "cost": money(row["cc_cost"], "CHF"),
        "userId": None,
        "sipCallId": text(row["srcCallID"]),
        "rerouteReason": None,
        "ratePerMinute": None,
        "sipStatusCode": None,
    }
    links = {"session": row["linkedid"], "recordings": None, "voicemessages": None, "transaction": None, "queue": None}
    place = micros(start), provider, native
    return Truth(provider=provider, native_id=native, place=place, shown=shown, links=links, row=veiled(row, "pincode"))


def trunk(row: Row) -> str | None:
    """The peer of the channel to the outside, which a sister PBX is not."""
    channel = {"[inbound]": row["channel"], "[outbound]": row["dstchannel"]}.get(row["userfield"]) or ""
    outside = not channel.startswith("Local/") and row["dcontext"] != "fromotherpbx"
    return channel.partition("/")[2].rpartition("-")[0] or None if outside else None


def status(row: Row) -> str:
    """The disposition; what a voicemail box answered is told apart, since nobody talked."""
    found = STATUS.get(row["disposition"], "UNKNOWN")
    return "VOICEMAIL" if found == "ANSWERED" and row["lastapp"] == "VoiceMail" else found


def caller(row: Row) -> Row:
    """The caller; from inside it is an extension, which may have a name."""
    inside = row["userfield"] != "[inbound]"
    extension, _, name = row["realsrc"].partition(" ") if inside else ("", "", "")
    return party(row["src"], extension, name_in(row["clid"]) or name)


def called(row: Row) -> Row:
    """The called party; inside it is the extension that answered, else the last that was called, or its voicemail box."""
    inside = row["userfield"] != "[outbound]"
    phones = [row["wherelanded"], row["lastdst"], row["dst"]] if inside else []
    boxes = [each for each in phones if each.startswith("Voicemail ")]
    extensions = [each.removeprefix("Voicemail ") for each in phones]
    return party(row["dst"], next((each for each in extensions if each.isdigit() and len(each) < 7), ""), boxes[0] if boxes else None)


def party(number: str, extension: str, name: str | None) -> Row:
    is_withheld = number == "anonymous"
    shown = None if is_withheld else text(number)
    return {"number": shown, "e164": e164(shown, "CH"), "extension": extension or None, "name": name or None, "isWithheld": is_withheld}


def sessions(upstream: Upstream) -> list[Truth]:
    """Legs with one linkedid are a session; a conversation on two nodes is two."""
    groups: dict[str, list[Truth]] = {}
    for leg in sorted(calls(upstream), key=lambda each: each.place):
        groups.setdefault(leg.links["session"], []).append(leg)
    return [session(upstream.name, native, legs) for native, legs in groups.items()]


def session(provider: str, native: str, legs: list[Truth]) -> Truth:
    first = legs[0]
    start = datetime.fromisoformat(first.shown["startedAt"])
    end = max((datetime.fromisoformat(leg.shown["endedAt"]) for leg in legs if leg.shown["endedAt"]), default=None)
    statuses = [leg.shown["status"] for leg in legs]
    shown = {
        "startedAt": first.shown["startedAt"],
        "endedAt": told(end),
        "durationSeconds": int((end - start).total_seconds()) if end else None,
        "direction": first.shown["direction"],
        "status": next((each for each in ("ANSWERED", "VOICEMAIL") if each in statuses), first.shown["status"]),
        "cost": total([leg.shown["cost"] for leg in legs]),
        "isDerived": True,
        "userId": None,
        "applicationName": None,
    }
    links = {"calls": [leg.native_id for leg in legs], "recordings": None}
    return Truth(provider=provider, native_id=native, place=(micros(start), provider, native), shown=shown, links=links)


KINDS: dict[str, Callable[[Upstream], list[Truth]]] = {"Call": calls, "Session": sessions}
