"""The limit of concurrently executed operations. A bounded number waits in order; further ones are refused."""

import asyncio
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field

from telegraphql.gateway.errors import Overloaded
from telegraphql.gateway.graphql.validation.limits import Limits


@dataclass(slots=True)
class ConcurrencyLimit:
    """Counts the operations in execution. `limits` is called for each operation, since a reload may change the limits."""

    limits: Callable[[], Limits] = Limits
    running: int = 0
    queue: "deque[asyncio.Future[None]]" = field(default_factory=deque)

    def slot(self) -> "ExecutionSlot":
        """Return a context manager that waits for a slot and holds it."""
        return ExecutionSlot(self)

    async def wait(self, limits: Limits) -> None:
        """Wait for a slot that another operation gives back.

        Raises:
            Overloaded: The queue is full, or no slot became free within the deadline.
        """
        if len(self.queue) >= limits.max_queue:
            raise Overloaded(f"{limits.max_concurrency} operations are executing and {limits.max_queue} wait; try again in a moment")
        waiter = asyncio.get_running_loop().create_future()
        self.queue.append(waiter)
        try:
            # Not wait_for: before Python 3.12 it swallows a cancellation at the moment when the slot is handed over.
            async with asyncio.timeout(limits.deadline):
                await waiter
        except TimeoutError:
            self._stop_waiting(waiter)
            raise Overloaded(f"{limits.max_concurrency} operations are executing and none ended in time; try again in a moment") from None
        except asyncio.CancelledError:
            self._stop_waiting(waiter)
            raise

    def _stop_waiting(self, waiter: "asyncio.Future[None]") -> None:
        """Leave the queue. If the slot was handed over at this very moment, pass it on."""
        if waiter in self.queue:
            self.queue.remove(waiter)
        elif not waiter.cancelled():
            self.release()

    def release(self) -> None:
        """Give a slot back: to the first operation that still waits."""
        while self.queue:
            waiter = self.queue.popleft()
            if not waiter.done():
                waiter.set_result(None)
                return
        self.running -= 1


@dataclass(frozen=True, slots=True)
class ExecutionSlot:
    """Holds a slot while it is entered."""

    limit: ConcurrencyLimit

    async def __aenter__(self) -> None:
        """Take a slot, or wait for one."""
        limit = self.limit
        limits = limit.limits()
        if limit.running < limits.max_concurrency:
            limit.running += 1
        else:
            await limit.wait(limits)

    async def __aexit__(self, *_: object) -> None:
        """Give the slot back."""
        self.limit.release()
