"""Data: the calls that every contestant lists, as VoIPstudio sends them and as a peer without a mapping needs them."""

import base64
import itertools
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

Row = dict[str, Any]
ACCOUNTS = ("a", "b", "c", "d")
NEWEST = datetime(2026, 11, 1, 12, tzinfo=UTC)
CAUSES = (("No answer", "NO_ANSWER"), ("User busy", "BUSY"))
CONTEXTS = {"I": ("LOCAL_CALL", "in", "INBOUND"), "O": ("PSTN_CALL", "out", "OUTBOUND")}
APART = timedelta(seconds=40)
FIELDS = """id startedAt endedAt isEndedAtDerived direction status hangupCause callerIdShown durationSeconds talkSeconds userId
from { number name } to { number name }"""
HIDDEN = (
    "live_id",
    "call_id",
    "context",
    "destination",
    "dst_codec",
    "src_codec",
    "src_ua",
    "rate",
    "charge",
    "server_id",
    "sip_endpoint_id",
    "info",
)


def rows(account: str, number: int) -> list[Row]:
    """The newest calls of an account, newest first, in the words of VoIPstudio's documentation of /cdrs."""
    return list(itertools.islice(_rows(ACCOUNTS.index(account)), number))


def _rows(place: int) -> Iterator[Row]:
    for number in itertools.count():
        # The accounts' calls lie between each other, so that a merge takes from all of them.
        began = NEWEST - number * APART - place * APART / len(ACCOUNTS)
        kind = "IO"[number % 2]
        context, destination, _ = CONTEXTS[kind]
        answered = number % 4 != 3
        duration = 20 + number * 7 % 600
        yield {
            "id": 60_000_000 - number * len(ACCOUNTS) - place,
            "billsec": duration - 9 if answered else 0,
            "call_id": 60_000_000 - number * len(ACCOUNTS) - place,
            "calldate": f"{began:%Y-%m-%d %H:%M:%S}",
            "charge": 0.029,
            "clid": f'"Caller {number}" <1{number % 900:03}>',
            "context": context,
            "destination": destination,
            "disposition": "CONNECTED" if answered else "INITIAL",
            "dst": f"44207946{number % 10_000:04}",
            "dst_codec": "PCMA",
            "dst_id": "",
            # Of an outgoing call it is the tariff's destination, not a person.
            "dst_name": f"Callee {number}" if kind == "I" else "United Kingdom Fixed",
            "dst_ua": "",
            "duration": duration,
            "info": "",
            "live_id": 5_000_000 - number * len(ACCOUNTS) - place,
            "parent_live_id": None,
            "rate": 0.029,
            "server_id": 32,
            "sip_endpoint_id": 4000 + number % 100,
            "src": f"1{number % 900:03}",
            "src_codec": "OPUS",
            "src_id": str(1_004_000 + number % 100),
            "src_name": f"Caller {number}",
            "src_ua": "VoIPstudio Softphone 3.4",
            "t_cause": "Normal call clearing" if answered else CAUSES[number // 4 % 2][0],
            "type": kind,
            "user_id": 1_004_000 + number % 100,
        }


def shaped(account: str, row: Row) -> Row:
    """A row in the words and forms of the answer, so that a peer needs no mapping."""
    began = datetime.fromisoformat(f"{row['calldate']}+00:00")
    return {
        "id": _global("Call", account, row["id"]),
        "startedAt": _zulu(began),
        "endedAt": _zulu(began + timedelta(seconds=row["duration"])),
        "isEndedAtDerived": True,
        "direction": CONTEXTS[row["type"]][2],
        "status": dict(CAUSES).get(row["t_cause"], "ANSWERED"),
        "hangupCause": row["t_cause"],
        "callerIdShown": row["clid"].rpartition("<")[2].rstrip(">"),
        "durationSeconds": row["duration"],
        "talkSeconds": row["billsec"],
        "userId": str(row["user_id"]),
        "from": {"number": row["src"], "name": row["src_name"]},
        "to": {"number": row["dst"], "name": row["dst_name"] if row["type"] == "I" else None},
        # What an answer does not show, so that as many bytes come as the upstream's own rows have.
        **{name: row[name] for name in HIDDEN},
    }


def recordings(account: str, number: int) -> list[Row]:
    """The recordings of the newest calls that were answered, in the words of VoIPstudio's documentation of /monitors."""
    answered = [row for row in rows(account, number) if row["disposition"] == "CONNECTED"]
    return [
        {
            "id": row["live_id"] + 10_000_000,
            "timestamp": row["calldate"],
            "called": row["dst"],
            "caller": row["src"],
            "dst_id": "",
            "dst_name": row["dst_name"],
            "duration": row["billsec"],
            "live_id": row["live_id"],
            "size": row["billsec"] * 4000,
            "src_id": row["src_id"],
        }
        for row in answered
    ]


def shaped_recording(account: str, row: Row) -> Row:
    """A recording in the words and forms of the answer."""
    return {
        "id": _global("Recording", account, row["id"]),
        "recording_id": row["id"],
        "startedAt": _zulu(datetime.fromisoformat(f"{row['timestamp']}+00:00")),
        "durationSeconds": row["duration"],
        "liveId": row["live_id"],
        "size": row["size"],
    }


def _global(kind: str, account: str, native: object) -> str:
    return base64.urlsafe_b64encode(f"{kind}:{account}:{native}".encode()).decode().rstrip("=")


def _zulu(moment: datetime) -> str:
    return f"{moment:%Y-%m-%dT%H:%M:%SZ}"
