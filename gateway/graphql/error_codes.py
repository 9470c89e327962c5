"""Error codes of graphql-core's and Strawberry's errors: those of Apollo Server, which many clients know."""

from graphql import GraphQLError, GraphQLSyntaxError, VariableDefinitionNode
from strawberry.exceptions import MissingQueryError
from strawberry.schema.exceptions import CannotGetOperationTypeError, InvalidOperationTypeError

PARSE = "GRAPHQL_PARSE_FAILED"
VALIDATION = "GRAPHQL_VALIDATION_FAILED"
VARIABLES = "BAD_USER_INPUT"
# Strawberry's exceptions about the operation, and their codes.
CODES_BY_EXCEPTION = {
    MissingQueryError: "BAD_REQUEST",
    CannotGetOperationTypeError: "OPERATION_RESOLUTION_FAILURE",
    InvalidOperationTypeError: "METHOD_NOT_ALLOWED",
}
MAX_MESSAGE = 1000
# How much of it is kept of the end, where graphql-core says what is wrong with a name.
MESSAGE_END = 200


def set_code(error: GraphQLError) -> None:
    """Set the code of an error that has none. Errors during execution get no code here."""
    if error.extensions and "code" in error.extensions:
        return
    code = _code(error)
    if code is not None:
        error.extensions = {**(error.extensions or {}), "code": code}


def _code(error: GraphQLError) -> str | None:
    if isinstance(error, GraphQLSyntaxError):
        return PARSE
    code = next((code for kind, code in CODES_BY_EXCEPTION.items() if isinstance(error.original_error, kind)), None)
    if code is not None or error.path is not None:
        return code
    return VARIABLES if _is_about_variable(error) else VALIDATION


def _is_about_variable(error: GraphQLError) -> bool:
    """Return True if the value of a variable is wrong. Validation errors at a variable's definition are only about unused ones."""
    nodes = error.nodes or []
    return len(nodes) == 1 and isinstance(nodes[0], VariableDefinitionNode) and "is never used" not in error.message


def shortened(message: str) -> str:
    """Return a message in at most 1000 characters, without its middle: it may repeat a whole name or value of the client."""
    if len(message) <= MAX_MESSAGE:
        return message
    return f"{message[: MAX_MESSAGE - MESSAGE_END - 1]}…{message[-MESSAGE_END:]}"
