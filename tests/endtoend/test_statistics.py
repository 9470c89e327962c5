"""Statistics over the simulated providers: exactly what counting the truth by hand gives, in every dimension."""

from collections import Counter, defaultdict
from collections.abc import Callable, Sequence
from datetime import date, datetime
from decimal import Decimal
from itertools import combinations
from math import ceil
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from tests.endtoend.filter_semantics import agent, holds
from tests.endtoend.ground_truth import Truth, expected
from tests.endtoend.kinds import KINDS
from tests.endtoend.list_walks import key, listed
from tests.endtoend.world import Row, World
from tests.support.clock import ago, between

FIGURES = """calls answered answerSeizureRatio averageCallSeconds talkSeconds talkSecondsKnown ringSecondsKnown
  talkSecondsPercentiles { p50 p90 p95 p99 } ringSecondsPercentiles { p50 p90 p95 p99 } cost { amount currency } costKnown"""
CHEAP = FIGURES.partition("cost {")[0]
COUNT = """query ($filter: CallFilter!, $by: [CallStatisticsDimension!], $zone: String, $after: String) {
  callStatistics(filter: $filter, by: $by, timeZone: $zone, after: $after) {
    isComplete endCursor problems { provider { name } code message }
    total { %s }
    groups { provider { name } month week day hour direction status queue { nativeId provider { name } } agent number figures { %s } }
  }
}"""
EVER = {"startedAt": {"since": "2000-01-01T00:00:00Z"}}
LATELY = {"startedAt": between(ago(days=19), ago(days=1, hours=3))}
ZURICH = "Europe/Zurich"
Ringing = dict[tuple[str, str], int | None]
DIMENSIONS = ("PROVIDER", "MONTH", "WEEK", "DAY", "HOUR", "DIRECTION", "STATUS", "QUEUE", "AGENT", "NUMBER")
PAIRS = [
    *((each,) for each in DIMENSIONS if each != "AGENT"),
    *combinations(("DAY", "STATUS", "QUEUE"), 2),
    ("PROVIDER", "HOUR", "DIRECTION"),
    ("PROVIDER", "AGENT"),
    DIMENSIONS,
]


@pytest.fixture(scope="module")
def ringing(shared: World) -> Ringing:
    """How long each call rang, of which the truth does not speak, as the list shows it."""
    return {key(node): node["ringSeconds"] for node in listed(shared, KINDS["Call"], fields="ringSeconds")}


def local(truth: Truth) -> datetime:
    return datetime.fromisoformat(truth.shown["startedAt"]).astimezone(ZoneInfo(ZURICH))


def queue(truth: Truth) -> tuple[str, str] | None:
    return (truth.provider, truth.links["queue"]) if truth.links["queue"] else None


def number(truth: Truth) -> str | None:
    """The number outside, in E.164 where it is certain."""
    end = {"INBOUND": "from", "OUTBOUND": "to"}.get(truth.shown["direction"])
    party = truth.shown[end] if end else {"e164": None, "number": None}
    found: str | None = party["e164"] or party["number"]
    return found


VALUES: dict[str, Callable[[Truth], Any]] = {
    "PROVIDER": lambda truth: truth.provider,
    "MONTH": lambda truth: f"{local(truth):%Y-%m}-01",
    "WEEK": lambda truth: date.fromisocalendar(*local(truth).isocalendar()[:2], 1).isoformat(),
    "DAY": lambda truth: local(truth).date().isoformat(),
    "HOUR": lambda truth: local(truth).hour,
    "DIRECTION": lambda truth: truth.shown["direction"],
    "STATUS": lambda truth: truth.shown["status"],
    "QUEUE": queue,
    "AGENT": agent,
    "NUMBER": number,
}


def calls(world: World, filter: Row) -> list[Truth]:
    return [truth for truth in expected(world, "Call") if holds(truth, KINDS["Call"], filter, truth.provider)]


def ranks(lengths: Sequence[int]) -> Row:
    ranked = sorted(lengths)
    return {f"p{percent}": ranked[ceil(len(ranked) * percent / 100) - 1] if ranked else None for percent in (50, 90, 95, 99)}


def figures(truths: Sequence[Truth], ringing: Ringing) -> Row:
    """The definitions, applied by hand."""
    shown = [truth.shown for truth in truths]
    answered = [each for each in shown if each["status"] == "ANSWERED"]
    over = [each for each in shown if each["status"] not in ("IN_PROGRESS", "UNKNOWN")]
    talks = [length for each in answered if (length := each.get("talkSeconds")) is not None]
    rings = [length for truth in truths if (length := ringing[truth.key]) is not None]
    costs: defaultdict[str | None, Decimal] = defaultdict(Decimal)
    for each in shown:
        if each.get("cost"):
            costs[each["cost"]["currency"]] += Decimal(each["cost"]["amount"])
    return {
        "calls": len(shown),
        "answered": len(answered),
        "answerSeizureRatio": len(answered) / len(over) if over else None,
        "averageCallSeconds": sum(talks) / len(talks) if talks else None,
        "talkSeconds": float(sum(talks)),
        "talkSecondsKnown": len(talks),
        "ringSecondsKnown": len(rings),
        "talkSecondsPercentiles": ranks(talks),
        "ringSecondsPercentiles": ranks(rings),
        "cost": dict(costs),
        "costKnown": sum(each.get("cost") is not None for each in shown),
    }


