"""PortSIP's mapping: the seed's rows and a live PBX's to exact records, every code of the tables, every way to say nothing."""

from dataclasses import replace
from datetime import UTC, datetime
from decimal import Decimal
from types import SimpleNamespace
from typing import Any

import msgspec
import pytest

from telegraphql.gateway.plugin.phone_numbers import Numbering
from telegraphql.plugin import Mapping
from telegraphql.plugins.portsip import mapping
from telegraphql.plugins.portsip.conversation import conversation_row
from telegraphql.plugins.portsip.recordings import RecordedCall
from telegraphql.plugins.portsip.sandbox import examples
from telegraphql.schema.enums import (
    CallDirection,
    CallStatus,
    PartyKind,
    ReportFormat,
    ReportKind,
    ReportPartyKind,
    ReportRange,
    ReportScheduleStatus,
    ReportScheduleType,
    ReportStatus,
    TranscriptionStatus,
)
from telegraphql.schema.record import FileInfo
from telegraphql.schema.report_calls import ReportCalls, ReportParty
from telegraphql.schema.values import Money

OF: Any = SimpleNamespace(name="pbx", id="pbx", numbering=Numbering("CH"), settings=SimpleNamespace(currency="EUR"))
SEED = datetime(2017, 7, 21, 17, 32, 28, tzinfo=UTC)
ANSWERED = datetime(2024, 8, 20, 6, 1, 1, 965027, tzinfo=UTC)
ENDED = datetime(2024, 8, 20, 6, 1, 36, 155027, tzinfo=UTC)
BARE = {"id": "1", "session_id": "2", "started_at": "2026-01-01T00:00:00Z"}


def read(table: Mapping[Any], row: dict[str, Any] | bytes, **parameters: Any) -> Any:
    return table.record(msgspec.Raw(row if isinstance(row, bytes) else msgspec.json.encode(row)), OF, **parameters)


def call(row: dict[str, Any]) -> Any:
    return read(mapping.CALL, row)


def test_the_seeds_call_log_maps_field_by_field() -> None:
    found = call(examples.DOCUMENTED_LEG)
    key = RecordedCall(examples.ID, examples.ID, "text", "text", SEED, SEED).key
    assert (found.native_id, found.refs) == (examples.ID, {"session": examples.ID, "queue": "number:text", "recordings": key})
    assert (found.direction, found.status) == (CallDirection.INBOUND, CallStatus.ANSWERED)
    assert (found.hangup_cause, found.sip_status_code) == ("CALLER_DISCONNECTED", 1)
    assert (found.from_.number, found.from_.name, found.from_.uri, found.from_.kind) == ("text", "text", "sip:text@text", PartyKind.UNKNOWN)
    assert (found.dialed_number, found.caller_id_shown, found.trunk, found.sip_call_id) == ("text", "text", "text", "text")
    assert [found.started_at, found.ringing_at, found.answered_at, found.ended_at] == [SEED] * 4
    assert (found.duration_seconds, found.ring_seconds, found.talk_seconds) == (0, 0, 1)
    assert (found.cost, found.reroute_reason) == (Money(amount=Decimal(1), currency="EUR"), "TRANSFER")


def test_the_live_rows_map_field_by_field() -> None:
    answered, busy = call(examples.ANSWERED_LEG), call(examples.BUSY_LEG)
    assert answered.refs["session"] == "878156644691742720"
    assert answered.refs["recordings"] == RecordedCall("878156644691742721", "878156644691742720", "102", "103", ANSWERED, ENDED).key
    assert (answered.status, answered.hangup_cause, answered.sip_status_code) == (CallStatus.ANSWERED, "CALLER_DISCONNECT", None)
    assert (answered.started_at, answered.answered_at) == (datetime(2024, 8, 20, 6, 0, 59, 457188, tzinfo=UTC), ANSWERED)
    assert (answered.duration_seconds, answered.ring_seconds, answered.talk_seconds) == (36, 2, 35)
    assert (answered.from_.kind, answered.to.kind, answered.from_.uri) == (
        PartyKind.EXTENSION,
        PartyKind.EXTENSION,
        "sip:102@sandbox.example",
    )
    assert (busy.status, busy.sip_status_code, busy.answered_at, busy.hangup_cause) == (CallStatus.BUSY, 486, None, None)
    assert (busy.duration_seconds, busy.ring_seconds, busy.talk_seconds) == (1, 1, 0)
    assert (busy.refs["recordings"], busy.refs["queue"], busy.trunk, busy.reroute_reason, busy.ringing_at) == (None,) * 5


