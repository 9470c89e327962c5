"""Introspection: who may use it, and error messages without suggestions for those who may not."""

import re

from telegraphql.gateway.auth.caller import LOCAL, Caller, Scope
from telegraphql.gateway.graphql.validation.limits import Limits

# GraphiQL's introspection query has 16: nine times ofType below an argument's type.
MAX_INTROSPECTION_DEPTH = 25
# As graphql-core's did_you_mean writes it. The value of a variable may follow.
SUGGESTION = re.compile(r" Did you mean [^?]*\?")


def is_introspection_allowed(limits: Limits, production: bool, caller: Caller) -> bool:
    """Return True if a caller may use introspection. In production this takes an authenticated caller with the scope admin."""
    if limits.introspection is not None:
        return limits.introspection
    return not production or (caller is not LOCAL and Scope.ADMIN in caller.scopes)


def remove_suggestion(message: str) -> str:
    """Return an error message without the names of the schema that it suggests."""
    return SUGGESTION.sub("", message)
