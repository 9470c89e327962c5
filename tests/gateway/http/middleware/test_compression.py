"""Compression of responses."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import httpx

from telegraphql.gateway.http import app
from tests.clients.gateway_servers import engine

LONG = {"query": "{ __schema { types { name description } } }"}
SHORT = {"query": "{ __typename }"}


@asynccontextmanager
async def asking(**server: Any) -> AsyncIterator[httpx.AsyncClient]:
    made = engine(server=server)
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app.create_app(made)), base_url="http://127.0.0.1") as client:
        yield client
    await made.aclose()


async def test_long_answers_are_compressed_for_those_who_take_it() -> None:
    async with asking() as client:
        taken = [await client.post("/graphql", json=given, headers={"accept-encoding": "gzip"}) for given in (LONG, SHORT)]
        plain = await client.post("/graphql", json=LONG, headers={"accept-encoding": "identity"})
    assert [answer.headers.get("content-encoding") for answer in (*taken, plain)] == ["gzip", None, None]
    assert taken[0].json() == plain.json()
    assert "Accept-Encoding" in taken[0].headers["vary"]


async def test_event_streams_and_files_are_not_compressed() -> None:
    async with asking() as client:
        stream = await client.post("/graphql", json=LONG, headers={"accept-encoding": "gzip", "accept": "text/event-stream"})
        file = await client.get(f"/media/{'x' * 3000}", headers={"accept-encoding": "gzip"})
    assert ["content-encoding" in answer.headers for answer in (stream, file)] == [False, False]


async def test_compression_can_be_left_to_others() -> None:
    async with asking(compress=False) as client:
        assert "content-encoding" not in (await client.post("/graphql", json=LONG, headers={"accept-encoding": "gzip"})).headers
