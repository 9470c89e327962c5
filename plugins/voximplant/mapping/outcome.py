"""Direction and status of sessions and legs. The upstream only reports them from the platform's point of view."""

import re
from collections.abc import Sequence
from typing import Any, NamedTuple

from telegraphql.plugins.voximplant.mapping.codes import STATUS
from telegraphql.plugins.voximplant.mapping.parties import remote_kind
from telegraphql.plugins.voximplant.mapping.values import number
from telegraphql.schema import AnsweredBy, CallDirection, CallStatus, PartyKind

SIP_CODE = re.compile(r"(?<!\d)[3-6]\d\d(?!\d)")
# The statuses that a session has in common with all legs to agents.
TOLD_BY_ALL = (CallStatus.BUSY, CallStatus.FAILED)


class Leg(NamedTuple):
    """The facts about a leg that decide a session's outcome: its direction at the platform, its far end, and how it ended."""

    incoming: bool
    remote: PartyKind
    status: CallStatus

    @property
    def is_user(self) -> bool:
        """Return True if the far end is a user of the account, such as an agent."""
        return self.remote is PartyKind.USER


class Outcome(NamedTuple):
    """The direction, status and answering party of a session."""

    direction: CallDirection = CallDirection.UNKNOWN
    status: CallStatus = CallStatus.UNKNOWN
    answered_by: AnsweredBy | None = None


def hangup_cause(reason: Any) -> str | None:
    """Return the words of an end_reason, be it text or an object of any shape."""
    parts = reason.values() if isinstance(reason, dict) else (reason,)
    return " ".join(str(part) for part in parts if isinstance(part, str | int) and part != "") or None


def sip_code(cause: str | None) -> int | None:
    """Return the SIP status in the words of an end_reason."""
    found = SIP_CODE.search(cause or "")
    return int(found[0]) if found else None


def own_status(successful: bool | None, code: int | None, is_going_on: bool) -> CallStatus:
    """Return how a leg ended at the platform."""
    if is_going_on:
        return CallStatus.IN_PROGRESS
    if successful:
        return CallStatus.ANSWERED
    return CallStatus.UNKNOWN if successful is None else STATUS.get(code or 0, CallStatus.FAILED)


def leg_status(own: CallStatus, incoming: bool | None, outcome: Outcome) -> CallStatus:
    """Return how a leg ended: what the scenario answered ended as its session."""
    return outcome.status if incoming and own is CallStatus.ANSWERED else own


def leg_direction(incoming: bool | None, remote: PartyKind, outcome: Outcome) -> CallDirection:
    """Return the direction of a leg: of one to or from outside its own, of one to or from a user that of the session."""
    if incoming is None or remote is PartyKind.UNKNOWN:
        return CallDirection.UNKNOWN
    if remote is PartyKind.USER:
        return outcome.direction
    return CallDirection.INBOUND if incoming else CallDirection.OUTBOUND


def leg_answered_by(own: CallStatus, incoming: bool | None, outcome: Outcome) -> AnsweredBy | None:
    """Return who answered a leg."""
    if own is not CallStatus.ANSWERED:
        return None
    return outcome.answered_by if incoming else AnsweredBy.PERSON


def read_leg(row: Any, is_session_active: bool) -> Leg | None:
    """Return the facts about a leg, or None if the row has no direction. Values may have any type."""
    if not isinstance(row.incoming, bool):
        return None
    successful = row.successful if isinstance(row.successful, bool) else None
    found, remote_type = (each if type(each) in (str, int) else None for each in (row.remote_number, row.remote_number_type))
    kind = remote_kind(number(found), remote_type)
    is_going_on = is_session_active and row.duration is None
    return Leg(row.incoming, kind, own_status(successful, sip_code(hangup_cause(row.end_reason)), is_going_on))


def outcome_of(legs: Sequence[Leg]) -> Outcome:
    """Return the outcome of a session from its legs, which are sorted by start."""
    direction = _direction(legs)
    status = _status(legs, direction)
    if status is CallStatus.ANSWERED:
        return Outcome(direction, status, AnsweredBy.PERSON)
    is_scenario = any(leg.incoming and leg.status is CallStatus.ANSWERED for leg in legs)
    return Outcome(direction, status, AnsweredBy.SCENARIO if is_scenario else None)


def _direction(legs: Sequence[Leg]) -> CallDirection:
    caller = next((leg.remote for leg in legs if leg.incoming), PartyKind.USER)
    called = {leg.remote for leg in legs if not leg.incoming}
    if not legs or caller is PartyKind.UNKNOWN:
        return CallDirection.UNKNOWN
    if caller is not PartyKind.USER:
        return CallDirection.INBOUND
    if called == {PartyKind.USER}:
        return CallDirection.INTERNAL
    return CallDirection.UNKNOWN if called and called <= {PartyKind.USER, PartyKind.UNKNOWN} else CallDirection.OUTBOUND


def _status(legs: Sequence[Leg], direction: CallDirection) -> CallStatus:
    called = [leg for leg in legs if not leg.incoming and (direction is not CallDirection.OUTBOUND or not leg.is_user)]
    statuses = [leg.status for leg in called] or [leg.status for leg in legs]
    if called and CallStatus.ANSWERED in statuses:
        return CallStatus.ANSWERED
    if CallStatus.IN_PROGRESS in (leg.status for leg in legs):
        return CallStatus.IN_PROGRESS
    if not called:
        # Nobody was called: the scenario refused the caller, or entertained the caller to the end.
        return next((CallStatus.CANCELED if each is CallStatus.ANSWERED else each for each in statuses), CallStatus.UNKNOWN)
    if direction is not CallDirection.INBOUND:
        return statuses[-1]
    return next((each for each in TOLD_BY_ALL if set(statuses) == {each}), CallStatus.NO_ANSWER)
