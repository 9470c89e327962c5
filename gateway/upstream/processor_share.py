"""Processor share: callers with much work do it in turns, so that it does not fill the event loop while others ask too."""

import time
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass, field

# Seconds for which a caller counts as one who asks.
PRESENCE = 5.0
# Seconds of the processor that a caller may use beyond its share at once, and that it can owe at most.
BURST, MAX_DEBT = 0.05, 0.5
# What an operation costs beyond what is measured: reading the request, and writing the response.
OVERHEAD = 0.0005
# The part of a caller's average that its newest operation is.
WEIGHT = 0.1
MAX_USES = 10_000


@dataclass(slots=True)
class ProcessorUse:
    """The use of one caller. `due`: when it will have been its share, on the monotonic clock; `cost`: what an operation of it takes."""

    due: float = 0.0
    cost: float = OVERHEAD
    seen_at: float = 0.0


@dataclass(eq=False, slots=True)
class ProcessorShare:
    """The use of all callers: a generic cell rate algorithm for each of them, whose cells are seconds of the processor.

    A caller that is alone, or has little work, never waits.
    """

    share: float = 0.5
    clock: Callable[[], float] = time.monotonic
    # The one who asked last is the last.
    _uses: "OrderedDict[str, ProcessorUse]" = field(default_factory=OrderedDict)

    def begin(self, payer: str) -> float:
        """Count an operation that begins. Return the seconds that it has to wait before."""
        now, use = self.clock(), self._uses.get(payer)
        if use is None:
            use = self._uses[payer] = ProcessorUse()
            if len(self._uses) > MAX_USES:
                self._uses.popitem(last=False)
        else:
            self._uses.move_to_end(payer)
        use.seen_at = now
        before = max(use.due, now)
        wait = before - now - BURST
        if wait <= 0 or not self._others_ask(payer, now):
            # Alone it could run up a debt without end, for which it would pay when others come.
            use.due = min(before + use.cost / self.share, now + MAX_DEBT)
            return 0.0
        use.due = before + use.cost * self._heavy(now) / self.share
        return wait

    def end(self, payer: str, seconds: float, has_begun: bool = True) -> None:
        """Count what an operation took. One that was refused before may not have begun."""
        use, used = self._uses.get(payer), seconds + OVERHEAD
        if use is not None:
            use.due += (used - use.cost * has_begun) / self.share
            use.cost += WEIGHT * (used - use.cost)

    def _others_ask(self, payer: str, now: float) -> bool:
        other = next((name for name in reversed(self._uses) if name != payer), None)
        return other is not None and self._uses[other].seen_at > now - PRESENCE

    def _heavy(self, now: float) -> int:
        """Return how many callers have used more than their share: they have one together."""
        return sum(use.due > now + BURST for use in self._uses.values()) or 1
