"""vCon: every call as a container that holds to the draft, the same whenever it is exported."""

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st
from jsonschema import Draft202012Validator, ValidationError

from telegraphql.gateway.export.vcon import VconFormat, identity
from tests.endtoend.ground_truth import expected
from tests.gateway.export.conftest import House, read

VALID = Draft202012Validator(json.loads((Path(__file__).parent / "vcon.schema.json").read_text()))
PARTY = {"number": "104", "e164": None, "name": None, "uri": None}
NOON = datetime(2026, 11, 1, 12, tzinfo=UTC)
CALL: dict[str, Any] = {
    "id": "Q2FsbDphOjE",
    "nativeId": "1",
    "provider": {"name": "a"},
    "startedAt": NOON,
    "answeredAt": None,
    "endedAt": NOON + timedelta(minutes=1, microseconds=500),
    "durationSeconds": 60,
    "direction": "INBOUND",
    "status": "ANSWERED",
    "hangupCause": None,
    "from": {"number": "0041616925879", "e164": "+41616925879", "name": "Ada", "uri": "sip:ada@example.com"},
    "to": PARTY,
    "recordings": None,
    "voicemessages": None,
}
SOUND = {
    "id": "R",
    "startedAt": NOON + timedelta(seconds=5),
    "durationSeconds": 55,
    "fileName": "1.mp3",
    "media": {"mimeType": "audio/mpeg"},
}
WORDS = {"text": "Hello.", "summary": "A greeting.", "sentiment": None}


def made(**fields: Any) -> dict[str, Any]:
    found: dict[str, Any] = orjson.loads(VconFormat().encode([CALL | fields]))
    VALID.validate(found)
    return found


def test_the_schema_of_these_tests_is_one_and_refuses_what_the_draft_forbids() -> None:
    Draft202012Validator.check_schema(VALID.schema)
    good = made()
    dialog = good["dialog"][0]
    for wrong in ({"url": "https://a/b"}, {"type": "incomplete"}, {"body": "a"}, {"disposition": "busy"}, {"colour": "red"}):
        with pytest.raises(ValidationError):
            VALID.validate(good | {"dialog": [dialog | wrong]})


def test_parties_are_told_as_certain_as_they_are() -> None:
    ada = {"tel": "+41616925879", "sip": "sip:ada@example.com", "name": "Ada", "validation": "none"}
    assert made()["parties"] == [ada, {"tel": "104"}]
    assert made(to=PARTY | {"number": None})["parties"][1] == {}


@pytest.mark.parametrize(
    ("status", "disposition"),
    [("NO_ANSWER", "no-answer"), ("BUSY", "busy"), ("FAILED", "failed"), ("CONGESTION", "congestion"), ("CANCELED", "hung-up")],
)
def test_a_call_without_a_conversation_is_incomplete(status: str, disposition: str) -> None:
    told = {"type": "incomplete", "start": "2026-11-01T12:00:00Z", "duration": 60, "parties": [0, 1], "disposition": disposition}
    assert made(status=status)["dialog"] == [told]


@pytest.mark.parametrize("status", ["ANSWERED", "VOICEMAIL", "IN_PROGRESS", "UNKNOWN"])
def test_a_conversation_without_its_sound_is_a_recording_without_content(status: str) -> None:
    assert made(status=status)["dialog"] == [{"type": "recording", "start": "2026-11-01T12:00:00Z", "duration": 60, "parties": [0, 1]}]


def test_recordings_are_named_by_their_ids_with_what_was_made_of_them() -> None:
    found = made(recordings=[SOUND | {"transcription": None}, SOUND | {"id": "S", "transcription": WORDS}])
    recording = {"type": "recording", "start": "2026-11-01T12:00:05Z", "duration": 55, "parties": [0, 1], "mediatype": "audio/mpeg"}
    assert found["dialog"][0] == recording | {"filename": "1.mp3", "telegraphql": {"id": "R"}}
    assert found["dialog"][1]["telegraphql"] == {"id": "S"}
    kinds = [(each["type"], each["dialog"], each["body"], each["encoding"]) for each in found["analysis"]]
    assert kinds == [("transcript", 1, "Hello.", "none"), ("summary", 1, "A greeting.", "none")]


def test_a_voicemessage_is_what_the_caller_said() -> None:
    message = {"id": "V", "receivedAt": NOON, "durationSeconds": 9, "transcript": "Call me.", "media": None}
    found = made(status="VOICEMAIL", voicemessages=[message])
    told = {"type": "recording", "start": "2026-11-01T12:00:00Z", "duration": 9, "parties": 0, "telegraphql": {"id": "V"}}
    assert found["dialog"] == [told]
    assert [each["body"] for each in found["analysis"]] == ["Call me."]


def test_a_container_is_the_same_each_time() -> None:
    assert made() == made()
    assert made()["created_at"] == "2026-11-01T12:01:00Z"
    assert made(endedAt=None)["created_at"] == "2026-11-01T12:00:00Z"


@given(one=st.text(), other=st.text(), moment=st.datetimes(timezones=st.just(UTC)))
def test_identities_are_version_8_in_the_order_of_time_and_differ_with_the_id(one: str, other: str, moment: Any) -> None:
    found = identity(one, moment)
    assert (found.version, found.variant) == (8, UUID(int=8 << 76 | 2 << 62).variant)
    assert (found == identity(other, moment)) is (one == other)


def test_every_call_of_every_provider_is_valid(house: House, tmp_path: Path) -> None:
    out = tmp_path / "calls.vcon"
    house.good("--kind", "calls", "--format", "vcon", "--out", out)
    found = read(out)
    for each in found:
        VALID.validate(each)
    truths = expected(house.world, "Call", newest=False)
    assert [(each["telegraphql"]["provider"], each["telegraphql"]["native_id"]) for each in found] == [truth.key for truth in truths]
    assert len({each["uuid"] for each in found}) == len(found)
    assert any(dialog.get("telegraphql") for each in found for dialog in each["dialog"])
    assert any(dialog["type"] == "incomplete" for each in found for dialog in each["dialog"])
