"""Selection: which fields of a record a client asked for, by the schema's names."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

from graphql import FieldNode, FragmentSpreadNode, SelectionSetNode, VariableNode
from strawberry.types import Info

from telegraphql.schema.strawberry_internals import core_info

ABSTRACT = frozenset({"Node", "Record", "TimelineEntry"})


@dataclass(frozen=True)
class Selection:
    """A tree of field names. `"cost" in selection`, `selection["session"]`; a name that was not asked for leads to nothing."""

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
        """What is selected of the records of a connection, beside each other or in edges."""
        return self["nodes"].plus(self["edges"]["node"])

    def needing(self, names: tuple[str, ...]) -> "Selection":
        """The same with some more fields. The last such is kept: whoever asks the same of a list again filters by the same, too."""
        found: tuple[tuple[str, ...], Selection] | None = self.__dict__.get("_needing")
        if found is None or found[0] != names:
            found = self.__dict__["_needing"] = names, self.plus(Selection.of(*names))
        return found[1]

    def plus(self, other: "Selection") -> "Selection":
        """Both trees in one."""
        if not other.fields:
            return self
        merged = dict(self.fields)
        for name, below in other.fields.items():
            merged[name] = merged[name].plus(below) if name in merged else below
        return Selection(merged)

    @classmethod
    def of(cls, *paths: str) -> "Selection":
        """From dotted paths, such as "session.cost"."""
        tree = cls()
        for path in paths:
            leaf = cls()
            for name in reversed(path.split(".")):
                leaf = cls({name: leaf})
            tree = tree.plus(leaf)
        return tree


NOTHING = Selection()
KEPT = "selections"
# By the kind and the identities of the nodes.
Kept = dict[tuple[str | int | None, ...], Selection]


def keep_selections(info: Info, kept: Kept) -> None:
    """Let a field's selections be kept where they stay the same: by whoever keeps its nodes, under the same conditions."""
    info.__dict__[KEPT] = kept


def kept_selections(info: Info) -> Kept | None:
    """The selections that were read before; None where nobody keeps them."""
    return info.__dict__.get(KEPT)


def selected(info: Info, kind: str | None = None) -> Selection:
    """What is selected below the field being resolved; where that is an interface, only what concerns `kind`."""
    raw = core_info(info)
    kept = kept_selections(info)
    if kept is None:
        return _selected(raw, kind)
    key = (kind, *map(id, raw.field_nodes))
    found = kept.get(key)
    if found is None:
        found = kept[key] = _selected(raw, kind)
    return found


def _selected(raw: Any, kind: str | None) -> Selection:
    # Strawberry gives the values alone, graphql-core their sources as well.
    reader = _Reader(raw.fragments, getattr(raw.variable_values, "coerced", raw.variable_values))
    return reader.read((node.selection_set for node in raw.field_nodes), kind)


def selected_nodes(info: Info, kind: str) -> Selection:
    """What is selected of the records of a list, where it holds several kinds; only what concerns `kind`."""
    raw = core_info(info)
    reader = _Reader(raw.fragments, getattr(raw.variable_values, "coerced", raw.variable_values))
    sets = [node.selection_set for node in raw.field_nodes]
    return reader.read([*reader.below(sets, "nodes"), *reader.below(reader.below(sets, "edges"), "node")], kind)


@dataclass(frozen=True, slots=True)
class _Reader:
    fragments: Mapping[str, Any]
    variables: Mapping[str, Any]

    def read(self, sets: Iterable[SelectionSetNode | None], kind: str | None = None) -> Selection:
        found: dict[str, Selection] = {}
        for each in sets:
            for node in each.selections if each else ():
                for name, below in self._fields(node, kind):
                    found[name] = found[name].plus(below) if name in found else below
        return Selection(found)

    def below(self, sets: Iterable[SelectionSetNode | None], name: str) -> list[SelectionSetNode | None]:
        """What is selected in the fields of a name."""
        found: list[SelectionSetNode | None] = []
        selections: Iterator[Any] = (node for each in sets for node in (each.selections if each else ()))
        for node in filter(self._included, selections):
            if isinstance(node, FieldNode):
                found += [node.selection_set] if node.name.value == name else []
            else:
                fragment = self.fragments[node.name.value] if isinstance(node, FragmentSpreadNode) else node
                found += self.below([fragment.selection_set], name)
        return found

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
        given = {directive.name.value: directive.arguments[0].value for directive in node.directives or () if directive.arguments}
        return not self._holds(given.get("skip"), False) and self._holds(given.get("include"), True)

    def _holds(self, condition: Any, default: bool) -> bool:
        if condition is None:
            return default
        return bool(self.variables.get(condition.name.value) if isinstance(condition, VariableNode) else condition.value)
