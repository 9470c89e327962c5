"""Dimensions of calls that take more than a field: the queue, the agent and the number outside."""

from typing import Any

from telegraphql.schema.call import Call
from telegraphql.schema.enums import CallDirection, PartyKind
from telegraphql.schema.values import Party

QueueReference = tuple[str, str]
# The kinds of party that can be an agent.
AGENT_KINDS = frozenset({PartyKind.EXTENSION, PartyKind.USER})


def queue_of(record: Any) -> QueueReference | None:
    """Return the provider and the key by which a call or visit refers to its queue; None without one."""
    reference = record.refs.get("queue")
    return (record.provider_name, reference) if reference else None


def agent(call: Call) -> str | None:
    """Return the extension or user that was called from outside, or called out; None for other calls.

    The number of a user can be a number of the company that several users share: the id is preferred.
    """
    party = _end(call, CallDirection.INBOUND, CallDirection.OUTBOUND)
    if party is None:
        return None
    return party.extension or (party.native_id or party.number if party.kind in AGENT_KINDS else None)


def number(call: Call) -> str | None:
    """Return the number outside the company, in E.164 where that is certain; None for calls that have none or two."""
    party = _end(call, CallDirection.OUTBOUND, CallDirection.INBOUND)
    return (party.e164() or party.number) if party else None


def _end(call: Call, called: CallDirection, calling: CallDirection) -> Party | None:
    """Return the called party of calls of one direction, and the calling one of those of the other."""
    return call.to if call.direction is called else call.from_ if call.direction is calling else None
