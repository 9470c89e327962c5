"""Periods: none is missing, none stands twice, also where clocks are set; too many are refused."""

from datetime import UTC, date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from telegraphql.gateway.errors import BadInput
from telegraphql.gateway.statistics.periods import all_periods
from telegraphql.gateway.statistics.settings import StatisticsSettings
from telegraphql.schema.call import CallFilter
from telegraphql.schema.enums import CallDirection, CallStatus
from telegraphql.schema.filters import TimeRange
from telegraphql.schema.statistics import CallStatisticsDimension as By
from telegraphql.schema.values import Party
from tests.support.call_statistics import count
from tests.support.clock import FIXED_NOW
from tests.support.graphql_client import data
from tests.support.memory_provider import Memory, Store, serving
from tests.support.records import call

ZURICH = "Europe/Zurich"
ZONES = ("UTC", ZURICH, "America/St_Johns", "Australia/Lord_Howe", "Pacific/Apia", "Asia/Kathmandu")
CLOCKS_SET = [datetime(2024, 3, 31, tzinfo=UTC), datetime(2024, 10, 27, tzinfo=UTC), datetime(2024, 4, 7, tzinfo=UTC), FIXED_NOW]
MINUTE = timedelta(minutes=1)


def by_hand(since: datetime, until: datetime, zone: str) -> list[tuple[date, int]]:
    """Each day and hour that a clock on the wall shows, looked at every minute."""
    moments = [since + MINUTE * number for number in range(int((until - since) / MINUTE))]
    shown = [moment.astimezone(ZoneInfo(zone)) for moment in moments]
    return sorted({(local.date(), local.hour) for local in shown})


@given(st.sampled_from(CLOCKS_SET), st.integers(-2000, 2000), st.integers(1, 3000), st.sampled_from(ZONES))
def test_every_hour_of_a_range_is_there_once(day: datetime, begin: int, length: int, zone: str) -> None:
    since = day + begin * MINUTE
    until = since + length * MINUTE
    found = all_periods([By.DAY, By.HOUR], "startedAt", TimeRange(since=since, until=until), ZoneInfo(zone), 10_000)
    assert sorted((each["DAY"], each["HOUR"]) for each in found) == by_hand(since, until, zone)
    hours = all_periods([By.HOUR], "startedAt", TimeRange(since=since, until=until), ZoneInfo(zone), 10_000)
    assert {each["HOUR"] for each in hours} == {hour for _, hour in by_hand(since, until, zone)}


GAPS = """{ callStatistics(filter: {startedAt: {since: "%s", until: "%s"}}, by: [%s], timeZone: "Europe/Zurich", fillGaps: true) {
    total { calls }
    groups { month week day hour direction figures { calls answered cost { amount } talkSecondsPercentiles { p50 } } } } }"""


async def gaps(calls: list[Any], since: str, until: str, by: str) -> list[tuple[Any, ...]]:
    found = (await data([serving("a", Memory, Store(calls))], GAPS % (since, until, by)))["callStatistics"]
    assert found["total"]["calls"] == len(calls)
    names = [each.lower() for each in by.split(", ")]
    return [(*(group[name] for name in names), group["figures"]["calls"]) for group in found["groups"]]


async def test_the_day_on_which_clocks_go_forward_has_no_hour_two_and_the_other_has_it_once() -> None:
    spring = await gaps(
        [call(1, 0, started_at=datetime(2024, 3, 31, 1, 30, tzinfo=UTC))], "2024-03-30T23:00:00Z", "2024-03-31T04:00:00Z", "HOUR"
    )
    assert spring == [(0, 0), (1, 0), (3, 1), (4, 0), (5, 0)]
    autumn = [call(number, 0, started_at=datetime(2024, 10, 27, number, 30, tzinfo=UTC)) for number in (0, 1)]
    assert await gaps(autumn, "2024-10-26T22:00:00Z", "2024-10-27T02:00:00Z", "HOUR") == [(0, 0), (1, 0), (2, 2)]


async def test_weeks_begin_on_monday_and_months_on_the_first_in_the_time_zone() -> None:
    calls = [call(1, 0, started_at=datetime(2023, 12, 31, 23, 30, tzinfo=UTC))]  # in Zurich the first of January, a Monday
    weeks = await gaps(calls, "2023-12-17T23:00:00Z", "2024-01-14T23:00:00Z", "WEEK")
    assert weeks == [("2023-12-18", 0), ("2023-12-25", 0), ("2024-01-01", 1), ("2024-01-08", 0)]
    months = await gaps(calls, "2023-11-30T23:00:00Z", "2024-02-29T23:00:00Z", "MONTH")
    assert months == [("2023-12-01", 0), ("2024-01-01", 1), ("2024-02-01", 0)]


