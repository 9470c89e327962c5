"""Parts of a session: those that were requested, and those that came in its row."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any, NamedTuple

from telegraphql.plugin import RowView, Selection
from telegraphql.plugins.voximplant.mapping.outcome import Outcome
from telegraphql.schema import AnsweredBy, CallDirection, CallStatus

OF_LEGS = ("calls", "direction", "status", "answeredBy")
KIND = {"session": "session", "calls": "call", "call": "call", "recordings": "recording", "resourceUsages": "usage"}


class Parts(NamedTuple):
    """The parts of a session to request."""

    calls: bool = False
    records: bool = False
    usages: bool = False

    def plus(self, other: "Parts") -> "Parts":
        """Return both together. Recordings need the legs, because some are named on the leg only."""
        records = self.records or other.records
        return Parts(self.calls or other.calls or records, records, self.usages or other.usages)


NO_OUTCOME = Outcome()
NONE = Parts()
ALL = Parts(True, True, True)


def parts_of(select: Selection, kind: str) -> Parts:
    """Return the parts that a selection needs, however deep it goes from session to leg and back."""
    wanted = Parts(
        calls="call" in select or (kind == "session" and any(name in select for name in OF_LEGS)),
        records="recordings" in select,
        usages="resourceUsages" in select,
    ).plus(NONE)
    if kind == "session" and "cost" in select:
        wanted = ALL
    for name in select:
        if name in KIND:
            wanted = wanted.plus(parts_of(select[name], KIND[name]))
    return wanted


@dataclass(slots=True)
class SessionParts:
    """The parts that came in the row of one session; None for those that were not asked for."""

    calls: list[Any] | None = None
    recordings: list[Any] | None = None
    usages: list[Any] | None = None
    # The legs that name a file, by its address.
    leg_by_url: dict[str, RowView] = field(default_factory=dict)
    # What the legs say of the session.
    outcome: Outcome = NO_OUTCOME
    # True if each part that came can be read.
    is_complete: bool = True

    def joined(self, other: "SessionParts") -> "SessionParts":
        """Return the parts of two rows with one session id."""
        calls, recordings, usages = (
            None if one is None and more is None else [*(one or ()), *(more or ())]
            for one, more in ((self.calls, other.calls), (self.recordings, other.recordings), (self.usages, other.usages))
        )
        legs = self.leg_by_url | other.leg_by_url
        return SessionParts(calls, recordings, usages, legs, self.outcome, self.is_complete and other.is_complete)

    def recordings_of(self, leg_id: str) -> list[Any] | None:
        """Return the recordings of a leg."""
        return None if self.recordings is None else [each for each in self.recordings if each.refs["call"] == leg_id]

    @property
    def direction(self) -> CallDirection:
        """Return the direction of the session."""
        return self.outcome.direction

    @property
    def status(self) -> CallStatus:
        """Return the status of the session."""
        return self.outcome.status

    @property
    def answered_by(self) -> AnsweredBy | None:
        """Return who or what answered the session, or None."""
        return self.outcome.answered_by

    @property
    def cost(self) -> Decimal | None:
        """Return the sum of all costs, or None if parts are missing or a cost cannot be read."""
        if not self.is_complete or self.calls is None or self.recordings is None or self.usages is None:
            return None
        amounts = list(self._amounts())
        return sum((each for each in amounts if each is not None), Decimal()) if amounts and None not in amounts else None

    def _amounts(self) -> Iterator[Decimal | None]:
        """Yield the cost of each part that has one; None for one that cannot be read."""
        for each in (*(self.calls or ()), *(self.recordings or ()), *(self.usages or ())):
            if each.cost is not None:
                yield each.cost.amount
            elif isinstance(each, RowView) and "cost.amount" in each.malformed:
                yield None
