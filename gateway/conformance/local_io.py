"""Local I/O under test: recorded in the sandbox's journal, subject to its faults, and never on the event loop."""

import asyncio
import errno
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, TypeVar

from telegraphql.gateway.conformance.transport import RecordingTransport
from telegraphql.gateway.plugin.sandbox import Sandbox
from telegraphql.gateway.upstream.local_io import Local, local_errors

T = TypeVar("T")
# The operating system's errors that correspond to a sandbox's faults; OSError for the others.
OS_ERRORS = {"status": FileNotFoundError, "unauthorized": PermissionError}
OPEN_EVENTS = frozenset({"open", "os.listdir", "os.scandir", "sqlite3.connect"})


class RecordingLocal(Local):
    """Runs local work, records it in the sandbox's journal, and injects the sandbox's fault."""

    def __init__(self, sandbox: Sandbox, transport: RecordingTransport) -> None:
        super().__init__()
        self._sandbox, self._transport = sandbox, transport

    async def run(self, operation: str, work: Callable[[], T]) -> T:
        """Return the result of `work`, or raise the injected fault."""
        self._transport.sent += 1
        self._transport.open += 1
        self._sandbox.journal.append({"method": "READ", "path": "", "operation": operation, "parameters": {}})
        try:
            with local_errors():
                await self._inject_fault()
            return await super().run(operation, work)
        finally:
            self._transport.open -= 1

    async def _inject_fault(self) -> None:
        mode = self._sandbox.fault.mode
        if mode == "timeout":
            await asyncio.wait_for(asyncio.Event().wait(), self._transport.timeout)
        elif mode is not None:
            raise OS_ERRORS.get(mode, OSError)(errno.EIO, "simulated failure")


class _FileOpenMonitor:
    """Collects the files that Python opens below a folder. Audit hooks cannot be removed, so there is only one."""

    def __init__(self) -> None:
        self.folder: str | None = None
        self.opened: list[str] = []
        sys.addaudithook(self._on_audit_event)

    def _on_audit_event(self, event: str, arguments: tuple[Any, ...]) -> None:
        if self.folder is None or event not in OPEN_EVENTS or threading.current_thread() is not threading.main_thread():
            return
        name = str(arguments[0])
        if self.folder in name:
            self.opened.append(name)


_monitors: list[_FileOpenMonitor] = []


@contextmanager
def opened_on_the_event_loop(folder: Path) -> Iterator[list[str]]:
    """Yield the list of files opened below a folder on the event loop during the block, where they would block every request."""
    if not _monitors:
        _monitors.append(_FileOpenMonitor())
    (monitor,) = _monitors
    monitor.folder, monitor.opened = str(folder), []
    try:
        yield monitor.opened
    finally:
        monitor.folder = None
