"""Walks: page after page, with any size and from either end, a list gives exactly the truth."""

from collections.abc import Iterator
from itertools import count, product

import pytest
from hypothesis import given, settings
from hypothesis import strategies as some

from tests.endtoend.conftest import Make
from tests.endtoend.ground_truth import Truth, expected
from tests.endtoend.kinds import KINDS, Kind
from tests.endtoend.list_walks import Walk, keys
from tests.endtoend.world import World
from tests.support.examples import examples, sampled

NAMES = ("boxis", "portsip", "voipstudio", "voximplant")
ORDERS = ("NEWEST_FIRST", "OLDEST_FIRST")
CALLS = KINDS["Call"]
VOXIMPLANT_MOST_OFFSET = 10_000


def truth_keys(truths: list[Truth]) -> list[tuple[str, str]]:
    return [truth.key for truth in truths]


def reads_the_truth(world: World, walk: Walk) -> None:
    found = keys(walk.all(world))
    names = walk.filter.get("providers")
    assert found == truth_keys(expected(world, walk.kind.name, walk.order == "NEWEST_FIRST", names))


@pytest.fixture(scope="module")
def small(make: Make) -> World:
    """Few records: a page for each."""
    return make(records=12)


FOUR = list(product(ORDERS, (False, True)))


def ways(size: int) -> Iterator[object]:
    """All four ways for calls, two where pages are small; one in turn for other kinds."""
    for index, kind in enumerate(KINDS.values()):
        chosen = FOUR[:: 3 if size == 7 else 1] if kind is CALLS else [FOUR[(index + size) % 4]]
        for order, backward in chosen:
            yield pytest.param(Walk(kind, size, order, backward), id=f"{kind.name}-{size}-{order}-{'last' if backward else 'first'}")


@pytest.mark.property
@pytest.mark.parametrize("walk", sampled(ways(1)))
def test_one_record_on_each_page(small: World, walk: Walk) -> None:
    reads_the_truth(small, walk)


@pytest.mark.property
@pytest.mark.parametrize("walk", sampled(walk for size in (100, 7, 500) for walk in ways(size)))
def test_pages_of_any_size(shared: World, walk: Walk) -> None:
    reads_the_truth(shared, walk)


@settings(max_examples=examples(25))
@given(
    kind=some.sampled_from([kind for kind in KINDS.values() if kind.time]),
    size=some.integers(9, 500),
    order=some.sampled_from(ORDERS),
    backward=some.booleans(),
    names=some.sets(some.sampled_from(NAMES), min_size=1),
)
def test_any_page_size_order_direction_and_choice_of_providers(
    shared: World, kind: Kind, size: int, order: str, backward: bool, names: set[str]
) -> None:
    chosen = [name for name in sorted(names) if expected(shared, kind.name, providers=[name])]
    if chosen:
        reads_the_truth(shared, Walk(kind, size, order, backward, {"providers": chosen}))


@settings(max_examples=examples(20))
@given(size=some.integers(1, 60), order=some.sampled_from(ORDERS), data=some.data())
def test_a_page_between_two_cursors_is_the_truth_between_them(shared: World, size: int, order: str, data: some.DataObject) -> None:
    truths = truth_keys(expected(shared, "Call", order == "NEWEST_FIRST"))
    document = """query ($first: Int, $after: String, $before: String, $order: TimeOrder) {
      calls(first: $first, after: $after, before: $before, order: $order) { edges { cursor node { nativeId provider { name } } } } }"""
    edges = _edges(shared, order)
    low = data.draw(some.integers(0, len(edges) - 2))
    high = data.draw(some.integers(low + 1, len(edges) - 1))
    page = shared.ask(document, first=size, after=edges[low]["cursor"], before=edges[high]["cursor"], order=order)["calls"]["edges"]
    assert keys([edge["node"] for edge in page]) == truths[low + 1 : high][:size]


EDGES: dict[tuple[str, str], list[dict[str, str]]] = {}


def _edges(world: World, order: str) -> list[dict[str, str]]:
    """All cursors of the calls, read once."""
    if (world.url, order) not in EDGES:
        document = """query ($after: String, $order: TimeOrder) { calls(first: 500, after: $after, order: $order) {
          edges { cursor } pageInfo { endCursor hasNextPage } } }"""
        found, cursor, more = [], None, True
        while more:
            page = world.ask(document, after=cursor, order=order)["calls"]
            found += page["edges"]
            cursor, more = page["pageInfo"]["endCursor"], page["pageInfo"]["hasNextPage"]
        EDGES[world.url, order] = found
    return EDGES[world.url, order]


class Growing:
    """Adds a call at every provider each time it is called."""

    def __init__(self, world: World) -> None:
        self.world, self.added = world, 0

    def __call__(self) -> None:
        for upstream in self.world.upstreams.values():
            upstream.add("calls")
            self.added += 1


@pytest.mark.parametrize("backward", [False, True], ids=["forward", "backward"])
@pytest.mark.parametrize("size", [7, 100])
def test_records_added_at_the_head_neither_repeat_nor_push_out_others(make: Make, size: int, backward: bool) -> None:
    """Walking away from the head: what was there is read once, and nothing of what came after."""
    world = make(records=60)
    before = truth_keys(expected(world, "Call"))
    growing = Growing(world)
    order = "OLDEST_FIRST" if backward else "NEWEST_FIRST"
    found = keys(Walk(CALLS, size, order, backward, between=growing).all(world))
    assert (found[::-1] if backward else found) == before
    assert growing.added >= 4
    assert truth_keys(expected(world, "Call"))[-len(before) :] == before


def test_a_walk_towards_the_head_also_reads_what_is_added_meanwhile(make: Make) -> None:
    world = make(records=60)
    growing = Growing(world)
    turns: Iterator[int] = count()
    found = keys(Walk(CALLS, 50, "OLDEST_FIRST", between=lambda: growing() if next(turns) < 3 else None).all(world))
    assert growing.added == 12
    assert found == truth_keys(expected(world, "Call", newest=False))


@pytest.mark.slow
def test_a_walk_goes_past_the_offset_limit_of_voximplant(make: Make) -> None:
    """More than 10,000 sessions deep: no request may use an offset that the upstream refuses, so depth comes from the cursor alone."""
    world = make(["voximplant"], records=23_500)
    upstream = world.upstreams["voximplant"]
    truths = truth_keys(expected(world, "Call"))
    assert len(upstream.rows("sessions")) > VOXIMPLANT_MOST_OFFSET + 1_000
    assert keys(Walk(CALLS, 500).all(world)) == truths
    asked = upstream.journal()
    assert len(asked) <= 2 * (len(truths) // 500 + 1)
    assert max(int(entry["parameters"]["offset"]) for entry in asked) <= 1_000
