"""Queue statistics: every visit once in its group, and the figures by their definitions."""

from math import ceil
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from telegraphql.gateway.plugin.provider import GetRequest, Keyset, ListRequest, Page, Push, gets, lists
from telegraphql.gateway.statistics.queue_aggregates import NeededQueueFigures, QueueAggregate
from telegraphql.schema.enums import QueueOutcome
from telegraphql.schema.queue import Queue, QueueVisit
from tests.support.graphql_client import ask, data
from tests.support.memory_provider import Memory, Store, serving
from tests.support.records import queue, visit

VISITS = st.lists(st.tuples(st.sampled_from(QueueOutcome), st.none() | st.integers(0, 90), st.none() | st.integers(0, 900)), max_size=40)
WAITED = (QueueOutcome.SERVICED, QueueOutcome.ABANDONED)


@given(VISITS, VISITS, st.integers(0, 60))
def test_figures_are_those_of_their_definitions_also_of_two_groups_in_one(one: list[Any], two: list[Any], level: int) -> None:
    needed = NeededQueueFigures(wait_seconds_percentiles=True, service_level_seconds=level)
    tallies = QueueAggregate(), QueueAggregate()
    for drawn, into in zip((one, two), tallies, strict=True):
        for outcome, wait, service in drawn:
            into.add(visit(1, "q", outcome=outcome, wait_seconds=wait, service_seconds=service), needed)
    tallies[0].join(tallies[1])
    found, all_ = tallies[0].figures(), one + two
    waits = sorted(wait for outcome, wait, _ in all_ if outcome in WAITED and wait is not None)
    in_time = sum(outcome is QueueOutcome.SERVICED and wait is not None and wait <= level for outcome, wait, _ in all_)
    served = [service for outcome, _, service in all_ if outcome is QueueOutcome.SERVICED and service is not None]
    counts = [sum(outcome is each for outcome, _, _ in all_) for each in (*WAITED, QueueOutcome.REJECTED)]
    assert [found.serviced, found.abandoned, found.rejected] == counts
    assert (found.visits, found.wait_seconds_known) == (len(all_), len(waits))
    assert found.abandonment_rate == (counts[1] / sum(counts[:2]) if sum(counts[:2]) else None)
    assert found.service_level == (in_time / len(waits) if waits else None)
    assert found.longest_wait_seconds == (waits[-1] if waits else None)
    assert found.average_wait_seconds == (sum(waits) / len(waits) if waits else None)
    assert found.average_service_seconds == (sum(served) / len(served) if served else None)
    ranked = [waits[ceil(len(waits) * percent / 100) - 1] if waits else None for percent in (50, 90, 95, 99)]
    percentiles = found.wait_seconds_percentiles
    assert [percentiles.p50, percentiles.p90, percentiles.p95, percentiles.p99] == ranked


class Waiting(Memory):
    """Lists visits, and knows its queues."""

    plugin = "waiting"

    @lists(QueueVisit, pages=Keyset(most=10), filters={"enteredAt": Push.EXACT})
    async def visits(self, ask: ListRequest) -> Page:
        """Visits, one a minute."""
        made = [
            visit(n, f"q{n % 2}", 60 * n, self.name, outcome=list(QueueOutcome)[n % 3], wait_seconds=n, agent_id=str(n % 4))
            for n in range(60)
        ]
        return await self._slice(made, ask)

    @gets(Queue, at_most=10)
    async def queues(self, wanted: GetRequest) -> Page:
        """Queues by their ids."""
        await self.store.answer(wanted)
        return Page(records=[queue(key, f"Queue {key}", self.name) for key in wanted.keys], read=len(wanted.keys))


async def test_visits_are_grouped_by_queue_outcome_and_agent() -> None:
    document = """{
      queues: queueStatistics(by: [QUEUE, OUTCOME], serviceLevelSeconds: 30) {
        isComplete
        total { visits serviced abandoned serviceLevel longestWaitSeconds waitSecondsPercentiles { p50 p90 } }
        groups { queue { name } outcome agent figures { visits } }
      }
      agents: queueStatistics(filter: {outcome: [SERVICED]}, by: [AGENT]) { groups { provider { name } agent figures { visits } } }
    }"""
    store = Store()
    found = await data([serving("a", Waiting, store)], document)
    serviced, abandoned = range(0, 60, 3), range(1, 60, 3)
    waits = sorted([*serviced, *abandoned])
    assert found["queues"]["total"] == {
        "visits": 60,
        "serviced": 20,
        "abandoned": 20,
        "serviceLevel": len([wait for wait in serviced if wait <= 30]) / 40,
        "longestWaitSeconds": 58,
        "waitSecondsPercentiles": {"p50": waits[19], "p90": waits[35]},
    }
    groups = [(each["queue"]["name"], each["outcome"], each["figures"]["visits"]) for each in found["queues"]["groups"]]
    assert groups == [(f"Queue q{n}", outcome, 10) for outcome in ("SERVICED", "ABANDONED", "REJECTED") for n in (0, 1)]
    agents = [(each["provider"]["name"], each["agent"], each["figures"]["visits"]) for each in found["agents"]["groups"]]
    assert agents == [("a", str(n), 5) for n in range(4)]


async def test_a_filter_of_the_visits_of_others_is_told_and_gaps_are_filled() -> None:
    document = """{ queueStatistics(
      filter: {enteredAt: {since: "2024-01-01T00:00:00Z"}}, by: [HOUR], fillGaps: true, timeZone: "Europe/Zurich"
    ) { problems { code } groups { hour figures { visits serviceLevel } } } }"""
    answer = await ask([serving("a", Memory, Store())], document)
    assert (answer.errors, answer.data["queueStatistics"]["problems"]) == (None, [])
    groups = answer.data["queueStatistics"]["groups"]
    assert [(each["hour"], each["figures"]) for each in groups] == [(hour, {"visits": 0, "serviceLevel": None}) for hour in range(24)]
