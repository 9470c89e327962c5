"""The table that Asterisk's SQL drivers fill, in each database: read by its index, while Asterisk writes it, and never changed."""

import sqlite3
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest
import sqlalchemy as sql

from telegraphql.plugin import BadAnswer, Forbidden, GetRequest, ListRequest, Unauthorized, Unavailable
from telegraphql.plugins.asterisk.database import Database
from telegraphql.plugins.asterisk.engines import server_engine, sqlite_engine
from telegraphql.plugins.asterisk.legs import CdrQuery, PlacedCdr
from telegraphql.plugins.asterisk.sandbox import record
from telegraphql.plugins.asterisk.selecting import Found
from telegraphql.plugins.asterisk.settings import AsteriskSettings
from telegraphql.plugins.asterisk.table_walk import Connections
from telegraphql.schema import CallStatus, IntRange
from tests.plugins.asterisk import cdr_database
from tests.plugins.asterisk.asterisk_records import START, cdr, serving
from tests.support.database_servers import NAME, PASSWORD, server_of

UTC = ZoneInfo("UTC")
ZURICH = ZoneInfo("Europe/Zurich")


@dataclass(frozen=True)
class Kept:
    """A database that Asterisk writes, and the settings that lead to it."""

    writer: sql.Engine
    settings: dict[str, str]

    def fill(self, rows: list[dict[str, Any]]) -> None:
        cdr_database.keep(self.writer, rows)

    def engine(self, **changes: str) -> sql.Engine:
        settings = AsteriskSettings(**(self.settings | changes))  # type: ignore[arg-type]
        return sqlite_engine(Path(settings.database_file)) if settings.database_file else server_engine(settings)


SERVERS = [pytest.param(scheme, marks=pytest.mark.slow) for scheme in ("postgresql", "mariadb")]


@pytest.fixture(params=["sqlite", *SERVERS])
def kept(request: pytest.FixtureRequest, tmp_path: Path) -> Kept:
    if request.param == "sqlite":
        file = tmp_path / "master.db"
        return Kept(sql.create_engine(f"sqlite:///{file}", poolclass=sql.NullPool), {"database_file": str(file)})
    server = server_of(request.param)
    return Kept(server.engine(), {"database_url": server.url, "database_password": PASSWORD})


@pytest.fixture
def opened(kept: Kept) -> Iterator[Database]:
    database = Database(Connections(kept.engine()), "cdr", UTC)
    yield database
    database.close()


def read(of: Database, **wish: Any) -> Found[PlacedCdr]:
    (found,) = of.legs([CdrQuery(**wish)])
    return found


def numbers(found: Found[PlacedCdr]) -> list[int]:
    return [int(leg.cdr.mark) for leg in found.placed]


def test_a_slice_begins_anywhere(kept: Kept, opened: Database) -> None:
    kept.fill([cdr(each, sequence=each) for each in range(1, 2001)])
    since, until = START + timedelta(seconds=10), START + timedelta(seconds=1900)
    assert numbers(read(opened, since=since, until=until, most=3)) == [1900, 1899, 1898]
    assert numbers(read(opened, since=since, until=until, most=3, newest=False)) == [10, 11, 12]
    assert numbers(read(opened)) == list(range(2000, 0, -1))


@pytest.mark.parametrize("newest", [True, False])
@pytest.mark.parametrize("most", [1, 7, 40, None])
def test_rows_of_one_time_come_together_in_the_order_of_their_ids(kept: Kept, opened: Database, most: int | None, newest: bool) -> None:
    rows = [cdr(second, sequence=10 * second + each, uniqueid=f"1793610000.{each}") for second in range(3) for each in (4, 2, 9, 1)]
    rows += [cdr(5, sequence=100 + each, uniqueid=f"1793610000.{each}") for each in range(30)]
    kept.fill(rows)
    wanted = sorted(rows, key=lambda row: (row["start"], row["uniqueid"] + "/" + str(row["sequence"])), reverse=newest)
    assert numbers(read(opened, newest=newest, most=most)) == [row["sequence"] for row in wanted][:most]


