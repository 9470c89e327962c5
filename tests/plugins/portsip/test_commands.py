"""PortSIP's commands: what they change, what they check before anything is sent, and how each record fails alone."""

import asyncio
from datetime import UTC, datetime
from typing import Any

import msgspec
import pytest

from telegraphql.gateway.errors import BadInput, NotFound, Unavailable, UpstreamError
from telegraphql.gateway.plugin.provider import CommandRequest, CommandResult, GetRequest, ListRequest
from telegraphql.plugins.portsip import schedules
from telegraphql.plugins.portsip.report_calls import PARTY_KIND, WITHOUT_VALUE, read_calls
from telegraphql.plugins.portsip.schedule_codes import SCHEDULE_RANGE, SCHEDULE_TYPE
from telegraphql.schema import (
    IntRange,
    ReportCalls,
    ReportCallsInput,
    ReportFormat,
    ReportParty,
    ReportPartyInput,
    ReportPartyKind,
    ReportRange,
    ReportScheduleStatus,
    ReportScheduleType,
    SecondsRange,
)

FROM, TO = datetime(2026, 1, 1, tzinfo=UTC), datetime(2026, 2, 1, tzinfo=UTC)
INPUT: dict[str, Any] = {
    "name": "Weekly calls",
    "type": ReportScheduleType.CALLS,
    "email": "boss@example.com",
    "format": ReportFormat.CSV,
    "range": ReportRange.LAST_WEEK,
    "from": None,
    "to": None,
    "cron": "0 7 * * 1",
}
EVERYTHING = {"from": "ANY", "to": "ANY", "answer_state": "ANY", "duration": "ANY"}


def created(**changes: Any) -> CommandRequest:
    return CommandRequest(arguments={"input": INPUT | changes})


def posts(served: Any) -> list[str]:
    return [row["operation"] for row in served.journal() if row["method"] == "POST" and "login" not in row["path"]]


@pytest.mark.parametrize(
    ("command", "kind", "path"),
    [
        ("delete_recordings", "recordings", "/recordings"),
        ("delete_reports", "reports", "/completed_call_reports"),
        ("delete_schedules", "reportSchedules", "/call_reports"),
    ],
)
async def test_a_deleted_record_is_gone_and_a_missing_one_is_told(served: Any, provider: Any, command: str, kind: str, path: str) -> None:
    gone, left = served.truth(kind)[1]["id"], served.truth(kind)[0]["id"]
    outcome: CommandResult = await getattr(provider, command)(CommandRequest(ids=[gone]))
    assert (outcome.done, outcome.failed) == ([gone], {})
    for missing in ("1", gone):
        with pytest.raises(NotFound):
            await getattr(provider, command)(CommandRequest(ids=[missing]))
    assert posts(served) == [f"POST {path}/{{id}}/destroy"] * 3
    known = [row["id"] for row in served.truth(kind)]
    assert (gone in known, left in known) == (False, True)


async def test_a_created_schedule_is_shown_as_the_pbx_keeps_it(served: Any, provider: Any) -> None:
    outcome: CommandResult = await provider.create_schedule(created())
    (schedule,) = outcome.records
    assert outcome.done == [schedule.native_id]
    assert (schedule.name, schedule.type, schedule.cron) == ("Weekly calls", ReportScheduleType.CALLS, "0 7 * * 1")
    assert (schedule.status, schedule.native_status) == (ReportScheduleStatus.SCHEDULED, "SCHEDULED")
    assert (schedule.email, schedule.format, schedule.range) == ("boss@example.com", ReportFormat.CSV, ReportRange.LAST_WEEK)
    assert (schedule.native_type, schedule.native_format, schedule.native_range) == ("NORMAL", "CSV", "LAST_WEEK")
    assert (schedule.from_, schedule.to, schedule.native_filter) == (None, None, EVERYTHING)
    assert posts(served) == ["POST /call_reports"]


async def test_a_custom_range_has_its_bounds(served: Any, provider: Any) -> None:
    (schedule,) = (await provider.create_schedule(created(range=ReportRange.CUSTOM, **{"from": FROM, "to": TO}))).records
    assert (schedule.from_, schedule.to) == (FROM, TO)
    row = next(row for row in served.truth("reportSchedules") if row["id"] == schedule.native_id)
    assert (row["started_at"], row["ended_at"]) == ("2026-01-01T00:00:00Z", "2026-02-01T00:00:00Z")


