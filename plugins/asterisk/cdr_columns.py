"""Columns: in which column and form a table of call records has the start of a call, and what can be asked of the others."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import sqlalchemy as sql
from sqlalchemy.types import DateTime, Integer, TypeEngine

from telegraphql.plugin import BadAnswer
from telegraphql.plugins.asterisk import local_time
from telegraphql.plugins.asterisk.legs import CdrQuery

# Asterisk's drivers write calldate; the tables that its Alembic scripts make have start.
TIMES = ("calldate", "start")
WITHIN_SECOND = timedelta(seconds=1, microseconds=-1)
Condition = sql.ColumnElement[bool]


@dataclass(frozen=True, slots=True)
class CdrColumns:
    """The types of the columns, by their names; `time` is the name of the one with the start."""

    types: dict[str, TypeEngine[Any]]
    time: str
    zone: ZoneInfo

    @classmethod
    def of(cls, connection: sql.Connection, table: str, zone: ZoneInfo) -> "CdrColumns":
        """Ask the database."""
        types = {column["name"]: column["type"] for column in sql.inspect(connection).get_columns(table)}
        for time in TIMES:
            if time in types:
                return cls(types, time, zone)
        raise BadAnswer(f"the table {table} has neither of the columns {' and '.join(TIMES)}; check the settings of the database")

    def wanted(self, wish: CdrQuery) -> Iterator[Condition]:
        """Yield conditions that no row of a wish fails."""
        time: sql.ColumnElement[Any] = sql.column(self.time)
        yield time.is_not(None)
        since, until = self._bounds(wish)
        if since is not None:
            yield time >= since
        if until is not None:
            yield time <= until
        yield from self._lengths(wish.lengths.items())
        if wish.words is not None and "disposition" in self.types:
            yield sql.func.upper(sql.cast(sql.column("disposition"), sql.String)).in_(sorted(wish.words))

    def _lengths(self, lengths: Iterable[tuple[str, tuple[int, int]]]) -> Iterator[Condition]:
        for name, (least, most) in lengths:
            column: sql.ColumnElement[Any] = sql.column(name)
            if isinstance(self.types.get(name), Integer):
                within = column.between(least, most)
                # An absent length is told as 0.
                yield within | column.is_(None) if least <= 0 else within

    def _bounds(self, wish: CdrQuery) -> tuple[Any, Any]:
        kind = self.types[self.time]
        if isinstance(kind, DateTime) and kind.timezone:
            return wish.since, wish.until
        since, until = local_time.between(wish.since, wish.until, self.zone)
        if not isinstance(kind, DateTime):
            # Texts, which a fraction of a second or nothing may follow.
            return since or None, f"{until}~" if wish.until else None
        return _parsed(since) if wish.since else None, _parsed(until) + WITHIN_SECOND if wish.until else None

    def written(self, value: Any) -> str:
        """Return a time as Asterisk writes it; one with a zone keeps its offset."""
        if isinstance(value, datetime):
            return str(value.astimezone(self.zone) if value.tzinfo else value)
        return str(value or "")


def _parsed(text: str) -> datetime:
    return datetime.strptime(text, local_time.FORMAT)
