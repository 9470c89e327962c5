"""Local IO: read files of this machine in threads, bounded in number and time, with errors as those of an upstream."""

import asyncio
import contextlib
import os
from collections.abc import AsyncIterator, Callable
from concurrent.futures import ThreadPoolExecutor
from contextvars import ContextVar, copy_context
from threading import Event
from typing import BinaryIO, TypeVar

import httpx

from telegraphql.gateway.errors import Forbidden, TimedOut, Unavailable
from telegraphql.gateway.upstream.byte_range import parse_range

T = TypeVar("T")
CHUNK = 256 * 1024
_unwanted: ContextVar[Event | None] = ContextVar("unwanted", default=None)


class Unwanted(Exception):
    """Raised in a thread whose result is no longer waited for."""


def still_wanted() -> None:
    """Raise Unwanted if the result is no longer waited for.

    Call it in loops of what `Upstream.run` runs: a thread cannot be stopped from outside.
    """
    unwanted = _unwanted.get()
    if unwanted is not None and unwanted.is_set():
        raise Unwanted


class Local:
    """Runs functions in threads of one provider, so that a disk that hangs takes no thread from another provider.

    A read that is no longer waited for keeps its thread until it ends.
    """

    def __init__(self, max_concurrency: int = 16, seconds: float = 10.0) -> None:
        self._max_concurrency, self._seconds = max_concurrency, seconds
        self._threads: ThreadPoolExecutor | None = None

    async def run(self, operation: str, work: Callable[[], T]) -> T:
        """Return the result of a function; its OSErrors become UpstreamErrors. The contract kit simulates faults by the operation."""
        return await self.in_thread(work)

    async def in_thread(self, work: Callable[[], T]) -> T:
        """Return the result of a part of an operation that has begun."""
        context, unwanted = copy_context(), Event()
        context.run(_unwanted.set, unwanted)
        try:
            with local_errors():
                async with asyncio.timeout(self._seconds):
                    return await asyncio.get_running_loop().run_in_executor(self._pool(), context.run, work)
        finally:
            unwanted.set()

    async def open(self, operation: str, opens: Callable[[], BinaryIO], range_header: str | None) -> httpx.Response:
        """Return the file that a function opens, or the part that a Range header names, as an upstream would answer it."""
        file, size = await self.run(operation, lambda: _opened(opens))
        part = parse_range(range_header)
        if part is None:
            return httpx.Response(200, headers={"content-length": str(size)}, stream=FileBody(self, file, 0, size))
        first, last = part.within(size)
        if first > last or first >= size:
            self.close(file)
            return httpx.Response(416, headers={"content-range": f"bytes */{size}"})
        headers = {"content-range": f"bytes {first}-{last}/{size}", "content-length": str(last - first + 1)}
        return httpx.Response(206, headers=headers, stream=FileBody(self, file, first, last - first + 1))

    def close(self, file: BinaryIO) -> None:
        """Close a file, once its thread no longer reads it."""
        self._pool().submit(file.close)

    def aclose(self) -> None:
        """Start no further thread."""
        if self._threads is not None:
            self._threads.shutdown(wait=False, cancel_futures=False)
            self._threads = None

    def _pool(self) -> ThreadPoolExecutor:
        if self._threads is None:
            self._threads = ThreadPoolExecutor(self._max_concurrency, "telegraphql-local")
        return self._threads


class NoNetwork(httpx.AsyncBaseTransport):
    """The transport of a provider that has no address: every request fails."""

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        """Raise UnsupportedProtocol: a plugin that sends requests over HTTP derives its settings from `Settings`."""
        raise httpx.UnsupportedProtocol("no address")


class FileBody(httpx.AsyncByteStream):
    """A part of a file, read piece by piece."""

    def __init__(self, local: Local, file: BinaryIO, first: int, size: int) -> None:
        self._local, self._file, self._first, self._left = local, file, first, size

    async def __aiter__(self) -> AsyncIterator[bytes]:
        while self._left:
            part = await self._local.in_thread(self._part)
            if not part:
                raise Unavailable("the file became shorter while it was read; try again later")
            yield part

    async def aclose(self) -> None:
        """Close the file."""
        self._local.close(self._file)

    def _part(self) -> bytes:
        self._file.seek(self._first)
        part = self._file.read(min(CHUNK, self._left))
        self._first, self._left = self._first + len(part), self._left - len(part)
        return part


class local_errors:  # noqa: N801 - reads as a word in `with local_errors():`
    """Turn errors of the operating system into UpstreamErrors, without their texts, which hold paths."""

    def __enter__(self) -> None: ...

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: object) -> None:
        if isinstance(error, TimeoutError):
            raise TimedOut("reading its files took too long; try again later") from None
        if isinstance(error, PermissionError):
            raise Forbidden("the gateway's user may not read its files; let that user read them") from None
        if isinstance(error, FileNotFoundError | NotADirectoryError):
            raise Unavailable("a file or folder of it is missing; check the paths in this provider's settings") from None
        if isinstance(error, OSError):
            raise Unavailable(f"its files cannot be read ({type(error).__name__} {error.errno}); try again later") from None


def _opened(opens: Callable[[], BinaryIO]) -> tuple[BinaryIO, int]:
    file = opens()
    with contextlib.ExitStack() as closing:
        closing.callback(file.close)
        still_wanted()
        size = file.seek(0, os.SEEK_END)
        closing.pop_all()
    return file, size
