"""Choosing: which operation of a document is executed; among several, one that is named."""

from collections.abc import Iterator

from graphql import DocumentNode, OperationDefinitionNode
from strawberry.extensions import SchemaExtension
from strawberry.schema.exceptions import CannotGetOperationTypeError
from strawberry.types import ExecutionContext
from strawberry.types.graphql import OperationType

from telegraphql.gateway.errors import RequestError


class OperationNotFound(RequestError):
    """It cannot be said which operation is meant."""

    code = "OPERATION_RESOLUTION_FAILURE"


class AmbiguousOperation(CannotGetOperationTypeError):
    """Several operations, and none is named. Strawberry lets nothing else out of a hook where it streams."""

    def as_http_error_reason(self) -> str:
        """What to do."""
        return "the document holds several operations: name one in operationName"


class OperationContext(ExecutionContext):
    """The operation under way. Strawberry would look for it in the document each time that somebody asks what it is."""

    _first: OperationDefinitionNode | None = None
    _type: OperationType | None = None

    def _get_first_operation(self) -> OperationDefinitionNode | None:
        self._first = self._first or super()._get_first_operation()
        return self._first

    @property
    def operation_type(self) -> OperationType:
        """What kind of operation it is; RuntimeError as long as that cannot be said."""
        self._type = self._type or super().operation_type
        return self._type


class OperationNameExtension(SchemaExtension):
    """Strawberry would execute the first of several operations; GraphQL's specification refuses to guess."""

    def on_parse(self) -> Iterator[None]:
        """Count once there is a document."""
        yield
        document = self.execution_context.graphql_document
        named = self.execution_context._provided_operation_name
        if named is None and document is not None and _several(document):
            raise AmbiguousOperation(None)


def _several(document: DocumentNode) -> bool:
    return len(document.definitions) > 1 and sum(isinstance(each, OperationDefinitionNode) for each in document.definitions) > 1
