"""A day's curve of office hours: the same draws, the same days, most calls by day, none in the future."""

from collections import Counter
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from telegraphql.gateway.plugin.past_random import DAY, HOURS, PastRandom, busy

NOW = int(datetime(2026, 12, 1, 14, 30, tzinfo=UTC).timestamp())
MONTH = 30 * DAY


def ages(has_office_hours: bool, count: int = 4_000) -> list[int]:
    random = PastRandom(7, NOW, has_office_hours)
    return [random.age(900, MONTH) for _ in range(count)]


def test_each_hour_has_the_share_of_calls_that_is_said_of_it() -> None:
    whole_days = [age for age in ages(True, 20_000) if age > DAY]
    found = Counter((NOW - age) % DAY // 3600 for age in whole_days)
    expected = [len(whole_days) * each / sum(HOURS) for each in HOURS]
    assert all(found[hour] == pytest.approx(each, abs=5 * each**0.5) for hour, each in enumerate(expected))


def test_the_same_draws_are_made_and_each_call_stays_in_its_day() -> None:
    even, curved = PastRandom(7, NOW, False), PastRandom(7, NOW, True)
    pairs = [(even.age(900, MONTH), curved.age(900, MONTH)) for _ in range(1_000)]
    assert even.getstate() == curved.getstate()
    assert [(NOW - one) // DAY for one, _ in pairs] == [(NOW - other) // DAY for _, other in pairs]
    assert sum(one != other for one, other in pairs) > 900


@given(st.integers(0, 40 * DAY), st.integers(0, 40 * DAY))
def test_the_order_stays_and_nothing_comes_after_the_last_moment(one: int, other: int) -> None:
    earlier, later = NOW - max(one, other), NOW - min(one, other)
    assert busy(earlier, NOW) <= busy(later, NOW) <= NOW
