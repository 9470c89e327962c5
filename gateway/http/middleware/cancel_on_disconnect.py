"""Cancellation of a request's work when its client disconnects."""

import asyncio
from collections import deque
from dataclasses import dataclass

from starlette.types import ASGIApp, Message, Receive, Scope, Send

# A client is watched only after this many seconds, since watching takes a task and most responses are sent before.
WATCH_DELAY = 0.02


class CancelOnDisconnectMiddleware:
    """ASGI middleware that reads the whole request first, and then cancels the app if the client disconnects."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request."""
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        messages: deque[Message] = deque()
        while not messages or messages[-1].get("more_body"):
            message = await receive()
            if message["type"] == "http.disconnect":
                return
            messages.append(message)
        task = asyncio.current_task()
        assert task is not None
        watcher = DisconnectWatcher(messages, receive, task)
        timer = asyncio.get_running_loop().call_later(WATCH_DELAY, watcher.start)
        try:
            await self.app(scope, watcher.receive, send)
        except asyncio.CancelledError:
            # The task may have been cancelled by somebody else at the same moment.
            if not watcher.is_disconnected or task.uncancel():
                raise
        finally:
            timer.cancel()
            if watcher.watch is not None:
                watcher.watch.cancel()


@dataclass(slots=True)
class DisconnectWatcher:
    """Waits for a client to disconnect, and then cancels the task that serves it."""

    messages: deque[Message]
    source: Receive
    task: "asyncio.Task[None]"
    watch: "asyncio.Task[None] | None" = None
    is_disconnected: bool = False

    def start(self) -> "asyncio.Task[None]":
        """Start watching."""
        if self.watch is None:
            self.watch = asyncio.get_running_loop().create_task(self._wait())
        return self.watch

    async def receive(self) -> Message:
        """Return the messages of the request, and after them the disconnect once it happens."""
        if self.messages:
            return self.messages.popleft()
        await asyncio.shield(self.start())
        return {"type": "http.disconnect"}

    async def _wait(self) -> None:
        while (await self.source())["type"] != "http.disconnect":
            pass
        self.is_disconnected = True
        self.task.cancel()
