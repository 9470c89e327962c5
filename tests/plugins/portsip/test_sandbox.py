"""The simulated PBX: as strict as the documents, its data as full of quirks as the live samples."""

import wave
from collections import Counter
from collections.abc import Callable
from datetime import datetime, timedelta
from io import BytesIO
from typing import Any

import httpx
import phonenumbers
import pytest

from telegraphql.gateway.plugin.provider import Provider
from telegraphql.plugins.portsip.auth import CLIENT_ID
from telegraphql.plugins.portsip.sandbox import PortsipSandbox, auth, examples, fields
from telegraphql.plugins.portsip.sandbox.data import END_REASONS, FAILURES, REROUTE_REASONS
from telegraphql.plugins.portsip.sandbox.sample_values import RANGES, STATUSES, STRATEGIES, TYPES
from tests.support.clock import FIXED_NOW

LOGIN = {"username": "admin", "domain": auth.DOMAIN, "password": auth.PASSWORD}
GRANT = {"grant_type": "password", **LOGIN, "scope": "all", "client_id": CLIENT_ID}
UNAUTHORIZED = {"errors": [{"code": "UNAUTHORIZED", "message": "unauthorized"}]}


@pytest.fixture(scope="module")
def full() -> PortsipSandbox:
    return PortsipSandbox(now=FIXED_NOW)


@pytest.fixture
async def client(served: Any) -> Any:
    async with httpx.AsyncClient(base_url=served.url) as opened:
        token = served.sandbox.tokens.issue(auth.USERS[0])["access_token"]
        opened.headers["authorization"] = f"Bearer {token}"
        yield opened


def test_the_same_seed_gives_the_same_data(full: PortsipSandbox) -> None:
    assert PortsipSandbox(now=FIXED_NOW).records == full.records
    assert PortsipSandbox(now=FIXED_NOW, seed=2).records["calls"] != full.records["calls"]


@pytest.mark.parametrize("count", [0, 1, 3, 4, 179, 1000])
def test_there_are_as_many_calls_as_asked_for_but_never_fewer_than_the_examples(count: int) -> None:
    calls = PortsipSandbox(records=count, now=FIXED_NOW).records["calls"]
    assert len(calls) == max(3, count)
    assert {row["id"] for row in examples.LEGS} <= {row["id"] for row in calls}


def test_every_word_of_the_documents_occurs(full: PortsipSandbox) -> None:
    calls, queues = full.records["calls"], full.records["queues"]
    assert {row["direction"] for row in calls} == {"INBOUND_CALL", "OUTBOUND_CALL", "EXTENSION_CALL", "INBOUND_OUTBOUND_CALL"}
    assert {row["end_reason"] for row in calls} == {"", "CANCELLED", *END_REASONS}
    assert {row["reroute_reason"] for row in calls} == {"", "QUEUE_EXIT", "QUEUE_ABANDONED", *REROUTE_REASONS}
    assert {row["status_code"] for row in calls} == {0, 1, *FAILURES}
    assert [row["polling_strategy"] for row in sorted(queues, key=lambda row: row["extension_number"])] == list(STRATEGIES)
    assert {row["status"] for row in full.records["voicemessages"]} == {"READ", "UNREAD"}
    assert {(row["type"], row["format"]) for row in full.records["reports"]} == {(each, form) for each in TYPES for form in ("CSV", "HTML")}
    schedules = full.records["reportSchedules"]
    for name, words in (("type", TYPES), ("range", RANGES), ("status", STATUSES)):
        assert {row[name] for row in schedules} == set(words)
    assert Counter(row["file_size"] == 0 for row in full.records["recordings"])[True] > 3
    assert {"sender_number" in row for row in full.records["voicemessages"]} == {True, False}


def test_calls_are_of_the_last_thirty_days_and_heavily_tied(full: PortsipSandbox) -> None:
    calls = full.records["calls"]
    starts = [datetime.fromisoformat(row["started_at"]) for row in calls]
    recent = [start for start in starts if start > FIXED_NOW - timedelta(days=30, minutes=1)]
    assert (len(recent), starts == sorted(starts), max(starts) < FIXED_NOW) == (997, True, True)
    seconds = Counter(start.replace(microsecond=0) for start in starts)
    stamps = Counter(starts)
    assert max(stamps.values()) >= 40
    assert sum(1 for count in seconds.values() if 2 <= count <= 8) > 50
    assert sum(1 for count in stamps.values() if 2 <= count <= 8) > 10
    tied = [row["id"] for row in calls if stamps[datetime.fromisoformat(row["started_at"])] >= 40]
    assert tied != sorted(tied)
    assert len({row["id"] for row in calls}) == 1000


