"""Callers on real servers: WebSockets, links, and a configuration that changes under them."""

import asyncio
import json
import time
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from typing import Any

import httpx
import pytest
from websockets.asyncio.client import connect
from websockets.exceptions import ConnectionClosed, InvalidStatus
from websockets.typing import Origin, Subprotocol

from telegraphql.gateway.auth.api_keys import hash_key, new_key
from telegraphql.gateway.http import app
from telegraphql.gateway.http.reload import reload_config
from telegraphql.gateway.http.thread_server import serve_in_thread
from telegraphql.gateway.plugin.provider import GetRequest, Page
from telegraphql.gateway.runtime import Runtime
from telegraphql.schema.enums import ReportStatus
from tests.gateway.auth.gateways import CALLS, PLUGINS, PROVIDERS, SOUND, Callers, asked, client, codes, furnish, house, settings
from tests.gateway.auth.identity_provider import Issuer, issuing
from tests.support.records import report

PROTOCOL = Subprotocol("graphql-transport-ws")


@pytest.fixture
def keys() -> Callers:
    made = Callers()
    made.add("acme", "read", "media", providers=["seen"])
    made.add("other", "read", "media")
    return made


@pytest.fixture
def issuer() -> Iterator[Issuer]:
    with issuing() as made:
        yield made


@pytest.fixture(autouse=True)
def _installed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("telegraphql.gateway.runtime.plugins", lambda: PLUGINS)


def reload(engine: Runtime, callers: dict[str, Any], **tables: Any) -> None:
    """What SIGHUP does."""
    assert reload_config(engine, lambda: settings(callers, **tables)) is not None
    for name, serving in engine.providers.items():
        furnish(serving.provider, name)


@asynccontextmanager
async def connected(engine: Runtime, payload: Any = None, headers: dict[str, str] | None = None) -> AsyncIterator[Any]:
    """A connection whose first message is sent."""
    with serve_in_thread(app.create_app(engine)) as url:
        socket = connect(url.replace("http", "ws") + "/graphql", subprotocols=[PROTOCOL], additional_headers=headers or {})
        async with socket as made:
            await made.send(json.dumps({"type": "connection_init"} | ({} if payload is None else {"payload": payload})))
            yield made


async def heard(socket: Any) -> Any:
    return json.loads(await asyncio.wait_for(socket.recv(), 10))


async def query(socket: Any, id: str, document: str = CALLS) -> Any:
    """What is answered first to a document."""
    await socket.send(json.dumps({"id": id, "type": "subscribe", "payload": {"query": document}}))
    told = await heard(socket)
    if told["type"] == "next":
        assert (await heard(socket))["type"] == "complete"
    return told


@pytest.mark.parametrize("way", ["headers", "authorization", "Authorization", "apiKey", "headers of the payload"])
async def test_a_websocket_is_of_whom_its_headers_or_its_first_message_name(keys: Callers, way: str) -> None:
    bearer = f"Bearer {keys.secrets['acme']}"
    payloads: dict[str, Any] = {
        "headers": None,
        "apiKey": {"apiKey": keys.secrets["acme"]},
        "headers of the payload": {"headers": {"Authorization": bearer}},
    }
    given = {"Authorization": bearer} if way == "headers" else {}
    async with connected(house({"keys": keys}), payloads.get(way, {way: bearer}), given) as socket:
        assert await heard(socket) == {"type": "connection_ack"}
        told = await query(socket, "1", "{ providers { name } }")
    assert told["payload"]["data"] == {"providers": [{"name": "seen"}]}


@pytest.mark.parametrize("payload", [None, {}, {"authorization": "Bearer tgq_x"}, {"apiKey": new_key()}, {"authorization": "Basic eDp5"}])
async def test_a_websocket_of_nobody_is_closed(keys: Callers, payload: Any) -> None:
    async with connected(house({"keys": keys}), payload) as socket:
        with pytest.raises(ConnectionClosed) as closed:
            await heard(socket)
    assert closed.value.rcvd is not None
    assert (closed.value.rcvd.code, closed.value.rcvd.reason[:16]) == (4401, "UNAUTHENTICATED:")


