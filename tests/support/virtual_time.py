"""Clock: a loop in which time passes only while everybody waits, and then at once, so that deadlines can be tested to the instant."""

import asyncio
from collections.abc import Coroutine
from types import SimpleNamespace
from typing import Any, TypeVar
from unittest.mock import patch

T = TypeVar("T")


class Leaping(asyncio.SelectorEventLoop):
    """Leaps to the next moment for which somebody waits."""

    def __init__(self) -> None:
        super().__init__()
        self.now = 1000.0

    def time(self) -> float:
        """The moment it is."""
        return self.now

    def _run_once(self) -> None:
        waiting = [handle.when() for handle in self._scheduled if not handle.cancelled()]  # type: ignore[attr-defined]
        if waiting and not self._ready:  # type: ignore[attr-defined]
            self.now = max(self.now, min(waiting))
        super()._run_once()  # type: ignore[misc]


def leaping(main: Coroutine[Any, Any, T]) -> T:
    """What comes of it, in no time; operations go by the same clock."""
    loop = Leaping()
    with (
        patch("telegraphql.gateway.upstream.request_budget.time", SimpleNamespace(monotonic=loop.time)),
        asyncio.Runner(loop_factory=lambda: loop) as runner,
    ):
        return runner.run(main)
