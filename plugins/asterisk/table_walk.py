"""Table walk: the rows of a table in order of time, read by its index of times, and the connections on which tables are read."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime
from threading import Lock
from typing import Any

import sqlalchemy as sql

from telegraphql.plugins.asterisk import local_time
from telegraphql.plugins.asterisk.database_errors import told_as_ours
from telegraphql.plugins.asterisk.time_column import TimeColumn

BATCH = 500
MOST_BATCH = 8000
Rows = Sequence[sql.RowMapping]


class Connections:
    """The connections to one database."""

    def __init__(self, engine: sql.Engine) -> None:
        self._engine = engine
        self._lock, self._is_closed = Lock(), False

    @contextmanager
    def opened(self, table: str) -> Iterator[sql.Connection]:
        """Yield a connection for reading a table.

        Raises:
            UpstreamError: The database refuses, or cannot be reached.
        """
        with told_as_ours(table):
            connection = self._engine.connect()
            try:
                yield connection
                connection.rollback()
            finally:
                with self._lock:
                    if self._is_closed:
                        connection.invalidate()
                    connection.close()

    def close(self) -> None:
        """Close the connections; one that is in use, when its reader ends."""
        with self._lock:
            self._is_closed = True
            self._engine.dispose()


class TableWalk:
    """The rows of a query in order of time, a batch after the other. Rows of one time come together, whatever their order.

    Only the index by time is needed, which every FreePBX has: its tables have none by time and id, and an order by both would sort
    the whole table in MariaDB.
    """

    def __init__(self, connection: sql.Connection, rows: sql.Select[Any], time: TimeColumn, *, newest: bool, most: int | None) -> None:
        self._connection, self._all, self._time, self._newest = connection, rows, time, newest
        self._size = BATCH if most is None else min(most, BATCH) + 1
        self._edge: Any = None
        self._is_edge_read = self.is_ended = False

    def reach(self) -> tuple[datetime, datetime]:
        """Return two moments before and after which none of the rows that follow stands."""
        if self._edge is None:
            return local_time.FIRST, local_time.LAST
        edge = self._time.written(self._edge)
        if self._newest:
            return local_time.FIRST, local_time.latest(edge, self._time.zone)
        return local_time.earliest(edge, self._time.zone), local_time.LAST

    def batch(self) -> Rows:
        """Read the rows that follow."""
        rows = self._rows(self.statement())
        if len(rows) < self._size:
            self.is_ended = True
            return rows
        self._size = min(self._size * 4, MOST_BATCH)
        name = self._time.name
        self._edge, self._is_edge_read = rows[-1][name], False
        if rows[0][name] != self._edge:
            return [row for row in rows if row[name] != self._edge]
        self._is_edge_read = True
        return self._rows(self._all.where(self._time.column == self._edge))

    def statement(self) -> sql.Select[Any]:
        """Return the query for the rows that follow."""
        time = self._time.column
        query = self._all.order_by(time.desc() if self._newest else time).limit(self._size)
        if self._edge is None:
            return query
        if self._is_edge_read:
            return query.where(time < self._edge if self._newest else time > self._edge)
        return query.where(time <= self._edge if self._newest else time >= self._edge)

    def _rows(self, query: sql.Select[Any]) -> Rows:
        return self._connection.execute(query).mappings().all()


def rows_of(table: str) -> sql.Select[Any]:
    """Return a query for all columns of all rows."""
    return sql.select(sql.text("*")).select_from(sql.table(table))


def plain(value: Any) -> Any:
    """Return a value as JSON can hold it."""
    if isinstance(value, bytes):
        return value.decode("utf-8", "replace")
    return value if value is None or isinstance(value, str | int | float) else str(value)
