"""Cutting: an operation with nothing left but what leads to one place of its answer."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from graphql import (
    DocumentNode,
    FieldNode,
    FragmentDefinitionNode,
    FragmentSpreadNode,
    InlineFragmentNode,
    NameNode,
    OperationDefinitionNode,
    SelectionNode,
    SelectionSetNode,
)


def cut(document: DocumentNode, path: Sequence[str | int]) -> DocumentNode:
    """The operation with the fields of a path alone, and with all below its end. Where they stood they are told to stand."""
    keys = [key for key in path if isinstance(key, str)]
    (operation,) = (each for each in document.definitions if isinstance(each, OperationDefinitionNode))
    whole = {each.name.value: each for each in document.definitions if isinstance(each, FragmentDefinitionNode)}
    cutter = Cutter(whole)
    less = OperationDefinitionNode(
        operation=operation.operation,
        variable_definitions=operation.variable_definitions,
        selection_set=cutter.set(operation.selection_set, keys),
    )
    return DocumentNode(definitions=(less, *cutter.made.values(), *whole.values()))


@dataclass
class Cutter:
    """Cuts fragments where they are spread, once for each depth: twice spread they count once, as ever."""

    whole: dict[str, FragmentDefinitionNode]
    made: dict[str, FragmentDefinitionNode] = field(default_factory=dict)

    def set(self, given: SelectionSetNode, keys: Sequence[str]) -> SelectionSetNode:
        return SelectionSetNode(selections=tuple(self._selections(given, keys))) if keys else given

    def _selections(self, given: SelectionSetNode, keys: Sequence[str]) -> Iterator[SelectionNode]:
        for each in given.selections:
            if isinstance(each, FieldNode):
                if (each.alias or each.name).value == keys[0]:
                    yield self._field(each, keys[1:])
            elif isinstance(each, InlineFragmentNode):
                below = self.set(each.selection_set, keys)
                yield InlineFragmentNode(type_condition=each.type_condition, directives=each.directives, selection_set=below)
            elif isinstance(each, FragmentSpreadNode):
                yield FragmentSpreadNode(name=NameNode(value=self._fragment(each.name.value, keys)), directives=each.directives)

    def _field(self, given: FieldNode, keys: Sequence[str]) -> FieldNode:
        below = given.selection_set and self.set(given.selection_set, keys)
        parts = {"alias": given.alias, "name": given.name, "arguments": given.arguments, "directives": given.directives}
        return FieldNode(**parts, selection_set=below, loc=given.loc)

    def _fragment(self, name: str, keys: Sequence[str]) -> str:
        less = f"{name}_{len(keys)}"
        if less not in self.made:
            whole = self.whole[name]
            below = self.set(whole.selection_set, keys)
            self.made[less] = FragmentDefinitionNode(name=NameNode(value=less), type_condition=whole.type_condition, selection_set=below)
        return less
