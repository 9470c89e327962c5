"""VoIPstudio: the reference's own answers, byte for byte, and answers as live accounts give them (invented values), to the last field."""

import json
import re
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any, cast

import msgspec
import pytest

from telegraphql.gateway.plugin.phone_numbers import Numbering
from telegraphql.plugins.voipstudio import Voipstudio, resources
from telegraphql.plugins.voipstudio.mapping import NOTE
from telegraphql.plugins.voipstudio.query import Resource
from telegraphql.plugins.voipstudio.sandbox import examples
from telegraphql.plugins.voipstudio.settings import VoipstudioSettings
from telegraphql.plugins.voipstudio.wire import LISTED, ONE_OR_MANY
from telegraphql.schema import CallDirection, CallStatus, FileInfo, Money, PartyKind, ProblemCode, Transcription, TranscriptionStatus
from telegraphql.schema.values import Party

FOLDER = Path(__file__).parent
DOCUMENT = [line.split(" ", 3) for line in (FOLDER / "document_answers.txt").read_text().splitlines()]
LIVE: dict[str, msgspec.Raw] = msgspec.json.decode((FOLDER / "live_answers.json").read_bytes(), type=dict[str, msgspec.Raw])
RESOURCES = {
    "/cdrs/calltracking": resources.TRACKED_CALLS,
    "/cdrs": resources.CALLS,
    "/monitors": resources.RECORDINGS,
    "/voicemessages": resources.VOICEMESSAGES,
    "/chats": resources.CHATS,
    "/msdrs": resources.MEDIA_SESSIONS,
    "/calltracking/cdrs": resources.TRACKING_NUMBERS,
    "/queues": resources.QUEUES,
}
SANDBOX_EXAMPLES = {
    "/cdrs": examples.cdrs,
    "/monitors": examples.monitors,
    "/voicemessages": examples.voicemessages,
    "/chats": examples.chats,
    "/msdrs": examples.msdrs,
    "/calltracking/cdrs": examples.tracking_numbers,
    "/sms": examples.sms,
    "/mediasessions": examples.live_sessions,
}


@pytest.fixture
def provider() -> Voipstudio:
    read = VoipstudioSettings(api_token="t", currency="EUR")
    return Voipstudio("acme", read, cast(Any, None), Numbering(None, Voipstudio.bare_numbers_are_international))


def resource_of(path: str) -> Resource | None:
    known = [each for each in RESOURCES if path.startswith(each)]
    return RESOURCES[max(known, key=len)] if known and not path.endswith(("dictionaries", "notes")) else None


RECORDS = [(f"{verb} {path}", path, body) for verb, path, _, body in DOCUMENT if resource_of(path)]


@pytest.mark.parametrize(("path", "body"), [each[1:] for each in RECORDS], ids=[each[0] for each in RECORDS])
def test_each_record_of_the_reference_is_read(provider: Voipstudio, path: str, body: str) -> None:
    resource, answer = resource_of(path), body.encode()
    assert resource is not None
    rows = ONE_OR_MANY.decode(answer) if '"total"' not in body else LISTED.decode(answer).data
    page = provider.page(resource.mapping, rows, **dict.fromkeys(resource.mapping.parameters))
    records = [record.record() for record in page.records]
    assert (len(records), page.problems) == (len(rows), [])
    assert [msgspec.json.decode(record.raw) for record in records] == [msgspec.json.decode(row) for row in rows]
    # Of its own fields, a row's time and id are what it cannot do without.
    assert all(record.native_id == str(msgspec.json.decode(row)["id"]) for record, row in zip(records, rows, strict=True))


def test_the_sandbox_serves_the_rows_of_the_reference() -> None:
    printed = {path: json.loads(body)["data"] for _, path, _, body in DOCUMENT}
    for path, data in printed.items():
        if path.endswith(".csv"):
            continue  # the reference prints a user in its place
        rows = data if isinstance(data, list) else [data]
        known = [each for root, make in SANDBOX_EXAMPLES.items() if re.match(rf"{root}(/|$)", path) for each in make()]
        for row in rows:
            assert any(row.items() <= each.items() for each in known), (path, row["id"])


def test_the_note_of_the_reference_is_a_call_and_told_as_unreadable(provider: Voipstudio) -> None:
    (body,) = [body for _, path, _, body in DOCUMENT if path.endswith("notes")]
    page = provider.page(NOTE, ONE_OR_MANY.decode(body.encode()), call="9262")
    assert ([*page.records], [problem.code for problem in page.problems]) == ([], [ProblemCode.MALFORMED_RECORD])


def live(provider: Voipstudio, path: str) -> list[dict[str, Any]]:
    """What is known of the records of a live answer, apart from the row itself."""
    answer = LISTED.decode(bytes(LIVE[path]))
    page = provider.page(RESOURCES[path].mapping, answer.data, total=answer.total, **dict.fromkeys(RESOURCES[path].mapping.parameters))
    found = [record.record() for record in page.records]
    assert (page.total, page.problems) == (len(found), [])
    hidden = {"provider_name", "raw", "held", "sort_id", "position_time"}
    return [
        {name: value for name, value in vars(record).items() if name not in hidden and value not in (None, {}, False)} for record in found
    ]


def ends(record: dict[str, Any]) -> list[dict[str, Any]]:
    """Take the parties out of a record."""
    return [
        {name: value for name, value in vars(party).items() if name != "to_e164" and value not in (None, False)} | {"e164": party.e164()}
        for party in (record.pop("from_", Party()), record.pop("to", Party()))
    ]


