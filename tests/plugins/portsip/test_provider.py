"""PortSIP: listings, gets and relations against the sandbox, what is asked for each, and what is refused."""

import json
from collections import Counter
from collections.abc import Callable
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import pytest

from telegraphql.gateway.errors import NotFound, RejectedInput
from telegraphql.gateway.pagination.bound_provider import BoundProvider
from telegraphql.gateway.pagination.dataloaders import DataLoaders, LoaderKey
from telegraphql.gateway.plugin.capabilities import declared
from telegraphql.gateway.plugin.provider import GetRequest, ListRequest
from telegraphql.gateway.plugin.selection import Selection
from telegraphql.plugins.portsip import Portsip, mapping
from telegraphql.plugins.portsip.filter_support import FilterPlan
from telegraphql.plugins.portsip.odata import Expression
from telegraphql.plugins.portsip.sandbox import examples
from telegraphql.plugins.portsip.sandbox.queries import parse_micros
from telegraphql.plugins.portsip.wire import LIST
from telegraphql.schema.enums import CallDirection, ReportRange, TimeOrder
from telegraphql.schema.filters import IntRange, NumberFilter, TimeRange
from telegraphql.schema.recording import Recording

LIVE_SESSION, LIVE_LEG = "878156644691742720", "878156644691742721"
DAY = (datetime(2024, 8, 20, tzinfo=UTC), datetime(2024, 8, 21, tzinfo=UTC))
EARLIER, LATER = datetime(2026, 11, 1, tzinfo=UTC), datetime(2026, 11, 10, tzinfo=UTC)
WORDS = {"INBOUND_CALL": CallDirection.INBOUND, "OUTBOUND_CALL": CallDirection.OUTBOUND, "EXTENSION_CALL": CallDirection.INTERNAL}


@pytest.fixture(scope="module")
def records() -> int:
    return 600


def ids(page: Any) -> list[str]:
    return [record.native_id for record in page.records]


def asked(served: Any, operation: str) -> dict[str, str]:
    (row,) = served.journal(operation)
    parameters: dict[str, str] = row["parameters"]
    return parameters


async def every(provider: Any, **given: Any) -> list[Any]:
    """All matching calls, slice by slice as the engine would ask, and the total the PBX says."""
    found: list[Any] = []
    while True:
        page = await provider.calls(ListRequest(offset=len(found), count=True, **given))
        found += page.records
        if page.read < 100:
            return found


def test_the_declarations_hold_together() -> None:
    found = declared(Portsip)
    assert {kind.__name__ for kind in found.listings} == {
        *("Call", "Session", "Queue", "Recording", "Voicemessage", "Report", "ReportSchedule"),
    }
    assert set(found.files) == {"Recording.media", "Voicemessage.media", "Report.media"}
    assert set(found.commands) == {
        *("deleteRecordings", "deleteReports", "createReportSchedule", "updateReportSchedule", "deleteReportSchedules"),
    }


async def test_calls_come_newest_first_a_hundred_at_a_time(served: Any, provider: Any) -> None:
    page = await provider.calls(ListRequest(size=500, count=True))
    expected = [row["id"] for row in reversed(served.truth("calls"))]
    assert (ids(page), page.read, page.total, page.problems) == (expected[:100], 100, 600, [])
    assert asked(served, "GET /calllogs") == {"orderby": "started_at desc", "top": "100", "count": "true"}
    assert json.loads(bytes(page.records[0].raw)).keys() == set(examples.DOCUMENTED_LEG) - {"cost", "billed_account"}


async def test_bounds_reach_the_pbx_to_the_microsecond_and_are_inclusive(served: Any, provider: Any) -> None:
    started = datetime(2024, 8, 20, 6, 0, 59, 457188, tzinfo=UTC)
    page = await provider.calls(ListRequest(since=started, until=started, order=TimeOrder.OLDEST_FIRST, size=7, offset=0))
    assert (ids(page), page.total) == ([LIVE_LEG], None)
    bound = "'2024-08-20T06:00:59.457188Z'"
    assert asked(served, "GET /calllogs") == {
        "orderby": "started_at asc",
        "top": "7",
        "filter": f"started_at ge {bound} and started_at le {bound}",
    }


