from collections.abc import Callable
from decimal import Decimal
from typing import Any

import msgspec
import pytest

from telegraphql.gateway.plugin.selection import Selection
from telegraphql.plugins.voximplant.mapping import Parts, parts_of
from telegraphql.plugins.voximplant.sandbox import examples
from telegraphql.schema.enums import CallDirection, CallStatus, PartyKind, TranscriptionStatus
from telegraphql.schema.record import FileInfo
from tests.plugins.voximplant.conftest import ALL, CALL, SESSION, utc


@pytest.fixture(scope="module")
def records() -> int:
    return 0


def test_the_examples_first_session_becomes_a_session_with_two_legs(assembled: Callable[..., Any]) -> None:
    session, problems = assembled(examples.SESSIONS[0])
    out, back = session.held["calls"]
    assert problems == []
    assert (session.native_id, session.started_at, session.ended_at) == ("14", utc(2013, 7, 21, 15, 4, 17), utc(2013, 7, 21, 15, 4, 23))
    assert (session.duration_seconds, session.user_id, session.direction, session.status) == (
        6,
        "1",
        CallDirection.OUTBOUND,
        CallStatus.ANSWERED,
    )
    assert (session.initiator_address, session.media_server, session.is_derived) == ("192.168.15.103", "192.168.15.103", False)
    assert session.files["log"] == FileInfo("text/plain", None, "150417_6226d04fa72789c3.1374719057.0.log")
    assert [leg.native_id for leg in (out, back)] == ["14.14", "14.15"]
    assert session.cost is None


def test_the_examples_legs_have_their_ends_the_right_way_round(assembled: Callable[..., Any]) -> None:
    out, back = assembled(examples.SESSIONS[0])[0].held["calls"]
    assert (out.direction, out.from_.number, out.to.number, out.to.country) == (CallDirection.OUTBOUND, "test1", "7111", "Russia")
    assert (out.from_.kind, out.to.kind) == (PartyKind.USER, PartyKind.PSTN)
    assert (back.direction, back.from_.number, back.to.number, back.to.country) == (CallDirection.OUTBOUND, "test1", "7111", None)
    assert (out.started_at, out.ended_at, out.is_ended_at_derived, out.duration_seconds) == (
        utc(2013, 7, 21, 15, 4, 19),
        utc(2013, 7, 21, 15, 4, 23),
        True,
        4,
    )
    assert out.refs == {"session": "14", "recordings": "14.14", "transaction": None}
    assert (out.position_time, out.user_id, out.talk_seconds) == (utc(2013, 7, 21, 15, 4, 17), "1", None)


def test_a_record_that_only_a_leg_names_becomes_a_recording(assembled: Callable[..., Any]) -> None:
    session, _ = assembled(examples.SESSIONS[0])
    (recording,) = session.held["recordings"]
    assert recording.native_id == "14.call-15"
    assert recording.files["media"] == FileInfo("video/x-flv", None, "224cf30d83f569da.1374419057.0.flv")
    assert (recording.refs, recording.held["call"].native_id) == ({"session": "14", "call": "14.15"}, "14.15")
    assert session.held["calls"][1].held["recordings"] == [recording]
    assert session.held["calls"][0].held["recordings"] == []
    assert msgspec.json.decode(recording.raw)["call_id"] == 15


def test_a_record_belongs_to_the_leg_that_names_it_or_to_the_only_one_going_on(assembled: Callable[..., Any]) -> None:
    legs = [{**CALL, "record_url": "https://x/a.mp3"}, {**CALL, "call_id": 8, "start_time": "2026-11-01 10:10:00"}]
    records = [
        {"record_id": 1, "start_time": "2026-11-01 10:10:01", "record_url": "https://x/a.mp3"},
        {"record_id": 2, "start_time": "2026-11-01 10:10:30", "record_url": "https://x/b.mp3"},
        {"record_id": 3, "start_time": "2026-11-01 10:30:00"},
    ]
    session, _ = assembled({**SESSION, "calls": legs, "records": records})
    assert {each.native_id: each.refs["call"] for each in session.held["recordings"]} == {"3.1": "3.7", "3.2": "3.8", "3.3": None}
    assert "call" not in session.held["recordings"][2].held


