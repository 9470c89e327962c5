"""Time column: in which column and form a table has the time of a row, and how it is compared with moments."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import sqlalchemy as sql
from sqlalchemy.types import DateTime, TypeEngine

from telegraphql.plugin import BadAnswer
from telegraphql.plugins.asterisk import local_time

WITHIN_SECOND = timedelta(seconds=1, microseconds=-1)
Condition = sql.ColumnElement[bool]
Types = Mapping[str, TypeEngine[Any]]


@dataclass(frozen=True, slots=True)
class TimeColumn:
    """A column with wall times of a zone, or with moments."""

    name: str
    type: TypeEngine[Any]
    zone: ZoneInfo

    @classmethod
    def of(cls, types: Types, names: Sequence[str], table: str, zone: ZoneInfo) -> "TimeColumn":
        """Return the first of these columns that a table has.

        Raises:
            BadAnswer: It has none.
        """
        for name in names:
            if name in types:
                return cls(name, types[name], zone)
        missing = f"neither of the columns {' and '.join(names)}" if len(names) > 1 else f"no column {names[0]}"
        raise BadAnswer(f"the table {table} has {missing}; check the settings of the database")

    @property
    def column(self) -> sql.ColumnElement[Any]:
        """The column in a query."""
        return sql.column(self.name)

    def within(self, since: datetime | None, until: datetime | None) -> Iterator[Condition]:
        """Yield conditions that no row between two moments fails."""
        yield self.column.is_not(None)
        first, last = self._bounds(since, until)
        if first is not None:
            yield self.column >= first
        if last is not None:
            yield self.column <= last

    def _bounds(self, since: datetime | None, until: datetime | None) -> tuple[Any, Any]:
        if isinstance(self.type, DateTime) and self.type.timezone:
            return since, until
        first, last = local_time.between(since, until, self.zone)
        if not isinstance(self.type, DateTime):
            # Texts, which a fraction of a second or nothing may follow.
            return first or None, f"{last}~" if until else None
        return _parsed(first) if since else None, _parsed(last) + WITHIN_SECOND if until else None

    def written(self, value: Any) -> str:
        """Return a time as Asterisk writes it; one with a zone keeps its offset."""
        if isinstance(value, datetime):
            return str(value.astimezone(self.zone) if value.tzinfo else value)
        return str(value or "")


def types_of(connection: sql.Connection, table: str) -> Types:
    """Ask the database for the types of a table's columns."""
    return {column["name"]: column["type"] for column in sql.inspect(connection).get_columns(table)}


def _parsed(text: str) -> datetime:
    return datetime.strptime(text, local_time.FORMAT)
