"""The choice of the operation that is executed: a document with several operations needs an operationName."""

from graphql import DocumentNode, OperationDefinitionNode
from strawberry.schema.exceptions import CannotGetOperationTypeError

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


def check_operation_name(document: DocumentNode, name: str | None) -> None:
    """Refuse an ambiguous operation, as the GraphQL specification demands (section 6.1). Strawberry would execute the first.

    Raises:
        AmbiguousOperation: The document has several operations, and the client named none.
    """
    if name is None and sum(isinstance(each, OperationDefinitionNode) for each in document.definitions) > 1:
        raise AmbiguousOperation(None)
