"""Calling: how many Python functions a request takes, which is the same however busy the machine is."""

import asyncio
import sys
from types import FrameType
from typing import Any

from starlette.types import Message


async def answered(asgi: Any, body: bytes, key: str) -> bytes:
    """The answer to a posted query, as a server of ASGI would get it."""
    headers = {"host": "127.0.0.1", "accept": "*/*", "content-type": "application/json", "x-api-key": key}
    scope = {
        "type": "http",
        "method": "POST",
        "path": "/graphql",
        "query_string": b"",
        "server": ("127.0.0.1", 80),
        "headers": [(name.encode(), value.encode()) for name, value in {**headers, "content-length": str(len(body))}.items()],
    }
    messages: list[Message] = [{"type": "http.request", "body": body}]
    sent: list[Message] = []

    async def receive() -> Message:
        return messages.pop() if messages else await asyncio.Future()

    async def send(message: Message) -> None:
        sent.append(message)

    await asgi(scope, receive, send)
    assert sent[0]["status"] == 200
    return b"".join(message.get("body", b"") for message in sent)


async def calls(asgi: Any, body: bytes, key: str) -> int:
    """How many functions one request calls, in this thread."""
    count = 0

    def counting(frame: FrameType, event: str, argument: object) -> None:
        nonlocal count
        count += event == "call"

    before = sys.getprofile()
    sys.setprofile(counting)
    try:
        await answered(asgi, body, key)
    finally:
        sys.setprofile(before)
    return count
