"""A client that goes away stops the work that was done for it, and nothing else does."""

import asyncio
from collections.abc import Awaitable, Callable

import pytest
from starlette.types import Message, Receive, Scope, Send

from telegraphql.gateway.http.middleware import cancel_on_disconnect
from telegraphql.gateway.http.middleware.cancel_on_disconnect import CancelOnDisconnectMiddleware

GONE: Message = {"type": "http.disconnect"}
PARTS: tuple[Message, ...] = (
    {"type": "http.request", "body": b"a", "more_body": True},
    {"type": "http.request", "body": b"b", "more_body": False},
)


class Client:
    """Sends a request in two parts, and leaves when it is told to."""

    def __init__(self, messages: tuple[Message, ...] = PARTS) -> None:
        self.messages = list(messages)
        self.leaving = asyncio.Event()
        self.watched = asyncio.Event()
        self.waited = 0

    async def receive(self) -> Message:
        if self.messages:
            return self.messages.pop(0)
        self.waited += 1
        self.watched.set()
        await self.leaving.wait()
        return GONE

    async def send(self, message: Message) -> None:
        raise AssertionError(message)

    def ask(self, work: Callable[[Receive], Awaitable[None]]) -> "asyncio.Task[None]":
        async def app(scope: Scope, receive: Receive, send: Send) -> None:
            await work(receive)

        async def run() -> None:
            await CancelOnDisconnectMiddleware(app)({"type": "http"}, self.receive, self.send)
            assert asyncio.current_task().cancelling() == 0  # type: ignore[union-attr]

        return asyncio.create_task(run())


async def test_the_work_is_cancelled_and_may_clean_up() -> None:
    began, cleaned = asyncio.Event(), asyncio.Event()

    async def work(receive: Receive) -> None:
        began.set()
        try:
            await asyncio.Event().wait()
        finally:
            await asyncio.sleep(0)
            cleaned.set()

    client = Client()
    asked = client.ask(work)
    await began.wait()
    client.leaving.set()
    await asyncio.wait_for(asked, 5)
    assert cleaned.is_set()


async def test_work_that_never_waits_is_not_watched() -> None:
    bodies = []

    async def work(receive: Receive) -> None:
        bodies.append([(await receive())["body"] for _ in PARTS])

    client = Client()
    await client.ask(work)
    await asyncio.sleep(0)
    assert (bodies, client.waited) == ([[b"a", b"b"]], 0)


async def test_whoever_listens_after_the_request_hears_that_the_client_left() -> None:
    heard = []

    async def work(receive: Receive) -> None:
        for _ in PARTS:
            await receive()
        try:
            await receive()
        except asyncio.CancelledError:
            heard.append("cancelled")
            raise

    client = Client()
    asked = client.ask(work)
    await asyncio.sleep(0)
    client.leaving.set()
    await asyncio.wait_for(asked, 5)
    assert (heard, client.waited) == (["cancelled"], 1)


async def test_a_client_that_leaves_in_the_middle_of_its_request_is_not_worked_for() -> None:
    async def work(receive: Receive) -> None:
        raise AssertionError

    await Client((PARTS[0], GONE)).ask(work)


async def test_work_that_ends_within_a_moment_is_not_watched_even_if_it_waits() -> None:
    async def work(receive: Receive) -> None:
        for _ in range(3):
            await asyncio.sleep(0)

    client = Client()
    await client.ask(work)
    assert client.waited == 0


async def test_another_cancellation_is_passed_on_and_the_watch_ends(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(cancel_on_disconnect, "WATCH_DELAY", 0)
    began = asyncio.Event()

    async def work(receive: Receive) -> None:
        began.set()
        await asyncio.Event().wait()

    client = Client()
    before = asyncio.all_tasks()
    asked = client.ask(work)
    await began.wait()
    await client.watched.wait()
    asked.cancel()
    with pytest.raises(asyncio.CancelledError):
        await asked
    await asyncio.sleep(0)
    assert (client.waited, asyncio.all_tasks()) == (1, before)


async def test_a_deadline_and_a_client_that_leaves_at_the_same_moment_do_not_hide_each_other(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(cancel_on_disconnect, "WATCH_DELAY", 0)
    began = asyncio.Event()

    async def work(receive: Receive) -> None:
        began.set()
        await asyncio.Event().wait()

    client = Client()
    asked = client.ask(work)
    await began.wait()
    await client.watched.wait()
    client.leaving.set()
    await asyncio.sleep(0)
    asked.cancel()
    with pytest.raises(asyncio.CancelledError):
        await asked


async def test_errors_are_the_apps_own() -> None:
    async def work(receive: Receive) -> None:
        await asyncio.sleep(0)
        raise KeyError

    with pytest.raises(KeyError):
        await Client().ask(work)
