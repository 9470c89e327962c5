"""The simulated Boxis: strict at the door, faithful in its oddities, deterministic, fast."""

import hashlib
import time
from collections import Counter
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, cast

import httpx
import msgspec
import pytest

from telegraphql.gateway.plugin.phone_numbers import Numbering
from telegraphql.plugins.boxis import Boxis
from telegraphql.plugins.boxis.local_time import start_in_id
from telegraphql.plugins.boxis.mapping import CALL
from telegraphql.plugins.boxis.sandbox import BoxisSandbox
from telegraphql.plugins.boxis.sandbox.examples import EMPTY_ROW, EXAMPLES
from telegraphql.plugins.boxis.settings import BoxisSettings
from telegraphql.plugins.boxis.wire import Cdr
from telegraphql.schema.call import Call
from tests.support.clock import FIXED_NOW

ALL = {"datefrom": "", "dateto": ""}
SEED_DAY = {"datefrom": "2018-02-06 00:00:00", "dateto": "2018-02-06 23:59:59"}


@pytest.fixture(scope="module")
def truth() -> list[dict[str, Any]]:
    return BoxisSandbox(now=FIXED_NOW).records["calls"]


def mapped(truth: list[dict[str, Any]]) -> list[Call]:
    settings = BoxisSettings(username="a@example.com", user_key="k", tenant="VOICE-12001-1")
    provider = Boxis("boxis", settings, cast(Any, None), Numbering("CH"))
    return [CALL.record(msgspec.convert(row, Cdr), provider) for row in truth]


def signed(sandbox: BoxisSandbox, **changes: str | None) -> dict[str, str]:
    timestamp = changes.get("timestamp") or str(int(time.time()))
    authcode = hashlib.md5((timestamp + sandbox.user_key).encode()).hexdigest()
    form: dict[str, str | None] = {
        "version": "1.0",
        "returntype": "json",
        "timestamp": timestamp,
        "username": sandbox.username,
        "authcode": authcode,
        "section": "voice",
        "action": "getCDR",
        "tenant": sandbox.tenant,
        **SEED_DAY,
        **changes,
    }
    return {name: value for name, value in form.items() if value is not None}


def post(served: Any, **changes: str | None) -> httpx.Response:
    return httpx.post(served.url + "/", data=signed(served.sandbox, **changes))


def rows(served: Any, **changes: str | None) -> list[dict[str, Any]]:
    return list(post(served, **changes).json()["params"]["cdr"].values())


def test_the_seeds_answer_comes_as_php_writes_it(served: Any) -> None:
    answer = post(served)
    said = answer.json()
    assert (answer.status_code, said["result"], said["resulttxt"]) == (200, "1", "success")
    assert abs(said["timestamp"] - time.time()) < 5
    assert sorted(said["params"]["cdr"]) == ["call_1", "call_2"]
    assert sorted(said["params"]["cdr"].values(), key=lambda row: row["start"]) == EXAMPLES
    assert r"SIP\/NS_Inbound_Route_CH_Direct_105-00002c27" in answer.text
    assert r'"wherelanded":"N\/A"' in answer.text


def test_the_same_answer_as_xml(served: Any) -> None:
    answer = post(served, returntype="xml")
    assert answer.headers["content-type"].startswith("text/xml")
    assert "<return><result>1</result><resulttxt>success</resulttxt><params><cdr><call_1>" in answer.text
    assert "<lastdata>SIP/1175@sip022.voice.boxis.net&amp;SIP/317@sip015.voice.boxis.net,90,U(destChannel</lastdata>" in answer.text
    assert "<prevsequence/>" in answer.text


def test_an_empty_answer_holds_phps_empty_array(served: Any) -> None:
    nothing = {"datefrom": "2001-01-01 00:00:00", "dateto": "2001-01-02 00:00:00"}
    assert post(served, **nothing).json()["params"] == {"cdr": []}
    assert "<params><cdr/></params>" in post(served, returntype="xml", **nothing).text


def test_both_dates_empty_is_everything(served: Any) -> None:
    assert len(rows(served, **ALL)) == len(served.truth("calls")) == 200


def test_the_order_is_stable_and_not_that_of_time(served: Any) -> None:
    first = [row["start"] for row in rows(served, **ALL)]
    assert first == [row["start"] for row in rows(served, **ALL)]
    assert first != sorted(first)
    assert first != sorted(first, reverse=True)


