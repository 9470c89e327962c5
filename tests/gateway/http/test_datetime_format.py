"""Moments: whichever way is asked, they are written alike: in UTC with a Z and whole seconds."""

import hashlib
import json
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta, timezone
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

import httpx
import orjson
import pytest
from websockets.asyncio.client import connect
from websockets.typing import Subprotocol

from telegraphql.gateway.http import app
from telegraphql.gateway.http.responses import encode_json
from telegraphql.schema.enums import ReportStatus
from tests.clients.gateway_servers import FOLLOW, engine, gateway, reporting
from tests.support.memory_provider import Store
from tests.support.records import call


class Own(datetime):
    """A moment of somebody's own make."""


EAST, WEST = timezone(timedelta(hours=14)), timezone(-timedelta(hours=11, minutes=30, seconds=1))
MOMENTS = {
    "2026-11-22T08:30:00Z": datetime(2026, 11, 22, 8, 30, tzinfo=UTC),
    "2026-11-22T08:30:04Z": datetime(2026, 11, 22, 8, 30, 4, 1, tzinfo=UTC),
    "2026-11-22T08:30:05Z": datetime(2026, 11, 22, 8, 30, 5, 999_999, tzinfo=UTC),
    "0001-01-01T00:00:00Z": datetime.min.replace(tzinfo=UTC),
    "9999-12-31T23:59:59Z": datetime.max.replace(tzinfo=UTC),
    "2026-11-21T18:30:00Z": datetime(2026, 11, 22, 8, 30, 0, 500_000, tzinfo=EAST),
    "2026-11-22T20:00:01Z": datetime(2026, 11, 22, 8, 30, tzinfo=WEST),
    "2026-10-25T00:30:00Z": datetime(2026, 10, 25, 2, 30, tzinfo=ZoneInfo("Europe/Zurich")),
    "2026-10-25T01:30:00Z": datetime(2026, 10, 25, 2, 30, fold=1, tzinfo=ZoneInfo("Europe/Zurich")),
    "0001-01-01T00:00:01Z": datetime(1, 1, 1, 14, 0, 1, tzinfo=EAST),
    "2026-11-22T08:30:01Z": datetime(2026, 11, 22, 8, 30, 1, tzinfo=ZoneInfo("UTC")),
    "2026-11-22T08:30:02Z": Own(2026, 11, 22, 8, 30, 2, tzinfo=UTC),
    "2026-11-22T07:30:03Z": Own(2026, 11, 22, 8, 30, 3, tzinfo=ZoneInfo("Europe/Zurich")),
}
LOST = datetime.min.replace(tzinfo=EAST)
QUERY = "{ calls(first: 50) { nodes { nativeId startedAt endedAt } } }"
SSE = {"accept": "text/event-stream"}


def made(compiled: bool = True) -> Any:
    """A gateway over calls that ended at those moments."""
    found = engine(execution={"compile": compiled})
    reporting(found).store = Store([call(number, -number, "a", ended_at=moment) for number, moment in enumerate(MOMENTS.values())])
    return found


@pytest.fixture(params=[True, False], ids=["compiled", "not compiled"])
async def asked(request: pytest.FixtureRequest) -> AsyncIterator[httpx.AsyncClient]:
    found = made(request.param)
    transport = httpx.ASGITransport(app.create_app(found))
    async with httpx.AsyncClient(transport=transport, base_url="http://127.0.0.1") as client:
        yield client
    await found.aclose()


def told() -> bytes:
    """The whole answer."""
    started = [datetime(2024, 3, 1, 12, tzinfo=UTC) - timedelta(seconds=number) for number in range(len(MOMENTS))]
    texts = [(str(number), f"{at:%Y-%m-%dT%H:%M:%SZ}", text) for number, (at, text) in enumerate(zip(started, MOMENTS, strict=True))]
    rows = [{"nativeId": key, "startedAt": start, "endedAt": text} for key, start, text in texts]
    return orjson.dumps({"data": {"calls": {"nodes": rows}}})


