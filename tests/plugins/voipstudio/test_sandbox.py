"""VoIPstudio's sandbox: its data, and a wire protocol as strict as the upstream is said to be."""

import json
import re
import sys
from collections import Counter
from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from types import FrameType
from typing import Any

import httpx
import phonenumbers
import pytest

from telegraphql.plugins.voipstudio import Voipstudio, codes
from telegraphql.plugins.voipstudio.sandbox import VoipstudioSandbox, examples, files
from telegraphql.plugins.voipstudio.sandbox.conversations import FIRST_LIVE_ID
from telegraphql.plugins.voipstudio.sandbox.fields import FIELDS_OF_V1_2, RESOURCES
from telegraphql.plugins.voipstudio.sandbox.queries import ListParameters
from telegraphql.plugins.voipstudio.sandbox.rules import Like, ListRules, Sorting
from telegraphql.plugins.voipstudio.sandbox.sample_values import LOGIN, PASSWORD
from tests.plugins.conftest import Served
from tests.support.clock import FIXED_NOW


@pytest.fixture(scope="module")
def thousand() -> VoipstudioSandbox:
    return VoipstudioSandbox(now=FIXED_NOW)


@pytest.fixture
def http(served: Served) -> Iterator[httpx.Client]:
    headers = {"X-Auth-Token": served.table()["api_token"]}
    with httpx.Client(base_url=f"{served.url}/v1.2/voipstudio", headers=headers) as client:
        yield client


@pytest.fixture
def rules(served: Served) -> Iterator[ListRules]:
    """The switches of the sandbox, which are reset after the test."""
    sandbox: Any = served.sandbox
    sandbox.rules = ListRules()
    yield sandbox.rules
    sandbox.rules = ListRules()


@pytest.fixture
def bare(served: Served) -> Iterator[httpx.Client]:
    with httpx.Client(base_url=f"{served.url}/v1.2/voipstudio") as client:
        yield client


def condition(name: str, operator: str, value: Any) -> dict[str, str]:
    return {"filter": json.dumps([{"property": name, "operator": operator, "value": value}])}


def test_the_same_seed_number_and_moment_give_the_same_records(thousand: VoipstudioSandbox) -> None:
    assert VoipstudioSandbox(now=FIXED_NOW).records == thousand.records
    assert VoipstudioSandbox(now=FIXED_NOW, seed=2).records["calls"] != thousand.records["calls"]


@pytest.mark.parametrize(("asked", "found"), [(0, 8), (5, 8), (9, 9), (200, 200), (1000, 1000)])
def test_there_are_exactly_as_many_calls_as_asked_for(asked: int, found: int) -> None:
    assert len(VoipstudioSandbox(records=asked, now=FIXED_NOW).records["calls"]) == found


def test_each_call_costs_the_same_work_however_many_there_are() -> None:
    """So that a hundred thousand are ready soon: functions that are called are counted, on no clock."""
    few, many = (worked(lambda number=number: VoipstudioSandbox(records=number, now=FIXED_NOW)) for number in (500, 4000))
    assert many < 9 * few


def worked(make: Callable[[], object]) -> int:
    """How many functions it takes."""
    seen = 0

    def count(frame: FrameType, event: str, arg: object) -> None:
        nonlocal seen
        seen += event in ("call", "c_call")

    sys.setprofile(count)
    try:
        make()
    finally:
        sys.setprofile(None)
    return seen


def test_every_code_of_the_tables_occurs(thousand: VoipstudioSandbox) -> None:
    calls = thousand.records["calls"]
    seen = {name: {str(row[name]) for row in calls} for name in ("disposition", "destination", "type", "context")}
    assert seen["disposition"] >= {*codes.STATUS, *codes.UNANSWERED}
    assert (seen["destination"] >= {*codes.DESTINATION}, seen["type"] >= {*codes.TYPE}) == (True, True)
    assert seen["context"] >= {"PSTN_CALL", "USER_LOCAL", "IVR", "QUEUE", "FOLLOW_ME", "TEST_CALL"}
    assert {row["t_cause"] for row in calls} >= {*codes.CAUSE}
    assert {row["type"] for row in thousand.records["transactions"]} >= {"payment", "refund", "bonus"}
    assert {row["state"] for row in thousand.records["chats"]} == {0, 1, 2, 3, 4}


