"""Disk: what a plugin reads on this machine, as the kit sees it - noted as a sandbox notes requests, failing as told, and never read on
the event loop."""

import asyncio
import errno
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, TypeVar

from telegraphql.gateway.conformance.wire import Wire
from telegraphql.gateway.plugin.sandbox import Sandbox
from telegraphql.gateway.upstream.local_io import Local, local_errors

T = TypeVar("T")
# What the operating system says in the place of a sandbox that misbehaves.
COMPLAINTS = {"status": FileNotFoundError, "unauthorized": PermissionError}
OPENING = frozenset({"open", "os.listdir", "os.scandir", "sqlite3.connect"})


class Disk(Local):
    """Runs what the plugin wants, and notes it in the sandbox's journal."""

    def __init__(self, sandbox: Sandbox, wire: Wire) -> None:
        super().__init__()
        self._sandbox, self._wire = sandbox, wire

    async def run(self, operation: str, work: Callable[[], T]) -> T:
        """What a function gives, unless the sandbox misbehaves."""
        self._wire.sent += 1
        self._wire.open += 1
        self._sandbox.journal.append({"method": "READ", "path": "", "operation": operation, "parameters": {}})
        try:
            with local_errors():
                await self._misbehave()
            return await super().run(operation, work)
        finally:
            self._wire.open -= 1

    async def _misbehave(self) -> None:
        mode = self._sandbox.fault.mode
        if mode == "timeout":
            await asyncio.wait_for(asyncio.Event().wait(), self._wire.patience)
        elif mode is not None:
            raise COMPLAINTS.get(mode, OSError)(errno.EIO, "simulated failure")


class _Watching:
    """What Python tells of files that are opened, while somebody wants to know; who listens to that once listens for good."""

    def __init__(self) -> None:
        self.folder: str | None = None
        self.found: list[str] = []
        sys.addaudithook(self._heard)

    def _heard(self, event: str, given: tuple[Any, ...]) -> None:
        if self.folder is None or event not in OPENING or threading.current_thread() is not threading.main_thread():
            return
        name = str(given[0])
        if self.folder in name:
            self.found.append(name)


_watching: list[_Watching] = []


@contextmanager
def opened_by_the_loop(folder: Path) -> Iterator[list[str]]:
    """What is opened below a folder on the event loop meanwhile, where it holds up everybody."""
    if not _watching:
        _watching.append(_Watching())
    (watching,) = _watching
    watching.folder, watching.found = str(folder), []
    try:
        yield watching.found
    finally:
        watching.folder = None