def eur(amount: str) -> Money:
    return Money(amount=Decimal(amount), currency="EUR")


def call_files(native_id: str) -> dict[str, FileInfo]:
    return {
        "trace": FileInfo("text/plain", None, f"call-{native_id}.txt"),
        "capture": FileInfo("application/vnd.tcpdump.pcap", None, f"call-{native_id}.pcap"),
    }


def test_an_outgoing_call(provider: Voipstudio) -> None:
    call = live(provider, "/cdrs")[0]
    caller, called = ends(call)
    assert caller == {
        "number": "1001",
        "name": "Ada Byron",
        "kind": PartyKind.USER,
        "native_id": "1004567",
        "user_agent": "VoIPstudio 3.9.1 (Windows)",
        "codec": "OPUS",
        "e164": None,
    }
    # The destination of the tariff is no name.
    assert called == {"number": "34612345678", "kind": PartyKind.PSTN, "codec": "PCMA", "e164": "+34612345678"}
    assert call == {
        "native_id": "8123456789",
        "refs": {
            "session": "9876543210",
            "queue": None,
            "recordings": "9876543210",
            "voicemessages": "9876543210",
            "notes": None,
            "parent": None,
            "children": "9876543210",
            "tracked": None,
        },
        "direction": CallDirection.OUTBOUND,
        "status": CallStatus.ANSWERED,
        "hangup_cause": "Normal Clearing",
        "caller_id_shown": "+34910000001",
        "started_at": datetime(2026, 11, 17, 9, 15, 2, tzinfo=UTC),
        "ended_at": datetime(2026, 11, 17, 9, 16, 17, tzinfo=UTC),
        "is_ended_at_derived": True,
        "duration_seconds": 75,
        "talk_seconds": 61,
        "cost": eur("0.0698"),
        "rate_per_minute": eur("0.0349"),
        "user_id": "1004567",
        "labels": ["offer", "vip"],
        "custom_data": '{"deal":4711}',
        "info": "asked for an offer",
        "endpoint_id": "204567",
        "media_server": "31",
        "files": call_files("8123456789"),
    }


def test_a_call_of_which_nearly_nothing_is_known(provider: Voipstudio) -> None:
    call = live(provider, "/cdrs")[1]
    assert ends(call) == [{"kind": PartyKind.UNKNOWN, "e164": None}] * 2
    refs = dict.fromkeys(("session", "queue", "recordings", "voicemessages", "parent", "children", "tracked")) | {"notes": "8123456790"}
    assert call == {
        "native_id": "8123456790",
        "refs": refs,
        "direction": CallDirection.UNKNOWN,
        "status": CallStatus.UNKNOWN,
        "started_at": datetime(2026, 11, 17, 9, 20, tzinfo=UTC),
        "labels": [],
        "files": call_files("8123456790"),
    }


def test_a_call_to_a_queue(provider: Voipstudio) -> None:
    call = live(provider, "/cdrs")[2]
    caller, called = ends(call)
    assert (caller["native_id"], caller["kind"], caller.get("name")) == ("3423", PartyKind.CONTACT, None)
    assert (called["native_id"], called["kind"], called["name"]) == ("12443", PartyKind.QUEUE, "Support")
    assert (call["direction"], call["status"], call["caller_id_shown"]) == (CallDirection.INBOUND, CallStatus.BUSY, "+34612345678")
    assert (call["labels"], call["custom_data"], call["refs"]["queue"]) == (["callback"], '{"crm":"77"}', "12443")
    assert (call["refs"]["session"], call["refs"]["parent"]) == ("9876543998", "9876543998")


def test_a_recording(provider: Voipstudio) -> None:
    (recording,) = live(provider, "/monitors")
    caller, called = ends(recording)
    assert (caller["number"], caller["native_id"], called["number"], called.get("name")) == ("1001", "1004567", "34612345678", None)
    assert recording == {
        "native_id": "7123456789",
        "refs": {"call": "9876543210", "session": "9876543210"},
        "started_at": datetime(2026, 11, 17, 9, 15, 16, tzinfo=UTC),
        "ended_at": datetime(2026, 11, 17, 9, 16, 17, tzinfo=UTC),
        "duration_seconds": 61,
        "size_bytes": 61004,
        "direction": CallDirection.OUTBOUND,
        "user_id": "1004567",
        "transcription": Transcription(status=TranscriptionStatus.COMPLETE, text="Hello?", summary="An offer.", sentiment="positive"),
        "files": {"media": FileInfo("audio/mpeg", 61004, "recording-7123456789.mp3")},
    }


def test_a_voicemessage(provider: Voipstudio) -> None:
    (message,) = live(provider, "/voicemessages")
    caller, called = ends(message)
    assert (caller["number"], caller["name"], called["number"]) == ("34612345678", "Babbage & Sons", "34910000001")
    assert message == {
        "native_id": "812345",
        "refs": {"call": "9876544321"},
        "received_at": datetime(2026, 11, 17, 10, tzinfo=UTC),
        "dialed_number": "34910000001",
        "mailbox": "1004568",
        "duration_seconds": 17,
        "folder": "0",
        "files": {"media": FileInfo("audio/mpeg", None, "voicemessage-812345.mp3")},
    }


def test_a_queue(provider: Voipstudio) -> None:
    (queue,) = live(provider, "/queues")
    assert queue == {
        "native_id": "12443",
        "name": "Support",
        "number": "2003",
        "strategy": "A",
        "ring_seconds": 20,
        "agent_count": 2,
    }
