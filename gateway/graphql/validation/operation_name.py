"""The choice of the operation that is executed: a document with several operations needs an operationName."""

from collections.abc import Iterator

from graphql import DocumentNode, OperationDefinitionNode
from strawberry.extensions import SchemaExtension
from strawberry.schema.exceptions import CannotGetOperationTypeError

from telegraphql.gateway.errors import RequestError
from telegraphql.schema.strawberry_internals import requested_operation_name


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


class OperationNameExtension(SchemaExtension):
    """Refuses an ambiguous operation, as the GraphQL specification demands (section 6.1). Strawberry would execute the first."""

    def on_parse(self) -> Iterator[None]:
        """Check the parsed document."""
        yield
        document = self.execution_context.graphql_document
        name = requested_operation_name(self.execution_context)
        if name is None and document is not None and _has_several_operations(document):
            raise AmbiguousOperation(None)


def _has_several_operations(document: DocumentNode) -> bool:
    return len(document.definitions) > 1 and sum(isinstance(each, OperationDefinitionNode) for each in document.definitions) > 1
