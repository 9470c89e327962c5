"""Disconnect: a client that leaves, or takes nothing of its response, ends the work that is done for it.

Both classes are parts of a protocol of uvicorn: they stand before it among the bases of a class.
"""

import asyncio
from typing import Any

from starlette.types import ASGIApp, Receive, Scope, Send

from telegraphql.gateway.upstream.memory import UNBOUNDED


class WriteTimeout:
    """Part of a protocol: a client that takes nothing for too long, while more is to be sent, is cut off.

    What it has not taken counts against the memory of the process.
    """

    transport: asyncio.Transport
    loop: asyncio.AbstractEventLoop
    write_timeout = 60.0
    memory = UNBOUNDED
    _write_timer: asyncio.TimerHandle | None = None
    _unsent = 0

    def pause_writing(self) -> None:
        """Start the timer: so many bytes are unsent that the app waits."""
        super().pause_writing()  # type: ignore[misc]  # of the protocol beside it
        self._unsent = self.transport.get_write_buffer_size()
        self.memory.hold(self._unsent)
        self._write_timer = self.loop.call_later(self.write_timeout, self.transport.abort)

    def resume_writing(self) -> None:
        """Stop the timer: the client has taken most of them."""
        super().resume_writing()  # type: ignore[misc]
        self._stop_write_timer()

    def connection_lost(self, exc: Exception | None) -> None:
        """Stop the timer."""
        self._stop_write_timer()
        super().connection_lost(exc)  # type: ignore[misc]

    def _stop_write_timer(self) -> None:
        if self._write_timer is not None:
            self._write_timer.cancel()
            self._write_timer = None
            self.memory.release(self._unsent)


class CancelOnDisconnect:
    """Part of a protocol: when its connection is lost, the request in progress is cancelled.

    uvicorn only tells the app that asks for it, and anyio, with which Starlette asks, cannot cancel a task that always has something to do:
    a file that an upstream sends without end would be read on.
    """

    app: ASGIApp
    _serving: "asyncio.Task[None] | None" = None
    _is_lost = False

    def __init__(self, *arguments: Any, **options: Any) -> None:
        super().__init__(*arguments, **options)
        self._app, self.app = self.app, self._serve

    async def _serve(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve a request."""
        # Since 2.4 Starlette takes no task of its own to wait for a disconnect.
        scope["asgi"]["spec_version"] = "2.4"
        task = self._serving = asyncio.current_task()
        try:
            await self._app(scope, receive, send)
        except asyncio.CancelledError:
            # Somebody else may have cancelled it at the same moment.
            if not self._is_lost or (task is not None and task.uncancel()):
                raise
        finally:
            # The next request of the connection may have begun when this one was answered.
            if self._serving is task:
                self._serving = None

    def connection_lost(self, exc: Exception | None) -> None:
        """Cancel the request in progress."""
        self._is_lost = True
        if self._serving is not None:
            self._serving.cancel()
        super().connection_lost(exc)  # type: ignore[misc]
