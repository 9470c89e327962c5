import gzip
from collections.abc import AsyncIterator
from typing import Any

import httpx
import pytest

from telegraphql.gateway.plugin.sandbox import Row
from telegraphql.plugins.voximplant.sandbox import examples
from telegraphql.plugins.voximplant.sandbox.responses import file_response
from tests.plugins.voximplant.conftest import WIDE, token


@pytest.fixture
def ask(client: httpx.AsyncClient, credentials: Row) -> Any:
    async def asked(method: str, **given: Any) -> Any:
        answer = await client.post(f"/platform_api/{method}/", data={**credentials, **given})
        assert answer.status_code == 200
        return answer.json()

    return asked


async def test_all_ways_to_ask_are_the_same(client: httpx.AsyncClient, served: Any, credentials: Row) -> None:
    given = {**WIDE, "count": "3"}
    parts = {name: (None, value) for name, value in {"cmd": "GetCallHistory", **given}.items()}
    answers = [
        await client.get("/platform_api/GetCallHistory/", params={**credentials, **given}),
        await client.get("/platform_api/GetCallHistory", params={**credentials, **given}),
        await client.post("/platform_api/GetCallHistory/", data={**credentials, **given}),
        await client.post("/platform_api", data={**credentials, **given, "cmd": "GetCallHistory"}),
        await client.post("/platform_api", files=parts, headers=token(served)),
        await client.post("/platform_api/", data={"cmd": "GetCallHistory", **given}, headers=token(served, iss=1)),
    ]
    assert len({answer.content for answer in answers}) == 1
    assert answers[0].json()["count"] == 3
    assert {row["operation"] for row in served.journal()} == {"GetCallHistory"}
    assert {tuple(sorted(row["parameters"])) for row in served.journal()} == {("count", "from_date", "to_date")}


@pytest.mark.parametrize(
    ("method", "given", "code"),
    [
        ("GetCallHistory", {"count": "1001"}, 485),
        ("GetCallHistory", {"offset": "10001"}, 485),
        ("GetCallHistory", {"count": "-1"}, 485),
        ("GetCallHistory", {"with_calls": "perhaps"}, 485),
        ("GetCallHistory", {"call_session_history_id": "1;x"}, 150),
        ("GetCallHistory", {"call_session_history_id": ";".join(map(str, range(1001)))}, 150),
        ("GetCallHistory", {"from_date": "2026-01-01T00:00:00"}, 111),
        ("GetCallHistory", {"from_date": "2031-01-01 00:00:00"}, 123),
        ("GetCallHistory", {"timezone": "Mars/Base"}, 485),
        ("GetCallHistory", {"child_account_id": "9"}, 194),
        ("GetCallHistory", {"is_async": "true", "output": "json"}, 105),
        ("GetCallHistoryAsync", {"output": "json"}, 105),
        ("getcallhistory", {}, 103),
        ("GetCallhistory", {}, 103),
        ("GetCallHistory", {"output": "pdf"}, 105),
        ("GetCallHistory", {"remote_number_list": "x"}, 485),
        ("GetBriefCallHistory", {"output": "csv"}, 105),
        ("GetTransactionHistory", {"transaction_type": "nonsense"}, 209),
        ("GetTransactionHistory", {"transaction_id": "x"}, 197),
        ("GetACDHistory", {"acd_queue_id": "x"}, 218),
        ("GetHistoryReports", {"history_type": "nonsense"}, 371),
        ("DownloadHistoryReport", {}, 134),
        ("DownloadHistoryReport", {"history_report_id": "9"}, 557),
        ("DownloadHistoryReport", {"history_report_id": "34"}, 357),
        ("DownloadHistoryReport", {"history_report_id": "35"}, 501),
        ("DownloadHistoryReport", {"history_report_id": "37"}, 356),
        ("DeleteRecord", {}, 458),
        ("DeleteRecord", {"record_id": "1", "record_url": "x"}, 458),
        ("DeleteRecord", {"record_id": "x"}, 261),
        ("DeleteRecord", {"record_id": "1"}, 341),
        ("SQ_GetQueues", {}, 134),
        ("GetQueues", {"acd_queue_id": "1;2"}, 218),
        ("Nonsense", {}, 103),
    ],
)
async def test_what_is_wrong_is_refused_with_its_code(ask: Any, method: str, given: Row, code: int) -> None:
    assert (await ask(method, **{**WIDE, **given}))["error"]["code"] == code


async def test_a_missing_command_is_told(client: httpx.AsyncClient, credentials: Row) -> None:
    assert (await client.post("/platform_api", data=credentials)).json()["error"]["code"] == 102


