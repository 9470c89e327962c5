"""An answer as live accounts give it, with invented values: every field is read, to the last one."""

from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from telegraphql.gateway.plugin.provider import Provider
from telegraphql.plugins.voximplant import Voximplant
from telegraphql.plugins.voximplant.mapping import Parts, sessions_with_parts
from telegraphql.plugins.voximplant.wire import ROWS
from telegraphql.schema import AnsweredBy, CallDirection, CallStatus, FileInfo, Money, PartyKind, TranscriptionStatus

DAY = (2026, 11, 17)


@pytest.fixture(scope="module")
def plugin() -> type[Provider]:
    return Voximplant


@pytest.fixture(scope="module")
def records() -> int:
    return 0


@pytest.fixture
def session(provider: Provider) -> Any:
    answer = ROWS.decode((Path(__file__).parent / "live_answers.json").read_bytes())
    page = sessions_with_parts(answer.result, Parts(True, True, True), provider, answer.total_count)
    (found,) = page.records
    assert (page.read, page.total, page.problems) == (1, 1, [])
    return found


def shown(record: Any) -> dict[str, Any]:
    """What is known of a record, relations and its row aside."""
    ours = {"provider_name", "raw", "held", "sort_id", "position_time"}
    return {name: value for name, value in vars(record.record()).items() if name not in ours and value not in (None, {}, False)}


def usd(amount: str) -> Money:
    return Money(amount=Decimal(amount), currency="USD")


def test_the_session(session: Any) -> None:
    assert shown(session) == {
        "native_id": "4711000123",
        "refs": dict.fromkeys(("calls", "recordings", "resourceUsages"), "4711000123"),
        "files": {"log": FileInfo("text/plain", None, "a1b2.log")},
        "started_at": datetime(*DAY, 8, 15, 2, tzinfo=UTC),
        "ended_at": datetime(*DAY, 8, 17, 25, tzinfo=UTC),
        "duration_seconds": 143,
        "direction": CallDirection.INBOUND,
        "status": CallStatus.ANSWERED,
        "answered_by": AnsweredBy.PERSON,
        "finish_reason": "Normal termination",
        "account_id": "3",
        "application_id": "1042",
        "application_name": "desk.acme.voximplant.com",
        "rule_name": "inbound",
        "initiator_address": "198.51.100.7",
        "audio_quality": "Standard",
        "media_server": "203.0.113.44",
        "custom_data": '{"lead":77}',
        "user_id": "661884",
        "cost": usd("0.0244"),
    }


def test_the_leg_from_outside(session: Any) -> None:
    found = shown(session.held["calls"][0])
    ends = found.pop("from_"), found.pop("to")
    assert [(end.number, end.kind, end.e164()) for end in ends] == [
        ("41791234567", PartyKind.PSTN, "+41791234567"),
        ("41446681800", PartyKind.PSTN, "+41446681800"),
    ]
    assert found == {
        "native_id": "4711000123.90001",
        "refs": {"session": "4711000123", "recordings": "4711000123.90001", "transaction": "70001"},
        "direction": CallDirection.INBOUND,
        "status": CallStatus.ANSWERED,
        "answered_by": AnsweredBy.PERSON,
        "forwarded_from": "41446681899",
        "started_at": datetime(*DAY, 8, 15, 2, tzinfo=UTC),
        "ended_at": datetime(*DAY, 8, 17, 25, tzinfo=UTC),
        "is_ended_at_derived": True,
        "duration_seconds": 143,
        "cost": usd("0.0123"),
        "account_id": "3",
        "user_id": "661884",
        "media_server": "203.0.113.44",
    }


def test_the_legs_to_agents(session: Any) -> None:
    missed, answered = session.held["calls"][1:]
    assert (missed.to.number, missed.to.kind, missed.direction, missed.status) == (
        "anna",
        PartyKind.USER,
        CallDirection.INBOUND,
        CallStatus.NO_ANSWER,
    )
    assert (missed.hangup_cause, missed.sip_status_code, missed.custom_data, missed.answered_by) == (
        "480 Temporarily Unavailable",
        480,
        "first try",
        None,
    )
    assert (answered.to.number, answered.direction, answered.status, answered.answered_by, answered.media_server) == (
        "ben",
        CallDirection.INBOUND,
        CallStatus.ANSWERED,
        AnsweredBy.PERSON,
        "203.0.113.45",
    )


def test_the_recordings(session: Any) -> None:
    removed, kept = session.held["recordings"]
    assert (removed.native_id, removed.is_removed, removed.files, removed.refs["call"]) == (
        "4711000123.50002",
        True,
        {},
        "4711000123.90001",
    )
    assert (kept.native_id, kept.is_removed, kept.refs["call"]) == ("4711000123.50001", False, "4711000123.90003")
    assert kept.files == {"media": FileInfo("audio/mpeg", 412160, "c3d4.mp3"), "transcription": FileInfo("text/plain", None, "c3d4.txt")}
    assert (kept.expires_at, kept.cost, kept.file_name, kept.size_bytes, kept.duration_seconds) == (
        datetime(2099, 2, 17, tzinfo=UTC),
        usd("0.0021"),
        "c3d4.mp3",
        412160,
        103,
    )
    assert kept.transcription.status is TranscriptionStatus.COMPLETE


def test_the_resource(session: Any) -> None:
    (usage,) = session.held["resourceUsages"]
    found = shown(usage)
    assert found == {
        "native_id": "4711000123.60001",
        "refs": {"session": "4711000123", "call": "4711000123.90003", "transaction": "70003"},
        "type": "TRANSCRIPTION",
        "used_at": datetime(*DAY, 8, 17, 30, tzinfo=UTC),
        "description": "Transcription",
        "quantity": Decimal(2),
        "unit": "minute",
        "cost": usd("0.01"),
    }
