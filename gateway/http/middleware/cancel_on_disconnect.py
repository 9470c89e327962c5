"""Disconnects: a client that goes away stops the work that was done for it."""

import asyncio
from collections import deque
from dataclasses import dataclass

from starlette.types import ASGIApp, Message, Receive, Scope, Send

# For so long nobody looks whether the client is still there.
UNWATCHED_SECONDS = 0.02


class CancelOnDisconnectMiddleware:
    """ASGI around an app: the request is read to its end first; a disconnect after that cancels the app, a moment later."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Run the app against the client's patience."""
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        messages = await _all_of(receive)
        task = asyncio.current_task()
        if messages is None or task is None:
            return
        watch = DisconnectWatcher(messages, receive, task)
        # A watch is a task, and most answers are there before anybody leaves.
        beginning = asyncio.get_running_loop().call_later(UNWATCHED_SECONDS, watch.begin)
        try:
            await self.app(scope, watch.receive, send)
        except asyncio.CancelledError:
            # Somebody else may want an end at the same moment.
            if not watch.is_over or task.uncancel():
                raise
        finally:
            beginning.cancel()
            watch.end()


@dataclass(slots=True)
class DisconnectWatcher:
    """Waits for a client to go, and then cancels the task that works for it."""

    messages: deque[Message]
    source: Receive
    task: "asyncio.Task[None]"
    gone: "asyncio.Task[None] | None" = None
    is_over: bool = False

    def begin(self) -> "asyncio.Task[None]":
        """DisconnectWatcher from now on."""
        if self.gone is None:
            self.gone = asyncio.get_running_loop().create_task(self._until_gone())
        return self.gone

    def end(self) -> None:
        """DisconnectWatcher no longer."""
        if self.gone is not None:
            self.gone.cancel()

    async def receive(self) -> Message:
        """The request's messages, and then that the client is gone, once it is."""
        if self.messages:
            return self.messages.popleft()
        await asyncio.shield(self.begin())
        return {"type": "http.disconnect"}

    async def _until_gone(self) -> None:
        while (await self.source())["type"] != "http.disconnect":
            pass
        self.is_over = True
        self.task.cancel()


async def _all_of(receive: Receive) -> deque[Message] | None:
    """The messages of a whole request; None where the client left in the middle of it."""
    messages: deque[Message] = deque()
    while True:
        message = await receive()
        if message["type"] == "http.disconnect":
            return None
        messages.append(message)
        if not message.get("more_body"):
            return messages