def test_a_record_between_two_running_legs_belongs_to_none(assembled: Callable[..., Any]) -> None:
    record = {"record_id": 2, "start_time": "2026-11-01 10:00:30", "duration": 5, "file_size": 99, "cost": 0.0125, "transaction_id": 8}
    session, _ = assembled({**SESSION, "calls": [CALL, {**CALL, "call_id": 8}], "records": [record]})
    (recording,) = session.held["recordings"]
    assert (recording.refs["call"], recording.from_, recording.size_bytes, recording.cost.amount) == (None, None, 99, Decimal("0.0125"))


def test_legs_stand_at_their_sessions_start_in_order_of_their_own(assembled: Callable[..., Any]) -> None:
    late, early = {**CALL, "call_id": 1, "start_time": "2026-11-01 10:59:00"}, {**CALL, "call_id": 9}
    legs = assembled({**SESSION, "calls": [late, early]})[0].held["calls"]
    assert [leg.native_id for leg in legs] == ["3.9", "3.1"]
    assert legs[0].sort_id < legs[1].sort_id
    assert {leg.position_time for leg in legs} == {utc(2026, 11, 1, 10)}


def test_a_sessions_cost_is_the_exact_sum_of_all_its_parts(assembled: Callable[..., Any]) -> None:
    parts = {
        "calls": [{**CALL, "cost": 0.1}, {**CALL, "call_id": 8, "cost": 0.2}],
        "records": [{"record_id": 1, "start_time": "2026-11-01 10:00:00", "cost": 0.0003}],
        "other_resource_usage": [{"resource_usage_id": 1, "resource_type": "ASR", "used_at": "2026-11-01 10:00:01", "cost": "0.10"}],
    }
    assert assembled({**SESSION, **parts})[0].cost.amount == Decimal("0.4003")
    assert assembled({**SESSION, **parts}, Parts(True, True, False))[0].cost is None


def test_only_the_parts_asked_for_are_held(assembled: Callable[..., Any]) -> None:
    assert set(assembled({**SESSION, "calls": [CALL]}, Parts(calls=True))[0].held) == {"calls"}
    assert set(assembled(SESSION, Parts())[0].held) == set()


def test_resource_usages_know_their_leg_and_charge(assembled: Callable[..., Any]) -> None:
    row = {
        "resource_usage_id": 4,
        "resource_type": "TRANSCRIPTION",
        "used_at": "2026-11-01 10:01:00",
        "transaction_id": 11,
        "ref_call_id": 7,
    }
    session, _ = assembled({**SESSION, "calls": [CALL], "other_resource_usage": [{**row, "resource_quantity": 1.5, "unit": "minute"}]})
    (usage,) = session.held["resourceUsages"]
    assert (usage.native_id, usage.type, usage.quantity, usage.unit, usage.cost) == ("3.4", "TRANSCRIPTION", Decimal("1.5"), "minute", None)
    assert usage.refs == {"session": "3", "call": "3.7", "transaction": "11"}
    assert usage.held["call"] is session.held["calls"][0]


@pytest.mark.parametrize(
    ("row", "status", "cause", "code"),
    [
        ({"successful": False, "end_reason": {"code": 486, "details": "Busy Here"}}, CallStatus.BUSY, "486 Busy Here", 486),
        ({"successful": False, "end_reason": "487 Request Terminated"}, CallStatus.CANCELED, "487 Request Terminated", 487),
        ({"successful": False, "end_reason": 408}, CallStatus.NO_ANSWER, "408", 408),
        ({"successful": False, "end_reason": {"code": "480"}}, CallStatus.NO_ANSWER, "480", 480),
        ({"successful": False, "end_reason": "603 Decline"}, CallStatus.FAILED, "603 Decline", 603),
        ({"successful": False, "end_reason": "Insufficient funds"}, CallStatus.FAILED, "Insufficient funds", None),
        ({"successful": False}, CallStatus.FAILED, None, None),
        ({"successful": "false", "end_reason": ""}, CallStatus.FAILED, None, None),
        ({"successful": None}, CallStatus.UNKNOWN, None, None),
    ],
)
def test_every_ending_has_its_status(
    assembled: Callable[..., Any], row: dict[str, Any], status: CallStatus, cause: str | None, code: int | None
) -> None:
    for incoming in (True, False):
        (leg,) = assembled({**SESSION, "calls": [{**CALL, "incoming": incoming, **row}]})[0].held["calls"]
        assert (leg.status, leg.hangup_cause, leg.sip_status_code) == (status, cause, code)


def test_a_leg_without_duration_of_an_active_session_is_in_progress(assembled: Callable[..., Any]) -> None:
    going = {name: value for name, value in CALL.items() if name != "duration"}
    session, _ = assembled({**SESSION, "active": True, "calls": [going]})
    (leg,) = session.held["calls"]
    assert (leg.status, leg.ended_at, leg.is_ended_at_derived) == (CallStatus.IN_PROGRESS, None, False)


