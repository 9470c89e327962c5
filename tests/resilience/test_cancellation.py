"""Cancelling: a client that goes away ends the work at the upstreams that was done for it."""

import asyncio
import json
from contextlib import suppress
from urllib.parse import urlsplit

import pytest

from telegraphql.schema.enums import BreakerState
from tests.resilience.simulated_gateway import CALLS, Clients, Row

LATENCY = 0.3
COSTS = """query ($first: Int, $providers: [String!]) {
  calls(first: $first, filter: {providers: $providers}) { nodes { cost { amount } } } }"""
SEARCH = """query ($first: Int, $providers: [String!]) {
  calls(first: $first, filter: {providers: $providers, talkSeconds: {min: 1000000}}) { nodes { id } } }"""


async def leave(clients: Clients, document: str, variables: Row, after: float) -> None:
    """Ask and close the connection after so many seconds."""
    parts = urlsplit(clients.place.world.url)
    reader, writer = await asyncio.open_connection(parts.hostname, parts.port)
    body = json.dumps({"query": document, "variables": variables}).encode()
    head = f"POST /graphql HTTP/1.1\r\nHost: {parts.netloc}\r\nContent-Type: application/json\r\nContent-Length: {len(body)}\r\n\r\n"
    writer.write(head.encode() + body)
    await writer.drain()
    with suppress(TimeoutError):
        early = await asyncio.wait_for(reader.read(1000), after)
        raise AssertionError(early)
    writer.close()
    await writer.wait_closed()


@pytest.mark.parametrize(
    ("name", "document"),
    [("portsip", COSTS), ("boxis", CALLS), ("boxis", SEARCH)],
    ids=["a detail for each of many calls", "a page over many windows", "a search through all"],
)
async def test_a_client_that_leaves_stops_what_was_asked_for_it(clients: Clients, name: str, document: str) -> None:
    place = clients.place
    place.misbehave(name, latency_ms=int(1000 * LATENCY))
    await leave(clients, document, {"first": 60, "providers": [name]}, after=2.5 * LATENCY)
    await asyncio.sleep(0.1)
    sent = len(place.asked(name))
    assert sent >= 2
    await asyncio.sleep(3 * LATENCY)
    assert len(place.asked(name)) == sent
    assert place.world.engine.healths[name].state is BreakerState.CLOSED


async def test_a_client_that_leaves_does_not_stop_what_others_wait_for(clients: Clients) -> None:
    """Both ask the same at the same time, so that they share the requests."""
    place = clients.place
    place.misbehave("boxis", latency_ms=300)
    staying = asyncio.create_task(clients.ask(first=40, providers=["boxis"]))
    await leave(clients, CALLS, {"first": 40, "providers": ["boxis"]}, after=0.15)
    told = await staying
    assert told.keys == place.true_calls("boxis")[:40]
    assert told.problems == []
