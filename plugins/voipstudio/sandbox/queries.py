"""The list parameters of a collection: `limit`, `page`, `sort`, `dir` and `filter`, validated strictly."""

import operator
import re
from bisect import bisect_left, bisect_right, insort
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import msgspec

from telegraphql.plugin import Row
from telegraphql.plugins.voipstudio.sandbox.rules import PROVEN_FILTERS, Like, ListRules, Sorting

DEFAULT_LIMIT, MAX_LIMIT = 100, 5000
COMPARISONS: dict[str, Callable[[Any, Any], bool]] = {
    "eq": operator.eq,
    "gt": operator.gt,
    "gte": operator.ge,
    "lt": operator.lt,
    "lte": operator.le,
}
OPERATORS = {*COMPARISONS, "like"}
TIME = re.compile(r"\d{4}-\d\d-\d\d( \d\d:\d\d:\d\d)?")
INDEXED = frozenset({"live_id", "root_live_id", "parent_live_id", "user_id", "id"})


class InvalidParameter(Exception):
    """A parameter is invalid; the upstream answers 400."""

    def __init__(self, message: str, name: str) -> None:
        super().__init__(message)
        self.name = name


@dataclass(frozen=True, slots=True)
class ListParameters:
    """The validated parameters of a list request."""

    limit: int
    page: int
    sort: str
    descending: bool
    conditions: tuple[tuple[str, str, Any], ...]

    @classmethod
    def parse(cls, query: Mapping[str, str], types: Mapping[str, str], rules: ListRules) -> "ListParameters":
        """Parse a query string. `types` are the types of the resource's properties."""
        sort, direction = query.get("sort", "id"), query.get("dir", "DESC")
        if sort not in types:
            raise InvalidParameter("Unknown sort property", sort)
        if sort != "id" and rules.sorting is not Sorting.OBEYED:
            sort = _other_sort(sort, rules)
        if direction not in ("ASC", "DESC"):
            raise InvalidParameter("Unknown sort direction", "dir")
        limit = _positive_number(query.get("limit", str(DEFAULT_LIMIT)), "limit", MAX_LIMIT)
        page = _positive_number(query.get("page", "1"), "page")
        return cls(limit, page, sort, direction == "DESC", _conditions(query.get("filter"), types, rules))


def _other_sort(sort: str, rules: ListRules) -> str:
    if rules.sorting is Sorting.REFUSED:
        raise InvalidParameter("Sorting error", sort)
    return "id"


def _positive_number(text: str, name: str, limit: int = 10**9) -> int:
    if not (text.isascii() and text.isdigit() and 1 <= int(text) <= limit):
        raise InvalidParameter(f"{name} is out of range", name)
    return int(text)


def _conditions(text: str | None, types: Mapping[str, str], rules: ListRules) -> tuple[tuple[str, str, Any], ...]:
    try:
        entries = msgspec.json.decode(text) if text else []
    except msgspec.DecodeError:
        raise InvalidParameter("Filter is not valid JSON", "filter") from None
    if not isinstance(entries, list):
        raise InvalidParameter("Filter is not an array", "filter")
    return tuple(_condition(entry, types, rules) for entry in entries)


def _condition(entry: Any, types: Mapping[str, str], rules: ListRules) -> tuple[str, str, Any]:
    if not isinstance(entry, dict) or set(entry) != {"property", "operator", "value"}:
        raise InvalidParameter("Filtration error", "filter")
    name, operator_name, value = entry["property"], entry["operator"], entry["value"]
    if name not in types or operator_name not in OPERATORS or name in rules.refused_properties:
        raise InvalidParameter("Filtration error", str(name))
    if operator_name == "like":
        if rules.like is Like.REFUSED or not isinstance(value, str):
            raise InvalidParameter("Filtration error", name)
        return name, operator_name, rules.like.pattern(value)
    if rules.proven_filters_only and name not in PROVEN_FILTERS:
        raise InvalidParameter("Filtration error", name)
    return name, operator_name, _value(value, types[name], name)


def _value(value: Any, kind: str, name: str) -> Any:
    if kind == "time" and isinstance(value, str) and TIME.fullmatch(value):
        return value if " " in value else f"{value} 00:00:00"
    if kind == "text" and isinstance(value, str | int | float):
        return str(value).casefold()
    if kind == "bool" and value in (0, 1):
        return int(value)
    if kind == "number" and (isinstance(value, int | float) or (isinstance(value, str) and re.fullmatch(r"-?\d+(\.\d+)?", value))):
        return float(value)
    raise InvalidParameter("Filtration error", name)