def test_many_records_begin_in_the_same_second_and_not_in_the_order_of_ids(thousand: VoipstudioSandbox) -> None:
    calls = thousand.records["calls"]
    ties = Counter(row["calldate"] for row in calls)
    assert {2, 3, 4} <= set(ties.values())
    assert max(ties.values()) >= 40
    (burst, _) = ties.most_common(1)[0]
    tied = [row["id"] for row in calls if row["calldate"] == burst]
    assert tied != sorted(tied)
    assert tied != sorted(tied, reverse=True)
    assert max(Counter(row["timestamp"] for row in thousand.records["recordings"]).values()) >= 20


def test_sessions_are_trees_of_one_to_four_legs_within_an_hour(thousand: VoipstudioSandbox) -> None:
    generated = [row for row in thousand.records["calls"] if row["id"] > 10_000]
    roots = {row["live_id"]: row for row in generated if row["is_root"]}
    sessions: dict[int, list[dict[str, Any]]] = {}
    for row in generated:
        sessions.setdefault(row["root_live_id"], []).append(row)
    assert {*sessions} == {*roots}
    assert {len(legs) for legs in sessions.values()} == {1, 2, 3, 4}
    for key, legs in sessions.items():
        times = [datetime.fromisoformat(leg["calldate"]) for leg in legs]
        assert max(times) - min(times) < timedelta(hours=1)
        lives = {leg["live_id"] for leg in legs}
        assert all(leg["parent_live_id"] in lives for leg in legs if not leg["is_root"])
        assert roots[key]["parent_live_id"] is None
        assert sum(leg["nb_children"] for leg in legs) == len(legs) - 1


def test_generated_calls_are_of_the_last_thirty_days_and_over(thousand: VoipstudioSandbox) -> None:
    now = FIXED_NOW.replace(tzinfo=None)
    for row in thousand.records["calls"]:
        if row["id"] > 10_000:
            began = datetime.fromisoformat(row["calldate"])
            assert now - timedelta(days=30) <= began < began + timedelta(seconds=row["duration"]) < now


def test_numbers_are_international_without_a_plus_and_real(thousand: VoipstudioSandbox) -> None:
    outside = {
        row["src"] for row in thousand.records["calls"] if row["id"] > 10_000 and row["context"] == "PSTN_CALL" and row["type"] == "I"
    }
    assert len(outside) > 10
    for number in outside - {"32179243705"}:  # the reference's own example is none
        assert phonenumbers.is_valid_number(phonenumbers.parse(f"+{number}")), number


def test_v1_1_tells_less(bare: httpx.Client, served: Served) -> None:
    headers = {"X-Auth-Token": served.table()["api_token"]}
    for path in ("/cdrs?limit=1", "/cdrs/7762"):
        shown = {
            version: httpx.get(f"{served.url}/{version}/voipstudio{path}", headers=headers).json()["data"] for version in ("v1.1", "v1.2")
        }
        old, new = (shown[version][0] if isinstance(shown[version], list) else shown[version] for version in ("v1.1", "v1.2"))
        assert {*new} - {*old} == FIELDS_OF_V1_2
    refused = httpx.get(f"{served.url}/v1.1/voipstudio/cdrs", params=condition("root_live_id", "eq", 1), headers=headers)
    assert refused.status_code == 400
    assert httpx.get(f"{served.url}/v1.3/voipstudio/cdrs", headers=headers).status_code == 404


@pytest.mark.parametrize(
    "headers",
    [
        {},
        {"X-Auth-Token": "wrong"},
        {"Authorization": "Basic !"},
        {"Authorization": "Basic MTp4"},
        {"Authorization": "Bearer x"},
    ],
)
def test_nobody_gets_in_without_credentials(bare: httpx.Client, headers: dict[str, str]) -> None:
    for path in ("/cdrs", "/cdrs/7762", "/monitors/3098.mp3", "/me", "/ping", "/users/1004567/cdrs.csv"):
        assert bare.get(path, headers=headers).status_code == 401
    assert bare.delete("/cdrs", headers=headers).status_code == 401
    assert bare.patch("/cdrs", headers=headers, json=[]).status_code == 401


