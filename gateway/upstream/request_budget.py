"""Request budget: count the upstream requests and the work of one GraphQL operation, and limit them and its time."""

import asyncio
import time
from collections import Counter
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar, Token
from dataclasses import dataclass, field, replace
from datetime import datetime
from types import TracebackType

from telegraphql.gateway.errors import ScanLimit, TimedOut, UpstreamError
from telegraphql.gateway.telemetry.explain import ExplainReport
from telegraphql.gateway.upstream.memory import UNBOUNDED, MemoryBudget
from telegraphql.gateway.upstream.work import Work, WorkLimits
from telegraphql.schema.enums import ProblemCode

NO_DEADLINE = 86_400.0
UNLIMITED = WorkLimits()
LATE = "did not answer within the deadline of this operation; try again, or ask for less"


@dataclass(slots=True)
class RequestBudget:
    """Counts upstream requests; beyond `max_requests` it refuses with ScanLimit. `deadline` is on the monotonic clock."""

    max_requests: int = 1000
    deadline: float | None = None
    began: float = field(default_factory=time.monotonic)
    requests: Counter[tuple[str, str]] = field(default_factory=Counter)
    explain_report: ExplainReport | None = None
    # By provider: the problem for which stale answers were used, and the age of the oldest in seconds.
    stale: dict[str, tuple[ProblemCode, float]] = field(default_factory=dict)
    # True if cached answers may not be used: a poll for new records must see them.
    fresh: bool = False
    work: Work = field(default_factory=Work)
    # Whoever the work is done for; "" for work in the background, which lets others go first.
    payer: str = ""
    # What the operation waits for before it waits for an upstream.
    take_place: Callable[[], Awaitable[None]] | None = None

    @classmethod
    def lasting(
        cls,
        seconds: float | None,
        max_requests: int = 1000,
        fresh: bool = False,
        work: WorkLimits = UNLIMITED,
        memory: MemoryBudget = UNBOUNDED,
        payer: str = "",
    ) -> "RequestBudget":
        """Return a budget that begins now and lasts so many seconds; None: without end."""
        now = time.monotonic()
        deadline = None if seconds is None else now + seconds
        return cls(max_requests, deadline, now, fresh=fresh, work=Work(work, memory=memory), payer=payer)

    def anew(self) -> "RequestBudget":
        """Return a budget with the same limits that begins now."""
        seconds, work = None if self.deadline is None else self.deadline - self.began, self.work
        return self.lasting(seconds, self.max_requests, self.fresh, work.limits, work.memory, self.payer)

    def hurried(self, share: float) -> "RequestBudget":
        """Return the same budget with only a share of the time that is left."""
        return replace(self, deadline=time.monotonic() + share * self.left())

    def count(self, provider: str, operation: str) -> None:
        """Count a request that is about to be sent.

        Raises:
            ScanLimit: the operation has used all its requests.
        """
        if self.requests.total() >= self.max_requests:
            raise ScanLimit(f"this operation has used its {self.max_requests} upstream requests; ask for less at once")
        self.requests[provider, operation] += 1

    def left(self) -> float:
        """Return the seconds until the deadline; a day if there is none."""
        return NO_DEADLINE if self.deadline is None else max(0.0, self.deadline - time.monotonic())

    @property
    def spent(self) -> int:
        """Return how many requests were sent."""
        return self.requests.total()


_current: ContextVar[RequestBudget | None] = ContextVar("operation", default=None)
# True while a command is carried out: its requests are never sent twice.
IS_CHANGING: ContextVar[bool] = ContextVar("changing", default=False)
_reading: ContextVar["reading | None"] = ContextVar("reading", default=None)


def current() -> RequestBudget:
    """Return the budget of the running operation; outside of one, a new one."""
    found = _current.get()
    return found if found is not None else RequestBudget()


# Returns the budget of the running operation; None outside of one.
entered = _current.get


async def give_way() -> None:
    """Let others have their turn in a long computation.

    Raises:
        TimedOut: the operation has no time left.
    """
    await asyncio.sleep(0)
    if not current().left():
        raise TimedOut(LATE)


def enter(operation: RequestBudget | None) -> RequestBudget | None:
    """Make an operation the current one until another is entered. Return the one before."""
    before = _current.get()
    _current.set(operation)
    return before


@dataclass(slots=True)
class running:  # noqa: N801 - reads as a word in `with running(…):`
    """Make an operation the current one."""

    operation: RequestBudget
    _token: Token[RequestBudget | None] = field(init=False)

    def __enter__(self) -> RequestBudget:
        self._token = _current.set(self.operation)
        return self.operation

    def __exit__(self, *_: object) -> None:
        _current.reset(self._token)


@dataclass(slots=True)
class reading:  # noqa: N801 - reads as a word in `with reading(…):`
    """Read a slice: the time up to which it reaches, None for the moving present, which the cache needs.

    `stale`: the errors in whose place stale answers were used, with the ages of these in seconds. `held_bytes`: what its answers take.
    """

    until: datetime | None
    stale: list[tuple[UpstreamError, float]] = field(default_factory=list)
    held_bytes: int = 0
    _token: "Token[reading | None]" = field(init=False)

    def __enter__(self) -> "reading":
        self._token = _reading.set(self)
        return self

    def __exit__(self, *_: object) -> None:
        _reading.reset(self._token)


def reach() -> datetime | None:
    """Return the time up to which the slice being read reaches; None if it has no end."""
    here = _reading.get()
    return None if here is None else here.until


def note_answer(size: int) -> None:
    """Count the bytes of an answer that is about to be decoded, for the operation and for the slice being read."""
    held, here = current().work.read(size), _reading.get()
    if here is not None:
        here.held_bytes += held


def note_stale(error: UpstreamError, seconds: float) -> None:
    """Note that an answer so many seconds old is used in the place of one that failed."""
    stale = current().stale
    if error.provider not in stale or stale[error.provider][1] < seconds:
        stale[error.provider] = error.problem, seconds
    here = _reading.get()
    if here is not None:
        here.stale.append((error, seconds))


@contextmanager
def changing() -> Iterator[None]:
    """Mark the requests within as those of a command."""
    token = IS_CHANGING.set(True)
    try:
        yield
    finally:
        IS_CHANGING.reset(token)


class within_deadline:  # noqa: N801 - reads as words in `async with within_deadline():`
    """Limit a wait to what the running operation has left; TimedOut if that is not enough."""

    __slots__ = ("_timeout",)

    async def __aenter__(self) -> None:
        self._timeout = asyncio.timeout(current().left())
        await self._timeout.__aenter__()

    async def __aexit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        try:
            await self._timeout.__aexit__(kind, error, trace)
        except TimeoutError:
            raise TimedOut(LATE) from None
        if isinstance(error, TimeoutError):
            raise TimedOut(LATE) from None
