"""Six providers in one list: each record once and in order, also while two of them fail in turn, and figures over all of them."""

from collections import Counter
from typing import Any

import pytest

from telegraphql.gateway.plugin.registry import plugins
from tests.endtoend.conftest import Make
from tests.endtoend.ground_truth import expected
from tests.endtoend.ground_truth.asterisk import KINDS as OF_ASTERISK
from tests.endtoend.kinds import KINDS, TIMED, Kind
from tests.endtoend.list_walks import Walk, keys, listed
from tests.endtoend.test_lists import differences
from tests.endtoend.test_statistics import EVER, VALUES, counted, keyed
from tests.endtoend.world import MERGED, Row, World
from tests.support.clock import NOW

RECORDS = 40
SIX = sorted([*MERGED, "asterisk", "twilio"])
FAILING = ("twilio", "voipstudio")
FAULT = {"mode": "status", "status": 503}
# One attempt, no breaker: each question meets the upstream as it is now.
BARE = {"max_attempts": 1, "breaker_failures": 100_000}
PAGE = """query ($first: Int, $after: String, $before: String) { %s(first: $first, after: $after, before: $before) {
  nodes { nativeId provider { name } } pageInfo { endCursor hasNextPage } problems { provider { name } code } } }"""


@pytest.fixture(scope="module")
def six(make: Make) -> World:
    """Asterisk's records are files; the others are asked over HTTP."""
    simulated = {name: plugins().found[name].sandbox()(records=RECORDS, now=NOW) for name in SIX}
    return make(simulated=simulated, guard=BARE)


@pytest.mark.parametrize("kind", TIMED, ids=lambda kind: kind.name)
def test_each_record_of_six_providers_is_there_once(six: World, kind: Kind) -> None:
    truths = expected(six, kind.name)
    assert keys(Walk(kind, 23).all(six)) == [truth.key for truth in truths]
    assert kind.name != "Call" or Counter(truth.provider for truth in truths) == dict.fromkeys(SIX, RECORDS)


@pytest.mark.parametrize("kind", [KINDS[name] for name in OF_ASTERISK], ids=OF_ASTERISK)
def test_the_records_of_asterisk_are_the_truth(six: World, kind: Kind) -> None:
    truths = expected(six, kind.name, providers=["asterisk"])
    nodes = listed(six, kind, {"providers": ["asterisk"]}, kind.fields)
    assert keys(nodes) == [truth.key for truth in truths]
    assert differences(nodes, truths) == []
    assert nodes


@pytest.mark.parametrize("name", ["Call", *(pytest.param(name, marks=pytest.mark.slow) for name in ("Session", "Recording"))])
def test_a_walk_while_two_of_them_fail_in_turn_misses_nothing_once_the_gaps_are_read(six: World, name: str) -> None:
    root, truths = KINDS[name].root, [truth.key for truth in expected(six, name)]
    found, gaps, cursor, number = list[Any](), list[tuple[str | None, str]](), None, 0
    while cursor is not None or number == 0:
        failing, number = FAILING[number % 2], number + 1
        six.upstreams[failing].misbehave(**FAULT)
        page = six.ask(PAGE % root, first=20, after=cursor)[root]
        six.behave()
        behind = truths[truths.index(found[-1]) + 1 :] if found else truths
        assert keys(page["nodes"]) == [key for key in behind if key[0] != failing][:20]
        assert [(each["provider"]["name"], each["code"]) for each in page["problems"]] == [(failing, "UNAVAILABLE")]
        found += keys(page["nodes"])
        gaps.append((cursor, page["pageInfo"]["endCursor"]))
        cursor = page["pageInfo"]["endCursor"] if page["pageInfo"]["hasNextPage"] else None
    assert 0 < len(truths) - len(found) < len(truths)
    closed = [key for after, before in gaps for key in within(six, root, after, None if before == gaps[-1][1] else before)]
    assert sorted(closed + edges(found, closed)) == sorted(truths)


def within(world: World, root: str, after: str | None, before: str | None) -> list[tuple[str, str]]:
    """What lies between two cursors, now that all answer."""
    page: Row = world.ask(PAGE % root, first=500, after=after, before=before)[root]
    assert (page["problems"], page["pageInfo"]["hasNextPage"] and before is None) == ([], False)
    return keys(page["nodes"])


def edges(found: list[tuple[str, str]], closed: list[tuple[str, str]]) -> list[tuple[str, str]]:
    """The records on which cursors stand: they lie between none."""
    known = set(closed)
    return [key for key in found if key not in known]


@pytest.mark.parametrize("by", ["PROVIDER", "STATUS", "DIRECTION"])
def test_figures_count_the_calls_of_all_six(six: World, by: str) -> None:
    truths, found = expected(six, "Call"), counted(six, EVER, [by])
    answered = [truth.shown for truth in truths if truth.shown["status"] == "ANSWERED"]
    assert (found["problems"], found["isComplete"]) == ([], True)
    assert (found["total"]["calls"], found["total"]["answered"]) == (len(truths), len(answered))
    assert found["total"]["talkSeconds"] == sum(shown.get("talkSeconds") or 0 for shown in answered)
    groups = {keyed(group, [by]): group["figures"]["calls"] for group in found["groups"]}
    assert groups == Counter((VALUES[by](truth),) for truth in truths)


def test_messages_are_those_of_the_one_that_has_them(six: World) -> None:
    rows = six.upstreams["twilio"].rows("messages")
    page = six.ask("{ messages(first: 500) { nodes { nativeId provider { name } } problems { code } } }")["messages"]
    assert page["problems"] == []
    assert sorted(keys(page["nodes"])) == sorted(("twilio", row["sid"]) for row in rows)
