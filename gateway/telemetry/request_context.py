"""The current request: its id and what logs, traces and errors say about it."""

import os
import re
from contextvars import ContextVar, Token
from dataclasses import dataclass, replace
from typing import Any

from starlette.types import Scope

SAFE_ID = re.compile(rb"[A-Za-z0-9][A-Za-z0-9._-]{0,63}")


@dataclass(slots=True, kw_only=True)
class RequestInfo:
    """What is known about a request.

    Attributes:
        explain: The client asked for an explain report by header.
        traceparent: The client's trace context.
        is_websocket: The request is a WebSocket. Each of its operations has a part of this object.
        operation: The operation's name.
        caller: The caller's name.
        trace_id: The id of the trace, in hexadecimal digits.
    """

    id: str
    explain: bool = False
    traceparent: str = ""
    is_websocket: bool = False
    operation: str = ""
    caller: str = ""
    trace_id: str = ""
    _parts: int = 0

    @classmethod
    def of(cls, scope: Scope) -> "RequestInfo":
        """Read the headers of a request. The client's X-Request-ID is used if it is safe to log."""
        request = cls(id="", is_websocket=scope["type"] == "websocket")
        for name, value in scope["headers"]:
            if name == b"x-request-id" and SAFE_ID.fullmatch(value):
                request.id = value.decode()
            elif name == b"x-telegraphql-explain":
                request.explain = value == b"1"
            elif name == b"traceparent":
                request.traceparent = value.decode("latin-1")
        request.id = request.id or new_request_id()
        return request

    def part(self) -> "RequestInfo":
        """Return the part of the next operation of a WebSocket. Its id is this one's with a number."""
        self._parts += 1
        return replace(self, id=f"{self.id}.{self._parts}")


def new_request_id() -> str:
    """Return a random id."""
    return os.urandom(8).hex()


_current: ContextVar[RequestInfo | None] = ContextVar("request", default=None)


def current_request() -> RequestInfo | None:
    """Return the current request, or None outside of one."""
    return _current.get()


def set_current_request(request: RequestInfo) -> Token[RequestInfo | None]:
    """Make a request the current one."""
    return _current.set(request)


def reset_current_request(token: Token[RequestInfo | None]) -> None:
    """Restore the request that was current before."""
    _current.reset(token)


def caller_name(caller: Any) -> str:
    """Return the name of a caller, or "" for None."""
    return str(getattr(caller, "name", "") or "")
