"""Lists: every kind of every provider in one list, each record once, in order, with the fields its upstream's words mean."""

from itertools import pairwise
from typing import Any

import pytest

from tests.endtoend.conftest import RECORDS
from tests.endtoend.ground_truth import Truth, expected
from tests.endtoend.kinds import KINDS, Kind
from tests.endtoend.list_walks import key, keys, listed
from tests.endtoend.world import Row, World

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