async def test_wrong_headers_are_not_made_good_by_the_first_message(keys: Callers) -> None:
    payload = {"apiKey": keys.secrets["acme"]}
    async with connected(house({"keys": keys}), payload, {"Authorization": "Bearer tgq_x"}) as socket:
        with pytest.raises(ConnectionClosed):
            await heard(socket)


async def test_nothing_is_done_before_the_first_message(keys: Callers) -> None:
    with serve_in_thread(app.create_app(house({"keys": keys}))) as url:
        async with connect(url.replace("http", "ws") + "/graphql", subprotocols=[PROTOCOL]) as socket:
            await socket.send(json.dumps({"id": "1", "type": "subscribe", "payload": {"query": CALLS}}))
            with pytest.raises(ConnectionClosed) as closed:
                await heard(socket)
    assert closed.value.rcvd is not None
    assert closed.value.rcvd.code == 4401


async def test_a_page_of_another_site_opens_no_websocket() -> None:
    with serve_in_thread(app.create_app(house())) as url:
        port = int(url.rpartition(":")[2])
        with pytest.raises(InvalidStatus, match="HTTP 403"):
            await connect(f"ws://127.0.0.1:{port}/graphql", subprotocols=[PROTOCOL], origin=Origin("https://evil.example"))
        with pytest.raises(InvalidStatus, match="HTTP 403"):
            await connect(f"ws://evil.example:{port}/graphql", subprotocols=[PROTOCOL], host="127.0.0.1", port=port)


async def test_a_removed_caller_is_told_so_on_its_open_connection(keys: Callers) -> None:
    engine = house({"keys": keys})
    async with connected(engine, {"apiKey": keys.secrets["acme"]}) as socket:
        assert await heard(socket) == {"type": "connection_ack"}
        assert len((await query(socket, "1"))["payload"]["data"]["calls"]["nodes"]) == 3
        engine.authentication = house({"keys": {"other": keys["other"]}}).authentication
        told = (await query(socket, "2"))["payload"]
    assert (told["data"], [error["extensions"] for error in told["errors"]]) == (None, [{"code": "UNAUTHENTICATED"}])


async def test_a_token_that_expires_ends_its_connections_rights(issuer: Issuer, monkeypatch: pytest.MonkeyPatch) -> None:
    engine = house(issuer.table())
    async with connected(engine, {"authorization": f"Bearer {issuer.token(exp=int(time.time()) + 60)}"}) as socket:
        assert await heard(socket) == {"type": "connection_ack"}
        assert "errors" not in (await query(socket, "1"))["payload"]
        later = time.time() + 61
        monkeypatch.setattr(time, "time", lambda: later)
        assert codes((await query(socket, "2"))["payload"]) == ["UNAUTHENTICATED"]


async def test_a_subscription_of_a_removed_caller_ends(keys: Callers) -> None:
    engine = house({"keys": keys}, subscriptions={"poll_interval": "10ms"})
    store: Any = engine.providers["seen"].provider
    states = iter([ReportStatus.QUEUED, ReportStatus.RUNNING])

    async def reports(wanted: GetRequest) -> Page:
        state = next(states, ReportStatus.RUNNING)
        return Page(records=[report(key, provider="seen", status=state) for key in wanted.keys], read=1)

    store.reports = reports
    follow = 'subscription { reportProgress(id: "UmVwb3J0OnNlZW46MQ") { report { status } } }'
    async with connected(engine, {"apiKey": keys.secrets["acme"]}) as socket:
        assert await heard(socket) == {"type": "connection_ack"}
        await socket.send(json.dumps({"id": "1", "type": "subscribe", "payload": {"query": follow}}))
        assert (await heard(socket))["type"] == "next"
        engine.authentication = house({"keys": {"other": keys["other"]}}).authentication
        while (told := await heard(socket))["type"] == "next" and "errors" not in told["payload"]:
            pass
    assert "UNAUTHENTICATED" in json.dumps(told)


