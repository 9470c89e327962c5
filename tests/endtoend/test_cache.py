"""The cache as clients see it: fewer upstream requests for the same answers, and old answers only when they are marked."""

from collections.abc import Iterator
from typing import Any

import pytest

from telegraphql.gateway.config.settings import build_config
from telegraphql.gateway.plugin.registry import plugins
from telegraphql.gateway.runtime import Runtime
from tests.endtoend.conftest import Make
from tests.endtoend.ground_truth import expected
from tests.endtoend.list_walks import keys
from tests.endtoend.test_outages import BARE
from tests.endtoend.world import Row, World
from tests.support.clock import ago, between

NAMES = ["boxis", "portsip", "voipstudio", "voximplant"]
# The present is over at once, so that a second question meets the upstream as it is now.
KEPT = {"present_ttl": "0s", "past_ttl": "1h", "stale_if_error": "10m"}
PAST = between(ago(days=2000), ago(hours=3))
PAGE = """query ($filter: CallFilter, $first: Int) { calls(first: $first, filter: $filter) {
  nodes { nativeId provider { name } } totalCount problems { provider { name } code message retryable ageSeconds } } }"""
UNCOUNTED = ["boxis", "voximplant"]


@pytest.fixture(scope="module")
def kept(make: Make) -> World:
    return make(records=40, guard=BARE, cache=KEPT)


@pytest.fixture
def world(kept: World) -> Iterator[World]:
    kept.forget()
    yield kept
    kept.behave()


def page(world: World, providers: list[str], first: int = 5, **more: Any) -> Row:
    return world.post(PAGE, filter={"providers": providers, **more}, first=first)


@pytest.mark.parametrize("name", NAMES)
def test_a_page_of_the_closed_past_costs_its_upstream_requests_once(world: World, name: str) -> None:
    first = page(world, [name], startedAt=PAST)
    # Windows remember how much time holds a page: from the second time on they are the same.
    assert page(world, [name], startedAt=PAST) == first
    asked = len(world.upstreams[name].journal())
    assert asked >= 1
    assert page(world, [name], startedAt=PAST) == first
    assert len(world.upstreams[name].journal()) == asked
    assert len(first["data"]["calls"]["nodes"]) == 5


def test_a_page_of_the_closed_past_is_one_request_in_all(world: World) -> None:
    document = "query ($filter: CallFilter) { calls(first: 5, filter: $filter) { nodes { id } } }"
    window = {"startedAt": between(ago(days=2000), ago(hours=4)), "providers": ["voximplant"]}
    answers = [world.ask(document, filter=window) for _ in range(3)]
    assert answers[0] == answers[1] == answers[2]
    assert world.upstreams["voximplant"].operations() == ["GetCallHistory"]


def test_the_present_is_asked_for_again(world: World) -> None:
    upstream = world.upstreams["voipstudio"]
    page(world, ["voipstudio"])
    once = upstream.operations()
    page(world, ["voipstudio"])
    assert upstream.operations() == once * 2
    row = upstream.add("calls")
    assert str(row["id"]) in {node["nativeId"] for node in page(world, ["voipstudio"])["data"]["calls"]["nodes"]}


@pytest.mark.parametrize("fault", [{"status": 503}, {"mode": "html"}, {"mode": "truncate"}])
@pytest.mark.parametrize("name", NAMES)
def test_old_answers_of_a_sick_upstream_are_shown_and_marked(world: World, name: str, fault: Row) -> None:
    well = next(each for each in ("portsip", "voipstudio") if each != name)
    before = page(world, [name, well])["data"]["calls"]
    assert (before["totalCount"] is None, before["problems"]) == (name in UNCOUNTED, [])
    world.upstreams[name].misbehave(**fault)
    answer = page(world, [name, well])
    told = answer["data"]["calls"]
    assert told["nodes"] == before["nodes"]
    assert told["totalCount"] is None
    (problem,) = told["problems"]
    assert (problem["provider"]["name"], problem["code"], problem["retryable"]) == (name, "STALE", True)
    assert 1 <= problem["ageSeconds"] <= 600
    assert problem["message"].endswith(f"; what is shown of it is {problem['ageSeconds']} seconds old")
    assert [(each["path"], each["code"], each["ageSeconds"]) for each in answer["extensions"]["problems"]] == [
        (["calls"], "STALE", problem["ageSeconds"])
    ]
    world.behave()
    after = page(world, [name, well])
    assert after["data"]["calls"] == before
    assert "problems" not in after.get("extensions", {})


