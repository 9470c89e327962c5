"""The table that Asterisk's SQL drivers fill: read by its index, while Asterisk writes it, and never changed."""

import sqlite3
from collections.abc import Iterator
from contextlib import closing
from datetime import timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from telegraphql_asterisk import sandbox
from telegraphql_asterisk.database import Database, query
from telegraphql_asterisk.legs import Found, Wish

from telegraphql.plugin import BadAnswer, ListRequest, Unavailable
from telegraphql.schema import IntRange
from tests.third_party.asterisk.tests.asterisk_records import START, cdr, serving

UTC = ZoneInfo("UTC")
# cdr_sqlite3_custom.conf.sample
SAMPLE = "calldate, clid, dcontext, channel, dstchannel, lastapp, lastdata, duration, billsec, disposition, amaflags, accountcode, uniqueid"


def kept(folder: Path, rows: list[sandbox.Row]) -> Database:
    sandbox.keep(folder / "master.db", rows)
    return Database(folder / "master.db", UTC)


def read(of: Database, **wish: object) -> Found:
    (found,) = of.legs([Wish(**wish)])  # type: ignore[arg-type]
    return found


def numbers(found: Found) -> list[str]:
    return [leg.cdr.mark for leg in found.legs]


def test_a_slice_is_found_by_the_index(tmp_path: Path) -> None:
    of = kept(tmp_path, [cdr(each, sequence=each) for each in range(2000)])
    wish = Wish(since=START + timedelta(seconds=10), until=START + timedelta(seconds=1900), most=3)
    assert numbers(read(of, since=wish.since, until=wish.until, most=3)) == ["1900", "1899", "1898"]
    text, values = query("calldate", wish, UTC)
    with closing(sqlite3.connect(tmp_path / "master.db")) as connection:
        plan = [row[3] for row in connection.execute(f"EXPLAIN QUERY PLAN {text}", values)]
    assert plan == ["SEARCH cdr USING INDEX cdr_calldate (calldate>? AND calldate<?)"]


def test_a_slice_reads_no_more_than_it_needs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    of, given, asked = kept(tmp_path, [cdr(each, sequence=each) for each in range(3000)]), Database._read, []
    monkeypatch.setattr(Database, "_read", lambda self, rows, time: asked.append(len(rows)) or given(self, rows, time))
    assert numbers(read(of, most=3)) == ["2999", "2998", "2997"]
    assert sum(asked) <= 1000


def test_the_columns_of_asterisks_own_sample_are_enough(tmp_path: Path) -> None:
    with closing(sqlite3.connect(tmp_path / "master.db")) as connection, connection:
        connection.execute(f"CREATE TABLE cdr (AcctId INTEGER PRIMARY KEY, {SAMPLE})")
        for _ in range(2):
            row = ["2026-11-02 09:00:00", '"Ada" <104>', "from-internal", *[""] * 4, 10, 8, "ANSWERED", 3, "", "1793610000.1"]
            connection.execute(f"INSERT INTO cdr ({SAMPLE}) VALUES ({','.join('?' * len(row))})", row)
    found = read(Database(tmp_path / "master.db", UTC))
    assert len({leg.id for leg in found.legs}) == 2
    assert [(leg.at, leg.cdr.clid, leg.cdr.billsec) for leg in found.legs] == [(START, '"Ada" <104>', 8)] * 2


def test_fractions_of_a_second_are_kept_and_bounded(tmp_path: Path) -> None:
    of = kept(tmp_path, [cdr(0, sequence=1) | {"start": "2026-11-02 09:00:00.500000"}])
    (leg,) = read(of, until=START + timedelta(seconds=0.5)).legs
    assert leg.at == START + timedelta(seconds=0.5)
    assert read(of, until=START).legs == []


def test_a_row_that_cannot_be_read_is_named(tmp_path: Path) -> None:
    found = read(kept(tmp_path, [cdr(1, sequence=1), cdr(2, sequence=2) | {"start": "2026-11-02"[:7]}, cdr(3, billsec="x")]))
    assert numbers(found) == ["1"]
    assert found.complaints == [
        "row 3 of the table cdr cannot be read: `billsec` is missing or wrong",
        "row 2 of the table cdr cannot be read: `start` is missing or wrong",
    ]


def test_it_is_read_while_asterisk_writes_and_never_changed(tmp_path: Path) -> None:
    of = kept(tmp_path, [cdr(1, sequence=1)])
    with closing(sqlite3.connect(tmp_path / "master.db")) as writer:
        writer.execute("BEGIN IMMEDIATE")
        assert numbers(read(of)) == ["1"]
    with of._opened() as connection, pytest.raises(sqlite3.OperationalError, match="readonly"):
        connection.execute("DELETE FROM cdr")


@pytest.fixture
def locked(tmp_path: Path) -> Iterator[Database]:
    of = kept(tmp_path, [])
    with closing(sqlite3.connect(tmp_path / "master.db")) as writer:
        writer.execute("BEGIN EXCLUSIVE")
        yield of


def test_what_sqlite_says_becomes_our_errors(tmp_path: Path, locked: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    connect = sqlite3.connect
    monkeypatch.setattr(sqlite3, "connect", lambda *given, **named: connect(*given, **(named | {"timeout": 0})))
    with pytest.raises(Unavailable, match="locked"):
        read(locked)
    (tmp_path / "words.db").write_text("no database " * 200)
    with pytest.raises(BadAnswer, match="not a SQLite database"):
        read(Database(tmp_path / "words.db", UTC))
    with closing(connect(tmp_path / "other.db")) as connection:
        connection.execute("CREATE TABLE other (calldate)")
    with pytest.raises(BadAnswer, match="neither of the columns calldate and start"):
        read(Database(tmp_path / "other.db", UTC))
    with pytest.raises(FileNotFoundError):
        read(Database(tmp_path / "gone.db", UTC))


async def test_lengths_are_pushed_down_to_it(tmp_path: Path) -> None:
    sandbox.keep(tmp_path / "master.db", [cdr(each, duration=each, sequence=each) for each in range(2, 9)])
    of = serving(tmp_path, database="master.db")
    wanted = {"durationSeconds": IntRange(min=3, max=5), "talkSeconds": IntRange(min=2, max=None)}
    page = await of.answer("calls", ListRequest(filter=wanted))
    assert [record.duration_seconds for record in page.records] == [5, 4]
    await of.provider.upstream.aclose()
