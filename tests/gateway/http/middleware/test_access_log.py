"""Requests: each has an id that the client, the log and the errors share, and one line in the log without anything secret."""

import asyncio
import json
import logging
from typing import Any

import httpx
import pytest
from starlette.types import Message, Receive, Scope, Send
from websockets.asyncio.client import connect
from websockets.typing import Subprotocol

from telegraphql.gateway.auth.caller import Caller
from telegraphql.gateway.http.middleware.access_log import AccessLogMiddleware
from telegraphql.gateway.http.thread_server import serve_in_thread
from telegraphql.gateway.telemetry.request_context import CURRENT_REQUEST
from tests.gateway.telemetry.in_process_gateway import QUERY, SECRET, place

Rows = list[dict[str, Any]]


@pytest.fixture
def lines(caplog: pytest.LogCaptureFixture) -> Rows:
    """What the log says of requests, in order."""
    caplog.set_level(logging.INFO, "telegraphql")

    class Lines(list[dict[str, Any]]):
        def __iter__(self) -> Any:
            return iter([each.__dict__["fields"] for each in caplog.records if each.getMessage() == "request"])

    return Lines()


@pytest.mark.parametrize("id", ["a", "Web-1.2_3", "0" * 64])
async def test_a_sane_request_id_is_taken_over(id: str) -> None:
    async with place() as here:
        assert (await here.ask(headers={"X-Request-ID": id})).headers["x-request-id"] == id


@pytest.mark.parametrize("id", ["", "0" * 65, "a b", "ü".encode(), b'"', b"a\tb", b"-a"])
async def test_any_other_is_replaced(id: str | bytes) -> None:
    async with place() as here:
        answer = await here.client.post(
            "/graphql", json={"query": QUERY}, headers=[(b"X-Request-ID", id if isinstance(id, bytes) else id.encode())]
        )
        other = await here.ask()
    made = answer.headers["x-request-id"]
    assert (len(made), made == other.headers["x-request-id"]) == (16, False)


async def test_every_answer_carries_its_id() -> None:
    async with place() as here:
        for path in ("/", "/nothing", "/healthz", "/media/wrong", "/metrics"):
            assert len((await here.client.get(path)).headers.get_list("x-request-id")) == 1


async def test_a_request_is_one_line(lines: Rows) -> None:
    async with place() as here:
        await here.ask(headers={"X-Request-ID": "mine"})
    (line,) = lines
    assert line.pop("ms") > 0
    # No server meters its tasks here.
    work = {"rows": 30, "cpu_ms": 0}
    assert line == {"method": "POST", "path": "/graphql", "status": 200, "operation": "Newest", **work}


async def test_queries_tokens_and_probes_are_not_logged(lines: Rows) -> None:
    async with place() as here:
        for path in (f"/nothing?key={SECRET}", f"/media/{SECRET}?x={SECRET}", "/healthz", "/readyz", "/metrics"):
            await here.client.get(path)
    assert [(line["path"], line["status"]) for line in lines] == [("/nothing", 404), ("/media/…", 403)]


async def test_long_names_are_clipped(lines: Rows) -> None:
    async with place() as here:
        await here.ask(f"query {'n' * 500} {{ __typename }}")
        await here.client.get(f"/{'p' * 500}")
    assert [len(line.get("operation") or line["path"]) for line in lines] == [80, 200]


async def test_access_lines_can_be_switched_off(lines: Rows) -> None:
    async with place(logs={"access": False}) as here:
        assert len((await here.ask()).headers["x-request-id"]) == 16
    assert list(lines) == []


SCOPE: Scope = {"type": "http", "path": "/graphql", "method": "GET", "headers": [(b"x-request-id", b"mine")], "query_string": b""}


async def nothing() -> Message:
    return {"type": "http.disconnect"}


async def attended(app: Any, scope: Scope = SCOPE) -> list[Message]:
    """What is sent for a request to an app."""
    sent: list[Message] = []

    async def send(message: Message) -> None:
        sent.append(message)

    await AccessLogMiddleware(app)(dict(scope), nothing, send)
    return sent


