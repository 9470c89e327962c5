"""Mapping: the seed's examples give exact values, every code its word, and what is absent null."""

import json
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any, cast

import msgspec
import pytest

from telegraphql.gateway.plugin.phone_numbers import Numbering
from telegraphql.plugins.voipstudio import Voipstudio, codes, mapping, resources
from telegraphql.plugins.voipstudio.query import Resource
from telegraphql.plugins.voipstudio.sandbox import examples
from telegraphql.plugins.voipstudio.settings import VoipstudioSettings
from telegraphql.schema.call import Call
from telegraphql.schema.enums import CallDirection, CallStatus, PartyKind, ProblemCode, TransactionKind, TranscriptionStatus
from telegraphql.schema.record import FileInfo
from telegraphql.schema.values import Money, Party, Visitor

LEG = {"id": 60_000_001, "calldate": "2026-11-02 09:15:00", "live_id": 5_000_002, "parent_live_id": 5_000_001, "root_live_id": 5_000_001}


def at(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


def provider_of(**settings: Any) -> Voipstudio:
    read = VoipstudioSettings(api_token="t", currency="GBP", **settings)
    return Voipstudio("acme", read, cast(Any, None), Numbering(read.region, Voipstudio.bare_numbers_are_international))


@pytest.fixture
def provider() -> Voipstudio:
    return provider_of()


def made(provider: Voipstudio, **fields: Any) -> Call:
    return mapping.CALL.record(raw(LEG | fields), provider, tracked=None)


def raw(row: dict[str, Any]) -> msgspec.Raw:
    return msgspec.Raw(json.dumps(row).encode())


def read(provider: Voipstudio, resource: Resource, row: dict[str, Any]) -> Any:
    page = provider.page(resource.mapping, [raw(row)], **dict.fromkeys(resource.mapping.parameters))
    (found,) = page.records
    assert page.problems == []
    return found.record()


def shown(party: Party | None) -> tuple[Any, ...]:
    assert party is not None
    return party.number, party.e164(), party.name, party.kind, party.native_id


def test_the_seeds_leg_with_integers_where_words_should_be(provider: Voipstudio) -> None:
    call = read(provider, resources.CALLS, examples.cdrs()[0])
    assert (call.provider_name, call.native_id) == ("acme", "7762")
    assert (call.direction, call.status, call.hangup_cause) == (CallDirection.UNKNOWN, CallStatus.UNKNOWN, "value")
    assert shown(call.from_) == ("44203844711", None, "value", PartyKind.UNKNOWN, None)
    assert shown(call.to) == ("44779243705", None, "value", PartyKind.UNKNOWN, None)
    assert call.caller_id_shown == "value"
    assert (call.started_at, call.ended_at, call.is_ended_at_derived) == (at("2016-11-13 14:44:07"), at("2016-11-13 17:07:17"), True)
    assert (call.duration_seconds, call.talk_seconds, call.ring_seconds, call.answered_at) == (8590, 4951, None, None)
    assert call.cost == Money(amount=Decimal("2.2"), currency="GBP")
    assert call.rate_per_minute == Money(amount=Decimal("9.1"), currency="GBP")
    assert call.user_id == "7809"
    assert call.refs == {
        "session": "9269",
        "queue": None,
        "recordings": "4985",
        "voicemessages": "4985",
        "notes": None,
        "parent": "9269",
        "children": "4985",
        "tracked": None,
    }
    assert msgspec.json.decode(call.raw)["dst_codec"] == "value"


def test_every_example_leg_of_the_reference_can_be_read(provider: Voipstudio) -> None:
    assert [read(provider, resources.CALLS, row).native_id for row in examples.cdrs()] == [str(row[0]) for row in examples.CDRS]


@pytest.mark.parametrize(
    ("fields", "direction"),
    [
        ({"context": "USER_LOCAL", "destination": "in", "type": "I"}, CallDirection.INTERNAL),
        ({"destination": "in", "type": "O"}, CallDirection.INBOUND),
        ({"destination": "webcall"}, CallDirection.INBOUND),
        ({"destination": "out", "type": "I"}, CallDirection.OUTBOUND),
        ({"destination": "callmeback"}, CallDirection.OUTBOUND),
        ({"type": "O"}, CallDirection.OUTBOUND),
        ({"type": "I"}, CallDirection.INBOUND),
        ({"type": "M"}, CallDirection.INBOUND),
        ({"destination": "sideways", "type": "X"}, CallDirection.UNKNOWN),
        ({}, CallDirection.UNKNOWN),
    ],
)
def test_direction_is_told_by_context_then_destination_then_type(
    provider: Voipstudio, fields: dict[str, Any], direction: CallDirection
) -> None:
    assert made(provider, **fields).direction is direction


@pytest.mark.parametrize(
    ("disposition", "cause", "status", "ring"),
    [
        ("CONNECTED", "Normal Clearing", CallStatus.ANSWERED, None),
        ("ON_HOLD", "Normal Clearing", CallStatus.ANSWERED, None),
        ("VM", "Normal Clearing", CallStatus.VOICEMAIL, None),
        ("INITIAL", "User busy", CallStatus.BUSY, 12),
        ("RINGING", "User busy", CallStatus.BUSY, 12),
        ("RINGING", "No user responding", CallStatus.NO_ANSWER, 12),
        ("RINGING", "Normal Clearing", CallStatus.NO_ANSWER, 12),
        ("INITIAL", None, CallStatus.NO_ANSWER, 12),
        ("INITIAL", "Call Rejected", CallStatus.FAILED, 12),
        ("INITIAL", "Unallocated (unassigned) number", CallStatus.FAILED, 12),
        ("INITIAL", "No route to destination", CallStatus.FAILED, 12),
        ("INITIAL", "Destination out of order", CallStatus.FAILED, 12),
        ("INITIAL", "Invalid number format", CallStatus.FAILED, 12),
        ("INITIAL", "Network out of order", CallStatus.FAILED, 12),
        ("INITIAL", "Subscriber absent", CallStatus.FAILED, 12),
        ("INITIAL", "Circuit/channel congestion", CallStatus.CONGESTION, 12),
        ("INITIAL", "Switch congestion", CallStatus.CONGESTION, 12),
        ("HANGUP", "Normal Clearing", CallStatus.UNKNOWN, None),
    ],
)
def test_status_is_told_by_disposition_and_cause(
    provider: Voipstudio, disposition: str, cause: str | None, status: CallStatus, ring: int | None
) -> None:
    call = made(provider, disposition=disposition, t_cause=cause, duration=12)
    assert (call.status, call.hangup_cause, call.ring_seconds) == (status, cause, ring)


def test_a_missed_call_without_a_known_disposition_was_not_answered(provider: Voipstudio) -> None:
    assert made(provider, type="M", disposition=None).status is CallStatus.NO_ANSWER


def test_an_unknown_disposition_is_kept_as_the_cause(provider: Voipstudio) -> None:
    assert (made(provider, disposition=2).status, made(provider, disposition=2).hangup_cause) == (CallStatus.UNKNOWN, "2")


def test_what_causes_are_like_is_true_of_all_of_them() -> None:
    for status, pattern in codes.ALIKE.items():
        assert all(word.endswith(pattern.strip("%")) is (found is status) for word, found in codes.CAUSE.items())


@pytest.mark.parametrize(
    ("code", "number", "kind", "native_id"),
    [
        ("10002", "1001", PartyKind.USER, "10002"),
        ("contact:3423", "442079460123", PartyKind.CONTACT, "3423"),
        ("Queue12443", "2003", PartyKind.QUEUE, "12443"),
        ("IVR324", "3001", PartyKind.IVR, "324"),
        ("", "442079460123", PartyKind.PSTN, None),
        (None, "1001", PartyKind.EXTENSION, None),
        ("", "", PartyKind.UNKNOWN, None),
    ],
)
def test_a_party_is_told_by_its_id_then_by_its_number(
    provider: Voipstudio, code: str | None, number: str, kind: PartyKind, native_id: str | None
) -> None:
    party = made(provider, dst_id=code, dst=number).to
    assert (party.number, party.kind, party.native_id) == (number or None, kind, native_id)


def test_a_number_without_a_plus_is_international(provider: Voipstudio) -> None:
    assert made(provider, src="442079460123").from_.e164() == "+442079460123"


def test_a_leg_knows_its_session_its_parent_and_its_queue(provider: Voipstudio) -> None:
    refs = made(provider, dst_id="Queue12443").refs
    assert (refs["session"], refs["parent"], refs["children"], refs["queue"]) == ("5000001", "5000001", "5000002", "12443")
    alone = made(provider, root_live_id=None, parent_live_id=0)
    assert (alone.refs["session"], alone.refs["parent"]) == ("5000002", None)


def test_in_v1_1_a_session_is_a_leg_and_those_after_it() -> None:
    old = provider_of(version="v1.1")
    assert made(old, root_live_id=None).refs["session"] == "5000001"
    assert made(old, root_live_id=None, parent_live_id=None).refs["session"] == "5000002"


def test_a_leg_said_to_have_no_notes_leads_to_none(provider: Voipstudio) -> None:
    assert [made(provider, **fields).refs["notes"] for fields in ({"nb_notes": 0}, {"nb_notes": 2}, {})] == [None, "60000001", "60000001"]


def test_absent_values_are_null(provider: Voipstudio) -> None:
    call = made(provider, user_id=0, clid="", live_id=None)
    assert (call.user_id, call.caller_id_shown, call.refs["recordings"]) == (None, None, None)
    assert (call.duration_seconds, call.ended_at, call.is_ended_at_derived, call.talk_seconds, call.cost) == (None, None, False, None, None)


def test_a_session_is_its_legs_together(provider: Voipstudio) -> None:
    first = made(
        provider, id=1, live_id=7, parent_live_id=None, root_live_id=7, destination="in", disposition="RINGING", duration=20, charge=0.1
    )
    second = made(
        provider, id=2, live_id=9, root_live_id=7, calldate="2026-11-02 09:15:20", disposition="CONNECTED", duration=60, charge=0.2
    )
    second.hangup_cause, second.user_id = "Normal Clearing", "12"
    session = mapping.session([first, second])
    assert (session.native_id, session.is_derived, session.direction, session.status) == (
        "7",
        True,
        CallDirection.INBOUND,
        CallStatus.ANSWERED,
    )
    assert (session.started_at, session.ended_at, session.duration_seconds) == (at("2026-11-02 09:15:00"), at("2026-11-02 09:16:20"), 80)
    assert (session.finish_reason, session.user_id, session.cost) == ("Normal Clearing", "12", Money(amount=Decimal("0.3"), currency="GBP"))
    assert session.held == {"calls": [first, second]}
    assert session.refs == {"calls": "7", "recordings": "7;9"}


def test_the_seeds_recording(provider: Voipstudio) -> None:
    recording = read(provider, resources.RECORDINGS, examples.monitors()[0])
    assert (recording.native_id, recording.refs) == ("3098", {"call": "1802", "session": "1802"})
    assert (recording.started_at, recording.ended_at, recording.duration_seconds) == (
        at("2018-05-07 13:07:52"),
        at("2018-05-07 14:32:35"),
        5083,
    )
    assert (recording.size_bytes, recording.from_.number, recording.to.number, recording.to.name) == (
        3065,
        "13103345244",
        "44779243705",
        "value",
    )
    assert recording.files == {"media": FileInfo("audio/mpeg", 3065, "recording-3098.mp3")}
    transcription = recording.transcription
    assert (transcription.status, transcription.text, transcription.summary) == (TranscriptionStatus.COMPLETE, "value", "value")


def test_a_recording_without_the_add_on_has_no_transcription(provider: Voipstudio) -> None:
    row = {"id": 1, "timestamp": "2026-11-02 09:15:00", "transcript": None, "summary": ""}
    assert read(provider, resources.RECORDINGS, row).transcription is None


def test_the_seeds_voicemessage(provider: Voipstudio) -> None:
    message = read(provider, resources.VOICEMESSAGES, examples.voicemessages()[0])
    assert (message.native_id, message.received_at, message.refs) == ("8018", at("2022-09-01 04:15:58"), {"call": "7649"})
    assert (message.from_.number, message.from_.name, message.dialed_number) == ("44203844711", None, "32179243705")
    assert (message.mailbox, message.duration_seconds, message.is_read, message.folder, message.transcript) == (
        "8113",
        7911,
        False,
        "0",
        "value",
    )
    assert message.files == {"media": FileInfo("audio/mpeg", None, "voicemessage-8018.mp3")}


def test_a_voicemessage_may_name_its_folder_and_its_caller(provider: Voipstudio) -> None:
    row = {"id": 1, "origtime": "2026-11-02 09:15:00", "caller": "442079460188", "callerid": '"Babbage" <442079460188>', "folder": "Old"}
    message = read(provider, resources.VOICEMESSAGES, row)
    assert (message.from_.name, message.folder, message.is_read) == ("Babbage", "Old", None)


def test_the_seeds_chat(provider: Voipstudio) -> None:
    chat = read(provider, resources.CHATS, examples.chats()[0])
    assert (chat.native_id, chat.started_at, chat.ended_at) == ("2062", at("2022-01-17 00:46:54"), at("2022-01-17 03:04:25"))
    assert (chat.duration_seconds, chat.state, chat.operator_id, chat.website_id, chat.customer_id) == (8251, "3", "4916", "5977", "7490")
    assert chat.operator_user_agent == "value"
    names = ("native_id", "name", "email", "ip", "city", "country", "location", "user_agent", "referrer")
    assert chat.visitor == Visitor(**dict.fromkeys(names, "value"))


def test_the_seeds_media_session(provider: Voipstudio) -> None:
    stream = read(provider, resources.MEDIA_SESSIONS, examples.msdrs()[0])
    assert (stream.native_id, stream.started_at, stream.duration_seconds) == ("7433", at("2019-11-14 11:09:48"), 3662)
    assert (stream.from_.number, stream.to.number, stream.user_id) == ("13103345244", "32179243705", "2018")
    assert (stream.sip_call_id, stream.hangup_cause, stream.type) == ("value", "value", "value")
    assert {*stream.files} == {"trace", "capture"}


def test_the_seeds_tracking_number(provider: Voipstudio) -> None:
    number = read(provider, resources.TRACKING_NUMBERS, examples.tracking_numbers()[0])
    assert (number.native_id, number.name, number.number, number.uri) == ("value", "value", "value", "value")
    assert (number.created_at, number.channels, number.rate) == (at("2017-10-15 07:05:58"), 9229, Decimal("4.33"))
    assert (number.status, number.target_type, number.target_id, number.is_sms_enabled, number.is_fax_enabled) == (
        "6",
        "6",
        "1567",
        True,
        True,
    )


def test_a_call_among_the_tracking_numbers_is_a_problem_that_names_it(provider: Voipstudio) -> None:
    page = provider.page(mapping.TRACKING_NUMBER, [raw(examples.cdrs()[4])])
    assert ([*page.records], [each.code for each in page.problems]) == ([], [ProblemCode.MALFORMED_RECORD])
    assert page.problems[0].message.startswith("the record 1789 cannot be read: `$.name` is missing")


@pytest.mark.parametrize(
    ("word", "kind"),
    [
        ("charge", TransactionKind.CHARGE),
        ("Invoice", TransactionKind.CHARGE),
        ("subscription", TransactionKind.CHARGE),
        ("PAYMENT", TransactionKind.PAYMENT),
        ("topup", TransactionKind.PAYMENT),
        ("refund", TransactionKind.REFUND),
        ("adjustment", TransactionKind.ADJUSTMENT),
        ("transfer", TransactionKind.TRANSFER),
        ("bonus", TransactionKind.GIFT),
        ("barter", TransactionKind.OTHER),
    ],
)
def test_a_transaction_keeps_its_word_beside_its_kind(provider: Voipstudio, word: str, kind: TransactionKind) -> None:
    row = {"id": 5, "created_at": "2026-11-02 09:15:00", "amount": -12.50, "currency_iso": "EUR", "type": word, "result": "not completed"}
    found = read(provider, resources.TRANSACTIONS, row)
    assert (found.kind, found.type, found.is_pending, found.description) == (kind, word, True, "not completed")
    assert found.amount == Money(amount=Decimal("-12.5"), currency="EUR")
    assert read(provider, resources.TRANSACTIONS, row | {"result": "completed", "currency_iso": None}).is_pending is False


def test_a_queue(provider: Voipstudio) -> None:
    queue = read(
        provider, resources.QUEUES, {"id": 12443, "name": "Support", "number": 2003, "users": [1, 2], "ring_strategy": "A", "ring_time": 20}
    )
    assert (queue.native_id, queue.name, queue.number, queue.strategy, queue.ring_seconds, queue.agent_count) == (
        "12443",
        "Support",
        "2003",
        "A",
        20,
        2,
    )


@pytest.mark.parametrize(
    ("row", "named", "part"),
    [
        ({"calldate": "2026-11-02 09:15:00"}, "without an id", "`$.id`"),
        ({"id": "", "calldate": "2026-11-02 09:15:00"}, "without an id", "`$.id`"),
        ({"id": 8}, "8", "`$.calldate`"),
        ({"id": 8, "calldate": "0000-00-00 00:00:00"}, "8", "`$.calldate`"),
    ],
)
def test_a_leg_without_id_or_time_is_a_problem_and_spoils_no_other(
    provider: Voipstudio, row: dict[str, Any], named: str, part: str
) -> None:
    page = provider.page(mapping.CALL, [raw(row), raw(LEG)], tracked=None)
    assert [record.native_id for record in page.records] == ["60000001"]
    (problem,) = page.problems
    assert problem.message == f"the record {named} cannot be read: {part} is missing or wrong; the other records are complete"