@pytest.mark.parametrize("missing", ["version", "timestamp", "username", "authcode", "section", "action", "tenant", "datefrom", "dateto"])
def test_a_missing_field_is_refused(served: Any, missing: str) -> None:
    answer = post(served, **{missing: None})
    assert (answer.status_code, answer.json()["result"], answer.json()["resulttxt"]) == (200, "0", f"Error: missing parameter {missing}")


@pytest.mark.parametrize(
    ("wrong", "why"),
    [
        ({"version": "2.0"}, "wrong version or returntype"),
        ({"returntype": "csv"}, "wrong version or returntype"),
        ({"username": "other@example.com"}, "authentication failed"),
        ({"authcode": "0" * 32}, "authentication failed"),
        ({"section": "voip"}, "no such section or action"),
        ({"action": "getCallsHistory"}, "no such section or action"),
        ({"tenant": "VOICE-12001-2"}, "unknown tenant"),
        ({"datefrom": "2018-02-06"}, "a date is not in yyyy-mm-dd hh:mm:ss format"),
        ({"dateto": "2018-02-06T00:00:00"}, "a date is not in yyyy-mm-dd hh:mm:ss format"),
    ],
)
def test_a_wrong_field_is_refused(served: Any, wrong: dict[str, str], why: str) -> None:
    said = post(served, **wrong).json()
    assert (said["result"], said["resulttxt"], "params" in said, "timestamperror" in said) == ("0", f"Error: {why}", False, False)


def test_a_clock_within_a_minute_is_good(served: Any) -> None:
    assert post(served, timestamp=str(int(time.time()) - 50)).json()["result"] == "1"


@pytest.mark.parametrize("timestamp", ["1336553826", "soon", ""])
def test_a_wrong_clock_is_told_the_right_one(served: Any, timestamp: str) -> None:
    said = httpx.post(served.url, data=signed(served.sandbox) | {"timestamp": timestamp}).json()
    assert (said["result"], said["timestamperror"]) == ("0", 1)
    assert abs(said["timestamp"] - time.time()) < 5
    assert "<timestamperror>1</timestamperror>" in post(served, returntype="xml", timestamp="1336553826").text


def test_the_journal_shows_no_credentials(served: Any) -> None:
    post(served)
    assert served.journal()[0]["parameters"] == {"returntype": "json", "tenant": "VOICE-12001-1", **SEED_DAY}


def test_the_same_seed_gives_the_same_legs(truth: list[dict[str, Any]]) -> None:
    assert BoxisSandbox(now=FIXED_NOW).records["calls"] == truth
    assert BoxisSandbox(now=FIXED_NOW, seed=2).records["calls"] != truth


@pytest.mark.parametrize(("asked", "held"), [(0, 2), (1, 2), (2, 2), (3, 3), (149, 149), (150, 150), (1000, 1000)])
def test_there_are_exactly_as_many_legs_as_asked_for(asked: int, held: int) -> None:
    assert len(BoxisSandbox(records=asked, now=FIXED_NOW).records["calls"]) == held


def test_rows_are_told_apart_by_uniqueid_and_sequence_only_together(truth: list[dict[str, Any]]) -> None:
    assert len({(row["uniqueid"], row["sequence"]) for row in truth}) == 1000
    assert len({row["uniqueid"] for row in truth}) < 950
    assert all(list(row) == list(EMPTY_ROW) for row in truth)
    assert all(value is None or isinstance(value, str) for row in truth for value in row.values())


def test_every_word_and_quirk_occurs(truth: list[dict[str, Any]]) -> None:
    assert {row["disposition"] for row in truth} == {"ANSWERED", "NO ANSWER", "BUSY", "FAILED", "CONGESTION", "8", "0", "1", "4", "2", "16"}
    assert {row["userfield"] for row in truth} == {"[inbound]", "[outbound]", "[internal]", "", "[callback]", "INTERNAL"}
    assert {row["pincode"] for row in truth} == {"", "4711"}
    assert any(row["wherelanded"].startswith("Voicemail ") for row in truth)
    assert any(row["cc_cost"] != "0.00000" for row in truth)
    assert {row["answer"] == "0000-00-00 00:00:00" for row in truth} == {True, False}


def test_a_second_holds_up_to_a_crowd(truth: list[dict[str, Any]]) -> None:
    sizes = Counter(Counter(row["start"] for row in truth).values())
    assert max(sizes) >= 40
    assert all(sizes[size] for size in range(1, 8))


