"""Loop clock: tells how late the event loop is, to the loop itself and to other threads."""

import asyncio
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress

# Seconds between two looks at the clock in the event loop.
TICK = 0.1
# Seconds for which the longest lateness is remembered, at least.
MEMORY = 15.0


class LoopClock:
    """The clock of one event loop. Nothing is late before it runs."""

    def __init__(self) -> None:
        self._ticked: float | None = None
        self._began = 0.0
        self._peaks = [0.0, 0.0]
        self.last = 0.0

    @asynccontextmanager
    async def running(self) -> AsyncIterator[None]:
        """Look at the clock again and again."""
        self.tick()
        ticking = asyncio.create_task(self._run())
        try:
            yield
        finally:
            ticking.cancel()
            with suppress(asyncio.CancelledError):
                await ticking
            self._ticked = None

    @property
    def lag(self) -> float:
        """The seconds by which the event loop is late now."""
        return 0.0 if self._ticked is None else max(0.0, time.monotonic() - self._ticked - TICK)

    @property
    def peak(self) -> float:
        """The longest lateness of the last 15 to 30 seconds."""
        return max(self.lag, *self._peaks)

    def tick(self) -> None:
        """Note that the event loop has come by."""
        self.last, self._ticked = self.lag, time.monotonic()
        if self._ticked - self._began > MEMORY:
            self._began, self._peaks = self._ticked, [0.0, self._peaks[0]]
        self._peaks[0] = max(self._peaks[0], self.last)

    async def _run(self) -> None:
        while True:
            await asyncio.sleep(TICK)
            self.tick()