def test_numbers_look_real(full: PortsipSandbox) -> None:
    numbers = {row[end] for row in full.records["calls"] for end in ("caller", "callee") if len(row[end]) > 8 and row[end] != "anonymous"}
    valid = [
        number
        for number in numbers
        if phonenumbers.is_valid_number(phonenumbers.parse(number.replace("00", "+", 1) if number.startswith("00") else number, "CH"))
    ]
    assert len(valid) == len(numbers) > 100
    assert {number[:2] if number.startswith("00") else number[0] for number in numbers} == {"+", "00", "0"}


def test_a_recording_lies_inside_its_leg(full: PortsipSandbox) -> None:
    legs = {row["id"]: row for row in full.records["calls"]}
    for row in full.records["recordings"]:
        leg = legs[row.get("calllog_id", examples.ANSWERED_LEG["id"])]
        begun = datetime.fromisoformat(row["started_at"]) - datetime.fromisoformat(leg["answered_at"])
        ended = datetime.fromisoformat(leg["ended_at"]) - datetime.fromisoformat(row["ended_at"])
        assert timedelta(milliseconds=-1) < begun < timedelta(seconds=0.21)
        assert timedelta(0) <= ended < timedelta(seconds=0.11)
        extension = leg["callee"] if leg["direction"] == "INBOUND_CALL" else leg["caller"]
        assert row["file_name"].split("_")[1:3] == [leg["session_id"], extension]
        assert row["callee"] in (leg["callee"], leg["service_number"])


async def test_a_password_grant_gives_half_an_hour(served: Any, client: httpx.AsyncClient) -> None:
    token = (await client.post("/api/login/oauth/token", data=GRANT)).json()
    assert token | {"access_token": "", "refresh_token": ""} == {
        "access_token": "",
        "refresh_token": "",
        "expires_in": 1800,
        "token_type": "Bearer",
    }
    refresh = {"grant_type": "refresh_token", "refresh_token": token["refresh_token"], "client_id": CLIENT_ID}
    assert (await client.post("/api/login/oauth/token", data=refresh)).status_code == 200
    assert (await client.post("/api/login/oauth/token", data=refresh)).json() == UNAUTHORIZED
    again = {"authorization": f"Bearer {token['access_token']}"}
    assert (await client.get("/api/calllogs?top=1", headers=again)).status_code == 200
    await client.post("/api/login/oauth/revoke", data={"token": token["access_token"]})
    refused = await client.get("/api/calllogs?top=1", headers=again)
    assert (refused.status_code, refused.json()) == (401, UNAUTHORIZED)
    assert not any(auth.PASSWORD in str(row) or token["refresh_token"] in str(row) for row in served.journal())


@pytest.mark.parametrize(
    "wrong", [{"password": "x"}, {"username": "x"}, {"domain": ""}, {"client_id": "x"}, {"scope": ""}, {"grant_type": "x"}]
)
async def test_a_failed_login_is_400(client: httpx.AsyncClient, wrong: dict[str, str]) -> None:
    refused = await client.post("/api/login/oauth/token", data=GRANT | wrong)
    assert (refused.status_code, refused.json()) == (400, UNAUTHORIZED)


async def test_the_other_ways_to_sign_in(client: httpx.AsyncClient) -> None:
    token = (await client.post("/api/auth/sign_in", json=LOGIN)).json()
    signed = {"authorization": f"Bearer {token['access_token']}"}
    assert (await client.get("/api/auth/user", headers=signed)).json() == {"name": "admin", "domain": auth.DOMAIN, "role": "Admin"}
    assert (await client.post("/api/auth/sign_in", json=LOGIN | {"password": "x"})).status_code == 400
    half = (await client.post("/api/auth/sign_in", json=LOGIN | {"username": "guarded"})).json()
    assert (half["two_factor_enabled"], "access_token" in half) == (True, False)
    otp = {"token": half["token"], "code": auth.CODE}
    assert (await client.post("/api/auth/verify_otp", json=otp | {"code": "0"})).status_code == 400
    assert (await client.post("/api/auth/verify_otp", json=otp)).json()["token_type"] == "Bearer"
    assert (await client.post("/api/auth/refresh_token", json={"refresh_token": token["refresh_token"]})).status_code == 200
    assert (await client.post("/api/auth/sign_out", headers=signed)).status_code == 204
    assert (await client.get("/api/auth/user", headers=signed)).status_code == 401
    assert (await client.post("/api/login", json=LOGIN)).json()["role"] == "Admin"


