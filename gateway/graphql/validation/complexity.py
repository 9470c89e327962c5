"""The cost of an operation: the number of records that it may request at most, from its document and variables alone.

With `inner` for the cost of the fields selected in a record:

    calls(first: N)              N × (1 + inner); `last` likewise; 25 if neither is given
    node, nodes(ids), _entities  1 + inner for each id
    a relation to one record     1 + inner
    a relation to many           2 × (1 + inner): the expected number
    queue.visits(first: N)       N × (1 + inner) for each queue
    a text with its own request  10, such as a trace
    a scan of many records       3,000, such as callStatistics, and 100 for its groups; those that are read with a wider one of the
                                 operation cost only their groups
    any other root field         1; a mutation 1 + inner for each id
    plain fields, media links    0

Costs multiply with the field that they are in. Fields excluded by @skip or @include cost nothing. The cost of an operation is the sum of
its root fields.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping
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
    ObjectValueNode,
    OperationDefinitionNode,
    SelectionSetNode,
    ValueNode,
    get_named_type,
    get_nullable_type,
)
from graphql.utilities import value_from_ast_untyped

from telegraphql.gateway.graphql.validation.limits import MAX_PAGE_SIZE
from telegraphql.gateway.graphql.validation.literals import ValueReader, as_int, literal_value, value_reader
from telegraphql.gateway.graphql.validation.scans import Arguments, arguments_of, widest_scans
from telegraphql.gateway.pagination.connection import DEFAULT_FIRST
from telegraphql.schema.strawberry_internals import definition_of

EXPECTED_RELATED = 2
TEXT_COST = 10
Multiplier = Callable[[Mapping[str, Any]], int]
Composite = GraphQLObjectType | GraphQLInterfaceType | GraphQLUnionType


@dataclass(frozen=True, slots=True)
class CostNode:
    """Something that costs `own` plus the cost of its children, multiplied."""

    multiplier: Multiplier
    own: int
    children: tuple["CostNode", ...] = ()

    def cost(self, variables: Mapping[str, Any]) -> int:
        """Return the cost for given variables."""
        factor = self.multiplier(variables)
        return factor and factor * (self.own + sum(child.cost(variables) for child in self.children))

    def scans(self, variables: Mapping[str, Any]) -> Iterator["ScanNode"]:
        """Yield the scans that are included."""
        if self.multiplier(variables):
            for child in self.children:
                yield from child.scans(variables)


@dataclass(frozen=True, slots=True, kw_only=True)
class ScanNode(CostNode):
    """A field that reads all records which match its arguments; `own` is the cost of its groups, and `scan` that of the reading."""

    field: str
    scan: int
    arguments: Arguments

    def scans(self, variables: Mapping[str, Any]) -> Iterator["ScanNode"]:
        """Yield this scan."""
        yield self


@dataclass(frozen=True, slots=True)
class OperationCost:
    """The cost of one operation as a function of its variables. `constant` is the cost if it has none."""

    nodes: tuple[CostNode, ...]
    defaults: Mapping[str, Any]
    constant: int | None = None
    has_scans: bool = False

    def cost(self, variables: object) -> int:
        """Return the cost for the variables of a request, which are not validated yet."""
        values = {**self.defaults, **variables} if isinstance(variables, dict) else self.defaults
        cost = sum(node.cost(values) for node in self.nodes)
        return cost + self._scans(values) if self.has_scans else cost

    def _scans(self, values: Mapping[str, Any]) -> int:
        """Return the cost of the scans: of several that read from one, only the widest counts."""
        fields: dict[str, list[ScanNode]] = {}
        for node in self.nodes:
            for scan in node.scans(values):
                fields.setdefault(scan.field, []).append(scan)
        return sum(scans[each].scan for scans in fields.values() for each in widest_scans([scan.arguments(values) for scan in scans]))


def operation_costs(schema: GraphQLSchema, document: DocumentNode) -> dict[str, OperationCost]:
    """Return the costs of a valid document's operations by name."""
    fragments = {each.name.value: each for each in document.definitions if isinstance(each, FragmentDefinitionNode)}
    analyzer = _CostAnalyzer(schema, fragments, {})
    operations = (each for each in document.definitions if isinstance(each, OperationDefinitionNode))
    return {each.name.value if each.name else "": analyzer.operation(each) for each in operations}


