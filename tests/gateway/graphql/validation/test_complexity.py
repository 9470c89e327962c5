"""What operations cost: exact prices, from documents and variables alone."""

from typing import Any

import pytest
from graphql import parse

from telegraphql.gateway.graphql.validation.complexity import operation_costs
from tests.support.graphql_client import served_schema

NESTED = "nodes { session { calls { recordings { id } } } }"
COSTS: dict[str, int] = {
    "{ __typename }": 0,
    "{ __schema { types { name } } }": 0,
    "{ providers { name health { status } } }": 1,
    "{ calls(first: 10) { nodes { provider { name plugin } } problems { provider { name } } } }": 10,
    '{ provider(name: "a") { name } }': 1,
    "{ calls { nodes { id } } }": 25,
    "{ calls(first: null) { nodes { id } } }": 25,
    "{ calls(first: 500) { nodes { id native from { number } } pageInfo { endCursor } totalCount } }": 500,
    "{ calls(last: 7) { edges { cursor node { id } } } }": 7,
    "{ calls(first: 1001) { nodes { id } } }": 1000,
    "{ calls(first: 99999999999999999999) { nodes { id } } }": 1000,
    "{ calls(first: 0) { nodes { id } } x: calls(first: -3) { nodes { id } } }": 0,
    "{ calls(first: 10) { nodes { session { id } } } }": 20,
    "{ calls(first: 10) { nodes { recordings { id } } } }": 30,
    "{ calls(first: 10) { nodes { trace } } }": 110,
    '{ timeline(number: "1") { nodes { __typename } } }': 25,
    '{ timeline(number: "1", first: 10) { nodes { ... on Call { session { id } } ...R } } } fragment R on Recording { call { id } }': 30,
    '{ timeline(number: "1", first: 10) { edges { node { ... on Call { recordings { id } } } } } }': 30,
    "{ callStatistics(filter: {}, by: [DAY, HOUR]) { total { calls } groups { figures { calls } } } }": 3100,
    "{ callStatistics(filter: {}) { groups { queue { name visits(first: 3) { nodes { id } } } } } }": 3500,
    "{ a: callStatistics { total { calls } } b: callStatistics(by: [DAY]) { total { calls } } }": 3200,
    "{ a: callStatistics(filter: {status: [BUSY]}) { isComplete } ...F } fragment F on Query { b: callStatistics { isComplete } }": 3200,
    "{ a: callStatistics(filter: {status: [BUSY]}) { isComplete } b: callStatistics(filter: {status: [FAILED]}) { isComplete } }": 6200,
    '{ a: callStatistics(filter: {providers: ["x"]}) { isComplete } b: callStatistics(filter: {providers: ["y"]}) { isComplete } }': 6200,
    '{ a: callStatistics(after: "x") { isComplete } b: callStatistics { isComplete } }': 6200,
    "{ calls(first: 10) { nodes { id } edges { node { recordings { media { url } } } } } }": 30,
    f"{{ calls(first: 500) {{ {NESTED} }} }}": 4000,
    "{ calls(first: 500) { nodes { recordings { id } voicemessages { id } notes { text } } } }": 3500,
    "{ queues(first: 10) { nodes { visits(first: 5) { nodes { queue { id } } } } } }": 110,
    '{ node(id: "x") { ... on Call { session { id } recordings { id } } } }': 4,
    '{ nodes(ids: ["a", "b", "c"]) { ... on Call { session { id } } } }': 6,
    '{ nodes(ids: "a") { id } }': 1,
    '{ _entities(representations: [{id: "a"}, {id: "b"}]) { ... on Call { session { id } recordings { id } } } }': 8,
    '{ _entities(representations: {number: "1"}) { ... on PhoneNumber { calls(first: 10) { nodes { id } } } } }': 11,
    "{ _service { sdl } }": 1,
    '{ dictionary(provider: "a", of: CALLS) }': 1,
    "{ a: calls(first: 10) { nodes { id } } b: sessions(first: 20) { nodes { calls { id } } } }": 70,
    "{ ...F } fragment F on Query { calls(first: 3) { ...C } } fragment C on CallConnection { nodes { ...S } nodes { ...S } } "
    "fragment S on Call { session { id } }": 9,
    'mutation { deleteRecordings(input: {ids: ["a", "b"]}) { succeededIds } }': 2,
    'mutation { updateCalls(input: {changes: [{id: "a", info: "1"}, {id: "b", info: "2"}]}) { calls { session { id } } } }': 4,
    'mutation { exportUserCalls(input: {provider: "a", userId: "1"}) { media { url } } }': 1,
    'subscription { reportProgress(id: "a") { report { status } } }': 1,
}