async def test_each_combination_of_other_dimensions_goes_on_over_all_periods() -> None:
    calls = [
        call(1, 0, started_at=datetime(2024, 5, 1, 12, tzinfo=UTC), direction=CallDirection.INBOUND),
        call(2, 0, started_at=datetime(2024, 5, 2, 12, tzinfo=UTC), direction=CallDirection.OUTBOUND),
    ]
    found = await gaps(calls, "2024-04-30T22:00:00Z", "2024-05-02T22:00:00Z", "DAY, DIRECTION")
    assert found == [
        ("2024-05-01", "INBOUND", 1),
        ("2024-05-01", "OUTBOUND", 0),
        ("2024-05-02", "INBOUND", 0),
        ("2024-05-02", "OUTBOUND", 1),
    ]
    assert await gaps([], "2024-04-30T22:00:00Z", "2024-05-02T22:00:00Z", "DAY, DIRECTION") == [
        ("2024-05-01", None, 0),
        ("2024-05-02", None, 0),
    ]


REFUSED: dict[str, tuple[list[By], TimeRange | None, str]] = {
    "no period": ([By.STATUS], TimeRange(since=FIXED_NOW), "fills HOUR, DAY, WEEK or MONTH"),
    "no start": ([By.DAY], None, "set `startedAt.since`"),
    "an open start": ([By.DAY], TimeRange(until=FIXED_NOW), "set `startedAt.since`"),
    "too many days": ([By.DAY], TimeRange(since=FIXED_NOW, until=FIXED_NOW + timedelta(days=60)), "more than 50 groups"),
    "all days of all time": ([By.DAY], TimeRange(since=datetime(1, 1, 2, tzinfo=UTC)), "more than 50 groups"),
}


@pytest.mark.parametrize(("by", "wanted", "words"), REFUSED.values(), ids=REFUSED)
async def test_gaps_that_cannot_be_filled_are_refused_before_anything_is_asked(by: list[By], wanted: TimeRange | None, words: str) -> None:
    store, few = Store([call(1)]), StatisticsSettings(max_groups=50)
    filter = CallFilter(started_at=wanted) if wanted else CallFilter(status=[CallStatus.BUSY])
    with pytest.raises(BadInput, match=words):
        await count([serving("a", Memory, store)], by, filter=filter, settings=few, fill_gaps=True)
    assert store.asked == []


@pytest.mark.parametrize(
    ("since", "zone"), [(datetime(1, 1, 1, tzinfo=UTC), "America/New_York"), (datetime(9999, 12, 31, 20, tzinfo=UTC), "Asia/Tokyo")]
)
async def test_the_ends_of_the_calendar_are_counted_and_filled(since: datetime, zone: str) -> None:
    wanted = CallFilter(started_at=TimeRange(since=since, until=since + timedelta(hours=3)))
    served = serving("a", Memory, Store([call(1, started_at=since)]))
    found = await count([served], [By.DAY], filter=wanted, time_zone=zone, fill_gaps=True)
    assert [(group.day, group.figures.calls) for group in found.groups] == [(since.date(), 1)]
    assert found.problems == []


async def test_combinations_that_make_too_many_groups_are_refused() -> None:
    calls = [call(number, 0, started_at=FIXED_NOW - timedelta(hours=1), status=status) for number, status in enumerate(CallStatus)]
    wanted = CallFilter(started_at=TimeRange(since=FIXED_NOW - timedelta(days=9), until=FIXED_NOW))
    settings = StatisticsSettings(max_groups=50)
    with pytest.raises(BadInput, match="more than 50 groups"):
        await count([serving("a", Memory, Store(calls))], [By.DAY, By.STATUS], filter=wanted, settings=settings, fill_gaps=True)


async def test_the_number_of_a_call_is_the_one_outside_in_one_spelling() -> None:
    spellings = ["+41616925879", "0041616925879", "41616925879"]

    def party(number: str) -> Party:
        return Party(number=number, to_e164=lambda text: "+" + text.lstrip("+0"))

    calls = [call(number, number, direction=CallDirection.INBOUND, from_=party(text)) for number, text in enumerate(spellings)]
    calls += [call(10, 10, direction=CallDirection.OUTBOUND, to=party(spellings[0])), call(11, 11, direction=CallDirection.INTERNAL)]
    found = await count([serving("a", Memory, Store(calls))], [By.NUMBER])
    assert [(group.number, group.figures.calls) for group in found.groups] == [("+41616925879", 4), (None, 1)]
