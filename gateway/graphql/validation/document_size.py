"""The size of a document's definitions after expanding fragments, computed without expanding them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from graphql import (
    DirectiveNode,
    DocumentNode,
    FieldNode,
    FragmentDefinitionNode,
    FragmentSpreadNode,
    OperationDefinitionNode,
    SelectionSetNode,
)

INTROSPECTION_FIELDS = frozenset({"__schema", "__type"})


@dataclass(frozen=True, slots=True)
class DocumentSize:
    """The size of an operation, a fragment or a part of one."""

    name: str = ""
    depth: int = 0
    fields: int = 0
    duplicate_fields: int = 0
    aliases: int = 0
    directives: int = 0
    directives_per_location: int = 0
    root_fields: int = 0
    introspection_depth: int = 0

    def plus(self, other: "DocumentSize") -> "DocumentSize":
        """Return the size of two parts of one selection set."""
        return DocumentSize(
            depth=max(self.depth, other.depth),
            fields=self.fields + other.fields,
            duplicate_fields=self.duplicate_fields + other.duplicate_fields,
            aliases=self.aliases + other.aliases,
            directives=self.directives + other.directives,
            directives_per_location=max(self.directives_per_location, other.directives_per_location),
            root_fields=self.root_fields + other.root_fields,
            introspection_depth=max(self.introspection_depth, other.introspection_depth),
        )


def measure(document: DocumentNode) -> list[DocumentSize]:
    """Return the size of each operation and of each fragment. Unused fragments count too, since they are validated."""
    sizes = []
    measurer = _Measurer({each.name.value: each for each in document.definitions if isinstance(each, FragmentDefinitionNode)}, {})
    for each in document.definitions:
        if isinstance(each, OperationDefinitionNode):
            name = each.name.value if each.name else ""
            sizes.append(replace(measurer.selection_set(each.selection_set).plus(_directives(each.directives)), name=name))
        elif isinstance(each, FragmentDefinitionNode):
            sizes.append(_of_definition(each, measurer.fragment(each.name.value)))
    return sizes


def _of_definition(fragment: FragmentDefinitionNode, size: DocumentSize) -> DocumentSize:
    if fragment.type_condition.name.value.startswith("__"):
        return replace(size, root_fields=0, depth=0, introspection_depth=size.depth)
    return replace(size, root_fields=0)


@dataclass(frozen=True, slots=True)
class _Measurer:
    fragments: Mapping[str, FragmentDefinitionNode]
    sizes: dict[str, DocumentSize]

    def selection_set(self, node: SelectionSetNode) -> DocumentSize:
        seen: set[tuple[str, str]] = set()
        total = DocumentSize()
        for selection in node.selections:
            total = total.plus(self._selection(selection)).plus(_directives(selection.directives))
            seen.add(_response_key(selection))
        return replace(total, duplicate_fields=total.duplicate_fields + len(node.selections) - len(seen))

    def fragment(self, name: str) -> DocumentSize:
        if name not in self.sizes:
            # The size of a fragment inside of itself does not matter: validation refuses it.
            self.sizes[name] = DocumentSize()
            definition = self.fragments.get(name)
            if definition is not None:
                self.sizes[name] = self.selection_set(definition.selection_set).plus(_directives(definition.directives))
        return self.sizes[name]

    def _selection(self, node: Any) -> DocumentSize:
        if isinstance(node, FieldNode):
            return self._field(node)
        inner = self.fragment(node.name.value) if isinstance(node, FragmentSpreadNode) else self.selection_set(node.selection_set)
        return replace(inner, fields=inner.fields + 1)

    def _field(self, node: FieldNode) -> DocumentSize:
        inner = self.selection_set(node.selection_set) if node.selection_set else DocumentSize()
        depth = inner.depth + 1
        is_introspection = node.name.value in INTROSPECTION_FIELDS
        return replace(
            inner,
            depth=1 if is_introspection else depth,
            fields=inner.fields + 1,
            aliases=inner.aliases + (node.alias is not None),
            root_fields=1,
            introspection_depth=depth if is_introspection else inner.introspection_depth,
        )


def _directives(directives: Sequence[DirectiveNode] | None) -> DocumentSize:
    count = len(directives or ())
    return DocumentSize(directives=count, directives_per_location=count)


def _response_key(node: Any) -> tuple[str, str]:
    """Return a key that is equal for two selections that repeat each other."""
    if isinstance(node, FieldNode):
        return "field", (node.alias or node.name).value
    if isinstance(node, FragmentSpreadNode):
        return "fragment", node.name.value
    return "inline", node.type_condition.name.value if node.type_condition else ""
