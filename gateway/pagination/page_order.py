"""Page order: rows that are out of place on a page are put in order; those that belong to no place of it become problems."""

from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from itertools import accumulate
from operator import ge, gt, le, lt
from typing import Any

from telegraphql.gateway.errors import BadData, Malformed
from telegraphql.gateway.pagination.cursor import micros, times_of
from telegraphql.gateway.plugin.row_view import kind_of
from telegraphql.schema.node import global_id
from telegraphql.schema.paging import Problem

# An upstream may read its bounds by the day, in any zone: up to there, more than asked is no fault where it comes in order.
SLACK = timedelta(days=2)
# So many rows outside of a period may be all that an answer holds, and still be wrong rows and no sign of an upstream without bounds.
FEW = 3
LONGEST_ID = 64


@dataclass(slots=True)
class OrderedPage:
    """The records of a page in order, with their times.

    Attributes:
        trusted: the times of those that came in order.
        trailing: the times of those that came in an order of their own behind the last of these.
    """

    records: list[Any]
    times: Sequence[datetime]
    trusted: Sequence[datetime]
    trailing: Sequence[datetime] = ()
    problems: list[Problem] = field(default_factory=list)
    # The ids of rows that came before their place. If they have a wrong time, they come on this page only.
    displaced: frozenset[str] = frozenset()


def ordered(
    records: Sequence[Any], newest: bool, since: datetime | None = None, until: datetime | None = None, *, must_reach: bool = True
) -> OrderedPage:
    """Return a page in order. Rows outside of the requested period, which belong to no place of it, are left out with a problem.

    Raises:
        BadData: `must_reach` is set and fewer than half of the rows are in order, so that nobody can tell how far the page reaches.
    """
    times = times_of(records)
    is_in_order = in_order(times, newest)
    kept, problems = list(records), list[Problem]()
    if since is not None or until is not None:
        kept, problems = without_outliers(records, times, since, until, SLACK if is_in_order else timedelta(0))
    if problems:
        times = times_of(kept)
        is_in_order = in_order(times, newest)
    if is_in_order:
        return OrderedPage(kept, times, times, problems=problems)
    longest, places = _longest_in_order(times, newest)
    if 2 * longest <= len(times) and must_reach:
        raise BadData("does not send its records in the order it was asked for")
    trusted, behind = _of(times, places, newest), times[places[-1] + 1 :]
    trailing = _of(behind, _longest_in_order(behind, newest)[1], newest) if behind else []
    displaced = _displaced(kept, times, places, newest, strict=True) if 2 * longest > len(times) else frozenset()
    pairs = sorted(zip(times, kept, strict=True), key=lambda pair: pair[0], reverse=newest)
    records, times = [record for _, record in pairs], [time for time, _ in pairs]
    # Rows beyond the last that is in order may be out of place, with others before them still to come.
    return OrderedPage(records, times, trusted, trailing, problems, displaced=displaced)


def ordered_within(
    records: Sequence[Any], newest: bool, span: timedelta, since: datetime | None = None, until: datetime | None = None
) -> OrderedPage:
    """Return a page in order whose rows may be out of place by at most `span`.

    `trusted` are the times of the rows that are in place, in order; none if too few are there to tell.

    Raises:
        BadData: fewer than half of the rows are in place.
    """
    kept, problems = without_outliers(records, times_of(records), since, until)
    times = times_of(kept)
    in_place = _in_place(times, newest, span)
    can_tell = 2 * sum(in_place) > len(times)
    if can_tell and not all(in_place):
        # An upstream that rounds its bounds sends more than was asked for, but in order.
        odd = [not (is_in_place or _within(time, since, until, timedelta(0))) for time, is_in_place in zip(times, in_place, strict=True)]
        problems += [_outlier(record) for record, is_odd in zip(kept, odd, strict=True) if is_odd]
        kept, times, in_place = ([each for each, is_odd in zip(all_, odd, strict=True) if not is_odd] for all_ in (kept, times, in_place))
    if not can_tell and len(times) > 2 * FEW:
        raise BadData(f"does not send its records in its own order, within {span}")
    trusted = sorted((time for time, is_in_place in zip(times, in_place, strict=True) if is_in_place), reverse=newest)
    places = [place for place, is_in_place in enumerate(in_place) if is_in_place]
    displaced = frozenset[str]() if all(in_place) else _displaced(kept, times, places, newest, strict=not span)
    pairs = sorted(zip(times, kept, strict=True), key=lambda pair: pair[0], reverse=newest)
    told = trusted if can_tell else []
    return OrderedPage([record for _, record in pairs], [time for time, _ in pairs], told, problems=problems, displaced=displaced)


