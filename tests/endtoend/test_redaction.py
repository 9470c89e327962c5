"""Redaction: nothing personal leaves the gateway for a caller from whom it is withheld, in no field, header or file name."""

import asyncio
import json
from collections.abc import Iterator
from typing import Any
from urllib.parse import unquote

import httpx
import pytest
from graphql import (
    GraphQLField,
    GraphQLInterfaceType,
    GraphQLObjectType,
    GraphQLUnionType,
    get_named_type,
    is_leaf_type,
    is_required_argument,
)
from websockets.asyncio.client import connect
from websockets.typing import Subprotocol

from telegraphql.gateway.auth.api_keys import hash_key, new_key
from telegraphql.gateway.auth.authentication import Authentication
from telegraphql.gateway.auth.settings import CallersSettings
from tests.endtoend.world import MERGED, World, simulate, world
from tests.support.clock import NOW
from tests.support.printed_schema import client_schema

SDL = client_schema()
LISTS = tuple(name for name, field in SDL.query_type.fields.items() if str(field.type).endswith("Connection!") and name != "timeline")  # type: ignore[union-attr]
# What is shorter says nothing about anybody, and neither does a word such as "completed".
SHORTEST = 6
DEPTH = 3
TEXTS = ("String", "ID", "JSON")
Taints = dict[str, set[str]]
SCOPES = ["read", "media", "admin"]


def is_personal(field: GraphQLField) -> bool:
    return any(each.name.value == "personal" for each in (field.ast_node and field.ast_node.directives) or ())


def selection(kind: Any, depth: int, is_hidden: bool = False) -> str:
    """All fields of a type that need no argument; an alias tells those that are personal."""
    if isinstance(kind, GraphQLUnionType | GraphQLInterfaceType):
        parts = {each.name: selection(each, depth - 1, is_hidden) for each in SDL.get_possible_types(kind)} if depth > 1 else {}
        return " ".join(["kind: __typename", *(f"... on {name} {{ {part} }}" for name, part in parts.items())])
    assert isinstance(kind, GraphQLObjectType)
    found = ["kind: __typename"]
    for name, field in kind.fields.items():
        named, hides = get_named_type(field.type), is_personal(field) or (is_hidden and kind.name != "Media")
        if any(is_required_argument(each) for each in field.args.values()):
            continue
        if is_leaf_type(named):
            found.append(f"personal_{kind.name}_{name}: {name}" if hides and named.name in TEXTS else f"plain_{kind.name}_{name}: {name}")
        elif depth > 1 and not named.name.endswith("Connection"):
            found.append(f"{kind.name}_{name}: {name} {{ {selection(named, depth - 1, hides)} }}")
    return " ".join(found)


def document(root: str, size: int) -> str:
    (node,) = [get_named_type(SDL.type_map[str(SDL.query_type.fields[root].type)[:-1]].fields["nodes"].type)]  # type: ignore[union-attr, index]
    return f"{{ {root}(first: {size}) {{ nodes {{ {selection(node, DEPTH)} }} problems {{ code message }} }} }}"


def personal(value: Any, is_hidden: bool = False) -> Iterator[str]:
    """The texts in the fields that are personal."""
    if isinstance(value, dict):
        for name, each in value.items():
            yield from personal(each, is_hidden or name.startswith("personal_"))
    elif isinstance(value, list):
        for each in value:
            yield from personal(each, is_hidden)
    elif is_hidden and isinstance(value, str) and len(value) >= SHORTEST and not value.islower():
        yield value


def links(value: Any) -> Iterator[str]:
    if isinstance(value, dict):
        for name, each in value.items():
            if name == "plain_Media_url" and each:
                yield each
            yield from links(each)
    elif isinstance(value, list):
        for each in value:
            yield from links(each)


# A line of the account, the name of a report, an id and the name of a type say nothing about a person; some stand where somebody's would.
PUBLIC = ("plain_TrackingNumber_number", "plain_Report_fileName", "plain_Party_nativeId", "kind")
SIZE = 20
EVERY_LIMIT = {"cost": 10**9, "depth": 50, "fields": 10**6, "tokens": 10**6, "aliases": 10**6, "duplicate_fields": 10**6}


def public(value: Any) -> Iterator[str]:
    if isinstance(value, dict):
        for name, each in value.items():
            if name in PUBLIC and each:
                yield each
            yield from public(each)
    elif isinstance(value, list):
        for each in value:
            yield from public(each)


@pytest.fixture(scope="module")
def keys() -> dict[str, str]:
    return {name: new_key() for name in ("all", "personal", "both")}


@pytest.fixture(scope="module")
def guarded(tmp_path_factory: pytest.TempPathFactory, keys: dict[str, str]) -> Iterator[World]:
    """A gateway for whom everything is shown, and for whom it is withheld."""
    redacted = {"all": [], "personal": ["personal"], "both": ["personal", "recordings"]}
    tables = {name: {"hash": hash_key(key), "scopes": SCOPES, "redact": redacted[name]} for name, key in keys.items()}
    with world(simulate((*MERGED, "twilio"), records=40, now=NOW), tmp_path_factory.mktemp("guarded"), unchanging=True) as made:
        made.engine.authentication = Authentication(CallersSettings.model_validate({"keys": tables}), list(made.upstreams))
        limits = made.engine.settings.limits.model_copy(update=EVERY_LIMIT)
        made.engine.settings = made.engine.settings.model_copy(update={"limits": limits})
        yield made


