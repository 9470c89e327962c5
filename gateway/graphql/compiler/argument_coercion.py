"""Argument coercion: make a resolver's arguments, in ways that are chosen once per field of a document.

Literals are read once. How the value of a variable becomes that of a resolver is known before there is one. What is not understood to the
last detail is left to graphql-core and Strawberry, which also report every error.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import MISSING, dataclass, field
from datetime import date
from decimal import Decimal
from enum import Enum
from typing import Any

from graphql import (
    FieldNode,
    GraphQLArgument,
    GraphQLInputObjectType,
    GraphQLList,
    GraphQLNonNull,
    ListValueNode,
    NullValueNode,
    ObjectValueNode,
    Undefined,
    ValueNode,
    VariableNode,
    is_leaf_type,
)
from strawberry import UNSET
from strawberry.relay import GlobalID
from strawberry.schema.schema_converter import GraphQLCoreConverter
from strawberry.types import get_object_definition
from strawberry.types.base import StrawberryList, StrawberryMaybe, StrawberryOptional
from strawberry.types.enum import has_enum_definition
from strawberry.types.field import StrawberryField
from strawberry.types.lazy_type import LazyType

from telegraphql.gateway.graphql.compiler.plan import NotPlain
from telegraphql.gateway.graphql.graphql_core_internals import coerce_default_value, coerce_input_literal
from telegraphql.schema.strawberry_internals import is_input_leaf

Variables = Mapping[str, Any]
Make = Callable[[Variables], Any]
Convert = Callable[[Any], Any]
# What may be given to every resolver alike; anything else is made anew for each.
UNCHANGING = (str, int, float, date, Decimal, Enum, type(None))


class Unlike(Exception):
    """A value that graphql-core has to judge."""


@dataclass(frozen=True, slots=True)
class ArgumentDefault:
    """One argument, or one field of an input: `lacking` names the variable without which `default` stands in its place, if there is one."""

    name: str
    make: Make
    lacking: str | None = None
    default: Any = Undefined


@dataclass(frozen=True, slots=True)
class Arguments:
    """The arguments of one field: the constant ones, and those made for each call of the resolver."""

    always: Mapping[str, Any]
    parts: tuple[ArgumentDefault, ...]

    def of(self, variables: Variables) -> dict[str, Any]:
        """Return the values by the resolver's parameter names."""
        given = dict(self.always)
        for part in self.parts:
            if part.lacking is None or part.lacking in variables:
                given[part.name] = part.make(variables)
            elif part.default is not Undefined:
                given[part.name] = part.default
        return given


@dataclass(frozen=True, slots=True)
class Always:
    """The value of a literal."""

    value: Any

    def __call__(self, variables: Variables) -> Any:
        """Return the same, whatever the variables are."""
        return self.value


@dataclass(frozen=True, slots=True)
class InputType:
    """An input of the schema: its class, its fields' own names and types, and what its class wants to be told is null."""

    kind: Callable[..., Any]
    names: Mapping[str, tuple[str, Any]]
    nulls: Mapping[str, None]


@dataclass(frozen=True, slots=True)
class Taken:
    """An argument of a field: its name and type in the schema, those of the resolver's parameter, and the default."""

    name: str
    python: str
    into: Any
    of: Any
    default: Any


