"""Work: what one operation has made the gateway read and compute so far, and the most of it that it may."""

from dataclasses import dataclass, field
from math import inf
from typing import Any

from telegraphql.gateway.errors import ScanLimit
from telegraphql.gateway.upstream.memory import DECODED_FACTOR, UNBOUNDED, MemoryBudget


@dataclass(frozen=True, slots=True)
class WorkLimits:
    """The most work of one operation. `cpu_seconds` is processor time."""

    rows: float = inf
    answer_bytes: float = inf
    cpu_seconds: float = inf


@dataclass(slots=True)
class Work:
    """The work of one operation, shared by all its lists, relations and statistics.

    Attributes:
        rows: The rows of the answers that were read, from the cache or from an upstream.
        answer_bytes: The bytes of these answers, after decompression.
        cpu_seconds: The processor time of the operation's tasks and of the threads that decode for it (see metering.py). 0 where nothing
            measures it.
        memory: The budget of the process for what operations hold.
        held_bytes: What this operation holds of it.
        longest_step: The processor time of the longest stretch without giving way to other operations, in seconds.
    """

    limits: WorkLimits = field(default_factory=WorkLimits)
    rows: int = 0
    answer_bytes: int = 0
    cpu_seconds: float = 0.0
    longest_step: float = 0.0
    memory: MemoryBudget = field(default=UNBOUNDED, repr=False)
    held_bytes: int = 0

    def read(self, answer_bytes: int) -> int:
        """Count an answer that is about to be decoded. Return the bytes that the operation holds of it."""
        held = DECODED_FACTOR * answer_bytes
        self.answer_bytes += answer_bytes
        self.held_bytes += held
        self.memory.hold(held)
        return held

    def forget(self, held: int | None = None) -> None:
        """Count bytes as held no more; None: all of them."""
        released = self.held_bytes if held is None else held
        if released:
            self.held_bytes -= released
            self.memory.release(released)

    def __del__(self) -> None:
        # For work that ends without anybody telling, such as that of polls.
        self.forget()

    def check(self) -> None:
        """Raise WorkLimit if a limit is reached: then nothing more is read."""
        limits = self.limits
        if self.rows < limits.rows and self.cpu_seconds < limits.cpu_seconds and self.answer_bytes < limits.answer_bytes:
            return
        if self.rows >= limits.rows:
            reached = f"{limits.rows:,} rows (limits.rows)"
        elif self.cpu_seconds >= limits.cpu_seconds:
            reached = f"{limits.cpu_seconds:g} s of processor time (limits.cpu_time)"
        else:
            reached = f"{limits.answer_bytes:,} bytes of answers (limits.answer_bytes)"
        raise WorkLimit(f"this operation has used its {reached}; ask for less at once", reached)


class WorkLimit(ScanLimit):
    """The operation has done all the work that it may. `reached` says which limit it has reached.

    A list stops there with the problem SCAN_LIMIT and a cursor to go on from. Where there is no cursor, it is the error TOO_EXPENSIVE.
    """

    def __init__(self, message: str, reached: str) -> None:
        super().__init__(message)
        self.reached = reached

    @property
    def extensions(self) -> dict[str, Any]:
        """Return the code of the error; as a problem it has another one."""
        return {**super().extensions, "code": "TOO_EXPENSIVE"}
