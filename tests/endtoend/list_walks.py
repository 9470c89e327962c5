"""Walking: a whole list, page by page, as a client reads it."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

from tests.endtoend.kinds import HEAD, Kind
from tests.endtoend.world import Row, World

PAGE = """query ($first: Int, $after: String, $last: Int, $before: String%(declared)s) {
  %(root)s(first: $first, after: $after, last: $last, before: $before%(given)s) {
    nodes { %(fields)s }
    edges { cursor node { nativeId provider { name } } }
    pageInfo { hasNextPage hasPreviousPage startCursor endCursor }
    problems { provider { name } code message }
  }
}"""


@dataclass(frozen=True, slots=True)
class Walk:
    """How a list is walked: forwards with first/after, or backward with last/before, in pages of `size`."""

    kind: Kind
    size: int
    order: str = "NEWEST_FIRST"
    backward: bool = False
    filter: Row = field(default_factory=dict)
    fields: str = HEAD
    between: Callable[[], None] | None = None

    @property
    def document(self) -> str:
        ordered = self.kind.time is not None
        return PAGE % {
            "root": self.kind.root,
            "fields": self.fields,
            "declared": f", $filter: {self.kind.filter}" + (", $order: TimeOrder" if ordered else ""),
            "given": ", filter: $filter" + (", order: $order" if ordered else ""),
        }

    def variables(self, cursor: str | None) -> Row:
        place: Row = {"last": self.size, "before": cursor} if self.backward else {"first": self.size, "after": cursor}
        return place | {"filter": self.filter} | ({"order": self.order} if self.kind.time else {})

    def all(self, world: World) -> list[Row]:
        """Every node in the order of the list, however it was walked; the pages are checked on the way."""
        pages: list[list[Row]] = []
        cursor: str | None = None
        while True:
            page = world.ask(self.document, **self.variables(cursor))[self.kind.root]
            more, cursor = self._checked(page, cursor)
            pages.append(page["nodes"])
            if not more:
                break
            if self.between:
                self.between()
        return [node for page in (reversed(pages) if self.backward else pages) for node in page]

    def _checked(self, page: Row, cursor: str | None) -> tuple[bool, str | None]:
        """Whether there is more, and from where; a page that contradicts itself fails."""
        info, nodes, edges = page["pageInfo"], page["nodes"], page["edges"]
        assert page["problems"] == []
        assert [key(edge["node"]) for edge in edges] == [key(node) for node in nodes]
        ahead, behind = ("hasPreviousPage", "hasNextPage") if self.backward else ("hasNextPage", "hasPreviousPage")
        assert info[behind] is (cursor is not None)
        assert len(nodes) == self.size or (len(nodes) < self.size and not info[ahead])
        ends = [edges[0]["cursor"], edges[-1]["cursor"]] if edges else [None, None]
        assert [info["startCursor"], info["endCursor"]] == ends
        return info[ahead], ends[0] if self.backward else ends[1]


def key(node: Row) -> tuple[str, str]:
    """Which record a node is."""
    return node["provider"]["name"], node["nativeId"]


def keys(nodes: Sequence[Row]) -> list[tuple[str, str]]:
    """Which records these are."""
    return [key(node) for node in nodes]


def listed(world: World, kind: Kind, filter: Row | None = None, fields: str = "", **more: Any) -> list[Row]:
    """All nodes of a kind in few pages."""
    return Walk(kind, 500, filter=filter or {}, fields=f"{HEAD} {fields}", **more).all(world)