def test_dictionaries_are_open(bare: httpx.Client) -> None:
    assert bare.get("/cdrs/dictionaries").json()["total"] == 59


def test_a_login_gives_a_token_that_dies_of_idleness(bare: httpx.Client, served: Served) -> None:
    logins = served.sandbox.logins  # type: ignore[attr-defined]
    answer = bare.post("/login", json={"email": LOGIN, "password": PASSWORD})
    assert (answer.status_code, {*answer.json()}) == (200, {"message", "user_token", "user_id"})
    headers = {"X-Auth-Token": answer.json()["user_token"]}
    assert bare.get("/ping", headers=headers).json() == {"data": {"response": "Pong"}}
    assert bare.get("/me", auth=(str(answer.json()["user_id"]), headers["X-Auth-Token"])).status_code == 200
    logins.idle_seconds = -1
    try:
        assert bare.get("/me", headers=headers).status_code == 401
    finally:
        logins.idle_seconds = 1800
    assert bare.get("/me", headers=headers).status_code == 401
    assert bare.post("/login", json={"email": LOGIN, "password": "wrong"}).status_code == 401


def test_a_second_factor_is_asked_for_with_a_nonce_that_is_good_once(bare: httpx.Client, served: Served) -> None:
    logins = served.sandbox.logins  # type: ignore[attr-defined]
    logins.two_factor = True
    try:
        answer = bare.post("/login", json={"email": LOGIN, "password": PASSWORD})
        assert (answer.status_code, {*answer.json()}) == (202, {"nonce"})
        second = {"nonce": answer.json()["nonce"], "code": "123456"}
        assert bare.post("/login2fa", json=second).json()["user_token"]
        assert bare.post("/login2fa", json=second).status_code == 401
    finally:
        logins.two_factor = False


@pytest.mark.parametrize(
    "parameters",
    [
        {"limit": "5001"},
        {"limit": "0"},
        {"limit": "many"},
        {"page": "0"},
        {"page": "-1"},
        {"sort": "colour"},
        {"dir": "SIDEWAYS"},
        {"filter": "{"},
        {"filter": "{}"},
        {"filter": "[1]"},
        condition("duration", "between", [1, 2]),
        condition("duration", "in", [1, 2]),
        condition("colour", "eq", 1),
        condition("labels", "eq", "vip"),
        condition("duration", "gt", "long"),
        condition("calldate", "gte", "yesterday"),
        condition("duration", "like", 5),
    ],
)
def test_wrong_parameters_are_refused(http: httpx.Client, parameters: dict[str, str]) -> None:
    answer = http.get("/cdrs", params=parameters)
    assert (answer.status_code, {*answer.json()}) == (400, {"errors"})


@pytest.mark.parametrize(
    ("name", "operator", "value", "holds"),
    [
        ("duration", "eq", 30, lambda row: row["duration"] == 30),
        ("duration", "gt", "30", lambda row: row["duration"] > 30),
        ("duration", "lt", 30, lambda row: row["duration"] < 30),
        ("disposition", "eq", "connected", lambda row: row["disposition"] == "CONNECTED"),
        ("src", "like", "7946", lambda row: "7946" in row["src"]),
        ("src", "like", "7946%", lambda row: False),
        ("is_root", "eq", True, lambda row: row["is_root"]),
        ("parent_live_id", "gt", 0, lambda row: row["parent_live_id"] is not None),
        ("calldate", "lt", "2026-11-01", lambda row: row["calldate"] < "2026-11-01 00:00:00"),
        ("calldate", "gt", "2026-11-01", lambda row: row["calldate"] > "2026-11-01 00:00:00"),
        ("calldate", "eq", "2016-11-13 14:44:07", lambda row: row["id"] == 7762),
        ("calldate", "like", "2026-11-0", lambda row: row["calldate"].startswith("2026-11-0")),
    ],
)
def test_the_six_operators(
    http: httpx.Client, served: Served, name: str, operator: str, value: Any, holds: Callable[[dict[str, Any]], bool]
) -> None:
    answer = http.get("/cdrs", params={"limit": "5000"} | condition(name, operator, value)).json()
    wanted = {row["id"] for row in served.truth("calls") if holds(row)}
    assert ({row["id"] for row in answer["data"]}, answer["total"]) == (wanted, len(wanted))