async def test_every_way_over_http_gives_the_same_bytes(asked: httpx.AsyncClient) -> None:
    posted = await asked.post("/graphql", json={"query": QUERY})
    assert posted.content == told()
    strict = await asked.post("/graphql", json={"query": QUERY}, headers={"accept": "application/graphql-response+json"})
    got = await asked.get("/graphql", params={"query": QUERY})
    digest = {"persistedQuery": {"version": 1, "sha256Hash": hashlib.sha256(QUERY.encode()).hexdigest()}}
    assert (await asked.post("/graphql", json={"query": QUERY, "extensions": digest})).content == told()
    by_digest = await asked.post("/graphql", json={"extensions": digest})
    got_by_digest = await asked.get("/graphql", params={"extensions": json.dumps(digest)})
    assert [each.content for each in (strict, got, by_digest, got_by_digest)] == [told()] * 4
    event = b":\n\nevent: next\ndata: " + told() + b"\n\nevent: complete\ndata:\n\n"
    assert (await asked.post("/graphql", json={"query": QUERY}, headers=SSE)).content == event
    assert (await asked.get("/graphql", params={"query": QUERY}, headers=SSE)).content == event


@pytest.mark.parametrize("compiled", [True, False])
async def test_a_websocket_gives_the_same(compiled: bool) -> None:
    with gateway(made(compiled)) as url:
        async with connect(url.replace("http", "ws", 1), subprotocols=[Subprotocol("graphql-transport-ws")]) as socket:
            await socket.send(json.dumps({"type": "connection_init"}))
            assert json.loads(await socket.recv()) == {"type": "connection_ack"}
            await socket.send(json.dumps({"id": "1", "type": "subscribe", "payload": {"query": QUERY}}))
            assert told() in await socket.recv(decode=False)


async def test_a_subscription_gives_the_same() -> None:
    found = made()
    reporting(found).status = ReportStatus.DONE
    question = {**FOLLOW, "query": FOLLOW["query"].replace("status", "status createdAt")}  # type: ignore[attr-defined]
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app.create_app(found)), base_url="http://127.0.0.1") as client:
        answer = await client.post("/graphql", json=question, headers=SSE)
    await found.aclose()
    assert b'data: {"data":{"reportProgress":{"report":{"status":"DONE","createdAt":"2024-03-01T12:00:00Z"}}}}' in answer.content


@pytest.mark.parametrize("compiled", [True, False])
async def test_a_moment_that_utc_does_not_have_is_the_error_of_its_field(compiled: bool) -> None:
    found = made(compiled)
    reporting(found).store = Store([call(1, 1, "a", ended_at=LOST), call(2, 0, "a", ended_at=MOMENTS["2026-11-22T08:30:00Z"])])
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app.create_app(found)), base_url="http://127.0.0.1") as client:
        answer = (await client.post("/graphql", json={"query": "{ calls { nodes { endedAt } } }"})).json()
    await found.aclose()
    assert answer["data"] == {"calls": {"nodes": [{"endedAt": None}, {"endedAt": "2026-11-22T08:30:00Z"}]}}
    assert [each["path"] for each in answer["errors"]] == [["calls", "nodes", 0, "endedAt"]]


@pytest.mark.parametrize("moment", MOMENTS.values(), ids=MOMENTS)
def test_what_orjson_cannot_write_beside_a_moment_changes_nothing_about_it(moment: datetime) -> None:
    in_utc = moment.astimezone(UTC)
    alone, beside = encode_json({"at": in_utc}), encode_json({"at": in_utc, "odd": "\ud800", "long": 2**70})
    assert beside == alone[:-1] + b',"odd":"\\ud800","long":1180591620717411303424}'


def test_what_is_no_moment_is_still_not_written() -> None:
    with pytest.raises((TypeError, AttributeError)):
        encode_json({"odd": Decimal("1.5")})
