"""Selecting: how the first ones of many that have their place in time are chosen, while little is held in memory."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import datetime
from heapq import nlargest, nsmallest
from typing import Generic, NamedTuple, Protocol, TypeVar

from telegraphql.plugin import still_wanted

# Of those in one answer that are named.
MOST_COMPLAINTS = 20


class Placed(Protocol):
    """A thing with a place in time."""

    @property
    def at(self) -> datetime:
        """The moment at which it stands."""

    @property
    def id(self) -> str:
        """The text that tells it from others of the same moment."""


P = TypeVar("P", bound=Placed)


@dataclass(slots=True)
class Found(Generic[P]):
    """Things in order, and complaints that name what could not be read."""

    placed: list[P] = field(default_factory=list)
    complaints: list[str] = field(default_factory=list)


class Piece(NamedTuple, Generic[P]):
    """A part of what is kept: nothing in it stands before `earliest` or after `latest`. `read` reads what may be wanted."""

    earliest: datetime
    latest: datetime
    read: Callable[[], Found[P]]


@dataclass(frozen=True, slots=True, kw_only=True)
class PlacedQuery(Generic[P]):
    """A wish for things between two moments, both included: the first `most`, from the end that is named, or all."""

    since: datetime | None = None
    until: datetime | None = None
    newest: bool = True
    most: int | None = None
    keep: Callable[[P], bool] = lambda one: True

    def wants(self, one: P) -> bool:
        """Return True if it is wanted."""
        return (self.since is None or one.at >= self.since) and (self.until is None or one.at <= self.until) and self.keep(one)


def first_of(pieces: Iterable[Piece[P]], query: PlacedQuery[P]) -> Found[P]:
    """Return what is wanted, out of pieces that come from the wanted end: no more is read and held than that takes."""
    best: dict[str, P] = {}
    complaints: list[str] = []
    for piece in pieces:
        still_wanted()
        if query.most is not None and len(best) >= query.most and _is_beyond(piece, list(best.values())[-1], query.newest):
            break
        found = piece.read()
        complaints += found.complaints[: MOST_COMPLAINTS + 1 - len(complaints)]
        best |= {each.id: each for each in found.placed if query.wants(each)}
        best = {each.id: each for each in _sorted(best.values(), query)}
    return Found(list(best.values()), complaints)


def _is_beyond(piece: Piece[P], last: P, newest: bool) -> bool:
    return piece.latest < last.at if newest else piece.earliest > last.at


def _sorted(placed: Iterable[P], query: PlacedQuery[P]) -> list[P]:
    if query.most is None:
        return sorted(placed, key=_place, reverse=query.newest)
    return (nlargest if query.newest else nsmallest)(query.most, placed, key=_place)


def _place(one: Placed) -> tuple[datetime, str]:
    return one.at, one.id
