"""Page order: rows that are out of place on a page are put in order; those that belong to no place of it become problems."""

from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from operator import ge, le
from typing import Any

from telegraphql.gateway.errors import BadData, Malformed
from telegraphql.gateway.pagination.cursor import micros, time_of
from telegraphql.gateway.plugin.row_view import kind_of
from telegraphql.schema.paging import Problem
from telegraphql.schema.record import global_id

# An upstream may read its bounds by the day, in any zone: up to there, more than asked is no fault where it comes in order.
SLACK = timedelta(days=2)
# Rows that are out of order stand a little beside their place. Those that stand farther away than a page is wide have a wrong time.
LEAST_WIDTH = timedelta(minutes=1)
# The records of a list have no gap so long: what comes behind one on a page has a wrong time.
LONGEST_GAP = timedelta(days=365)
LONGEST_ID = 64


@dataclass(slots=True)
class OrderedPage:
    """The records of a page in order, with their times. Everything before `reached` was delivered, as far as the order can tell."""

    records: list[Any]
    times: Sequence[datetime]
    reached: datetime | None
    problems: list[Problem] = field(default_factory=list)
    # The last time before a gap with few rows behind it, which may have a wrong time.
    gap: datetime | None = None


def ordered(
    records: Sequence[Any], newest: bool, since: datetime | None = None, until: datetime | None = None, *, must_reach: bool = True
) -> OrderedPage:
    """Return a page in order. Rows outside of the requested period, which belong to no place of it, are left out with a problem.

    Raises:
        BadData: `must_reach` is set and fewer than half of the rows are in order, so that nobody can tell how far the page reaches.
    """
    times = [time_of(record) for record in records]
    is_in_order = in_order(times, newest)
    kept, problems = without_outliers(records, times, since, until, SLACK if is_in_order else timedelta(0))
    if problems:
        times = [time_of(record) for record in kept]
        is_in_order = in_order(times, newest)
    reached = times[-1] if times and is_in_order else None
    if not is_in_order:
        reached = _reached(times, newest)
        if reached is None and must_reach:
            raise BadData("does not send its records in the order it was asked for")
        gap = None
    else:
        gap = _before_gap(times) if times and abs(times[0] - times[-1]) > LONGEST_GAP else None
    if reached is not None and not is_in_order:
        kept, times, wrong = _without_stray(kept, times, reached, newest)
        problems += wrong
    if in_order(times, newest):
        return OrderedPage(kept, times, reached, problems, gap)
    pairs = sorted(zip(times, kept, strict=True), key=lambda pair: pair[0], reverse=newest)
    return OrderedPage([record for _, record in pairs], [time for time, _ in pairs], reached, problems)


def without_outliers(
    records: Sequence[Any], times: Sequence[datetime], since: datetime | None, until: datetime | None, slack: timedelta = SLACK
) -> tuple[list[Any], list[Problem]]:
    """Return the records of a period, and a problem of each other one. If most are others, the upstream does not read the bounds."""
    if since is None and until is None:
        return list(records), []
    inside = [_within(time, since, until, slack) for time in times]
    if all(inside) or 2 * sum(inside) < len(times):
        return list(records), []
    kept = [record for record, is_inside in zip(records, inside, strict=True) if is_inside]
    return kept, [_outlier(record) for record, is_inside in zip(records, inside, strict=True) if not is_inside]


def in_order(times: Sequence[datetime], newest: bool) -> bool:
    """Return True if each time is in its place."""
    return all(map(ge if newest else le, times, times[1:]))


def _before_gap(times: Sequence[datetime]) -> datetime | None:
    """Return the last time before a gap with few rows behind it; None if there is none."""
    for at in range(len(times) - 1, len(times) // 2, -1):
        if abs(times[at - 1] - times[at]) > max(LONGEST_GAP, abs(times[0] - times[at - 1])):
            return times[at - 1]
    return None


def _without_stray(
    records: list[Any], times: list[datetime], reached: datetime, newest: bool
) -> tuple[list[Any], list[datetime], list[Problem]]:
    """Return the records and times of a page without those far beyond where it reaches, and a problem of each of these.

    They have a wrong time: the upstream sends them on this page only, so that nobody could show them in the place of that time."""
    width = max(LEAST_WIDTH, 2 * abs(sorted(times)[len(times) // 2] - reached))
    is_stray = [(reached - time if newest else time - reached) > width for time in times]
    if not any(is_stray):
        return records, times, []
    kept = [record for record, is_wrong in zip(records, is_stray, strict=True) if not is_wrong]
    strays = [stray(record) for record, is_wrong in zip(records, is_stray, strict=True) if is_wrong]
    return kept, [time for time, is_wrong in zip(times, is_stray, strict=True) if not is_wrong], strays


def _reached(times: Sequence[datetime], newest: bool) -> datetime | None:
    """Return the end of the longest sequence of rows in order; of several, the one that goes least far.

    Rows beyond it may be out of place, with others before them still to come. None: fewer than half of the rows are in order, so that
    nobody can tell how far the page reaches."""
    tails: list[int] = []
    ends: list[datetime] = []
    for time in times:
        key = -micros(time) if newest else micros(time)
        at = bisect_right(tails, key)
        tails[at : at + 1] = [key]
        ends[at : at + 1] = [time]
    return None if 2 * len(tails) <= len(times) else ends[-1]


def _within(time: datetime, since: datetime | None, until: datetime | None, slack: timedelta) -> bool:
    return (since is None or time >= since or since - time <= slack) and (until is None or time <= until or time - until <= slack)


def _outlier(record: Any) -> Problem:
    return _problem_of(record, "is dated outside of the requested period and is left out")


def stray(record: Any) -> Problem:
    """Return the problem of a row with a time far from those of the rows around it."""
    return _problem_of(record, "is dated far from the records that it came with and is left out")


def repeated_id(record: Any) -> Problem:
    """Return the problem of an id that several records of an answer have."""
    return _problem_of(record, "came more than once in one answer, with this id each time; one of them is shown")


def _problem_of(record: Any, words: str) -> Problem:
    name, native_id = kind_of(record).__name__, record.native_id
    problem = Malformed(f"the {name} {native_id[:LONGEST_ID]} {words}", provider=record.provider_name).as_problem()
    problem.id = global_id(name, record.provider_name, native_id)  # type: ignore[assignment]
    return problem


class UniqueIds:
    """Leaves one of the records of an answer that have the same id, and says so."""

    def __init__(self) -> None:
        self._ids = set[str]()

    def keep(self, records: list[Any]) -> tuple[list[Any], list[Problem]]:
        """Return the first record of each id, and a problem that names each id that comes again."""
        ids = {record.native_id for record in records}
        if len(ids) == len(records) and self._ids.isdisjoint(ids):
            self._ids |= ids
            return records, []
        kept, repeated = [], dict[str, Any]()
        for record in records:
            if record.native_id in self._ids:
                repeated[record.native_id] = record
            else:
                self._ids.add(record.native_id)
                kept.append(record)
        return kept, [repeated_id(record) for record in repeated.values()]
