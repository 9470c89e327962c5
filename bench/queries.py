"""Queries: the cells of the table - what is asked, and by how many at once - and the right answers."""

import json
import re
from dataclasses import dataclass

from bench import data

NODES = f"nodes {{ {data.FIELDS} }}"
FILTER = re.compile(r'filter: {providers: \["(.)"\], startedAt: {until: \$to}}')
RECORDINGS = "recordings { id durationSeconds }"


def _list(first: int, account: str = "a", more: str = "") -> str:
    wanted = f'{{providers: ["{account}"], startedAt: {{until: $to}}}}'
    return f"calls(first: {first}, filter: {wanted}) {{ nodes {{ {data.FIELDS} {more} }} }}"


@dataclass(frozen=True, slots=True)
class Cell:
    """One column: a query and how many connections ask it at once."""

    name: str
    title: str
    document: str
    connections: int

    def body(self, to: str = "2030-01-01T00:00:00Z", name: str = "Q", plain: bool = False) -> bytes:
        """The request: all calls before a moment after them all. Another moment is another question, another name another text."""
        text = f"query {name}($to: DateTime!) {self.document}"
        if plain:
            text = FILTER.sub(r'account: "\1", to: $to', text).replace("DateTime!", "String")
        return json.dumps({"query": text, "variables": {"to": to}}).encode()


CELLS = (
    Cell("25", "25 records", f"{{ {_list(25)} }}", 16),
    Cell("100", "100 records", f"{{ {_list(100)} }}", 16),
    Cell("500", "500 records", f"{{ {_list(500)} }}", 4),
    Cell("1000", "1,000 records", f"{{ {_list(1000)} }}", 4),
    Cell("4x100", "4 lists × 100", "{ " + " ".join(f"{each}: {_list(100, each)}" for each in data.ACCOUNTS) + " }", 16),
    Cell("relation", "100 + one relation", f"{{ {_list(100, 'a', RECORDINGS)} }}", 16),
    Cell("merged", "newest 100 of 4 × 100", f"{{ calls(first: 100, filter: {{startedAt: {{until: $to}}}}) {{ {NODES} }} }}", 16),
)


def expected(cell: Cell) -> data.Row:
    """The right answer to a cell."""
    return ANSWERS[cell.name]()


def _shown(account: str, first: int) -> list[data.Row]:
    return [only(data.shaped(account, row)) for row in data.rows(account, first)]


def only(row: data.Row) -> data.Row:
    """What the answer shows of a row."""
    return {name: value for name, value in row.items() if name not in data.HIDDEN}


def _nodes(nodes: list[data.Row]) -> data.Row:
    return {"nodes": nodes}


def _related() -> data.Row:
    recorded = {each["live_id"]: data.shaped_recording("a", each) for each in data.recordings("a", 100)}
    nodes = []
    for row in data.rows("a", 100):
        mine = recorded.get(row["live_id"])
        nodes.append(
            only(data.shaped("a", row)) | {"recordings": [{"id": mine["id"], "durationSeconds": mine["durationSeconds"]}] if mine else []}
        )
    return {"calls": _nodes(nodes)}


def _merged() -> data.Row:
    every = [row for account in data.ACCOUNTS for row in _shown(account, 100)]
    return {"calls": _nodes(sorted(every, key=lambda row: row["startedAt"], reverse=True)[:100])}


ANSWERS = {
    "25": lambda: {"calls": _nodes(_shown("a", 25))},
    "100": lambda: {"calls": _nodes(_shown("a", 100))},
    "500": lambda: {"calls": _nodes(_shown("a", 500))},
    "1000": lambda: {"calls": _nodes(_shown("a", 1000))},
    "4x100": lambda: {account: _nodes(_shown(account, 100)) for account in data.ACCOUNTS},
    "relation": _related,
    "merged": _merged,
}
