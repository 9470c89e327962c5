"""Cache: the code of selections, kept as long as its document is in use."""

from collections import OrderedDict
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from types import CodeType
from typing import Any, Generic, TypeVar

from graphql import (
    DocumentNode,
    FieldNode,
    FragmentDefinitionNode,
    GraphQLError,
    GraphQLNonNull,
    GraphQLObjectType,
    GraphQLOutputType,
    GraphQLSchema,
    OperationDefinitionNode,
    default_field_resolver,
    default_type_resolver,
    is_abstract_type,
)

from telegraphql.gateway.graphql.compiler.argument_coercion import Reader
from telegraphql.gateway.graphql.compiler.codegen import Emitter
from telegraphql.gateway.graphql.compiler.plan import NotPlain, ObjectSelection, ResolverStyle, SelectionTooLarge, Site, drawn
from telegraphql.gateway.graphql.compiler.planner import Planner, types_by_class
from telegraphql.gateway.graphql.compiler.resolver_calls import ResolverCall, call_of
from telegraphql.gateway.graphql.compiler.row_projection import RowProjector
from telegraphql.gateway.graphql.compiler.variable_coercion import Variables
from telegraphql.gateway.graphql.graphql_core_internals import (
    Executor,
    FieldDetailsList,
    FragmentDetails,
    GroupedFieldSet,
    collect_fields,
)
from telegraphql.schema.strawberry_internals import is_resolved_by_class, strawberry_schema

V = TypeVar("V")
Project = Callable[[Any, Any, list[Any]], Any]


@dataclass(frozen=True, slots=True)
class Unit:
    """The code of one selection: `project(value, path, later)`. `sites` says what `later` holds, place by place."""

    source: str
    project: Project
    sites: tuple[Site, ...]
    pending: tuple[int, ...]
    rows: RowProjector | None = None


class Recent(Generic[V]):
    """The values that were used last."""

    def __init__(self, most: int) -> None:
        self._most = most
        self._kept: OrderedDict[Any, V] = OrderedDict()

    def find(self, key: Any) -> V | None:
        """Return the value of a key; None if it is not kept."""
        found = self._kept.get(key)
        if found is not None:
            self._kept.move_to_end(key)
        return found

    def get(self, key: Any, make: Callable[[], V]) -> V:
        """Return the value of a key. It is made if it is not kept."""
        found = self.find(key)
        if found is not None:
            return found
        made = self._kept[key] = make()
        if len(self._kept) > self._most:
            self._kept.popitem(last=False)
        return made

    def __len__(self) -> int:
        return len(self._kept)

    def __iter__(self) -> Iterator[V]:
        return iter(self._kept.values())


@dataclass(frozen=True, slots=True)
class CalledField:
    """A field of a query's root whose resolver is called directly."""

    key: str
    details: FieldDetailsList
    nodes: list[FieldNode]
    call: ResolverCall


@dataclass(slots=True)
class CompiledOperation:
    """The code of one operation under one set of conditions. It keeps the nodes alive whose identities are its keys."""

    nodes: tuple[Any, ...]
    # Whether its fields are resolved by nothing but their resolvers, and delivered in one piece.
    is_compilable: bool
    units: dict[tuple[int, ...], Unit | None] = field(default_factory=dict)
    calls: dict[tuple[int, int], ResolverCall | None] = field(default_factory=dict)
    # The fields of its root, once they were collected, and how their resolvers are called; None as long as that is not known of all.
    roots: GroupedFieldSet | None = None
    root_fields: tuple[CalledField, ...] | None = None

    def called_fields(self, root: GraphQLObjectType) -> tuple[CalledField, ...] | None:
        """Return the fields of the root if each was resolved before by calling its resolver."""
        if self.root_fields is None and self.roots is not None and self.is_compilable:
            fields = [self._called_field(root, key, details) for key, details in self.roots.items()]
            found = tuple(each for each in fields if each is not None)
            self.root_fields = found if len(found) == len(fields) else None
        return self.root_fields

    def _called_field(self, root: GraphQLObjectType, key: str, details: FieldDetailsList) -> CalledField | None:
        nodes = [each.node for each in details]
        call = self.calls.get((id(root), id(nodes[0])))
        return None if call is None else CalledField(key, details, nodes, call)


@dataclass(frozen=True)
class Prepared:
    """The parts of an operation that do not depend on its variables; `settings` and `options` are what its executors take behind these."""

    schema: GraphQLSchema
    document: DocumentNode
    operation: OperationDefinitionNode
    fragment_definitions: dict[str, FragmentDefinitionNode]
    fragments: dict[str, FragmentDetails]
    variables: Variables
    # The identities of the schema, the operation and the fragments.
    key: tuple[int, ...]
    settings: tuple[Any, ...]
    options: Mapping[str, Any]

    @cached_property
    def name(self) -> str:
        """The name of the operation; "" if it has none."""
        return self.operation.name.value if self.operation.name else ""


def executor_settings(others: Sequence[Any]) -> tuple[Any, ...]:
    """Return what graphql-core's `build` is given beside a document and its values, as its executors take it."""
    resolve, type_of, subscribe, _, early, *rest = others
    return (resolve or default_field_resolver, type_of or default_type_resolver, subscribe or default_field_resolver, early, *rest)


