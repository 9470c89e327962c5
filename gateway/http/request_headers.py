"""Request headers: by name, and the media type that a client prefers among those offered (RFC 9110, section 12.5.1)."""

from collections.abc import Mapping, Sequence
from contextlib import suppress
from functools import lru_cache

from starlette.types import Scope

HEADERS = "telegraphql.headers"
JSON = "application/json"
GRAPHQL = "application/graphql-response+json"
EVENT_STREAM = "text/event-stream"
HTML = "text/html"
ANYTHING = ("*/*", 1.0)
MAX_CACHED_LENGTH = 200


def headers(scope: Scope) -> Mapping[bytes, bytes]:
    """Return the request's headers by lower-case name, parsed once per request. Of several with one name, the first counts."""
    found: Mapping[bytes, bytes] | None = scope.get(HEADERS)
    if found is None:
        found = scope[HEADERS] = dict(reversed(scope["headers"]))
    return found


def header(scope: Scope, name: bytes) -> str:
    """Return one header as text, or "" if it is missing."""
    return headers(scope).get(name, b"").decode("latin-1")


def negotiate(accept: str | None, offers: tuple[str, ...]) -> str | None:
    """Return the best offer for an Accept header, or None if the client accepts none. Offers come in the server's order of preference."""
    # Each client sends one and the same header. Longer headers than usual are not cached.
    return (_cached if len(accept or "") <= MAX_CACHED_LENGTH else _negotiate)(accept, offers)


def _negotiate(accept: str | None, offers: tuple[str, ...]) -> str | None:
    ranges = _parse(accept) if accept else [ANYTHING]
    ranked = [(rank, -index, offer) for index, offer in enumerate(offers) if (rank := _rank(offer, ranges)) is not None]
    return max(ranked)[-1] if ranked else None


_cached = lru_cache(maxsize=256)(_negotiate)


def accepts_explicitly(accept: str | None, offer: str) -> bool:
    """Return True if an Accept header names a media type itself, not only by a wildcard."""
    rank = _rank(offer, _parse(accept or ""))
    return rank is not None and rank[1] == 2


def _parse(accept: str) -> list[tuple[str, float]]:
    """Return each media range with its quality, in the order of the header."""
    ranges = []
    for part in accept.split(","):
        name, *parameters = (piece.strip() for piece in part.split(";"))
        quality = 1.0
        for parameter in parameters:
            if parameter[:2].lower() == "q=":
                with suppress(ValueError):
                    quality = float(parameter[2:])
        ranges.append((name.lower(), quality))
    return ranges


def _rank(offer: str, ranges: Sequence[tuple[str, float]]) -> tuple[float, int, int] | None:
    """Return the rank of an offer: by quality, then by exactness of the range, then by the order of the header."""
    group = offer.partition("/")[0] + "/*"
    best: tuple[int, int, float] | None = None
    for index, (name, quality) in enumerate(ranges):
        exactness = 2 if name == offer else 1 if name == group else 0 if name == "*/*" else -1
        if exactness >= 0 and (best is None or exactness > best[0]):
            best = exactness, -index, quality
    if best is None or not best[2] > 0:
        return None
    return best[2], best[0], best[1]