def _matches(row: Row, name: str, operator_name: str, value: Any, kind: str) -> bool:
    cell = row.get(name)
    if cell is None:
        return False
    if operator_name == "like":
        return value.fullmatch(str(cell)) is not None
    if kind == "number" or kind == "bool":
        return isinstance(cell, int | float) and COMPARISONS[operator_name](cell, value)
    return COMPARISONS[operator_name](str(cell).casefold() if kind == "text" else cell, value)


class ResourceTable:
    """The rows of a resource sorted by time. Rows of one second have a stable order that is not the order of their ids."""

    def __init__(self, types: Mapping[str, str], time: str, rows: Iterable[Row]) -> None:
        self.types, self.time = types, time
        self.rows: list[Row] = sorted(rows, key=self._sort_key)
        self._rebuild()

    def _sort_key(self, row: Row) -> tuple[Any, int]:
        shuffled = row["id"] * 2654435761 % 2**32 if isinstance(row["id"], int) else 0
        return row[self.time], shuffled

    def _rebuild(self) -> None:
        self._times = [row[self.time] for row in self.rows]
        self._indexes: dict[str, dict[Any, list[Row]]] = {}

    def get(self, key: int | str) -> Row | None:
        """Return the row with this id, or None."""
        rows = self._index("id").get(key)
        return rows[0] if rows else None

    def add(self, row: Row) -> None:
        """Add a row."""
        index = bisect_right(self.rows, self._sort_key(row), key=self._sort_key)
        self.rows.insert(index, row)
        self._times.insert(index, row[self.time])
        for name, by_value in self._indexes.items():
            insort(by_value.setdefault(row.get(name), []), row, key=self._sort_key)

    def remove(self, keys: Iterable[int | str] | None = None) -> None:
        """Delete the rows with these ids, or all."""
        ids = None if keys is None else {*keys}
        self.rows[:] = [row for row in self.rows if ids is not None and row["id"] not in ids]
        self._rebuild()

    def query(self, parameters: ListParameters, types: Mapping[str, str]) -> tuple[Sequence[Row], int]:
        """Return one page of rows and the total number."""
        first, last = self._bounds(parameters)
        other_conditions = [each for each in parameters.conditions if each[0] != self.time or each[1] == "like"]
        start = (parameters.page - 1) * parameters.limit
        if not other_conditions and parameters.sort == self.time:
            total = max(0, last - first)
            if parameters.descending:
                end = max(first, last - start)
                return self.rows[max(first, end - parameters.limit) : end][::-1], total
            return self.rows[first + start : min(last, first + start + parameters.limit)], total
        matching = [
            row
            for row in self._candidates(parameters, first, last)
            if all(_matches(row, *each, types[each[0]]) for each in parameters.conditions)
        ]
        if parameters.sort != self.time:
            matching.sort(
                key=lambda row: (row.get(parameters.sort) is not None, str(type(row.get(parameters.sort))), row.get(parameters.sort))
            )
        matching = matching[::-1] if parameters.descending else matching
        return matching[start : start + parameters.limit], len(matching)

    def _bounds(self, parameters: ListParameters) -> tuple[int, int]:
        first, last = 0, len(self.rows)
        for name, operator_name, value in parameters.conditions:
            if name == self.time and operator_name in ("gt", "gte", "eq"):
                first = max(first, (bisect_right if operator_name == "gt" else bisect_left)(self._times, value))
            if name == self.time and operator_name in ("lt", "lte", "eq"):
                last = min(last, (bisect_left if operator_name == "lt" else bisect_right)(self._times, value))
        return first, last

    def _candidates(self, parameters: ListParameters, first: int, last: int) -> Sequence[Row]:
        for name, operator_name, value in parameters.conditions:
            if operator_name == "eq" and name in INDEXED:
                return self._index(name).get(value, [])
        return self.rows[first:last]

    def _index(self, name: str) -> dict[Any, list[Row]]:
        if name not in self._indexes:
            index: dict[Any, list[Row]] = {}
            for row in self.rows:
                index.setdefault(row.get(name), []).append(row)
            self._indexes[name] = index
        return self._indexes[name]