@pytest.mark.parametrize("wanted", [["INBOUND_CALL"], ["OUTBOUND_CALL", "EXTENSION_CALL"]])
async def test_directions_are_filtered_and_counted_by_the_pbx(served: Any, provider: Any, wanted: list[str]) -> None:
    found = await every(provider, since=EARLIER, until=LATER, filter={"direction": [WORDS[word] for word in wanted]})
    low, high = parse_micros(EARLIER.isoformat()), parse_micros(LATER.isoformat())
    expected = [row["id"] for row in served.truth("calls") if row["direction"] in wanted and low <= parse_micros(row["started_at"]) <= high]
    assert [call.native_id for call in found] == expected[::-1]
    assert len(expected) > 5
    assert served.journal()[-1]["parameters"]["filter"].count(" eq ") == len(wanted)


async def test_unknown_directions_have_no_filter_and_no_exact_count(provider: Any) -> None:
    page = await provider.calls(ListRequest(filter={"direction": [CallDirection.UNKNOWN, CallDirection.INBOUND]}, count=True))
    assert (page.read, page.total) == (100, None)


async def test_talk_time_and_sessions_are_filtered_and_counted_by_the_pbx(served: Any, provider: Any) -> None:
    page = await provider.calls(ListRequest(filter={"talkSeconds": IntRange(min=35, max=40)}, count=True))
    expected = [row["id"] for row in reversed(served.truth("calls")) if 35 <= row["duration"] <= 40]
    assert (ids(page), page.total) == (expected, len(expected))
    wanted = [
        LIVE_SESSION,
        next(session for session, legs in Counter(row["session_id"] for row in served.truth("calls")).items() if legs > 2),
    ]
    page = await provider.calls(ListRequest(filter={"sessionId": wanted}, count=True))
    expected = [row["id"] for row in reversed(served.truth("calls")) if row["session_id"] in wanted]
    assert (ids(page), page.total) == (expected, len(expected))
    assert served.journal()[-1]["parameters"]["filter"] == " or ".join(f"session_id eq '{each}'" for each in wanted)


@pytest.mark.parametrize(("name", "ends"), [("from", ("caller",)), ("to", ("callee",)), ("number", ("caller", "callee"))])
async def test_a_number_is_found_however_it_is_spelled(served: Any, provider: Any, name: str, ends: tuple[str, ...]) -> None:
    digits = next(row["caller"][-9:] for row in served.truth("calls") if row["caller"].startswith("0") and row["caller"][1] != "0")
    expected = [row["id"] for row in reversed(served.truth("calls")) if any(digits in row[end] for end in ends)]
    for spelled in (f"+41{digits}", f"0041{digits}", f"0{digits}", f"41{digits}", f"+41 {digits[:2]} {digits[2:]}"):
        served.forget()
        page = await provider.calls(ListRequest(filter={name: NumberFilter(equals=[spelled])}, count=True))
        assert (ids(page), page.total) == (expected, None)
        assert asked(served, "GET /calllogs")["filter"] == " or ".join(f"contains({end},'{digits}')" for end in ends)


@pytest.mark.parametrize("wanted", [NumberFilter(starts_with="+41"), NumberFilter(equals=["anonymous"]), NumberFilter(equals=["1", "0"])])
async def test_what_cannot_be_asked_safely_is_not_asked(served: Any, provider: Any, wanted: NumberFilter) -> None:
    page = await provider.calls(ListRequest(filter={"from": wanted}, count=True))
    assert (page.read, page.total, "filter" in asked(served, "GET /calllogs")) == (100, None, False)


@pytest.mark.parametrize(
    ("name", "value", "expression"),
    [
        ("sipStatusCode", [486, 600], "status_code eq 486 or status_code eq 600"),
        ("hangupCause", ["REFERRED"], "end_reason eq 'REFERRED'"),
        ("trunk", ["Swiss trunk"], "trunk eq 'Swiss trunk'"),
        ("dialedNumber", NumberFilter(equals=["+41616925879"]), "contains(did_cid,'616925879')"),
        ("callerIdShown", NumberFilter(equals=["+41616925879"]), "contains(outbound_caller_id,'616925879')"),
        ("answeredAt", TimeRange(since=DAY[0]), "answered_at ge '2024-08-20T00:00:00.000000Z'"),
        ("search", "878156644691742721", "id eq '878156644691742721'"),
    ],
)
async def test_further_filters_are_sent(served: Any, provider: Any, name: str, value: Any, expression: str) -> None:
    page = await provider.calls(ListRequest(filter={name: value}, count=True))
    assert asked(served, "GET /calllogs")["filter"] == expression
    assert (0 < page.read <= 100, page.total is None) == (True, name in ("dialedNumber", "callerIdShown", "answeredAt", "search"))


