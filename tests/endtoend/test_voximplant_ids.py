"""Ids at Voximplant: one that it does not know costs only itself, and neither the batch it is in nor the account."""

from typing import Any

from telegraphql.plugins.voximplant import Voximplant
from telegraphql.schema.node import global_id
from tests.endtoend.conftest import NOW, RECORDS
from tests.endtoend.world import Row

NODES = "query ($ids: [ID!]!) { nodes(ids: $ids) { ... on Record { nativeId } } }"
HEALTH = "{ providers { health { status lastProblem { code } } } }"


def test_known_unknown_and_expired_ids_and_those_of_a_child_are_told_apart(make: Any) -> None:
    sandbox = Voximplant.sandbox()(records=RECORDS, now=NOW)
    world = make(simulated={"voximplant": sandbox}, tables={"voximplant": {"history_start": "2026-01-01"}}, guard={"breaker_failures": 2})
    known = [row["call_session_history_id"] for row in sandbox.records["sessions"] if row["start_date"] > "2026"]
    child = sandbox.records["childSessions"][0]["call_session_history_id"]
    expired = 14
    wanted = [*known[:40], 1, expired, *known[40:60], child]
    ids = [global_id("Session", "voximplant", str(number)) for number in wanted]
    for _ in range(3):
        answer: Row = world.ask(NODES, ids=ids)
        shown = [node and node["nativeId"] for node in answer["nodes"]]
        assert shown == [str(number) if number in known else None for number in wanted]
        assert world.ask(HEALTH)["providers"] == [{"health": {"status": "HEALTHY", "lastProblem": None}}]
    assert len(world.ask("{ calls(first: 10) { nodes { id } problems { code } } }")["calls"]["nodes"]) == 10


def test_a_child_account_that_is_read_too_has_its_ids(make: Any) -> None:
    sandbox = Voximplant.sandbox()(records=20, now=NOW)
    world = make(simulated={"voximplant": sandbox}, tables={"voximplant": {"child_account_id": "all"}})
    child = sandbox.records["childSessions"][0]["call_session_history_id"]
    found = world.ask(NODES, ids=[global_id("Session", "voximplant", str(number)) for number in (child, 15, 16)])["nodes"]
    assert [node and node["nativeId"] for node in found] == [str(child), "15", None]
