"""Database: the table that Asterisk's SQL drivers fill, in SQLite, PostgreSQL, MySQL or MariaDB, read by its index of times."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any
from zoneinfo import ZoneInfo

import msgspec
import sqlalchemy as sql

from telegraphql.plugins.asterisk import wire
from telegraphql.plugins.asterisk.cdr_columns import CdrColumns
from telegraphql.plugins.asterisk.legs import CdrQuery, PlacedCdr, leg
from telegraphql.plugins.asterisk.selecting import Found, Piece, first_of
from telegraphql.plugins.asterisk.table_walk import Connections, Rows, TableWalk, plain, rows_of


class Database:
    """The records in a table. Its methods read it: they are for `Upstream.run`."""

    def __init__(self, connections: Connections, table: str, zone: ZoneInfo) -> None:
        self._connections, self._table, self._zone = connections, table, zone
        self._columns: CdrColumns | None = None

    def check(self) -> None:
        """Read a row."""
        with self._opened() as (connection, _):
            connection.execute(rows_of(self._table).limit(1)).all()

    def legs(self, wishes: list[CdrQuery]) -> list[Found[PlacedCdr]]:
        """Return the legs of each wish."""
        with self._opened() as (connection, columns):
            return [first_of(self._pieces(connection, columns, wish), wish) for wish in wishes]

    def walk(self, connection: sql.Connection, columns: CdrColumns, wish: CdrQuery) -> TableWalk:
        """Return the rows of a wish."""
        rows = rows_of(self._table).where(*columns.wanted(wish))
        return TableWalk(connection, rows, columns.time, newest=wish.newest, most=wish.most)

    def close(self) -> None:
        """Close the connections."""
        self._connections.close()

    def _pieces(self, connection: sql.Connection, columns: CdrColumns, wish: CdrQuery) -> Iterator[Piece[PlacedCdr]]:
        walk = self.walk(connection, columns, wish)
        while not walk.is_ended:
            yield Piece(*walk.reach(), lambda: self._read(walk.batch(), columns))

    def _read(self, rows: Rows, columns: CdrColumns) -> Found[PlacedCdr]:
        found = Found[PlacedCdr]()
        for row in rows:
            told = {name: plain(value) for name, value in row.items()}
            start = columns.time.written(row[columns.time.name])
            try:
                found.placed.append(leg(wire.from_row(told, _mark(told), start), self._zone))
            except ValueError as error:
                found.complaints.append(f"the row of {start[:19]} in the table {self._table} cannot be read: {error}")
        return found

    @contextmanager
    def _opened(self) -> Iterator[tuple[sql.Connection, CdrColumns]]:
        with self._connections.opened(self._table) as connection:
            self._columns = self._columns or CdrColumns.of(connection, self._table, self._zone)
            yield connection, self._columns


def _mark(told: dict[str, Any]) -> str:
    # A column that nobody fills holds 0 in every row.
    return str(told.get("sequence") or "") or wire.digest(msgspec.json.encode(told).decode())
