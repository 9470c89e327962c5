"""Coalescing: equal reads of one account that are under way at the same time are sent once."""

import asyncio
from collections.abc import Awaitable, Callable, Hashable
from functools import partial
from typing import Any

from telegraphql.gateway.errors import ScanLimit, TimedOut
from telegraphql.gateway.upstream.deadline import within_deadline
from telegraphql.gateway.upstream.exchange import Exchange, Handler
from telegraphql.gateway.upstream.instrumentation import Recorder


class LeaderGaveUp(Exception):
    """Raised if the request that was sent for all ran out of its own time or requests; the others may have some left."""


class Coalescer:
    """Reads under way, by what they ask for. The last waiter that leaves cancels the read."""

    def __init__(self, recorder: Recorder | None = None) -> None:
        self._recorder = recorder or Recorder()
        self._tasks: dict[Hashable, asyncio.Task[Any]] = {}
        self._waiters: dict[Hashable, int] = {}
        # A command in between makes two equal reads different.
        self._commands = 0

    async def share(self, following: Handler, exchange: Exchange) -> Any:
        """Return the value of the exchange, or of an equal one that is under way."""
        if not exchange.is_shareable:
            try:
                return await following(exchange)
            finally:
                self._commands += exchange.is_command
        # What a read is decoded with makes it different too.
        key = self._commands, id(exchange.decoder), exchange.identity
        if key in self._tasks:
            self._recorder.cached("shared")
        async with within_deadline():
            try:
                return await self.join(key, following, exchange)
            except LeaderGaveUp:
                return await following(exchange)

    async def join(self, key: Hashable, ask: Callable[..., Awaitable[Any]], *arguments: Any) -> Any:
        """Return the result of `ask`, or of another one under way with this key.

        Raises:
            LeaderGaveUp: the other one met a limit that was its own.
        """
        task = self._tasks.get(key)
        is_leader = task is None
        if task is None:
            task = self._tasks[key] = asyncio.ensure_future(ask(*arguments))
            task.add_done_callback(partial(self._forget, key))
        self._waiters[key] = self._waiters.get(key, 0) + 1
        try:
            return await asyncio.shield(task)
        except (TimedOut, ScanLimit) as error:
            if is_leader:
                raise
            raise LeaderGaveUp from error
        finally:
            self._leave(key, task)

    def _leave(self, key: Hashable, task: "asyncio.Task[Any]") -> None:
        if self._tasks.get(key) is not task:
            return
        self._waiters[key] -= 1
        if not self._waiters[key]:
            self._forget(key, task)
            task.cancel()

    def _forget(self, key: Hashable, task: "asyncio.Task[Any]") -> None:
        if self._tasks.get(key) is task:
            del self._tasks[key], self._waiters[key]
        if task.done() and not task.cancelled():
            task.exception()
