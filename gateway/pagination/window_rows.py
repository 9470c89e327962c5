"""Window rows: the rows of time windows next to each other, among them those that came with another window than their own."""

from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from telegraphql.gateway.pagination.cursor import time_of
from telegraphql.gateway.pagination.page_order import SLACK, late_row
from telegraphql.gateway.pagination.slice import clamped
from telegraphql.schema.paging import Problem

# Of so many rows the ids are kept. An upstream that rounds bounds sends no more of them again: its answers would be too large.
MOST_KEPT = 20_000


@dataclass(slots=True)
class PlacedRows:
    """The rows of a window, and those that stand further on. The ids of those beyond the bounds of the request are `displaced`."""

    inside: list[Any]
    ahead: list[Any]
    displaced: frozenset[str]
    problems: list[Problem]

    @property
    def records(self) -> list[Any]:
        """Return all of them."""
        return [*self.inside, *self.ahead]


@dataclass(slots=True)
class WindowRows:
    """The rows of a walk through windows that were read so far.

    `start` is the walk's own bound. An upstream may send rows up to `margin` outside of a window.

    An upstream finds rows by their true times. One whose time is wrong comes with the window of its true time only, so it is kept until its
    place is reached; if that has been passed, a problem names it.

    Those of one window come in no order: none of them shows that it is wrong.
    """

    newest: bool
    start: datetime | None
    margin: timedelta
    _kept: deque[tuple[datetime, frozenset[str]]] = field(default_factory=deque)

    def place(self, records: Sequence[Any], since: datetime, until: datetime) -> PlacedRows:
        """Return where the rows that came with a window belong."""
        inside, others = list[Any](), list[tuple[datetime, Any]]()
        for record in records:
            time = time_of(record)
            if since <= time < until:
                inside.append(record)
            else:
                others.append((time, record))
        ahead = [(time, each) for time, each in others if (time < since if self.newest else time >= until)]
        edge = clamped(since, -self.margin) if self.newest else clamped(until, self.margin)
        displaced = frozenset(each.native_id for time, each in ahead if (time < edge if self.newest else time > edge))
        found = PlacedRows(inside, [each for _, each in ahead], displaced, self._late(others, since, until))
        self._keep(found, since if self.newest else until)
        return found

    def _late(self, others: Sequence[tuple[datetime, Any]], since: datetime, until: datetime) -> list[Problem]:
        behind = [each for time, each in others if (time >= until if self.newest else time < since) and self._is_wanted(time)]
        known = frozenset[str]().union(*(ids for _, ids in self._kept)) if behind else ()
        return [late_row(each) for each in behind if each.native_id not in known]

    def _is_wanted(self, time: datetime) -> bool:
        return self.start is None or (time < self.start if self.newest else time >= self.start)

    def _keep(self, found: PlacedRows, edge: datetime) -> None:
        self._kept.append((edge, frozenset(each.native_id for each in found.records)))
        while len(self._kept) > 1 and (abs(self._kept[0][0] - edge) > SLACK or sum(len(ids) for _, ids in self._kept) > MOST_KEPT):
            self._kept.popleft()
