"""Dimensions of calls that take more than a field: the queue and the number outside."""

from typing import Any

from telegraphql.schema.call import Call
from telegraphql.schema.enums import CallDirection
from telegraphql.schema.values import Party

QueueReference = tuple[str, str]


def queue_of(record: Any) -> QueueReference | None:
    """Return the provider and the key by which a call or visit refers to its queue; None without one."""
    reference = record.refs.get("queue")
    return (record.provider_name, reference) if reference else None


def number(call: Call) -> str | None:
    """Return the number outside the company, in E.164 where that is certain; None for calls that have none or two."""
    ends = {CallDirection.INBOUND: "from_", CallDirection.OUTBOUND: "to"}
    party: Party | None = getattr(call, ends[call.direction]) if call.direction in ends else None
    return (party.e164() or party.number) if party else None