def _in_place(times: Sequence[datetime], newest: bool, span: timedelta) -> list[bool]:
    """Return for each time whether it is at most `span` away from its place."""
    reached = list(accumulate(times, min if newest else max))
    if all(time <= last + span if newest else time >= last - span for time, last in zip(times[1:], reached, strict=False)):
        return [True] * len(times)
    _, places = _longest_in_order(times, newest)
    if not span:
        return [place in places for place in range(len(times))]
    step = span if newest else -span
    found = []
    for place, time in enumerate(times):
        at = bisect_right(places, place)
        before, behind = times[places[max(0, at - 1)]], times[places[min(at, len(places) - 1)]]
        low, high = (behind - step, before + step) if newest else (before + step, behind - step)
        found.append(low <= time <= high)
    return found


def without_outliers(
    records: Sequence[Any], times: Sequence[datetime], since: datetime | None, until: datetime | None, slack: timedelta = SLACK
) -> tuple[list[Any], list[Problem]]:
    """Return the records of a period, and a problem of each other one.

    If most are others, and not few, the upstream does not read the bounds.
    """
    if since is None and until is None:
        return list(records), []
    if not times or all(_within(time, since, until, slack) for time in (min(times), max(times))):
        return list(records), []
    inside = [_within(time, since, until, slack) for time in times]
    others = len(times) - sum(inside)
    if others > FEW and 2 * others > len(times):
        return list(records), []
    kept = [record for record, is_inside in zip(records, inside, strict=True) if is_inside]
    return kept, [_outlier(record) for record, is_inside in zip(records, inside, strict=True) if not is_inside]


def in_order(times: Sequence[datetime], newest: bool) -> bool:
    """Return True if each time is in its place."""
    return all(map(ge if newest else le, times, times[1:]))


def _longest_in_order(times: Sequence[datetime], newest: bool) -> tuple[int, list[int]]:
    """Return the length of the longest sequence of rows in order, and the places that are in one which ends where this one does.

    Of several it is the one that goes least far.
    """
    keys = [-micros(time) if newest else micros(time) for time in times]
    lengths, last = _lengths(keys)
    longest = max(lengths, default=0)
    # From the last row backwards, with signs that turn the order around.
    before = [place for place in range(last, -1, -1) if keys[place] <= keys[last]]
    rest, _ = _lengths([-keys[place] for place in before])
    return longest, sorted(place for place, length in zip(before, rest, strict=True) if lengths[place] + length - 1 == longest)


def _of(times: Sequence[datetime], places: Sequence[int], newest: bool) -> list[datetime]:
    """Return some of the times in order: rows that have changed places are both in one of the longest sequences."""
    return sorted((times[place] for place in places), reverse=newest)


def _lengths(keys: Sequence[int]) -> tuple[list[int], int]:
    """Return how long the longest sequence is that ends at each place, and the last place of the longest of all."""
    tails: list[int] = []
    ends: list[int] = []
    lengths: list[int] = []
    for place, key in enumerate(keys):
        at = bisect_right(tails, key)
        tails[at : at + 1] = [key]
        ends[at : at + 1] = [place]
        lengths.append(at + 1)
    return lengths, ends[-1] if ends else -1


def _displaced(records: Sequence[Any], times: Sequence[datetime], places: Sequence[int], newest: bool, strict: bool) -> frozenset[str]:
    """Return the ids of the rows that came before their place: of those behind them that are in order, one stands before them.

    `strict`: no two may have changed places. Both are in order then, each in another one, and the first counts.
    """
    found, in_place = set[str](), frozenset(places)
    nearest: datetime | None = None
    beyond = lt if newest else gt
    for place in range(len(times) - 1, -1, -1):
        is_in_place, is_before = place in in_place, nearest is not None and beyond(times[place], nearest)
        if is_before if is_in_place and strict else not is_in_place and (nearest is None or is_before):
            found.add(records[place].native_id)
        elif is_in_place:
            nearest = times[place] if nearest is None or not is_before else nearest
    return frozenset(found)


def _within(time: datetime, since: datetime | None, until: datetime | None, slack: timedelta) -> bool:
    return (since is None or time >= since or since - time <= slack) and (until is None or time <= until or time - until <= slack)


def _outlier(record: Any) -> Problem:
    return _problem_of(record, "is dated outside of the requested period and is left out")


def displaced_row(record: Any) -> Problem:
    """Return the problem of a row that came before its place, and is not shown on this page."""
    return _problem_of(record, "came out of order and stands behind this page; if no later page shows it, its time is wrong upstream")


def late_row(record: Any) -> Problem:
    """Return the problem of a row that came after its place, and is not shown."""
    return _problem_of(record, "came after its place in the list and is left out; the plugin's `span` is too short, or its time is wrong")


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
