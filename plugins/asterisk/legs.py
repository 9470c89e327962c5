"""Legs: call records that have their place in time."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import msgspec

from telegraphql.plugins.asterisk import local_time, wire
from telegraphql.plugins.asterisk.selecting import PlacedQuery
from telegraphql.plugins.asterisk.wire import AsteriskCdr


class Transfer(msgspec.Struct, frozen=True):
    """The way in which a leg came to be: the kind of transfer, in Asterisk's words, and the number that transferred it."""

    kind: str
    by: str | None


class PlacedCdr(msgspec.Struct, frozen=True):
    """A record, and where it stands."""

    at: datetime
    id: str
    cdr: AsteriskCdr
    transfer: Transfer | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class CdrQuery(PlacedQuery[PlacedCdr]):
    """Records between two moments.

    `lengths` and `words` are what a database can do of `keep` by itself: both ends of columns with lengths, and dispositions; None: any.
    """

    lengths: Mapping[str, tuple[int, int]] = field(default_factory=dict)
    words: Collection[str] | None = None


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
