"""Merged pages of four clients: a page that lost a provider is told after merging, and healed by one request."""

import json
from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any

import pytest

from tests.clients.node import said
from tests.endtoend.world import Row, World, simulate, world

SICK, WELL = "voipstudio", "portsip"
# One attempt and no breaker: each request meets the upstream as it is now.
BARE = {"max_attempts": 1, "breaker_failures": 100_000}
FIRST = 7
CLIENTS = ("apollo", "urql", "tanstack", "relay")
ALL = "query ($order: TimeOrder) { calls(first: 500, order: $order) { nodes { id occurredAt provider { name } } problems { code } } }"


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    with world(simulate([SICK, WELL], records=12), tmp_path_factory.mktemp("merged"), BARE) as made:
        yield made


def truth(house: World, order: str = "NEWEST_FIRST") -> list[Row]:
    """All calls in order."""
    page = house.ask(ALL, order=order)["calls"]
    assert page["problems"] == []
    nodes: list[Row] = page["nodes"]
    assert {node["provider"]["name"] for node in nodes} == {SICK, WELL}
    return nodes


@pytest.fixture
def operations(client: str, request: pytest.FixtureRequest) -> str:
    """The folder of compiled operations, which Relay alone needs."""
    return str(request.getfixturevalue("compiled")) if client == "relay" else ""


async def walked(house: World, client: str, operations: str, *scenarios: Row) -> list[Any]:
    found = await said("merged_pages.mjs", client, f"{house.url}/graphql", house.upstreams[SICK].origin, json.dumps(scenarios), operations)
    assert len(found) == len(scenarios)
    return found


def expected(calls: list[Row], failing: list[int], first: int = FIRST) -> list[list[Row]]:
    """The pages of a walk on which one provider fails."""
    pages: list[list[Row]] = []
    rest = calls
    while rest or not pages:
        there = [each for each in rest if each["provider"]["name"] != SICK] if len(pages) + 1 in failing else rest
        pages.append(there[:first])
        rest = rest[rest.index(pages[-1][-1]) + 1 :] if len(there) > first else []
    return pages


def ids(calls: list[Row]) -> list[str]:
    return [each["id"] for each in calls]


def later(moment: str) -> str:
    return (datetime.fromisoformat(moment) + timedelta(seconds=1)).strftime("%Y-%m-%dT%H:%M:%SZ")


@pytest.mark.parametrize("client", CLIENTS)
async def test_a_page_that_lost_a_provider_is_told_after_merging_and_healed_by_one_request(
    house: World, client: str, operations: str
) -> None:
    calls = truth(house)
    one, two, *others = expected(calls, [2])
    missing = set(ids(calls)) - set(ids([*one, *two, *(each for page in others for each in page)]))
    assert missing
    (told,) = await walked(house, client, operations, {"first": FIRST, "failing": [2]})
    assert told["lacking"]["ids"] == [each for each in ids(calls) if each not in missing]
    assert told["lacking"]["pages"] == 2 + len(others)
    (problem,) = told["lacking"]["problems"]
    since, until = two[-1]["occurredAt"], later(one[-1]["occurredAt"])
    assert (problem["provider"]["name"], problem["code"]) == (SICK, "UNAVAILABLE")
    assert (problem["range"]["since"], problem["range"]["until"]) == (since, until)
    (gap,) = told["lacking"]["gaps"]
    assert (gap["provider"], gap["since"], gap["until"], gap["isRetryable"]) == (SICK, since, until, True)
    assert told["healed"]["requests"] == 1
    assert (told["healed"]["ids"], told["healed"]["problems"]) == (ids(calls), [])


SCENARIOS: list[Row] = [
    {"failing": []},
    {"failing": [1]},
    {"failing": [2, 3]},
    {"failing": [1, 3]},
    {"failing": [2, 3], "order": "OLDEST_FIRST"},
    {"failing": [1], "order": "OLDEST_FIRST"},
    {"failing": list(range(2, 50))},
    {"failing": list(range(2, 50)), "order": "OLDEST_FIRST"},
    {"failing": list(range(1, 50))},
]


@pytest.mark.slow
@pytest.mark.parametrize("client", CLIENTS)
async def test_wherever_pages_lost_a_provider_the_list_is_whole_after_its_gaps_were_requested(
    house: World, client: str, operations: str
) -> None:
    walks = await walked(house, client, operations, *({"first": FIRST, **each} for each in SCENARIOS))
    for scenario, told in zip(SCENARIOS, walks, strict=True):
        calls = truth(house, scenario.get("order", "NEWEST_FIRST"))
        pages = expected(calls, scenario["failing"])
        assert told["lacking"]["ids"] == [id for page in pages for id in ids(page)], scenario
        failed = [page for page in scenario["failing"] if page <= len(pages)]
        assert len(told["lacking"]["problems"]) == len(failed), scenario
        gaps = [page for page in failed if page - 1 not in failed]
        assert len(told["lacking"]["gaps"]) == len(gaps) == told["healed"]["requests"], scenario
        assert (told["healed"]["ids"], told["healed"]["problems"]) == (ids(calls), []), scenario
        assert told["healed"]["pageInfo"]["hasNextPage"] is False


@pytest.mark.slow
@pytest.mark.parametrize("client", CLIENTS)
async def test_a_gap_that_is_longer_than_a_page_closes_step_by_step(house: World, client: str, operations: str) -> None:
    scenarios = [
        {"first": FIRST, "failing": [page], "heal": 6, "order": order} for page in (1, 2) for order in ("NEWEST_FIRST", "OLDEST_FIRST")
    ]
    for scenario, told in zip(scenarios, await walked(house, client, operations, *scenarios), strict=True):
        assert told["healed"]["requests"] > 1, scenario
        assert (told["healed"]["ids"], told["healed"]["problems"]) == (ids(truth(house, str(scenario["order"]))), []), scenario


@pytest.mark.parametrize(("seed", "walks"), [(0, 300), pytest.param(300, 5_000, marks=pytest.mark.slow)])
async def test_whatever_pages_are_requested_no_list_hides_a_record_without_telling_it(seed: int, walks: int) -> None:
    (told,) = await said("random_walks.mjs", str(seed), str(walks))
    assert told["walks"] == walks
    assert told["requests"] > 10 * walks
    assert told["closing"] > walks / 2


async def test_single_pages_make_one_list() -> None:
    assert await said("merged_lists.mjs") == [
        ["SCAN_LIMIT"],
        [],
        ["UNSUPPORTED", "UNAVAILABLE 2", "UNAVAILABLE 1"],
        [4, 4],
        ["c9", "c8"],
        [["a", "03", "08", 9, "c8", "c2"], ["b", "05", "08", None, "c8", "c2"]],
        ["r9", "r8", "r7"],
        ["r9", "r7"],
    ]