async def test_parts_and_counts_come_as_documented(ask: Any, served: Any) -> None:
    plain = await ask("GetCallHistory", **WIDE)
    assert (plain["count"], plain["timezone"], plain["total_count"]) == (20, "Etc/GMT", len(served.truth("sessions")))
    assert not any("calls" in row or "records" in row for row in plain["result"])
    whole = await ask("GetCallHistory", **WIDE, with_calls="True", with_records="TRUE", count="1000", with_total_count="False")
    assert (whole["result"], "total_count" in whole) == (served.truth("sessions"), False)
    assert "total_count" not in await ask("GetAuditLog", **WIDE)
    assert (await ask("GetAuditLog", **WIDE, with_total_count="true"))["total_count"] == len(served.truth("auditEntries"))


async def test_the_examples_are_answered_as_in_the_reference(ask: Any) -> None:
    old = {"from_date": "2012-01-01 00:00:00", "to_date": "2019-01-01 00:00:00"}
    assert (await ask("GetCallHistory", **old, with_calls="true"))["result"] == list(examples.SESSIONS)
    types = {"transaction_type": "gift;money_distribution"}
    assert (await ask("GetTransactionHistory", **old, **types))["result"] == list(examples.TRANSACTIONS)
    assert (await ask("GetACDHistory", **old, with_events="true"))["result"] == list(examples.VISITS)
    skills = {"filtered_cmd": "BindSkill;AddSkill;DelSkill", "advanced_filters": "152"}
    assert (await ask("GetAuditLog", **old, **skills))["result"] == [*examples.AUDIT]
    assert (await ask("GetHistoryReports", history_type="all"))["result"][:4] == list(examples.REPORTS)


async def test_without_bounds_the_last_month_is_meant(ask: Any) -> None:
    found = (await ask("GetCallHistory", count="1000"))["result"]
    assert not {14, 15} & {row["call_session_history_id"] for row in found}


async def test_times_are_in_the_zone_asked_for(ask: Any) -> None:
    moscow = await ask(
        "GetCallHistory", timezone="Europe/Moscow", with_calls="true", from_date="2013-07-21 19:04:17", to_date="2013-07-21 19:04:18"
    )
    (session,) = moscow["result"]
    assert (moscow["timezone"], session["start_date"], session["calls"][0]["start_time"]) == (
        "Europe/Moscow",
        "2013-07-21 19:04:17",
        "2013-07-21 19:04:19",
    )
    assert (await ask("GetCallHistory", **WIDE, timezone="auto", count="1"))["timezone"] == "Europe/Zurich"
    visits = await ask("GetACDHistory", **WIDE, timezone="Europe/Moscow")
    assert (visits["result"][0]["begin_time"], "timezone" in visits) == ("2014-03-20 17:41:33", False)


async def test_a_rule_counts_only_beside_an_application(ask: Any, served: Any) -> None:
    alone = await ask("GetCallHistory", **WIDE, rule_name="campaign")
    assert alone["total_count"] == len(served.truth("sessions"))
    beside = await ask("GetCallHistory", **WIDE, rule_name="campaign", application_id="3")
    truth = [row for row in served.truth("sessions") if (row["application_id"], row.get("rule_name")) == (3, "campaign")]
    assert beside["total_count"] == len(truth)


async def test_numbers_and_lengths_filter(ask: Any, served: Any) -> None:
    number = served.truth("calls")[-1]["remote_number"]
    for given in ({"remote_number": f"1;{number}"}, {"remote_number": "1", "remote_number_list": f'["{number}"]'}):
        found = await ask("GetCallHistory", **WIDE, **given)
        truth = [row for row in served.truth("sessions") if any(leg["remote_number"] == number for leg in row["calls"])]
        assert found["total_count"] == len(truth)
    assert (await ask("GetCallHistory", **WIDE, max_duration="6"))["total_count"] < len(served.truth("sessions"))


async def test_visits_filter_by_their_flags(ask: Any, served: Any) -> None:
    for name, value in (("unserviced", True), ("rejected", True), ("operator_hangup", False)):
        found = await ask("GetACDHistory", **WIDE, **{name: str(value)})
        assert found["total_count"] == len([row for row in served.truth("queueVisits") if row.get(name, False) is value])
    waited = await ask("GetACDHistory", **WIDE, min_waiting_time="300")
    assert waited["total_count"] == len([row for row in served.truth("queueVisits") if row["waiting_duration"] >= 300])