def read(found: Row) -> Row:
    """Figures as they compare."""
    return found | {"cost": {each["currency"]: Decimal(each["amount"]) for each in found["cost"]}} if "cost" in found else found


def keyed(group: Row, by: Sequence[str]) -> tuple[Any, ...]:
    place = group["queue"] and (group["queue"]["provider"]["name"], group["queue"]["nativeId"])
    own = group | {"queue": place, "provider": group["provider"] and group["provider"]["name"]}
    return tuple(own[each.lower()] for each in by)


def counted(world: World, filter: Row, by: Sequence[str], fields: str = CHEAP, **more: Any) -> Row:
    found: Row = world.ask(COUNT % (fields, fields), filter=filter, by=by, zone=ZURICH, **more)["callStatistics"]
    return found


@pytest.mark.parametrize("by", PAIRS, ids="-".join)
def test_groups_hold_what_counting_the_truth_finds(shared: World, ringing: Ringing, by: tuple[str, ...]) -> None:
    found = counted(shared, EVER, by)
    truths: defaultdict[tuple[Any, ...], list[Truth]] = defaultdict(list)
    for truth in calls(shared, EVER):
        truths[tuple(VALUES[each](truth) for each in by)].append(truth)
    assert (found["problems"], found["isComplete"], found["endCursor"]) == ([], True, None)
    wanted = {place: {name: value for name, value in figures(own, ringing).items() if "cost" not in name} for place, own in truths.items()}
    assert {keyed(group, by): group["figures"] for group in found["groups"]} == wanted
    assert len(found["groups"]) == len(truths)


def test_agents_are_found_at_every_provider_and_are_those_of_one(shared: World) -> None:
    groups = counted(shared, EVER, ["AGENT"])["groups"]
    found = {(group["provider"]["name"], group["agent"]): group["figures"]["calls"] for group in groups}
    assert found == Counter((truth.provider, agent(truth)) for truth in calls(shared, EVER))
    assert {provider for provider, name in found if name} == {"boxis", "portsip", "voipstudio", "voximplant"}


FILTERS: dict[str, Row] = {
    "ever": EVER,
    "lately": LATELY,
    "lately answered": LATELY | {"status": ["ANSWERED"]},
    "of a country": EVER | {"number": {"startsWith": "+41"}},
}


@pytest.mark.parametrize("filter", FILTERS.values(), ids=FILTERS)
def test_costs_are_exact_sums_for_each_currency_under_any_filter(shared: World, ringing: Ringing, filter: Row) -> None:
    truths = calls(shared, filter)
    assert truths
    assert read(counted(shared, filter, [], FIGURES)["total"]) == figures(truths, ringing)


def test_a_count_in_parts_counts_every_call_once(make: Any) -> None:
    world = make(["portsip", "voipstudio"], records=60, tables={"voipstudio": {"page_size": 10}})
    world.engine.settings.statistics = world.engine.settings.statistics.model_copy(update={"max_requests": 3})
    total, cursor, parts = 0, None, 0
    while True:
        found = counted(world, EVER, ["PROVIDER"], after=cursor)
        assert {problem["code"] for problem in found["problems"]} <= {"SCAN_LIMIT"}
        total, cursor, parts = total + found["total"]["calls"], found["endCursor"], parts + 1
        if cursor is None:
            break
    assert (total, parts > 2, found["isComplete"]) == (len(calls(world, EVER)), True, True)


def test_a_provider_that_is_down_is_missing_and_asked_for_again(still: World) -> None:
    whole = counted(still, LATELY, ["PROVIDER"])
    still.upstreams["boxis"].misbehave(status=500)
    found = counted(still, LATELY, ["PROVIDER"])
    assert ([problem["provider"]["name"] for problem in found["problems"]], found["isComplete"]) == (["boxis"], False)
    assert found["groups"] == [group for group in whole["groups"] if group["provider"] != {"name": "boxis"}]


def test_only_what_is_counted_is_asked_for_upstream(still: World) -> None:
    counted(still, LATELY, ["PROVIDER"])
    without = still.upstreams["portsip"].operations()
    still.forget()
    counted(still, LATELY, ["PROVIDER"], FIGURES)
    with_costs = still.upstreams["portsip"].operations()
    assert len(with_costs) - len(without) == sum(truth.provider == "portsip" for truth in calls(still, LATELY))
