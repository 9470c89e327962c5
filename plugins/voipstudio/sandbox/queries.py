"""Queries: the list parameters of a collection - `limit`, `page`, `sort`, `dir`, `filter` - as strict as the upstream is said to be."""

import operator
import re
from bisect import bisect_left, bisect_right, insort
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import msgspec

Row = dict[str, Any]
DEFAULT_LIMIT, MOST_LIMIT = 100, 5000
COMPARES: dict[str, Callable[[Any, Any], bool]] = {
    "eq": operator.eq,
    "gt": operator.gt,
    "gte": operator.ge,
    "lt": operator.lt,
    "lte": operator.le,
}
OPERATORS = {*COMPARES, "like"}
TIME = re.compile(r"\d{4}-\d\d-\d\d( \d\d:\d\d:\d\d)?")
INDEXED = frozenset({"live_id", "root_live_id", "parent_live_id", "user_id", "id"})


class Wrong(Exception):
    """A parameter is wrong; the upstream answers 400."""

    def __init__(self, message: str, name: str) -> None:
        super().__init__(message)
        self.name = name


@dataclass(frozen=True, slots=True)
class ListParameters:
    """The checked parameters of a list request."""

    limit: int
    page: int
    sort: str
    descending: bool
    conditions: tuple[tuple[str, str, Any], ...]

    @classmethod
    def read(cls, given: Mapping[str, str], types: Mapping[str, str]) -> "ListParameters":
        """From a query string; `types` are the properties of the resource."""
        sort, direction = given.get("sort", "id"), given.get("dir", "DESC")
        if sort not in types:
            raise Wrong("Unknown sort property", sort)
        if direction not in ("ASC", "DESC"):
            raise Wrong("Unknown sort direction", "dir")
        limit = _whole(given.get("limit", str(DEFAULT_LIMIT)), "limit", MOST_LIMIT)
        return cls(limit, _whole(given.get("page", "1"), "page"), sort, direction == "DESC", _conditions(given.get("filter"), types))


def _whole(text: str, name: str, most: int = 10**9) -> int:
    if not (text.isascii() and text.isdigit() and 1 <= int(text) <= most):
        raise Wrong(f"{name} is out of range", name)
    return int(text)


def _conditions(text: str | None, types: Mapping[str, str]) -> tuple[tuple[str, str, Any], ...]:
    try:
        entries = msgspec.json.decode(text) if text else []
    except msgspec.DecodeError:
        raise Wrong("Filter is not valid JSON", "filter") from None
    if not isinstance(entries, list):
        raise Wrong("Filter is not an array", "filter")
    return tuple(_condition(entry, types) for entry in entries)


def _condition(entry: Any, types: Mapping[str, str]) -> tuple[str, str, Any]:
    if not isinstance(entry, dict) or set(entry) != {"property", "operator", "value"}:
        raise Wrong("Filtration error", "filter")
    name, word, value = entry["property"], entry["operator"], entry["value"]
    if name not in types or word not in OPERATORS:
        raise Wrong("Filtration error", str(name))
    return name, word, _like(value, name) if word == "like" else _value(value, types[name], name)


def _like(value: Any, name: str) -> re.Pattern[str]:
    if not isinstance(value, str):
        raise Wrong("Filtration error", name)
    parts = {"%": ".*", "_": "."}
    return re.compile("".join(parts.get(letter) or re.escape(letter) for letter in value), re.IGNORECASE | re.DOTALL)


def _value(value: Any, kind: str, name: str) -> Any:
    if kind == "time" and isinstance(value, str) and TIME.fullmatch(value):
        return value if " " in value else f"{value} 00:00:00"
    if kind == "text" and isinstance(value, str | int | float):
        return str(value).casefold()
    if kind == "bool" and value in (0, 1):
        return int(value)
    if kind == "number" and (isinstance(value, int | float) or (isinstance(value, str) and re.fullmatch(r"-?\d+(\.\d+)?", value))):
        return float(value)
    raise Wrong("Filtration error", name)


