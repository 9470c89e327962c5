"""Database: the table `cdr` that cdr_sqlite3_custom or cdr_adaptive_odbc fill, read by time."""

import sqlite3
from collections.abc import Iterator, Mapping
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any
from urllib.parse import quote
from zoneinfo import ZoneInfo

import msgspec

from telegraphql.plugin import BadAnswer, Unavailable, still_wanted
from telegraphql_asterisk import local_time, wire
from telegraphql_asterisk.legs import Found, Piece, Wish, first_of, leg

TABLE = "cdr"
TIMES = ("calldate", "start")
BATCH = 500
# Steps of SQLite's machine after which it asks whether somebody still waits.
STEPS = 20_000


class Database:
    """The records in a SQLite file. Its methods read it: they are for `Upstream.run`."""

    def __init__(self, path: Path, zone: ZoneInfo) -> None:
        self._path, self._zone = path, zone

    def check(self) -> None:
        """Whether there is something to read."""
        with self._opened() as connection:
            connection.execute(f"SELECT 1 FROM {TABLE} LIMIT 1").fetchone()

    def legs(self, wishes: list[Wish]) -> list[Found]:
        """The legs of each wish, all of one state of the table."""
        with self._opened() as connection:
            time = _time(connection)
            return [first_of(self._pieces(connection, time, wish), wish) for wish in wishes]

    def _pieces(self, connection: sqlite3.Connection, time: str, wish: Wish) -> Iterator[Piece]:
        rows = connection.execute(*query(time, wish, self._zone))
        while batch := rows.fetchmany(BATCH):
            ends = sorted(str(row[time]) for row in (batch[0], batch[-1]))
            found = self._read(batch, time)
            yield Piece(local_time.earliest(ends[0], self._zone), local_time.latest(ends[1], self._zone), lambda found=found: found)  # type: ignore[misc]

    def _read(self, rows: list[sqlite3.Row], time: str) -> Found:
        found = Found()
        for row in rows:
            told = {name: row[name] for name in row.keys() if name != "rowid"}  # noqa: SIM118 - a row's own `in` looks at its values
            try:
                found.legs.append(leg(wire.from_row(told, _mark(told), str(told[time] or "")), self._zone))
            except ValueError as error:
                found.complaints.append(f"row {row['rowid']} of the table {TABLE} cannot be read: {error}")
        return found

    @contextmanager
    def _opened(self) -> Iterator[sqlite3.Connection]:
        with self._path.open("rb"):
            pass  # so that a missing file is told as any other; SQLite only says that it cannot
        try:
            with closing(sqlite3.connect(f"file:{quote(str(self._path.absolute()))}?mode=ro", uri=True, timeout=2)) as connection:
                connection.row_factory = sqlite3.Row
                connection.set_progress_handler(still_wanted, STEPS)
                yield connection
        except sqlite3.OperationalError as error:
            if "no such" in str(error):
                raise BadAnswer(f"the database has no table {TABLE} as Asterisk makes it; check `database`") from None
            raise Unavailable("the database is locked or cannot be opened; try again later") from None
        except sqlite3.DatabaseError:
            raise BadAnswer("the file is not a SQLite database; check `database`") from None


def query(time: str, wish: Wish, zone: ZoneInfo) -> tuple[str, list[object]]:
    """The statement for a wish. Times are texts, which a fraction of a second or nothing may follow."""
    since, until = local_time.between(wish.since, wish.until, zone)
    where = [(f"{time} >= ?", [since]), (f"{time} <= ?", [until + "~"]), *wish.where]
    order = "DESC" if wish.newest else "ASC"
    text = f"SELECT rowid, * FROM {TABLE} WHERE {' AND '.join(part for part, _ in where)} ORDER BY {time} {order}"
    return text, [value for _, values in where for value in values]


def _time(connection: sqlite3.Connection) -> str:
    names = {row["name"] for row in connection.execute(f"PRAGMA table_info({TABLE})")}
    for name in TIMES:
        if name in names:
            return name
    raise BadAnswer(f"the table {TABLE} has neither of the columns {' and '.join(TIMES)}; check `database`")


def _mark(told: Mapping[str, Any]) -> str:
    return str(told.get("sequence") or "") or wire.digest(msgspec.json.encode(told).decode())