@dataclass(frozen=True, slots=True)
class _CostAnalyzer:
    schema: GraphQLSchema
    fragments: Mapping[str, FragmentDefinitionNode]
    nodes_by_fragment: dict[str, tuple[CostNode, ...]]

    def operation(self, node: OperationDefinitionNode) -> OperationCost:
        variables = node.variable_definitions or ()
        nodes = tuple(self._root(node))
        cost = OperationCost(
            nodes,
            {each.variable.name.value: _default(each.default_value) for each in variables if each.default_value},
            has_scans=_has_scans(nodes),
        )
        return cost if variables else replace(cost, constant=cost.cost({}))

    def _root(self, node: OperationDefinitionNode) -> Iterator[CostNode]:
        parent = self.schema.get_root_type(node.operation)
        assert parent is not None
        yield from self._selection_set(parent, node.selection_set)

    def _selection_set(self, parent: Composite, node: SelectionSetNode | None) -> Iterator[CostNode]:
        for selection in node.selections if node else ():
            nodes = self._selection(parent, selection)
            if not selection.directives:
                yield from nodes
            elif children := tuple(nodes):
                yield CostNode(_is_included(selection.directives), 0, children)

    def _selection(self, parent: Composite, node: Any) -> Iterator[CostNode]:
        if isinstance(node, FieldNode):
            definition = _fields(parent).get(node.name.value)
            yield from self._field(parent, node, definition) if definition else ()
        elif isinstance(node, FragmentSpreadNode):
            yield from self._fragment(node.name.value)
        else:
            yield from self._selection_set(self._type(node, parent), node.selection_set)

    def _fragment(self, name: str) -> tuple[CostNode, ...]:
        if name not in self.nodes_by_fragment:
            definition = self.fragments[name]
            self.nodes_by_fragment[name] = tuple(self._selection_set(self._type(definition), definition.selection_set))
        return self.nodes_by_fragment[name]

    def _type(self, node: Any, parent: Any = None) -> Any:
        return self.schema.get_type(node.type_condition.name.value) if node.type_condition else parent

    def _field(self, parent: Composite, node: FieldNode, definition: GraphQLField) -> Iterator[CostNode]:
        kind = get_named_type(definition.type)
        children = tuple(self._selection_set(kind, node.selection_set)) if isinstance(kind, Composite) else ()
        if isinstance(kind, Composite) and "pageInfo" in _fields(kind):
            yield CostNode(_page_size(node), 1, children)
        elif "scan" in (metadata := _metadata(definition)):
            yield ScanNode(
                _one, int(metadata["cost"]), children, field=node.name.value, scan=int(metadata["scan"]), arguments=arguments_of(node)
            )
        elif "expected" in (metadata := _metadata(definition)):
            yield CostNode(lambda _: int(metadata["expected"]), int(metadata["cost"]), children)
        elif parent in self._root_types():
            yield CostNode(_longest_list(node, definition), 1, children)
        elif _is_record(parent) and _is_record(kind):
            yield CostNode(_expected_related(definition), 1, children)
        elif metadata.get("asks", False):
            yield CostNode(_one, TEXT_COST)
        else:
            yield from children

    def _root_types(self) -> tuple[Any, ...]:
        return self.schema.query_type, self.schema.mutation_type, self.schema.subscription_type


def _fields(kind: Composite) -> Mapping[str, GraphQLField]:
    return {} if isinstance(kind, GraphQLUnionType) else kind.fields


def _is_record(kind: Any) -> bool:
    return getattr(kind, "name", "") in ("Node", "Record") or any(each.name == "Record" for each in getattr(kind, "interfaces", ()))


def _metadata(definition: GraphQLField) -> Mapping[str, Any]:
    """Return the metadata that the schema declares about a field."""
    field = definition_of(definition)
    return field.metadata if field is not None else {}


def _has_scans(nodes: Iterable[CostNode]) -> bool:
    return any(isinstance(node, ScanNode) or _has_scans(node.children) for node in nodes)


def _default(node: ValueNode) -> Any:
    """Return the default value of a variable; of lists only the length, which may be long."""
    return value_from_ast_untyped(node) if isinstance(node, ObjectValueNode) else literal_value(node)


def _one(_: Mapping[str, Any]) -> int:
    return 1


def _many(_: Mapping[str, Any]) -> int:
    return EXPECTED_RELATED


def _expected_related(definition: GraphQLField) -> Multiplier:
    return _many if isinstance(get_nullable_type(definition.type), GraphQLList) else _one


def _page_size(node: FieldNode) -> Multiplier:
    readers = [value_reader(each.value) for each in node.arguments or () if each.name.value in ("first", "last")]

    def page_size(variables: Mapping[str, Any]) -> int:
        sizes = [size for size in (as_int(reader(variables)) for reader in readers) if size is not None]
        # Larger pages than can be configured are refused in any case. An empty page costs nothing.
        return min(max(sizes, default=DEFAULT_FIRST), MAX_PAGE_SIZE) if max(sizes, default=1) > 0 else 0

    return page_size


def _longest_list(node: FieldNode, definition: GraphQLField) -> Multiplier:
    """Return the length of the longest list argument, or of the longest list in the argument `input`, or 1."""
    lists = {name for name, argument in definition.args.items() if isinstance(get_nullable_type(argument.type), GraphQLList)}
    given = [each.value for each in node.arguments or () if each.name.value in lists | {"input"}]
    values = [part.value for each in given if isinstance(each, ObjectValueNode) for part in each.fields]
    readers = [value_reader(each) for each in (*given, *values)]

    def longest(variables: Mapping[str, Any]) -> int:
        values = [reader(variables) for reader in readers]
        values += [inner for value in values if isinstance(value, dict) for inner in value.values()]
        return max((len(value) for value in values if isinstance(value, list)), default=1) or 1

    return longest


def _is_included(directives: tuple[DirectiveNode, ...]) -> Multiplier:
    conditions: list[tuple[bool, ValueReader]] = []
    for each in directives:
        if each.name.value in ("skip", "include") and each.arguments:
            conditions.append((each.name.value == "include", value_reader(each.arguments[0].value)))

    def is_included(variables: Mapping[str, Any]) -> int:
        return int(all(reader(variables) is not (not expected) for expected, reader in conditions))

    return is_included
