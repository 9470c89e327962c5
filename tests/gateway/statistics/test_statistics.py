"""Counting: every call exactly once in its group, in one go or in parts."""

import asyncio
from collections import Counter
from collections.abc import Sequence
from datetime import UTC, date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from telegraphql.gateway.errors import BadCursor, BadInput, Unavailable
from telegraphql.gateway.pagination.bound_provider import BoundProvider
from telegraphql.gateway.statistics.settings import StatisticsSettings
from telegraphql.schema.call import Call, CallFilter
from telegraphql.schema.enums import CallDirection, CallStatus, PartyKind, ProblemCode
from telegraphql.schema.statistics import CallGroup, CallStatistics
from telegraphql.schema.statistics import CallStatisticsDimension as By
from telegraphql.schema.values import Party
from tests.support.call_statistics import EVER, count
from tests.support.graphql_client import ask, data
from tests.support.memory_provider import Memory, Small, Store, Unpaged, serving
from tests.support.records import START, call


def key(made: Call | CallGroup, by: Sequence[By], zone: str = "UTC") -> tuple[Any, ...]:
    """The values by which a call, or a group, stands apart."""
    if isinstance(made, CallGroup):
        return tuple(getattr(made, each.name.lower()) for each in by)
    local = made.started_at.astimezone(ZoneInfo(zone))
    values = {
        By.PROVIDER: made.provider_name,
        By.MONTH: local.date().replace(day=1),
        By.WEEK: date.fromisocalendar(*local.isocalendar()[:2], 1),
        By.DAY: local.date(),
        By.HOUR: local.hour,
        By.DIRECTION: made.direction,
        By.STATUS: made.status,
    }
    return tuple(values[each] for each in by)


def counted(found: CallStatistics, by: Sequence[By]) -> dict[tuple[Any, ...], int]:
    keys = [key(group, by) for group in found.groups]
    assert len(set(keys)) == len(keys)
    return {each: group.figures.calls for each, group in zip(keys, found.groups, strict=True)}


@st.composite
def exchanges(draw: st.DrawFn, plugins: Sequence[type[Memory]] = (Memory, Unpaged, Small)) -> tuple[list[BoundProvider], list[Call]]:
    """Up to three providers of these page styles; the calls fall around midnight and the end of summer time."""
    calls, servings = list[Call](), list[BoundProvider]()
    begin = draw(st.sampled_from([START, datetime(2024, 10, 26, 22, tzinfo=UTC), datetime(2024, 3, 30, 22, tzinfo=UTC)]))
    words = st.tuples(st.integers(0, 6 * 60), st.sampled_from(CallDirection), st.sampled_from(CallStatus))
    for name in "abc"[: draw(st.integers(1, 3))]:
        drawn = draw(st.lists(words, max_size=25))
        own = [
            call(number, 0, name, started_at=begin + timedelta(minutes=minutes), direction=direction, status=status)
            for number, (minutes, direction, status) in enumerate(drawn)
        ]
        plugin = draw(st.sampled_from(plugins))
        servings.append(serving(name, plugin, Store(own, inclusive=draw(st.booleans())), page_size=draw(st.integers(1, 9))))
        calls += own
    return servings, calls


DIMENSIONS = st.lists(st.sampled_from([By.PROVIDER, By.MONTH, By.WEEK, By.DAY, By.HOUR, By.DIRECTION, By.STATUS]), min_size=1, unique=True)


@given(exchanges(), DIMENSIONS, st.sampled_from(["UTC", "Europe/Zurich", "America/St_Johns", "Pacific/Kiritimati"]))
def test_groups_hold_what_counting_by_hand_finds(world: tuple[list[BoundProvider], list[Call]], by: list[By], zone: str) -> None:
    servings, calls = world
    found = asyncio.run(count(servings, by, time_zone=zone))
    assert counted(found, by) == Counter(key(each, by, zone) for each in calls)
    assert (found.total.calls, found.is_complete, found.end_cursor, found.problems) == (len(calls), True, None, [])