def test_where_all_are_sick_old_answers_are_a_list_and_new_questions_are_none(world: World) -> None:
    before = page(world, ["boxis", "portsip"])["data"]["calls"]["nodes"]
    for upstream in world.upstreams.values():
        upstream.misbehave(status=503)
    assert page(world, ["boxis", "portsip"])["data"]["calls"]["nodes"] == before
    told = page(world, ["boxis", "portsip"], first=77)["data"]["calls"]["problems"]
    assert {"UNAVAILABLE"} == {each["code"] for each in told if each["code"] != "STALE"}


@pytest.mark.parametrize(("fault", "code"), [({"mode": "unauthorized"}, "UNAUTHORIZED"), ({"mode": "status", "status": 403}, "FORBIDDEN")])
def test_refused_credentials_stop_access_at_once(world: World, fault: Row, code: str) -> None:
    page(world, ["voipstudio", "boxis"])
    world.upstreams["voipstudio"].misbehave(**fault)
    told = page(world, ["voipstudio", "boxis"])["data"]["calls"]
    assert {node["provider"]["name"] for node in told["nodes"]} == {"boxis"}
    assert [(each["provider"]["name"], each["code"]) for each in told["problems"]] == [("voipstudio", code)]
    world.upstreams["voipstudio"].misbehave(status=503)
    again = page(world, ["voipstudio", "boxis"])["data"]["calls"]
    assert {node["provider"]["name"] for node in again["nodes"]} == {"boxis"}


def test_a_command_clears_what_is_kept(make: Make) -> None:
    world = make(["voipstudio"], records=40, cache=KEPT | {"present_ttl": "1h"})
    document = "{ recordings(first: 500) { nodes { id nativeId } } }"
    nodes = world.ask(document)["recordings"]["nodes"]
    assert world.ask(document)["recordings"]["nodes"] == nodes
    done = world.ask("mutation ($ids: [ID!]!) { deleteRecordings(input: {ids: $ids}) { succeededIds } }", ids=[nodes[0]["id"]])
    assert done["deleteRecordings"]["succeededIds"] == [nodes[0]["id"]]
    assert world.ask(document)["recordings"]["nodes"] == nodes[1:]


def test_two_accounts_of_one_plugin_are_kept_apart(make: Make) -> None:
    sandbox = plugins().found["voximplant"].sandbox()
    world = make(simulated={"one": sandbox(records=30, seed=1), "two": sandbox(records=30, seed=2)}, cache=KEPT | {"present_ttl": "1h"})
    for _ in range(2):
        for name in ("one", "two"):
            found = keys(page(world, [name], first=100)["data"]["calls"]["nodes"])
            assert found == [truth.key for truth in expected(world, "Call", providers=[name])]


async def test_a_reload_keeps_what_is_kept_of_the_accounts_that_did_not_change(world: World, tmp_path: Any) -> None:
    tables = {name: dict(table) for name, table in world.engine.settings.providers.items() if name in ("voipstudio", "portsip")}
    one = Runtime.build(build_config({"providers": tables, "cache": KEPT}, tmp_path))
    changed = {**tables, "portsip": {**tables["portsip"], "has_call_logs": False}}
    for engine in (
        one,
        Runtime.build(build_config({"providers": tables}, tmp_path)),
        Runtime.build(build_config({"providers": changed}, tmp_path)),
    ):
        store = one.cache and one.cache.store
        if engine is not one:
            await (old := one.adopt(engine)).aclose()
            assert old.cache is not one.cache
        assert one.cache is not None
        assert store is one.cache.store
    answers = {name: one.providers[name].provider.upstream._cache for name in tables}
    fresh = {name: Runtime.build(build_config({"providers": tables}, tmp_path)).providers[name].provider.upstream._cache for name in tables}
    marks = {name: (answers[name].key(b"x") == fresh[name].key(b"x")) for name in tables}  # type: ignore[union-attr]
    assert marks == {"voipstudio": True, "portsip": False}
    await one.aclose()
