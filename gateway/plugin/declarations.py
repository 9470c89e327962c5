"""Declarations of a plugin's methods: page styles, pushed-down filters, joins, commands and files."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from enum import Enum
from typing import TypeAlias

from telegraphql.schema.enums import TimeOrder
from telegraphql.schema.record import Record

LONG_AGO = datetime(2000, 1, 1, tzinfo=UTC)


class Push(Enum):
    """The precision with which the upstream applies a filter.

    The gateway applies every filter again. Only results of EXACT filters can be counted by the upstream.
    """

    EXACT = "EXACT"
    SUPERSET = "SUPERSET"


@dataclass(frozen=True, slots=True)
class Keyset:
    """The upstream sorts by time and accepts time bounds.

    Each slice continues from the last record's time. `offset` is only used among records with the same time. `most` is the largest page
    size, `most_offset` the largest offset that the upstream accepts; None if there is no limit.
    """

    most: int
    most_offset: int | None = None


@dataclass(frozen=True, slots=True)
class Links:
    """The upstream sends its records in one order only, and with each page the address, token or number of the next: `Page.next`.

    The other order is read in time windows.

    Attributes:
        most: the largest page size.
        order: the order in which the upstream sends.
        span: the longest time by which a record may be out of order, as in a list by the ends of calls.
        granularity: to how much the upstream rounds time bounds, such as a day; None if it cannot bound the end at which it begins.
        start: the width of the first window of the other order.
        floor: nothing older is read in windows.
    """

    most: int
    order: TimeOrder = TimeOrder.NEWEST_FIRST
    span: timedelta = timedelta(0)
    granularity: timedelta | None = timedelta(seconds=1)
    start: timedelta = timedelta(days=1)
    floor: datetime = LONG_AGO


@dataclass(frozen=True, slots=True)
class Windows:
    """The upstream neither sorts nor pages.

    It is read in time windows whose width follows the density of records. `start` is the width of the first window; nothing older than
    `floor` is read. The settings `first_window` and `history_start` of an account go before both. `most` is the largest number of rows of
    an answer: a window with so many is read again in narrower ones.
    """

    most: int | None = None
    start: timedelta = timedelta(days=1)
    floor: datetime = LONG_AGO


@dataclass(frozen=True, slots=True)
class Whole:
    """A small collection, read by offset to its end and sorted by the gateway. `most` is the largest page size."""

    most: int


PageStyle: TypeAlias = Keyset | Links | Windows | Whole


@dataclass(frozen=True, slots=True)
class TimeWindowJoin:
    """The listing also finds the children of many parents: one request over the parents' time window, joined by `refs`.

    The window runs from the earliest parent's start minus `before` to the latest parent's end plus `after`.
    """

    before: timedelta = timedelta(minutes=1)
    after: timedelta = timedelta(minutes=5)


@dataclass(frozen=True, slots=True, kw_only=True)
class Listing:
    """The declaration of a `@lists` method."""

    kind: type[Record]
    method: str = ""
    pages: PageStyle
    filters: Mapping[str, Push]
    counts: bool
    time_resolution: timedelta
    position_time: bool
    detail: frozenset[str]
    joins: Mapping[str, TimeWindowJoin]


@dataclass(frozen=True, slots=True, kw_only=True)
class Getter:
    """The declaration of a `@gets` method."""

    kind: type[Record]
    method: str = ""
    by: str
    at_most: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Derivation:
    """The declaration of a `@derives` method."""

    kind: type[Record]
    method: str = ""
    of: type[Record]
    by: str
    fills: Sequence[str] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class CommandDeclaration:
    """The declaration of a `@command` method."""

    name: str
    method: str = ""
    kind: type[Record] | None
    at_most: int
    idempotent: bool
    reads: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class FileDeclaration:
    """The declaration of a `@files` method. `field` is such as "Recording.media"."""

    field: str
    method: str = ""