async def test_a_schedule_without_cron_runs_now_and_its_report_appears(served: Any, provider: Any) -> None:
    served.sandbox.scheduler.seconds = 1.0
    before = served.sandbox.current_time()
    (schedule,) = (
        await provider.create_schedule(created(cron=None, type=ReportScheduleType.QUEUE_PERFORMANCE, nativeFilter={"queue": "8001"}))
    ).records
    assert (schedule.status, schedule.cron, schedule.native_filter) == (ReportScheduleStatus.RUNNING, None, {"queue": "8001"})
    assert [*(await provider.reports(ListRequest(since=before))).records] == []
    await asyncio.sleep(1.1)
    (report,) = (await provider.reports(ListRequest(since=before))).records
    assert (report.name, report.format) == ("Weekly calls", "CSV")


async def test_a_creation_that_cannot_be_seen_is_done_all_the_same(served: Any, provider: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    async def fail(*_: Any) -> None:
        raise Unavailable("down")

    await provider.check()
    monkeypatch.setattr(provider._client, "detail", fail)
    outcome: CommandResult = await provider.create_schedule(created(name="Unseen"))
    assert outcome.records == []
    assert outcome.done == [row["id"] for row in served.truth("reportSchedules") if row["name"] == "Unseen"]


async def test_a_change_sends_only_what_changes(served: Any, provider: Any) -> None:
    (key,) = (await provider.create_schedule(created())).done
    served.forget()
    outcome: CommandResult = await provider.update_schedule(
        CommandRequest(ids=[key], arguments={"input": {"email": "x@example.com", "cron": None}})
    )
    (schedule,) = outcome.records
    assert (outcome.done, schedule.email, schedule.name, schedule.cron) == ([key], "x@example.com", "Weekly calls", "0 7 * * 1")
    assert posts(served) == ["POST /call_reports/{id}"]
    custom = {"range": ReportRange.CUSTOM, "from": FROM, "to": TO}
    (schedule,) = (await provider.update_schedule(CommandRequest(ids=[key], arguments={"input": custom}))).records
    assert (schedule.range, schedule.from_, schedule.to) == (ReportRange.CUSTOM, FROM, TO)
    (schedule,) = (
        await provider.update_schedule(CommandRequest(ids=[key], arguments={"input": {"from": datetime(2026, 1, 5, tzinfo=UTC)}}))
    ).records
    assert (schedule.from_, schedule.to) == (datetime(2026, 1, 5, tzinfo=UTC), TO)
    (schedule,) = (await provider.update_schedule(CommandRequest(ids=[key], arguments={"input": {"range": ReportRange.TODAY}}))).records
    assert (schedule.range, schedule.from_, schedule.to) == (ReportRange.TODAY, None, None)


async def test_changing_what_is_not_there_is_told(provider: Any) -> None:
    outcome: CommandResult = await provider.update_schedule(CommandRequest(ids=["1"], arguments={"input": {"name": "x"}}))
    assert (outcome.done, type(outcome.failed["1"])) == ([], NotFound)


WRONG: list[tuple[dict[str, Any], str]] = [
    ({"name": " "}, "`name` must not be empty"),
    ({"type": ReportScheduleType.UNKNOWN}, "`type` must not be UNKNOWN"),
    ({"email": "boss"}, "`email` must be"),
    ({"email": "b@" + "x" * 127}, "`email` must be"),
    ({"email": None}, "`email` must be"),
    ({"format": ReportFormat.UNKNOWN}, "`format` must not be UNKNOWN"),
    ({"range": ReportRange.UNKNOWN}, "`range` must not be UNKNOWN"),
    ({"from": FROM}, "only for the `range` CUSTOM"),
    ({"range": ReportRange.CUSTOM}, "CUSTOM needs `from` and `to`"),
    ({"range": ReportRange.CUSTOM, "from": FROM}, "CUSTOM needs `from` and `to`"),
    ({"range": ReportRange.CUSTOM, "from": TO, "to": FROM}, "`from` must be before `to`"),
    ({"cron": "every monday"}, "`cron` is not a crontab expression"),
    ({"cron": "0 25 * * *"}, "`cron` is not a crontab expression"),
    ({"cron": "0 0 7 * * 1"}, "`cron` is not a crontab expression"),
    ({"nativeFilter": {"queue": "8001"}}, "give `calls` for the `type` CALLS"),
    ({"type": ReportScheduleType.RING_GROUPS, "calls": ReportCallsInput()}, "give `nativeFilter`"),
    ({"calls": ReportCallsInput(from_=ReportPartyInput(kind=ReportPartyKind.UNKNOWN))}, "`calls.from.kind` must not be UNKNOWN"),
    ({"calls": ReportCallsInput(to=ReportPartyInput(kind=ReportPartyKind.NUMBER))}, "`calls.to.value` is required"),
    ({"calls": ReportCallsInput(to=ReportPartyInput(kind=ReportPartyKind.ANY, value="1"))}, "`calls.to.value` is not allowed"),
    ({"calls": ReportCallsInput(ring_seconds=IntRange(min=1), talk_seconds=IntRange(min=1))}, "compares one of them"),
    ({"calls": ReportCallsInput(ring_seconds=IntRange(min=-1))}, "`calls.ringSeconds` must not be negative"),
    ({"calls": ReportCallsInput(talk_seconds=IntRange(min=9, max=3))}, "must not be more than `calls.talkSeconds.max`"),
]


@pytest.mark.parametrize(("changes", "words"), WRONG)
async def test_what_is_wrong_is_named_before_anything_is_sent(served: Any, provider: Any, changes: dict[str, Any], words: str) -> None:
    with pytest.raises(BadInput) as caught:
        await provider.create_schedule(created(**changes))
    assert words in str(caught.value)
    assert served.journal() == []


async def test_a_wrong_change_is_named_before_it_is_sent(served: Any, provider: Any) -> None:
    key = next(
        row["id"] for row in served.truth("reportSchedules") if row["range"] == "TODAY" and row["type"] == "NORMAL" and "W" in row["name"]
    )
    for changes, words in (({"to": TO}, "only for the `range` CUSTOM"), ({"name": ""}, "`name`"), ({"email": "x"}, "`email`")):
        with pytest.raises(BadInput, match=words):
            await provider.update_schedule(CommandRequest(ids=[key], arguments={"input": changes}))
    assert posts(served) == []
    assert (await provider.schedule(GetRequest(keys=[key]))).records[0].range is ReportRange.TODAY


@pytest.mark.parametrize(("word", "kind"), SCHEDULE_TYPE.items())
def test_every_type_range_and_word_is_let_through(word: str, kind: ReportScheduleType) -> None:
    assert schedules.request_body(INPUT | {"type": kind})["type"] == word
    for name, days in SCHEDULE_RANGE.items():
        bounds = {"from": FROM, "to": TO} if name == "CUSTOM" else {}
        assert schedules.request_body(INPUT | {"type": kind, "range": days} | bounds)["range"] == name


@pytest.mark.parametrize(("word", "kind"), PARTY_KIND.items())
@pytest.mark.parametrize(("answer", "is_answered"), [("ANY", None), ("ANSWERED", True), ("NOT_ANSWERED", False)])
@pytest.mark.parametrize(("duration", "seconds"), [("RING_DURATION", "ring_seconds"), ("TALK_DURATION", "talk_seconds")])
def test_the_calls_of_a_report_are_read_as_they_were_written(
    word: str, kind: ReportPartyKind, answer: str, is_answered: bool | None, duration: str, seconds: str
) -> None:
    value = None if kind in WITHOUT_VALUE else "101"
    ends: dict[str, Any] = dict.fromkeys(("from_", "to"), ReportPartyInput(kind=kind, value=value))
    calls = ReportCallsInput(**ends, is_answered=is_answered, **{seconds: IntRange(min=0, max=60)})
    body = schedules.request_body(INPUT | {"calls": calls})["filter"]
    values = {} if value is None else {"from_value": value, "to_value": value}
    assert body == {"from": word, "to": word, "answer_state": answer, "duration": duration, "duration_from": 0, "duration_to": 60} | values
    party, bounds = ReportParty(kind=kind, value=value), {seconds: SecondsRange(min=0, max=60)}
    read = read_calls(msgspec.Raw(msgspec.json.encode(body)), "NORMAL")
    assert read == ReportCalls(from_=party, to=party, is_answered=is_answered, **bounds)


@pytest.mark.parametrize(
    ("failure", "words"),
    [
        ((409, "RESOURCE_IN_USE"), "refuses this while the record is in use: first change what refers to it"),
        ((403, "LICENSE_TENANT_MODULE_REQUIRED"), "has no license for this: its license, or that of the tenant, lacks a module"),
        ((503, "LICENSE_SNAPSHOT_UNAVAILABLE"), "cannot read its own license: try again later"),
    ],
)
async def test_a_refused_deletion_says_why_and_deletes_nothing(served: Any, provider: Any, failure: tuple[int, str], words: str) -> None:
    key = served.truth("recordings")[0]["id"]
    served.sandbox.rules.error_codes["POST /recordings/{id}/destroy"] = failure
    try:
        with pytest.raises(UpstreamError) as refused:
            await provider.delete_recordings(CommandRequest(ids=[key]))
    finally:
        served.sandbox.rules.error_codes.clear()
    assert refused.value.message == words
    assert served.truth("recordings")[0]["id"] == key
