"""Queue log table: what Asterisk's realtime driver writes of `queue_log`, with the data in one column or in five."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import datetime
from functools import partial
from typing import Any
from zoneinfo import ZoneInfo

import sqlalchemy as sql

from telegraphql.plugins.asterisk import local_time
from telegraphql.plugins.asterisk.legs import opened
from telegraphql.plugins.asterisk.queue_visits import EventQuery, QueueLogEvent, ReadEvents
from telegraphql.plugins.asterisk.selecting import Found, Piece
from telegraphql.plugins.asterisk.table_walk import Connections, Rows, TableWalk, plain, rows_of
from telegraphql.plugins.asterisk.time_column import TimeColumn, types_of

DATA = ("data1", "data2", "data3", "data4", "data5")


class QueueLogTable:
    """The events in a table. Its methods read it: they are for `Upstream.run`."""

    def __init__(self, connections: Connections, table: str, zone: ZoneInfo) -> None:
        self._connections, self._table, self._zone = connections, table, zone
        self._time: TimeColumn | None = None

    def check(self) -> None:
        """Read a row."""
        with self._connections.opened(self._table) as connection:
            connection.execute(rows_of(self._table).limit(1)).all()

    @contextmanager
    def opened(self) -> Iterator[ReadEvents]:
        """Open the table."""
        with self._connections.opened(self._table) as connection:
            if self._time is None:
                self._time = TimeColumn.of(types_of(connection, self._table), ("time",), self._table, self._zone)
            yield partial(self._pieces, connection, self._time)

    def _pieces(self, connection: sql.Connection, time: TimeColumn, query: EventQuery) -> Iterator[Piece[QueueLogEvent]]:
        rows = rows_of(self._table).where(*time.within(query.since, query.until))
        if query.word is not None:
            rows = rows.where(sql.column("event") == query.word)
        if query.channels is not None:
            rows = rows.where(sql.column("callid").in_(sorted(query.channels)))
        walk = TableWalk(connection, rows, time, newest=query.newest, most=query.most)
        while not walk.is_ended:
            yield Piece(*walk.reach(), lambda: self._read(walk.batch(), time))

    def _read(self, rows: Rows, time: TimeColumn) -> Found[QueueLogEvent]:
        found = Found[QueueLogEvent]()
        for row in rows:
            text = time.written(row["time"])
            try:
                found.placed.append(_event(row, text, self._zone))
            except ValueError:
                found.complaints.append(f"the row of {text[:19]} in the table {self._table} cannot be read: `time` is missing or wrong")
        return found


def _event(row: Mapping[Any, Any], time: str, zone: ZoneInfo) -> QueueLogEvent:
    told = {name: str(plain(value) or "") for name, value in row.items()}
    channel = told.get("callid", "")
    # Without adaptive logging all is in one column; what is more than five stands in the last, with its separators.
    data = (told.get("data") or "|".join(told.get(name, "") for name in DATA).rstrip("|")).split("|")
    return QueueLogEvent(
        _moment(time, zone, opened(channel)), channel, told.get("queuename", ""), told.get("agent", ""), told.get("event", ""), data
    )


def _moment(text: str, zone: ZoneInfo, begun: datetime | None) -> datetime:
    """Return the moment of a wall time; in the hour that runs twice the first one after the channel began."""
    first, second = local_time.moments(text, zone)
    if begun is None or first == second:
        return first
    return first if first >= begun.replace(microsecond=0) else second
