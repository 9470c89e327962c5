"""The limit of concurrently executed operations. A bounded number waits in order; further ones are refused."""

import asyncio
from collections import deque
from dataclasses import dataclass, field

from telegraphql.gateway.errors import Overloaded
from telegraphql.gateway.graphql.validation.limits import Limits


@dataclass(slots=True)
class ConcurrencyLimit:
    """Counts the operations in execution. Each comes with the limits of its time, which a reload may change."""

    running: int = 0
    queue: "deque[asyncio.Future[None]]" = field(default_factory=deque)

    async def acquire(self, limits: Limits) -> None:
        """Take a slot, or wait for one that another operation gives back. `release` must follow.

        Raises:
            Overloaded: The queue is full, or no slot became free within the deadline.
        """
        if self.running < limits.max_concurrency:
            self.running += 1
            return
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
