"""Graceful shutdown of event streams: they end when the server shuts down, so that clients reconnect to another replica."""

import asyncio

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from telegraphql.gateway.runtime import ShutdownState

EVENT_STREAM = b"text/event-stream"
END: Message = {"type": "http.response.body", "body": b"", "more_body": False}


class EndStreamsOnShutdown:
    """ASGI middleware that ends event streams on shutdown, without a `complete` event: clients then reconnect by themselves."""

    def __init__(self, app: ASGIApp, shutdown: ShutdownState) -> None:
        self.app = app
        self._shutdown = shutdown

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request. A task that waits for the shutdown is created only if the response is an event stream."""
        waiter: asyncio.Task[None] | None = None
        task = asyncio.current_task()
        assert task is not None

        async def send_and_watch(message: Message) -> None:
            nonlocal waiter
            if message["type"] == "http.response.start" and _is_event_stream(message):
                waiter = asyncio.create_task(self._cancel_on_shutdown(task))
            await send(message)

        try:
            await self.app(scope, receive, send_and_watch)
        except asyncio.CancelledError:
            if waiter is None or not waiter.done() or task.uncancel():
                raise
            await send(END)
        finally:
            if waiter is not None:
                waiter.cancel()

    async def _cancel_on_shutdown(self, task: "asyncio.Task[None]") -> None:
        await self._shutdown.closing.wait()
        task.cancel()


def _is_event_stream(message: Message) -> bool:
    return any(name.lower() == b"content-type" and value.startswith(EVENT_STREAM) for name, value in message["headers"])