# Lists that have to be read whole are not read in parts.
@given(exchanges([Memory]), DIMENSIONS, st.integers(2, 5))
def test_a_count_in_parts_counts_every_call_once(world: tuple[list[BoundProvider], list[Call]], by: list[By], requests: int) -> None:
    servings, calls = world
    whole: Counter[tuple[Any, ...]] = Counter()
    cursor = None
    for _ in range(10_000):
        found = asyncio.run(count(servings, by, settings=StatisticsSettings(max_requests=requests), after=cursor))
        whole += Counter(counted(found, by))
        assert found.is_complete is (found.end_cursor is None)
        assert {problem.code for problem in found.problems} <= {ProblemCode.SCAN_LIMIT}
        cursor = found.end_cursor
        if cursor is None:
            break
    assert whole == Counter(key(each, by) for each in calls)


def test_groups_stand_in_the_order_of_the_dimensions_whatever_the_order_they_were_asked_in() -> None:
    calls = [
        call(1, 0, "b", status=CallStatus.BUSY),
        call(2, 0, "a", status=CallStatus.UNKNOWN),
        call(3, 86_400, "a", status=CallStatus.BUSY),
        call(4, 0, "a", status=CallStatus.BUSY),
    ]
    servings = [serving(name, Memory, Store([each for each in calls if each.provider_name == name])) for name in "ba"]
    found = asyncio.run(count(servings, [By.STATUS, By.DAY, By.PROVIDER]))
    order = [(group.provider, group.day and group.day.day, group.status) for group in found.groups]
    assert order == [("a", 1, CallStatus.BUSY), ("a", 1, CallStatus.UNKNOWN), ("a", 2, CallStatus.BUSY), ("b", 1, CallStatus.BUSY)]


DOCUMENT = """{
  callStatistics(filter: {startedAt: {since: "2024-01-01T00:00:00Z"}} %s) {
    isComplete total { calls } groups { day hour figures { calls } } }
}"""


async def test_days_and_hours_are_those_of_the_time_zone() -> None:
    moments = [
        datetime(2024, 10, 26, 22, 30, tzinfo=UTC),
        datetime(2024, 10, 27, 0, 30, tzinfo=UTC),
        datetime(2024, 10, 27, 1, 30, tzinfo=UTC),
    ]
    calls = [call(number, 0, started_at=moment) for number, moment in enumerate([*moments, datetime(2024, 10, 27, 22, 59, tzinfo=UTC)])]
    found = await data([serving("a", Memory, Store(calls))], DOCUMENT % ', by: [DAY, HOUR], timeZone: "Europe/Zurich"')
    groups = [(each["day"], each["hour"], each["figures"]["calls"]) for each in found["callStatistics"]["groups"]]
    assert groups == [("2024-10-27", 0, 1), ("2024-10-27", 2, 2), ("2024-10-27", 23, 1)]
    found = await data([serving("a", Memory, Store(calls))], DOCUMENT % ", by: [DAY], timeZone: null")
    assert [(each["day"], each["figures"]["calls"]) for each in found["callStatistics"]["groups"]] == [("2024-10-26", 1), ("2024-10-27", 3)]


USER, PSTN = PartyKind.USER, PartyKind.PSTN
AGENTS: list[tuple[CallDirection, Party, Party, str | None]] = [
    (CallDirection.INBOUND, Party(number="1"), Party(number="0445121100", kind=PSTN, extension="606", native_id="7"), "606"),
    (CallDirection.OUTBOUND, Party(number="0445121100", kind=PSTN, extension="606"), Party(number="2", extension="9"), "606"),
    (CallDirection.INBOUND, Party(number="1"), Party(number="41616925870", kind=USER, native_id="17"), "17"),
    (CallDirection.INBOUND, Party(number="1"), Party(number="eve", kind=USER), "eve"),
    (CallDirection.OUTBOUND, Party(number="101", kind=PartyKind.EXTENSION), Party(number="2"), "101"),
    (CallDirection.INBOUND, Party(number="1", kind=USER), Party(number="2001", kind=PartyKind.QUEUE, native_id="5"), None),
    (CallDirection.INTERNAL, Party(number="1", extension="606"), Party(number="2", extension="607"), None),
]


@pytest.mark.parametrize(("direction", "caller", "called", "agent"), AGENTS)
async def test_an_agent_is_the_companys_end_of_a_call(direction: CallDirection, caller: Party, called: Party, agent: str | None) -> None:
    store = Store([call(1, direction=direction, from_=caller, to=called)])
    found = await count([serving("a", Memory, store)], [By.AGENT])
    assert [(group.provider, group.agent, group.figures.calls) for group in found.groups] == [("a", agent, 1)]
    assert {"direction", "from", "to"} <= set(store.asks[0].select)


