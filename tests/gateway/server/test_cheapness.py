"""Cheapness: what one small request takes, counted in calls of Python functions, which are the same however busy the machine is."""

import asyncio
import json
import sys
from pathlib import Path
from types import FrameType
from typing import Any

from starlette.types import Message

from gateway.callers.keys import hashed, new_key
from gateway.engine import Engine
from gateway.registry import Plugins
from gateway.server import app
from gateway.settings import build
from tests.memory import Memory, Store

# As measured, and nearly a third more: a layer that every request goes through does not come unawares.
MOST_CALLS = 360 * 13 // 10
BODY = json.dumps({"query": "{ __typename }"}).encode()
KEY = new_key()


def engine() -> Engine:
    """A gateway with all that is on by default, and a caller who has a key."""
    given: dict[str, Any] = {
        "providers": {"a": {"plugin": "memory"}},
        "callers": {"keys": {"me": {"hash": hashed(KEY), "scopes": ["read"]}}},
    }
    made = Engine.build(build(given, Path()), Plugins({"memory": Memory}, {}))
    provider: Any = made.serving["a"].provider
    provider.store = Store()
    return made


async def ask(asgi: Any) -> bytes:
    """The answer to a posted query, as a server of ASGI would get it."""
    headers = {"host": "127.0.0.1", "accept": "*/*", "accept-encoding": "gzip", "content-type": "application/json", "x-api-key": KEY}
    scope = {
        "type": "http",
        "method": "POST",
        "path": "/graphql",
        "query_string": b"",
        "server": ("127.0.0.1", 80),
        "headers": [(name.encode(), value.encode()) for name, value in {**headers, "content-length": str(len(BODY))}.items()],
    }
    messages: list[Message] = [{"type": "http.request", "body": BODY}]
    sent: list[Message] = []

    async def receive() -> Message:
        return messages.pop() if messages else await asyncio.Future()

    async def send(message: Message) -> None:
        sent.append(message)

    await asgi(scope, receive, send)
    assert sent[0]["status"] == 200
    return b"".join(message.get("body", b"") for message in sent)


async def calls(asgi: Any) -> int:
    """How many functions one request calls, once its document is known."""
    for _ in range(3):
        assert json.loads(await ask(asgi))["data"] == {"__typename": "Query"}
    count = 0

    def counting(frame: FrameType, event: str, argument: object) -> None:
        nonlocal count
        count += event == "call"

    before = sys.getprofile()
    sys.setprofile(counting)
    try:
        await ask(asgi)
    finally:
        sys.setprofile(before)
    return count


async def test_a_small_request_goes_through_few_functions() -> None:
    made = engine()
    # What the garbage collector happens to call in between is not the request's.
    assert min([await calls(app.build(made)) for _ in range(2)]) <= MOST_CALLS
    await made.aclose()


async def test_a_request_that_waits_for_nothing_takes_no_task() -> None:
    made = engine()
    asgi = app.build(made)
    await ask(asgi)
    before = asyncio.all_tasks()
    await ask(asgi)
    assert asyncio.all_tasks() == before
    await made.aclose()
