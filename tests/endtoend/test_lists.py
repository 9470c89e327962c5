"""Lists: every kind of every provider in one list, each record once, in order, with the fields its upstream's words mean."""

from itertools import pairwise
from typing import Any

import pytest

from telegraphql.gateway.plugin.capabilities import declared
from telegraphql.gateway.plugin.registry import plugins
from telegraphql.schema.kinds import KINDS as KIND_CLASSES
from tests.endtoend.conftest import RECORDS
from tests.endtoend.ground_truth import Truth, expected
from tests.endtoend.kinds import KINDS, Kind
from tests.endtoend.list_walks import key, keys, listed
from tests.endtoend.world import Row, World

PROVIDERS = ("boxis", "portsip", "voipstudio", "voximplant")
BOTH = pytest.mark.parametrize("newest", [True, False], ids=["newest", "oldest"])
ALL = pytest.mark.parametrize("kind", KINDS.values(), ids=KINDS)


def order(newest: bool, kind: Kind) -> Row:
    return {"order": "NEWEST_FIRST" if newest else "OLDEST_FIRST"} if kind.time else {}


def differences(nodes: list[Row], truths: list[Truth]) -> list[tuple[Any, ...]]:
    """What clients see otherwise than they must: record, field, seen, wanted."""
    known = {truth.key: truth for truth in truths}
    return [
        (key(node), name, seen, wanted)
        for node in nodes
        for name, wanted in known[key(node)].shown.items()
        if (seen := _seen(node[name], wanted)) != wanted
    ]


def _seen(value: Any, wanted: Any) -> Any:
    """As much of an object as the truth speaks of."""
    return {name: value[name] for name in wanted} if isinstance(value, dict) and isinstance(wanted, dict) else value


@ALL
def test_a_list_holds_every_record_once_in_order_with_its_fields(shared: World, kind: Kind) -> None:
    truths = expected(shared, kind.name)
    nodes = listed(shared, kind, fields=kind.fields)
    assert keys(nodes) == [truth.key for truth in truths]
    assert truths
    assert differences(nodes, truths) == []


COUNTED = """query ($first: Int, $last: Int, $filter: %(filter)s) { %(root)s(first: $first, last: $last, filter: $filter) {
  totalCount totalCountAtLeast nodes { id } } }"""


def of_provider(world: World, kind: Kind, size: Row, plugin: str) -> Row:
    """The counts of one provider's list."""
    page: Row = world.ask(COUNTED % {"filter": kind.filter, "root": kind.root}, **size, filter={"providers": [plugin]})[kind.root]
    return page


@pytest.mark.parametrize("size", [{"first": 500}, {"last": 500}], ids=["first", "last"])
@ALL
def test_the_total_is_exact_where_the_whole_list_was_read(shared: World, kind: Kind, size: Row) -> None:
    for plugin in {truth.key[0] for truth in expected(shared, kind.name)}:
        number = len(expected(shared, kind.name, providers=[plugin]))
        page = of_provider(shared, kind, size, plugin)
        assert (page["totalCount"], page["totalCountAtLeast"], len(page["nodes"])) == (number,) * 3, plugin


@pytest.mark.parametrize("size", [0, 1, 3])
@ALL
def test_a_total_is_exact_or_null_and_the_least_is_never_null(shared: World, kind: Kind, size: int) -> None:
    truths = expected(shared, kind.name)
    page = shared.ask(COUNTED % {"filter": kind.filter, "root": kind.root}, first=size)[kind.root]
    assert page["totalCount"] in (None, len(truths))
    assert min(size, len(truths)) <= page["totalCountAtLeast"] <= len(truths)
    if page["totalCount"] is not None:
        assert page["totalCountAtLeast"] == len(truths)


COUNTING = [
    pytest.param(kind, plugin, id=f"{kind.name}-{plugin}")
    for kind in KINDS.values()
    for plugin in PROVIDERS
    if (listing := declared(plugins().found[plugin]).listings.get(KIND_CLASSES[kind.name])) and listing.counts
]


@pytest.mark.parametrize(("kind", "plugin"), COUNTING)
def test_the_total_is_exact_where_the_provider_counts(shared: World, kind: Kind, plugin: str) -> None:
    number = len(expected(shared, kind.name, providers=[plugin]))
    page = of_provider(shared, kind, {"first": 1}, plugin)
    assert (page["totalCount"], page["totalCountAtLeast"]) == (number, number)


@BOTH
@ALL
def test_the_other_order_is_the_exact_reverse(shared: World, kind: Kind, newest: bool) -> None:
    assert keys(listed(shared, kind, **order(newest, kind))) == [truth.key for truth in expected(shared, kind.name, newest)]


@pytest.mark.parametrize("kind", [kind for kind in KINDS.values() if kind.time], ids=lambda kind: kind.name)
def test_providers_interleave(shared: World, kind: Kind) -> None:
    """A list that only put one provider's records behind another's would not prove the merge."""
    names = [provider for provider, _ in keys(listed(shared, kind))]
    changes = sum(one != two for one, two in pairwise(names))
    assert changes >= min(2 * (len(set(names)) - 1), len(names) // 10)


def test_the_truth_is_as_large_as_the_sandboxes_were_told(shared: World) -> None:
    calls = expected(shared, "Call")
    assert {name: sum(truth.provider == name for truth in calls) for name in shared.upstreams} == dict.fromkeys(shared.upstreams, RECORDS)
    assert set(shared.upstreams) == {"boxis", "portsip", "voipstudio", "voximplant"}


def test_the_truth_has_heavy_ties(shared: World) -> None:
    """Forty and more records in one second at each provider: otherwise walks would prove little."""
    for name in shared.upstreams:
        seconds = [truth.place[0] // 1_000_000 for truth in expected(shared, "Call", providers=[name])]
        assert max(map(seconds.count, seconds)) >= 40, name
