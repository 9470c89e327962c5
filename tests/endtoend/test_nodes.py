"""Nodes: whatever a list gives, its id gives again, with the same fields."""

import base64
from typing import Any

import pytest

from telegraphql.schema.record import global_id
from tests.endtoend.ground_truth import expected
from tests.endtoend.kinds import HEAD, KINDS, Kind
from tests.endtoend.list_walks import keys, listed
from tests.endtoend.world import Row, World

NODES = "query ($ids: [ID!]!) { nodes(ids: $ids) { __typename id %s } }"


def again(world: World, kind: str, fields: str, ids: list[str]) -> list[Row]:
    document = NODES % f"... on {kind} {{ {HEAD} {fields} }}"
    return [node for at in range(0, len(ids), 500) for node in world.ask(document, ids=ids[at : at + 500])["nodes"]]


@pytest.mark.parametrize("kind", KINDS.values(), ids=KINDS)
def test_every_record_of_a_list_is_found_by_its_id_with_equal_fields(shared: World, kind: Kind) -> None:
    nodes = listed(shared, kind, fields=kind.fields)
    assert len({node["id"] for node in nodes}) == len(nodes)
    found = again(shared, kind.name, kind.fields, [node["id"] for node in nodes])
    assert {node.pop("__typename") for node in found} == {kind.name}
    assert found == nodes


HANGING = {
    "Note": ("Call", "notes", "text createdAt userId"),
    "ResourceUsage": ("Session", "resourceUsages", "type usedAt description quantity unit cost { amount currency }"),
}


@pytest.mark.parametrize("kind", HANGING)
def test_what_only_hangs_on_other_records_is_found_by_its_id_too(shared: World, kind: str) -> None:
    parent, name, fields = HANGING[kind]
    nodes = [each for node in listed(shared, KINDS[parent], fields=f"{name} {{ {HEAD} {fields} }}") for each in node[name] or ()]
    assert nodes
    found = again(shared, kind, fields, [node["id"] for node in nodes])
    assert {node.pop("__typename") for node in found} == {kind}
    assert found == nodes


@pytest.mark.parametrize("kind", KINDS.values(), ids=KINDS)
def test_one_node_of_every_provider(shared: World, kind: Kind) -> None:
    for name in {truth.provider for truth in expected(shared, kind.name)}:
        node = listed(shared, kind, {"providers": [name]})[0]
        found = shared.ask(f"query ($id: ID!) {{ node(id: $id) {{ __typename ... on Record {{ {HEAD} }} }} }}", id=node["id"])["node"]
        assert found == {"__typename": kind.name, **node}


def test_records_on_hold_are_found_by_their_ids(shared: World) -> None:
    held = listed(shared, KINDS["Transaction"], {"isPending": True, "providers": ["voximplant"]}, "isPending")
    assert held
    assert [node["isPending"] for node in again(shared, "Transaction", "isPending", [node["id"] for node in held])] == [True] * len(held)


def test_nodes_of_all_kinds_come_in_the_order_asked_for(shared: World) -> None:
    ids = [node["id"] for kind in KINDS.values() for node in listed(shared, kind)[:3]][::-1]
    ids += ids[:2]
    assert [node["id"] for node in shared.ask("query ($ids: [ID!]!) { nodes(ids: $ids) { id } }", ids=ids)["nodes"]] == ids


def test_fifty_sessions_of_voximplant_by_id_are_one_request(still: World) -> None:
    ids = [node["id"] for node in listed(still, KINDS["Session"], {"providers": ["voximplant"]})][:50]
    still.forget()
    assert [node["id"] for node in again(still, "Session", "startedAt", ids)] == ids
    assert still.upstreams["voximplant"].operations() == ["GetCallHistory"]


# Per upstream: an id that never was, and one of a record that is gone, or of an account that is not read.
LOST = {
    "voximplant": ("1.2", "14.14"),
    "voipstudio": ("999999999999", "3000000000"),
    "portsip": ("700551909773148160", "NzAwNTUxOTA5NzczMTQ4MTYx"),
    "boxis": ("sip046.voice.boxis.net-1790000000.1/7", "sip046.voice.boxis.net-1117944459.182738/31558"),
}


@pytest.mark.parametrize("provider", LOST)
def test_ids_that_lead_to_nothing_are_null_and_nobody_else_notices(make: Any, provider: str) -> None:
    world = make(tables={"voximplant": {"history_start": "2026-01-01"}}, guard={"breaker_failures": 2})
    known = [node["id"] for name in LOST for node in listed(world, KINDS["Call"], {"providers": [name]})[:3]]
    lost = [global_id("Call", provider, native) for native in LOST[provider]]
    if provider == "voximplant":
        child = world.upstreams[provider].rows("childSessions")[0]
        lost.append(global_id("Call", provider, f"{child['call_session_history_id']}.{child['calls'][0]['call_id']}"))
    ids = [*known[:2], *lost, *known[2:]]
    document = "query ($ids: [ID!]!) { nodes(ids: $ids) { id } providers { name health { status lastProblem { code } } } }"
    for _ in range(3):
        answer = world.post(document, ids=ids)
        assert [node and node["id"] for node in answer["data"]["nodes"]] == [each if each in known else None for each in ids]
        assert {str(each["health"]) for each in answer["data"]["providers"]} == {str({"status": "HEALTHY", "lastProblem": None})}
        assert "errors" not in answer


def spelled(kind: str, provider: str, native: str) -> str:
    """An id as nobody but a curious client would make it."""
    return base64.urlsafe_b64encode(f"{kind}:{provider}:{native}".encode()).decode().rstrip("=")


NOT_THERE = (
    "0",
    "999999999999",
    "x",
    "../../etc/passwd",
    "1;2",
    "1' or '1' eq '1",
    "1/2",
    "1.2.3",
    "%2e%2e",
    "é",
    " ",
    "1|2|3|4|5|6",
    "sq-1",
    "null",
)


@pytest.mark.parametrize("native", NOT_THERE)
def test_an_id_that_an_upstream_does_not_have_is_null_and_no_error(shared: World, native: str) -> None:
    wanted = [(kind, name) for kind in KINDS for name in shared.upstreams if expected(shared, kind, providers=[name])]
    for kind, name in wanted:
        answer = shared.post("query ($id: ID!) { node(id: $id) { id } }", id=spelled(kind, name, native))
        assert answer == {"data": {"node": None}}, (kind, name, answer)


def test_a_missing_record_leaves_the_others_of_its_batch(shared: World) -> None:
    for kind in ("Session", "Recording", "Transaction"):
        nodes = listed(shared, KINDS[kind], {"providers": ["voximplant"]})[:3]
        ids = [nodes[0]["id"], spelled(kind, "voximplant", "1.999"), nodes[1]["id"], spelled(kind, "voximplant", "404"), nodes[2]["id"]]
        found = shared.ask("query ($ids: [ID!]!) { nodes(ids: $ids) { ... on Record { id nativeId provider { name } } } }", ids=ids)[
            "nodes"
        ]
        assert keys([found[0], found[2], found[4]]) == keys(nodes)
        assert [found[1], found[3]] == [None, None]