@pytest.mark.parametrize(
    ("code", "reason", "status"),
    [
        (486, "", CallStatus.BUSY),
        (600, "", CallStatus.BUSY),
        (487, "", CallStatus.CANCELED),
        (0, "CANCELLED", CallStatus.CANCELED),
        (503, "CANCELLED", CallStatus.CANCELED),
        (486, "CANCELLED", CallStatus.BUSY),
        (408, "", CallStatus.NO_ANSWER),
        (480, "", CallStatus.NO_ANSWER),
        (0, "", CallStatus.NO_ANSWER),
        ("", "", CallStatus.NO_ANSWER),
        (404, "", CallStatus.FAILED),
        (484, "", CallStatus.FAILED),
        (503, "", CallStatus.FAILED),
        (183, "", CallStatus.UNKNOWN),
    ],
)
def test_every_end_of_an_unanswered_call_has_a_status(code: Any, reason: str, status: CallStatus) -> None:
    assert call(BARE | {"status_code": code, "end_reason": reason}).status is status


@pytest.mark.parametrize(
    ("word", "direction", "caller", "callee"),
    [
        ("INBOUND_CALL", CallDirection.INBOUND, PartyKind.PSTN, PartyKind.EXTENSION),
        ("OUTBOUND_CALL", CallDirection.OUTBOUND, PartyKind.PSTN, PartyKind.EXTENSION),
        ("EXTENSION_CALL", CallDirection.INTERNAL, PartyKind.EXTENSION, PartyKind.EXTENSION),
        ("INBOUND_OUTBOUND_CALL", CallDirection.TRANSIT, PartyKind.PSTN, PartyKind.EXTENSION),
        ("in2out", CallDirection.UNKNOWN, PartyKind.PSTN, PartyKind.EXTENSION),
        ("", CallDirection.UNKNOWN, PartyKind.PSTN, PartyKind.EXTENSION),
    ],
)
def test_every_direction_has_a_word(word: str, direction: CallDirection, caller: PartyKind, callee: PartyKind) -> None:
    found = call(BARE | {"direction": word, "caller": "0616925879", "callee": "101"})
    assert (found.direction, found.from_.kind, found.to.kind) == (direction, caller, callee)
    assert (found.from_.e164(), found.to.e164()) == ("+41616925879", None)


@pytest.mark.parametrize("nothing", ["", None])
def test_empty_null_and_missing_are_the_same(nothing: str | None) -> None:
    names = {name for name in examples.DOCUMENTED_LEG if name not in BARE and name not in ("status_code", "duration", "cost")}
    absent = call(BARE | dict.fromkeys(names, nothing) | {"duration": nothing, "status_code": nothing, "cost": nothing})
    assert replace(absent, raw=None) == replace(call(BARE), raw=None)


def test_the_queue_is_the_service_number_or_the_callee_that_let_the_caller_go() -> None:
    assert call(BARE | {"service_number": "8001", "callee": "101"}).refs["queue"] == "number:8001"
    assert call(BARE | {"callee": "8001", "reroute_reason": "QUEUE_ABANDONED"}).refs["queue"] == "number:8001"
    assert call(BARE | {"callee": "8001", "reroute_reason": "QUEUE_EXIT"}).refs["queue"] == "number:8001"
    assert call(BARE | {"callee": "8001", "reroute_reason": "OVERFLOW"}).refs["queue"] is None


@pytest.mark.parametrize("missing", ["id", "started_at"])
def test_a_row_without_id_or_time_cannot_be_read(missing: str) -> None:
    with pytest.raises(ValueError, match=rf"\$\.{missing}|`{missing}`"):
        call(BARE | {missing: ""})


def test_an_id_beyond_53_bits_keeps_every_digit() -> None:
    assert call(BARE | {"id": 878156644691742721, "session_id": "878156644691742720"}).native_id == "878156644691742721"