async def test_everything_but_files_needs_a_token(served: Any, client: httpx.AsyncClient) -> None:
    del client.headers["authorization"]
    for path in ("/cdrs", "/calllogs/1", "/recordings", "/call_queues", "/voicemails", "/call_reports", "/completed_call_reports/1"):
        assert (await client.get("/api" + path)).json() == UNAUTHORIZED
    row = served.truth("recordings")[-1]
    found = await client.get(row["file_url"], headers={"range": "bytes=0-9"})
    assert (found.status_code, found.headers["content-disposition"]) == (200, f'attachment; filename="{row["file_name"]}"')
    with wave.open(BytesIO(found.content)) as sound:
        assert (sound.getframerate(), sound.getnframes()) == (8000, 8000 * row["duration"])
    assert (await client.get(row["file_url"] + "x")).status_code == 404


@pytest.mark.parametrize(
    ("path", "kind", "shape"),
    [
        ("/cdrs", "sessions", fields.CDR),
        ("/calllogs", "calls", fields.CALL_LOG),
        ("/recordings", "recordings", fields.RECORDING),
        ("/call_queues", "queues", fields.QUEUE),
        ("/voicemails", "voicemessages", fields.VOICEMAIL),
        ("/completed_call_reports", "reports", fields.COMPLETED_REPORT),
        ("/call_reports", "reportSchedules", fields.CALL_REPORT),
    ],
)
async def test_a_list_shows_the_summary_and_counts_when_asked(
    served: Any, client: httpx.AsyncClient, path: str, kind: str, shape: tuple[str, ...]
) -> None:
    found = (await client.get(f"/api{path}?count=true")).json()
    truth = served.truth(kind)
    assert (found["count"], len(found["items"])) == (len(truth), min(100, len(truth)))
    assert found["items"] == [fields.select_fields(row, shape) for row in truth[:100]]
    assert "count" not in (await client.get(f"/api{path}")).json()
    for wrong in ("top=0", "top=101", "skip=-1", "orderby=nobody", "filter=nobody eq '1'", "filter=(id eq '1')"):
        refused = await client.get(f"/api{path}?{wrong}")
        assert (refused.status_code, refused.json()["errors"][0]["code"]) == (400, "VALIDATE_FAILED")


async def test_the_filter_means_what_it_says(served: Any, client: httpx.AsyncClient) -> None:
    truth = served.truth("calls")
    edge = truth[120]["started_at"]

    async def ids(text: str, **more: str) -> list[str]:
        found = (await client.get("/api/calllogs", params={"filter": text, **more})).json()
        return [row["id"] for row in found["items"]]

    assert await ids(f"started_at gt '{edge}'") == [row["id"] for row in truth if row["started_at"] > edge]
    assert await ids(f"started_at ge '{edge}'") == [row["id"] for row in truth if row["started_at"] >= edge]
    assert await ids(f"started_at lt '{truth[50]['started_at']}'") == [
        row["id"] for row in truth if row["started_at"] < truth[50]["started_at"]
    ]
    text = "direction eq 'EXTENSION_CALL' or status_code eq 486 and duration eq 0"
    expected = [row for row in truth if row["direction"] == "EXTENSION_CALL" or (row["status_code"] == 486 and row["duration"] == 0)]
    assert await ids(text) == [row["id"] for row in expected]
    by_caller = sorted(expected, key=lambda row: row["started_at"], reverse=True)
    by_caller.sort(key=lambda row: row["caller"])
    found = await ids(text, orderby="caller asc, started_at desc", skip="3", top="5")
    assert [next((row["caller"], row["started_at"]) for row in truth if row["id"] == each) for each in found] == [
        (row["caller"], row["started_at"]) for row in by_caller[3:8]
    ]
    assert await ids("answered_at ge '2000-01-01T00:00:00Z'", top="5") == [row["id"] for row in truth if row["answered_at"]][:5]
    searched = (await client.get("/api/calllogs", params={"search": "101 or 103"})).json()["items"]
    assert len(searched) > 2


