"""Transfers, out of the table of channel events: they are told of the leg that began with them, and only where somebody asks."""

import json
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from telegraphql.gateway.pagination.bound_provider import BoundProvider
from telegraphql.plugin import GetRequest, ListRequest, Selection, SettingsError
from telegraphql.plugins.asterisk import channel_events
from telegraphql.plugins.asterisk.channel_events import ChannelEvents
from telegraphql.schema import Call
from tests.plugins.asterisk.asterisk_records import START, cdr, serving

CALLER = f"{int(START.timestamp())}.1"
SELECT = Selection.of("forwardedFrom", "rerouteReason")


@pytest.fixture
def of(tmp_path: Path) -> BoundProvider:
    with closing(sqlite3.connect(tmp_path / "master.db")) as connection, connection:
        connection.execute("CREATE TABLE cdr (calldate, uniqueid, linkedid, channel, sequence, duration INTEGER, billsec INTEGER)")
        for seconds, sequence, uniqueid in ((0, 1, CALLER), (40, 2, CALLER), (40, 3, "other"), (90, 4, CALLER)):
            row = cdr(seconds, sequence=sequence, uniqueid=uniqueid, linkedid=CALLER)
            names = ("start", "uniqueid", "linkedid", "channel", "sequence", "duration", "billsec")
            connection.execute("INSERT INTO cdr VALUES (?,?,?,?,?,?,?)", [row[name] for name in names])
        connection.execute("CREATE TABLE cel (eventtype, eventtime, cid_num, channame, linkedid, extra)")
        extra = json.dumps({"extension": "105", "transferee_channel_uniqueid": CALLER})
        for seconds, kind, number, channel, told in (
            (41, "BLINDTRANSFER", "104", "PJSIP/104-0000000b", extra),
            (88, "ATTENDEDTRANSFER", "", "PJSIP/105-0000000c", extra),
            (0, "CHAN_START", "104", "PJSIP/104-0000000b", ""),
            (0, "BLINDTRANSFER", "104", "PJSIP/104-0000000b", "no JSON"),
        ):
            at = cdr(seconds)["start"]
            connection.execute("INSERT INTO cel VALUES (?,?,?,?,?,?)", [kind, at, number, channel, CALLER, told])
    return serving(database_file=str(tmp_path / "master.db"), cel_table="cel", zone="UTC")


def transfers(calls: list[Call]) -> dict[str, tuple[str | None, str | None]]:
    return {each.native_id.rpartition("/")[2]: (each.reroute_reason, each.forwarded_from) for each in calls}


async def test_a_leg_tells_of_the_transfer_it_began_with(of: BoundProvider) -> None:
    page = await of.answer("calls", ListRequest(select=SELECT))
    expected = {"1": (None, None), "2": ("BLINDTRANSFER", "104"), "3": (None, None), "4": ("ATTENDEDTRANSFER", "105")}
    assert transfers(page.records) == expected
    for method, keys in (("calls_of_sessions", [CALLER]), ("calls_by_id", [each.native_id for each in page.records])):
        assert transfers((await of.answer(method, GetRequest(keys=keys, select=SELECT))).records) == expected
    await of.provider.upstream.aclose()


async def test_the_database_is_asked_for_the_columns_once(of: BoundProvider, monkeypatch: pytest.MonkeyPatch) -> None:
    given, tables = channel_events.types_of, list[str]()
    monkeypatch.setattr(channel_events, "types_of", lambda connection, table: (tables.append(table), given(connection, table))[1])
    for _ in range(2):
        assert len((await of.answer("calls", ListRequest(select=SELECT))).records) == 4
    assert tables == ["cel"]
    await of.provider.upstream.aclose()


async def test_the_table_is_only_read_where_somebody_asks(of: BoundProvider, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delattr(ChannelEvents, "told")
    page = await of.answer("calls", ListRequest(select=Selection.of("status")))
    assert len(page.records) == 4
    await of.provider.upstream.aclose()


@pytest.mark.parametrize(
    ("given", "words"),
    [
        ({"cdr_folder": "x", "cel_table": "cel"}, "cel_table needs database_file or database_url"),
        ({"cdr_folder": "x", "queue_log_table": "queue_log"}, "queue_log_table needs database_file or database_url"),
        ({"database_file": "x", "queue_log_table": "queue_log", "queue_log_file": "x"}, "set queue_log_file or queue_log_table"),
    ],
)
def test_settings_that_contradict_each_other_are_refused(given: dict[str, str], words: str) -> None:
    with pytest.raises(SettingsError, match=words):
        serving(**given)  # type: ignore[arg-type]
