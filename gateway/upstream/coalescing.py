"""Flights: identical reads of one provider that are under way at the same time are asked once."""

import asyncio
from collections.abc import Awaitable, Callable, Hashable
from typing import Any, Generic, TypeVar

from telegraphql.gateway.errors import ScanLimit, TimedOut

T = TypeVar("T")


class Borrowed(Exception):
    """The one who asked ran out of time or requests; those who joined may have some left."""


class Flights(Generic[T]):
    """Shared answers by key. The last one to lose interest cancels the work."""

    def __init__(self) -> None:
        self._tasks: dict[Hashable, asyncio.Task[T]] = {}
        self._waiting: dict[Hashable, int] = {}

    def __contains__(self, key: Hashable) -> bool:
        return key in self._tasks

    async def join(self, key: Hashable, ask: Callable[[], Awaitable[T]]) -> T:
        """The answer to `ask`, or to another's under way; Borrowed where that one failed by a limit of its own."""
        task, own = self._tasks.get(key), False
        if task is None:
            own = True
            task = self._tasks[key] = asyncio.ensure_future(ask())
            task.add_done_callback(lambda done: self._landed(key, done))
        self._waiting[key] = self._waiting.get(key, 0) + 1
        try:
            return await asyncio.shield(task)
        except (TimedOut, ScanLimit) as error:
            if own:
                raise
            raise Borrowed from error
        finally:
            self._leave(key, task)

    def _leave(self, key: Hashable, task: "asyncio.Task[T]") -> None:
        if self._tasks.get(key) is not task:
            return
        self._waiting[key] -= 1
        if not self._waiting[key]:
            self._landed(key, task)
            task.cancel()

    def _landed(self, key: Hashable, task: "asyncio.Task[Any]") -> None:
        if self._tasks.get(key) is task:
            del self._tasks[key], self._waiting[key]
        if task.done() and not task.cancelled():
            task.exception()
