"""Visits to queues, out of the events in `queue_log` and in its table: each once, with what its own events say and nothing of another."""

import sqlite3
from collections.abc import Sequence
from contextlib import closing
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from telegraphql.gateway.pagination.bound_provider import BoundProvider
from telegraphql.plugin import GetRequest, ListRequest, Unsupported
from telegraphql.plugins.asterisk import index, queue_log_file
from telegraphql.schema import QueueOutcome, QueueVisit, TimeOrder
from tests.plugins.asterisk.asterisk_records import START, serving, write

SECONDS = int(START.timestamp())
ZURICH = ZoneInfo("Europe/Zurich")


def line(seconds: int, word: str, data: str = "", *, channel: str = "1793610000.1", queue: str = "600", agent: str = "NONE") -> str:
    return f"{SECONDS + seconds}|{channel}|{queue}|{agent}|{word}|{data}\n"


def pbx(folder: Path, lines: str) -> BoundProvider:
    (folder / "cdr").mkdir()
    (folder / "cdr/Master.csv").touch()
    write(folder, lines, "queue_log")
    return serving(folder / "cdr", queue_log_file=str(folder / "queue_log"))


async def visits(of: BoundProvider, **ask: Any) -> Sequence[QueueVisit]:
    page = await of.answer("queue_visits", ListRequest(order=TimeOrder.OLDEST_FIRST, **ask))
    assert list(page.problems) == []
    return list(page.records)


ENDS = [
    ("COMPLETEAGENT", "7|30|1", QueueOutcome.SERVICED, 7, 30, True),
    ("COMPLETECALLER", "7|30|1", QueueOutcome.SERVICED, 7, 30, False),
    ("BLINDTRANSFER", "200|from-internal|7|30|1", QueueOutcome.SERVICED, 7, 30, None),
    ("ATTENDEDTRANSFER", "BRIDGE|0f3a|7|30|1", QueueOutcome.SERVICED, 7, 30, None),
    ("ATTENDEDTRANSFER", "LINK|PJSIP/1-00000001|PJSIP/2-00000002|7|30|1", QueueOutcome.SERVICED, 7, 30, None),
    ("TRANSFER", "200|from-internal|7|30", QueueOutcome.SERVICED, 7, 30, None),
]


@pytest.mark.parametrize(("word", "data", "outcome", "wait", "talk", "by_agent"), ENDS)
async def test_a_visit_that_an_agent_served(
    tmp_path: Path, word: str, data: str, outcome: QueueOutcome, wait: int, talk: int, by_agent: bool | None
) -> None:
    lines = (
        line(0, "ENTERQUEUE", "|0791234567|1") + line(3, "RINGNOANSWER", "3000", agent="Ada") + line(7, "CONNECT", "7|17.2|2", agent="Bob")
    )
    (visit,) = await visits(pbx(tmp_path, lines + line(37, word, data, agent="Bob")))
    assert (visit.entered_at, visit.outcome, visit.wait_seconds, visit.service_seconds) == (START, outcome, wait, talk)
    assert (visit.agent_id, visit.was_hung_up_by_agent, visit.request_id) == ("Bob", by_agent, "1793610000.1")
    assert visit.refs["queue"] == "600"
    events = [(int((each.at - START).total_seconds()), each.type, each.agent_id) for each in visit.events or ()]
    assert events == [(0, "ENTERQUEUE", None), (3, "RINGNOANSWER", "Ada"), (7, "CONNECT", "Bob"), (37, word, "Bob")]


@pytest.mark.parametrize(
    ("word", "data", "outcome"),
    [
        ("ABANDON", "1|1|9", QueueOutcome.ABANDONED),
        ("EXITWITHKEY", "5|1|1|9", QueueOutcome.ABANDONED),
        ("EXITWITHTIMEOUT", "1|1|9", QueueOutcome.REJECTED),
        ("EXITEMPTY", "1|1|9", QueueOutcome.REJECTED),
    ],
)
async def test_a_visit_that_nobody_served(tmp_path: Path, word: str, data: str, outcome: QueueOutcome) -> None:
    (visit,) = await visits(pbx(tmp_path, line(0, "ENTERQUEUE", "||1") + line(9, word, data)))
    assert (visit.outcome, visit.wait_seconds, visit.service_seconds, visit.agent_id) == (outcome, 9, None, None)


async def test_a_visit_has_no_event_of_another(tmp_path: Path) -> None:
    lines = [
        line(0, "ENTERQUEUE"),
        line(1, "ENTERQUEUE", queue="700"),
        line(1, "ENTERQUEUE", channel="1793610001.2"),
        line(2, "PAUSE", "Lunch", channel="NONE", agent="Ada"),
        line(5, "EXITWITHTIMEOUT", "1|1|5"),
        line(6, "ENTERQUEUE"),
        line(8, "CALLBACK", "asked|twice"),
        line(9, "ABANDON", "1|1|3"),
        line(11, "ABANDON", "1|1|10", channel="1793610001.2"),
    ]
    of = pbx(tmp_path, "".join(lines))
    found = await visits(of)
    waits = [(int((each.entered_at - START).total_seconds()), each.refs["queue"], each.outcome.name, each.wait_seconds) for each in found]
    assert sorted(waits) == [
        (0, "600", "REJECTED", 5),
        (1, "600", "ABANDONED", 10),
        (1, "700", "UNKNOWN", None),
        (6, "600", "ABANDONED", 3),
    ]
    assert [(each.type, each.custom_data) for each in found[-1].events or ()] == [
        ("ENTERQUEUE", None),
        ("CALLBACK", "asked|twice"),
        ("ABANDON", None),
    ]
    assert [each.refs["queue"] for each in await visits(of, filter={"queueId": ["700"]})] == ["700"]
    ids = [each.native_id for each in found]
    again = await of.answer("queue_visits_by_id", GetRequest(keys=[ids[3], "1/2/3", "x", ids[0]]))
    assert {each.native_id: each.wait_seconds for each in again.records} == {ids[0]: 5, ids[3]: 3}


