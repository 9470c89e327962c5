"""Weighing: how large the definitions of a document are with their fragments written out, without writing them out."""

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

INTROSPECTION = frozenset({"__schema", "__type"})


@dataclass(frozen=True, slots=True)
class DocumentSize:
    """Sizes of an operation, of a fragment, or of a part of one."""

    name: str = ""
    depth: int = 0
    fields: int = 0
    duplicate_fields: int = 0
    aliases: int = 0
    directives: int = 0
    directives_per_location: int = 0
    root_fields: int = 0
    introspection_depth: int = 0

    def beside(self, other: "DocumentSize") -> "DocumentSize":
        """Both in one selection."""
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
    """The weight of each operation, and of each fragment alone: whoever uses none of it has it validated all the same."""
    weights = []
    scales = _Scales({each.name.value: each for each in document.definitions if isinstance(each, FragmentDefinitionNode)}, {})
    for each in document.definitions:
        if isinstance(each, OperationDefinitionNode):
            name = each.name.value if each.name else ""
            weights.append(replace(scales.selection(each.selection_set).beside(_directed(each.directives)), name=name))
        elif isinstance(each, FragmentDefinitionNode):
            weights.append(_alone(each, scales.fragment(each.name.value)))
    return weights


def _alone(fragment: FragmentDefinitionNode, weight: DocumentSize) -> DocumentSize:
    if fragment.type_condition.name.value.startswith("__"):
        return replace(weight, root_fields=0, depth=0, introspection_depth=weight.depth)
    return replace(weight, root_fields=0)


@dataclass(frozen=True, slots=True)
class _Scales:
    fragments: Mapping[str, FragmentDefinitionNode]
    weighed: dict[str, DocumentSize]

    def selection(self, selected: SelectionSetNode) -> DocumentSize:
        seen: set[tuple[str, str]] = set()
        total = DocumentSize()
        for node in selected.selections:
            total = total.beside(self._node(node)).beside(_directed(node.directives))
            seen.add(_key(node))
        return replace(total, duplicate_fields=total.duplicate_fields + len(selected.selections) - len(seen))

    def fragment(self, name: str) -> DocumentSize:
        if name not in self.weighed:
            # What a fragment in itself would weigh does not matter: validation refuses it.
            self.weighed[name] = DocumentSize()
            definition = self.fragments.get(name)
            if definition is not None:
                self.weighed[name] = self.selection(definition.selection_set).beside(_directed(definition.directives))
        return self.weighed[name]

    def _node(self, node: Any) -> DocumentSize:
        if isinstance(node, FieldNode):
            return self._field(node)
        below = self.fragment(node.name.value) if isinstance(node, FragmentSpreadNode) else self.selection(node.selection_set)
        return replace(below, fields=below.fields + 1)

    def _field(self, node: FieldNode) -> DocumentSize:
        below = self.selection(node.selection_set) if node.selection_set else DocumentSize()
        deep = below.depth + 1
        introspects = node.name.value in INTROSPECTION
        return replace(
            below,
            depth=1 if introspects else deep,
            fields=below.fields + 1,
            aliases=below.aliases + (node.alias is not None),
            root_fields=1,
            introspection_depth=deep if introspects else below.introspection_depth,
        )


def _directed(directives: Sequence[DirectiveNode] | None) -> DocumentSize:
    count = len(directives or ())
    return DocumentSize(directives=count, directives_per_location=count)


def _key(node: Any) -> tuple[str, str]:
    """What two selections have in common that say the same twice."""
    if isinstance(node, FieldNode):
        return "field", (node.alias or node.name).value
    if isinstance(node, FragmentSpreadNode):
        return "fragment", node.name.value
    return "inline", node.type_condition.name.value if node.type_condition else ""
