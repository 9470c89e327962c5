"""Assembly: one row of GetCallHistory becomes a session with all its parts, tied together."""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from decimal import Decimal
from typing import NamedTuple

from telegraphql.plugin import Provider, Selection, read_rows
from telegraphql.plugins.voximplant.mapping.conversation import call, recording, recording_of_call, resource_usage, session
from telegraphql.plugins.voximplant.mapping.values import money
from telegraphql.plugins.voximplant.wire import CALL, RECORD, USAGE, CallInfo, CallRecord, CallSession, Usage
from telegraphql.schema import Call, CallStatus, Problem, Recording, ResourceUsage, Session

PART = {"session": "session", "calls": "call", "call": "call", "recordings": "recording", "resourceUsages": "usage"}
OF_FIRST_LEG = ("calls", "direction", "status")


class Parts(NamedTuple):
    """Which parts of a session are asked for."""

    calls: bool = False
    records: bool = False
    usages: bool = False

    def plus(self, other: "Parts") -> "Parts":
        """Both together; recordings need the legs, because some are named on the leg only."""
        records = self.records or other.records
        return Parts(self.calls or other.calls or records, records, self.usages or other.usages)


NONE = Parts()
ALL = Parts(True, True, True)


def parts_of(select: Selection, kind: str) -> Parts:
    """The parts that a selection needs, however deep it goes from session to leg and back."""
    wanted = Parts(
        calls="call" in select or (kind == "session" and any(name in select for name in OF_FIRST_LEG)),
        records="recordings" in select,
        usages="resourceUsages" in select,
    ).plus(NONE)
    if kind == "session" and "cost" in select:
        wanted = ALL
    for name in select:
        if name in PART:
            wanted = wanted.plus(parts_of(select[name], PART[name]))
    return wanted


def session_with_parts(row: CallSession, parts: Parts, of: Provider, problems: list[Problem]) -> Session:
    """The session; `held` has the parts that were asked for, and `problems` grows by each part that cannot be read."""
    return _Assembly(row, session(row, of), parts, of, problems).session_whole()


@dataclass(slots=True)
class _Assembly:
    row: CallSession
    session: Session
    parts: Parts
    of: Provider
    problems: list[Problem]
    by_url: dict[str, Call] = field(default_factory=dict)

    def session_whole(self) -> Session:
        before = len(self.problems)
        if self.parts.calls:
            self.session.held["calls"] = self._calls()
        if self.parts.records:
            self.session.held["recordings"] = self._recordings()
        if self.parts.usages:
            self.session.held["resourceUsages"] = self._usages()
        if self.parts == ALL and len(self.problems) == before:
            self.session.cost = money(self._cost(), self.of)
        return self.session

    def _calls(self) -> list[Call]:
        calls, problems = read_rows(self.row.calls or (), CALL, self._call, self.of.name, ("call_id",))
        self.problems += problems
        calls.sort(key=lambda each: each.sort_id)
        if calls:
            answered = any(each.status is CallStatus.ANSWERED for each in calls)
            self.session.direction = calls[0].direction
            self.session.status = CallStatus.ANSWERED if answered else calls[0].status
        return calls

    def _call(self, row: CallInfo) -> Call:
        made = call(row, self.session, self.of)
        if self.row.active and row.duration is None:
            made.status = CallStatus.IN_PROGRESS
        if row.record_url:
            self.by_url.setdefault(row.record_url, made)
        return made

    def _recordings(self) -> list[Recording]:
        made, problems = read_rows(self.row.records or (), RECORD, self._recording, self.of.name, ("record_id",))
        self.problems += problems
        made += [recording_of_call(url, of_call, self.session) for url, of_call in self.by_url.items()]
        made.sort(key=lambda each: each.sort_id)
        of_calls: dict[str | None, list[Recording]] = defaultdict(list)
        for each in made:
            of_calls[each.refs["call"]].append(each)
        for leg in self.session.held["calls"]:
            leg.held["recordings"] = of_calls[leg.native_id]
        return made

    def _recording(self, row: CallRecord) -> Recording:
        named = self.by_url.pop(row.record_url, None) if row.record_url else None
        made = recording(row, self.session, named, self.of)
        return made if named else self._placed(made)

    def _placed(self, made: Recording) -> Recording:
        """Give a recording that no leg names to the only leg that was going on when it began, if there is just one."""
        around = [leg for leg in self.session.held["calls"] if leg.ended_at and leg.started_at <= made.started_at <= leg.ended_at]
        if len(around) == 1:
            (leg,) = around
            made.refs, made.held["call"] = {**made.refs, "call": leg.native_id}, leg
            made.from_, made.to = leg.from_, leg.to
        return made

    def _usages(self) -> list[ResourceUsage]:
        legs: dict[str | None, Call] = {leg.native_id: leg for leg in self.session.held.get("calls", ())}

        def make(row: Usage) -> ResourceUsage:
            made = resource_usage(row, self.session, self.of)
            if made.refs["call"] in legs:
                made.held["call"] = legs[made.refs["call"]]
            return made

        made, problems = read_rows(self.row.other_resource_usage or (), USAGE, make, self.of.name, ("resource_usage_id",))
        self.problems += problems
        return made

    def _cost(self) -> Decimal | None:
        amounts = [each.cost.amount for each in self._costed() if each.cost]
        return sum(amounts, Decimal()) if amounts else None

    def _costed(self) -> Iterable[Call | Recording | ResourceUsage]:
        held = self.session.held
        return (*held["calls"], *held["recordings"], *held["resourceUsages"])
