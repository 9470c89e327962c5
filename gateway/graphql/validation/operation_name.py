"""The choice of the operation that is executed: a document with several operations needs an operationName."""

from collections.abc import Iterator

from graphql import DocumentNode, OperationDefinitionNode
from strawberry.extensions import SchemaExtension
from strawberry.schema.exceptions import CannotGetOperationTypeError
from strawberry.types import ExecutionContext
from strawberry.types.graphql import OperationType

from telegraphql.gateway.errors import RequestError


class OperationNotFound(RequestError):
    """The document has no operation of this name, or several and none is named."""

    code = "OPERATION_RESOLUTION_FAILURE"


class AmbiguousOperation(CannotGetOperationTypeError):
    """The document has several operations and none is named.

    It is one of Strawberry's exceptions, since in a stream Strawberry lets no other exception out of a hook.
    """

    def as_http_error_reason(self) -> str:
        """Return the error message."""
        return "operationName is required: the document has several operations"


class OperationContext(ExecutionContext):
    """The operation in execution. Strawberry would search the document on each access to its type."""

    _first: OperationDefinitionNode | None = None
    _type: OperationType | None = None

    def _get_first_operation(self) -> OperationDefinitionNode | None:
        self._first = self._first or super()._get_first_operation()
        return self._first

    @property
    def operation_type(self) -> OperationType:
        """Return the type of the operation.

        Raises:
            RuntimeError: The document is not parsed yet.
        """
        self._type = self._type or super().operation_type
        return self._type


class OperationNameExtension(SchemaExtension):
    """Refuses an ambiguous operation, as the GraphQL specification demands (section 6.1). Strawberry would execute the first."""

    def on_parse(self) -> Iterator[None]:
        """Check the parsed document."""
        yield
        document = self.execution_context.graphql_document
        name = self.execution_context._provided_operation_name
        if name is None and document is not None and _has_several_operations(document):
            raise AmbiguousOperation(None)


def _has_several_operations(document: DocumentNode) -> bool:
    return len(document.definitions) > 1 and sum(isinstance(each, OperationDefinitionNode) for each in document.definitions) > 1
