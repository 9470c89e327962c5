"""Storage of one resource's rows in order of time, with indexes."""

from bisect import bisect_left, insort
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from functools import reduce
from zlib import crc32

from telegraphql.plugin import Row
from telegraphql.plugins.portsip.sandbox.queries import Comparison, ListQuery, parse_micros

INDEXED = ("id", "session_id", "file_url")
SEARCHED = ("caller", "callee", "caller_display_name", "callee_display_name", "name", "sender", "extension_number")
Key = tuple[int, int, str]


class CdrTable:
    """Rows sorted by their time, then by a hash of the id: a stable order that is not the order of ids."""

    def __init__(self, rows: Iterable[Row], properties: Mapping[str, str], time: str | None) -> None:
        self.properties = properties
        self.time = time
        pairs = sorted(((self._key(row), row) for row in rows), key=lambda pair: pair[0])
        self.rows: list[Row] = [row for _, row in pairs]
        self._keys: list[Key] = [key for key, _ in pairs]
        self._index: dict[str, defaultdict[str, list[Row]]] = {name: defaultdict(list) for name in INDEXED}
        for row in self.rows:
            self._add_to_indexes(row)

    def find(self, key: str) -> Row | None:
        """Return the row with this id, or None."""
        rows = self._index["id"].get(key)
        return rows[0] if rows else None

    def of_session(self, session_id: str) -> list[Row]:
        """Return the rows of a session."""
        return self._index["session_id"].get(session_id, [])

    def file(self, url: str) -> Row | None:
        """Return the row whose file has this path, or None."""
        rows = self._index["file_url"].get(url)
        return rows[0] if rows else None

    def insert(self, row: Row) -> Row:
        """Insert a row in order of time."""
        key = self._key(row)
        index = bisect_left(self._keys, key)
        insort(self._keys, key)
        self.rows.insert(index, row)
        self._add_to_indexes(row)
        return row

    def remove(self, key: str) -> bool:
        """Remove a row. Return True if it existed."""
        row = self.find(key)
        if row is None:
            return False
        position = bisect_left(self._keys, self._key(row))
        del self._keys[position], self.rows[position]
        for name, index in self._index.items():
            if name in row:
                index[row[name]].remove(row)
        return True

    def select(self, query: ListQuery) -> tuple[list[Row], int]:
        """Return the rows of the requested page and the number of all matching rows."""
        positions = self._positions(query)
        if not query.order or query.order[0][0] == self.time:
            page = _page(positions, query, bool(query.order) and query.order[0][1])
            return [self.rows[at] for at in page], len(positions)
        rows = reduce(_sorted, reversed(query.order), [self.rows[at] for at in positions])
        return rows[query.skip : query.skip + query.top], len(rows)

    def _positions(self, query: ListQuery) -> Sequence[int]:
        if len(query.alternatives) == 1 and not query.terms:
            return self._matching(query.alternatives[0])
        positions = {at for each in query.alternatives for at in self._matching(each)}
        return sorted(at for at in positions if not query.terms or _contains_any(self.rows[at], query.terms))

    def _matching(self, conditions: Sequence[Comparison]) -> Sequence[int]:
        low, high, others = self._window(conditions)
        if not others:
            return range(low, high)
        indexed = next((each for each in others if each.operator == "eq" and each.name in self._index), None)
        if indexed is None:
            return [at for at in range(low, high) if all(each.matches(self.rows[at]) for each in others)]
        rows = [row for row in self._index[indexed.name].get(indexed.value, ()) if all(each.matches(row) for each in conditions)]
        return sorted(bisect_left(self._keys, self._key(row)) for row in rows)

    def _window(self, conditions: Sequence[Comparison]) -> tuple[int, int, list[Comparison]]:
        """Return the first and the last position inside all bounds on the time, and the other conditions."""
        low, high, others = 0, len(self.rows), []
        for each in conditions:
            if each.name != self.time or each.value is None or each.operator == "ne":
                others.append(each)
                continue
            first = bisect_left(self._keys, (each.value,))
            after = bisect_left(self._keys, (each.value + 1,))
            low = max(low, {"ge": first, "gt": after, "eq": first}.get(each.operator, 0))
            high = min(high, {"le": after, "lt": first, "eq": after}.get(each.operator, high))
        return low, max(low, high), others

    def _add_to_indexes(self, row: Row) -> None:
        for name, index in self._index.items():
            if name in row:
                index[row[name]].append(row)

    def _key(self, row: Row) -> Key:
        return parse_micros(row[self.time]) if self.time else 0, crc32(row["id"].encode()), row["id"]


def _page(positions: Sequence[int], query: ListQuery, descending: bool) -> Sequence[int]:
    if not descending:
        return positions[query.skip : query.skip + query.top]
    end = max(0, len(positions) - query.skip)
    return positions[max(0, end - query.top) : end][::-1]


def _sorted(rows: list[Row], by: tuple[str, bool]) -> list[Row]:
    name, descending = by
    return sorted(rows, key=lambda row: (row.get(name) is not None, row.get(name)), reverse=descending)


def _contains_any(row: Row, terms: Sequence[str]) -> bool:
    return any(term in str(row.get(name, "")) for name in SEARCHED for term in terms)
