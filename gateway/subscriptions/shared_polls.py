"""Shared polls: one poll of a record per interval, however many subscriptions follow it."""

import asyncio
import time
from collections.abc import Awaitable, Callable, Hashable
from typing import Any

# Polls that are older than so many intervals are forgotten.
FORGOTTEN_AFTER = 3


class SharedPolls:
    """The last poll of each record, which all its followers share for one interval."""

    def __init__(self, interval: float) -> None:
        self._interval = interval
        self._polls: dict[Hashable, tuple[float, asyncio.Future[Any]]] = {}

    async def get(self, key: Hashable, load: Callable[[], Awaitable[Any]]) -> Any:
        """Return what the last poll of a record found, or poll it if that was an interval ago. Who stops waiting stops no others."""
        now = time.monotonic()
        polled_at, poll = self._polls.get(key, (now, None))
        if poll is None or now - polled_at >= self._interval:
            oldest = now - FORGOTTEN_AFTER * self._interval
            self._polls = {other: each for other, each in self._polls.items() if each[0] >= oldest}
            poll = asyncio.ensure_future(load())
            self._polls[key] = now, poll
        return await asyncio.shield(poll)
