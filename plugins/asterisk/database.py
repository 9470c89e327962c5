"""Database: the table that Asterisk's SQL drivers fill, in SQLite, PostgreSQL, MySQL or MariaDB, read by its index of times."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime
from threading import Lock
from typing import Any
from zoneinfo import ZoneInfo

import msgspec
import sqlalchemy as sql

from telegraphql.plugins.asterisk import local_time, wire
from telegraphql.plugins.asterisk.cdr_columns import CdrColumns
from telegraphql.plugins.asterisk.database_errors import told_as_ours
from telegraphql.plugins.asterisk.legs import CdrQuery, Found, Piece, first_of, leg

BATCH = 500
MOST_BATCH = 8000
Rows = Sequence[sql.RowMapping]


class Database:
    """The records in a table. Its methods read it: they are for `Upstream.run`."""

    def __init__(self, engine: sql.Engine, table: str, zone: ZoneInfo) -> None:
        self._engine, self._table, self._zone = engine, table, zone
        self._columns: CdrColumns | None = None
        self._lock, self._is_closed = Lock(), False

    def check(self) -> None:
        """Read a row."""
        with self._opened() as (connection, _):
            connection.execute(sql.select(sql.text("*")).select_from(sql.table(self._table)).limit(1)).all()

    def legs(self, wishes: list[CdrQuery]) -> list[Found]:
        """Return the legs of each wish."""
        with self._opened() as (connection, columns):
            return [first_of(self._pieces(connection, columns, wish), wish) for wish in wishes]

    def close(self) -> None:
        """Close the connections; one that is in use, when its reader ends."""
        with self._lock:
            self._is_closed = True
            self._engine.dispose()

    def _pieces(self, connection: sql.Connection, columns: CdrColumns, wish: CdrQuery) -> Iterator[Piece]:
        walk = Walk(connection, self._table, columns, wish)
        while not walk.is_ended:
            yield Piece(*walk.reach(), lambda: self._read(walk.batch(), columns))

    def _read(self, rows: Rows, columns: CdrColumns) -> Found:
        found = Found()
        for row in rows:
            told = {name: _plain(value) for name, value in row.items()}
            start = columns.written(row[columns.time])
            try:
                found.legs.append(leg(wire.from_row(told, _mark(told), start), self._zone))
            except ValueError as error:
                found.complaints.append(f"the row of {start[:19]} in the table {self._table} cannot be read: {error}")
        return found

    @contextmanager
    def _opened(self) -> Iterator[tuple[sql.Connection, CdrColumns]]:
        with told_as_ours(self._table):
            connection = self._engine.connect()
            try:
                self._columns = self._columns or CdrColumns.of(connection, self._table, self._zone)
                yield connection, self._columns
                connection.rollback()
            finally:
                with self._lock:
                    if self._is_closed:
                        connection.invalidate()
                    connection.close()


class Walk:
    """The rows of a wish in order of time, a batch after the other. Rows of one time come together, whatever their order.

    Only the index by time is needed, which every FreePBX has: its tables have none by time and id, and an order by both would sort
    the whole table in MariaDB.
    """

    def __init__(self, connection: sql.Connection, table: str, columns: CdrColumns, wish: CdrQuery) -> None:
        self._connection, self._columns, self._wish = connection, columns, wish
        self._all = sql.select(sql.text("*")).select_from(sql.table(table)).where(*columns.wanted(wish))
        self._size = BATCH if wish.most is None else min(wish.most, BATCH) + 1
        self._edge: Any = None
        self._is_edge_read = self.is_ended = False

    def reach(self) -> tuple[datetime, datetime]:
        """Return two moments before and after which none of the rows that follow stands."""
        zone = self._columns.zone
        if self._edge is None:
            return local_time.FIRST, local_time.LAST
        edge = self._columns.written(self._edge)
        if self._wish.newest:
            return local_time.FIRST, local_time.latest(edge, zone)
        return local_time.earliest(edge, zone), local_time.LAST

    def batch(self) -> Rows:
        """Read the rows that follow."""
        rows = self._rows(self.statement())
        if len(rows) < self._size:
            self.is_ended = True
            return rows
        self._size = min(self._size * 4, MOST_BATCH)
        time = self._columns.time
        self._edge, self._is_edge_read = rows[-1][time], False
        if rows[0][time] != self._edge:
            return [row for row in rows if row[time] != self._edge]
        self._is_edge_read = True
        return self._rows(self._all.where(sql.column(time) == self._edge))

    def statement(self) -> sql.Select[Any]:
        """Return the query for the rows that follow."""
        newest = self._wish.newest
        time: sql.ColumnElement[Any] = sql.column(self._columns.time)
        query = self._all.order_by(time.desc() if newest else time).limit(self._size)
        if self._edge is None:
            return query
        if self._is_edge_read:
            return query.where(time < self._edge if newest else time > self._edge)
        return query.where(time <= self._edge if newest else time >= self._edge)

    def _rows(self, query: sql.Select[Any]) -> Rows:
        return self._connection.execute(query).mappings().all()


def _plain(value: Any) -> Any:
    """Return a value as JSON can hold it."""
    if isinstance(value, bytes):
        return value.decode("utf-8", "replace")
    return value if value is None or isinstance(value, str | int | float) else str(value)


def _mark(told: dict[str, Any]) -> str:
    return str(told.get("sequence") or "") or wire.digest(msgspec.json.encode(told).decode())
