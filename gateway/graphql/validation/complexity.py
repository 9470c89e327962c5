"""Cost: what an operation may ask of the upstreams at most, from its document and variables alone.

The unit is a record. With `below` for the cost of what is selected in a record:

    calls(first: N)              N × (1 + below); `last` likewise, 25 where neither is given
    node, nodes(ids), _entities  for each id 1 + below
    a relation to one record     1 + below
    a relation to many           2 × (1 + below): the number that is expected
    queue.visits(first: N)       N × (1 + below), for each queue
    a text with its own request  10, such as a trace
    a count of many records      5,000, such as callStatistics; in it 100 groups are expected
    any other root field         1; a mutation for each of its ids 1 + below
    plain fields, links          0

Each multiplies with what it is in. What @skip and @include leave out costs nothing. An operation costs the sum of its root fields.
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any

from graphql import (
    DirectiveNode,
    DocumentNode,
    FieldNode,
    FragmentDefinitionNode,
    FragmentSpreadNode,
    GraphQLField,
    GraphQLInterfaceType,
    GraphQLList,
    GraphQLObjectType,
    GraphQLSchema,
    GraphQLUnionType,
    OperationDefinitionNode,
    SelectionSetNode,
    get_named_type,
    get_nullable_type,
)

from telegraphql.gateway.graphql.validation.limits import MAX_PAGE_SIZE
from telegraphql.gateway.graphql.validation.literals import ValueReader, as_int, literal_value, value_reader
from telegraphql.gateway.pagination.connection import DEFAULT_FIRST
from telegraphql.schema.strawberry_internals import definition_of

EXPECTED = 2
TEXT = 10
Multiplier = Callable[[Mapping[str, Any]], int]
Composite = GraphQLObjectType | GraphQLInterfaceType | GraphQLUnionType


@dataclass(frozen=True, slots=True)
class CostNode:
    """Something that costs `own`, and what is below it, `count` times."""

    count: Multiplier
    own: int
    below: tuple["CostNode", ...] = ()

    def cost(self, variables: Mapping[str, Any]) -> int:
        """What it comes to."""
        count = self.count(variables)
        return count and count * (self.own + sum(part.cost(variables) for part in self.below))


@dataclass(frozen=True, slots=True)
class OperationCost:
    """What one operation costs once its variables are known; `always` where it takes none."""

    parts: tuple[CostNode, ...]
    defaults: Mapping[str, Any]
    always: int | None = None

    def cost(self, variables: object) -> int:
        """The cost with these variables, whatever a client sent for them."""
        if self.always is not None:
            return self.always
        given = {**self.defaults, **variables} if isinstance(variables, dict) else self.defaults
        return sum(part.cost(given) for part in self.parts)


def operation_costs(schema: GraphQLSchema, document: DocumentNode) -> dict[str, OperationCost]:
    """The prices of a valid document's operations, by name."""
    fragments = {each.name.value: each for each in document.definitions if isinstance(each, FragmentDefinitionNode)}
    pricing = _Pricing(schema, fragments, {})
    operations = (each for each in document.definitions if isinstance(each, OperationDefinitionNode))
    return {each.name.value if each.name else "": pricing.price(each) for each in operations}