@pytest.mark.parametrize(
    ("remote", "kind_of_remote", "kind"),
    [
        ("41446681800", "pstn", PartyKind.PSTN),
        ("41791234567", "mobile", PartyKind.PSTN),
        ("anna", "user", PartyKind.USER),
        ("anna", "pstn", PartyKind.USER),
        ("sip:a@b.example", "sip address", PartyKind.SIP),
        ("sip:a@b.example", None, PartyKind.SIP),
        ("4711", "hologram", PartyKind.UNKNOWN),
        (None, None, PartyKind.UNKNOWN),
    ],
)
def test_every_kind_of_party_is_told(
    assembled: Callable[..., Any], remote: str | None, kind_of_remote: str | None, kind: PartyKind
) -> None:
    row = {**CALL, "remote_number": remote, "remote_number_type": kind_of_remote, "local_number": "41446681801"}
    (leg,) = assembled({**SESSION, "calls": [row]})[0].held["calls"]
    assert (leg.from_.number, leg.from_.kind) == (remote, kind)
    assert (leg.to.kind, leg.to.to_e164(leg.to.number)) == (PartyKind.PSTN, "+41446681801")


@pytest.mark.parametrize(
    ("status", "url", "expected"),
    [
        ("Not required", None, TranscriptionStatus.NOT_REQUESTED),
        ("In progress", None, TranscriptionStatus.IN_PROGRESS),
        ("Complete", "https://x/t.txt", TranscriptionStatus.COMPLETE),
        (None, "https://x/t.txt", TranscriptionStatus.COMPLETE),
        ("Who knows", None, TranscriptionStatus.UNKNOWN),
    ],
)
def test_every_state_of_a_transcription_is_told(
    assembled: Callable[..., Any], status: str | None, url: str | None, expected: TranscriptionStatus
) -> None:
    row = {"record_id": 1, "start_time": "2026-11-01 10:00:10", "transcription_status": status, "transcription_url": url}
    (recording,) = assembled({**SESSION, "records": [row]})[0].held["recordings"]
    assert recording.transcription.status is expected
    link = recording.transcription.recording
    assert (link is None) is (url is None)
    assert link is None or (link.native_id, link.files) == ("3.1", {"transcription": FileInfo("text/plain", None, "t.txt")})
    assert ("transcription" in recording.files) is (url is not None)


def test_the_parts_follow_the_selection() -> None:
    assert parts_of(Selection.of("status", "from.number"), "call") == Parts()
    assert parts_of(Selection.of("recordings.durationSeconds"), "call") == Parts(True, True, False)
    assert parts_of(Selection.of("session.cost"), "call") == ALL
    assert parts_of(Selection.of("cost"), "call") == Parts()
    assert parts_of(Selection.of("startedAt", "durationSeconds"), "session") == Parts()
    assert parts_of(Selection.of("direction"), "session") == Parts(calls=True)
    assert parts_of(Selection.of("calls.session.resourceUsages"), "session") == Parts(calls=True, usages=True)
    assert parts_of(Selection.of("call.hangupCause"), "recording") == Parts(calls=True)


@pytest.mark.parametrize(
    ("given", "removed", "files"),
    [
        ({}, None, {"media", "transcription"}),
        ({"is_removed": False}, False, {"media", "transcription"}),
        ({"is_removed": "true"}, True, set()),
        ({"expiration_date": "2099-01-31"}, False, {"media", "transcription"}),
        ({"expiration_date": "2020-01-31"}, True, set()),
        ({"expiration_date": "2099-01-31", "is_removed": True}, True, set()),
        ({"expiration_date": "0000-00-00"}, None, {"media", "transcription"}),
        ({"expiration_date": "soon", "is_removed": []}, None, {"media", "transcription"}),
    ],
)
def test_a_file_that_no_longer_plays_has_no_link(
    assembled: Callable[..., Any], given: dict[str, Any], removed: bool | None, files: set[str]
) -> None:
    urls = {"record_url": "https://x/a.mp3", "transcription_url": "https://x/t.txt"}
    record = {"record_id": 1, "start_time": "2026-11-01 10:00:10", **urls, **given}
    (recording,) = assembled({**SESSION, "records": [record]})[0].held["recordings"]
    assert (recording.is_removed, set(recording.files)) == (removed, files)