def test_sessions_have_one_to_five_legs_within_an_hour(truth: list[dict[str, Any]]) -> None:
    assert set(Counter(row["linkedid"] for row in truth).values()) == {1, 2, 3, 4, 5}
    for row in mapped(truth):
        opened = start_in_id(row.refs["session"])
        assert opened is not None
        assert -60 < (row.started_at - opened).total_seconds() <= 3600


def test_a_conversation_over_two_nodes_has_two_linkedids_and_one_sip_call_id(truth: list[dict[str, Any]]) -> None:
    linked: dict[str, set[str]] = {}
    for row in truth:
        linked.setdefault(row["srcCallID"], set()).add(row["linkedid"])
    assert any(call_id and len(ids) == 2 for call_id, ids in linked.items())


def test_lengths_differ_from_what_the_clock_says(truth: list[dict[str, Any]]) -> None:
    off = Counter((call.ended_at - call.started_at).total_seconds() - call.duration_seconds for call in mapped(truth))
    assert set(off) == {0.0, 1.0}


def test_nothing_ends_in_the_future_and_most_is_of_the_last_month(truth: list[dict[str, Any]]) -> None:
    calls = mapped(truth)
    assert max(call.ended_at for call in calls) <= FIXED_NOW
    assert sum((FIXED_NOW - call.started_at).days <= 30 for call in calls) > 950


def test_legs_stand_at_the_changes_of_the_clock(truth: list[dict[str, Any]]) -> None:
    starts = Counter(row["start"] for row in truth)
    assert all(starts[f"2026-10-25 02:{minute:02}:00"] >= 2 for minute in range(0, 60, 5))
    assert min(starts["2026-03-29 01:59:59"], starts["2026-03-29 03:00:00"]) == 1
    assert any(row["end"] < row["start"] for row in truth)
    assert not any(row["start"].startswith("2026-03-29 02") for row in truth)


def test_numbers_are_real(truth: list[dict[str, Any]]) -> None:
    e164 = Numbering("CH").e164
    numbers = {row[name] for row in truth for name in ("src", "dst") if row[name].isdecimal() and len(row[name]) > 6}
    assert len(numbers) > 300
    assert [number for number in numbers if e164(number) is None] == []


def test_an_added_leg_is_answered_at_once(served: Any) -> None:
    before = int(served.sandbox.current_time().timestamp())
    row = httpx.post(served.url + "/_sandbox/records", params={"kind": "calls"}, json={"src": "0041616925879"}).json()
    opened = start_in_id(row["uniqueid"])
    assert opened is not None
    assert before <= opened.timestamp() <= served.sandbox.current_time().timestamp()
    assert (row["src"], row["disposition"], row["linkedid"]) == ("0041616925879", "ANSWERED", row["uniqueid"])
    assert row in rows(served, datefrom=row["start"], dateto=row["start"])


def test_an_added_leg_may_say_when_it_began(served: Any) -> None:
    row = served.sandbox.add("calls", {"start": "2026-07-01 12:00:00", "end": "2026-07-01 12:01:00"})
    assert start_in_id(row["uniqueid"]) == datetime(2026, 7, 1, 10, tzinfo=UTC)
    assert row in rows(served, datefrom="2026-07-01 12:00:00", dateto="2026-07-01 12:00:00")


@pytest.mark.parametrize(("kind", "given"), [("sessions", {}), ("calls", {"nonsense": 1}), ("calls", {"start": "soon"})])
def test_what_cannot_be_added_is_refused(served: Any, kind: str, given: dict[str, Any]) -> None:
    assert httpx.post(served.url + "/_sandbox/records", params={"kind": kind}, json=given).status_code == 400


def test_its_configuration_reaches_it(served: Any, tmp_path: Path) -> None:
    table = served.sandbox.configuration(tmp_path)
    assert table.pop("plugin") == "boxis"
    assert Boxis.settings_type(**table).base_url == served.url


@pytest.mark.slow
def test_a_hundred_thousand_legs_are_no_burden() -> None:
    begun = time.perf_counter()
    sandbox = BoxisSandbox(records=100_000, now=FIXED_NOW)
    assert time.perf_counter() - begun < 20
    begun = time.perf_counter()
    assert 1000 < len(sandbox.between("2026-11-10 00:00:00", "2026-11-10 23:59:59")) < 10_000
    assert time.perf_counter() - begun < 0.1
