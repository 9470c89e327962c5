"""Shared readings: statistics and lists of one operation ask as much as the widest of them, and answer as they do alone."""

from collections.abc import Sequence
from datetime import timedelta
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from telegraphql.gateway.errors import Unavailable
from telegraphql.gateway.pagination.bound_provider import BoundProvider
from telegraphql.gateway.plugin.provider import Keyset, ListRequest, Page, Push, lists
from telegraphql.gateway.statistics.settings import StatisticsSettings
from telegraphql.schema.call import Call
from telegraphql.schema.enums import CallDirection, CallStatus
from telegraphql.schema.values import Party
from tests.support.graphql_client import ask, data
from tests.support.memory_provider import Memory, Small, Store, Unpaged, serving
from tests.support.records import START, call


class Directed(Memory):
    """Filters by direction itself."""

    plugin = "directed"

    @lists(Call, pages=Keyset(most=1000), filters={"startedAt": Push.EXACT, "direction": Push.EXACT})
    async def calls(self, ask: ListRequest) -> Page:
        """Calls of the wanted directions."""
        wanted = ask.filter.get("direction")
        return await self._slice([each for each in self.store.calls if not wanted or each.direction in wanted], ask)


def moment(minutes: int) -> str:
    return (START + timedelta(minutes=minutes)).strftime("%Y-%m-%dT%H:%M:%SZ")


RANGES = st.tuples(st.integers(0, 200), st.integers(0, 200)).map(sorted).map(lambda ends: (ends[0], ends[1] + 1))
FILTERS = st.fixed_dictionaries(
    {},
    optional={
        "startedAt": st.one_of(
            RANGES.map(lambda ends: f'{{since: "{moment(ends[0])}", until: "{moment(ends[1])}"}}'),
            st.integers(0, 200).map(lambda begin: f'{{since: "{moment(begin)}"}}'),
        ),
        "direction": st.sampled_from(["[INBOUND]", "[OUTBOUND]", "[INBOUND, OUTBOUND]"]),
        "status": st.sampled_from(["[ANSWERED]", "[BUSY, NO_ANSWER]"]),
        "number": st.sampled_from(['{equals: ["1"]}', '{startsWith: "2"}']),
        "not": st.sampled_from(["{status: [BUSY]}", "{direction: [INBOUND]}"]),
        "providers": st.sampled_from(['["a"]', '["a", "b"]']),
    },
)
STATISTICS = st.builds(
    lambda filter, by: f"callStatistics(filter: {written(filter)}, by: [{', '.join(by)}]) {{ {COUNTED} }}",
    FILTERS,
    st.lists(st.sampled_from(["PROVIDER", "DAY", "HOUR", "DIRECTION", "STATUS", "AGENT", "NUMBER"]), unique=True, max_size=2),
)
LISTS = st.builds(
    lambda filter, first, order: f"calls(filter: {written(filter)}, first: {first}, order: {order}) {{ {LISTED} }}",
    FILTERS,
    st.integers(0, 12),
    st.sampled_from(["NEWEST_FIRST", "NEWEST_FIRST", "OLDEST_FIRST"]),
)
COUNTED = """isComplete endCursor problems { code message provider { name } }
  total { calls answered talkSecondsPercentiles { p50 } }
  groups { provider { name } day hour direction status agent number figures { calls } }"""
LISTED = (
    "totalCount nodes { id status from { number } to { number } } pageInfo { hasNextPage endCursor } problems { code provider { name } }"
)


def written(filter: dict[str, str]) -> str:
    return "{" + ", ".join(f"{name}: {value}" for name, value in filter.items()) + "}"


@st.composite
def exchanges(draw: st.DrawFn, plugins: Sequence[type[Memory]] = (Memory, Directed, Unpaged, Small)) -> list[BoundProvider]:
    """Two providers of these page styles."""
    made = []
    for name in "ab":
        drawn = draw(st.lists(st.tuples(st.integers(0, 200), st.sampled_from(CallDirection), st.sampled_from(CallStatus)), max_size=40))
        calls = [
            call(number, minutes * 60, name, direction=direction, status=status, talk_seconds=number, from_=Party(number=str(number % 3)))
            for number, (minutes, direction, status) in enumerate(drawn)
        ]
        plugin = draw(st.sampled_from(plugins))
        made.append(serving(name, plugin, Store(calls, inclusive=draw(st.booleans())), page_size=draw(st.integers(1, 9))))
    return made


@settings(max_examples=40)
@given(exchanges(), st.lists(STATISTICS, min_size=1, max_size=4), st.lists(LISTS, max_size=3))
async def test_each_answer_is_that_of_a_request_of_its_own(
    servings: list[BoundProvider], counts: Sequence[str], lists: Sequence[str]
) -> None:
    fields = [*counts, *lists]
    together = await data(servings, "{ " + " ".join(f"f{index}: {field}" for index, field in enumerate(fields)) + " }")
    for index, field in enumerate(fields):
        alone = (await data(servings, f"{{ f: {field} }}"))["f"]
        found = together[f"f{index}"]
        # Who has read more can know the number of records of which the other does not.
        known, count = alone.pop("totalCount", None), found.pop("totalCount", None)
        assert (found, known in (None, count)) == (alone, True), field


