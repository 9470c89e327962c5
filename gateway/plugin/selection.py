"""The selection: which fields of a record a query selects, by the schema's names."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

from graphql import FieldNode, FragmentSpreadNode, SelectionSetNode, VariableNode
from strawberry.types import Info

from telegraphql.schema.strawberry_internals import core_info

ABSTRACT = frozenset({"Node", "Record", "TimedRecord", "TimelineEntry"})


@dataclass(frozen=True)
class Selection:
    """A tree of field names: `"cost" in selection`, `selection["session"]`. A name that is not selected has an empty selection."""

    fields: Mapping[str, "Selection"] = field(default_factory=dict)

    def __contains__(self, name: str) -> bool:
        return name in self.fields

    def __getitem__(self, name: str) -> "Selection":
        return self.fields.get(name, NOTHING)

    def __iter__(self) -> Iterator[str]:
        return iter(self.fields)

    def __hash__(self) -> int:
        return self._hash

    @cached_property
    def _hash(self) -> int:
        return hash(frozenset(self.fields.items()))

    @cached_property
    def records(self) -> "Selection":
        """Return what is selected of a connection's records, below `nodes` and `edges`."""
        return self["nodes"].plus(self["edges"]["node"])

    def needing(self, names: tuple[str, ...]) -> "Selection":
        """Return this selection with more fields. The last result is cached: a list is filtered by the same fields again and again."""
        cached: tuple[tuple[str, ...], Selection] | None = self.__dict__.get("_needing")
        if cached is None or cached[0] != names:
            cached = self.__dict__["_needing"] = names, self.plus(Selection.of(*names))
        return cached[1]

    def plus(self, other: "Selection") -> "Selection":
        """Return the union of two selections."""
        if not other.fields:
            return self
        merged = dict(self.fields)
        for name, below in other.fields.items():
            merged[name] = merged[name].plus(below) if name in merged else below
        return Selection(merged)

    @classmethod
    def of(cls, *paths: str) -> "Selection":
        """Return the selection of dotted paths, such as "session.cost"."""
        tree = cls()
        for path in paths:
            leaf = cls()
            for name in reversed(path.split(".")):
                leaf = cls({name: leaf})
            tree = tree.plus(leaf)
        return tree


NOTHING = Selection()
# An info's attribute with the selections of its field. Whoever sets it keeps the field nodes alive, whose identities are the keys.
SELECTIONS = "selections"
# Keys: the kind and the identities of the field nodes.
SelectionCache = dict[tuple[str | int | None, ...], Selection]


def selected(info: Info, kind: str | None = None) -> Selection:
    """Return the selection below the field being resolved. For an interface, only the fields of `kind` count."""
    raw = core_info(info)
    cache: SelectionCache | None = info.__dict__.get(SELECTIONS)
    if cache is None:
        return _selected(raw, kind)
    key = (kind, *map(id, raw.field_nodes))
    selection = cache.get(key)
    if selection is None:
        selection = cache[key] = _selected(raw, kind)
    return selection


def _selected(raw: Any, kind: str | None) -> Selection:
    # Strawberry passes plain values; graphql-core wraps them in an object with their sources.
    reader = _SelectionReader(raw.fragments, getattr(raw.variable_values, "coerced", raw.variable_values))
    return reader.read((node.selection_set for node in raw.field_nodes), kind)


def selected_nodes(info: Info, kind: str) -> Selection:
    """Return the selection of a list's records. In a list of several kinds, only the fields of `kind` count."""
    raw = core_info(info)
    reader = _SelectionReader(raw.fragments, getattr(raw.variable_values, "coerced", raw.variable_values))
    sets = [node.selection_set for node in raw.field_nodes]
    return reader.read([*reader.below(sets, "nodes"), *reader.below(reader.below(sets, "edges"), "node")], kind)


@dataclass(frozen=True, slots=True)
class _SelectionReader:
    fragments: Mapping[str, Any]
    variables: Mapping[str, Any]

    def read(self, sets: Iterable[SelectionSetNode | None], kind: str | None = None) -> Selection:
        fields: dict[str, Selection] = {}
        for each in sets:
            for node in each.selections if each else ():
                for name, below in self._fields(node, kind):
                    fields[name] = fields[name].plus(below) if name in fields else below
        return Selection(fields)

    def below(self, sets: Iterable[SelectionSetNode | None], name: str) -> list[SelectionSetNode | None]:
        """Return the selection sets of all fields of this name."""
        selection_sets: list[SelectionSetNode | None] = []
        selections: Iterator[Any] = (node for each in sets for node in (each.selections if each else ()))
        for node in filter(self._included, selections):
            if isinstance(node, FieldNode):
                selection_sets += [node.selection_set] if node.name.value == name else []
            else:
                fragment = self.fragments[node.name.value] if isinstance(node, FragmentSpreadNode) else node
                selection_sets += self.below([fragment.selection_set], name)
        return selection_sets

    def _fields(self, node: Any, kind: str | None) -> Iterable[tuple[str, Selection]]:
        if node.directives and not self._included(node):
            return ()
        if isinstance(node, FieldNode):
            return ((node.name.value, self.read([node.selection_set]) if node.selection_set else NOTHING),)
        fragment = self.fragments[node.name.value] if isinstance(node, FragmentSpreadNode) else node
        condition = fragment.type_condition
        if kind and condition and condition.name.value not in ABSTRACT | {kind}:
            return ()
        return self.read([fragment.selection_set], kind).fields.items()

    def _included(self, node: Any) -> bool:
        conditions = {directive.name.value: directive.arguments[0].value for directive in node.directives or () if directive.arguments}
        return not self._evaluate(conditions.get("skip"), False) and self._evaluate(conditions.get("include"), True)

    def _evaluate(self, condition: Any, default: bool) -> bool:
        if condition is None:
            return default
        return bool(self.variables.get(condition.name.value) if isinstance(condition, VariableNode) else condition.value)
