"""A PBX that only understands the filters of live programs gives the same answers as one that understands all, and says what it costs."""

from typing import Any

import pytest

from telegraphql.plugins.portsip import Portsip
from tests.endtoend.world import Row, World
from tests.support.clock import NOW, ago, iso

QUERIES = {
    "direction": "{ calls(first: 100, filter: {direction: [INBOUND, INTERNAL]}) { nodes { id status } } }",
    "time and direction": (
        f'{{ calls(first: 100, filter: {{startedAt: {{since: "{iso(ago(days=15))}", until: "{iso(ago(days=1))}"}}, direction: [OUTBOUND]}})'
        " { nodes { id startedAt } } }"
    ),
    "number": '{ calls(first: 100, filter: {number: {equals: ["103", "104"]}}) { nodes { id } } }',
    "talk": "{ calls(first: 100, order: OLDEST_FIRST, filter: {talkSeconds: {min: 200}}) { nodes { id talkSeconds } } }",
    "sessions": "{ sessions(first: 60) { nodes { id calls { id } recordings { id } } } }",
    "calls": "{ calls(first: 60) { nodes { id session { id } queue { id name } recordings { id } } } }",
    "recordings": "{ recordings(first: 40) { nodes { id call { id } session { id } } } }",
    "queues": '{ queues(first: 10, filter: {number: ["8003"]}) { nodes { id name } } }',
    "voicemessages": "{ voicemessages(first: 20, filter: {isRead: false}) { nodes { id isRead } } }",
    "reports": f'{{ reports(first: 20, filter: {{createdAt: {{since: "{iso(ago(days=10))}"}}}}) {{ nodes {{ id createdAt }} }} }}',
}


@pytest.fixture(scope="module")
def worlds(make: Any) -> dict[bool, World]:
    found: dict[bool, World] = {}
    for proven_only in (False, True):
        sandbox = Portsip.sandbox()(records=200, now=NOW)
        sandbox.rules.proven_filters_only = proven_only  # type: ignore[attr-defined]
        found[proven_only] = make(simulated={"portsip": sandbox})
    return found


@pytest.mark.parametrize("name", QUERIES)
def test_the_answers_are_the_same(worlds: dict[bool, World], name: str) -> None:
    answers: list[Row] = [worlds[proven_only].ask(QUERIES[name]) for proven_only in (False, True)]
    (connection,) = answers[0].values()
    assert answers[0] == answers[1]
    assert len(connection["nodes"]) > (0 if name == "queues" else 2)


def test_health_says_what_is_refused(worlds: dict[bool, World]) -> None:
    worlds[True].ask(QUERIES["direction"])
    shown = [world.ask("{ providers { health { warnings status } } }")["providers"][0]["health"] for world in worlds.values()]
    assert shown[0] == {"warnings": [], "status": "HEALTHY"}
    assert any("does not filter by" in warning and "direction" in warning for warning in shown[1]["warnings"])


def test_pages_of_a_refusing_pbx_lose_nothing(worlds: dict[bool, World]) -> None:
    document = "query ($after: String) { calls(first: 7, after: $after) { nodes { nativeId } pageInfo { endCursor hasNextPage } } }"
    ids: list[str] = []
    after = None
    while True:
        page = worlds[True].ask(document, after=after)["calls"]
        ids += [node["nativeId"] for node in page["nodes"]]
        after = page["pageInfo"]["endCursor"]
        if not page["pageInfo"]["hasNextPage"]:
            break
    rows = worlds[True].upstreams["portsip"].rows("calls")
    assert (len(ids), sorted(ids)) == (len(rows), sorted(row["id"] for row in rows))