@dataclass(frozen=True, slots=True)
class _Pricing:
    schema: GraphQLSchema
    fragments: Mapping[str, FragmentDefinitionNode]
    priced: dict[str, tuple[CostNode, ...]]

    def price(self, operation: OperationDefinitionNode) -> OperationCost:
        taken = operation.variable_definitions or ()
        price = OperationCost(
            tuple(self._root(operation)),
            {each.variable.name.value: literal_value(each.default_value) for each in taken if each.default_value},
        )
        return price if taken else replace(price, always=price.cost({}))

    def _root(self, operation: OperationDefinitionNode) -> Iterator[CostNode]:
        parent = self.schema.get_root_type(operation.operation)
        assert parent is not None
        yield from self._selected(parent, operation.selection_set)

    def _selected(self, parent: Composite, selected: SelectionSetNode | None) -> Iterator[CostNode]:
        for node in selected.selections if selected else ():
            parts = self._node(parent, node)
            if not node.directives:
                yield from parts
            elif below := tuple(parts):
                yield CostNode(_included(node.directives), 0, below)

    def _node(self, parent: Composite, node: Any) -> Iterator[CostNode]:
        if isinstance(node, FieldNode):
            definition = _fields(parent).get(node.name.value)
            yield from self._field(parent, node, definition) if definition else ()
        elif isinstance(node, FragmentSpreadNode):
            yield from self._fragment(node.name.value)
        else:
            yield from self._selected(self._type(node, parent), node.selection_set)

    def _fragment(self, name: str) -> tuple[CostNode, ...]:
        if name not in self.priced:
            definition = self.fragments[name]
            self.priced[name] = tuple(self._selected(self._type(definition), definition.selection_set))
        return self.priced[name]

    def _type(self, node: Any, parent: Any = None) -> Any:
        return self.schema.get_type(node.type_condition.name.value) if node.type_condition else parent

    def _field(self, parent: Composite, node: FieldNode, definition: GraphQLField) -> Iterator[CostNode]:
        made = get_named_type(definition.type)
        below = tuple(self._selected(made, node.selection_set)) if isinstance(made, Composite) else ()
        if isinstance(made, Composite) and "pageInfo" in _fields(made):
            yield CostNode(_page_size(node), 1, below)
        elif "expected" in (told := _told(definition)):
            yield CostNode(lambda _: int(told["expected"]), int(told["cost"]), below)
        elif parent in self._roots():
            yield CostNode(_longest(node, definition), 1, below)
        elif _is_record(parent) and _is_record(made):
            yield CostNode(_related(definition), 1, below)
        elif told.get("asks", False):
            yield CostNode(_one, TEXT)
        else:
            yield from below

    def _roots(self) -> tuple[Any, ...]:
        return self.schema.query_type, self.schema.mutation_type, self.schema.subscription_type


def _fields(of: Composite) -> Mapping[str, GraphQLField]:
    """Its fields; a union has none of its own."""
    return {} if isinstance(of, GraphQLUnionType) else of.fields


def _is_record(named: Any) -> bool:
    return getattr(named, "name", "") == "Node" or any(each.name == "Node" for each in getattr(named, "interfaces", ()))


def _told(definition: GraphQLField) -> Mapping[str, Any]:
    """What the schema tells of a field's cost."""
    declared = definition_of(definition)
    return declared.metadata if declared is not None else {}


def _one(_: Mapping[str, Any]) -> int:
    return 1


def _expected(_: Mapping[str, Any]) -> int:
    return EXPECTED


def _related(definition: GraphQLField) -> Multiplier:
    return _expected if isinstance(get_nullable_type(definition.type), GraphQLList) else _one


def _page_size(node: FieldNode) -> Multiplier:
    sizes = [value_reader(each.value) for each in node.arguments or () if each.name.value in ("first", "last")]

    def size(variables: Mapping[str, Any]) -> int:
        given = [value for value in (as_int(each(variables)) for each in sizes) if value is not None]
        # Beyond what can be configured the list refuses in any case; asking for nothing costs nothing.
        return min(max(given, default=DEFAULT_FIRST), MAX_PAGE_SIZE) if max(given, default=1) > 0 else 0

    return size


def _longest(node: FieldNode, definition: GraphQLField) -> Multiplier:
    """As often as the longest of the arguments that are lists has elements."""
    listed = {name for name, argument in definition.args.items() if isinstance(get_nullable_type(argument.type), GraphQLList)}
    values = [value_reader(each.value) for each in node.arguments or () if each.name.value in listed]

    def count(variables: Mapping[str, Any]) -> int:
        given = (each(variables) for each in values)
        return max((len(value) for value in given if isinstance(value, list)), default=1) or 1

    return count


def _included(directives: tuple[DirectiveNode, ...]) -> Multiplier:
    wanted: list[tuple[bool, ValueReader]] = []
    for each in directives:
        if each.name.value in ("skip", "include") and each.arguments:
            wanted.append((each.name.value == "include", value_reader(each.arguments[0].value)))

    def included(variables: Mapping[str, Any]) -> int:
        return int(all(value(variables) is not (not needed) for needed, value in wanted))

    return included
