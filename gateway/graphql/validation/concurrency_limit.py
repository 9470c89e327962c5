"""The shares of callers: places of operations that wait for upstreams, downloads, subscriptions, and the processor.

An operation takes its place when it first waits for an upstream: what the gateway or its cache answers needs none.
"""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, field

from telegraphql.gateway.errors import Overloaded
from telegraphql.gateway.graphql.validation.limits import Limits
from telegraphql.gateway.upstream.fair_slots import FairSlots, NoSlot, SlotLimits
from telegraphql.gateway.upstream.memory import MemoryBudget
from telegraphql.gateway.upstream.processor_share import ProcessorShare
from telegraphql.gateway.upstream.request_budget import current

# The part of its time that an operation waits for a place: with the rest it says what it has.
WAITING_SHARE = 0.8


@dataclass(eq=False, slots=True)
class ConcurrencyLimit:
    """The shares of all callers. No place is given while the memory budget is used up."""

    limits: Limits = field(default_factory=Limits)
    memory: MemoryBudget = field(default_factory=MemoryBudget)
    processor: ProcessorShare = field(default_factory=ProcessorShare)
    # Called with the payer and what was refused.
    on_refusal: Callable[[str, str], None] = lambda payer, reason: None
    slots: FairSlots = field(init=False)
    downloads: FairSlots = field(init=False)
    subscriptions: FairSlots = field(init=False)

    def __post_init__(self) -> None:
        none = SlotLimits(0, 0, 0, 0)
        self.slots, self.downloads, self.subscriptions = FairSlots(none, lambda: self.memory.has_room), FairSlots(none), FairSlots(none)
        self.memory.on_release = self.slots.deal
        self.adapt(self.limits)

    def adapt(self, limits: Limits) -> None:
        """Go on with the limits of another configuration."""
        self.limits, self.memory.max_bytes, self.processor.share = limits, limits.memory, limits.cpu_share
        self.slots.limits = SlotLimits(
            limits.max_concurrency, limits.max_queue, limits.max_concurrency_per_caller, limits.max_queue_per_caller
        )
        self.downloads.limits = SlotLimits(limits.max_downloads, 0, limits.max_downloads_per_caller, 0)
        self.subscriptions.limits = SlotLimits(limits.max_subscriptions, 0, limits.max_subscriptions_per_caller, 0)
        self.slots.deal()

    async def take_turn(self, payer: str) -> None:
        """Wait until a caller with much work may begin another operation, if others ask too.

        Raises:
            Overloaded: Its turn comes too late.
        """
        wait = self.processor.begin(payer)
        if wait > WAITING_SHARE * self.limits.deadline:
            self.on_refusal(payer, "processor")
            raise Overloaded("your operations use the processor beyond your share (limits.cpu_share); send fewer at once")
        if wait > 0:
            await asyncio.sleep(wait)

    def subscribe(self, payer: str) -> None:
        """Count an open subscription. `subscriptions.release` must follow.

        Raises:
            Overloaded: There are too many.
        """
        if not self.subscriptions.take(payer):
            self.on_refusal(payer, "subscriptions")
            raise Overloaded(_refused(self.subscriptions, payer, "subscriptions", "open"))

    def download(self, payer: str) -> None:
        """Count a file that is being sent. `downloads.release` must follow.

        Raises:
            Overloaded: There are too many.
        """
        if not self.downloads.take(payer):
            self.on_refusal(payer, "downloads")
            raise Overloaded(_refused(self.downloads, payer, "downloads", "under way"))

    def place(self, payer: str) -> "Place":
        """Return the place of one operation, which it has not taken yet. `payer` is whoever it is done for."""
        return Place(self, payer)


@dataclass(eq=False, slots=True)
class Place:
    """The place of one operation.

    Attributes:
        refusal: Why there was none in time.
    """

    limit: ConcurrencyLimit
    payer: str
    is_taken: bool = False
    refusal: Overloaded | None = None
    _waiting: "asyncio.Task[None] | None" = None

    async def take(self) -> None:
        """Take the place, or wait until there is one; all requests of the operation wait for the same.

        Raises:
            Overloaded: Too many wait, or there was none in time.
        """
        if self.is_taken:
            return
        if self._waiting is None:
            if self.limit.slots.take(self.payer):
                self.is_taken = True
                return
            self._waiting = asyncio.ensure_future(self._wait(WAITING_SHARE * min(current().left(), self.limit.limits.deadline)))
        await asyncio.shield(self._waiting)
        if self.refusal is not None:
            raise self.refusal

    def leave(self) -> None:
        """Give the place back."""
        if self._waiting is not None:
            self._waiting.cancel()
        if self.is_taken:
            self.is_taken = False
            self.limit.slots.release(self.payer)

    async def _wait(self, seconds: float) -> None:
        try:
            # Not wait_for: before Python 3.12 it swallows a cancellation at the moment when the slot is handed over.
            async with asyncio.timeout(seconds):
                await self.limit.slots.wait(self.payer)
        except NoSlot as full:
            self.limit.on_refusal(self.payer, "queue")
            self.refusal = Overloaded(self._too_many(full.is_own))
        except TimeoutError:
            self.limit.on_refusal(self.payer, "waiting" if self.limit.memory.has_room else "memory")
            self.refusal = Overloaded(self._none_in_time())
        else:
            self.is_taken = True

    def _too_many(self, is_own: bool) -> str:
        limits = self.limit.limits
        if is_own:
            return (
                f"{self.limit.slots.taken_by[self.payer]} operations of yours are executing and as many wait as may; try again in a moment"
            )
        return f"{self.limit.slots.taken} operations are executing and {limits.max_queue} wait; try again in a moment"

    def _none_in_time(self) -> str:
        if not self.limit.memory.has_room:
            return "the operations that are executing hold as much memory as they may (limits.memory); try again in a moment"
        return f"{self.limit.slots.taken} operations are executing and none ended in time; try again in a moment"


def _refused(slots: FairSlots, payer: str, things: str, state: str) -> str:
    own = slots.taken_by[payer]
    if own >= slots.limits.slots_each:
        return f"{own} {things} of yours are {state} (limits.max_{things}_per_caller); end some, or try again later"
    return f"{slots.taken} {things} are {state} (limits.max_{things}); try again later"
