"""Faults: whatever one upstream does, the others' records arrive in time, and the sick one is named."""

from itertools import cycle
from typing import Any

import pytest

from telegraphql.schema.enums import BreakerState
from tests.resilience.simulated_gateway import DEADLINE, NAMES, READ_TIMEOUT, REST, SLACK, Clients, Key, Told

pytestmark = pytest.mark.slow
FAULTS: dict[str, tuple[dict[str, Any], str]] = {
    "latency": ({"latency_ms": int(READ_TIMEOUT * 1500)}, "TIMEOUT"),
    "timeout": ({"mode": "timeout"}, "TIMEOUT"),
    "status500": ({"status": 500}, "UNAVAILABLE"),
    "status502": ({"status": 502}, "UNAVAILABLE"),
    "status503": ({"status": 503}, "UNAVAILABLE"),
    "drop": ({"mode": "drop"}, "UNAVAILABLE"),
    "html": ({"mode": "html"}, "BAD_ANSWER"),
    "truncate": ({"mode": "truncate"}, "BAD_ANSWER"),
    "rate_limit": ({"mode": "rate_limit"}, "RATE_LIMITED"),
    "unauthorized": ({"mode": "unauthorized"}, "UNAUTHORIZED"),
}
OPENING = ("latency", "timeout", "status500", "status502", "status503", "drop")
CROWD, FIRST = 20, 40


def tells_of_one(told: Told, sick: str, code: str, others: list[Key]) -> None:
    """The answer is in time, complete but for the sick provider, and names it."""
    assert told.seconds <= DEADLINE + SLACK
    assert told.problems == [(sick, code)]
    assert told.keys == others


@pytest.mark.parametrize("fault", FAULTS)
@pytest.mark.parametrize("sick", NAMES)
async def test_one_sick_upstream_costs_only_its_own_records_and_only_while_it_is_sick(clients: Clients, sick: str, fault: str) -> None:
    how, code = FAULTS[fault]
    place = clients.place
    others = place.true_calls(*(name for name in NAMES if name != sick))[:FIRST]
    place.misbehave(sick, **how)
    for told in await clients.crowd(CROWD, first=FIRST):
        tells_of_one(told, sick, code, others)
    if fault in OPENING:
        await says_the_same_while_the_breaker_is_open(clients, sick, code, others)
    place.behave()
    await clients.recover(within=REST + 1 + SLACK)
    assert (await clients.ask(first=FIRST)).keys == place.true_calls()[:FIRST]


async def says_the_same_while_the_breaker_is_open(clients: Clients, sick: str, code: str, others: list[Key]) -> None:
    health = clients.place.world.engine.healths[sick]
    for _ in range(10):
        was_open = health.state is BreakerState.OPEN
        told = await clients.ask(first=FIRST)
        tells_of_one(told, sick, code, others)
        if was_open and "temporarily disabled" in told.page["problems"][0]["message"]:
            return
    raise AssertionError("the breaker did not open")


@pytest.mark.parametrize("sick", NAMES)
async def test_a_walk_through_a_fault_loses_and_doubles_nothing(clients: Clients, sick: str) -> None:
    """Each fault but the slow ones comes and goes on the way; a page with problems is asked for again from the same cursor."""
    place, modes = clients.place, cycle(["drop", "truncate", "html", "status", "rate_limit", "unauthorized"])
    found: list[Key] = []
    cursor, more, repeated = None, True, 0
    while more:
        place.misbehave(sick, mode=next(modes), rate=0.7)
        told = await clients.ask(first=25, after=cursor)
        while told.problems:
            repeated += 1
            assert [provider for provider, _ in told.problems] == [sick]
            place.behave()
            await clients.recover(within=REST + 1 + SLACK)
            told = await clients.ask(first=25, after=cursor)
        found += told.keys
        cursor, more = told.page["pageInfo"]["endCursor"], told.page["pageInfo"]["hasNextPage"]
    assert repeated > 0
    assert found == place.true_calls()
