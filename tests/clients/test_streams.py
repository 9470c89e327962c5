"""graphql-ws and graphql-sse, as frontends use them, against a real server."""

import asyncio
import hashlib
import json
from collections.abc import Mapping
from contextlib import AsyncExitStack
from typing import Any
from urllib.parse import urlsplit

import pytest

from telegraphql.gateway.runtime import Runtime
from telegraphql.schema.enums import ReportStatus
from tests.clients.gateway_servers import CALLS, FOLLOW, NEWEST, engine, gateway, reporting
from tests.clients.node import running, said

PROGRAMS = {"sockets.mjs": "ws", "events.mjs": "http"}
BOTH = pytest.mark.parametrize("program", PROGRAMS)
CONNECTED = {"connected": True}
DIGEST = hashlib.sha256(CALLS["query"].encode()).hexdigest()


def status(name: str) -> Any:
    return {"next": {"data": {"reportProgress": {"report": {"status": name}}}}}


def address(url: str, program: str) -> str:
    return url.replace("http", PROGRAMS[program], 1)


async def heard(program: str, url: str, request: Mapping[str, Any]) -> list[Any]:
    """What a client hears of one operation, besides that it is connected."""
    told = await said(program, address(url, program), json.dumps(request))
    assert told[0] == CONNECTED
    return told[1:]


def refused(told: list[Any]) -> list[Any]:
    """The errors of an operation that was not executed: a socket has a message for them."""
    return list(told[0]["error"] if "error" in told[0] else told[0]["next"]["errors"])


@BOTH
async def test_a_query_is_answered_and_complete(program: str) -> None:
    with gateway(engine()) as url:
        assert await heard(program, url, CALLS) == [{"next": NEWEST}, {"complete": True}]


@BOTH
async def test_a_mutation_is_carried_out(program: str) -> None:
    document = 'mutation { deleteAll(input: {provider: "a", kind: CALLS, confirm: "a"}) { problems { code } } }'
    with gateway(engine()) as url:
        told = await heard(program, url, {"query": document})
    assert told[0]["next"]["data"] == {"deleteAll": {"problems": [{"code": "UNSUPPORTED"}]}}
    assert told[1:] == [{"complete": True}]


@BOTH
async def test_a_report_is_followed_to_its_end(program: str) -> None:
    made = engine()
    with gateway(made) as url:
        async with running(program, address(url, program), json.dumps(FOLLOW)) as client:
            assert [await client.next() for _ in range(2)] == [CONNECTED, status("RUNNING")]
            reporting(made).status = ReportStatus.DONE
            assert await client.rest() == [status("DONE"), {"complete": True}]


SEVERAL = "query a { __typename } query b { __typename }"
WRONG = [
    ({"query": "{ nothing }"}, "GRAPHQL_VALIDATION_FAILED"),
    ({"query": "{"}, "GRAPHQL_PARSE_FAILED"),
    (FOLLOW | {"variables": {}}, "BAD_USER_INPUT"),
    ({"query": SEVERAL}, "OPERATION_RESOLUTION_FAILURE"),
    ({"query": SEVERAL, "operationName": "c"}, "OPERATION_RESOLUTION_FAILURE"),
]


@BOTH
@pytest.mark.parametrize(("request_", "code"), WRONG, ids=range(len(WRONG)))
async def test_what_is_wrong_is_told_with_a_code(program: str, request_: Mapping[str, Any], code: str) -> None:
    with gateway(engine()) as url:
        told = await heard(program, url, request_)
    assert [error["extensions"]["code"] for error in refused(told)] == [code]


@BOTH
async def test_a_subscription_that_fails_says_why(program: str) -> None:
    with gateway(engine()) as url:
        told = await heard(program, url, FOLLOW | {"variables": {"id": "garbage"}})
    assert '"code": "BAD_ID"' in json.dumps(told)


@BOTH
async def test_documents_are_registered_and_then_known_by_their_digest(program: str) -> None:
    # graphql-ws sends nothing without a query.
    known = {"query": "", "variables": CALLS["variables"], "extensions": {"persistedQuery": {"version": 1, "sha256Hash": DIGEST}}}
    with gateway(engine()) as url:
        assert [error["message"] for error in refused(await heard(program, url, known))] == ["PersistedQueryNotFound"]
        for request in (known | CALLS, known):
            assert await heard(program, url, request) == [{"next": NEWEST}, {"complete": True}]


async def gone(made: Runtime) -> None:
    """Until nobody asks for the report any more."""
    seen = -1
    while seen != len(reporting(made).store.wanted):
        seen = len(reporting(made).store.wanted)
        await asyncio.sleep(0.1)


@BOTH
async def test_a_client_that_leaves_stops_the_work(program: str) -> None:
    made = engine()
    with gateway(made) as url:
        async with running(program, address(url, program), json.dumps(FOLLOW)) as client:
            assert [await client.next() for _ in range(2)] == [CONNECTED, status("RUNNING")]
        await asyncio.wait_for(gone(made), 10)


@BOTH
async def test_a_client_comes_back_to_a_server_that_was_started_anew(program: str) -> None:
    after = engine()
    reporting(after).status = ReportStatus.DONE
    async with AsyncExitStack() as stack:
        with gateway(engine()) as url:
            client = await stack.enter_async_context(running(program, address(url, program), json.dumps(FOLLOW)))
            assert [await client.next() for _ in range(2)] == [CONNECTED, status("RUNNING")]
        with gateway(after, urlsplit(url).port or 0):
            assert await client.rest() == [CONNECTED, status("DONE"), {"complete": True}]


async def test_an_unknown_protocol_is_closed_with_a_code_that_clients_see() -> None:
    with gateway(engine()) as url:
        at = address(url, "sockets.mjs")
        closed = [await said("protocols.mjs", at, *protocols) for protocols in ((), ("graphql-ws",), ("other", "graphql-ws"))]
    assert closed == [[{"closed": 4406, "reason": "Subprotocol not acceptable"}]] * 3
