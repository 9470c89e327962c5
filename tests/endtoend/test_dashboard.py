"""A dashboard: many lists and statistics of one request, which ask each upstream no more than the widest of them."""

from typing import Any

import pytest

from tests.endtoend.world import World
from tests.support.clock import ago, iso

MONTH = f'startedAt: {{since: "{iso(ago(days=30))}"}}'
WEEK = f'startedAt: {{since: "{iso(ago(days=7))}"}}'
WEEK_BEFORE = f'startedAt: {{since: "{iso(ago(days=14))}", until: "{iso(ago(days=7))}"}}'
FIGURES = "isComplete endCursor problems { code message } total { calls answered answerSeizureRatio talkSecondsPercentiles { p50 p90 } }"
CALLS = "nodes { id status from { number } to { number name } } pageInfo { hasNextPage endCursor } problems { code message }"


def counted(filter: str, by: str = "", groups: str = "", more: str = "") -> str:
    """A tile of statistics."""
    shown = f"groups {{ {groups} figures {{ calls }} }}" if by else ""
    return f"callStatistics(filter: {{{filter}}}, by: [{by}] {more}) {{ {FIGURES} {shown} }}"


WIDEST = counted(MONTH, "DAY", "day", ', timeZone: "Europe/Zurich", fillGaps: true')
TILES = {
    "days": WIDEST,
    "week": counted(WEEK),
    "weekBefore": counted(WEEK_BEFORE),
    "agents": counted(MONTH, "AGENT", "agent provider { name }"),
    "hours": counted(f"{MONTH}, direction: [INBOUND]", "HOUR", "hour"),
    "missed": counted(f"{MONTH}, status: [NO_ANSWER, BUSY]", "NUMBER", "number"),
    "outcomes": counted(f"{WEEK}, not: {{direction: [INTERNAL]}}", "STATUS", "status"),
    "long": counted(f"{MONTH}, talkSeconds: {{min: 10}}", "PROVIDER"),
    "newest": f"calls(first: 20) {{ {CALLS} }}",
    "newestMissed": f"calls(first: 10, filter: {{status: [NO_ANSWER, BUSY]}}) {{ {CALLS} }}",
    "newestInbound": f"calls(first: 10, filter: {{{WEEK}, direction: [INBOUND]}}) {{ {CALLS} }}",
}
HEALTH = "providers { name health { status } }"


def document(tiles: dict[str, str], more: str = "") -> str:
    return "{ " + " ".join(f"{name}: {tile}" for name, tile in tiles.items()) + f" {more} }}"


def asked(world: World) -> dict[str, int]:
    return {name: len(upstream.journal()) for name, upstream in world.upstreams.items()}


def test_a_dashboard_asks_each_upstream_as_often_as_its_widest_reading(still: World) -> None:
    whole = document(TILES, HEALTH)
    still.ask(whole)  # what is learned of an upstream's pages is known from here on
    still.forget()
    still.ask(document({"days": WIDEST}))
    alone = asked(still)
    still.forget()
    found = still.ask(whole)
    together = asked(still)
    # The end of a list is checked again from time to time: then the one or the other asks once more.
    assert all(together[name] <= alone[name] + 1 for name in alone), (together, alone)
    assert sum(together.values()) <= sum(alone.values()) + 1
    assert min(together.values()) > 0
    assert len(found["providers"]) == len(still.upstreams)


@pytest.fixture(scope="module")
def dashboard(shared: World) -> Any:
    return shared.ask(document(TILES, HEALTH))


@pytest.mark.parametrize("name", TILES)
def test_each_tile_is_what_it_is_alone(shared: World, dashboard: Any, name: str) -> None:
    assert dashboard[name] == shared.ask(document({name: TILES[name]}))[name]
    assert dashboard[name]["problems"] == []
