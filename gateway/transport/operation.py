"""Operation: what one GraphQL operation has cost the upstreams so far, and how much it may."""

import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field, replace

from gateway.errors import ScanLimit

ENDLESS = 86_400.0


@dataclass(slots=True)
class Operation:
    """Counts upstream requests; beyond `most_requests` it refuses with ScanLimit. `deadline` is on the monotonic clock."""

    most_requests: int = 1000
    deadline: float | None = None
    began: float = field(default_factory=time.monotonic)
    requests: Counter[tuple[str, str]] = field(default_factory=Counter)

    def anew(self) -> "Operation":
        """One with the same limits that begins now."""
        now = time.monotonic()
        return Operation(self.most_requests, None if self.deadline is None else now + self.deadline - self.began, now)

    def hurried(self, share: float) -> "Operation":
        """The same, with only a share of the time that is left."""
        return replace(self, deadline=time.monotonic() + share * self.left())

    def count(self, provider: str, operation: str) -> None:
        """Note a request that is about to be sent."""
        if self.requests.total() >= self.most_requests:
            raise ScanLimit(f"this operation has used its {self.most_requests} upstream requests; ask for less at once")
        self.requests[provider, operation] += 1

    def left(self) -> float:
        """Seconds until the deadline; a day where there is none."""
        return ENDLESS if self.deadline is None else max(0.0, self.deadline - time.monotonic())

    @property
    def spent(self) -> int:
        """How many requests it has sent."""
        return self.requests.total()


_current: ContextVar[Operation] = ContextVar("operation")
_changing: ContextVar[bool] = ContextVar("changing", default=False)


def current() -> Operation:
    """The running operation; outside of one, a fresh one that nobody reads."""
    found = _current.get(None)
    return found if found is not None else Operation()


def enter(operation: Operation) -> None:
    """Make an operation the current one for the rest of this task."""
    _current.set(operation)


@contextmanager
def running(operation: Operation) -> Iterator[Operation]:
    """Make an operation the current one."""
    token = _current.set(operation)
    try:
        yield operation
    finally:
        _current.reset(token)


def is_changing() -> bool:
    """Whether a command is being carried out: what it sends is never sent twice."""
    return _changing.get()


@contextmanager
def changing() -> Iterator[None]:
    """Mark what is sent as a command's."""
    token = _changing.set(True)
    try:
        yield
    finally:
        _changing.reset(token)