async def test_a_reload_takes_up_new_keys_and_drops_removed_ones(keys: Callers) -> None:
    engine = house({"keys": keys})
    async with client(engine, keys.secrets["acme"]) as acme, client(engine, new := new_key()) as later:
        assert [(await made.post("/graphql", json={"query": CALLS})).status_code for made in (acme, later)] == [200, 401]
        changed = Callers()
        changed.add("acme", "read")
        changed.add("later", "read")
        changed["later"]["hash"] = hash_key(new)
        reload(engine, {"keys": changed})
        assert [(await made.post("/graphql", json={"query": CALLS})).status_code for made in (acme, later)] == [401, 200]
        assert reload_config(engine, lambda: settings({"keys": {"later": changed["later"] | {"providers": ["nobody"]}}})) is None
        assert (await later.post("/graphql", json={"query": CALLS})).status_code == 200
    await engine.aclose()


async def link(made: httpx.AsyncClient) -> str:
    url: str = (await asked(made, SOUND))["data"]["recordings"]["nodes"][0]["media"]["url"]
    return url


def refusal(answer: httpx.Response) -> tuple[int, str]:
    return answer.status_code, answer.json()["error"]["code"]


async def test_a_link_is_enough_but_not_with_anothers_credentials(keys: Callers) -> None:
    engine = house({"keys": keys})
    async with client(engine, keys.secrets["acme"]) as acme, client(engine, keys.secrets["other"]) as other, client(engine) as nobody:
        url = await link(acme)
        assert [(await made.get(url)).text for made in (acme, nobody)] == ["sound", "sound"]
        assert refusal(await other.get(url)) == (403, "FORBIDDEN")
        assert refusal(await nobody.get(url, headers={"x-api-key": "tgq_x"})) == (401, "UNAUTHENTICATED")
        assert refusal(await nobody.get(url[:-1] + ("A" if url[-1] != "A" else "B"))) == (403, "BAD_TOKEN")
    await engine.aclose()


CHANGES: dict[str, Any] = {
    "removed": lambda table: None,
    "expired": lambda table: table | {"expires_at": "2020-01-01T00:00:00Z"},
    "without media": lambda table: table | {"scopes": ["read"]},
    "with another key": lambda table: table | {"hash": hash_key(new_key())},
    "without recordings": lambda table: table | {"redact": ["recordings"]},
    "without the provider": lambda table: table | {"providers": ["hidden"]},
}


@pytest.mark.parametrize("change", CHANGES.values(), ids=CHANGES)
async def test_a_link_ends_with_the_rights_of_its_caller(keys: Callers, change: Any) -> None:
    engine = house({"keys": keys})
    async with client(engine, keys.secrets["acme"]) as acme, client(engine) as nobody:
        url = await link(acme)
        made = change(keys["acme"])
        reload(engine, {"keys": {"other": keys["other"]} | ({"acme": made} if made else {})})
        assert refusal(await nobody.get(url)) == (403, "BAD_TOKEN")
        assert refusal(await nobody.get("/media/nonsense")) == (403, "BAD_TOKEN")
    await engine.aclose()


@pytest.mark.parametrize("change", [{"redact": ["recordings"]}, {"providers": ["hidden"]}, {"scopes_claim": "roles"}], ids=str)
async def test_tokens_narrowed_by_a_reload_are_so_for_open_connections_and_links(issuer: Issuer, change: dict[str, Any]) -> None:
    engine = house(issuer.table())
    async with client(engine, issuer.token(scope="read media")) as made, client(engine) as nobody:
        url = await link(made)
        assert (await nobody.get(url, headers={"range": "bytes=0-1"})).text == "so"
    async with connected(engine, {"authorization": f"Bearer {issuer.token()}"}) as socket:
        assert await heard(socket) == {"type": "connection_ack"}
        assert "errors" not in (await query(socket, "1"))["payload"]
        reload(engine, issuer.table(**change))
        assert codes((await query(socket, "2"))["payload"]) == ["UNAUTHENTICATED"]
    async with client(engine) as nobody:
        for part in ({}, {"range": "bytes=2-3"}):
            assert refusal(await nobody.get(url, headers=part)) == (403, "BAD_TOKEN")
    await engine.aclose()


