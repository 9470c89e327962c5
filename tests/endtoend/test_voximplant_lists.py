"""Lists of Voximplant: complete and in order whatever the order of its pages, and a number's calls cost a handful of requests."""

from typing import Any

import pytest

from telegraphql.plugins.voximplant import Voximplant
from tests.endtoend.conftest import NOW
from tests.endtoend.filter_semantics import holds
from tests.endtoend.ground_truth import expected
from tests.endtoend.kinds import KINDS
from tests.endtoend.list_walks import Walk, keys
from tests.endtoend.world import World
from tests.support.examples import examples

# How many records there are.
pytestmark = pytest.mark.property
ORDERS = ["NEWEST_FIRST", "OLDEST_FIRST"]


def world_of(make: Any, records: int, **settings: Any) -> tuple[World, Any]:
    sandbox = Voximplant.sandbox()(records=records, now=NOW)
    return make(simulated={"voximplant": sandbox}, tables={"voximplant": settings}), sandbox


@pytest.fixture(scope="module", params=["start", "end", "id"])
def sorted_by(make: Any, request: pytest.FixtureRequest) -> World:
    """A world whose pages hold few sessions, and come in this order."""
    world, sandbox = world_of(make, examples(500), page_size=examples(40))
    sandbox.state.session_order = request.param
    return world


@pytest.mark.parametrize("order", ORDERS)
@pytest.mark.parametrize("kind", ["Call", "Session", "Recording"])
def test_every_record_comes_once_and_in_order_whatever_the_order_of_pages(sorted_by: World, order: str, kind: str) -> None:
    nodes = Walk(KINDS[kind], 23, order).all(sorted_by)
    assert keys(nodes) == [truth.key for truth in expected(sorted_by, kind, order == ORDERS[0])]


NUMBERS = [
    {"number": {"equals": ["+41446681800"]}},
    {"number": {"equals": ["0041 44 668 18 00", "anna", "sip:desk@pbx.acme.example"]}},
    {"from": {"equals": ["+41 44 668 18 00"]}},
    {"to": {"equals": ["442079460018"]}},
    {"from": {"equals": ["41446681800", "+442079460018"]}, "to": {"equals": ["anna", "ben", "chiara"]}},
    {"number": {"equals": ["+41446681800"], "startsWith": "+41"}, "direction": ["INBOUND"]},
]


@pytest.mark.parametrize("filter", NUMBERS, ids=str)
@pytest.mark.parametrize("kind", ["Call", "Recording"])
def test_the_calls_of_a_number_are_all_found(sorted_by: World, filter: Any, kind: str) -> None:
    if kind == "Recording":
        filter = {name: value for name, value in filter.items() if name != "direction"}
    for order in ORDERS:
        truths = expected(sorted_by, kind, order == ORDERS[0])
        wanted = [truth.key for truth in truths if holds(truth, KINDS[kind], filter, "voximplant")]
        assert keys(Walk(KINDS[kind], 7, order, filter=filter).all(sorted_by)) == wanted
        assert wanted or kind == "Recording"


@pytest.fixture(scope="module")
def large(make: Any) -> World:
    return world_of(make, examples(50_000))[0]


SOUGHT = "query ($number: String!) { calls(first: 50, filter: {number: {equals: [$number]}}) { nodes { nativeId } problems { code } } }"


def test_a_number_that_never_called_costs_two_requests(large: World) -> None:
    large.forget()
    assert large.ask(SOUGHT, number="+41616925879")["calls"] == {"nodes": [], "problems": []}
    asked = [entry["parameters"] for entry in large.upstreams["voximplant"].journal()]
    spellings = "0041616925879;41616925879"
    assert sorted((each.get("remote_number", ""), each.get("local_number", "")) for each in asked) == [("", spellings), (spellings, "")]


def test_a_number_that_called_costs_few_requests(large: World) -> None:
    number = large.upstreams["voximplant"].rows("calls")[examples(31_000)]["remote_number"]
    large.forget()
    found = large.ask(SOUGHT, number=number)["calls"]
    assert found["nodes"]
    assert found["problems"] == []
    assert len(large.upstreams["voximplant"].journal()) <= 4
    large.forget()
    main = large.ask(SOUGHT, number="+41446681800")["calls"]
    assert (len(main["nodes"]), main["problems"]) == (50, [])
    assert len(large.upstreams["voximplant"].journal()) <= 4


def test_a_timeline_of_a_number_costs_few_requests(large: World) -> None:
    large.forget()
    found = large.ask('{ timeline(number: "+41616925879", first: 20) { nodes { __typename } problems { code } } }')["timeline"]
    assert found == {"nodes": [], "problems": []}
    assert len(large.upstreams["voximplant"].journal()) <= 4