def test_a_slice_reads_no_more_than_it_needs(kept: Kept, opened: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    kept.fill([cdr(each, sequence=each) for each in range(3000)])
    given, asked = Database._read, list[int]()
    monkeypatch.setattr(Database, "_read", lambda self, rows, columns: asked.append(len(rows)) or given(self, rows, columns))
    assert numbers(read(opened, most=3)) == [2999, 2998, 2997]
    assert asked == [3]


def test_a_slice_is_found_by_the_index_of_times(kept: Kept, opened: Database) -> None:
    kept.fill([cdr(each, sequence=each) for each in range(2000)])
    wish = CdrQuery(since=START + timedelta(seconds=10), until=START + timedelta(seconds=1900), most=25)
    with opened._opened() as (connection, columns):
        query = opened.walk(connection, columns, wish).statement().compile(connection, compile_kwargs={"literal_binds": True})
        explain = "EXPLAIN QUERY PLAN" if connection.dialect.name == "sqlite" else "EXPLAIN"
        if connection.dialect.name == "postgresql":
            connection.exec_driver_sql("SET enable_seqscan = off")
        plan = str([tuple(row) for row in connection.exec_driver_sql(f"{explain} {query}".replace("%", "%%"))])
    assert "ix_cdr_calldate" in plan
    assert "filesort" not in plan
    assert "Sort" not in plan
    assert "TEMP B-TREE" not in plan


def test_the_hour_that_runs_twice_is_in_the_order_of_moments(kept: Kept) -> None:
    first = datetime(2026, 10, 25, 0, 30, tzinfo=UTC)
    rows = []
    for number in range(8):
        at = first + timedelta(minutes=15 * number)
        wall = at.astimezone(ZURICH).strftime("%Y-%m-%d %H:%M:%S")
        rows.append(cdr(sequence=number + 1, uniqueid=f"{int(at.timestamp())}.{number}") | {"start": wall})
    kept.fill(rows)
    assert [row["start"][11:16] for row in rows] == ["02:30", "02:45", "02:00", "02:15", "02:30", "02:45", "03:00", "03:15"]
    database = Database(Connections(kept.engine()), "cdr", ZURICH)
    assert numbers(read(database, most=5)) == [8, 7, 6, 5, 4]
    assert numbers(read(database, newest=False, most=5)) == [1, 2, 3, 4, 5]
    between = {"since": first + timedelta(minutes=15), "until": first + timedelta(minutes=45)}
    assert numbers(read(database, **between)) == [4, 3, 2]
    database.close()


async def test_lengths_and_ends_are_applied_by_the_database(kept: Kept, monkeypatch: pytest.MonkeyPatch) -> None:
    ends = ["ANSWERED", "BUSY", "NO ANSWER"]
    kept.fill([cdr(each, duration=each, sequence=each, disposition=ends[each % 3]) for each in range(2, 14)])
    of = serving(**kept.settings)
    given, asked = Database._read, list[int]()
    monkeypatch.setattr(Database, "_read", lambda self, rows, columns: asked.append(len(rows)) or given(self, rows, columns))
    wanted = {"durationSeconds": IntRange(min=3, max=8), "talkSeconds": IntRange(min=2, max=None), "status": [CallStatus.BUSY]}
    page = await of.answer("calls", ListRequest(filter=wanted))
    assert [record.duration_seconds for record in page.records] == [7, 4]
    assert asked == [2]
    await of.provider.upstream.aclose()


async def test_an_absent_length_is_filtered_as_it_is_shown(tmp_path: Path) -> None:
    with closing(sqlite3.connect(tmp_path / "master.db")) as connection, connection:
        connection.execute("CREATE TABLE cdr (calldate TEXT, duration INTEGER, billsec INTEGER, uniqueid TEXT)")
        rows = [("2026-11-02 09:00:01", None, None, "1.1"), ("2026-11-02 09:00:02", 9, 9, "1.2")]
        connection.executemany("INSERT INTO cdr VALUES (?, ?, ?, ?)", rows)
    of = serving(database_file=str(tmp_path / "master.db"), zone="UTC")
    page = await of.answer("calls", ListRequest(filter={"durationSeconds": IntRange(min=None, max=8)}))
    assert [record.duration_seconds for record in page.records] == [0]
    await of.provider.upstream.aclose()


def test_it_is_read_while_asterisk_writes_and_never_changed(kept: Kept, opened: Database) -> None:
    kept.fill([cdr(1, sequence=1)])
    with kept.writer.connect() as writer:
        writer.execute(cdr_database.CDR.insert(), [cdr_database.stored(cdr(2, sequence=2))])
        assert numbers(read(opened)) == [1]
        writer.rollback()
    with opened._opened() as (connection, _), pytest.raises(sql.exc.DBAPIError, match=r"(?i)read.?only"):
        connection.execute(cdr_database.CDR.delete())


async def test_freepbx_tells_more_of_a_call(kept: Kept, tmp_path: Path) -> None:
    name = "external-104-+41445556677-20261102-090000-1793610000.7.wav"
    record(tmp_path / "2026/11/02" / name)
    record(tmp_path / "2026/11/02/other.wav")
    given = {
        "did": "0445550000",
        "recordingfile": name,
        "cnam": "Ada L.",
        "clid": "",
        "src": "",
        "cnum": "+41445556677",
        "dst_cnam": "Desk",
    }
    kept.fill(
        [cdr(1, sequence=1, uniqueid="1793610000.7", outbound_cnum="0445550001", **given), cdr(2, sequence=2, recordingfile="gone.wav")]
    )
    of = serving(**kept.settings, recordings_folder=str(tmp_path))
    other, call = (await of.answer("calls", ListRequest())).records
    assert (call.dialed_number, call.caller_id_shown) == ("0445550000", "0445550001")
    assert (call.from_.number, call.from_.name, call.to.name) == ("+41445556677", "Ada L.", "Desk")
    found = (await of.answer("recordings_of_calls", GetRequest(keys=[call.native_id, other.native_id]))).records
    assert [(each.file_name, each.refs["call"]) for each in found] == [(name, call.native_id)]
    await of.provider.upstream.aclose()


def test_a_row_that_cannot_be_read_is_named(tmp_path: Path) -> None:
    with closing(sqlite3.connect(tmp_path / "master.db")) as connection, connection:
        connection.execute("CREATE TABLE cdr (calldate, duration, billsec, uniqueid)")
        rows = [("2026-11-02 09:00:01", 1, 1, "1.1"), ("2026-11", 1, 1, "1.2"), ("2026-11-02 09:00:03", 1, "x", "1.3"), (None, 1, 1, "")]
        connection.executemany("INSERT INTO cdr VALUES (?, ?, ?, ?)", rows)
    found = read(Database(Connections(sqlite_engine(tmp_path / "master.db")), "cdr", UTC))
    assert [leg.cdr.uniqueid for leg in found.placed] == ["1.1"]
    assert found.complaints == [
        "the row of 2026-11-02 09:00:03 in the table cdr cannot be read: `billsec` is missing or wrong",
        "the row of 2026-11 in the table cdr cannot be read: `start` is missing or wrong",
    ]


# cdr_sqlite3_custom.conf.sample
SAMPLE = "calldate, clid, dcontext, channel, dstchannel, lastapp, lastdata, duration, billsec, disposition, amaflags, accountcode, uniqueid"


def test_the_columns_of_asterisks_own_sample_are_enough(tmp_path: Path) -> None:
    with closing(sqlite3.connect(tmp_path / "master.db")) as connection, connection:
        connection.execute(f"CREATE TABLE cdr (AcctId INTEGER PRIMARY KEY, {SAMPLE})")
        for _ in range(2):
            row = ["2026-11-02 09:00:00", '"Ada" <104>', "from-internal", *[""] * 4, 10, 8, "ANSWERED", 3, "", "1793610000.1"]
            connection.execute(f"INSERT INTO cdr ({SAMPLE}) VALUES ({','.join('?' * len(row))})", row)
    found = read(Database(Connections(sqlite_engine(tmp_path / "master.db")), "cdr", UTC))
    assert len({leg.id for leg in found.placed}) == 2
    assert [(leg.at, leg.cdr.clid, leg.cdr.billsec) for leg in found.placed] == [(START, '"Ada" <104>', 8)] * 2


@pytest.mark.slow
def test_times_with_a_zone_are_moments() -> None:
    """The tables of Asterisk's Alembic scripts have them in PostgreSQL."""
    writer = server_of("postgresql").engine()
    with writer.begin() as connection:
        connection.exec_driver_sql("DROP TABLE IF EXISTS cdr")
        connection.exec_driver_sql('CREATE TABLE cdr (uniqueid text, start timestamptz, "end" timestamptz, duration int, billsec int)')
        for number, start in enumerate(("2026-10-25 02:30:00+02", "2026-10-25 02:30:00+01")):
            connection.exec_driver_sql(f"INSERT INTO cdr VALUES ('pbx', '{start}', '{start}', {number}, 0)")
    server = server_of("postgresql")
    database = Database(Connections(server_engine(AsteriskSettings(database_url=server.url, database_password=PASSWORD))), "cdr", ZURICH)
    found = read(database, until=datetime(2026, 10, 25, 1, 30, tzinfo=UTC))
    assert [(leg.at.hour, leg.cdr.duration) for leg in found.placed] == [(1, 1), (0, 0)]
    assert len({leg.id for leg in found.placed}) == 2
    assert [leg.cdr.duration for leg in read(database, until=datetime(2026, 10, 25, 0, 59, tzinfo=UTC)).placed] == [0]
    database.close()


def test_fractions_of_a_second_are_kept_and_bounded(tmp_path: Path) -> None:
    with closing(sqlite3.connect(tmp_path / "master.db")) as connection, connection:
        connection.execute("CREATE TABLE cdr (calldate, uniqueid)")
        connection.execute("INSERT INTO cdr VALUES ('2026-11-02 09:00:00.500000', '1.1')")
    of = Database(Connections(sqlite_engine(tmp_path / "master.db")), "cdr", UTC)
    (leg,) = read(of, until=START + timedelta(seconds=0.5)).placed
    assert leg.at == START + timedelta(seconds=0.5)
    assert read(of, until=START).placed == []


def test_a_table_that_is_missing_or_different_is_named(kept: Kept, opened: Database) -> None:
    cdr_database.METADATA.drop_all(kept.writer)
    with pytest.raises(BadAnswer, match="no table cdr as Asterisk makes it"):
        read(opened)
    with kept.writer.begin() as connection:
        connection.exec_driver_sql("CREATE TABLE cdr (moment int)")
    with pytest.raises(BadAnswer, match="neither of the columns calldate and start"):
        read(opened)
    cdr_database.METADATA.drop_all(kept.writer)


@pytest.mark.slow
@pytest.mark.parametrize("scheme", ["postgresql", "mariadb"])
def test_a_server_that_refuses_is_told_apart_from_one_that_is_away(scheme: str) -> None:
    server = server_of(scheme)
    kept = Kept(server.engine(), {"database_url": server.url, "database_password": PASSWORD})
    kept.fill([])
    for changes, error, text in (
        ({"database_password": "wrong"}, Unauthorized, "refuses the user"),
        ({"database_url": server.url.replace(str(server.port), "1")}, Unavailable, "cannot be opened or reached"),
        ({"database_url": server.url.replace(NAME, "other")}, (BadAnswer, Forbidden), "other|table cdr"),
    ):
        database = Database(Connections(kept.engine(**changes)), "cdr", UTC)
        with pytest.raises(error, match=text) as found:
            database.check()
        assert "wrong" not in str(found.value)
        assert found.value.__cause__ is None
        database.close()


@pytest.mark.slow
@pytest.mark.parametrize(("scheme", "sleep"), [("postgresql", "SELECT pg_sleep(20)"), ("mariadb", "SELECT SLEEP(20)")])
def test_a_query_that_takes_too_long_ends_in_the_server(scheme: str, sleep: str) -> None:
    server = server_of(scheme)
    limits = {"read_timeout": "300ms"}
    settings = AsteriskSettings(database_url=server.url, database_password=PASSWORD, limits=limits)  # type: ignore[arg-type]
    database = Database(Connections(server_engine(settings)), "cdr", UTC)
    cdr_database.keep(server.engine(), [])
    with pytest.raises(TimeoutError), database._opened() as (connection, _):
        connection.exec_driver_sql(sleep)
    database.close()


def test_what_sqlite_says_becomes_our_errors(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    file = tmp_path / "master.db"
    cdr_database.keep(sql.create_engine(f"sqlite:///{file}", poolclass=sql.NullPool), [])
    connect = sqlite3.connect
    monkeypatch.setattr(sqlite3, "connect", lambda *given, **named: connect(*given, **(named | {"timeout": 0})))
    with closing(connect(file)) as writer:
        writer.execute("BEGIN EXCLUSIVE")
        with pytest.raises(Unavailable, match="locked"):
            read(Database(Connections(sqlite_engine(file)), "cdr", UTC))
    (tmp_path / "words.db").write_text("no database " * 200)
    with pytest.raises(BadAnswer, match="not a SQLite database"):
        read(Database(Connections(sqlite_engine(tmp_path / "words.db")), "cdr", UTC))
    with pytest.raises(FileNotFoundError):
        read(Database(Connections(sqlite_engine(tmp_path / "gone.db")), "cdr", UTC))
    assert not (tmp_path / "gone.db").exists()
