"""Introspection: who may ask for the schema, and how errors read for those who may not."""

import re

from telegraphql.gateway.auth.caller import LOCAL, Caller, Scope
from telegraphql.gateway.graphql.validation.limits import Limits

# GraphiQL's own query has 16: nine times ofType below a field's argument.
MOST_DEPTH = 25
# As graphql-core's did_you_mean writes it; what a variable holds may stand behind it.
SUGGESTION = re.compile(r" Did you mean [^?]*\?")


def is_introspection_allowed(limits: Limits, production: bool, caller: Caller) -> bool:
    """Whether a caller may ask for the schema. In production an administrator is one who said who they are."""
    if limits.introspection is not None:
        return limits.introspection
    return not production or (caller is not LOCAL and Scope.ADMIN in caller.scopes)


def remove_suggestion(message: str) -> str:
    """A message without the names that the document may have meant."""
    return SUGGESTION.sub("", message)
