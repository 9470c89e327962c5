"""The examples: every document fits the schema, and every query, request, subscription and mutation does what its page says."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import httpx
import pytest
from graphql import OperationDefinitionNode, OperationType, parse, validate

from tests.docs.answers import shortened
from tests.docs.code_blocks import DOCUMENTED, Block, of
from tests.endtoend.world import Row, World
from tests.support.graphql_client import served_schema

# Its types and its query belong to another graph: tests/federation composes them.
OTHERS = {"docs/federation.md"}
DOCUMENTS = [block for block in of("graphql") if block.page not in OTHERS]
REQUESTS = [block for block in of("json") if block.title == "request"]
OLDEST = '{ calls(first: 9, order: OLDEST_FIRST, filter: { startedAt: { since: "2026-11-10T00:00:00Z" } }) { pageInfo { endCursor } } }'
# What "…" stands for, by the heading above: the first text in the answer to this.
ELLIPSES = {
    "Close a gap": "{ calls(first: 3) { pageInfo { endCursor } } }",
    "Page backward": OLDEST,
    "One record by id": '{ calls(first: 1, filter: { providers: ["voipstudio"] }) { nodes { id } } }',
    "Many records by id": "{ sessions(first: 1) { nodes { id } } }",
    "Move voicemessages": '{ voicemessages(first: 1, filter: { providers: ["voipstudio"] }) { nodes { id } } }',
    "Update calls": '{ calls(first: 1, filter: { providers: ["voipstudio"] }) { nodes { id } } }',
    "Delete recordings": "{ recordings(first: 1) { nodes { id } } }",
}
# Pages that leave out what is plain.
PLAIN = {"first": 5}
# What is missing where a page tells of it: those who cannot tell say so, and those who are down are named.
MISSING = {"Unsupported filters": {"UNSUPPORTED"}, "One provider is down": {"UNAVAILABLE"}}
DOWN = {"One provider is down": "portsip"}


def kind(block: Block) -> OperationType:
    definition = parse(block.text).definitions[0]
    assert isinstance(definition, OperationDefinitionNode)
    return definition.operation


def operations(wanted: OperationType) -> list[Block]:
    return [block for block in DOCUMENTS if kind(block) is wanted]


def texts(value: object) -> Iterator[str]:
    """The texts in an answer, first to last."""
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict | list):
        for each in value.values() if isinstance(value, dict) else value:
            yield from texts(each)


def variables(sandbox: World, block: Block) -> Row:
    """What stands below a document, with what "…" stands for in its place."""
    given: Row = json.loads(block.variables)
    if "…" in block.variables:
        found = json.dumps(next(texts(sandbox.ask(ELLIPSES[block.heading]))))
        given = json.loads(block.variables.replace('"…"', found))
    return given or PLAIN


@contextmanager
def day(sandbox: World, block: Block) -> Iterator[None]:
    """The bad day of which a page tells; else one like any other."""
    if block.heading not in DOWN:
        yield
        return
    sandbox.upstreams[DOWN[block.heading]].misbehave(mode="status", status=503, rate=1.0)
    yield
    sandbox.behave()


def complete(block: Block, data: Row) -> None:
    """Nothing is missing but what the page says, and there is something to see."""
    codes = {problem["code"] for root in data.values() if isinstance(root, dict) for problem in root.get("problems") or ()}
    assert codes == MISSING.get(block.heading, set())
    assert all(root.get("complete", True) for root in data.values() if isinstance(root, dict))
    assert all(root for root in data.values())
    lists = [root[name] for root in data.values() if isinstance(root, dict) for name in ("nodes", "edges", "groups") if name in root]
    assert all(lists)


@pytest.mark.parametrize("block", DOCUMENTS, ids=str)
def test_every_document_fits_the_schema(block: Block) -> None:
    assert validate(served_schema()._schema, parse(block.text)) == []


@pytest.mark.parametrize("block", operations(OperationType.QUERY), ids=str)
def test_every_query_has_a_complete_answer(sandbox: World, block: Block) -> None:
    with day(sandbox, block):
        answer = sandbox.ask(block.text, **variables(sandbox, block))
    complete(block, answer)
    if block.answer or block.page == DOCUMENTED:
        assert json.loads(block.answer or "null") == {"data": shortened(answer)}, "run `make docs`"


@pytest.mark.parametrize("block", REQUESTS, ids=str)
def test_every_request_is_answered(sandbox: World, block: Block) -> None:
    body: Row = json.loads(block.text)
    answer: Row = sandbox.client.post(f"{sandbox.url}/graphql", json=body).json()
    assert "errors" not in answer
    complete(block, answer["data"])
    assert ("explain" in (answer.get("extensions") or {})) is ("explain" in body["extensions"])


def events(response: httpx.Response) -> Iterator[Row]:
    for line in response.iter_lines():
        if line.startswith("data: "):
            yield json.loads(line.removeprefix("data: "))


@pytest.mark.parametrize("block", [block for block in operations(OperationType.SUBSCRIPTION) if "since" in block.variables], ids=str)
def test_every_subscription_tells_what_has_ended(sandbox: World, block: Block) -> None:
    body = {"query": block.text, "variables": variables(sandbox, block)}
    with sandbox.client.stream("POST", f"{sandbox.url}/graphql", json=body, headers={"accept": "text/event-stream"}) as response:
        first = next(events(response))
    assert first["data"]["callEnded"]["call"]["endedAt"] >= body["variables"]["since"]
    assert first["data"]["callEnded"]["cursor"]


@pytest.mark.parametrize("block", operations(OperationType.MUTATION), ids=str)
def test_every_mutation_does_what_it_says(sandbox: World, block: Block) -> None:
    given = variables(sandbox, block)
    done: Row
    (done,) = sandbox.ask(block.text, **given).values()
    wanted: list[Any] = given.get("ids", [given["id"]] if "id" in given else [])
    assert (done.get("problems", []), done.get("succeededIds", [])) == ([], wanted)


def test_the_query_examples_have_more_than_twenty_queries() -> None:
    assert len([block for block in operations(OperationType.QUERY) if block.page == "docs/query-examples.md"]) > 20
