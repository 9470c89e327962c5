"""Tables: the rows of one resource in order of time, found fast."""

from bisect import bisect_left, insort
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from functools import reduce
from zlib import crc32

from telegraphql.plugin import Row
from telegraphql.plugins.portsip.sandbox.queries import Comparison, ListQuery, micros

INDEXED = ("id", "session_id", "file_url")
SEARCHED = ("caller", "callee", "caller_display_name", "callee_display_name", "name", "sender", "extension_number")
Key = tuple[int, int, str]


class CdrTable:
    """Rows sorted by their time and, inside a moment, by a hash of the id: a stable order that is not that of the ids."""

    def __init__(self, rows: Iterable[Row], properties: Mapping[str, str], time: str | None) -> None:
        self.properties = properties
        self.time = time
        pairs = sorted(((self._key(row), row) for row in rows), key=lambda pair: pair[0])
        self.rows: list[Row] = [row for _, row in pairs]
        self._keys: list[Key] = [key for key, _ in pairs]
        self._index: dict[str, defaultdict[str, list[Row]]] = {name: defaultdict(list) for name in INDEXED}
        for row in self.rows:
            self._note(row)

    def find(self, key: str) -> Row | None:
        """The row with this id."""
        found = self._index["id"].get(key)
        return found[0] if found else None

    def of_session(self, session_id: str) -> list[Row]:
        """The rows of a session."""
        return self._index["session_id"].get(session_id, [])

    def file(self, url: str) -> Row | None:
        """The row whose file is at this address."""
        found = self._index["file_url"].get(url)
        return found[0] if found else None

    def insert(self, row: Row) -> Row:
        """Add a row at its place."""
        key = self._key(row)
        at = bisect_left(self._keys, key)
        insort(self._keys, key)
        self.rows.insert(at, row)
        self._note(row)
        return row

    def remove(self, key: str) -> bool:
        """Take a row away; whether it was there."""
        row = self.find(key)
        if row is None:
            return False
        at = bisect_left(self._keys, self._key(row))
        del self._keys[at], self.rows[at]
        for name, index in self._index.items():
            if name in row:
                index[row[name]].remove(row)
        return True

    def select(self, query: ListQuery) -> tuple[list[Row], int]:
        """The rows of a slice, and how many match in all."""
        places = self._places(query)
        if not query.order or query.order[0][0] == self.time:
            slice_ = _slice(places, query, bool(query.order) and query.order[0][1])
            return [self.rows[at] for at in slice_], len(places)
        rows = reduce(_sorted, reversed(query.order), [self.rows[at] for at in places])
        return rows[query.skip : query.skip + query.top], len(rows)

    def _places(self, query: ListQuery) -> Sequence[int]:
        if len(query.alternatives) == 1 and not query.terms:
            return self._matching(query.alternatives[0])
        places = {at for each in query.alternatives for at in self._matching(each)}
        return sorted(at for at in places if not query.terms or _found(self.rows[at], query.terms))

    def _matching(self, conditions: Sequence[Comparison]) -> Sequence[int]:
        low, high, rest = self._window(conditions)
        if not rest:
            return range(low, high)
        indexed = next((each for each in rest if each.operator == "eq" and each.name in self._index), None)
        if indexed is None:
            return [at for at in range(low, high) if all(each.holds(self.rows[at]) for each in rest)]
        rows = [row for row in self._index[indexed.name].get(indexed.value, ()) if all(each.holds(row) for each in conditions)]
        return sorted(bisect_left(self._keys, self._key(row)) for row in rows)

    def _window(self, conditions: Sequence[Comparison]) -> tuple[int, int, list[Comparison]]:
        """The places inside all bounds on the time, and the other conditions."""
        low, high, rest = 0, len(self.rows), []
        for each in conditions:
            if each.name != self.time or each.value is None or each.operator == "ne":
                rest.append(each)
                continue
            first = bisect_left(self._keys, (each.value,))
            behind = bisect_left(self._keys, (each.value + 1,))
            low = max(low, {"ge": first, "gt": behind, "eq": first}.get(each.operator, 0))
            high = min(high, {"le": behind, "lt": first, "eq": behind}.get(each.operator, high))
        return low, max(low, high), rest

    def _note(self, row: Row) -> None:
        for name, index in self._index.items():
            if name in row:
                index[row[name]].append(row)

    def _key(self, row: Row) -> Key:
        return micros(row[self.time]) if self.time else 0, crc32(row["id"].encode()), row["id"]


def _slice(places: Sequence[int], query: ListQuery, descending: bool) -> Sequence[int]:
    if not descending:
        return places[query.skip : query.skip + query.top]
    end = max(0, len(places) - query.skip)
    return places[max(0, end - query.top) : end][::-1]


def _sorted(rows: list[Row], by: tuple[str, bool]) -> list[Row]:
    name, descending = by
    return sorted(rows, key=lambda row: (row.get(name) is not None, row.get(name)), reverse=descending)


def _found(row: Row, terms: Sequence[str]) -> bool:
    return any(term in str(row.get(name, "")) for name in SEARCHED for term in terms)
