"""The current request: its id and what logs, traces and errors say about it."""

from contextvars import ContextVar
from dataclasses import dataclass, replace
from ipaddress import ip_network
from typing import Any

# Of the random ids of requests.
ID_BYTES = 8


@dataclass(slots=True, kw_only=True)
class RequestInfo:
    """The facts about a request that logs, metrics and traces report.

    Attributes:
        explain: The client asked for an explain report by header.
        traceparent: The client's trace context.
        is_websocket: The request is a WebSocket. Each of its operations has a part of this object.
        operation: The operation's name.
        caller: The caller's name.
        address: The client's IP address; of one of version 6 the network, since each client has a whole one.
        trace_id: The id of the trace, in hexadecimal digits.
        rows: The rows of upstreams that were read for it.
        cpu_seconds: The processor time of its operation.
    """

    id: str
    explain: bool = False
    traceparent: str = ""
    is_websocket: bool = False
    operation: str = ""
    caller: str = ""
    address: str = ""
    trace_id: str = ""
    rows: int = 0
    cpu_seconds: float = 0.0
    _parts: int = 0

    def part(self) -> "RequestInfo":
        """Return the part of the next operation of a WebSocket. Its id is this one's with a number."""
        self._parts += 1
        return replace(self, id=f"{self.id}.{self._parts}")


def network_of(address: str) -> str:
    """Return an IP address as clients are told apart by: of version 6 the first 64 bits."""
    if ":" not in address:
        return address
    try:
        return str(ip_network((address.partition("%")[0], 64), strict=False))
    except ValueError:
        return address


# The current request, or None outside of one.
CURRENT_REQUEST: ContextVar[RequestInfo | None] = ContextVar("request", default=None)


def caller_name(caller: Any) -> str:
    """Return the name of a caller, or "" for None."""
    return str(getattr(caller, "name", "") or "")
