"""Internals of Strawberry that the project uses beyond its documentation, read from strawberry-graphql 0.341.2.

It stands in the lowest layer, since the schema, the compiler and the server all need some of it. The schema does not import graphql-core,
so that its objects are `Any` here.
"""

from collections.abc import Callable
from operator import attrgetter
from typing import Any, ClassVar, TypeVar

import strawberry
from strawberry.extensions import SchemaExtension
from strawberry.schema.schema_converter import GraphQLCoreConverter
from strawberry.subscriptions.protocols.graphql_transport_ws.handlers import BaseGraphQLTransportWSHandler
from strawberry.types import ExecutionContext, Info
from strawberry.types.arguments import _is_leaf_type
from strawberry.types.field import StrawberryField
from strawberry.types.graphql import OperationType

# What the names of Strawberry's own resolvers begin with, and the names of those that find the type of a value by its class.
RESOLVER = "GraphQLCoreConverter.from_resolver.<locals>."
TYPE_RESOLVERS = frozenset(
    {
        "GraphQLCoreConverter.from_interface.<locals>._get_resolve_type.<locals>.resolve_type",
        "StrawberryUnion.get_type_resolver.<locals>._resolve_union_type",
    }
)

# graphql-core's schema below one of Strawberry's; Strawberry's schema above one of graphql-core's, and None above one of somebody else's.
core_schema: Callable[[Any], Any] = attrgetter("_schema")
# graphql-core's description of the field that is being resolved.
core_info: Callable[[Info], Any] = attrgetter("_raw_info")
# Whether the value of an input type is converted as a whole.
is_input_leaf = _is_leaf_type
# The operation name that the client sent, or None; `operation_name` is then that of the first operation.
requested_operation_name: Callable[[ExecutionContext], str | None] = attrgetter("_provided_operation_name")

Context = TypeVar("Context")


def strawberry_schema(core: Any) -> Any:
    """Return Strawberry's schema above one of graphql-core's, or None."""
    return getattr(core, "_strawberry_schema", None)


def definition_of(element: Any) -> Any:
    """Return Strawberry's definition of a type, field or argument of graphql-core, or None."""
    return (element.extensions or {}).get(GraphQLCoreConverter.DEFINITION_BACKREF)


def make_info(info_class: type[Info], core: Any, field: StrawberryField) -> Info:
    """Return what a resolver is told of its field."""
    return info_class(_raw_info=core, _field=field)


def field_behind(definition: Any) -> StrawberryField | None:
    """Return Strawberry's field behind one of graphql-core; None if anything else takes part in resolving it."""
    field, resolve = definition_of(definition), definition.resolve
    if resolve is None or hasattr(resolve, "__wrapped__") or not resolve.__qualname__.startswith(RESOLVER):
        return None
    return field if isinstance(field, StrawberryField) and type(field).get_result is StrawberryField.get_result else None


def is_resolved_by_class(abstract: Any) -> bool:
    """Return True if Strawberry finds the object type of a value of an interface or union by the value's class."""
    resolve = abstract.resolve_type
    return resolve is not None and resolve.__qualname__ in TYPE_RESOLVERS


class OperationContext(ExecutionContext):
    """The execution context of one operation. Strawberry searches the document anew each time that its operation is asked for."""

    _first: Any = None
    _type: OperationType | None = None

    def _get_first_operation(self) -> Any:
        self._first = self._first or super()._get_first_operation()
        return self._first

    @property
    def operation_type(self) -> OperationType:
        """The type of the operation.

        Raises:
            RuntimeError: as long as there is no document.
        """
        self._type = self._type or super().operation_type
        return self._type


class ExtensibleSchema(strawberry.Schema):
    """A schema with an execution context and validation rules of its own, and whose extensions have no `resolve` hook."""

    validation_rules: ClassVar[tuple[Any, ...]]
    middleware: ClassVar[Any]

    def _create_execution_context(self, **given: Any) -> ExecutionContext:  # type: ignore[override]  # Strawberry gives all by name
        return OperationContext(
            schema=self,
            query=given["query"],
            allowed_operations=given["allowed_operation_types"],
            context=given["context_value"],
            root_value=given["root_value"],
            variables=given["variable_values"],
            validation_rules=self.validation_rules,
            provided_operation_name=given["operation_name"],
            operation_extensions=given["operation_extensions"],
        )

    def _get_middleware_manager(self, extensions: list[SchemaExtension]) -> Any:
        # Strawberry searches the extensions for `resolve` hooks with each operation.
        return self.middleware


class PersistentWebSocketHandler(BaseGraphQLTransportWSHandler[Context, None]):
    """A handler of a WebSocket that a document with errors does not close: the connection's other operations continue."""

    @staticmethod
    def _get_pre_execution_close_reason(error: object) -> None:
        """Return no reason."""
