"""Legs: records that have their place in time, and how the first ones of many are chosen while little is held in memory."""

from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from heapq import nlargest, nsmallest
from typing import NamedTuple
from zoneinfo import ZoneInfo

import msgspec

from telegraphql.plugin import still_wanted
from telegraphql.plugins.asterisk import local_time, wire
from telegraphql.plugins.asterisk.wire import AsteriskCdr

# Of those in one answer that are named.
MOST_COMPLAINTS = 20


class PlacedCdr(msgspec.Struct, frozen=True):
    """A record, and where it stands."""

    at: datetime
    id: str
    cdr: AsteriskCdr


@dataclass(slots=True)
class Found:
    """Legs in order, and what could not be read, in words that name it."""

    legs: list[PlacedCdr] = field(default_factory=list)
    complaints: list[str] = field(default_factory=list)


class Piece(NamedTuple):
    """A part of the records: no leg of it stands before `earliest` or after `latest`. `read` reads those that are wanted."""

    earliest: datetime
    latest: datetime
    read: Callable[[], Found]


@dataclass(frozen=True, slots=True, kw_only=True)
class CdrQuery:
    """Legs between two moments, both included: the first `most` of them, from the end that is named, or all."""

    since: datetime | None = None
    until: datetime | None = None
    newest: bool = True
    most: int | None = None
    keep: Callable[[AsteriskCdr], bool] = lambda cdr: True
    # What a database can do of `keep` by itself: both ends of columns with lengths, and the dispositions; None: any.
    lengths: Mapping[str, tuple[int, int]] = field(default_factory=dict)
    words: Collection[str] | None = None

    def wants(self, leg: PlacedCdr) -> bool:
        """Return True if a leg is one of them."""
        return (self.since is None or leg.at >= self.since) and (self.until is None or leg.at <= self.until) and self.keep(leg.cdr)


def leg(cdr: AsteriskCdr, zone: ZoneInfo) -> PlacedCdr:
    """Return a record with its place; ValueError where it has no time."""
    try:
        return PlacedCdr(local_time.moment(cdr.start, zone, opened(cdr.uniqueid)), native_id(cdr), cdr)
    except ValueError:
        raise ValueError("`start` is missing or wrong") from None


def native_id(cdr: AsteriskCdr) -> str:
    """Return what no other record has. It begins with the wall time, by which the record is found again in files without an index."""
    digits = "".join(letter for letter in cdr.start[:19] if letter.isdecimal())
    return f"{digits}/{cdr.uniqueid}/{cdr.mark}"


def started(native: str) -> str | None:
    """Return the wall time in a native id; None where somebody made it up."""
    digits, one, rest = native.partition("/")
    if len(digits) != 14 or not (digits.isascii() and digits.isdecimal()) or not one or "/" not in rest:
        return None
    return f"{digits[:4]}-{digits[4:6]}-{digits[6:8]} {digits[8:10]}:{digits[10:12]}:{digits[12:]}"


def opened(uniqueid: str) -> datetime | None:
    """Return when the channel with this id was made; None where it does not tell."""
    if not wire.is_uniqueid(uniqueid):
        return None
    return datetime.fromtimestamp(int(uniqueid.rpartition("-")[2].partition(".")[0]), UTC)


def first_of(pieces: Iterable[Piece], wish: CdrQuery) -> Found:
    """Return the legs that are wanted, out of pieces that come from the wanted end: no more is read and held than that takes."""
    best: dict[str, PlacedCdr] = {}
    complaints: list[str] = []
    for piece in pieces:
        still_wanted()
        if wish.most is not None and len(best) >= wish.most and _is_beyond(piece, list(best.values())[-1], wish.newest):
            break
        found = piece.read()
        complaints += found.complaints[: MOST_COMPLAINTS + 1 - len(complaints)]
        best |= {each.id: each for each in found.legs if wish.wants(each)}
        best = {each.id: each for each in _sorted(best.values(), wish)}
    return Found(list(best.values()), complaints)


def _is_beyond(piece: Piece, last: PlacedCdr, newest: bool) -> bool:
    return piece.latest < last.at if newest else piece.earliest > last.at


def _sorted(legs: Iterable[PlacedCdr], wish: CdrQuery) -> list[PlacedCdr]:
    if wish.most is None:
        return sorted(legs, key=_place, reverse=wish.newest)
    return (nlargest if wish.newest else nsmallest)(wish.most, legs, key=_place)


def _place(leg: PlacedCdr) -> tuple[datetime, str]:
    return leg.at, leg.id
