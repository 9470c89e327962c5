"""graphql-transport-ws: what is answered, and with which code a connection is closed."""

import json
from collections.abc import AsyncIterator, Sequence
from contextlib import suppress
from datetime import timedelta
from typing import Any

import pytest
from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed, InvalidStatus
from websockets.typing import Origin, Subprotocol

from telegraphql.gateway.http import websocket
from tests.clients.gateway_servers import CALLS, FOLLOW, NEWEST, engine, gateway

PROTOCOL = "graphql-transport-ws"
INIT = {"type": "connection_init"}
ACK = {"type": "connection_ack"}


@pytest.fixture
def url() -> AsyncIterator[str]:
    with gateway(engine(limits={"operations_per_websocket": 2, "report_cost": False})) as url:
        yield url.replace("http", "ws", 1)


def subscribe(id: str, payload: Any) -> dict[str, Any]:
    return {"id": id, "type": "subscribe", "payload": payload}


async def say(socket: ClientConnection, *messages: Any) -> None:
    for message in messages:
        await socket.send(message if isinstance(message, str | bytes) else json.dumps(message))


async def hear(socket: ClientConnection) -> Any:
    return json.loads(await socket.recv())


async def closing(url: str, messages: Sequence[Any], protocols: Sequence[str] = (PROTOCOL,)) -> tuple[int, str]:
    """The code and the reason with which a connection is closed after these messages."""
    async with connect(url, subprotocols=[Subprotocol(each) for each in protocols] or None) as socket:
        with suppress(ConnectionClosed):
            await say(socket, *messages)
            while True:
                await socket.recv()
        assert socket.close_code is not None
        return socket.close_code, socket.close_reason or ""


LONG = "x" * 500
CLOSINGS = [
    (["nonsense"], 4400, "WebSocket message must be valid JSON"),
    ([b"\x00"], 4400, "WebSocket message type must be text"),
    ([[]], 4400, "a message must be an object with a type"),
    ([{"type": 5}], 4400, "a message must be an object with a type"),
    ([{"type": LONG}], 4400, f"Unknown message type: {LONG}"[:123]),
    ([INIT, {"id": "1", "type": "subscribe"}], 4400, "subscribe needs an id and a payload"),
    ([INIT, subscribe("", CALLS)], 4400, "subscribe needs an id and a payload"),
    ([INIT, {"id": [1], "type": "complete"}], 4400, "complete needs the id of an operation"),
    ([{"type": "complete"}], 4400, "complete needs the id of an operation"),
    ([INIT | {"payload": 5}], 4400, "Invalid connection init payload"),
    ([subscribe("1", CALLS)], 4401, "Unauthorized"),
    ([INIT, subscribe("1", FOLLOW), subscribe("1", FOLLOW)], 4409, "Subscriber for 1 already exists"),
    ([INIT, subscribe(LONG, FOLLOW), subscribe(LONG, FOLLOW)], 4409, f"Subscriber for {LONG}"[:123]),
    ([INIT, INIT], 4429, "Too many initialisation requests"),
]


@pytest.mark.parametrize(("messages", "code", "reason"), CLOSINGS, ids=lambda value: str(value)[:40])
async def test_what_breaks_the_protocol_closes_the_connection(url: str, messages: list[Any], code: int, reason: str) -> None:
    assert await closing(url, messages) == (code, reason)


@pytest.mark.parametrize("protocols", [[], ["graphql-ws"], ["other", "graphql-ws"]], ids=str)
async def test_an_unknown_protocol_is_not_acceptable(url: str, protocols: list[str]) -> None:
    assert await closing(url, [], protocols) == (4406, "Subprotocol not acceptable")


async def test_ours_is_chosen_among_several(url: str) -> None:
    async with connect(url, subprotocols=[Subprotocol("graphql-ws"), Subprotocol(PROTOCOL)]) as socket:
        assert socket.subprotocol == PROTOCOL


async def test_who_does_not_begin_is_not_waited_for(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(websocket, "CONNECTION_INIT_TIMEOUT", timedelta(milliseconds=20))
    with gateway(engine()) as url:
        assert await closing(url.replace("http", "ws", 1), []) == (4408, "Connection initialisation timeout")


async def test_a_ping_is_answered(url: str) -> None:
    async with connect(url, subprotocols=[Subprotocol(PROTOCOL)]) as socket:
        await say(socket, {"type": "ping"}, {"type": "pong"}, INIT, {"type": "ping", "payload": {"a": 1}})
        assert [await hear(socket) for _ in range(3)] == [{"type": "pong"}, ACK, {"type": "pong"}]


WRONG = [
    ({"query": "{"}, "GRAPHQL_PARSE_FAILED"),
    ({"query": "{ nothing }"}, "GRAPHQL_VALIDATION_FAILED"),
    ({"query": "query a { __typename }", "operationName": "b"}, "OPERATION_RESOLUTION_FAILURE"),
    ({"query": 5}, "BAD_REQUEST"),
    ({}, "BAD_REQUEST"),
    ({"query": "", "documentId": "none"}, "PERSISTED_QUERY_NOT_FOUND"),
]


@pytest.mark.parametrize(("payload", "code"), WRONG, ids=str)
async def test_what_is_wrong_with_one_operation_does_not_end_the_others(url: str, payload: Any, code: str) -> None:
    async with connect(url, subprotocols=[Subprotocol(PROTOCOL)]) as socket:
        await say(socket, INIT, subscribe("1", payload))
        assert await hear(socket) == ACK
        told = await hear(socket)
        assert (told["id"], told["type"]) == ("1", "error")
        assert [error["extensions"]["code"] for error in told["payload"]] == [code]
        await say(socket, subscribe("1", CALLS))
        assert [await hear(socket) for _ in range(2)] == [{"id": "1", "type": "next", "payload": NEWEST}, {"id": "1", "type": "complete"}]


async def test_more_operations_than_a_connection_may_have_are_refused(url: str) -> None:
    async with connect(url, subprotocols=[Subprotocol(PROTOCOL)]) as socket:
        await say(socket, INIT, *(subscribe(id, FOLLOW) for id in "123"))
        told = [await hear(socket) for _ in range(4)]
        (refused,) = [each for each in told if each["type"] == "error"]
        assert (refused["id"], refused["payload"][0]["extensions"]) == ("3", {"code": "TOO_MANY_OPERATIONS"})
        await say(socket, {"id": "1", "type": "complete"}, subscribe("3", CALLS))
        assert (await hear(socket))["id"] == "3"


async def test_a_page_of_another_origin_is_not_let_in(url: str) -> None:
    with pytest.raises(InvalidStatus) as caught:
        await connect(url, subprotocols=[Subprotocol(PROTOCOL)], origin=Origin("https://elsewhere.example"))
    assert caught.value.response.status_code == 403


async def test_a_page_of_an_origin_that_is_configured_is_let_in() -> None:
    with gateway(engine(server={"cors_origins": ["https://desk.example"]})) as url:
        async with connect(
            url.replace("http", "ws", 1), subprotocols=[Subprotocol(PROTOCOL)], origin=Origin("https://desk.example")
        ) as socket:
            await say(socket, INIT)
            assert await hear(socket) == ACK
