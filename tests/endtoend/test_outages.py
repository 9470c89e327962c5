"""Outages: one upstream's bad day costs its own records only, is told as a problem, and is over when it is over."""

import time
from collections.abc import Iterator
from datetime import datetime
from typing import Any

import pytest

from tests.endtoend.conftest import Make
from tests.endtoend.ground_truth import expected
from tests.endtoend.kinds import KINDS
from tests.endtoend.list_walks import Walk, keys
from tests.endtoend.world import Row, World
from tests.support.clock import ago

PLUGINS = ("boxis", "portsip", "voipstudio", "voximplant")
PAGE = """query ($after: String) { calls(first: 30, after: $after) {
  nodes { nativeId provider { name } } totalCount pageInfo { endCursor hasNextPage }
  problems { provider { name } code message retryable retryAfter } } }"""
FAULTS: dict[str, tuple[Row, str, bool]] = {
    "drop": ({"mode": "drop"}, "UNAVAILABLE", True),
    "503": ({"mode": "status", "status": 503}, "UNAVAILABLE", True),
    "500": ({"mode": "status", "status": 500}, "UNAVAILABLE", True),
    "403": ({"mode": "status", "status": 403}, "FORBIDDEN", False),
    "html": ({"mode": "html"}, "BAD_ANSWER", True),
    "truncate": ({"mode": "truncate"}, "BAD_ANSWER", True),
    "rate_limit": ({"mode": "rate_limit"}, "RATE_LIMITED", True),
    "unauthorized": ({"mode": "unauthorized"}, "UNAUTHORIZED", False),
    "timeout": ({"mode": "timeout"}, "TIMEOUT", True),
}
# One attempt, no breaker: each question meets the upstream as it is now.
BARE = {"max_attempts": 1, "breaker_failures": 100_000, "read_timeout": "400ms"}


@pytest.fixture(scope="module")
def bare(make: Make) -> World:
    return make(records=40, guard=BARE)


@pytest.fixture
def healthy(bare: World) -> Iterator[World]:
    yield bare
    bare.behave()


def after_first_page(world: World) -> str:
    page = world.ask(PAGE)["calls"]
    assert page["problems"] == []
    cursor: str = page["pageInfo"]["endCursor"]
    return cursor


SEARCH = """query ($after: String, $atLeast: Int) { calls(after: $after, filter: {durationSeconds: {min: $atLeast}}) {
  nodes { nativeId provider { name } } pageInfo { endCursor hasNextPage } problems { provider { name } code } } }"""


@pytest.mark.parametrize("fault", FAULTS)
@pytest.mark.parametrize("plugin", PLUGINS)
def test_the_others_answer_and_the_same_cursor_is_complete_afterwards(healthy: World, plugin: str, fault: str) -> None:
    given, code, retryable = FAULTS[fault]
    truths = [truth.key for truth in expected(healthy, "Call")]
    cursor = after_first_page(healthy)
    last = truths[29]
    healthy.upstreams[plugin].misbehave(**given)
    page = healthy.ask(PAGE, after=cursor)["calls"]
    behind = [key for key in truths[truths.index(last) + 1 :] if key[0] != plugin]
    assert [(each["provider"]["name"], each["code"], each["retryable"]) for each in page["problems"]] == [(plugin, code, retryable)]
    assert keys(page["nodes"]) == behind[:30]
    assert "://" not in page["problems"][0]["message"]
    assert page["totalCount"] is None
    healthy.upstreams[plugin].behave()
    whole = healthy.ask(PAGE, after=cursor)["calls"]
    assert keys(whole["nodes"]) == truths[30:60]
    assert whole["problems"] == []


@pytest.mark.parametrize("fault", ["drop", "503", "unauthorized"])
def test_when_all_are_down_the_list_is_empty_with_a_problem_of_each(healthy: World, fault: str) -> None:
    given, code, retryable = FAULTS[fault]
    for upstream in healthy.upstreams.values():
        upstream.misbehave(**given)
    page = healthy.ask(PAGE)["calls"]
    assert (page["nodes"], page["totalCount"]) == ([], None)
    assert [(each["provider"]["name"], each["code"], each["retryable"]) for each in page["problems"]] == [
        (name, code, retryable) for name in PLUGINS
    ]
    healthy.behave()
    assert keys(healthy.ask(PAGE)["calls"]["nodes"]) == [truth.key for truth in expected(healthy, "Call")[:30]]


def test_a_node_whose_upstream_is_down_is_null_with_an_error(make: Make) -> None:
    world = make(["voipstudio"], records=30, guard=BARE)
    upstream = world.upstreams["voipstudio"]
    node = world.ask("{ calls(first: 1) { nodes { id } } }")["calls"]["nodes"][0]
    upstream.misbehave(mode="status", status=503)
    answer = world.post("query ($id: ID!) { node(id: $id) { id } }", id=node["id"])
    assert answer["data"] == {"node": None}
    assert [(error["path"], error["extensions"]["code"]) for error in answer["errors"]] == [(["node"], "UNAVAILABLE")]


def test_a_flaky_upstream_costs_retries_and_no_records(make: Make) -> None:
    world = make(records=40, guard={"max_attempts": 8, "retry_budget": 1.0, "retry_wait": "1ms", "breaker_failures": 1000})
    truths = [truth.key for truth in expected(world, "Call")]
    for upstream in world.upstreams.values():
        upstream.misbehave(mode="status", status=503, rate=0.25)
    world.forget()
    assert keys(Walk(KINDS["Call"], 20).all(world)) == truths
    asked = sum(len(upstream.journal()) for upstream in world.upstreams.values())
    world.behave()
    world.forget()
    Walk(KINDS["Call"], 20).all(world)
    assert asked > sum(len(upstream.journal()) for upstream in world.upstreams.values())


def test_a_search_that_runs_out_of_time_goes_on_where_it_was(make: Make) -> None:
    """Three or four windows of 1, 4, 16 and 64 days fit into the deadline, which is less than the history."""
    tables = {"boxis": {"history_start": ago(days=95).isoformat()}}
    world = make(["boxis"], records=40, deadline=2.4, tables=tables)
    truths = [truth for truth in expected(world, "Call") if datetime.fromisoformat(truth.shown["startedAt"]) > ago(days=95)]
    longest = sorted(truth.shown["durationSeconds"] for truth in truths)[-2]
    world.upstreams["boxis"].misbehave(latency_ms=500)
    found, codes, cursor, more = list[Any](), list[str](), None, True
    while more:
        page = world.ask(SEARCH, after=cursor, atLeast=longest)["calls"]
        found, codes = found + page["nodes"], [*codes, *(each["code"] for each in page["problems"])]
        cursor, more = page["pageInfo"]["endCursor"], page["pageInfo"]["hasNextPage"]
    assert keys(found) == [truth.key for truth in truths if truth.shown["durationSeconds"] >= longest]
    assert set(codes) == {"SCAN_LIMIT"}


def test_a_slow_upstream_does_not_hold_up_its_own_problem(make: Make) -> None:
    """A read that hangs ends as TIMEOUT after the read timeout, not after the deadline of the operation."""
    world = make(["boxis", "voipstudio"], records=20, guard=BARE)
    world.upstreams["boxis"].misbehave(mode="timeout")
    began = time.monotonic()
    problems: list[Any] = world.ask(PAGE)["calls"]["problems"]
    assert [each["code"] for each in problems] == ["TIMEOUT"]
    assert time.monotonic() - began < 3
