"""Fair slots: a bounded number of slots, dealt out in turn to those who wait for them."""

import asyncio
from collections import Counter, deque
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TypeAlias

Waiter: TypeAlias = "asyncio.Future[None]"


class NoSlot(Exception):
    """No slot is free, and no more may wait. `is_own` tells if those of the same payer are why."""

    def __init__(self, is_own: bool) -> None:
        super().__init__()
        self.is_own = is_own


@dataclass(frozen=True, slots=True)
class SlotLimits:
    """The number of slots, and of those who may wait: in all, and of one payer."""

    slots: int
    waiting: int
    slots_each: int
    waiting_each: int


@dataclass(eq=False, slots=True)
class FairSlots:
    """Slots, and who has them. Whoever waits is served after at most one other of each payer, however many of them wait.

    A slot is taken for a payer: whoever the work is done for. What waits in the background comes after all that somebody waits for.

    Attributes:
        may_deal: Returns False while no slot is given, even if one is free.
    """

    limits: SlotLimits
    may_deal: Callable[[], bool] = lambda: True
    taken: int = 0
    waiting: int = 0
    taken_by: Counter[str] = field(default_factory=Counter)
    # By payer, in the order of their turns: for somebody, and in the background.
    _queues: tuple[dict[str, deque[Waiter]], dict[str, deque[Waiter]]] = field(default_factory=lambda: ({}, {}))

    def take(self, payer: str, is_background: bool = False) -> bool:
        """Take a free slot; return False if there is none for this payer. `release` must follow.

        A slot that is free while others wait is one that none of them may have.
        """
        if not self._is_free_for(payer) or payer in self._queues[is_background] or (is_background and self._queues[0]):
            return False
        self._give(payer)
        return True

    async def wait(self, payer: str, is_background: bool = False) -> None:
        """Wait until a slot is given. `release` must follow.

        Raises:
            NoSlot: Too many wait already; or another payer, of whom fewer wait, came later and took the place in the queue.
        """
        queues = self._queues[is_background]
        self._check_queue(payer, queues)
        waiter: Waiter = asyncio.get_running_loop().create_future()
        queues.setdefault(payer, deque()).append(waiter)
        self.waiting += 1
        self.deal()
        try:
            await waiter
        except asyncio.CancelledError:
            if waiter in queues.get(payer, ()):
                self._remove(payer, waiter, queues)
            elif not waiter.cancelled() and waiter.exception() is None:
                self.release(payer)  # it was given at this very moment
            raise

    def release(self, payer: str) -> None:
        """Give a slot back, to the next who waits."""
        self.taken -= 1
        self.taken_by[payer] -= 1
        if not self.taken_by[payer]:
            del self.taken_by[payer]
        if self.waiting:
            self.deal()

    def deal(self) -> None:
        """Give the free slots to those whose turn it is."""
        for queues in self._queues:
            while (payer := next((each for each in queues if self._is_free_for(each)), None)) is not None:
                waiter = queues[payer][0]
                self._remove(payer, waiter, queues)
                if payer in queues:
                    queues[payer] = queues.pop(payer)  # to the end of the turns
                if not waiter.done():  # else it was cancelled a moment ago
                    self._give(payer)
                    waiter.set_result(None)

    def _is_free_for(self, payer: str) -> bool:
        return self.taken < self.limits.slots and self.taken_by[payer] < self.limits.slots_each and self.may_deal()

    def _give(self, payer: str) -> None:
        self.taken += 1
        self.taken_by[payer] += 1

    def _remove(self, payer: str, waiter: Waiter, queues: dict[str, deque[Waiter]]) -> None:
        queues[payer].remove(waiter)
        self.waiting -= 1
        if not queues[payer]:
            del queues[payer]

    def _check_queue(self, payer: str, queues: dict[str, deque[Waiter]]) -> None:
        """Make room for one more in the queue: who has most in it loses the last of them, unless that is who asks."""
        own = len(queues.get(payer, ()))
        if own >= self.limits.waiting_each:
            raise NoSlot(is_own=True)
        if self.waiting < self.limits.waiting:
            return
        most = max((name for name in queues), key=lambda name: len(queues[name]), default=payer)
        if len(queues.get(most, ())) <= own + 1:
            raise NoSlot(is_own=False)
        last = queues[most][-1]
        self._remove(most, last, queues)
        if not last.done():
            last.set_exception(NoSlot(is_own=True))
