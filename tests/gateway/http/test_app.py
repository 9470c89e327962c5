"""The routes of the server, over HTTP and WebSocket."""

import asyncio
import json
import logging
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import httpx
import pytest
from websockets.asyncio.client import connect
from websockets.typing import Subprotocol

from telegraphql import __version__
from telegraphql.gateway.config.settings import build_config
from telegraphql.gateway.errors import Unavailable
from telegraphql.gateway.http import app
from telegraphql.gateway.http.thread_server import serve_in_thread
from telegraphql.gateway.plugin.provider import Download, GetRequest, Keyset, ListRequest, Page, files, gets, lists
from telegraphql.gateway.plugin.registry import Plugins
from telegraphql.gateway.resolvers import context
from telegraphql.gateway.runtime import Runtime
from telegraphql.gateway.subscriptions.settings import SubscriptionSettings
from telegraphql.gateway.upstream.client import Request
from telegraphql.schema.call import Call
from telegraphql.schema.enums import ReportStatus
from telegraphql.schema.node import global_id
from telegraphql.schema.record import FileInfo
from telegraphql.schema.recording import Recording
from telegraphql.schema.report import Report
from tests.support.memory_provider import Memory, Store
from tests.support.records import call, recording, report

QUERY = "{ calls { nodes { nativeId } } }"
PROTOCOL = "graphql-transport-ws"


class Served(Memory):
    """Calls from a store, a file from the upstream, and a report that is soon done."""

    plugin = "served"

    @lists(Recording, pages=Keyset(most=100))
    async def recordings(self, ask: ListRequest) -> Page:
        """Recordings."""
        return Page(records=[recording("r", 1, provider="a", files={"media": FileInfo()})], read=1)

    @files("Recording.media")
    async def media(self, native_id: str) -> Download:
        """The sound."""
        return Download(request=Request(operation="File", path=f"/{native_id}"))

    @gets(Report)
    async def report(self, wanted: GetRequest) -> Page:
        """A report: running, then done."""
        await self.store.answer(wanted)
        status = ReportStatus.DONE if len(self.store.wanted) > 2 else ReportStatus.RUNNING
        return Page(records=[report("r", provider="a", status=status)], read=1)


class Buggy(Memory):
    """Has a bug."""

    plugin = "buggy"

    @lists(Call, pages=Keyset(most=100))
    async def calls(self, ask: ListRequest) -> Page:
        """Calls."""
        raise KeyError("s3cr3t")


@pytest.fixture
def engine() -> Runtime:
    given = {"providers": {"a": {"plugin": "served"}, "lost": {"plugin": "broken"}}, "media": {"secret": "x" * 32}}
    made = Runtime.build(build_config(given, Path()), Plugins({"served": Served, "buggy": Buggy}, {"broken": "ImportError: oops"}))
    provider: Any = made.providers["a"].provider
    provider.store = Store([call(number, number, "a") for number in range(3)])
    handler = httpx.MockTransport(lambda request: httpx.Response(200, content=f"sound of {request.url.path}".encode()))
    provider.upstream._sender._client = httpx.AsyncClient(transport=handler, trust_env=False)
    return made


@pytest.fixture
async def client(engine: Runtime) -> AsyncIterator[httpx.AsyncClient]:
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app.create_app(engine)), base_url="http://gateway") as client:
        yield client
    await engine.aclose()


def store(engine: Runtime) -> Store:
    found = engine.providers["a"].provider.store
    assert isinstance(found, Store)
    return found


async def post(client: httpx.AsyncClient, document: str, **rest: Any) -> httpx.Response:
    return await client.post("/graphql", json={"query": document, **rest})


async def test_the_process_is_alive(client: httpx.AsyncClient) -> None:
    answer = await client.get("/healthz")
    assert (answer.status_code, answer.json()) == (200, {"status": "ok", "version": __version__})


