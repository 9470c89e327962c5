"""Local times without a zone, through the hours that run twice or not at all."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from telegraphql.plugins.asterisk import local_time

ZURICH = ZoneInfo("Europe/Zurich")
HOUR, MINUTE = timedelta(hours=1), timedelta(minutes=1)
# On 25 October 2026 at 1:00 UTC the clock goes back from 3:00 to 2:00.
BACK = datetime(2026, 10, 25, 1, tzinfo=UTC)


def told(at: datetime) -> str:
    return at.astimezone(ZURICH).strftime(local_time.FORMAT)


def test_a_wall_time_is_one_moment() -> None:
    assert local_time.moment("2026-07-01 12:00:00", ZURICH) == datetime(2026, 7, 1, 10, tzinfo=UTC)
    assert local_time.moment("2026-07-01 12:00:00", ZoneInfo("UTC")) == datetime(2026, 7, 1, 12, tzinfo=UTC)


def test_in_the_hour_that_runs_twice_the_channel_tells_which() -> None:
    first, second = datetime(2026, 10, 25, 0, 30, tzinfo=UTC), datetime(2026, 10, 25, 1, 30, tzinfo=UTC)
    assert local_time.moments("2026-10-25 02:30:00", ZURICH) == (first, second)
    assert [local_time.moment("2026-10-25 02:30:00", ZURICH, near) for near in (None, first, second)] == [first, first, second]


@pytest.mark.parametrize("text", ["", "yesterday", "2026-13-01 00:00:00", "0000-00-00 00:00:00"])
def test_what_is_no_local_time_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match=r".+"):
        local_time.moments(text, ZURICH)
    assert (local_time.earliest(text, ZURICH), local_time.latest(text, ZURICH)) == (local_time.FIRST, local_time.LAST)


def test_a_time_with_an_offset_is_one_moment() -> None:
    at = datetime(2026, 10, 25, 1, 30, tzinfo=UTC)
    assert local_time.moments("2026-10-25 02:30:00+01:00", ZURICH) == (at, at)


def test_bounds_hold_everything_between_two_moments_though_the_clock_is_set() -> None:
    spring = datetime(2026, 3, 29, 1, tzinfo=UTC)
    for change in (BACK, spring):
        moments = [change + 10 * MINUTE * step for step in range(-24, 24)]
        for since in moments[::3]:
            for until in moments[::3]:
                first, last = local_time.between(since, until, ZURICH)
                inside = [each for each in moments if since <= each <= until]
                assert all(first <= told(each) <= last for each in inside)


def test_earliest_and_latest_bound_all_that_is_written_after_and_before() -> None:
    moments = [BACK + 10 * MINUTE * step for step in range(-24, 24)]
    for bound in map(told, moments):
        assert all(each >= local_time.earliest(bound, ZURICH) for each in moments if told(each) >= bound)
        assert all(each <= local_time.latest(bound, ZURICH) for each in moments if told(each) <= bound)


def test_open_bounds_hold_everything() -> None:
    assert local_time.between(None, None, ZURICH) == ("", "~")
