"""Disconnects: a client that goes away stops the work that was done for it."""

import asyncio
from contextlib import suppress

from starlette.types import ASGIApp, Message, Receive, Scope, Send


class StopOnDisconnect:
    """ASGI around an app: the request is read to its end first; a disconnect after that cancels the app."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Run the app against the client's patience."""
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        messages = await _all_of(receive)
        if messages is None:
            return
        gone = asyncio.ensure_future(_gone(receive))
        work = asyncio.ensure_future(self.app(scope, _again(messages, gone), send))
        try:
            await asyncio.wait((work, gone), return_when=asyncio.FIRST_COMPLETED)
        finally:
            gone.cancel()
            if not work.done():
                work.cancel()
                with suppress(asyncio.CancelledError):
                    await work
        if work.done() and not work.cancelled():
            work.result()


async def _all_of(receive: Receive) -> list[Message] | None:
    """The messages of a whole request; None where the client left in the middle of it."""
    messages = []
    while True:
        message = await receive()
        if message["type"] == "http.disconnect":
            return None
        messages.append(message)
        if not message.get("more_body"):
            return messages


async def _gone(receive: Receive) -> None:
    while (await receive())["type"] != "http.disconnect":
        pass


def _again(messages: list[Message], gone: "asyncio.Future[None]") -> Receive:
    left = iter(messages)

    async def receive() -> Message:
        message = next(left, None)
        if message is not None:
            return message
        await asyncio.shield(gone)
        return {"type": "http.disconnect"}

    return receive