async def test_a_page_reads_a_few_blocks_of_a_long_log(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(index, "BLOCK", 600)
    calls = [(number, f"{SECONDS + number}.{number}") for number in range(0, 3000, 10)]
    lines = "".join(line(at, "ENTERQUEUE", channel=each) + line(at + 5, "ABANDON", "1|1|5", channel=each) for at, each in calls)
    write(tmp_path, lines[:9000], "queue_log.1")
    of = pbx(tmp_path, lines[9000:])
    page = await of.answer("queue_visits", ListRequest(size=2))
    assert [each.wait_seconds for each in page.records] == [5, 5]
    given, read = queue_log_file._read, list[int]()
    monkeypatch.setattr(queue_log_file, "_read", lambda block: (read.append(block.block.offset), given(block))[1])
    middle = START + timedelta(seconds=1500)
    page = await of.answer("queue_visits", ListRequest(size=2, until=middle))
    assert [each.entered_at for each in page.records] == [middle, middle - timedelta(seconds=10)]
    assert len(read) <= 6


async def test_visits_by_their_ids_are_of_one_state_of_the_log(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    lines = "".join(line(at, "ENTERQUEUE", channel=f"{SECONDS + at}.1") for at in (0, 10, 20))
    of = pbx(tmp_path, lines)
    ids = [each.native_id for each in await visits(of)]
    given, opened = queue_log_file.QueueLogFile.opened, list[object]()
    monkeypatch.setattr(queue_log_file.QueueLogFile, "opened", lambda log: (opened.append(log), given(log))[1])
    page = await of.answer("queue_visits_by_id", GetRequest(keys=ids))
    assert [each.native_id for each in page.records] == ids
    assert len(opened) == 1


async def test_a_line_that_cannot_be_read_is_named(tmp_path: Path) -> None:
    lines = line(0, "ENTERQUEUE") + "now|1.1|600|NONE|ABANDON|\n" + line(1, "ENTERQUEUE", channel="1793610001.2") + "1793610001|half\n"
    page = await pbx(tmp_path, lines).answer("queue_visits", ListRequest())
    assert len(page.records) == 2
    assert [each.message.partition(";")[0] for each in page.problems] == [
        "line 2 of queue_log cannot be read: its time is missing or wrong",
        "line 4 of queue_log cannot be read: 2 columns are not what Asterisk writes",
    ]


async def test_without_a_log_visits_are_unsupported(tmp_path: Path) -> None:
    write(tmp_path, [])
    with pytest.raises(Unsupported, match="set `queue_log_file` or `queue_log_table`"):
        await serving(tmp_path).answer("queue_visits", ListRequest())


@pytest.mark.parametrize("columns", ["data", "data1, data2, data3, data4, data5"])
async def test_the_hour_that_runs_twice_in_a_table(tmp_path: Path, columns: str) -> None:
    begun = datetime(2026, 10, 25, 0, 50, tzinfo=ZoneInfo("UTC"))
    with closing(sqlite3.connect(tmp_path / "master.db")) as connection, connection:
        connection.execute("CREATE TABLE cdr (calldate, uniqueid)")
        connection.execute(f"CREATE TABLE queuelog (time CHAR(32), callid, queuename, agent, event, {columns})")
        for minutes in (0, 60):
            at = begun + timedelta(minutes=minutes)
            for seconds, word, data in ((0, "ENTERQUEUE", "||1"), (900, "ABANDON", "1|1|900")):
                wall = (at + timedelta(seconds=seconds)).astimezone(ZURICH).strftime("%Y-%m-%d %H:%M:%S.250000")
                split = [data] if columns == "data" else [*data.split("|"), "", ""]
                row = [wall, f"{int(at.timestamp())}.7", "600", "NONE", word, *split]
                connection.execute(f"INSERT INTO queuelog VALUES ({','.join('?' * len(row))})", row)
    of = serving(database_file=str(tmp_path / "master.db"), queue_log_table="queuelog", zone="Europe/Zurich")
    found = await visits(of)
    fraction = timedelta(milliseconds=250)
    assert [each.entered_at for each in found] == [begun + fraction, begun + timedelta(hours=1) + fraction]
    assert [[(event.at - each.entered_at).total_seconds() for event in each.events or ()] for each in found] == [[0, 900]] * 2
    assert [each.wait_seconds for each in found] == [900, 900]
    await of.provider.upstream.aclose()