@pytest.mark.parametrize(
    ("text", "search"),
    [
        ("+41 61 692 58 79", "616925879"),
        ("0616925879", "616925879"),
        ("103", "103"),
        (" Müller ", "Müller"),
        ("black or white", None),
        ("or", None),
    ],
)
async def test_a_search_is_sent_as_every_spelling_of_a_number_holds_it(served: Any, provider: Any, text: str, search: str | None) -> None:
    await provider.calls(ListRequest(filter={"search": text}))
    sent = asked(served, "GET /calllogs")
    assert (sent.get("search"), "filter" in sent) == (search, False)
    served.forget()
    await provider.recordings(ListRequest(filter={"search": text}))
    assert asked(served, "GET /recordings").get("search") == search


async def test_what_this_pbx_does_not_filter_by_is_left_to_the_gateway(served: Any, connect: Callable[..., Any]) -> None:
    provider = connect(served, filterable=("caller",))
    wanted = {"direction": [CallDirection.INBOUND], "talkSeconds": IntRange(min=5), "number": NumberFilter(equals=["101"])}
    page = await provider.calls(ListRequest(filter=wanted, since=DAY[0], count=True))
    assert page.total is None
    assert asked(served, "GET /calllogs")["filter"] == "started_at ge '2024-08-20T00:00:00.000000Z'"


async def test_a_filter_the_pbx_refuses_names_the_setting(served: Any, provider: Any) -> None:
    with pytest.raises(RejectedInput, match="remove it from the setting `filterable`") as caught:
        await provider._client.read("/calllogs", LIST, params={"filter": "secret eq '1'"})
    assert "secret" not in str(caught.value)


async def test_a_call_by_id_has_its_cost(served: Any, provider: Any) -> None:
    row = next(row for row in served.truth("calls") if row["cost"] > 0.01)
    (call,) = (await provider.call(GetRequest(keys=[row["id"]]))).records
    assert (call.cost.amount, call.cost.currency) == (Decimal(str(row["cost"])), "EUR")
    assert json.loads(bytes(call.raw)) == row
    assert [each["operation"] for each in served.journal()][-1] == "GET /calllogs/{id}"
    assert [*(await provider.call(GetRequest(keys=["no/such?call"]))).records] == []


async def test_sessions_are_the_cdrs_and_their_detail_sums_the_costs(served: Any, provider: Any) -> None:
    page = await provider.sessions(ListRequest(since=DAY[0], until=DAY[1], count=True))
    assert (ids(page), page.total) == ([LIVE_SESSION, "878156595253481472"], 2)
    row = next(row for row in served.truth("calls") if row["cost"] > 0.01)
    legs = [leg for leg in served.truth("calls") if leg["session_id"] == row["session_id"]]
    (whole,) = (await provider.session(GetRequest(keys=[row["session_id"]]))).records
    (listed,) = [
        each
        for each in (await provider.sessions(ListRequest(since=whole.started_at, until=whole.started_at))).records
        if each.native_id == whole.native_id
    ]
    assert whole.cost.amount == sum(Decimal(str(leg["cost"])) for leg in legs)
    assert [len(json.loads(bytes(whole.raw))["items"]), "id" in json.loads(bytes(whole.raw))["items"][0]] == [len(legs), False]
    for name in ("started_at", "ended_at", "duration_seconds", "direction", "status", "finish_reason", "refs"):
        assert getattr(whole, name) == getattr(listed, name)
    assert [*(await provider.session(GetRequest(keys=["1"]))).records] == []


async def test_the_calls_of_many_sessions_cost_one_request(served: Any, provider: Any) -> None:
    wanted = list(dict.fromkeys(row["session_id"] for row in served.truth("calls")))[:20]
    page = await provider.calls_of_sessions(GetRequest(keys=wanted))
    assert Counter(ids(page)) == Counter(row["id"] for row in served.truth("calls") if row["session_id"] in wanted)
    assert len(served.journal("GET /calllogs")) == 1


