"""Coalescing: equal reads of one account that are under way at the same time are sent once."""

import asyncio
from collections.abc import Hashable
from functools import partial
from typing import Any

from telegraphql.gateway.errors import ScanLimit, TimedOut
from telegraphql.gateway.upstream.instrumentation import Recorder
from telegraphql.gateway.upstream.messages import Exchange, Handler
from telegraphql.gateway.upstream.request_budget import current, within_deadline


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
        if (take_place := current().take_place) is not None:
            await take_place()
        identity = exchange.identity
        if identity is None:
            try:
                return await following(exchange)
            finally:
                self._commands += exchange.is_command
        # What a read is decoded with makes it different too.
        key = self._commands, id(exchange.decoder), identity
        task = self._tasks.get(key)
        is_leader = task is None
        if task is None:
            task = self._tasks[key] = asyncio.ensure_future(following(exchange))
            task.add_done_callback(partial(self._forget, key))
        else:
            self._recorder.cached("shared")
        self._waiters[key] = self._waiters.get(key, 0) + 1
        async with within_deadline():
            try:
                return await asyncio.shield(task)
            except (TimedOut, ScanLimit):
                if is_leader:
                    raise
                # The one that was sent for all ran out of its own time or requests; this one may have some left.
                return await following(exchange)
            finally:
                if self._tasks.get(key) is task:
                    self._leave(key, task)

    def _leave(self, key: Hashable, task: "asyncio.Task[Any]") -> None:
        """Leave before the end."""
        self._waiters[key] -= 1
        if not self._waiters[key]:
            self._forget(key, task)
            task.cancel()

    def _forget(self, key: Hashable, task: "asyncio.Task[Any]") -> None:
        if self._tasks.get(key) is task:
            del self._tasks[key], self._waiters[key]
        if task.done() and not task.cancelled():
            task.exception()