async def test_without_dimensions_there_is_the_total_alone() -> None:
    for by in ("", ", by: null", ", by: []"):
        found = await data([serving("a", Memory, Store([call(1), call(2)]))], DOCUMENT % by)
        assert found == {"callStatistics": {"isComplete": True, "total": {"calls": 2}, "groups": []}}


@pytest.mark.parametrize("given", ["", "(filter: null)", "(filter: {})", "(filter: {startedAt: {until: null}}, by: [PROVIDER, DAY])"])
async def test_without_a_start_all_calls_since_ever_are_counted(given: str) -> None:
    servings = [serving(name, Memory, Store([call(number, -number * 1_000_000, name) for number in range(40)])) for name in "ab"]
    found = await data(servings, f"{{ callStatistics{given} {{ isComplete total {{ calls }} }} }}")
    assert found == {"callStatistics": {"isComplete": True, "total": {"calls": 80}}}


async def test_without_a_start_a_count_stops_at_its_limit_and_goes_on() -> None:
    served = serving("a", Memory, Store([call(number, number) for number in range(100)]), page_size=10)
    part = await count([served], filter=CallFilter(), settings=StatisticsSettings(max_requests=3))
    assert (part.is_complete, [each.code for each in part.problems]) == (False, [ProblemCode.SCAN_LIMIT])
    rest = await count([served], filter=CallFilter(), after=part.end_cursor)
    assert (part.total.calls + rest.total.calls, rest.is_complete) == (100, True)


BAD: dict[str, tuple[dict[str, Any], type[Exception], str]] = {
    "no zone": ({"time_zone": "Mars/Olympus"}, BadInput, "'Mars/Olympus', not a time zone"),
    "a path": ({"time_zone": "../../etc/passwd"}, BadInput, "not a time zone"),
    "a folder": ({"time_zone": "Europe"}, BadInput, "not a time zone"),
    "long": ({"time_zone": "x" * 5000}, BadInput, "not a time zone"),
    "no provider at all": ({"filter": CallFilter(providers=[])}, BadInput, "`providers` is empty"),
    "cursor": ({"after": "x"}, BadCursor, "not a cursor"),
}


@pytest.mark.parametrize(("given", "error", "words"), BAD.values(), ids=BAD)
async def test_what_is_wrong_is_said_before_anything_is_asked(given: dict[str, Any], error: type[Exception], words: str) -> None:
    store = Store([call(1)])
    with pytest.raises(error, match=words):
        await count([serving("a", Memory, store)], **given)
    assert store.asked == []


async def test_a_cursor_belongs_to_its_filter_and_to_no_list() -> None:
    served = serving("a", Memory, Store([call(number, number) for number in range(100)]), page_size=10)
    cursor = (await count([served], settings=StatisticsSettings(max_requests=2))).end_cursor
    other = CallFilter(started_at=EVER, direction=[CallDirection.INBOUND])
    with pytest.raises(BadCursor):
        await count([served], filter=other, after=cursor)
    answer = await ask([served], "query ($after: String) { calls(after: $after) { nodes { id } } }", {"after": cursor})
    assert [(error.extensions or {})["code"] for error in answer.errors or ()] == ["BAD_CURSOR"]


async def test_only_the_figures_fields_are_asked_of_the_providers() -> None:
    store = Store([call(1)])
    await count([serving("a", Memory, store)], [By.QUEUE])
    assert [set(each.select) for each in store.asks] == [{"startedAt", "status", "talkSeconds", "ringSeconds", "queue"}]


async def test_all_failed_is_empty_with_problems() -> None:
    servings = [serving(name, Memory, Store(failure=Unavailable("is down"))) for name in "ab"]
    answer = await ask(servings, DOCUMENT % "")
    assert (answer.errors, answer.data["callStatistics"]["isComplete"]) == (None, False)
    assert [(each["path"], each["provider"], each["code"]) for each in answer.extensions["problems"]] == [
        (["callStatistics"], name, "UNAVAILABLE") for name in "ab"
    ]


async def test_a_filter_that_nobody_can_tell_is_a_problem() -> None:
    store = Store([call(1)])
    found = await count([serving("a", Memory, store)], filter=CallFilter(started_at=EVER, is_tracked=True))
    assert (found.total.calls, found.is_complete, [each.code for each in found.problems]) == (0, False, [ProblemCode.UNSUPPORTED])
    assert store.asked == []
