"""Queue statistics over the simulated providers: exactly what counting the truth by hand gives."""

from collections import defaultdict
from collections.abc import Callable
from datetime import datetime
from math import ceil
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from tests.endtoend.ground_truth import Truth, expected
from tests.endtoend.world import Row, World

COUNT = """query ($by: [QueueStatisticsDimension!]) {
  queueStatistics(filter: {enteredAt: {since: "2000-01-01T00:00:00Z"}}, by: $by, timeZone: "Europe/Zurich", serviceLevelSeconds: 15) {
    isComplete problems { code } total { %s }
    groups { provider { name } month week day hour outcome queue { nativeId } agent figures { %s } }
  }
}"""
FIGURES = """visits serviced abandoned rejected abandonmentRate serviceLevel longestWaitSeconds waitSecondsKnown
  waitSecondsPercentiles { p50 p90 p95 }"""
VALUES: dict[str, Callable[[Truth], Any]] = {
    "PROVIDER": lambda truth: truth.provider,
    "DAY": lambda truth: datetime.fromisoformat(truth.shown["enteredAt"]).astimezone(ZoneInfo("Europe/Zurich")).date().isoformat(),
    "OUTCOME": lambda truth: truth.shown["outcome"],
    "QUEUE": lambda truth: truth.links["queue"],
    "AGENT": lambda truth: truth.shown["agentId"],
}


def figures(truths: list[Truth]) -> Row:
    """The definitions, applied by hand."""
    shown = [truth.shown for truth in truths]
    outcomes = [each["outcome"] for each in shown]
    waited = [each for each in shown if each["outcome"] in ("SERVICED", "ABANDONED")]
    waits = sorted(each["waitSeconds"] for each in waited if each["waitSeconds"] is not None)
    in_time = [each for each in waited if each["outcome"] == "SERVICED" and each["waitSeconds"] is not None and each["waitSeconds"] <= 15]
    return {
        "visits": len(shown),
        "serviced": outcomes.count("SERVICED"),
        "abandoned": outcomes.count("ABANDONED"),
        "rejected": outcomes.count("REJECTED"),
        "abandonmentRate": outcomes.count("ABANDONED") / len(waited) if waited else None,
        "serviceLevel": len(in_time) / len(waits) if waits else None,
        "longestWaitSeconds": waits[-1] if waits else None,
        "waitSecondsKnown": len(waits),
        "waitSecondsPercentiles": {f"p{each}": waits[ceil(len(waits) * each / 100) - 1] if waits else None for each in (50, 90, 95)},
    }


@pytest.mark.parametrize("by", [("QUEUE",), ("DAY", "OUTCOME"), ("PROVIDER", "AGENT")], ids="-".join)
def test_groups_hold_what_counting_the_truth_finds(shared: World, by: tuple[str, ...]) -> None:
    found = shared.ask(COUNT % (FIGURES, FIGURES), by=by)["queueStatistics"]
    truths = expected(shared, "QueueVisit")
    wanted: defaultdict[tuple[Any, ...], list[Truth]] = defaultdict(list)
    for truth in truths:
        wanted[tuple(VALUES[each](truth) for each in by)].append(truth)
    keys = [tuple(_shown(group, each) for each in by) for group in found["groups"]]
    assert dict(zip(keys, (group["figures"] for group in found["groups"]), strict=True)) == {
        place: figures(own) for place, own in wanted.items()
    }
    assert (found["isComplete"], found["problems"], len(keys)) == (True, [], len(wanted))
    assert found["total"] == figures(truths)
    assert found["total"]["abandoned"]


def _shown(group: Row, dimension: str) -> Any:
    value = group[dimension.lower()]
    return next(iter(value.values())) if isinstance(value, dict) else value
