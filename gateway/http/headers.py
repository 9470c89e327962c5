"""Headers: those of a request, by name, put together once for all who look."""

from collections.abc import Mapping

from starlette.types import Scope

KEPT = "telegraphql.headers"


def headers(scope: Scope) -> Mapping[bytes, bytes]:
    """The headers by their names in small letters; of several under one name the first."""
    found: Mapping[bytes, bytes] | None = scope.get(KEPT)
    if found is None:
        found = scope[KEPT] = dict(reversed(list(scope["headers"])))
    return found


def header(scope: Scope, name: bytes) -> str:
    """One header as text; "" where it is missing."""
    return headers(scope).get(name, b"").decode("latin-1")
