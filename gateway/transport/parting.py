"""Parting: work that nobody waits for any more is stopped once, and cleans up behind itself in peace."""

import asyncio
from collections.abc import Coroutine
from dataclasses import dataclass, field
from typing import Any, TypeVar

T = TypeVar("T")


@dataclass(slots=True)
class Parting:
    """Holds what still cleans up."""

    tasks: set["asyncio.Task[Any]"] = field(default_factory=set)

    async def once(self, work: Coroutine[Any, Any, T]) -> T:
        """What comes of it. Two deadlines may stop the same wait at the same moment; the second would interrupt the closing of a
        connection that the first began, and the pool would count that connection for ever."""
        task = asyncio.ensure_future(work)
        try:
            return await asyncio.shield(task)
        except asyncio.CancelledError:
            if not task.done():
                task.cancel()
                self.tasks.add(task)
                task.add_done_callback(self._parted)
            raise

    def _parted(self, task: "asyncio.Task[Any]") -> None:
        self.tasks.discard(task)
        if not task.cancelled():
            task.exception()
