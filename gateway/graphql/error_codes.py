"""Codes: errors that GraphQL's library found get the codes by which clients of other servers know them."""

from graphql import GraphQLError, GraphQLSyntaxError, VariableDefinitionNode
from strawberry.exceptions import MissingQueryError
from strawberry.schema.exceptions import CannotGetOperationTypeError, InvalidOperationTypeError

PARSE = "GRAPHQL_PARSE_FAILED"
VALIDATION = "GRAPHQL_VALIDATION_FAILED"
VARIABLES = "BAD_USER_INPUT"
# What Strawberry raises where an operation cannot be chosen, or not this way.
CODES_BY_EXCEPTION = {
    MissingQueryError: "BAD_REQUEST",
    CannotGetOperationTypeError: "OPERATION_RESOLUTION_FAILURE",
    InvalidOperationTypeError: "METHOD_NOT_ALLOWED",
}


def set_code(error: GraphQLError) -> None:
    """Say what kind of mistake an error is that nobody gave a code."""
    if error.extensions and "code" in error.extensions:
        return
    code = _code(error)
    if code is not None:
        error.extensions = {**(error.extensions or {}), "code": code}


def _code(error: GraphQLError) -> str | None:
    if isinstance(error, GraphQLSyntaxError):
        return PARSE
    choice = next((code for kind, code in CODES_BY_EXCEPTION.items() if isinstance(error.original_error, kind)), None)
    if choice is not None or error.path is not None:
        return choice
    return VARIABLES if _is_of_a_variable(error) else VALIDATION


def _is_of_a_variable(error: GraphQLError) -> bool:
    """Whether a variable's value does not fit; validation, which knows no values, only complains of unused ones at this place."""
    nodes = error.nodes or []
    return len(nodes) == 1 and isinstance(nodes[0], VariableDefinitionNode) and "is never used" not in error.message
