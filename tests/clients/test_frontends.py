"""What frontends are made with takes our schema and our pages: Relay's compiler and runtime, and Apollo Client's cache."""

import json
import re
from pathlib import Path
from typing import Any

import httpx
import pytest
from graphql import build_schema, parse, validate

from telegraphql.schema.node import global_id
from tests.clients.gateway_servers import engine, gateway, reporting
from tests.clients.node import running, said
from tests.endtoend.world import simulate, world
from tests.gateway.subscriptions.subscribers import eventually
from tests.support.memory_provider import Store
from tests.support.records import call
from tests.support.repository import ROOT

COUNT, PAGE = 53, 10
COMPILED = {"CallLogQuery", "CallLogPageQuery", "CallLogCallQuery", "CallLogSubscription", "CallLog_query", "CallLog_call", "PagesQuery"}


def answered(url: str, folder: Path, name: str, **variables: object) -> Any:
    """What the gateway says to the text of a compiled operation."""
    text = re.search(r'"text": (".+")$', artifact(folder, name), re.MULTILINE)
    assert text is not None
    defaults = {"first": 10, "order": "NEWEST_FIRST", "withSound": False}
    body = httpx.post(url, json={"query": json.loads(text[1]), "variables": defaults | variables}).json()
    assert "errors" not in body, body["errors"]
    return body["data"]


def artifact(folder: Path, name: str) -> str:
    return (folder / f"{name}.graphql.js").read_text()


def test_relays_compiler_takes_the_schema_without_changes(compiled: Path) -> None:
    assert {file.name.removesuffix(".graphql.js") for file in compiled.iterdir()} == COMPILED


def test_relay_asks_for_the_next_page_by_the_connections_cursor(compiled: Path) -> None:
    fragment = artifact(compiled, "CallLog_query")
    assert '"direction": "forward"' in fragment
    assert '"cursor": "after"' in fragment
    query = re.search(r'"text": "(query CallLogPageQuery.+?)"\n', artifact(compiled, "CallLogPageQuery"))
    assert query is not None
    assert "pageInfo {\\n      endCursor\\n      hasNextPage" in query[1]
    assert "cursor\\n" in query[1]


def test_relay_asks_for_one_record_anew_by_its_id(compiled: Path) -> None:
    assert '"identifierField": "id"' in artifact(compiled, "CallLog_call")
    assert "node(id: $id)" in artifact(compiled, "CallLogCallQuery")


def test_the_gateway_answers_what_relay_asks(compiled: Path) -> None:
    made = engine()
    with gateway(made) as url:
        page = answered(url, compiled, "CallLogQuery")["calls"]
        assert [edge["node"]["__typename"] for edge in page["edges"]] == ["Call"] * 3
        following = answered(url, compiled, "CallLogPageQuery", first=2, after=page["edges"][0]["cursor"])["calls"]
        assert following["edges"] == page["edges"][1:]
        one = answered(url, compiled, "CallLogCallQuery", id=page["edges"][0]["node"]["id"])["node"]
    assert (one["__typename"], one["status"], "recordings" in one) == ("Call", page["edges"][0]["node"]["status"], False)


def test_what_the_guide_asks_fits_the_schema() -> None:
    guide = (ROOT / "docs/frontends.md").read_text()
    documents = re.findall(r"```graphql\n(.+?)```", guide, re.DOTALL)
    assert len(documents) == 2
    made = build_schema((ROOT / "schema/schema.graphql").read_text())
    assert [validate(made, parse(document)) for document in documents] == [[], []]


async def test_apollos_cache_merges_our_pages_into_the_list_and_tells_filters_and_orders_apart() -> None:
    made = engine()
    reporting(made).store = Store([call(number, number // 2, "a") for number in range(COUNT)])
    lists = [{}, {"order": "OLDEST_FIRST"}, {"filter": {"startedAt": {"since": "2024-03-01T12:00:10Z"}}}]
    with gateway(made) as url:
        newest, oldest, latest, told = await said("apollo.mjs", url, json.dumps(lists), str(PAGE))
    assert sorted(newest) == sorted(global_id("Call", "a", str(number)) for number in range(COUNT))
    assert oldest == newest[::-1]
    assert latest == newest[: COUNT - 20]
    assert told == {"pages": 6 + 6 + 4, "cached": len(lists)}


async def test_relays_runtime_walks_the_list_and_follows_ended_calls_into_it(compiled: Path, tmp_path: Path) -> None:
    plugins = ["portsip", "voipstudio"]
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("TELEGRAPHQL_SUBSCRIPTIONS__POLL_INTERVAL", "200ms")
        with world(simulate(plugins, records=20, now=None), tmp_path) as made:
            calls = [node["id"] for node in made.ask("{ calls(first: 500) { nodes { id } } }")["calls"]["nodes"]]
            async with running("relay.mjs", str(compiled), f"{made.url}/graphql") as client:
                assert await client.next() == {"pages": -(-len(calls) // 10), "ids": calls, "problems": []}
                feeds = made.engine.subscription_hub.pollers
                await eventually(lambda: len(feeds) == len(plugins) and all(feed.is_ready for feed in feeds.values()))
                made.upstreams["portsip"].add("calls")
                told = await client.next()
    assert told["ended"] not in calls
    assert told["ids"] == [told["ended"], *calls]
