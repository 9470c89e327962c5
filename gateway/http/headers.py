"""Request headers by name, parsed once per request."""

from collections.abc import Mapping

from starlette.types import Scope

KEY = "telegraphql.headers"


def headers(scope: Scope) -> Mapping[bytes, bytes]:
    """Return the request's headers by lower-case name. Of several with one name, the first counts."""
    found: Mapping[bytes, bytes] | None = scope.get(KEY)
    if found is None:
        found = scope[KEY] = dict(reversed(list(scope["headers"])))
    return found


def header(scope: Scope, name: bytes) -> str:
    """Return one header as text, or "" if it is missing."""
    return headers(scope).get(name, b"").decode("latin-1")
