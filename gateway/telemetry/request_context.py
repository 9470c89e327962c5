"""Exchange: a client's request and our answer to it, under the id that both sides find it by."""

import os
import re
from contextvars import ContextVar, Token
from dataclasses import dataclass, replace
from typing import Any

from starlette.types import Scope

SANE = re.compile(rb"[A-Za-z0-9][A-Za-z0-9._-]{0,63}")


@dataclass(slots=True, kw_only=True)
class RequestInfo:
    """What is known of one request. On a WebSocket each operation gets a part of it, with a number behind the id."""

    id: str
    explain: bool = False
    traceparent: str = ""
    socket: bool = False
    operation: str = ""
    caller: str = ""
    trace: str = ""
    parts: int = 0

    @classmethod
    def of(cls, scope: Scope) -> "RequestInfo":
        """From a request's headers; its own id is taken over where it is harmless."""
        made = cls(id="", socket=scope["type"] == "websocket")
        for name, value in scope["headers"]:
            if name == b"x-request-id" and SANE.fullmatch(value):
                made.id = value.decode()
            elif name == b"x-telegraphql-explain":
                made.explain = value == b"1"
            elif name == b"traceparent":
                made.traceparent = value.decode("latin-1")
        made.id = made.id or new_request_id()
        return made

    def part(self) -> "RequestInfo":
        """The next operation of this connection."""
        self.parts += 1
        return replace(self, id=f"{self.id}.{self.parts}")


def new_request_id() -> str:
    """An id that nobody has."""
    return os.urandom(8).hex()


_current: ContextVar[RequestInfo | None] = ContextVar("exchange", default=None)


def current_request() -> RequestInfo | None:
    """The running one, if any."""
    return _current.get()


def set_current_request(started: RequestInfo) -> Token[RequestInfo | None]:
    """Make it the running one."""
    return _current.set(started)


def reset_current_request(token: Token[RequestInfo | None]) -> None:
    """Back to what was before."""
    _current.reset(token)


def caller_name(caller: Any) -> str:
    """The name of whoever asks, where that is known."""
    return str(getattr(caller, "name", "") or "")
