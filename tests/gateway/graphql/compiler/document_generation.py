"""Documents: operations that hypothesis-graphql makes of the schema, grown by what it does not make."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from random import Random
from typing import Any

from graphql import (
    ArgumentNode,
    BooleanValueNode,
    DirectiveNode,
    DocumentNode,
    FieldNode,
    FragmentDefinitionNode,
    FragmentSpreadNode,
    GraphQLField,
    GraphQLInterfaceType,
    GraphQLNamedType,
    GraphQLObjectType,
    GraphQLSchema,
    GraphQLUnionType,
    InlineFragmentNode,
    NamedTypeNode,
    NameNode,
    NonNullTypeNode,
    OperationDefinitionNode,
    SelectionNode,
    SelectionSetNode,
    VariableDefinitionNode,
    VariableNode,
    get_named_type,
    is_composite_type,
    is_required_argument,
)

CONDITIONS = ("b1", "b2", "b3")
MOST_DEPTH = 7
MOST_FIELDS = 120


@dataclass
class Grower:
    """Adds fields, aliases, fragments and conditions to a document. Of one seed always the same."""

    schema: GraphQLSchema
    draw: Random
    fragments: list[FragmentDefinitionNode] = field(default_factory=list)
    left: int = MOST_FIELDS
    names: int = 0
    used: set[str] = field(default_factory=set)

    def grown(self, document: DocumentNode) -> DocumentNode:
        """The document, larger."""
        (operation,) = (each for each in document.definitions if isinstance(each, OperationDefinitionNode))
        root = self.schema.get_root_type(operation.operation)
        assert root is not None
        below = self._set(operation.selection_set, root, 0)
        defined = tuple(_defined(name) for name in CONDITIONS if name in self.used)
        larger = OperationDefinitionNode(operation=operation.operation, variable_definitions=defined, selection_set=below)
        return DocumentNode(definitions=(larger, *self.fragments))

    def variables(self, mistaken: bool) -> dict[str, Any]:
        """Values for the conditions; b3 has a default and, by mistake, may be null, which is an error wherever it is used."""
        given: dict[str, Any] = {name: self.draw.random() < 0.5 for name in CONDITIONS[:2] if name in self.used}
        chosen = self.draw.random()
        return given if chosen < 0.5 else given | {"b3": None if mistaken and chosen < 0.55 else self.draw.random() < 0.5}

    def _set(self, given: SelectionSetNode | None, of: GraphQLNamedType, depth: int, beside_others: bool = False) -> SelectionSetNode:
        """Larger; beside the fields of other types, whose names may mean other things there, everything has a name of its own."""
        selections = [self._selection(each, of, depth, beside_others) for each in (given.selections if given else ())]
        if depth:
            selections += self._more(of, depth, beside_others)
            self.draw.shuffle(selections)
            selections = list(self._wrapped(selections, of))
        return SelectionSetNode(selections=tuple(selections) or (FieldNode(name=NameNode(value="__typename")),))

    def _selection(self, given: SelectionNode, of: Any, depth: int, beside_others: bool) -> SelectionNode:
        if isinstance(given, InlineFragmentNode):
            inner = self.schema.type_map[given.type_condition.name.value] if given.type_condition else of
            below = self._set(given.selection_set, inner, depth, beside_others=True)
            return InlineFragmentNode(type_condition=given.type_condition, selection_set=below, directives=())
        assert isinstance(given, FieldNode)
        definition = None if isinstance(of, GraphQLUnionType) else of.fields.get(given.name.value)
        inner = get_named_type(definition.type) if definition else None
        below = self._set(given.selection_set, inner, depth + 1, beside_others) if is_composite_type(inner) else None
        return FieldNode(alias=given.alias, name=given.name, arguments=given.arguments, selection_set=below, directives=())

    def _more(self, of: Any, depth: int, beside_others: bool) -> Iterator[SelectionNode]:
        fields = {} if isinstance(of, GraphQLUnionType) else of.fields
        names = sorted(name for name, each in fields.items() if not any(map(is_required_argument, each.args.values())))
        for name in self.draw.sample(names, min(len(names), self.draw.choice([0, 1, 2, 4, 8]))):
            if self.left > 0 and (depth < MOST_DEPTH or not is_composite_type(get_named_type(fields[name].type))):
                self.left -= 1
                yield self._field(name, fields[name], beside_others or isinstance(of, GraphQLInterfaceType), depth)
        for each in of.types if isinstance(of, GraphQLUnionType) else ():
            below = self._set(None, each, depth, beside_others=True)
            yield InlineFragmentNode(type_condition=NamedTypeNode(name=NameNode(value=each.name)), selection_set=below, directives=())
        if self.draw.random() < 0.3:
            yield FieldNode(alias=self._alias(0.3), name=NameNode(value="__typename"))

    def _field(self, name: str, definition: GraphQLField, named: bool, depth: int) -> FieldNode:
        inner = get_named_type(definition.type)
        below = self._set(None, inner, depth + 1) if is_composite_type(inner) else None
        alias = self._alias(1.0 if named or definition.args else 0.3)
        return FieldNode(alias=alias, name=NameNode(value=name), arguments=(), selection_set=below, directives=tuple(self._conditions()))

    def _wrapped(self, selections: list[SelectionNode], of: GraphQLNamedType) -> Iterator[SelectionNode]:
        """Some of the selections in fragments: inline or named, on the type itself or an interface of it."""
        for each in selections:
            chosen = self.draw.random()
            conditions = tuple(self._conditions())
            if chosen < 0.8:
                yield each
            elif chosen < 0.9:
                on = self.draw.choice([None, of.name])
                inner = SelectionSetNode(selections=(each,))
                condition = NamedTypeNode(name=NameNode(value=on)) if on else None
                yield InlineFragmentNode(type_condition=condition, selection_set=inner, directives=conditions)
            else:
                name = NameNode(value=f"F{len(self.fragments)}")
                on_type = NamedTypeNode(name=NameNode(value=of.name))
                inner = SelectionSetNode(selections=(each,))
                self.fragments.append(FragmentDefinitionNode(name=name, type_condition=on_type, selection_set=inner, directives=()))
                yield from [FragmentSpreadNode(name=name, directives=conditions)] * self.draw.choice([1, 1, 2])
        if isinstance(of, GraphQLObjectType) and of.interfaces and self.draw.random() < 0.2:
            shown = FieldNode(alias=self._alias(1.0), name=NameNode(value="id"), directives=())
            on_type = NamedTypeNode(name=NameNode(value=self.draw.choice(of.interfaces).name))
            yield InlineFragmentNode(type_condition=on_type, selection_set=SelectionSetNode(selections=(shown,)), directives=())

    def _conditions(self) -> Iterator[DirectiveNode]:
        for name in ("skip", "include"):
            if self.draw.random() < 0.08:
                value = self._condition() if self.draw.random() < 0.8 else BooleanValueNode(value=self.draw.random() < 0.5)
                argument = ArgumentNode(name=NameNode(value="if"), value=value)
                yield DirectiveNode(name=NameNode(value=name), arguments=(argument,))

    def _condition(self) -> VariableNode:
        name = self.draw.choice(CONDITIONS)
        self.used.add(name)
        return VariableNode(name=NameNode(value=name))

    def _alias(self, chance: float) -> NameNode | None:
        if self.draw.random() >= chance:
            return None
        self.names += 1
        return NameNode(value=f"a{self.names}")


def _defined(name: str) -> VariableDefinitionNode:
    boolean = NamedTypeNode(name=NameNode(value="Boolean"))
    variable = VariableNode(name=NameNode(value=name))
    if name == "b3":
        return VariableDefinitionNode(variable=variable, type=boolean, default_value=BooleanValueNode(value=True), directives=())
    return VariableDefinitionNode(variable=variable, type=NonNullTypeNode(type=boolean), directives=())
