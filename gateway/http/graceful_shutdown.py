"""Graceful shutdown of event streams: they end when the server shuts down, so that clients reconnect to another replica."""

import asyncio

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from telegraphql.gateway.runtime import ShutdownState

END: Message = {"type": "http.response.body", "body": b"", "more_body": False}


class EndStreamOnShutdown:
    """ASGI app that sends an event stream and ends it on shutdown, without a `complete` event: clients then reconnect by themselves."""

    def __init__(self, stream: ASGIApp, shutdown: ShutdownState) -> None:
        self._stream = stream
        self._shutdown = shutdown

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Send the stream."""
        task = asyncio.current_task()
        assert task is not None
        waiter = asyncio.create_task(self._cancel_on_shutdown(task))
        try:
            await self._stream(scope, receive, send)
        except asyncio.CancelledError:
            if not waiter.done() or task.uncancel():
                raise
            await send(END)
        finally:
            waiter.cancel()

    async def _cancel_on_shutdown(self, task: "asyncio.Task[None]") -> None:
        await self._shutdown.closing.wait()
        task.cancel()
