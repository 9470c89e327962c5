"""Loop stalls: how long this process kept its own event loop from running while requests were under way."""

import asyncio

# How often the loop is looked at while a request is under way.
INTERVAL_SECONDS = 0.05
# A wait of which so much passed in stalls says nothing about whom it was for.
MOST_STALLED = 0.25


class LoopStalls:
    """Measures stalls while `waiting` is not 0. `seconds` grows by each of them."""

    def __init__(self) -> None:
        self.waiting = 0
        self.seconds = 0.0
        self.is_running = False

    def start(self) -> None:
        """Measure until nothing waits."""
        self.is_running = True
        loop = asyncio.get_running_loop()
        due = loop.time() + INTERVAL_SECONDS
        loop.call_at(due, self._look, loop, due)

    def explain(self, before: float, waited: float) -> bool:
        """Return True if a wait was long for the sake of stalls, given `seconds` at its beginning."""
        return self.seconds - before > MOST_STALLED * waited

    def _look(self, loop: asyncio.AbstractEventLoop, due: float) -> None:
        late = loop.time() - due
        if late > INTERVAL_SECONDS:
            self.seconds += late
        if self.waiting:
            self.start()
        else:
            self.is_running = False