@pytest.mark.parametrize(
    ("like", "value", "holds"),
    [
        (Like.PART_OR_WILDCARD, "7946", lambda src: "7946" in src),
        (Like.PART_OR_WILDCARD, "44_07946%", lambda src: re.search("44.07946", src)),
        (Like.WHOLE, "7946", lambda src: False),
        (Like.WHOLE, "%7946%", lambda src: "7946" in src),
        (Like.WHOLE, "44_07946%", lambda src: re.match("44.07946", src)),
    ],
)
def test_like_may_know_wildcards_or_want_the_whole_text(
    http: httpx.Client, rules: ListRules, served: Served, like: Like, value: str, holds: Callable[[str], Any]
) -> None:
    rules.like = like
    answer = http.get("/cdrs", params={"limit": "5000"} | condition("src", "like", value)).json()
    assert {row["id"] for row in answer["data"]} == {row["id"] for row in served.truth("calls") if holds(row["src"])}


def test_an_account_may_refuse_filters_and_orders(http: httpx.Client, rules: ListRules) -> None:
    rules.like, rules.sorting, rules.proven_filters_only = Like.REFUSED, Sorting.REFUSED, True
    asked = [condition("src", "like", "7946"), {"sort": "calldate"}, condition("duration", "gte", 1)]
    assert [http.get("/cdrs", params=each).status_code for each in asked] == [400, 400, 400]
    asked = [condition("calldate", "gte", "2026-11-01"), {"sort": "id", "dir": "DESC"}, {"filter": "[]"}]
    assert [http.get("/cdrs", params=each).status_code for each in asked] == [200, 200, 200]


def test_an_order_may_be_ignored(http: httpx.Client, rules: ListRules) -> None:
    rules.sorting = Sorting.IGNORED
    keys = [row["id"] for row in http.get("/cdrs", params={"sort": "calldate", "dir": "ASC"}).json()["data"]]
    assert keys == sorted(keys)


def test_a_trace_may_come_as_json(http: httpx.Client, rules: ListRules) -> None:
    assert http.get("/cdrs/7762.trace").headers["content-type"] == "text/plain; charset=utf-8"
    rules.traces_as_json = True
    assert http.get("/cdrs/7762.trace").json()["data"]["id"] == 7762


def test_values_are_as_live_accounts_have_them(thousand: VoipstudioSandbox) -> None:
    calls = [row for row in thousand.records["calls"] if row["id"] > 10_000]
    assert min(row["id"] for row in calls) > 2**32
    assert min(row["live_id"] for row in calls) > 2**32
    outside = [row for row in calls if row["context"] == "PSTN_CALL" and row["type"] == "I" and not row["src_name"]]
    assert {row["clid"] for row in outside} == {f'"+{row["src"]}" <+{row["src"]}>' for row in outside}
    assert not [row for row in calls if "+" in row["dst"]]
    assert {type(row["labels"]) for row in calls} == {list}
    assert {type(row["metadata"]) for row in calls} == {str, type(None)}
    assert {type(row["number"]) for row in thousand.records["queues"]} == {int}
    assert {None, ""} <= {row["dst_name"] for row in calls}


def test_pages_are_of_any_length_in_any_order(http: httpx.Client, served: Served) -> None:
    keys = sorted(row["id"] for row in served.truth("calls"))
    assert [row["id"] for row in http.get("/cdrs").json()["data"]] == keys[::-1][:100]
    page = http.get("/cdrs", params={"limit": "30", "page": "2", "sort": "id", "dir": "ASC"}).json()
    assert ([row["id"] for row in page["data"]], page["total"]) == (keys[30:60], len(keys))
    assert http.get("/cdrs", params={"limit": "30", "page": "99"}).json() == {"data": [], "total": len(keys)}
    for direction in ("ASC", "DESC"):
        rows = [row for page in range(1, 9) for row in http.get(f"/cdrs?limit=30&page={page}&sort=calldate&dir={direction}").json()["data"]]
        times = [row["calldate"] for row in rows]
        assert (sorted(row["id"] for row in rows), times) == (keys, sorted(times, reverse=direction == "DESC"))


