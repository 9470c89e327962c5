"""Mapping: the seed's legs give exact values, every code its word, and what is absent null."""

import json
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any, cast

import msgspec
import pytest

from telegraphql.gateway.conformance import read_page
from telegraphql.gateway.plugin.phone_numbers import Numbering
from telegraphql.plugins.boxis import Boxis, mapping
from telegraphql.plugins.boxis.sandbox.examples import EXAMPLES
from telegraphql.plugins.boxis.settings import BoxisSettings
from telegraphql.schema.call import Call
from telegraphql.schema.enums import CallDirection, CallStatus, PartyKind, ProblemCode
from telegraphql.schema.values import Money, Party

LEG = {"uniqueid": "sip1-1517944376.1", "sequence": "7", "start": "2018-02-06 20:12:56", "linkedid": "sip1-1517944376.1"}


def at(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


@pytest.fixture
def provider() -> Boxis:
    settings = BoxisSettings(username="a@example.com", user_key="k", tenant="VOICE-12001-1", currency="CHF")
    return Boxis("acme", settings, cast(Any, None), Numbering("CH"))


def made(provider: Boxis, **fields: Any) -> Call:
    return mapping.CALL.record(msgspec.convert({**LEG, **fields}, mapping.Cdr), provider)


def shown(party: Party) -> tuple[Any, ...]:
    return party.number, party.e164(), party.name, party.country, party.kind


def phone(party: Party) -> tuple[str | None, str | None]:
    return party.extension, party.name


def test_the_seeds_answered_leg(provider: Boxis) -> None:
    call = made(provider, **EXAMPLES[0])
    assert call.native_id == "sip022.voice.boxis.net-1517944376.108168/15922"
    assert call.refs["session"] == "sip022.voice.boxis.net-1517944376.108168"
    assert (call.provider_name, call.direction, call.status) == ("acme", CallDirection.INBOUND, CallStatus.ANSWERED)
    assert (call.hangup_cause, call.sip_status_code) == ("ANSWERED", None)
    assert shown(call.from_) == ("0041616925879", "+41616925879", "DirectCEO:", None, PartyKind.PSTN)
    assert shown(call.to) == ("0225101800", "+41225101800", None, None, PartyKind.PSTN)
    assert (call.dialed_number, call.trunk) == ("0225101820", "NS_Inbound_Route_CH_Direct_105")
    assert (call.started_at, call.answered_at, call.ended_at) == (
        at("2018-02-06 19:12:56"),
        at("2018-02-06 19:12:56"),
        at("2018-02-06 19:16:53"),
    )
    assert (call.duration_seconds, call.ring_seconds, call.talk_seconds, call.is_ended_at_derived) == (237, 0, 236, False)
    assert call.cost == Money(amount=Decimal("0.00000"), currency="CHF")
    assert str(call.cost.amount) == "0.00000"
    assert call.sip_call_id == "2815e0000df5-5a79fe38-73bd5d15-2a761e0-402a18e@127.0.0.1"


def test_the_seeds_unanswered_leg(provider: Boxis) -> None:
    call = made(provider, **EXAMPLES[1])
    assert call.native_id == "sip046.voice.boxis.net-1517944459.182738/31558"
    assert call.refs["session"] == "sip046.voice.boxis.net-1517944379.182232"
    assert (call.direction, call.status, call.hangup_cause) == (CallDirection.INBOUND, CallStatus.NO_ANSWER, "NO ANSWER")
    assert shown(call.to) == ("AG-000-NFR-453", None, None, None, PartyKind.UNKNOWN)
    assert (call.from_.extension, call.to.extension) == (None, "606")
    assert (call.dialed_number, call.trunk, call.sip_call_id) == ("0225101800", None, None)
    assert (call.started_at, call.answered_at, call.ended_at) == (at("2018-02-06 19:14:20"), None, at("2018-02-06 19:14:50"))
    # 30 seconds on the clock: the upstream's own 29 stand.
    assert (call.duration_seconds, call.ring_seconds, call.talk_seconds) == (29, 29, 0)


@pytest.mark.parametrize(("word", "status"), mapping.STATUS.items())
def test_every_disposition_has_its_status(provider: Boxis, word: str, status: CallStatus) -> None:
    call = made(provider, disposition=word)
    assert (call.status, call.hangup_cause) == (status, word)


def test_numeric_dispositions_are_asterisks_own(provider: Boxis) -> None:
    found = {code: made(provider, disposition=code).status.value for code in (0, 1, 2, 4, 8, 16)}
    assert found == {0: "NO_ANSWER", 1: "NO_ANSWER", 2: "FAILED", 4: "BUSY", 8: "ANSWERED", 16: "CONGESTION"}


@pytest.mark.parametrize(
    ("marker", "context", "direction"),
    [
        ("[inbound]", "frominside", CallDirection.INBOUND),
        ("[outbound]", "fromoutside", CallDirection.OUTBOUND),
        ("[internal]", "", CallDirection.INTERNAL),
        ("Inbound", "", CallDirection.INBOUND),
        ("[queue][outbound]", "", CallDirection.OUTBOUND),
        ("[callback]", "frominside", CallDirection.UNKNOWN),
        ("[rebound]", "", CallDirection.UNKNOWN),
        (None, "fromotherpbx", CallDirection.UNKNOWN),
        (None, "fromoutside", CallDirection.INBOUND),
        (7, "fromoutside", CallDirection.INBOUND),
    ],
)
def test_every_marker_has_its_direction(provider: Boxis, marker: Any, context: str, direction: CallDirection) -> None:
    assert made(provider, userfield=marker, dcontext=context).direction is direction


@pytest.mark.parametrize(
    ("fields", "phones"),
    [
        ({"userfield": "[inbound]", "wherelanded": "606", "lastdst": "317"}, ((None, None), ("606", None))),
        ({"userfield": "[inbound]", "wherelanded": "N/A", "lastdst": "606"}, ((None, None), ("606", None))),
        ({"userfield": "[inbound]", "wherelanded": "N/A", "lastdst": "Voicemail 606"}, ((None, None), ("606", "Voicemail 606"))),
        ({"userfield": "[inbound]", "wherelanded": "Voicemail 606"}, ((None, None), ("606", "Voicemail 606"))),
        ({"userfield": "[inbound]", "wherelanded": "Queue General", "lastdst": "606"}, ((None, None), ("606", "Queue General"))),
        ({"userfield": "[inbound]", "wherelanded": "Queue 14"}, ((None, None), (None, "Queue"))),
        ({"userfield": "[inbound]", "wherelanded": "0227359748", "dst": "0225101800"}, ((None, None), (None, None))),
        ({"userfield": "[inbound]", "realsrc": "606", "dst": "317"}, ((None, None), ("317", None))),
        ({"userfield": "[outbound]", "realsrc": "606", "src": "0225101800", "lastdst": "117"}, (("606", None), (None, None))),
        ({"userfield": "[outbound]", "realsrc": 606, "clid": '"Shop" <0225101800>'}, (("606", "Shop"), (None, None))),
        ({"userfield": "[outbound]", "realsrc": "606 Anna Keller"}, (("606", "Anna Keller"), (None, None))),
        ({"userfield": "[outbound]", "realsrc": "Anna Keller <606>"}, (("606", "Anna Keller"), (None, None))),
        ({"userfield": "[outbound]", "realsrc": "Queue General", "src": "606"}, (("606", "Queue General"), (None, None))),
        ({"userfield": "[internal]", "src": "606", "dst": "1175"}, (("606", None), ("1175", None))),
        ({"userfield": "[internal]", "src": "606", "dst": "*97"}, (("606", None), (None, None))),
    ],
)
def test_who_called_and_who_answered_are_the_extensions_of_the_parties(provider: Boxis, fields: dict[str, Any], phones: Any) -> None:
    call = made(provider, **fields)
    assert (phone(call.from_), phone(call.to)) == phones


def test_an_unknown_disposition_keeps_its_word(provider: Boxis) -> None:
    call = made(provider, disposition="HUNG UP")
    assert (call.status, call.hangup_cause) == (CallStatus.UNKNOWN, "HUNG UP")


@pytest.mark.parametrize(
    ("disposition", "landed", "status"),
    [
        ("ANSWERED", "Voicemail 606", CallStatus.VOICEMAIL),
        ("8", "Voicemail 606", CallStatus.VOICEMAIL),
        ("NO ANSWER", "Voicemail 606", CallStatus.NO_ANSWER),
        ("ANSWERED", "606", CallStatus.ANSWERED),
    ],
)
def test_an_answer_by_a_voicemail_box_is_voicemail(provider: Boxis, disposition: str, landed: str, status: CallStatus) -> None:
    assert made(provider, disposition=disposition, wherelanded=landed).status is status


@pytest.mark.parametrize("absent", ["", None, "N/A", " "])
def test_what_is_absent_is_null(provider: Boxis, absent: str | None) -> None:
    fields = (
        "end",
        "answer",
        "clid",
        "src",
        "dst",
        "firstdst",
        "duration",
        "billsec",
        "disposition",
        "srcCallID",
        "cc_cost",
        "cc_country",
        "linkedid",
    )
    call = made(provider, **dict.fromkeys(fields, absent))
    assert (call.answered_at, call.ended_at, call.duration_seconds, call.ring_seconds, call.talk_seconds) == (None, None, None, None, None)
    assert shown(call.from_) == shown(call.to) == (None, None, None, None, PartyKind.UNKNOWN)
    assert (call.dialed_number, call.trunk, call.hangup_cause, call.cost, call.sip_call_id) == (None,) * 5


def test_a_leg_without_a_linkedid_is_a_conversation_of_its_channel(provider: Boxis) -> None:
    assert made(provider, linkedid="").refs["session"] == LEG["uniqueid"]


def test_zero_dates_are_null(provider: Boxis) -> None:
    call = made(provider, answer="0000-00-00 00:00:00", end="0000-00-00 00:00:00")
    assert (call.answered_at, call.ended_at) == (None, None)


def test_how_long_it_rang_is_null_where_it_was_talked_but_nobody_says_since_when(provider: Boxis) -> None:
    assert made(provider, duration="20", billsec="12").ring_seconds is None


def test_numbers_may_be_numbers(provider: Boxis) -> None:
    call = made(provider, sequence=7, duration=237, billsec=236.0, cc_cost=0.25, src=1175, disposition="ANSWERED")
    assert (call.native_id, call.duration_seconds, call.talk_seconds, call.cost) == (
        "sip1-1517944376.1/7",
        237,
        236,
        Money(amount=Decimal("0.25"), currency="CHF"),
    )
    assert (call.from_.number, call.from_.kind) == ("1175", PartyKind.EXTENSION)


@pytest.mark.parametrize(
    ("clid", "name"),
    [
        ('"Anna Keller" <0041616925879>', "Anna Keller"),
        ("Anna Keller <0041616925879>", "Anna Keller"),
        ('"DirectCEO:" ', "DirectCEO:"),
        ('"" <0041616925879>', None),
        ('"0041616925879" <0041616925879>', None),
        ("0041616925879", None),
        ("<0041616925879>", None),
        ("anonymous", "anonymous"),
        ("", None),
    ],
)
def test_the_name_is_the_named_part_of_the_caller_id(provider: Boxis, clid: str, name: str | None) -> None:
    assert made(provider, clid=clid, src="0041616925879").from_.name == name


@pytest.mark.parametrize(
    ("userfield", "src", "dst", "kinds"),
    [
        ("[inbound]", "117", "606", (PartyKind.PSTN, PartyKind.EXTENSION)),
        ("[outbound]", "606", "117", (PartyKind.EXTENSION, PartyKind.PSTN)),
        ("[internal]", "606", "1175", (PartyKind.EXTENSION, PartyKind.EXTENSION)),
        ("[inbound]", "anonymous", "QUEUE-14", (PartyKind.UNKNOWN, PartyKind.QUEUE)),
        ("", "+41616925879", "s", (PartyKind.PSTN, PartyKind.UNKNOWN)),
    ],
)
def test_what_stands_behind_a_number(provider: Boxis, userfield: str, src: str, dst: str, kinds: tuple[PartyKind, PartyKind]) -> None:
    call = made(provider, userfield=userfield, src=src, dst=dst)
    assert (call.from_.kind, call.to.kind) == kinds


@pytest.mark.parametrize(
    ("fields", "trunk"),
    [
        ({"userfield": "[outbound]", "channel": "SIP/606-0000000a", "dstchannel": "SIP/NS_Out-Route-00002c28"}, "NS_Out-Route"),
        ({"userfield": "[inbound]", "channel": "PJSIP/NS_In-00002c28", "dstchannel": "SIP/606-0000000a"}, "NS_In"),
        ({"userfield": "[internal]", "channel": "SIP/606-0000000a", "dstchannel": "SIP/317-0000000b"}, None),
        ({"userfield": "[inbound]", "channel": "SIP/sip046.voice.boxis.net-00002c28", "dcontext": "fromotherpbx"}, None),
        ({"userfield": "[outbound]", "channel": "SIP/606-0000000a", "dstchannel": ""}, None),
    ],
)
def test_the_trunk_is_the_peer_of_the_channel_to_the_outside(provider: Boxis, fields: dict[str, str], trunk: str | None) -> None:
    assert made(provider, **fields).trunk == trunk


def test_a_rated_call_has_its_country_and_cost(provider: Boxis) -> None:
    call = made(provider, userfield="[outbound]", dst="0041794000200", cc_country="Switzerland", cc_cost="0.17900")
    assert shown(call.to) == ("0041794000200", "+41794000200", None, "Switzerland", PartyKind.PSTN)
    assert str(call.cost and call.cost.amount) == "0.17900"


def test_a_leg_over_the_set_back_of_the_clock(provider: Boxis) -> None:
    opened = int(at("2026-10-25 00:55:00").timestamp())
    call = made(
        provider,
        uniqueid=f"s-{opened}.1",
        start="2026-10-25 02:55:00",
        answer="2026-10-25 02:55:05",
        end="2026-10-25 02:10:05",
        duration="905",
        billsec="900",
    )
    assert (call.started_at, call.answered_at, call.ended_at) == (
        at("2026-10-25 00:55:00"),
        at("2026-10-25 00:55:05"),
        at("2026-10-25 01:10:05"),
    )


def test_a_long_leg_over_the_set_back_of_the_clock(provider: Boxis) -> None:
    opened = int(at("2026-10-25 00:01:00").timestamp())
    call = made(
        provider,
        uniqueid=f"s-{opened}.1",
        start="2026-10-25 02:01:00",
        answer="2026-10-25 02:02:00",
        end="2026-10-25 02:12:00",
        duration="4259",
        billsec="600",
    )
    assert (call.answered_at, call.ended_at) == (at("2026-10-25 01:02:00"), at("2026-10-25 01:12:00"))


def test_a_malformed_row_costs_only_itself(provider: Boxis) -> None:
    rows = [
        {**LEG, "sequence": "1"},
        {**LEG, "uniqueid": ""},
        {**LEG, "sequence": "2", "start": "0000-00-00 00:00:00"},
        {**LEG, "sequence": "3", "start": "soon"},
        {**LEG, "sequence": "4", "duration": "long"},
        {**LEG, "sequence": "5", "cc_cost": "NaN"},
        {**LEG, "sequence": "6", "src": ["0041"]},
        "x",
        {**LEG, "sequence": "9"},
    ]
    raws = [msgspec.Raw(json.dumps(row).encode()) for row in rows]
    records, problems = read_page(provider.page(mapping.CALL, raws))
    assert [record.native_id for record in records] == [f"sip1-1517944376.1/{number}" for number in (1, 4, 5, 6, 9)]
    assert (records[1].duration_seconds, records[2].cost, records[3].from_.number) == (None, None, None)
    named = "the record {} cannot be read: {} is missing or wrong; the other records are complete"
    assert [problem.message for problem in problems if problem.code is ProblemCode.MALFORMED_RECORD] == [
        named.format("-7", "`$.uniqueid`"),
        named.format("sip1-1517944376.1-2", "`$.start`"),
        named.format("sip1-1517944376.1-3", "`$.start`"),
        named.format("without an id", "its shape"),
    ]
    told = [(problem.field, problem.count) for problem in problems if problem.code is ProblemCode.MALFORMED_FIELD]
    assert told == [("durationSeconds", 1), ("cost.amount", 1), ("from.number", 1), ("from.extension", 1), ("from.name", 1)]


def test_a_session_is_made_of_its_legs(provider: Boxis) -> None:
    legs = [
        made(
            provider,
            userfield="[inbound]",
            disposition="NO ANSWER",
            end="2018-02-06 20:13:26",
            cc_cost="0.10000",
            linkedid="sip022-1517944376.1",
        ),
        made(provider, start="2018-02-06 20:13:00", end="2018-02-06 20:16:53", disposition="ANSWERED", cc_cost="0.05000"),
        made(provider, start="2018-02-06 20:13:10", end="2018-02-06 20:13:20", disposition="BUSY", cc_cost=""),
    ]
    session = provider.session(legs)
    assert (session.native_id, session.refs["calls"], session.is_derived) == ("sip022-1517944376.1", "sip022-1517944376.1", True)
    assert (session.started_at, session.ended_at, session.duration_seconds) == (at("2018-02-06 19:12:56"), at("2018-02-06 19:16:53"), 237)
    assert (session.direction, session.status, session.media_server) == (CallDirection.INBOUND, CallStatus.ANSWERED, "sip022")
    assert session.cost == Money(amount=Decimal("0.15000"), currency="CHF")