async def test_a_provider_that_is_taken_away_is_so_for_open_connections_and_links(keys: Callers) -> None:
    engine = house({"keys": keys})
    providers = "{ providers { name } }"
    async with client(engine, keys.secrets["other"]) as other:
        url = await link(other)
        assert (await other.get(url)).text == "sound"
    async with connected(engine, {"apiKey": keys.secrets["other"]}) as socket:
        assert await heard(socket) == {"type": "connection_ack"}
        told = (await query(socket, "1", providers))["payload"]["data"]["providers"]
        assert told == [{"name": "hidden"}, {"name": "seen"}]
        reload(engine, {"keys": {"other": keys["other"]}}, providers={"seen": PROVIDERS["seen"]})
        assert (await query(socket, "2", providers))["payload"]["data"]["providers"] == [{"name": "seen"}]
        reload(engine, {"keys": {"other": keys["other"]}}, providers={"third": PROVIDERS["seen"]})
    async with client(engine) as nobody:
        assert refusal(await nobody.get(url)) == (403, "BAD_TOKEN")
    await engine.aclose()


async def test_a_link_does_not_outlive_the_token_for_which_it_was_made(issuer: Issuer, monkeypatch: pytest.MonkeyPatch) -> None:
    engine = house(issuer.table())
    ends = int(time.time()) + 60
    async with client(engine, issuer.token(scope="read media", exp=ends)) as made, client(engine) as nobody:
        url = await link(made)
        assert (await nobody.get(url)).text == "sound"
        node = (await asked(made, SOUND))["data"]["recordings"]["nodes"][0]["media"]
        assert node["expiresAt"] == time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(ends))
        later = time.time() + 61
        monkeypatch.setattr(time, "time", lambda: later)
        assert refusal(await nobody.get(url)) == (410, "EXPIRED_TOKEN")
    await engine.aclose()


async def test_an_export_is_a_link_of_its_caller(keys: Callers) -> None:
    key = keys.add("writer", "write", "media")
    engine = house({"keys": keys})
    document = 'mutation { exportUserCalls(input: {provider: "seen", userId: "7"}) { media { url } } }'
    async with client(engine, key) as writer, client(engine, keys.secrets["other"]) as other, client(engine) as nobody:
        url = (await asked(writer, document))["data"]["exportUserCalls"]["media"]["url"]
        assert ((await nobody.get(url)).text, refusal(await other.get(url))) == ("sound", (403, "FORBIDDEN"))
    await engine.aclose()


async def test_commands_are_logged_with_their_caller_and_no_key_is_logged(keys: Callers, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level("DEBUG")
    key = keys.add("writer", "write", "read")
    engine = house({"keys": keys})
    delete = 'deleteRecordings(input: {ids: ["UmVjb3JkaW5nOnNlZW46cg"]}) { succeededIds }'
    document = f'mutation {{ deleteAll(input: {{provider: "seen", kind: CALLS, confirm: "seen"}}) {{ problems {{ code }} }} {delete} }}'
    async with client(engine, key) as writer, client(engine, new_key()) as nobody:
        assert codes(await asked(writer, document)) == ["FORBIDDEN"]
        await asked(writer, 'mutation { deleteRecordings(input: {ids: ["UmVjb3JkaW5nOnNlZW46cg"]}) { succeededIds } }')
        await nobody.post("/graphql", json={"query": CALLS})
    await engine.aclose()
    audits = [json.loads(record.getMessage()) for record in caplog.records if record.name == "telegraphql.audit"]
    assert {entry["caller"] for entry in audits} == {"writer"}
    assert "tgq_" not in caplog.text
    assert keys["writer"]["hash"].removeprefix("sha256:") not in caplog.text + repr(engine)