@pytest.mark.parametrize(("path", "status"), [("/cdrs/123456789", 404), ("/cdrs/967", 403), ("/monitors/967.mp3", 403), ("/nowhere", 404)])
def test_unknown_and_foreign_records_are_told_apart(http: httpx.Client, path: str, status: int) -> None:
    assert http.get(path).status_code == status


def test_deleting_some_is_all_or_none(http: httpx.Client, served: Served) -> None:
    known = [row["id"] for row in served.truth("recordings")][:2]
    assert http.delete(f"/monitors/{known[0]},123456789").status_code == 404
    assert http.delete(f"/monitors/{known[0]},967").status_code == 403
    assert http.delete("/monitors/all").status_code == 404
    assert [row["id"] for row in served.truth("recordings")][:2] == known


def test_a_bulk_change_takes_the_references_own_body(http: httpx.Client) -> None:
    answer = http.patch("/cdrs", json=[[], {"id": 7762}])
    assert (answer.status_code, answer.json()["data"]["id"]) == (200, 7762)
    for wrong in ({}, [], [[]], [{"info": "x"}], [{"id": 7762, "src": "1"}], [{"id": "7762"}]):
        assert http.patch("/cdrs", json=wrong).status_code == 400


def test_recordings_play(served: Served) -> None:
    for size in (36, 46, 3065, 3157, 4487, *(row["size"] for row in served.truth("recordings"))):
        body = files.mp3(size)
        assert len(body) == size
        skipped = size % 36 and (size % 36 if size % 36 >= 10 else size % 36 + 36)
        assert body[:3] == (b"ID3" if skipped else b"\xff\xf3\x18")
        assert body[skipped : skipped + 4] in (b"\xff\xf3\x18\xc4", b"")


def test_a_capture_begins_as_one() -> None:
    body = files.pcap(examples.cdrs()[0])
    assert body[:4] == b"\xd4\xc3\xb2\xa1"
    assert b"INVITE sip:44779243705@" in body


@pytest.mark.parametrize("kind", [*RESOURCES, "notes", "chatMessages", "statements"])
def test_a_record_can_be_added_now(serve: Callable[..., Served], kind: str) -> None:
    sandbox = serve(Voipstudio, records=20).sandbox
    row = sandbox.add(kind, {})
    assert row in sandbox.records[kind]
    if kind in RESOURCES:
        assert row[RESOURCES[kind].time][:10] == "2026-11-20"


def test_an_added_call_stands_in_its_place_and_is_found(serve: Callable[..., Served]) -> None:
    table = serve(Voipstudio, records=20).sandbox.tables["calls"]  # type: ignore[attr-defined]
    everything = table.rows[:]
    for live in (FIRST_LIVE_ID + 2, 77):
        asked = ListParameters.parse(condition("live_id", "eq", live) | {"sort": "calldate"}, table.types, ListRules())
        before = table.query(asked, table.types)[1]
        added = everything[10] | {"id": 90_000_000_000 + live, "live_id": live}
        table.add(added)
        assert table.query(asked, table.types)[1] == before + 1
        assert table.get(added["id"]) is added
    assert [row["calldate"] for row in table.rows] == sorted(row["calldate"] for row in table.rows)


def test_an_unknown_kind_cannot_be_added(served: Served) -> None:
    with pytest.raises(KeyError):
        served.sandbox.add("unicorns", {})


def test_the_journal_names_operations_without_ids(http: httpx.Client, served: Served) -> None:
    for path in ("/cdrs/7762/notes", "/cdrs/7762.trace", "/users/1/cdrs.csv"):
        http.get(path)
    http.delete("/monitors/1,2")
    assert [row["operation"] for row in served.journal()] == [
        "GET /cdrs/{id}/notes",
        "GET /cdrs/{id}.trace",
        "GET /users/{id}/cdrs.csv",
        "DELETE /monitors/{ids}",
    ]