async def test_details_have_the_documented_shapes(served: Any, client: httpx.AsyncClient) -> None:
    legs = (await client.get(f"/api/cdrs/{examples.ID}")).json()
    assert legs == {"items": [{name: examples.DOCUMENTED_LEG[name] for name in fields.LEG_DETAIL}]}
    assert (await client.get(f"/api/calllogs/{examples.ID}")).json() == examples.DOCUMENTED_LEG
    assert (await client.get(f"/api/call_reports/{examples.ID}")).json() == examples.SCHEDULE
    assert (await client.get(f"/api/completed_call_reports/{examples.ID}")).json() == examples.REPORT
    (recording,) = (await client.get(f"/api/recordings/{examples.RECORDING['id']}")).json()["items"]
    assert recording | {"file_url": ""} == examples.RECORDING | {"file_url": ""}
    assert recording["file_url"].startswith("/api/blobs/")
    queue = served.truth("queues")[0]
    assert (await client.get(f"/api/call_queues/{queue['id']}")).json() == queue
    assert (await client.get(f"/api/call_queues/{queue['id']}/agents")).json() == {"items": queue["agents"]}
    assert (await client.get(f"/api/call_queues/{queue['id']}/status")).json() == {"status": "ONLINE"}
    assert (await client.get(f"/api/call_queues/{queue['id']}/waiting")).json() == {"items": []}
    for path in ("cdrs", "calllogs", "recordings", "call_queues", "voicemails", "call_reports", "completed_call_reports"):
        assert (await client.get(f"/api/{path}/1")).status_code == 404


@pytest.mark.parametrize("missing", ["name", "type", "email", "format", "range", "filter"])
async def test_a_schedule_needs_all_required_fields(client: httpx.AsyncClient, missing: str) -> None:
    body = {name: value for name, value in examples.SCHEDULE.items() if name in ("name", "type", "email", "format", "range", "filter")}
    assert (await client.post("/api/call_reports", json=body)).status_code == 201
    body.pop(missing)
    refused = await client.post("/api/call_reports", json=body)
    assert (refused.status_code, refused.json()["errors"][0]["code"]) == (400, "VALIDATE_FAILED")
    assert (await client.post("/api/call_reports", content=b"{")).status_code == 400


async def test_the_type_of_a_schedule_cannot_be_changed(served: Any, client: httpx.AsyncClient) -> None:
    row = next(row for row in served.truth("reportSchedules") if row["status"] == "ABORTED")
    assert (await client.post(f"/api/call_reports/{row['id']}", json={"type": "NORMAL"})).status_code == 400
    assert (await client.post(f"/api/call_reports/{row['id']}", json={"name": "New"})).status_code == 200
    assert row["name"] == "New"


@pytest.mark.parametrize("kind", ["calls", "sessions", "recordings", "queues", "voicemessages", "reports", "reportSchedules"])
def test_a_record_can_be_added_now(serve: Callable[..., Any], plugin: type[Provider], kind: str) -> None:
    sandbox: Any = serve(plugin, records=20).sandbox
    before = {name: len(rows) for name, rows in sandbox.records.items()}
    row = sandbox.add(kind, {"caller": "199"} if kind == "calls" else {})
    grown = {name: len(rows) - before[name] for name, rows in sandbox.records.items()}
    assert grown == dict.fromkeys(before, 0) | ({"calls": 1, "sessions": 1} if kind in ("calls", "sessions") else {kind: 1})
    assert sandbox.tables[kind].find(row["id"]) == row
    if kind == "calls":
        assert (row["caller"], sandbox.records["calls"][-1]) == ("199", row)
        assert sandbox.add("calls", {"session_id": row["session_id"]})["session_id"] == row["session_id"]
        assert len(sandbox.records["sessions"]) == before["sessions"] + 1
    with pytest.raises(KeyError):
        sandbox.add("chats", {})
