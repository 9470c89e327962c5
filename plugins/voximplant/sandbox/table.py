"""AccountTable: rows in the order of their time, found by time and by id."""

from bisect import bisect_left, insort
from collections.abc import Iterable

from telegraphql.plugin import Row


class AccountTable:
    """Times are texts that sort as they read. Inside one second rows stand in a fixed order that is not that of their ids."""

    def __init__(self, time: str, id_name: str, rows: Iterable[Row] = ()) -> None:
        self.time = time
        self.id_name = id_name
        self.rows: list[Row] = sorted(rows, key=self.key)
        self.keys = [self.key(row) for row in self.rows]
        self.by_id: dict[int, Row] = {row[id_name]: row for row in self.rows}

    def key(self, row: Row) -> tuple[str, int]:
        """Where a row stands."""
        return row[self.time], row[self.id_name] * 2654435761 % 4294967296

    def add(self, row: Row) -> None:
        """Put a row in its place."""
        insort(self.keys, self.key(row))
        self.rows.insert(bisect_left(self.keys, self.key(row)), row)
        self.by_id[row[self.id_name]] = row

    def ends(self, first: str, last: str) -> tuple[int, int]:
        """The indexes between which the rows from `first` to before `last` stand."""
        return bisect_left(self.keys, (first, -1)), bisect_left(self.keys, (last, -1))

    @property
    def next_id(self) -> int:
        """An id that is free."""
        return max(self.by_id, default=0) + 1
