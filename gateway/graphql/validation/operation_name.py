"""Choosing: which operation of a document is executed; among several, one that is named."""

from collections.abc import Iterator

from graphql import DocumentNode, OperationDefinitionNode
from strawberry.extensions import SchemaExtension
from strawberry.schema.exceptions import CannotGetOperationTypeError

from telegraphql.gateway.errors import RequestError
from telegraphql.schema.strawberry_internals import requested_operation_name


class OperationNotFound(RequestError):
    """It cannot be said which operation is meant."""

    code = "OPERATION_RESOLUTION_FAILURE"


class AmbiguousOperation(CannotGetOperationTypeError):
    """Several operations, and none is named. Strawberry lets nothing else out of a hook where it streams."""

    def as_http_error_reason(self) -> str:
        """What to do."""
        return "the document holds several operations: name one in operationName"


class OperationNameExtension(SchemaExtension):
    """Strawberry would execute the first of several operations; GraphQL's specification refuses to guess."""

    def on_parse(self) -> Iterator[None]:
        """Count once there is a document."""
        yield
        document = self.execution_context.graphql_document
        if requested_operation_name(self.execution_context) is None and document is not None and _several(document):
            raise AmbiguousOperation(None)


def _several(document: DocumentNode) -> bool:
    return len(document.definitions) > 1 and sum(isinstance(each, OperationDefinitionNode) for each in document.definitions) > 1