async def test_readiness_tells_how_each_provider_is(client: httpx.AsyncClient, engine: Runtime) -> None:
    states = {
        "a": {"up": None, "state": "CLOSED", "lastProblem": None, "lastSuccessAt": None},
        "lost": {"state": "BROKEN", "up": False},
    }
    assert (await client.get("/readyz")).json() == {"status": "ready", "loopLagSeconds": 0.0, "providers": states}
    engine.healths["a"].failed(Unavailable("is down: s3cr3t", provider="a"))
    answer = await client.get("/readyz")
    assert answer.json()["providers"]["a"] == {
        "up": False,
        "state": "CLOSED",
        "lastProblem": "UNAVAILABLE",
        "lastSuccessAt": None,
    }
    assert "s3cr3t" not in answer.text


async def test_queries_are_answered_by_post_and_get(client: httpx.AsyncClient) -> None:
    nodes = [{"nativeId": "2"}, {"nativeId": "1"}, {"nativeId": "0"}]
    posted = await post(client, QUERY)
    got = await client.get("/graphql", params={"query": QUERY}, headers={"accept": "application/json"})
    assert [(answer.status_code, answer.json()["data"]) for answer in (posted, got)] == [(200, {"calls": {"nodes": nodes}})] * 2


async def test_variables_and_the_name_of_the_operation_are_taken(client: httpx.AsyncClient) -> None:
    document = "query one($n: Int) { calls(first: $n) { nodes { nativeId } } } query two { providers { name } }"
    answers = [await post(client, document, operationName=name, variables={"n": 1}) for name in ("one", "two")]
    assert [answer.json()["data"] for answer in answers] == [{"calls": {"nodes": [{"nativeId": "2"}]}}, {"providers": [{"name": "a"}]}]


async def test_nothing_is_changed_by_get(client: httpx.AsyncClient) -> None:
    document = 'mutation { deleteAll(input: {provider: "a", kind: CALLS, confirm: "a"}) { problems { code } } }'
    answer = await client.get("/graphql", params={"query": document}, headers={"accept": "application/json"})
    assert (answer.status_code >= 400, "data" in answer.text) == (True, False)


async def test_people_get_a_page(client: httpx.AsyncClient) -> None:
    answer = await client.get("/graphql", headers={"accept": "text/html"})
    assert answer.headers["content-type"].startswith("text/html")


@pytest.mark.parametrize(("method", "path", "status"), [("GET", "/nothing", 404), ("DELETE", "/graphql", 405), ("POST", "/healthz", 405)])
async def test_what_is_not_there_is_refused(client: httpx.AsyncClient, method: str, path: str, status: int) -> None:
    assert (await client.request(method, path)).status_code == status


async def test_each_answer_has_its_own_loaders(client: httpx.AsyncClient, engine: Runtime) -> None:
    document = f'{{ node(id: "{global_id("Call", "a", "1")}") {{ id }} }}'
    for _ in range(2):
        await post(client, document)
    assert [wanted.keys for wanted in store(engine).wanted] == [["1"], ["1"]]


async def test_refusals_are_answers_and_not_logged_as_errors(
    client: httpx.AsyncClient, engine: Runtime, caplog: pytest.LogCaptureFixture
) -> None:
    store(engine).failure = Unavailable("is down")
    answer = await post(client, QUERY)
    assert answer.json()["data"] == {"calls": {"nodes": []}}
    (problem,) = answer.json()["extensions"]["problems"]
    everything = {"since": None, "until": None}
    told = {"path": ["calls"], "provider": "a", "code": "UNAVAILABLE", "message": "is down", "retryable": True, "range": everything}
    assert ("errors" in answer.json(), problem) == (False, told)
    assert [record for record in caplog.records if record.levelno >= logging.WARNING] == []