def test_a_session_sums_the_costs_of_its_legs_exactly() -> None:
    legs = [
        msgspec.Raw(leg)
        for leg in (
            b'{"started_at":"2026-01-01T00:00:05Z","ended_at":"2026-01-01T00:01:00.5Z","cost":0.10,"end_reason":"REFERRED"}',
            b'{"started_at":"2026-01-01T00:00:00Z","answered_at":"2026-01-01T00:00:02Z","ended_at":"2026-01-01T00:00:30Z",'
            b'"caller":"101","direction":"OUTBOUND_CALL","cost":"0.20","user_data":"order 7","duration":28}',
            b'{"started_at":"2026-01-01T00:00:06Z","cost":""}',
        )
    ]
    found = read(mapping.SESSION, bytes(conversation_row(legs, "5")))
    assert (found.native_id, found.cost, found.duration_seconds) == ("5", Money(amount=Decimal("0.30"), currency="EUR"), 60)
    assert (found.direction, found.status, found.finish_reason) == (CallDirection.OUTBOUND, CallStatus.ANSWERED, "REFERRED")
    assert (found.custom_data, found.is_derived, found.refs["calls"]) == ("order 7", False, "5")
    answered, ended = datetime(2026, 1, 1, 0, 0, 2, tzinfo=UTC), datetime(2026, 1, 1, 0, 1, 0, 500000, tzinfo=UTC)
    assert found.refs["recordings"] == found.refs["id"] == RecordedCall("5", "5", "101", "", answered, ended).key


def test_a_recordings_file_name_tells_its_session() -> None:
    found = read(mapping.RECORDING, examples.RECORDING | {"file_url": "/api/blobs/x", "sentiment": "positive"}, key=None)
    started, ended = (datetime.fromisoformat(examples.RECORDING[name]) for name in ("started_at", "ended_at"))
    facts = RecordedCall("", "878156644691742720", "102", "103", started, ended, "102")
    assert found.refs == {"session": "878156644691742720", "call": facts.key}
    assert (found.duration_seconds, found.size_bytes, found.file_name) == (34, None, examples.RECORDING["file_name"])
    assert found.files == {"media": FileInfo("audio/wav", None, examples.RECORDING["file_name"])}
    assert (found.started_at, found.ended_at) == (
        datetime(2024, 8, 20, 6, 1, 2, 46000, tzinfo=UTC),
        datetime(2024, 8, 20, 6, 1, 36, 101000, tzinfo=UTC),
    )
    assert found.transcription is not None
    assert (found.transcription.status, found.transcription.sentiment) == (TranscriptionStatus.UNKNOWN, "positive")


def test_a_recordings_summary_tells_neither_session_nor_file() -> None:
    row = {"id": "9", "caller": "102", "callee": "103", "started_at": "2024-08-16T08:19:14.746Z", "ended_at": ""}
    found = read(mapping.RECORDING, row, key=None)
    assert (found.refs, found.files, found.ended_at) == ({"session": None, "call": None}, {}, None)


@pytest.mark.parametrize(
    ("given", "number", "name"),
    [
        ({"sender": "101"}, "101", None),
        ({"sender": "101", "sender_number": "+41616925879", "sender_name": "Anna"}, "+41616925879", "Anna"),
        ({"sender_number": "+41616925879", "sender_name": ""}, "+41616925879", None),
    ],
)
def test_a_voicemail_names_its_sender_in_old_and_new_words(given: dict[str, str], number: str, name: str | None) -> None:
    row = {
        "id": "3",
        "created_at": "2026-01-01T00:00:00.5Z",
        "duration": 7,
        "status": "READ",
        "file_url": "/b",
        "file_name": "m.mp3",
        **given,
    }
    found = read(mapping.VOICEMESSAGE, row)
    assert (found.from_.number, found.from_.name, found.duration_seconds, found.mailbox) == (number, name, 7, None)
    assert found.files == {"media": FileInfo("audio/mpeg", None, "m.mp3")}


@pytest.mark.parametrize(("word", "is_read"), [("READ", True), ("UNREAD", False), ("ARCHIVED", None), ("", None)])
def test_a_voicemail_is_read_unread_or_unknown(word: str, is_read: bool | None) -> None:
    assert read(mapping.VOICEMESSAGE, {"id": "3", "created_at": "2026-01-01T00:00:00Z", "status": word}).is_read is is_read