async def test_csv_can_be_had_at_once(client: httpx.AsyncClient, credentials: Row) -> None:
    given = {**credentials, **WIDE, "output": "csv", "count": "2"}
    lines = (await client.post("/platform_api/GetCallHistory/", data=given)).text.splitlines()
    assert (lines[0][:23], len(lines)) == ("call_session_history_id", 5)
    bare = await client.post("/platform_api/GetCallHistory/", data=given | {"with_header": "false"})
    assert bare.text.splitlines() == lines[1:]


async def test_reports_come_packed_announced_or_not(ask: Any, client: httpx.AsyncClient, credentials: Row) -> None:
    for method, announced in (("GetTransactionHistoryAsync", True), ("GetAuditLogAsync", False), ("GetCallHistoryAsync", True)):
        number = (await ask(method, **WIDE, output="csv"))["history_report_id"]
        form = {**credentials, "history_report_id": str(number)}
        assert (await client.post("/platform_api/DownloadHistoryReport/", data=form)).json()["error"]["code"] == 356
        answer = await client.post("/platform_api/DownloadHistoryReport/", data=form)
        assert answer.headers["content-type"] == "application/octet-stream"
        assert ("content-encoding" in answer.headers) is announced
        assert b"," in (answer.content if announced else gzip.decompress(answer.content)).splitlines()[0]


@pytest.mark.parametrize(
    ("method", "given"),
    [("GetCallHistory", {"is_async": "true"}), ("GetCallHistoryAsync", {}), ("GetTransactionHistoryAsync", {}), ("GetAuditLogAsync", {})],
)
async def test_asynchronous_methods_write_csv_unless_told_otherwise(ask: Any, served: Any, method: str, given: Row) -> None:
    number = (await ask(method, **WIDE, **given))["history_report_id"]
    rows = [row for row in served.truth("reports") if row["history_report_id"] == number]
    assert [(row["format"], "completed" in row) for row in rows] == [("csv", False)]


async def test_a_chunked_multipart_body_is_read(client: httpx.AsyncClient, served: Any) -> None:
    """The vendor's Node.js client sends such ones."""
    parts = {"cmd": "GetCallHistory", **WIDE, "count": "2"}
    body = (
        "".join(f'--b\r\nContent-Disposition: form-data; name="{name}"\r\n\r\n{value}\r\n' for name, value in parts.items()) + "--b--\r\n"
    )

    async def chunks() -> AsyncIterator[bytes]:
        for at in range(0, len(body), 50):
            yield body[at : at + 50].encode()

    headers = {**token(served), "content-type": "multipart/form-data; boundary=b"}
    answer = await client.post("/platform_api", content=chunks(), headers=headers)
    assert "content-length" not in answer.request.headers
    assert answer.json()["count"] == 2


async def test_slashes_are_escaped_as_by_the_upstream(client: httpx.AsyncClient, credentials: Row) -> None:
    answer = await client.post("/platform_api/GetCallHistory/", data={**credentials, **WIDE, "count": "1"})
    assert b'"timezone":"Etc\\/GMT"' in answer.content


def test_ranges_of_every_form_are_cut() -> None:
    def cut(wanted: str | None) -> tuple[int, bytes]:
        found = file_response(b"0123456789", wanted, "text/plain")
        return found.status_code, bytes(found.body)

    assert cut(None) == (200, b"0123456789")
    assert cut("bytes=2-4") == (206, b"234")
    assert cut("bytes=7-") == (206, b"789")
    assert cut("bytes=-3") == (206, b"789")
    assert cut("bytes=8-99") == (206, b"89")
    assert cut("bytes=10-")[0] == 416
    assert cut("bytes=-")[0] == 200


async def test_the_account_tells_of_itself(ask: Any) -> None:
    assert (await ask("GetAccountInfo"))["result"]["account_id"] == 1


@pytest.mark.parametrize(
    "window",
    [{}, {"from_date": "2012-01-01 00:00:00", "to_date": "2013-07-21 15:04:44"}, {"from_date": "2013-07-21 15:04:18"}],
    ids=["unknown id", "after the window", "before the window"],
)
async def test_one_session_that_is_not_in_the_window_costs_the_whole_list_of_ids(ask: Any, window: Row) -> None:
    ids = "14;15" if window else "14;15;16"
    assert (await ask("GetCallHistory", **{**WIDE, "call_session_history_id": "14;15"}))["total_count"] == 2
    assert (await ask("GetCallHistory", **{**WIDE, **window, "call_session_history_id": ids}))["error"]["code"] == 150