def asked(guarded: World, key: str, document: str, **headers: str) -> httpx.Response:
    return guarded.client.post(f"{guarded.url}/graphql", json={"query": document}, headers={"x-api-key": key, **headers})


@pytest.fixture(scope="module")
def taints(guarded: World, keys: dict[str, str]) -> Taints:
    """What the providers know of people, by the list in which it stands."""
    found, known = {}, set()
    for root in LISTS:
        data = asked(guarded, keys["all"], document(root, SIZE)).json()["data"]
        found[root] = set(personal(data))
        known |= set(public(data))
    return {root: texts - known for root, texts in found.items()}


def leaks(taints: Taints, *texts: str) -> list[tuple[str, str]]:
    every = set().union(*taints.values())
    return [(taint, text[max(0, text.find(taint) - 80) :][:160]) for taint in every for text in texts if taint in text]


def words(answer: httpx.Response) -> list[str]:
    """All that left for a client, with names of files as they are read."""
    return [answer.text, unquote("\n".join(f"{name}: {value}" for name, value in answer.headers.items()))]


@pytest.mark.slow
@pytest.mark.parametrize("redacted", ["personal", "both"])
@pytest.mark.parametrize("accept", ["application/json", "text/event-stream"])
def test_no_list_shows_anything_personal(guarded: World, keys: dict[str, str], taints: Taints, redacted: str, accept: str) -> None:
    assert {root for root, texts in taints.items() if texts} >= {"calls", "messages", "recordings", "voicemessages", "chats", "reports"}
    for root in LISTS:
        answer = asked(guarded, keys[redacted], document(root, SIZE), accept=accept)
        assert (answer.status_code, "plain_" in answer.text) == (200, True)
        assert leaks(taints, *words(answer)) == []


@pytest.mark.slow
def test_no_file_tells_by_its_headers_whose_it_is(guarded: World, keys: dict[str, str], taints: Taints) -> None:
    """A link is for a player, which sees the name of the file."""
    seen = 0
    for root in LISTS:
        urls = set(links(asked(guarded, keys["personal"], document(root, SIZE)).json()["data"]))
        for url in urls:
            answer = guarded.fetch(url, range="bytes=0-99")
            seen += answer.is_success
            assert leaks(taints, *words(answer)) == []
            assert "content-disposition" not in answer.headers
    assert seen > 10


@pytest.mark.slow
def test_where_recordings_are_withheld_no_link_leads_to_one(guarded: World, keys: dict[str, str]) -> None:
    for root in ("recordings", "voicemessages", "calls", "sessions"):
        assert set(links(asked(guarded, keys["both"], document(root, SIZE)).json()["data"])) == set()


@pytest.mark.slow
def test_no_link_made_before_leads_to_what_is_withheld_since(guarded: World, keys: dict[str, str]) -> None:
    urls = {url for root in ("recordings", "reports") for url in links(asked(guarded, keys["all"], document(root, SIZE)).json()["data"])}
    before = guarded.engine.authentication
    tables = {"all": {"hash": hash_key(keys["all"]), "scopes": SCOPES, "redact": ["personal", "recordings"]}}
    guarded.engine.authentication = Authentication(CallersSettings.model_validate({"keys": tables}), list(guarded.upstreams))
    try:
        assert {guarded.fetch(url).status_code for url in urls} == {403}
    finally:
        guarded.engine.authentication = before
    assert 200 in {guarded.fetch(url).status_code for url in urls}


OTHERS = (
    '{ dictionary(provider: "voipstudio", of: CALL_STATUSES) }',
    "{ providers { name health { lastProblem { message } warnings } } viewer { name } }",
    '{ calls(filter: {search: "41"}) { nodes { id } } }',
    '{ nodes(ids: ["Q2FsbDpib3hpczox", "nonsense"]) { id } }',
    "{ calls(first: 5) { nodes { native } } }",
    '{ callStatistics(filter: {startedAt: {since: "2026-11-01T00:00:00Z"}}, by: [NUMBER, AGENT]) { groups { number agent } } }',
)


@pytest.mark.slow
@pytest.mark.parametrize("document", OTHERS)
def test_errors_and_answers_of_other_fields_tell_nothing(guarded: World, keys: dict[str, str], taints: Taints, document: str) -> None:
    for redacted in ("personal", "both"):
        assert leaks(taints, *words(asked(guarded, keys[redacted], document))) == []


@pytest.mark.slow
async def test_a_websocket_shows_nothing_personal(guarded: World, keys: dict[str, str], taints: Taints) -> None:
    url = guarded.url.replace("http", "ws") + "/graphql"
    async with connect(url, subprotocols=[Subprotocol("graphql-transport-ws")], max_size=None) as socket:
        await socket.send(json.dumps({"type": "connection_init", "payload": {"apiKey": keys["both"]}}))
        for root in LISTS:
            await socket.send(json.dumps({"id": root, "type": "subscribe", "payload": {"query": document(root, 5)}}))
        ended = set()
        while ended < set(LISTS):
            text = str(await asyncio.wait_for(socket.recv(), 60))
            assert leaks(taints, text) == []
            told = json.loads(text)
            ended |= {told["id"]} if told["type"] in ("complete", "error") else set()