async def test_a_queue_is_found_by_id_and_by_number(served: Any, provider: Any) -> None:
    truth = {row["extension_number"]: row for row in served.truth("queues")}
    (queue,) = (await provider.queue(GetRequest(keys=["number:8001"], select=Selection.of("name")))).records
    assert (queue.native_id, queue.refs["id"], queue.max_wait_seconds) == (truth["8001"]["id"], "number:8001", None)
    (queue,) = (await provider.queue(GetRequest(keys=["number:8002"], select=Selection.of("maxWaitSeconds")))).records
    assert (queue.number, queue.max_wait_seconds, queue.service_level_seconds, queue.agent_count) == ("8002", 360, [30], 2)
    (queue,) = (await provider.queue(GetRequest(keys=[truth["8004"]["id"]]))).records
    assert (queue.number, queue.max_wait_seconds, queue.service_level_seconds, queue.agent_count) == ("8004", 480, None, 4)
    operations = Counter(row["operation"] for row in served.journal() if row["method"] == "GET")
    assert operations == {"GET /call_queues": 2, "GET /call_queues/{id}": 2}
    for unknown in ("number:9999", "number:o'hara", "1"):
        assert [*(await provider.queue(GetRequest(keys=[unknown]))).records] == []


async def test_the_list_of_queues_is_the_summary(served: Any, provider: Any) -> None:
    page = await provider.queues(ListRequest(filter={"number": ["8001", "8002"]}, count=True))
    assert [
        (queue.name, queue.number, queue.ring_seconds, queue.strategy, queue.max_wait_seconds, queue.agent_count) for queue in page.records
    ] == [
        ("Sales", "8002", 20, "PRIORITIZED_HUNT", None, None),
        ("Support", "8001", 15, "RING_SIMULTANEOUSLY", None, None),
    ]
    assert page.total == 2


async def test_voicemails_are_filtered_by_the_pbx(served: Any, provider: Any) -> None:
    page = await provider.voicemails(ListRequest(filter={"isRead": False, "durationSeconds": IntRange(max=40)}, count=True))
    expected = [row["id"] for row in reversed(served.truth("voicemessages")) if row["status"] == "UNREAD" and row["duration"] <= 40]
    assert (ids(page), page.total) == (expected, len(expected))
    (one,) = (await provider.voicemail(GetRequest(keys=expected[:1]))).records
    assert (one.native_id, one.is_read) == (expected[0], False)
    assert "/api/blobs" not in bytes(page.records[0].raw).decode()
    assert set(json.loads(bytes(page.records[0].raw))) == set(served.truth("voicemessages")[0])


async def test_reports_stand_at_the_moment_they_were_finished(served: Any, provider: Any) -> None:
    page = await provider.reports(ListRequest(since=EARLIER, count=True))
    expected = [row["id"] for row in reversed(served.truth("reports")) if row["completed_at"] >= "2026-11-01"]
    assert (ids(page), page.total) == (expected, len(expected))
    (one,) = (await provider.report(GetRequest(keys=[examples.ID]))).records
    assert one.completed_at == datetime(2017, 7, 21, 17, 32, 28, tzinfo=UTC)


async def test_schedules_show_the_rest_in_their_detail(served: Any, provider: Any) -> None:
    page = await provider.schedules(ListRequest(count=True))
    assert (sorted(ids(page)), page.total) == (sorted(row["id"] for row in served.truth("reportSchedules")), 12)
    assert {schedule.email for schedule in page.records} == {None}
    (one,) = (await provider.schedule(GetRequest(keys=[examples.ID]))).records
    assert (one.email, one.range, one.native_range, one.native_filter["answer_state"]) == (
        "user@example.com",
        ReportRange.TODAY,
        "TODAY",
        "ANY",
    )


@pytest.mark.parametrize(
    ("method", "kind", "mime_type"),
    [
        ("recording_file", "recordings", "audio/wav"),
        ("voicemail_file", "voicemessages", "audio/wav"),
        ("report_file", "reports", "text/csv"),
    ],
)
async def test_files_are_read_without_credentials(served: Any, provider: Any, fetch: Any, method: str, kind: str, mime_type: str) -> None:
    row = next(row for row in served.truth(kind) if row["file_size"] and row.get("format", "CSV") == "CSV")
    download = await getattr(provider, method)(row["id"])
    assert (download.file_name, download.mime_type, download.size_bytes) == (row["file_name"], mime_type, row["file_size"])
    assert download.request.auth is False
    status, body, headers = await fetch(provider, download)
    assert (status, len(body), headers["content-type"]) == (200, row["file_size"], "application/octet-stream")
    assert row["file_url"].rpartition("/")[2] not in json.dumps(served.journal()[-1]["operation"])


