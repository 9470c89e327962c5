"""Missing range: which part of a list may lack the records of a provider that failed while a page was read."""

from datetime import datetime, timedelta

from telegraphql.gateway.pagination.cursor import Position, moment
from telegraphql.gateway.pagination.merge import Merged
from telegraphql.gateway.pagination.stream import Stream
from telegraphql.schema.paging import ProblemRange

SECOND = timedelta(seconds=1)


def missing_range(stream: Stream, merged: Merged) -> ProblemRange:
    """Return the part of the page that a stream did not deliver, or delivered from old answers, in whole seconds."""
    begin = (stream.frontier if stream.error else None) or stream.after
    end = _end_of_page(merged) or stream.before
    first, last = (end, begin) if stream.descending else (begin, end)
    return ProblemRange(since=_lower(first), until=_upper(last))


def _end_of_page(merged: Merged) -> Position | None:
    """Return where the next page continues; None if this is the last one."""
    if not merged.more:
        return None
    return merged.stopped or (merged.place(merged.records[-1]) if merged.records else None)


def _lower(place: Position | None) -> datetime | None:
    return moment(place.place).replace(microsecond=0) if place is not None and isinstance(place.place, int) else None


def _upper(place: Position | None) -> datetime | None:
    """Return the first whole second after a record, or at the bound of a range, which is none of a provider."""
    if place is None or not isinstance(place.place, int):
        return None
    exact = moment(place.place)
    whole = exact.replace(microsecond=0)
    return whole + SECOND if exact > whole or place.provider else whole
