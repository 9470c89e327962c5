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
MAX_ACCOUNTS = 10_000


@dataclass(slots=True)
class Account:
    """What one caller has used. `due`: when it will have been its share, on the monotonic clock; `cost`: what an operation of it takes."""

    due: float = 0.0
    cost: float = OVERHEAD
    seen_at: float = 0.0


@dataclass(eq=False, slots=True)
class ProcessorShare:
    """The accounts of all callers: a generic cell rate algorithm for each of them, whose cells are seconds of the processor.

    A caller that is alone, or has little work, never waits.
    """

    share: float = 0.5
    clock: Callable[[], float] = time.monotonic
    # The one who asked last is the last.
    _accounts: "OrderedDict[str, Account]" = field(default_factory=OrderedDict)

    def begin(self, payer: str) -> float:
        """Count an operation that begins. Return the seconds that it has to wait before."""
        now, account = self.clock(), self._accounts.get(payer)
        if account is None:
            account = self._accounts[payer] = Account()
            if len(self._accounts) > MAX_ACCOUNTS:
                self._accounts.popitem(last=False)
        else:
            self._accounts.move_to_end(payer)
        account.seen_at = now
        before = max(account.due, now)
        wait = before - now - BURST
        if wait <= 0 or not self._others_ask(payer, now):
            # Alone it could run up a debt without end, for which it would pay when others come.
            account.due = min(before + account.cost / self.share, now + MAX_DEBT)
            return 0.0
        account.due = before + account.cost * self._heavy(now) / self.share
        return wait

    def end(self, payer: str, seconds: float, has_begun: bool = True) -> None:
        """Count what an operation took. One that was refused before may not have begun."""
        account, used = self._accounts.get(payer), seconds + OVERHEAD
        if account is not None:
            account.due += (used - account.cost * has_begun) / self.share
            account.cost += WEIGHT * (used - account.cost)

    def _others_ask(self, payer: str, now: float) -> bool:
        other = next((name for name in reversed(self._accounts) if name != payer), None)
        return other is not None and self._accounts[other].seen_at > now - PRESENCE

    def _heavy(self, now: float) -> int:
        """Return how many callers have used more than their share: they have one together."""
        return sum(account.due > now + BURST for account in self._accounts.values()) or 1
