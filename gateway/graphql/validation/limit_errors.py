"""Errors of documents that exceed a limit."""

import re
from collections.abc import Sequence
from dataclasses import dataclass

from graphql import GraphQLError, GraphQLSyntaxError

from telegraphql.gateway.errors import NoIntrospection, OverLimit
from telegraphql.gateway.graphql.validation.document_size import DocumentSize
from telegraphql.gateway.graphql.validation.introspection import MAX_INTROSPECTION_DEPTH
from telegraphql.gateway.graphql.validation.limits import Limits

# Sizes are reported up to here: those of nested fragments can have thousands of digits.
MAX_REPORTED = 1_000_000_000
# As in graphql-core's MaxIntrospectionDepthRule.
MAX_INTROSPECTION_LISTS = 2
# The messages of graphql-core's parser.
TOO_MANY_TOKENS = re.compile(r"more than \d+ tokens")
TOO_DEEP = "nested too deeply"


@dataclass(frozen=True, slots=True)
class SizeRule:
    """A size, the error code of exceeding it, and its description. `size` names an attribute of DocumentSize and of Limits."""

    size: str
    code: str
    description: str


RULES = (
    SizeRule("depth", "TOO_DEEP", "is {requested} fields deep"),
    SizeRule("fields", "TOO_MANY_FIELDS", "has {requested} fields and fragments"),
    SizeRule("duplicate_fields", "TOO_MANY_REPEATS", "repeats {requested} fields or fragments in one selection set"),
    SizeRule("aliases", "TOO_MANY_ALIASES", "has {requested} aliases"),
    SizeRule("directives", "TOO_MANY_DIRECTIVES", "has {requested} directives"),
    SizeRule("directives_per_location", "TOO_MANY_DIRECTIVES", "has {requested} directives at one location"),
    SizeRule("root_fields", "TOO_MANY_ROOT_FIELDS", "has {requested} root fields"),
)


def size_errors(sizes: Sequence[DocumentSize], limits: Limits) -> list[GraphQLError]:
    """Return an error for each limit that a definition exceeds, for the largest definition."""
    errors = []
    for rule in RULES:
        limit: int = getattr(limits, rule.size)
        largest = max((getattr(each, rule.size) for each in sizes), default=0)
        if largest > limit:
            requested = min(largest, MAX_REPORTED)
            description = rule.description.format(requested=requested)
            errors.append(
                _error(rule.code, f"this operation {description}; at most {limit} are allowed (limits.{rule.size})", limit, requested)
            )
    if any(each.introspection_depth > MAX_INTROSPECTION_DEPTH for each in sizes):
        message = f"this operation's introspection is too deep; at most {MAX_INTROSPECTION_DEPTH} fields are allowed"
        errors.append(_error("TOO_DEEP", message, MAX_INTROSPECTION_DEPTH))
    return errors


def cost_error(cost: int, limits: Limits) -> GraphQLError:
    """Return the error of an operation whose cost exceeds the limit."""
    requested = min(cost, MAX_REPORTED)
    message = f"this operation costs {requested} records; at most {limits.cost} are allowed (limits.cost); request smaller pages"
    return _error("TOO_EXPENSIVE", message, limits.cost, requested)


def token_error(limits: Limits) -> GraphQLError:
    """Return the error of a document with too many tokens."""
    return _error("TOO_MANY_TOKENS", f"this document has more than the {limits.tokens} allowed tokens (limits.tokens)", limits.tokens)


def nesting_error(limits: Limits) -> GraphQLError:
    """Return the error of a document that is nested too deeply to be parsed or measured."""
    return _error("TOO_DEEP", f"this document is nested too deeply; at most {limits.depth} fields are allowed (limits.depth)", limits.depth)


def with_depth_code(error: GraphQLError) -> GraphQLError:
    """Return a validation error, with a code if it is that of graphql-core's own limit of introspection."""
    if error.message == "Maximum introspection depth exceeded":
        error.extensions = {"code": "TOO_DEEP", "limit": MAX_INTROSPECTION_LISTS}
        error.message = f"this operation follows lists of the schema, such as types and fields, more than {MAX_INTROSPECTION_LISTS} times"
    return error


def introspection_error() -> GraphQLError:
    """Return the error of using introspection without permission."""
    refusal = NoIntrospection("introspection is not allowed for this caller (limits.introspection)")
    return GraphQLError(str(refusal), original_error=refusal)


def replace_parser_error(error: GraphQLError, limits: Limits) -> None:
    """Replace the parser's error about a limit by the gateway's, with a code."""
    if isinstance(error, GraphQLSyntaxError) and TOO_MANY_TOKENS.search(error.message):
        replacement = token_error(limits)
    elif isinstance(error.original_error, RecursionError) or (isinstance(error, GraphQLSyntaxError) and TOO_DEEP in error.message):
        replacement = nesting_error(limits)
    else:
        return
    error.message, error.extensions, error.original_error = replacement.message, replacement.extensions, replacement.original_error


def _error(code: str, message: str, limit: int, requested: int | None = None) -> GraphQLError:
    refusal = OverLimit(message, reason=code, limit=limit, found=requested)
    return GraphQLError(message, original_error=refusal)
