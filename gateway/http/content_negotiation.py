"""Accepting: the media type that a client likes best of those we can give (RFC 9110, section 12.5.1)."""

from collections.abc import Sequence
from contextlib import suppress
from functools import lru_cache

JSON = "application/json"
GRAPHQL = "application/graphql-response+json"
EVENT_STREAM = "text/event-stream"
HTML = "text/html"
ANYTHING = ("*/*", 1.0)
LONGEST = 200


def negotiate(accept: str | None, offers: tuple[str, ...]) -> str | None:
    """The best of our offers, which stand in the order in which we like them; None where the client takes none of them."""
    # Clients of one kind always send the same; what is longer than they send is not worth remembering.
    return (_remembered if len(accept or "") <= LONGEST else _preferred)(accept, offers)


def _preferred(accept: str | None, offers: tuple[str, ...]) -> str | None:
    ranges = _ranges(accept) if accept else [ANYTHING]
    ranked = [(rank, -place, offer) for place, offer in enumerate(offers) if (rank := _rank(offer, ranges)) is not None]
    return max(ranked)[-1] if ranked else None


_remembered = lru_cache(maxsize=256)(_preferred)


def accepts_explicitly(accept: str | None, offer: str) -> bool:
    """Whether a client takes a media type by its own name, not only as one of any."""
    rank = _rank(offer, _ranges(accept or ""))
    return rank is not None and rank[1] == 2


def _ranges(accept: str) -> list[tuple[str, float]]:
    """Each media range with its quality, in the order in which they stand."""
    found = []
    for part in accept.split(","):
        name, *parameters = (piece.strip() for piece in part.split(";"))
        quality = 1.0
        for parameter in parameters:
            if parameter[:2].lower() == "q=":
                with suppress(ValueError):
                    quality = float(parameter[2:])
        found.append((name.lower(), quality))
    return found


def _rank(offer: str, ranges: Sequence[tuple[str, float]]) -> tuple[float, int, int] | None:
    """How much an offer is liked: by quality, then by how exactly it is named, then by who is named first."""
    group = offer.partition("/")[0] + "/*"
    best: tuple[int, int, float] | None = None
    for place, (name, quality) in enumerate(ranges):
        exactness = 2 if name == offer else 1 if name == group else 0 if name == "*/*" else -1
        if exactness >= 0 and (best is None or exactness > best[0]):
            best = exactness, -place, quality
    if best is None or not best[2] > 0:
        return None
    return best[2], best[0], best[1]
