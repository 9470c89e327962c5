"""CDR columns: what can be asked of a table of call records."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from zoneinfo import ZoneInfo

import sqlalchemy as sql
from sqlalchemy.types import Integer

from telegraphql.plugins.asterisk.legs import CdrQuery
from telegraphql.plugins.asterisk.time_column import Condition, TimeColumn, Types, types_of

# Asterisk's drivers write calldate; the tables that its Alembic scripts make have start.
TIMES = ("calldate", "start")


@dataclass(frozen=True, slots=True)
class CdrColumns:
    """The types of the columns, by their names; `time` is the one with the start."""

    types: Types
    time: TimeColumn

    @classmethod
    def of(cls, connection: sql.Connection, table: str, zone: ZoneInfo) -> "CdrColumns":
        """Ask the database."""
        types = types_of(connection, table)
        return cls(types, TimeColumn.of(types, TIMES, table, zone))

    def wanted(self, wish: CdrQuery) -> Iterator[Condition]:
        """Yield conditions that no row of a wish fails."""
        yield from self.time.within(wish.since, wish.until)
        yield from self._lengths(wish.lengths.items())
        if wish.words is not None and "disposition" in self.types:
            yield sql.func.upper(sql.cast(sql.column("disposition"), sql.String)).in_(sorted(wish.words))

    def _lengths(self, lengths: Iterable[tuple[str, tuple[int, int]]]) -> Iterator[Condition]:
        for name, (least, most) in lengths:
            column: sql.ColumnElement[int] = sql.column(name)
            if isinstance(self.types.get(name), Integer):
                within = column.between(least, most)
                # An absent length is told as 0.
                yield within | column.is_(None) if least <= 0 else within
