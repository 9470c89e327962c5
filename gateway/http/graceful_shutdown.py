"""End streams of events when the server shuts down, so that their clients connect to another replica and lose nothing."""

import asyncio

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from telegraphql.gateway.runtime import ShutdownState

EVENTS = b"text/event-stream"
END: Message = {"type": "http.response.body", "body": b"", "more_body": False}


class EndStreamsOnShutdown:
    """ASGI around an app: streams of events end with the server, without a last word, so that their clients connect anew elsewhere."""

    def __init__(self, app: ASGIApp, shutdown: ShutdownState) -> None:
        self.app = app
        self._shutdown = shutdown

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Run the app; a task more only where it answers with events."""
        ending: asyncio.Task[None] | None = None
        task = asyncio.current_task()
        assert task is not None

        async def noting(message: Message) -> None:
            nonlocal ending
            if message["type"] == "http.response.start" and _is_stream(message):
                ending = asyncio.create_task(self._end(task))
            await send(message)

        try:
            await self.app(scope, receive, noting)
        except asyncio.CancelledError:
            if ending is None or not ending.done() or task.uncancel():
                raise
            await send(END)
        finally:
            if ending is not None:
                ending.cancel()

    async def _end(self, task: "asyncio.Task[None]") -> None:
        await self._shutdown.closing.wait()
        task.cancel()


def _is_stream(message: Message) -> bool:
    return any(name.lower() == b"content-type" and value.startswith(EVENTS) for name, value in message["headers"])