class Programs:
    """All code of one schema, and how often it served."""

    def __init__(self, documents: int) -> None:
        self.operations: Recent[CompiledOperation] = Recent(documents)
        self.prepared: Recent[Prepared] = Recent(documents)
        # Documents that differ in words only share their code.
        self._code: Recent[CodeType] = Recent(documents * 4)
        self._types: dict[type[Any], GraphQLObjectType] | None = None
        self._reader: Reader | None = None
        self.ran = 0
        self.fell = 0
        self.stock = 0
        self.called = 0
        self.refused = 0

    def sources(self) -> list[str]:
        """Return the generated source code of all selections."""
        return [unit.source for operation in self.operations for unit in operation.units.values() if unit]

    def __len__(self) -> int:
        return len(self.operations)

    def prepare(
        self, document: DocumentNode, name: str | None, executor: Executor[Any], settings: tuple[Any, ...], options: Mapping[str, Any]
    ) -> None:
        """Keep what the first executor of an operation had to find out."""
        operation = executor.operation
        variables = Variables.of(executor.schema, operation.variable_definitions or ())
        if variables is not None:
            own = executor.schema, document, operation, executor.fragment_definitions, executor.fragments
            made = Prepared(*own, variables, _key(executor), settings, options)
            self.prepared.get((id(executor.schema), id(document), name), lambda: made)

    def of(self, executor: Executor[Any]) -> CompiledOperation:
        """Return the code for the operation of an executor, under its conditions."""
        key, values = _key(executor), executor.variable_values.coerced
        nodes = executor.schema, executor.operation, *executor.fragment_definitions.values()
        return self.operations.get(conditions(key, values), lambda: CompiledOperation(nodes, _is_compilable(executor)))

    def call(self, executor: Executor[Any], parent: GraphQLObjectType, details: FieldDetailsList) -> ResolverCall | None:
        """Compile how the resolver of a field is called; None where that is left to graphql-core."""
        schema = strawberry_schema(executor.schema)
        if self._reader is None:
            self._reader = Reader(schema.schema_converter)
        return call_of(self._reader, schema.config.info_class, parent, details[0].node)

    def roots(self, operation: CompiledOperation, executor: Executor[Any], root: GraphQLObjectType) -> GroupedFieldSet | None:
        """Collect the fields of an operation's root; None if graphql-core has to look at them."""
        if operation.roots is None:
            try:
                found = collect_fields(executor.schema, executor.fragments, executor.variable_values, root, executor.operation)
            except (GraphQLError, RecursionError):
                return None
            if found.new_defer_usages:
                return None
            operation.roots = found.grouped_field_set
        return operation.roots

    def type_of(self, schema: GraphQLSchema, of: GraphQLOutputType, kind: type[Any]) -> GraphQLObjectType | None:
        """Return the type that an instance of a class has where `of` is expected; None if the class alone does not tell."""
        inner = of.of_type if isinstance(of, GraphQLNonNull) else of
        if isinstance(inner, GraphQLObjectType):
            return inner
        if not is_abstract_type(inner) or not is_resolved_by_class(inner):
            return None
        if self._types is None:
            self._types = types_by_class(schema)
        found = self._types.get(kind)
        return found if found is not None and schema.is_sub_type(inner, found) else None

    def unit(self, executor: Executor[Any], of: GraphQLOutputType, details: FieldDetailsList) -> Unit | None:
        """Compile the code of a selection; None where it is left to graphql-core."""
        try:
            value = Planner(executor).value(of, details)
            shape = drawn(value)
            projections: dict[int, RowProjector] = {}

            def projection(shape: ObjectSelection) -> RowProjector:
                return projections.setdefault(id(shape), RowProjector(shape))

            emitter = Emitter(drawn=shape, projection=projection)
            source = emitter.module(value)
        except (NotPlain, SelectionTooLarge, GraphQLError, RecursionError):
            return None
        code = self._code.get(source, lambda: compile(source, f"<selection of {of}>", "exec"))
        names: dict[str, Any] = dict(emitter.names)
        exec(code, names)
        pending = tuple(slot for slot, site in enumerate(emitter.sites) if site.way is not ResolverStyle.AT_ONCE)
        return Unit(source, names["project"], tuple(emitter.sites), pending, projections.get(id(shape)))


def _key(executor: Executor[Any]) -> tuple[int, ...]:
    return tuple(map(id, (executor.schema, executor.operation, *executor.fragment_definitions.values())))


def conditions(key: tuple[int, ...], values: Mapping[str, Any]) -> tuple[Any, ...]:
    """Return the key of an operation, and of those of its values on which it may depend which fields are selected."""
    return *key, *sorted((name, value) for name, value in values.items() if value is None or isinstance(value, bool))


def _is_compilable(executor: Executor[Any]) -> bool:
    schema = executor.schema
    is_whole = not (schema.get_directive("defer") or schema.get_directive("stream"))
    handlers = getattr(strawberry_schema(schema), "exception_handlers", None)
    return handlers == () and is_whole and not any(each.variable_signatures for each in executor.fragments.values())
