"""Grouping of legs: the session of an upstream that has only its legs."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from decimal import Decimal
from typing import Any

from telegraphql.gateway.plugin.time_readers import seconds_between
from telegraphql.schema.call import Call
from telegraphql.schema.enums import CallStatus
from telegraphql.schema.session import Session
from telegraphql.schema.values import Money

# What `grouped_session` fills for every plugin. It fills `cost` too where the legs have costs.
SESSION_FIELDS = ("calls", "startedAt", "endedAt", "durationSeconds", "direction", "status", "isDerived")
# One leg with such a status says more of the conversation than all others do.
STRONGEST = (CallStatus.ANSWERED, CallStatus.VOICEMAIL, CallStatus.IN_PROGRESS)


def grouped_session(
    legs: Sequence[Call], *, main: Call | None = None, refs: Mapping[str, str | None] | None = None, **fields: Any
) -> Session:
    """Return the conversation of its legs, which are in order of time.

    It begins with its first leg, and ends with the last one to end; it has no end as long as one leg has none. Its cost is the sum
    of those of its legs.

    Args:
        legs: All legs, at least one.
        main: The leg whose direction and account it has. Default: the first one.
        refs: Keys of more relations, such as `recordings`.
        fields: More fields, and those that this plugin knows better.
    """
    first = legs[0]
    main = main or first
    key = first.refs["session"] or first.native_id
    ended_at = _end(legs)
    known: dict[str, Any] = {
        "started_at": first.started_at,
        "ended_at": ended_at,
        "duration_seconds": seconds_between(first.started_at, ended_at),
        "direction": main.direction,
        "status": status_of_legs(legs),
        "account_id": main.account_id,
        "cost": _cost(legs),
        "is_derived": True,
    }
    return Session(
        provider_name=first.provider_name,
        native_id=key,
        refs={"calls": key, **(refs or {})},
        held={"calls": list(legs)},
        **(known | fields),
    )


def status_of_legs(legs: Sequence[Call]) -> CallStatus:
    """Return how a conversation went: as a leg that was answered, else one that a mailbox took, else one in progress, else the first."""
    statuses = [leg.status for leg in legs]
    return next((each for each in STRONGEST if each in statuses), statuses[0])


def _end(legs: Sequence[Call]) -> datetime | None:
    """Return when the last leg ended; None if the end of a leg is not known."""
    ends = [leg.ended_at for leg in legs if leg.ended_at]
    return max(ends) if len(ends) == len(legs) else None


def _cost(legs: Sequence[Call]) -> Money | None:
    """Return the sum of the costs of legs; None if none has a cost, or if they are in several currencies."""
    costs = [leg.cost for leg in legs if leg.cost]
    if len({cost.currency for cost in costs}) != 1:
        return None
    return Money(amount=sum((cost.amount for cost in costs), Decimal()), currency=costs[0].currency)
