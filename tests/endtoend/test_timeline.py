"""Timelines over the simulated providers: exactly the single lists filtered by the number, merged."""

from collections import Counter
from datetime import timedelta
from typing import Any

import pytest

from tests.endtoend.filter_semantics import holds
from tests.endtoend.ground_truth import expected
from tests.endtoend.ground_truth.values import EPOCH, Truth, told
from tests.endtoend.kinds import KINDS
from tests.endtoend.list_walks import key, listed
from tests.endtoend.world import Row, World

HELD = {"Call": "number", "Recording": "number", "Voicemessage": "from"}
ENTRY = """query ($number: String!) { timeline(number: $number, first: 500) {
  nodes { ... on TimelineEntry { occurredAt from { number } to { number } durationSeconds } } problems { message } } }"""
PAGE = """query ($number: String!, $first: Int, $after: String, $last: Int, $before: String, $order: TimeOrder, $kinds: [TimelineKind!]) {
  timeline(number: $number, first: $first, after: $after, last: $last, before: $before, order: $order, kinds: $kinds) {
    nodes {
      __typename
      ... on Record { nativeId provider { name } }
      ... on Call { startedAt from { number } recordings { nativeId } }
      ... on Recording { startedAt durationSeconds }
      ... on Voicemessage { receivedAt call { nativeId } }
    }
    pageInfo { hasNextPage hasPreviousPage startCursor endCursor } problems { provider { name } code message }
  }
}"""
Entry = tuple[str, tuple[str, str]]


@pytest.fixture(scope="module")
def numbers(shared: World) -> list[str]:
    """Of each provider the numbers with most kinds and most records, as certain as it knows them."""
    found: Counter[tuple[str, str]] = Counter()
    kinds: dict[tuple[str, str], set[str]] = {}
    for name in HELD:
        for truth in expected(shared, name):
            for party in (truth.shown.get("from"), truth.shown.get("to")):
                if party and party["number"]:
                    spelled = truth.provider, party["e164"] or party["number"]
                    found[spelled] += 1
                    kinds.setdefault(spelled, set()).add(name)
    chosen = []
    for provider in shared.upstreams:
        own = sorted((each for each in found if each[0] == provider), key=lambda each: (-len(kinds[each]), -found[each], each))
        chosen += [number for _, number in own[:2]]
    return chosen


def by_hand(world: World, number: str, newest: bool = True) -> list[Entry]:
    """The single lists filtered by hand over the truth, and merged."""
    found = [
        ((truth.place[0], truth.place[1], name, *truth.place[2:]), (name, truth.key))
        for name, part in HELD.items()
        for truth in expected(world, name)
        if holds(truth, KINDS[name], {part: {"equals": [number]}}, truth.provider)
    ]
    return [entry for _, entry in sorted(found, reverse=newest)]


def walked(world: World, number: str, size: int, **more: Any) -> list[Row]:
    nodes: list[Row] = []
    cursor = None
    while True:
        page = world.ask(PAGE, number=number, first=size, after=cursor, **more)["timeline"]
        assert page["problems"] == []
        nodes += page["nodes"]
        cursor = page["pageInfo"]["endCursor"]
        if not page["pageInfo"]["hasNextPage"]:
            return nodes


def entries(nodes: list[Row]) -> list[Entry]:
    return [(node["__typename"], key(node)) for node in nodes]


def test_a_timeline_is_the_merge_of_the_single_lists_filtered_by_the_number(shared: World, numbers: list[str]) -> None:
    kinds = set()
    for number in numbers:
        found = entries(walked(shared, number, 500))
        assert found == by_hand(shared, number), number
        lists = [(name, key(node)) for name, part in HELD.items() for node in listed(shared, KINDS[name], {part: {"equals": [number]}})]
        assert sorted(found) == sorted(lists)
        kinds |= {kind for kind, _ in found}
    assert kinds == set(HELD)


def test_one_selection_fits_all_of_a_timeline_and_shows_that_it_is_in_order(shared: World, numbers: list[str]) -> None:
    known = _truths(shared)
    for number in numbers:
        nodes = shared.ask(ENTRY, number=number)["timeline"]["nodes"]
        truths = [known[entry] for entry in by_hand(shared, number)]
        assert [node["occurredAt"] for node in nodes] == [told(EPOCH + timedelta(microseconds=truth.place[0])) for truth in truths]
        for node, truth in zip(nodes, truths, strict=True):
            ends = {end: (truth.shown.get(end) or {}).get("number") for end in ("from", "to")}
            assert {end: (node[end] or {}).get("number") for end in ends} == ends
            assert node["durationSeconds"] == truth.shown.get("durationSeconds")


def _truths(world: World) -> dict[Entry, Truth]:
    return {(name, truth.key): truth for name in HELD for truth in expected(world, name)}


@pytest.mark.parametrize(("size", "order"), [(4, "NEWEST_FIRST"), (9, "OLDEST_FIRST")])
def test_small_pages_of_either_order_give_the_same(shared: World, numbers: list[str], size: int, order: str) -> None:
    number = max(numbers, key=lambda each: len(by_hand(shared, each)))
    assert entries(walked(shared, number, size, order=order)) == by_hand(shared, number, order == "NEWEST_FIRST")


def test_the_last_page_is_the_end_of_the_first(shared: World, numbers: list[str]) -> None:
    number = numbers[0]
    page = shared.ask(PAGE, number=number, last=2)["timeline"]
    assert entries(page["nodes"]) == by_hand(shared, number)[-2:]
    assert page["pageInfo"]["hasNextPage"] is False


def test_the_entries_are_those_of_the_single_lists_with_their_relations(shared: World, numbers: list[str]) -> None:
    fields = {
        "Call": "startedAt from { number } recordings { nativeId }",
        "Recording": "startedAt durationSeconds",
        "Voicemessage": "receivedAt call { nativeId }",
    }
    for number in numbers[:3]:
        alone = {
            (name, key(node)): node
            for name, part in HELD.items()
            for node in listed(shared, KINDS[name], {part: {"equals": [number]}}, fields=fields[name])
        }
        for node in walked(shared, number, 500):
            same = alone[node["__typename"], key(node)]
            assert {name: value for name, value in node.items() if name != "__typename"} == {
                name: same[name] for name in node if name != "__typename"
            }