def _holds(row: Row, name: str, word: str, value: Any, kind: str) -> bool:
    cell = row.get(name)
    if cell is None:
        return False
    if word == "like":
        return value.fullmatch(str(cell)) is not None
    if kind == "number" or kind == "bool":
        return isinstance(cell, int | float) and COMPARES[word](cell, value)
    return COMPARES[word](str(cell).casefold() if kind == "text" else cell, value)


class SortedRows:
    """The rows of a resource in order of time; rows of one moment stand in an order that is stable, but not that of their ids."""

    def __init__(self, types: Mapping[str, str], time: str, rows: Iterable[Row]) -> None:
        self.types, self.time = types, time
        self.rows: list[Row] = sorted(rows, key=self._place)
        self._changed()

    def _place(self, row: Row) -> tuple[Any, int]:
        mixed = row["id"] * 2654435761 % 2**32 if isinstance(row["id"], int) else 0
        return row[self.time], mixed

    def _changed(self) -> None:
        self._times = [row[self.time] for row in self.rows]
        self._indexes: dict[str, dict[Any, list[Row]]] = {}

    def get(self, key: int | str) -> Row | None:
        """The row with this id."""
        found = self._index("id").get(key)
        return found[0] if found else None

    def put(self, row: Row) -> None:
        """Add a row."""
        at = bisect_right(self.rows, self._place(row), key=self._place)
        self.rows.insert(at, row)
        self._times.insert(at, row[self.time])
        for name, index in self._indexes.items():
            insort(index.setdefault(row.get(name), []), row, key=self._place)

    def remove(self, keys: Iterable[int | str] | None = None) -> None:
        """Delete the rows with these ids, or all."""
        gone = None if keys is None else {*keys}
        self.rows[:] = [row for row in self.rows if gone is not None and row["id"] not in gone]
        self._changed()

    def find(self, asked: ListParameters, types: Mapping[str, str]) -> tuple[Sequence[Row], int]:
        """A page, and how many rows there are on all pages."""
        first, last = self._bounds(asked)
        rest = [each for each in asked.conditions if each[0] != self.time or each[1] == "like"]
        start = (asked.page - 1) * asked.limit
        if not rest and asked.sort == self.time:
            total = max(0, last - first)
            if asked.descending:
                end = max(first, last - start)
                return self.rows[max(first, end - asked.limit) : end][::-1], total
            return self.rows[first + start : min(last, first + start + asked.limit)], total
        found = [
            row for row in self._candidates(asked, first, last) if all(_holds(row, *each, types[each[0]]) for each in asked.conditions)
        ]
        if asked.sort != self.time:
            found.sort(key=lambda row: (row.get(asked.sort) is not None, str(type(row.get(asked.sort))), row.get(asked.sort)))
        found = found[::-1] if asked.descending else found
        return found[start : start + asked.limit], len(found)

    def _bounds(self, asked: ListParameters) -> tuple[int, int]:
        first, last = 0, len(self.rows)
        for name, word, value in asked.conditions:
            if name == self.time and word in ("gt", "gte", "eq"):
                first = max(first, (bisect_right if word == "gt" else bisect_left)(self._times, value))
            if name == self.time and word in ("lt", "lte", "eq"):
                last = min(last, (bisect_left if word == "lt" else bisect_right)(self._times, value))
        return first, last

    def _candidates(self, asked: ListParameters, first: int, last: int) -> Sequence[Row]:
        for name, word, value in asked.conditions:
            if word == "eq" and name in INDEXED:
                return self._index(name).get(value, [])
        return self.rows[first:last]

    def _index(self, name: str) -> dict[Any, list[Row]]:
        if name not in self._indexes:
            index: dict[Any, list[Row]] = {}
            for row in self.rows:
                index.setdefault(row.get(name), []).append(row)
            self._indexes[name] = index
        return self._indexes[name]
