"""Slice: the records of one upstream answer as a stream takes them, and how the rows of a page become one."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from telegraphql.gateway.pagination.cursor import TICK, micros
from telegraphql.gateway.pagination.page_order import OrderedPage, UniqueIds, in_order, ordered
from telegraphql.gateway.plugin.provider import ListRequest, Page
from telegraphql.gateway.plugin.rows import Rows
from telegraphql.schema.filters import TimeRange
from telegraphql.schema.paging import Problem

REPEATS = "sends the same page again and again"


@dataclass(frozen=True, slots=True)
class Slice:
    """Records of one upstream answer.

    Everything beyond `frontier` (later when walking back in time, earlier when walking on) has now been delivered; None means everything
    has.
    """

    records: Any
    frontier: datetime | None
    problems: list[Problem]
    # The times of the records, if these are in order.
    times: Sequence[datetime] = ()
    # True if more of the same answer follows, for which no request is needed.
    part: bool = False
    # The ids of records that came before their place.
    displaced: frozenset[str] = frozenset()


def arranged(page: Page, request: ListRequest, *, must_reach: bool) -> OrderedPage:
    """Return the records of a page in order, each id once."""
    rows = page.records if isinstance(page.records, Rows) else None
    records = list(page.records) if rows is None else rows.all()
    is_unique = len({record.native_id for record in records}) == len(records)
    unique, repeated = (records, []) if is_unique else UniqueIds().keep(records)
    found = ordered(unique, request.newest_first, request.since, request.until, must_reach=must_reach)
    found.problems = [*page.problems, *(() if rows is None else rows.news()), *repeated, *found.problems]
    return found


def last_slice(page: Page, request: ListRequest, problems: list[Problem]) -> Slice:
    """Return the last slice of a list."""
    found = arranged(page, request, must_reach=False)
    return Slice(found.records, None, problems + found.problems, displaced=found.displaced)


def times_in_order(rows: Rows, newest: bool) -> list[datetime] | None:
    """Return the times of rows that are not read yet; None if they are not in order."""
    times = rows.times()
    return times if times and in_order(times, newest) else None


def shifted(moment: datetime | None, by: timedelta) -> datetime | None:
    """Return a moment moved by a length; None stays None."""
    return None if moment is None else clamped(moment, by)


def clamped(moment: datetime, by: timedelta) -> datetime:
    """Return a moment moved by a length, unless that leaves the calendar."""
    try:
        return moment + by
    except OverflowError:
        return moment


def ends(wanted: TimeRange | None) -> tuple[datetime | None, datetime | None]:
    """Return the bounds of a range, each None where it is open."""
    if wanted is None:
        return None, None
    return wanted.since or None, wanted.until or None


def inclusive(wanted: TimeRange | None, tick: timedelta) -> tuple[datetime | None, datetime | None]:
    """Return the half-open range as inclusive bounds on a clock of this tick."""
    since, until = ends(wanted)
    return (_up(since, tick) if since else None), (_up(until, tick) - tick if until else None)


def _up(at: datetime, tick: timedelta) -> datetime:
    rest = micros(at) % (tick // TICK)
    return at if not rest else at - timedelta(microseconds=rest) + tick