CONTINUED = """query ($after: String) {
  wide: callStatistics(by: [PROVIDER]) { total { calls } endCursor }
  own: callStatistics(filter: %s, after: $after) { total { calls } endCursor isComplete problems { code } }
  page: calls(first: 5, filter: %s) { nodes { id } }
}"""


@given(exchanges([Memory, Directed]), FILTERS, st.integers(2, 5))
async def test_parts_of_a_count_that_others_share_count_every_call_once(servings: list[BoundProvider], filter: Any, requests: int) -> None:
    alone = await data(servings, f"{{ callStatistics(filter: {written(filter)}) {{ total {{ calls }} }} }}")
    total, cursor, few = 0, None, StatisticsSettings(max_requests=requests)
    for _ in range(300):
        answer = await ask(servings, CONTINUED % (written(filter), written(filter)), {"after": cursor}, statistics_settings=few)
        found = answer.data["own"]
        total, cursor = total + found["total"]["calls"], found["endCursor"]
        assert {each["code"] for each in found["problems"]} <= {"SCAN_LIMIT"}
        if cursor is None:
            break
    assert (total, found["isComplete"]) == (alone["callStatistics"]["total"]["calls"], True)


def stores(servings: Sequence[BoundProvider]) -> list[Any]:
    return [each.provider.store for each in servings]  # type: ignore[attr-defined]


def world(plugin: type[Memory] = Memory, **options: Any) -> list[BoundProvider]:
    """Two providers with 200 calls each, one every minute, and pages of 20."""
    statuses, directions = list(CallStatus), [CallDirection.INBOUND, CallDirection.OUTBOUND]
    return [
        serving(
            name,
            plugin,
            Store([call(n, 60 * n, name, status=statuses[n % 5], direction=directions[n % 2]) for n in range(200)], **options),
            page_size=20,
        )
        for name in "ab"
    ]


WIDE = "callStatistics(by: [DAY]) { total { calls } }"
DASHBOARD = [
    WIDE,
    "callStatistics(by: [HOUR, STATUS]) { total { calls } }",
    "callStatistics(filter: {direction: [INBOUND]}, by: [AGENT]) { total { calls } }",
    f'callStatistics(filter: {{startedAt: {{since: "{moment(100)}", until: "{moment(150)}"}}}}) {{ total {{ calls }} }}',
    "callStatistics(filter: {status: [BUSY]}, by: [NUMBER]) { total { calls } }",
    "calls(first: 25) { nodes { id } }",
    "calls(first: 25, filter: {status: [BUSY]}) { nodes { id } }",
    "calls(first: 10, filter: {direction: [INBOUND]}) { nodes { id } pageInfo { endCursor } }",
]


@pytest.mark.parametrize("plugin", [Memory, Directed, Unpaged, Small])
async def test_a_dashboard_asks_as_often_as_its_widest_reading(plugin: type[Memory]) -> None:
    alone, together = world(plugin), world(plugin)
    await data(alone, f"{{ {WIDE} }}")
    await data(together, "{ " + " ".join(f"f{index}: {field}" for index, field in enumerate(DASHBOARD)) + " }")
    asked = [len(store.asked) for store in stores(alone)]
    assert [len(store.asked) for store in stores(together)] == asked
    assert min(asked) > 10


async def test_what_the_upstream_filters_is_read_by_itself_if_nothing_wider_is_asked() -> None:
    servings = world(Directed)
    sides = ("a: callStatistics(filter: {direction: [INBOUND]})", "b: callStatistics(filter: {direction: [OUTBOUND]})")
    found = await data(servings, "{" + " ".join(f"{side} {{ total {{ calls }} }}" for side in sides) + "}")
    assert [found[name]["total"]["calls"] for name in "ab"] == [200, 200]
    assert {tuple(each.filter.get("direction", ())) for each in stores(servings)[0].asks} == {
        (CallDirection.INBOUND,),
        (CallDirection.OUTBOUND,),
    }


async def test_a_page_that_needs_more_than_the_reading_goes_on_by_itself() -> None:
    servings = world()
    recent = f'callStatistics(filter: {{startedAt: {{since: "{moment(195)}"}}}}) {{ total {{ calls }} }}'
    page = "calls(first: 60) { nodes { id } pageInfo { hasNextPage } }"
    alone = await data(servings, f"{{ page: {page} }}")
    found = await data(servings, f"{{ recent: {recent} page: {page} }}")
    assert (found["page"], found["recent"]["total"]["calls"]) == (alone["page"], 10)


async def test_a_failure_is_told_by_each_as_it_is_alone() -> None:
    servings = world(failure=Unavailable("is down"))
    fields = [*DASHBOARD[:3], DASHBOARD[5].replace("nodes", "problems { code } nodes")]
    answer = await ask(servings, "{ " + " ".join(f"f{index}: {field}" for index, field in enumerate(fields)) + " }")
    assert answer.errors is None
    assert [(each["path"][0], each["code"]) for each in answer.extensions["problems"]] == [
        (f"f{index}", "UNAVAILABLE") for index in range(4) for _ in "ab"
    ]
