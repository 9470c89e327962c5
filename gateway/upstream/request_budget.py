"""RequestBudget: what one GraphQL operation has cost the upstreams so far, and how much it may."""

import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field
from datetime import datetime

from telegraphql.gateway.errors import ScanLimit, UpstreamError
from telegraphql.gateway.telemetry.explain import ExplainReport
from telegraphql.schema.enums import ProblemCode

ENDLESS = 86_400.0


@dataclass(slots=True)
class RequestBudget:
    """Counts upstream requests; beyond `most_requests` it refuses with ScanLimit. `deadline` is on the monotonic clock."""

    most_requests: int = 1000
    deadline: float | None = None
    began: float = field(default_factory=time.monotonic)
    requests: Counter[tuple[str, str]] = field(default_factory=Counter)
    tally: ExplainReport | None = None
    # By provider: why an old answer stood in for a failing upstream, and the seconds of the oldest.
    stale: dict[str, tuple[ProblemCode, float]] = field(default_factory=dict)
    # Whether only the upstream's own answers will do: who looks for what is new may be shown nothing that is a moment old.
    fresh: bool = False

    def anew(self) -> "RequestBudget":
        """One with the same limits that begins now."""
        now = time.monotonic()
        return RequestBudget(self.most_requests, None if self.deadline is None else now + self.deadline - self.began, now)

    def hurried(self, share: float) -> "RequestBudget":
        """The same, with only a share of the time that is left."""
        deadline = time.monotonic() + share * self.left()
        return RequestBudget(self.most_requests, deadline, self.began, self.requests, self.tally, self.stale, self.fresh)

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


_current: ContextVar[RequestBudget | None] = ContextVar("operation", default=None)
_changing: ContextVar[bool] = ContextVar("changing", default=False)
_reading: ContextVar["ListRead | None"] = ContextVar("reading", default=None)


def current() -> RequestBudget:
    """The running operation; outside of one, a fresh one that nobody reads."""
    found = _current.get()
    return found if found is not None else RequestBudget()


def enter(operation: RequestBudget | None) -> RequestBudget | None:
    """Make an operation the current one until another is entered; gives the one before."""
    before = _current.get()
    _current.set(operation)
    return before


class running:  # noqa: N801 - reads as a word in `with running(…):`
    """Make an operation the current one."""

    __slots__ = ("_operation", "_token")

    def __init__(self, operation: RequestBudget) -> None:
        self._operation = operation

    def __enter__(self) -> RequestBudget:
        self._token = _current.set(self._operation)
        return self._operation

    def __exit__(self, *_: object) -> None:
        _current.reset(self._token)


@dataclass(frozen=True, slots=True)
class ListRead:
    """A slice that is being read: the upper end of what is asked for, and what failed though an old answer stood in for it."""

    until: datetime | None
    stale: list[tuple[UpstreamError, float]] = field(default_factory=list)


class reading:  # noqa: N801 - reads as a word in `with reading(…):`
    """Tell the transport up to when a slice reaches; None where that is the moving present."""

    __slots__ = ("_here", "_token")

    def __init__(self, until: datetime | None) -> None:
        self._here = ListRead(until)

    def __enter__(self) -> ListRead:
        self._token = _reading.set(self._here)
        return self._here

    def __exit__(self, *_: object) -> None:
        _reading.reset(self._token)


def reach() -> datetime | None:
    """Up to when the slice being read reaches; None where nothing ends it."""
    here = _reading.get()
    return None if here is None else here.until


def stood_in(error: UpstreamError, seconds: float) -> None:
    """Note that an answer so many seconds old is used in the place of what failed."""
    stale = current().stale
    if error.provider not in stale or stale[error.provider][1] < seconds:
        stale[error.provider] = error.problem, seconds
    here = _reading.get()
    if here is not None:
        here.stale.append((error, seconds))


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