def cost(document: str, variables: Any = None, operation: str = "") -> int:
    """What the schema's own prices come to."""
    made: Any = served_schema()
    return operation_costs(made._schema, parse(document))[operation].cost(variables)


@pytest.mark.parametrize(("document", "expected"), COSTS.items())
def test_the_price_of_what_is_asked(document: str, expected: int) -> None:
    assert cost(document) == expected


SIZED = "query ($n: Int) { calls(first: $n) { nodes { id } } }"
DEFAULT = "query ($n: Int = 40) { calls(first: $n) { nodes { id } } }"
IDS = "query ($ids: [ID!]!) { nodes(ids: $ids) { id } }"
CHOSEN = (
    "query ($yes: Boolean!) { calls(first: 10) { nodes { id recordings @include(if: $yes) { id } } } providers @skip(if: $yes) { name } }"
)
TILES = """query ($month: CallFilter, $day: CallFilter = {startedAt: {since: "2026-11-30T00:00:00+01:00"}, direction: [INBOUND]}) {
  callStatistics(filter: $month) { isComplete } day: callStatistics(filter: $day) { isComplete } }"""
GIVEN: list[tuple[str, Any, int]] = [
    (TILES, {"month": {"startedAt": {"since": "2026-11-01T00:00:00Z"}}}, 3200),
    (TILES, {"month": {"startedAt": {"since": "2026-11-29T23:30:00Z", "until": None}}}, 6200),
    (TILES, {"month": {"startedAt": {"since": "2026-11-29T22:30:00Z"}, "direction": ["INBOUND"]}}, 3200),
    (TILES, {"month": {"startedAt": {"since": "2026-11-01T00:00:00Z", "until": "2026-12-01T00:00:00Z"}}}, 6200),
    (TILES, {"month": None, "day": None}, 3200),
    (TILES, {"month": "x", "day": {"startedAt": 5}}, 6200),
    (TILES, {"month": {"startedAt": {"since": "x"}}}, 6200),
    (SIZED, {"n": 3}, 3),
    (SIZED, {"n": 3.0}, 3),
    (SIZED, {"n": 10**400}, 1000),
    (SIZED, {"n": -1}, 0),
    (SIZED, {"n": "3"}, 25),
    (SIZED, {"n": float("inf")}, 25),
    (SIZED, {"n": None}, 25),
    (SIZED, {}, 25),
    (SIZED, None, 25),
    (SIZED, ["n"], 25),
    (DEFAULT, {}, 40),
    (DEFAULT, {"n": 4}, 4),
    (IDS, {"ids": ["a"] * 70}, 70),
    (IDS, {"ids": []}, 1),
    (IDS, {"ids": "a"}, 1),
    (CHOSEN, {"yes": True}, 30),
    (CHOSEN, {"yes": False}, 11),
    (CHOSEN, {}, 31),
]


@pytest.mark.parametrize(("document", "variables", "expected"), GIVEN)
def test_variables_count_as_they_are_sent(document: str, variables: Any, expected: int) -> None:
    assert cost(document, variables) == expected


def test_each_operation_has_its_own_price() -> None:
    document = "query A($n: Int = 1) { ...F } query B($n: Int = 2) { ...F } fragment F on Query { calls(first: $n) { nodes { id } } }"
    assert [cost(document, None, name) for name in "AB"] == [1, 2]


def test_what_is_skipped_in_a_fragment_costs_nothing() -> None:
    used = "query ($no: Boolean!) { ...F @include(if: $no) ... @skip(if: true) { providers { name } } }"
    document = used + " fragment F on Query { calls { nodes { id } } }"
    assert [cost(document, {"no": value}) for value in (True, False)] == [25, 0]
