"""One outage seen through six queries: the answer has one shape, no `errors`, and an ordinary client shows the records that are there."""

import pytest

from tests.endtoend.conftest import Make
from tests.endtoend.test_outages import BARE
from tests.endtoend.world import Row, World

SICK = "voipstudio"
PROBLEMS = "problems { provider { name plugin } code message field count retryable retryAfter ageSeconds range { since until } }"
CALLS = f"query ($filter: CallFilter) {{ calls(first: 20, filter: $filter) {{ nodes {{ id provider {{ name }} }} {PROBLEMS} }} }}"
QUERIES: dict[str, tuple[str, Row | None, list[str]]] = {
    "all providers": (CALLS, None, ["UNAVAILABLE"]),
    "that provider alone": (CALLS, {"providers": [SICK]}, ["UNAVAILABLE"]),
    "a filter that others cannot apply": (CALLS, {"isTracked": True}, ["UNAVAILABLE", "UNSUPPORTED", "UNSUPPORTED", "UNSUPPORTED"]),
}
KNOWN = {"provider", "code", "message", "retryable", "retryAfter", "ageSeconds", "field", "count", "range"}


@pytest.fixture(scope="module")
def bare(make: Make) -> World:
    return make(records=40, guard=BARE)


def told(body: Row, name: str = "calls") -> list[Row]:
    """The problems of an answer, which stand at their list and, with its path, in the extensions."""
    assert "errors" not in body
    listed: list[Row] = body["data"][name]["problems"]
    assert all(each.keys() == KNOWN for each in listed)
    beside = body["extensions"]["problems"]
    assert sorted((each["provider"], each["code"]) for each in beside) == sorted(
        (each["provider"]["name"], each["code"]) for each in listed
    )
    assert all(each["path"][0] == name for each in beside)
    return listed


def of_the_sick(problems: list[Row]) -> Row:
    (found,) = [each for each in problems if each["provider"]["name"] == SICK]
    return found


@pytest.mark.parametrize("query", QUERIES)
def test_a_list_whose_upstream_is_down(bare: World, query: str) -> None:
    document, filter, codes = QUERIES[query]
    bare.upstreams[SICK].misbehave(status=503)
    body = bare.post(document, filter=filter)
    bare.behave()
    problems = told(body)
    assert sorted(each["code"] for each in problems) == codes
    problem = of_the_sick(problems)
    assert (problem["code"], problem["retryable"], problem["field"], problem["ageSeconds"]) == ("UNAVAILABLE", True, None, None)
    assert problem["provider"] == {"name": SICK, "plugin": SICK}
    assert problem["range"]["until"] is None
    others = {node["provider"]["name"] for node in body["data"]["calls"]["nodes"]}
    assert SICK not in others
    assert bool(others) is (query == "all providers")


def test_a_relation_whose_upstream_is_down(bare: World) -> None:
    upstream = bare.upstreams[SICK]
    document = f"query ($filter: CallFilter) {{ calls(first: 20, filter: $filter) {{ nodes {{ id recordings {{ id }} }} {PROBLEMS} }} }}"
    upstream.misbehave(status=503, operation="GET /monitors")
    body = bare.post(document, filter={"providers": [SICK]})
    bare.behave()
    problem = of_the_sick(told(body))
    assert (problem["code"], problem["field"], problem["retryable"], problem["range"]) == ("UNAVAILABLE", "recordings", True, None)
    nodes = body["data"]["calls"]["nodes"]
    assert len(nodes) == 20
    assert sum(node["recordings"] is None for node in nodes) == problem["count"] > 0
    path = body["extensions"]["problems"][0]["path"]
    assert (path[:2], path[3:]) == (["calls", "nodes"], ["recordings"])


def test_the_cache_standing_in(make: Make) -> None:
    world = make(records=40, guard=BARE, cache={"present_ttl": "0s", "stale_if_error": "10m"})
    before = world.ask(CALLS)["calls"]
    world.upstreams[SICK].misbehave(status=503)
    body = world.post(CALLS)
    problem = of_the_sick(told(body))
    assert (problem["code"], problem["retryable"], problem["ageSeconds"] is not None) == ("STALE", True, True)
    assert body["data"]["calls"]["nodes"] == before["nodes"]
    # The old answers may lack calls from the end of this page to now.
    assert (problem["range"]["since"] is not None, problem["range"]["until"]) == (True, None)


def test_the_breaker_is_open(make: Make) -> None:
    world = make(records=40, guard={"max_attempts": 1, "breaker_failures": 1, "breaker_reset_timeout": "60s"})
    world.upstreams[SICK].misbehave(status=503)
    world.post(CALLS)
    body = world.post(CALLS)
    problem = of_the_sick(told(body))
    assert (problem["code"], problem["retryable"]) == ("UNAVAILABLE", True)
    assert 1 <= problem["retryAfter"] <= 60
    assert len(body["data"]["calls"]["nodes"]) == 20
