"""Queries: which rows a question wants, in what order, and how many there are."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import islice
from typing import Any
from zoneinfo import ZoneInfo

from telegraphql.plugin import Row
from telegraphql.plugins.voximplant.sandbox.question import Question
from telegraphql.plugins.voximplant.sandbox.refused import ErrorReply
from telegraphql.plugins.voximplant.sandbox.table import AccountTable

Keep = Callable[[Row], bool]
TIMES = frozenset({"start_date", "start_time", "used_at", "performed_at", "requested"})


@dataclass(frozen=True, slots=True, kw_only=True)
class WindowQuery:
    """Rows of one or more tables within a window. Both window texts are UTC; the end is not included."""

    tables: Sequence[AccountTable]
    window: tuple[str, str]
    ids: list[int] | None = None
    keep: Keep | None = None
    newest_first: bool = False
    # The error code for a list with an id that no row of the window has; without one such ids are left out.
    unknown_id: int | None = None

    def found(self, count: int | None, offset: int, with_total: bool) -> tuple[list[Row], int | None]:
        """A slice (all where `count` is None), and how many there are in all."""
        rows = self._rows()
        if self.newest_first:
            rows = rows[::-1]
        last = None if count is None else offset + count
        if self.keep is None:
            return list(rows[offset:last]), len(rows) if with_total else None
        wanted = filter(self.keep, rows)
        if not with_total:
            return list(islice(wanted, offset, last)), None
        kept = list(wanted)
        return kept[offset:last], len(kept)

    def _rows(self) -> Sequence[Row]:
        """Return the rows of the window in order.

        Raises:
            ErrorReply: an id is unknown, and the method refuses such ids.
        """
        if len(self.tables) == 1 and self.ids is None:
            (table,) = self.tables
            first, last = table.ends(*self.window)
            return _Stretch(table.rows, range(first, last))
        keyed = [(table.key(row), row) for table in self.tables for row in self._of(table)]
        if self.unknown_id is not None and len(keyed) < len(set(self.ids or ())):
            raise ErrorReply(self.unknown_id, "The id parameter is invalid.")
        return [row for _, row in sorted(keyed, key=lambda pair: pair[0])]

    def _of(self, table: AccountTable) -> list[Row]:
        if self.ids is None:
            first, last = table.ends(*self.window)
            return table.rows[first:last]
        known = [table.by_id[number] for number in dict.fromkeys(self.ids) if number in table.by_id]
        return [row for row in known if self.window[0] <= row[table.time] < self.window[1]]


class _Stretch(Sequence[Row]):
    """A part of a table, in either direction, without copying it."""

    def __init__(self, rows: list[Row], indexes: range) -> None:
        self.rows = rows
        self.indexes = indexes

    def __len__(self) -> int:
        return len(self.indexes)

    def __getitem__(self, at: Any) -> Any:
        if not isinstance(at, slice):
            return self.rows[self.indexes[at]]
        part = self.indexes[at]
        return _Stretch(self.rows, part) if at.step == -1 else [self.rows[index] for index in part]


def all_of(question: Question, **lists: str) -> Keep | None:
    """Rows whose fields are among the lists given; None where no list is."""
    wanted = {name: frozenset(words) for name, theirs in lists.items() if (words := question.words(theirs)) is not None}
    if not wanted:
        return None
    return lambda row: all(str(row.get(name)) in words for name, words in wanted.items())


def both(one: Keep | None, other: Keep | None) -> Keep | None:
    """What passes both."""
    if one is None or other is None:
        return one or other
    return lambda row: one(row) and other(row)


def shown(rows: Sequence[Row], without: frozenset[str], zone: ZoneInfo | None) -> list[Row]:
    """Rows without some of their fields, their times in a zone."""
    trimmed = [{name: value for name, value in row.items() if name not in without} for row in rows] if without else list(rows)
    return trimmed if zone is None else [_in_zone(row, zone) for row in trimmed]


def _in_zone(value: Any, zone: ZoneInfo, name: str = "") -> Any:
    if isinstance(value, dict):
        return {key: _in_zone(each, zone, key) for key, each in value.items()}
    if isinstance(value, list):
        return [_in_zone(each, zone) for each in value]
    if name not in TIMES:
        return value
    return datetime.fromisoformat(value).replace(tzinfo=UTC).astimezone(zone).strftime("%Y-%m-%d %H:%M:%S")
