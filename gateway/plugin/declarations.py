"""Declarations: what a plugin can say of its methods - page styles, push-down, joins - and how the engine keeps it."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from enum import Enum

from telegraphql.schema.record import Record

LONG_AGO = datetime(2000, 1, 1, tzinfo=UTC)


class Push(Enum):
    """How well the upstream applies a filter: the engine applies it again in any case, but only EXACT ones can be counted."""

    EXACT = "EXACT"
    SUPERSET = "SUPERSET"


@dataclass(frozen=True, slots=True)
class Keyset:
    """The upstream sorts by time and takes time bounds. Each slice goes on from the last one's time; `offset` only inside a tie."""

    most: int
    most_offset: int | None = None


@dataclass(frozen=True, slots=True)
class Windows:
    """The upstream neither sorts nor pages: it is read in time windows whose width follows the density of records."""

    start: timedelta = timedelta(days=1)
    floor: datetime = LONG_AGO


@dataclass(frozen=True, slots=True)
class Whole:
    """A small collection, read by offset to its end and sorted by the engine."""

    most: int


@dataclass(frozen=True, slots=True)
class TimeWindowJoin:
    """This listing also finds the children of many parents: one request over the parents' window, joined by `refs`.

    The window runs from the earliest parent's start less `before` to the latest parent's end plus `after`."""

    before: timedelta = timedelta(minutes=1)
    after: timedelta = timedelta(minutes=5)


@dataclass(frozen=True, slots=True, kw_only=True)
class Listing:
    """The declaration of a `lists` method."""

    kind: type[Record]
    method: str = ""
    pages: Keyset | Windows | Whole
    filters: Mapping[str, Push]
    counts: bool
    tick: timedelta
    position_time: bool
    detail: frozenset[str]
    joins: Mapping[str, TimeWindowJoin]


@dataclass(frozen=True, slots=True, kw_only=True)
class Getting:
    """The declaration of a `gets` method."""

    kind: type[Record]
    method: str = ""
    by: str
    at_most: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Deriving:
    """The declaration of a `derives` method."""

    kind: type[Record]
    method: str = ""
    of: type[Record]
    by: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Command:
    """The declaration of a `does` method."""

    name: str
    method: str = ""
    kind: type[Record] | None
    at_most: int
    idempotent: bool
    reads: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class FileField:
    """The declaration of a `files` method: a field such as "Recording.media"."""

    field: str
    method: str = ""
