"""Selection of rows: filters, order, slices and totals."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import islice
from typing import Any
from zoneinfo import ZoneInfo

from telegraphql.plugin import Row
from telegraphql.plugins.voximplant.sandbox.api_request import ApiRequest
from telegraphql.plugins.voximplant.sandbox.errors import ErrorReply
from telegraphql.plugins.voximplant.sandbox.store import TimeTable

RowFilter = Callable[[Row], bool]
TIME_FIELDS = frozenset({"start_date", "start_time", "used_at", "performed_at", "requested"})


@dataclass(frozen=True, slots=True, kw_only=True)
class WindowQuery:
    """A query for rows of some tables within a time window. Both times are UTC; the end is exclusive."""

    tables: Sequence[TimeTable]
    window: tuple[str, str]
    ids: list[int] | None = None
    row_filter: RowFilter | None = None
    newest_first: bool = False
    # The order of the rows, if it is not that of the tables.
    sort_key: Callable[[Row], Any] | None = None
    # The error code for a list with an id that is not in the window. Without it such ids are ignored.
    unknown_id: int | None = None

    def run(self, count: int | None, offset: int, with_total: bool) -> tuple[list[Row], int | None]:
        """Return a slice of the rows, or all if `count` is None, and optionally the total."""
        rows = self._rows() if self.sort_key is None else sorted(self._rows(), key=self.sort_key)
        if self.newest_first:
            rows = rows[::-1]
        last = None if count is None else offset + count
        if self.row_filter is None:
            return list(rows[offset:last]), len(rows) if with_total else None
        matching = filter(self.row_filter, rows)
        if not with_total:
            return list(islice(matching, offset, last)), None
        matched = list(matching)
        return matched[offset:last], len(matched)

    def _rows(self) -> Sequence[Row]:
        if len(self.tables) == 1 and self.ids is None:
            (table,) = self.tables
            first, last = table.index_range(*self.window)
            return _TableSlice(table.rows, range(first, last))
        keyed = [(table.key(row), row) for table in self.tables for row in self._rows_of(table)]
        if self.unknown_id is not None and len(keyed) < len(set(self.ids or ())):
            raise ErrorReply(self.unknown_id, "The id parameter is invalid.")
        return [row for _, row in sorted(keyed, key=lambda pair: pair[0])]

    def _rows_of(self, table: TimeTable) -> list[Row]:
        if self.ids is None:
            first, last = table.index_range(*self.window)
            return table.rows[first:last]
        known = [table.by_id[number] for number in dict.fromkeys(self.ids) if number in table.by_id]
        return [row for row in known if self.window[0] <= row[table.time] < self.window[1]]


class _TableSlice(Sequence[Row]):
    """A slice of a table, in either direction, without a copy."""

    def __init__(self, rows: list[Row], indexes: range) -> None:
        self.rows = rows
        self.indexes = indexes

    def __len__(self) -> int:
        return len(self.indexes)

    def __getitem__(self, at: Any) -> Any:
        if not isinstance(at, slice):
            return self.rows[self.indexes[at]]
        part = self.indexes[at]
        return _TableSlice(self.rows, part) if at.step == -1 else [self.rows[index] for index in part]


def matches_lists(api_request: ApiRequest, **lists: str) -> RowFilter | None:
    """Return a filter for rows whose fields are in the lists of these parameters, or None if none is given."""
    allowed = {name: frozenset(words) for name, parameter in lists.items() if (words := api_request.words(parameter)) is not None}
    if not allowed:
        return None
    return lambda row: all(str(row.get(name)) in words for name, words in allowed.items())


def matches_both(one: RowFilter | None, other: RowFilter | None) -> RowFilter | None:
    """Return a filter for rows that pass both filters."""
    if one is None or other is None:
        return one or other
    return lambda row: one(row) and other(row)


def visible_rows(rows: Sequence[Row], without: frozenset[str], zone: ZoneInfo | None) -> list[Row]:
    """Return the rows without some fields, with their times in a zone."""
    trimmed = [{name: value for name, value in row.items() if name not in without} for row in rows] if without else list(rows)
    return trimmed if zone is None else [_convert_times(row, zone) for row in trimmed]


def _convert_times(value: Any, zone: ZoneInfo, name: str = "") -> Any:
    if isinstance(value, dict):
        return {key: _convert_times(each, zone, key) for key, each in value.items()}
    if isinstance(value, list):
        return [_convert_times(each, zone) for each in value]
    if name not in TIME_FIELDS:
        return value
    return datetime.fromisoformat(value).replace(tzinfo=UTC).astimezone(zone).strftime("%Y-%m-%d %H:%M:%S")