@dataclass(slots=True)
class Reader:
    """Chooses the ways of one schema; NotPlain where there is none for sure."""

    converter: GraphQLCoreConverter
    _inputs: dict[Any, Convert] = field(default_factory=dict)
    _shapes: dict[Any, InputType] = field(default_factory=dict)
    _usual: dict[GraphQLInputObjectType, bool] = field(default_factory=dict)
    # By the identity of a field of the schema.
    _taken: dict[int, Sequence[Taken]] = field(default_factory=dict)

    def arguments(self, told: StrawberryField, defined: Mapping[str, GraphQLArgument], node: FieldNode) -> Arguments:
        """Return the arguments of a field as a document gives them."""
        if id(told) not in self._taken:
            self._taken[id(told)] = self._takes(told, defined)
        given = {each.name.value: each.value for each in node.arguments or ()}
        parts = [self._argument(each, given.get(each.name)) for each in self._taken[id(told)]]
        always = {part.name: part.make.value for part in parts if part is not None and isinstance(part.make, Always)}
        return Arguments(always, tuple(part for part in parts if part is not None and part.name not in always))

    def _takes(self, told: StrawberryField, defined: Mapping[str, GraphQLArgument]) -> Sequence[Taken]:
        names = {self.converter.config.name_converter.from_argument(each): each for each in told.arguments}
        if names.keys() != defined.keys():
            raise NotPlain
        return [Taken(name, each.python_name, each.type, defined[name].type, _default(defined[name])) for name, each in names.items()]

    def _argument(self, taken: Taken, node: ValueNode | None) -> ArgumentDefault | None:
        needed = taken.default is Undefined and isinstance(taken.of, GraphQLNonNull)
        if node is not None:
            return ArgumentDefault(taken.python, self._value(node, taken.of, taken.into), None if needed else _named(node), taken.default)
        if needed:
            raise NotPlain
        return None if taken.default is Undefined else ArgumentDefault(taken.python, Always(taken.default))

    def _value(self, node: ValueNode, of: Any, into: Any) -> Make:
        """Return a function that makes the value of a node from the variables."""
        if isinstance(node, VariableNode):
            return _variable(node.name.value, self._convert(into), isinstance(of, GraphQLNonNull))
        inner = of.of_type if isinstance(of, GraphQLNonNull) else of
        if isinstance(node, NullValueNode):
            return _null(of)
        into = _inner(into)
        if isinstance(inner, GraphQLList):
            return self._list(node, inner, into)
        if isinstance(inner, GraphQLInputObjectType):
            return self._object(node, inner, into)
        return self._leaf(node, inner, into)

    def _leaf(self, node: ValueNode, of: Any, into: Any) -> Make:
        composite = isinstance(node, ListValueNode | ObjectValueNode)
        value = Undefined if composite or not is_leaf_type(of) or not self._is_leaf(into) else coerce_input_literal(node, of)
        if not isinstance(value, UNCHANGING):
            raise NotPlain
        return Always(value)

    def _list(self, node: ValueNode, of: GraphQLList[Any], into: Any) -> Make:
        """Return how a list is made. A value that is no list is a list of one."""
        if not isinstance(into, StrawberryList):
            raise NotPlain
        nodes = node.values if isinstance(node, ListValueNode) else (node,)
        items = [self._value(each, of.of_type, into.of_type) for each in nodes]
        return lambda variables: [make(variables) for make in items]

    def _object(self, node: ValueNode, of: GraphQLInputObjectType, into: Any) -> Make:
        shape = self._shape(into)
        given = {each.name.value: each.value for each in node.fields} if isinstance(node, ObjectValueNode) else None
        fields = of.fields
        if given is None or not self._is_usual(of) or shape.names.keys() != fields.keys() or not given.keys() <= fields.keys():
            raise NotPlain
        if any(isinstance(each.type, GraphQLNonNull) and name not in given for name, each in fields.items()):
            raise NotPlain
        parts = []
        for name, value in given.items():
            (python, kind), of_field = shape.names[name], fields[name].type
            lacking = None if isinstance(of_field, GraphQLNonNull) else _named(value)
            parts.append(ArgumentDefault(python, self._value(value, of_field, kind), lacking))
        made = Arguments(shape.nulls, tuple(parts))
        return lambda variables: shape.kind(**made.of(variables))

    def _convert(self, into: Any) -> Convert:
        """Return a function that converts a value read by graphql-core as Strawberry would. Null stays null."""
        into = _inner(into)
        if isinstance(into, StrawberryList):
            item = into.of_type
            if self._is_leaf(_inner(item)):
                return list
            inner = self._convert(item)
            return lambda values: [each if each is None else inner(each) for each in values]
        if self._is_leaf(into):
            return _itself
        if into not in self._inputs:
            self._inputs[into] = lambda value: self._inputs[into](value)  # of an input within itself
            self._inputs[into] = self._input(self._shape(into))
        return self._inputs[into]

    def _input(self, shape: InputType) -> Convert:
        fields = {name: (python, self._convert(kind)) for name, (python, kind) in shape.names.items()}

        def convert(value: Mapping[str, Any]) -> Any:
            given: dict[str, Any] = dict(shape.nulls)
            for name, each in value.items():
                python, inner = fields[name]
                given[python] = each if each is None or each is UNSET else inner(each)
            return shape.kind(**given)

        return convert

    def _is_usual(self, of: GraphQLInputObjectType) -> bool:
        """Return True if an input is only read field by field."""
        found = self._usual.get(of)
        if found is None:
            plain = all(coerce_default_value(each) is Undefined and not each.out_name for each in of.fields.values())
            found = self._usual[of] = plain and not of.is_one_of and of.out_type is GraphQLInputObjectType.out_type
        return found

    def _shape(self, into: Any) -> InputType:
        if into not in self._shapes:
            self._shapes[into] = self._shaped(into)
        return self._shapes[into]

    def _shaped(self, into: Any) -> InputType:
        definition = get_object_definition(into)
        if definition is None or not definition.is_input or definition.from_input is not None:
            raise NotPlain
        own = self.converter.config.name_converter
        names = {own.from_field(each): (each.python_name, each.resolve_type(type_definition=definition)) for each in definition.fields}
        needed = (each for each in definition.fields if each.default_value is MISSING and each.default_factory is MISSING)
        return InputType(into, names, {each.python_name: None for each in needed})

    def _is_leaf(self, into: Any) -> bool:
        return has_enum_definition(into) or is_input_leaf(into, self.converter.scalar_registry, (GlobalID,))


def _named(node: ValueNode) -> str | None:
    """Return the name of a variable; None for a literal."""
    return node.name.value if isinstance(node, VariableNode) else None


def _default(defined: GraphQLArgument) -> Any:
    """Return the default of an argument that is not given; Undefined if there is none."""
    value = coerce_default_value(defined)
    if defined.out_name or not (value is Undefined or isinstance(value, UNCHANGING)):
        raise NotPlain
    return value


def _inner(into: Any) -> Any:
    """Return a type without what makes it nullable or lazy."""
    while isinstance(into, StrawberryOptional | LazyType):
        if isinstance(into, StrawberryMaybe):
            raise NotPlain
        into = into.resolve_type() if isinstance(into, LazyType) else into.of_type
    return into


def _null(of: Any) -> Make:
    if isinstance(of, GraphQLNonNull):
        raise NotPlain
    return Always(None)


def _variable(name: str, convert: Convert, needed: bool) -> Make:
    """Return how a variable is read. A missing one in a list is null."""

    def made(variables: Variables) -> Any:
        value = variables.get(name)
        if value is not None:
            return convert(value)
        if needed:
            raise Unlike
        return None

    return made


def _itself(value: Any) -> Any:
    return value
