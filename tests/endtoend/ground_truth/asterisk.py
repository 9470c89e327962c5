"""Asterisk: what clients must see of its call records (wall times of Zurich, ids that begin with them), files, visits and messages."""

import re
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from hashlib import blake2b
from zoneinfo import ZoneInfo

from tests.endtoend.ground_truth.values import Row, Truth, e164, micros, told
from tests.endtoend.world import Upstream

ZONE = ZoneInfo("Europe/Zurich")
STATUS = {"ANSWERED": "ANSWERED", "NO ANSWER": "NO_ANSWER", "BUSY": "BUSY", "FAILED": "FAILED", "CONGESTION": "CONGESTION"}
STRONGEST = ("ANSWERED", "VOICEMAIL")
STAMP = re.compile(r"-(\d{8}-\d{6})-(\d+)\.\d+\.wav$")
OUTCOMES = {"CONNECT": "SERVICED", "ABANDON": "ABANDONED", "EXITWITHKEY": "ABANDONED"}
OUTCOMES |= dict.fromkeys(("EXITWITHTIMEOUT", "EXITEMPTY"), "REJECTED")
# The folders of messages that nobody has heard yet.
NEW = ("INBOX", "Urgent")


def moment(local: datetime, opened: int) -> datetime:
    """The moment of a wall time; of the two that an hour set back has, the first that is not before its channel was opened."""
    both = [local.replace(tzinfo=ZONE, fold=fold).astimezone(UTC) for fold in (0, 1)]
    return min(both, key=lambda each: (each.timestamp() < opened - 1, each))


def start(row: Row) -> datetime:
    return moment(datetime.fromisoformat(row["start"]), int(row["uniqueid"].partition(".")[0]))


def direction(row: Row) -> str:
    """What comes from the trunk is inbound, what goes to it outbound."""
    if row["dcontext"] == "from-trunk":
        return "INBOUND"
    return "OUTBOUND" if "uplink" in row["dstchannel"] else "INTERNAL"


def party(number: str) -> Row:
    return {"number": number, "e164": e164(number, "CH")}


def call(upstream: Upstream, row: Row) -> Truth:
    began = start(row)
    ended = began + timedelta(seconds=row["duration"])
    is_box = row["disposition"] == "ANSWERED" and row["lastapp"] == "VoiceMail"
    shown = {
        "direction": direction(row),
        "status": "VOICEMAIL" if is_box else STATUS[row["disposition"]],
        "hangupCause": row["disposition"],
        "from": party(row["src"]),
        "to": party(row["dst"]),
        "startedAt": told(began),
        "answeredAt": told(ended - timedelta(seconds=row["billsec"])) if row["billsec"] else None,
        "endedAt": told(ended),
        "isEndedAtDerived": False,
        "durationSeconds": row["duration"],
        "talkSeconds": row["billsec"],
        "cost": None,
        "userId": row["accountcode"],
    }
    links = {"session": row["linkedid"], "queue": row["lastdata"].partition(",")[0] if row["lastapp"] == "Queue" else None}
    place = micros(began), upstream.name, row["native_id"]
    return Truth(provider=upstream.name, native_id=row["native_id"], place=place, shown=shown, links=links, row=row)


def calls(upstream: Upstream) -> list[Truth]:
    """Every row is a leg."""
    return [call(upstream, row) for row in upstream.rows("calls")]


def sessions(upstream: Upstream) -> list[Truth]:
    """The legs with one `linkedid` are a session."""
    groups: dict[str, list[Truth]] = {}
    for leg in sorted(calls(upstream), key=lambda each: each.place):
        groups.setdefault(leg.links["session"], []).append(leg)
    return [session(upstream, linkedid, legs) for linkedid, legs in groups.items()]


def session(upstream: Upstream, linkedid: str, legs: list[Truth]) -> Truth:
    began, ended = datetime.fromisoformat(legs[0].shown["startedAt"]), max(datetime.fromisoformat(leg.shown["endedAt"]) for leg in legs)
    statuses = [leg.shown["status"] for leg in legs]
    shown = {
        "startedAt": told(began),
        "endedAt": told(ended),
        "durationSeconds": int((ended - began).total_seconds()),
        "direction": legs[0].shown["direction"],
        "status": next((each for each in STRONGEST if each in statuses), statuses[0]),
        "isDerived": True,
        "cost": None,
    }
    links = {"calls": [leg.native_id for leg in legs]}
    place = micros(began), upstream.name, linkedid
    return Truth(provider=upstream.name, native_id=linkedid, place=place, shown=shown, links=links)


def recordings(upstream: Upstream) -> list[Truth]:
    """Every file is one. Its id has the channel's, and a few letters instead of the name, in which there are numbers."""
    found = []
    for row in upstream.rows("recordings"):
        stamp, opened = STAMP.search(row["file"]).groups()  # type: ignore[union-attr]
        began = moment(datetime.strptime(stamp, "%Y%m%d-%H%M%S"), int(opened))
        channel = row["file"].rpartition("-")[2].removesuffix(".wav")
        native = f"{channel}/{blake2b(row['file'].encode(), digest_size=6).hexdigest()}"
        shown = {"startedAt": told(began), "fileName": row["file"].rpartition("/")[2]}
        found.append(Truth(provider=upstream.name, native_id=native, place=(micros(began), upstream.name, native), shown=shown))
    return found


def visits(upstream: Upstream) -> list[Truth]:
    found = []
    for row in upstream.rows("queueVisits"):
        entered, native = datetime.fromisoformat(row["entered"]), row["native_id"]
        words = [event[4] for event in row["log"]]
        shown = {
            "enteredAt": told(entered),
            "outcome": next((OUTCOMES[word] for word in words if word in OUTCOMES), "UNKNOWN"),
            "requestId": row["log"][0][1],
        }
        found.append(Truth(provider=upstream.name, native_id=native, place=(micros(entered), upstream.name, native), shown=shown))
    return found


def voicemessages(upstream: Upstream) -> list[Truth]:
    found = []
    for row in upstream.rows("voicemessages"):
        received, native = datetime.fromtimestamp(row["origtime"], UTC), row["native_id"]
        shown = {
            "receivedAt": told(received),
            "durationSeconds": row["seconds"],
            "folder": row["folder"],
            "isRead": row["folder"] not in NEW,
        }
        found.append(Truth(provider=upstream.name, native_id=native, place=(micros(received), upstream.name, native), shown=shown))
    return found


KINDS: dict[str, Callable[[Upstream], list[Truth]]] = {
    "Call": calls,
    "Session": sessions,
    "Recording": recordings,
    "QueueVisit": visits,
    "Voicemessage": voicemessages,
}
