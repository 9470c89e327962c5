"""Exchange: one request of a plugin on its way through the steps to an upstream."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from functools import partial
from typing import Any, TypeAlias

import msgspec

from telegraphql.gateway.upstream.messages import Answer, Decoder, Request
from telegraphql.gateway.upstream.request_budget import is_changing

Handler: TypeAlias = "Callable[[Exchange], Awaitable[Any]]"
Step: TypeAlias = "Callable[[Handler, Exchange], Awaitable[Any]]"


@dataclass(slots=True)
class Exchange:
    """A request, how its answer is decoded, and what the steps have found out about both.

    `answer` is set by the attempt that succeeded; it stays None where the value came from the cache or from another exchange.
    """

    request: Request
    decoder: "Decoder[Any] | None" = None
    is_command: bool = field(default_factory=is_changing)
    is_file: bool = False
    mime_type: str | None = None
    is_renewed: bool = False
    answer: Answer | None = None
    _identity: bytes = b""

    @property
    def is_shareable(self) -> bool:
        """Return True if others may use the answer: it is no file, no login, not read on this machine, and changes nothing."""
        return self.request.auth and not self.is_file and not self.is_command and self.request.local is None

    @property
    def identity(self) -> bytes:
        """Return the bytes that are equal for two equal requests of one account."""
        if not self._identity:
            asked = self.request
            self._identity = msgspec.json.encode((asked.method, asked.path, asked.params, asked.form, asked.json, asked.headers))
        return self._identity


def pipeline(*steps: Step, last: Handler) -> Handler:
    """Return a function that passes an exchange through the steps in order. Each step calls the next one, or answers itself."""
    handler = last
    for step in reversed(steps):
        handler = partial(step, handler)
    return handler
