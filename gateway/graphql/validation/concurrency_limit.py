"""Admission: how many operations are executed at once; a bounded number waits, in order, and the rest is refused."""

import asyncio
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field

from telegraphql.gateway.errors import Overloaded
from telegraphql.gateway.graphql.validation.limits import Limits


@dataclass(slots=True)
class ConcurrencyLimit:
    """The operations under way. Limits are asked for each time, for they may change."""

    limits: Callable[[], Limits] = Limits
    running: int = 0
    queue: "deque[asyncio.Future[None]]" = field(default_factory=deque)

    def admitted(self) -> "ExecutionSlot":
        """Wait for a place and keep it; Overloaded where too many wait already."""
        return ExecutionSlot(self)

    async def turn(self, limits: Limits) -> None:
        """Wait for a place that another leaves."""
        if len(self.queue) >= limits.max_queue:
            raise Overloaded(f"{limits.max_concurrency} operations are under way and {limits.max_queue} wait; try again in a moment")
        turn = asyncio.get_running_loop().create_future()
        self.queue.append(turn)
        try:
            # Not wait_for: until Python 3.12 it forgets a cancellation in the moment in which the place is handed over.
            async with asyncio.timeout(limits.deadline):
                await turn
        except TimeoutError:
            self._give_back(turn)
            raise Overloaded(f"{limits.max_concurrency} operations are under way and none ended in time; try again in a moment") from None
        except asyncio.CancelledError:
            self._give_back(turn)
            raise

    def _give_back(self, turn: "asyncio.Future[None]") -> None:
        """Wait no longer; the place may have been handed over in this very moment."""
        if turn in self.queue:
            self.queue.remove(turn)
        elif not turn.cancelled():
            self.leave()

    def leave(self) -> None:
        """Hand the place to the next who still waits."""
        while self.queue:
            turn = self.queue.popleft()
            if not turn.done():
                turn.set_result(None)
                return
        self.running -= 1


@dataclass(frozen=True, slots=True)
class ExecutionSlot:
    """A place among the operations under way, as long as this is entered."""

    admission: ConcurrencyLimit

    async def __aenter__(self) -> None:
        """Wait for it."""
        admission = self.admission
        limits = admission.limits()
        if admission.running < limits.max_concurrency:
            admission.running += 1
        else:
            await admission.turn(limits)

    async def __aexit__(self, *_: object) -> None:
        """Leave it to others."""
        self.admission.leave()
