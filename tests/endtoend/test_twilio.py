"""Twilio: its records, filters and relations."""

from typing import Any

import pytest

from tests.endtoend.conftest import RECORDS, Make
from tests.endtoend.ground_truth import expected
from tests.endtoend.ground_truth.twilio import KINDS as SERVED
from tests.endtoend.kinds import KINDS, Kind
from tests.endtoend.list_walks import Walk, keys, listed
from tests.endtoend.test_filters import cases, proves_a_filter
from tests.endtoend.test_lists import differences
from tests.endtoend.world import World
from tests.support.examples import sampled


@pytest.fixture(scope="module")
def alone(make: Make) -> World:
    return make(["twilio"])


@pytest.mark.parametrize("kind", [KINDS[name] for name in SERVED], ids=SERVED)
def test_every_record_is_the_truth(alone: World, kind: Kind) -> None:
    truths = expected(alone, kind.name)
    nodes = listed(alone, kind, fields=kind.fields)
    assert keys(nodes) == [truth.key for truth in truths]
    assert differences(nodes, truths) == []
    assert nodes


def test_a_burst_of_calls_stands_in_one_second(alone: World) -> None:
    seconds = [truth.place[0] // 1_000_000 for truth in expected(alone, "Call")]
    assert (len(seconds), max(map(seconds.count, seconds))) == (RECORDS, 45)


@pytest.mark.property
@pytest.mark.parametrize(("order", "size"), sampled([("NEWEST_FIRST", 50), ("OLDEST_FIRST", 7), ("NEWEST_FIRST", 7), ("OLDEST_FIRST", 50)]))
def test_a_walk_by_small_pages_meets_every_call_once(alone: World, order: str, size: int) -> None:
    found = keys(Walk(KINDS["Call"], size, order=order).all(alone))
    assert found == [truth.key for truth in expected(alone, "Call", newest=order == "NEWEST_FIRST")]


@pytest.mark.property
@pytest.mark.parametrize(("kind", "name", "plugin"), sampled(cases(["twilio"])))
def test_a_filter_means_what_the_schema_says(alone: World, kind: Kind, name: str, plugin: str) -> None:
    proves_a_filter(alone, kind, name, plugin)


@pytest.mark.parametrize(
    ("kind", "name"),
    [
        ("Call", "session"),
        ("Call", "parent"),
        ("Call", "recordings"),
        ("Session", "calls"),
        ("Session", "recordings"),
        ("Recording", "call"),
    ],
)
def test_a_relation_of_every_record_is_the_truth(alone: World, kind: str, name: str) -> None:
    truths = {truth.key: truth.links[name] for truth in expected(alone, kind)}
    found = {key: native(node[name]) for node in listed(alone, KINDS[kind], fields=f"{name} {{ nativeId }}") for key in keys([node])}
    assert found == truths


def test_the_notes_of_a_call_are_its_notifications(alone: World) -> None:
    wanted: dict[str, list[str]] = {}
    for row in alone.upstreams["twilio"].rows("notifications"):
        wanted.setdefault(row["call_sid"], []).append(row["sid"])
    failed = listed(alone, KINDS["Call"], {"status": ["FAILED"]}, "notes { nativeId text userId }")
    assert {node["nativeId"]: sorted(note["nativeId"] for note in node["notes"]) for node in failed} == {
        key: sorted(sids) for key, sids in wanted.items()
    }
    said = {(note["text"], note["userId"]) for node in failed for note in node["notes"]}
    assert said == {("Got HTTP 404 response to https://example.com/voice (error 11200)", None)}


def native(value: Any) -> Any:
    """The native ids of what is related."""
    if isinstance(value, list):
        return [each["nativeId"] for each in value]
    return value["nativeId"] if value else None


def test_the_newest_fifty_calls_cost_one_request(alone: World) -> None:
    alone.forget()
    assert len(alone.ask("{ calls(first: 50) { nodes { id } } }")["calls"]["nodes"]) == 50
    assert alone.upstreams["twilio"].operations() == ["GET /Calls"]
