"""Page batch: pages that are asked for by key in the same turn of the event loop are read together."""

import asyncio
from collections.abc import AsyncIterator, Callable, Sequence
from typing import Any

from telegraphql.gateway.errors import RequestError
from telegraphql.gateway.pagination.dataloaders import DataLoaders
from telegraphql.gateway.upstream.request_budget import give_way
from telegraphql.schema.paging import Connection

Pages = AsyncIterator[tuple[str, Connection[Any] | RequestError]]
# So many pages are handed over before others have their turn: each is then completed.
HANDED_OVER = 10


class PageBatch:
    """The pages of lists that have all but a key in common."""

    def __init__(self, read: Callable[[Sequence[str]], Pages], loaders: DataLoaders) -> None:
        self._read, self._loaders = read, loaders
        self._waiting: dict[str, asyncio.Future[Connection[Any]]] = {}
        self._tasks: set[asyncio.Task[None]] = set()

    async def page(self, key: str) -> Connection[Any]:
        """Return the page of a key.

        Raises:
            RequestError: Its arguments are wrong.
        """
        if key not in self._waiting:
            loop = asyncio.get_running_loop()
            if not self._waiting:
                loop.call_soon(self._begin)
            self._waiting[key] = loop.create_future()
        return await self._waiting[key]

    def _begin(self) -> None:
        waiting, self._waiting = self._waiting, {}
        task = asyncio.get_running_loop().create_task(self._load(waiting))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _load(self, waiting: dict[str, "asyncio.Future[Connection[Any]]"]) -> None:
        try:
            with self._loaders.loading():
                handed_over = 0
                async for key, page in self._read([*waiting]):
                    _settle(waiting[key], page)
                    handed_over += 1
                    if handed_over % HANDED_OVER == 0:
                        await give_way()
        except Exception as error:
            for future in waiting.values():
                _settle(future, error)
        finally:
            for future in waiting.values():
                future.cancel()


def _settle(future: "asyncio.Future[Connection[Any]]", page: Connection[Any] | Exception) -> None:
    if future.done():
        return
    if isinstance(page, Exception):
        future.set_exception(page)
    else:
        future.set_result(page)
