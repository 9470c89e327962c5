"""Refusing: what clients are told of a document that is larger than a limit allows."""

from collections.abc import Sequence
from dataclasses import dataclass

from graphql import GraphQLError

from telegraphql.gateway.errors import NoIntrospection, OverLimit
from telegraphql.gateway.graphql.validation.introspection import MOST_DEPTH
from telegraphql.gateway.graphql.validation.limits import Limits
from telegraphql.gateway.graphql.validation.size import DocumentSize

# Beyond this nobody wants the exact number; fragments within fragments grow to thousands of digits.
MOST_TOLD = 1_000_000_000
# As graphql-core's MaxIntrospectionDepthRule has it.
MOST_LISTS = 2


@dataclass(frozen=True, slots=True)
class SizeRule:
    """A size, the code of being too large, and what to say of it. The size is a limit's name as well."""

    size: str
    code: str
    words: str


RULES = (
    SizeRule("depth", "TOO_DEEP", "is {found} fields deep"),
    SizeRule("fields", "TOO_MANY_FIELDS", "has {found} fields and fragments"),
    SizeRule("duplicate_fields", "TOO_MANY_REPEATS", "repeats {found} fields or fragments in the same selection"),
    SizeRule("aliases", "TOO_MANY_ALIASES", "has {found} aliases"),
    SizeRule("directives", "TOO_MANY_DIRECTIVES", "has {found} directives"),
    SizeRule("directives_per_location", "TOO_MANY_DIRECTIVES", "has {found} directives at one place"),
    SizeRule("root_fields", "TOO_MANY_ROOT_FIELDS", "has {found} root fields"),
)


def size_errors(weights: Sequence[DocumentSize], limits: Limits) -> list[GraphQLError]:
    """An error for each limit that a definition is over, the heaviest alone."""
    errors = []
    for rule in RULES:
        limit: int = getattr(limits, rule.size)
        heaviest = max(weights, key=lambda each: getattr(each, rule.size), default=DocumentSize())
        if getattr(heaviest, rule.size) > limit:
            found = min(getattr(heaviest, rule.size), MOST_TOLD)
            what = rule.words.format(found=found)
            errors.append(_told(rule.code, f"this operation {what}, at most {limit} are allowed (limits.{rule.size})", limit, found))
    if any(each.introspection_depth > MOST_DEPTH for each in weights):
        message = f"this operation asks too deep into the schema, at most {MOST_DEPTH} fields are allowed"
        errors.append(_told("TOO_DEEP", message, MOST_DEPTH))
    return errors


def cost_errors(cost: int, limits: Limits) -> list[GraphQLError]:
    """The error of an operation that costs too much, if it does."""
    if cost <= limits.cost:
        return []
    message = f"this operation costs {min(cost, MOST_TOLD)} records, at most {limits.cost} are allowed (limits.cost); ask for smaller pages"
    return [_told("TOO_EXPENSIVE", message, limits.cost, min(cost, MOST_TOLD))]


def token_error(limits: Limits) -> GraphQLError:
    """The error of a document that is longer than the parser reads."""
    return _told(
        "TOO_MANY_TOKENS", f"this document has more tokens than the {limits.tokens} that are allowed (limits.tokens)", limits.tokens
    )


def nesting_error(limits: Limits) -> GraphQLError:
    """The error of a document that is too deep to be looked through."""
    return _told("TOO_DEEP", f"this document is nested too deep, at most {limits.depth} fields are allowed (limits.depth)", limits.depth)


def with_depth_code(error: GraphQLError) -> GraphQLError:
    """An error of validation, with a code where it is a limit of the library's own."""
    if error.message == "Maximum introspection depth exceeded":
        error.extensions = {"code": "TOO_DEEP", "limit": MOST_LISTS}
        error.message = f"this operation follows the schema's lists more than {MOST_LISTS} times, from types to fields and on to types"
    return error


def introspection_error() -> GraphQLError:
    """The error of asking for the schema."""
    refusal = NoIntrospection("the schema is not told here (limits.introspection)")
    return GraphQLError(str(refusal), original_error=refusal)


def _told(code: str, message: str, limit: int, found: int | None = None) -> GraphQLError:
    refusal = OverLimit(message, reason=code, limit=limit, found=found)
    return GraphQLError(message, original_error=refusal)