async def test_a_size_of_nothing_is_unknown_and_a_missing_file_not_found(provider: Any) -> None:
    assert (await provider.recording_file(examples.RECORDING["id"])).size_bytes is None
    with pytest.raises(NotFound):
        await provider.recording_file("1")


async def test_a_pbx_without_call_logs_shows_conversations_as_calls(served: Any, connect: Callable[..., Any]) -> None:
    provider = connect(served, has_call_logs=False)
    page = await provider.calls(ListRequest(since=DAY[0], until=DAY[1], filter={"sessionId": [LIVE_SESSION]}, count=True))
    assert (ids(page), page.total, page.records[0].refs["session"]) == ([LIVE_SESSION], 1, LIVE_SESSION)
    assert asked(served, "GET /cdrs")["filter"].startswith(f"id eq '{LIVE_SESSION}' and started_at ge")
    (one,) = (await provider.call(GetRequest(keys=[LIVE_SESSION]))).records
    assert (one.native_id, one.talk_seconds, one.cost.amount) == (LIVE_SESSION, 35, Decimal(0))
    assert ids(await provider.calls_of_sessions(GetRequest(keys=[LIVE_SESSION]))) == [LIVE_SESSION]
    serving = BoundProvider.of(provider)
    ((found,),) = await DataLoaders().load(
        serving, Recording, "call", [LoaderKey(page.records[0].refs["recordings"])], Selection.of("startedAt")
    )
    assert found.native_id == examples.RECORDING["id"]


async def test_an_odd_value_costs_only_its_field(served: Any, provider: Any) -> None:
    row = served.sandbox.add("calls", {"answered_at": "soon", "status_code": [], "caller": 7, "trunk": {}})
    try:
        page = await provider.calls(ListRequest(size=5))
        (call,) = [each for each in page.records if each.native_id == row["id"]]
        assert (call.answered_at, call.sip_status_code, call.trunk, call.from_.number) == (None, None, None, "7")
        assert (call.started_at, call.to.number) == (datetime.fromisoformat(row["started_at"]), row["callee"])
        assert sorted(call.malformed) == ["answered_at", "sip_status_code", "trunk"]
        assert page.problems == []
    finally:
        served.sandbox.tables["calls"].remove(row["id"])
        served.sandbox.tables["sessions"].remove(row["session_id"])


@pytest.mark.parametrize(
    ("rows", "count", "page_size", "requests"),
    [
        (250, lambda total, sent: total, 100, 3),
        (200, lambda total, sent: total, 100, 2),
        (250, lambda total, sent: None, 100, 4),
        (250, lambda total, sent: total, 50, 5),
        (250, lambda total, sent: sent, 100, 4),
        (100, lambda total, sent: sent, 100, 2),
        (0, lambda total, sent: 0, 100, 1),
    ],
)
async def test_a_whole_list_is_read_whatever_the_pbx_counts(
    provider: Any, monkeypatch: pytest.MonkeyPatch, rows: int, count: Any, page_size: int, requests: int
) -> None:
    asked: list[dict[str, str]] = []

    async def read(path: str, decoder: Any, *_: Any, params: dict[str, str]) -> Any:
        asked.append(params)
        skip = int(params.get("skip", "0"))
        items = [{"id": str(each + 1), "started_at": "2026-01-01T00:00:00Z"} for each in range(skip, min(rows, skip + page_size))]
        return decoder.decode(json.dumps({"items": items, "count": count(rows, len(items))}))

    monkeypatch.setattr(provider._client, "read", read)
    page = await provider._client.list_all("/calllogs", [Expression()], FilterPlan(), "", mapping.CALL)
    assert (len(page.records), page.read, len(asked)) == (rows, rows, requests)


async def test_a_pbx_that_sends_the_same_page_again_ends_the_list(provider: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    async def read(path: str, decoder: Any, *_: Any, params: dict[str, str]) -> Any:
        return decoder.decode(b'{"count": 9, "items": [{"id": "1", "started_at": "2026-01-01T00:00:00Z"}]}')

    monkeypatch.setattr(provider._client, "read", read)
    page = await provider._client.list_all("/calllogs", [Expression()], FilterPlan(), "", mapping.CALL)
    assert (ids(page), page.read) == (["1"], 1)