async def test_the_line_tells_who_asked(lines: Rows, caplog: pytest.LogCaptureFixture) -> None:
    seen = []

    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        scope["caller"] = Caller("web")
        seen.append(CURRENT_REQUEST.get())
        await send({"type": "http.response.start", "status": 204, "headers": []})

    await attended(app)
    assert (seen[0].caller, seen[0].id, CURRENT_REQUEST.get()) == ("web", "mine", None)


async def test_what_breaks_is_answered_under_its_id_and_logged_without_its_words(caplog: pytest.LogCaptureFixture) -> None:
    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        raise KeyError(SECRET)

    start, body = await attended(app)
    (error,) = json.loads(body["body"])["errors"]
    assert (start["status"], dict(start["headers"])[b"x-request-id"]) == (500, b"mine")
    assert error["extensions"] == {"code": "INTERNAL_SERVER_ERROR", "id": "mine"}
    (line,) = [each for each in caplog.records if each.levelno == logging.ERROR]
    assert line.getMessage() == "unexpected KeyError"
    (told,) = line.__dict__["fields"]["error"]
    assert (told["type"], SECRET in str(line.__dict__)) == ("builtins.KeyError", False)
    assert [frame.rsplit(" ", 1)[-1] for frame in told["frames"]] == ["__call__", "app"]


async def test_what_breaks_elsewhere_is_told_as_media_is(caplog: pytest.LogCaptureFixture) -> None:
    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        raise RuntimeError(SECRET)

    _, body = await attended(app, {**SCOPE, "path": "/media/x"})
    words = "unexpected error; the log has its details under this id"
    assert json.loads(body["body"]) == {"error": {"message": words, "code": "INTERNAL_SERVER_ERROR", "id": "mine"}}


async def test_what_breaks_in_the_middle_of_an_answer_is_only_logged(caplog: pytest.LogCaptureFixture) -> None:
    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        await send({"type": "http.response.start", "status": 200, "headers": []})
        raise RuntimeError(SECRET)

    assert [message["type"] for message in await attended(app)] == ["http.response.start"]
    assert "unexpected RuntimeError" in caplog.text


async def test_a_cancelled_request_stays_cancelled_and_is_logged(lines: Rows) -> None:
    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        raise asyncio.CancelledError

    with pytest.raises(asyncio.CancelledError):
        await attended(app)
    assert [line["status"] for line in lines] == [0]


async def test_each_operation_of_a_websocket_has_an_id_of_its_own(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("telegraphql.gateway.resolvers.pages.Lister", lambda *_: 1 / 0)
    async with place() as here:
        with serve_in_thread(here.app) as url:
            address = url.replace("http", "ws") + "/graphql"
            async with connect(
                address, subprotocols=[Subprotocol("graphql-transport-ws")], additional_headers={"X-Request-ID": "mine"}
            ) as socket:
                assert socket.response is not None
                assert socket.response.headers["X-Request-ID"] == "mine"
                await socket.send(json.dumps({"type": "connection_init"}))
                await socket.recv()
                ids = []
                for name in ("one", "two"):
                    await socket.send(json.dumps({"id": name, "type": "subscribe", "payload": {"query": QUERY}}))
                    told = json.loads(await socket.recv())
                    ids += [error["extensions"]["id"] for error in told["payload"]["errors"]]
                    await socket.recv()
    assert ids == ["mine.1", "mine.2"]


async def test_the_client_that_leaves_ends_the_operation_as_cancelled() -> None:
    waiting = asyncio.Event()

    async def forever(self: object, request: object) -> httpx.Response:
        waiting.set()
        await asyncio.sleep(60)
        raise AssertionError

    async with place(names=("a",)) as here:
        upstream: Any = here.engine.providers["a"].provider.upstream
        upstream._sender._client = httpx.AsyncClient(transport=httpx.MockTransport(lambda request: forever(None, request)), trust_env=False)
        asked = asyncio.create_task(here.ask())
        await waiting.wait()
        asked.cancel()
        await asyncio.wait([asked])
        found = await here.numbers()
    assert found['telegraphql_operations_total{outcome="cancelled",type="query"}'] == 1
    assert found['telegraphql_upstream_requests_total{operation="GetCalls",outcome="CANCELLED",provider="a"}'] == 1