async def test_accidents_are_masked_and_logged(
    client: httpx.AsyncClient, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def broken(self: object) -> None:
        raise KeyError("s3cr3t")

    monkeypatch.setattr(context.RequestContext, "providers", broken)
    answer = await post(client, '{ provider(name: "a") { name } calls { nodes { id } } }')
    assert (answer.json()["data"]["provider"], len(answer.json()["data"]["calls"]["nodes"])) == (None, 3)
    words, extensions = "unexpected error; the log has its details under this id", {"code": "INTERNAL_SERVER_ERROR"}
    told = [(error["message"], error["extensions"]) for error in answer.json()["errors"]]
    assert told == [(words, extensions | {"id": answer.headers["x-request-id"]})]
    assert "s3cr3t" not in answer.text
    assert [record.getMessage() for record in caplog.records if record.levelno >= logging.ERROR] == ["unexpected KeyError at ['provider']"]


async def test_a_plugin_that_stumbles_is_a_bad_answer_and_logged(caplog: pytest.LogCaptureFixture) -> None:
    made = Runtime.build(build_config({"providers": {"a": {"plugin": "buggy"}}}, Path()), Plugins({"buggy": Buggy}, {}))
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app.create_app(made)), base_url="http://gateway") as client:
        answer = await post(client, QUERY)
    await made.aclose()
    assert answer.json()["data"] == {"calls": {"nodes": []}}
    assert [problem["code"] for problem in answer.json()["extensions"]["problems"]] == ["BAD_ANSWER"]
    assert "s3cr3t" not in answer.text + caplog.text
    assert [record.levelno for record in caplog.records] == [logging.ERROR]


async def test_the_urls_that_httpx_writes_are_not_logged(client: httpx.AsyncClient) -> None:
    assert logging.getLogger("httpx").level == logging.WARNING


async def test_media_are_served_by_their_links(client: httpx.AsyncClient) -> None:
    found = (await post(client, "{ recordings { nodes { media { url } } } }")).json()
    answer = await client.get(found["data"]["recordings"]["nodes"][0]["media"]["url"])
    assert (answer.status_code, answer.text) == (200, "sound of /r")
    assert (await client.get("/media/nonsense")).status_code == 403


FOLLOW = {
    "query": "subscription ($id: ID!) { reportProgress(id: $id) { report { status } } }",
    "variables": {"id": global_id("Report", "a", "r")},
}


@asynccontextmanager
async def connected(engine: Runtime) -> AsyncIterator[Any]:
    """A connection to the server on a real socket; yields how to say one thing and hear the next."""
    with serve_in_thread(app.create_app(engine)) as url:
        async with connect(url.replace("http", "ws") + "/graphql", subprotocols=[Subprotocol(PROTOCOL)]) as socket:
            assert socket.subprotocol == PROTOCOL
            await socket.send(json.dumps({"type": "connection_init"}))
            assert json.loads(await socket.recv()) == {"type": "connection_ack"}
            yield socket


async def heard(socket: Any, payload: Any, number: int, id: str = "1") -> list[Any]:
    await socket.send(json.dumps({"id": id, "type": "subscribe", "payload": payload}))
    return [json.loads(await asyncio.wait_for(socket.recv(), 10)) for _ in range(number)]


async def test_a_report_is_followed_over_a_websocket(engine: Runtime) -> None:
    engine.subscription_hub.settings = SubscriptionSettings(poll_interval="1ms")
    async with connected(engine) as socket:
        told = await heard(socket, FOLLOW, 3)
    assert [(each["type"], each["id"], each.get("payload", {}).get("data")) for each in told] == [
        ("next", "1", {"reportProgress": {"report": {"status": "RUNNING"}}}),
        ("next", "1", {"reportProgress": {"report": {"status": "DONE"}}}),
        ("complete", "1", None),
    ]


async def test_queries_over_one_websocket_share_nothing(engine: Runtime) -> None:
    query = {"query": f'{{ node(id: "{global_id("Call", "a", "1")}") {{ id }} }}'}
    async with connected(engine) as socket:
        told = [await heard(socket, query, 2, id) for id in "12"]
    assert [[each["type"] for each in pair] for pair in told] == [["next", "complete"]] * 2
    assert [wanted.keys for wanted in store(engine).wanted] == [["1"], ["1"]]


async def test_a_subscription_that_fails_says_why(engine: Runtime) -> None:
    async with connected(engine) as socket:
        (told,) = await heard(socket, FOLLOW | {"variables": {"id": "garbage"}}, 1)
    assert '"code": "BAD_ID"' in json.dumps(told)


async def test_the_engine_is_closed_with_the_server(engine: Runtime) -> None:
    with serve_in_thread(app.create_app(engine)):
        pass
    upstream: Any = engine.providers["a"].provider.upstream
    assert upstream._sender._client.is_closed