def test_a_queue_is_known_by_its_number_and_0_is_no_service_level() -> None:
    row = {"id": "4", "name": "Sales", "extension_number": "8001", "ring_time": 20, "polling_strategy": "CYCLIC_HUNT"}
    found = read(mapping.QUEUE, row | {"sla_time": 0, "max_waiting_time": 300})
    assert (found.refs, found.number, found.strategy) == ({"id": "number:8001"}, "8001", "CYCLIC_HUNT")
    assert (found.ring_seconds, found.max_wait_seconds, found.service_level_seconds, found.agent_count) == (20, 300, None, None)
    found = read(mapping.QUEUE, row | {"sla_time": "30", "agents": [{}, {}]})
    assert (found.service_level_seconds, found.max_wait_seconds, found.agent_count) == ([30], None, 2)


def test_the_seeds_report_and_schedule_map_field_by_field() -> None:
    report = read(mapping.REPORT, examples.REPORT)
    assert (report.native_id, report.name, report.kind, report.status) == (examples.ID, "text", ReportKind.CALLS, ReportStatus.DONE)
    assert (report.created_at, report.completed_at, report.size_bytes, report.file_name) == (SEED, SEED, None, "text")
    schedule = read(mapping.SCHEDULE, examples.SCHEDULE)
    assert (schedule.name, schedule.type, schedule.status, schedule.cron) == (
        "text",
        ReportScheduleType.CALLS,
        ReportScheduleStatus.RUNNING,
        "text",
    )
    assert (schedule.email, schedule.format, schedule.range) == ("user@example.com", ReportFormat.CSV, ReportRange.TODAY)
    natives = (schedule.native_type, schedule.native_status, schedule.native_format, schedule.native_range)
    assert natives == ("NORMAL", "RUNNING", "CSV", "TODAY")


def test_words_of_a_schedule_that_the_manual_does_not_have_are_unknown_and_shown_as_they_are() -> None:
    words = {"type": "NEXT_YEARS", "status": "PAUSED", "format": "PDF", "range": "LAST_YEAR"}
    schedule = read(mapping.SCHEDULE, examples.SCHEDULE | words)
    unknown = (ReportScheduleType.UNKNOWN, ReportScheduleStatus.UNKNOWN, ReportFormat.UNKNOWN, ReportRange.UNKNOWN)
    assert (schedule.type, schedule.status, schedule.format, schedule.range) == unknown
    assert (schedule.native_type, schedule.native_status, schedule.native_format, schedule.native_range) == tuple(words.values())
    bare = read(mapping.SCHEDULE, {"id": "1", "name": "x"})
    assert (bare.type, bare.format, bare.range, bare.native_type) == (ReportScheduleType.UNKNOWN, None, None, None)


def test_the_seeds_schedule_has_its_period_and_filter() -> None:
    schedule = read(mapping.SCHEDULE, examples.SCHEDULE)
    assert (schedule.from_, schedule.to, schedule.native_filter) == (SEED, SEED, examples.SCHEDULE["filter"])
    anybody = ReportParty(kind=ReportPartyKind.ANY)
    assert schedule.calls == ReportCalls(from_=anybody, to=anybody)


@pytest.mark.parametrize(
    ("word", "kind"),
    [
        ("NORMAL", ReportKind.CALLS),
        ("EXTENSION_GROUP_CALL_COST", ReportKind.COSTS),
        ("QUEUE_PERFORMANCE", ReportKind.QUEUES),
        ("QUEUE_DETAILED_STATISTICS", ReportKind.QUEUES),
        ("QUEUE_ABANDONED_CALLS", ReportKind.QUEUES),
        ("QUEUE_SLA_STATISTICS", ReportKind.QUEUES),
        ("QUEUE_BREACHES_SLA_STATISTICS", ReportKind.QUEUES),
        ("QUEUE_CALLBACKS", ReportKind.QUEUES),
        ("QUEUE_FAILED_CALLBACKS", ReportKind.QUEUES),
        ("TEAM_QUEUE_GENERAL_STATISTICS", ReportKind.QUEUES),
        ("RING_GROUP_STATISTICS", ReportKind.OTHER),
        ("NEXT_YEARS_REPORT", ReportKind.OTHER),
    ],
)
def test_every_report_type_has_a_kind(word: str, kind: ReportKind) -> None:
    assert read(mapping.REPORT, {"id": "1", "type": word, "completed_at": "2026-01-01T00:00:00Z"}).kind is kind
