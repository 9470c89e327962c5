"""Wall times: what they mean in the hour that runs twice, and which ones cover a window."""

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from telegraphql.plugins.boxis.local_time import CLOCK_SLACK, local_bounds, parse_local_time, start_in_id

ZURICH = ZoneInfo("Europe/Zurich")


def at(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


def test_the_epoch_inside_the_seeds_uniqueid_is_the_moment_its_leg_began() -> None:
    assert start_in_id("sip022.voice.boxis.net-1517944376.108168") == at("2018-02-06 19:12:56")
    assert parse_local_time("2018-02-06 20:12:56", ZURICH, None) == at("2018-02-06 19:12:56")


@pytest.mark.parametrize(("uniqueid", "found"), [("1517944376.7", "2018-02-06 19:12:56"), ("sip-1-1517944376.7", "2018-02-06 19:12:56")])
def test_an_epoch_is_found_without_a_system_name_too(uniqueid: str, found: str) -> None:
    assert start_in_id(uniqueid) == at(found)


@pytest.mark.parametrize("uniqueid", ["", "abc", "sip022-1517944376", "sip022-15.1", "sip022x1517944376.1", "sip022-99999999999.1"])
def test_an_id_built_otherwise_has_no_epoch(uniqueid: str) -> None:
    assert start_in_id(uniqueid) is None


@pytest.mark.parametrize(
    ("opened", "meant"),
    [
        ("2026-10-25 00:29:59", "2026-10-25 00:30:00"),
        ("2026-10-25 00:30:05", "2026-10-25 00:30:00"),
        ("2026-10-25 00:00:00", "2026-10-25 00:30:00"),
        ("2026-10-25 00:50:00", "2026-10-25 01:30:00"),
        ("2026-10-25 01:29:59", "2026-10-25 01:30:00"),
        ("2026-10-25 01:30:40", "2026-10-25 01:30:00"),
        # Beyond both: the later one is the nearer.
        ("2026-10-25 05:00:00", "2026-10-25 01:30:00"),
    ],
)
def test_the_channels_epoch_says_which_half_past_two_is_meant(opened: str, meant: str) -> None:
    assert parse_local_time("2026-10-25 02:30:00", ZURICH, at(opened) - CLOCK_SLACK, at(opened)) == at(meant)


def test_without_an_epoch_the_first_of_the_two_is_meant() -> None:
    assert parse_local_time("2026-10-25 02:30:00", ZURICH, None) == at("2026-10-25 00:30:00")


def test_an_end_in_that_hour_is_the_first_not_before_the_start() -> None:
    assert parse_local_time("2026-10-25 02:10:00", ZURICH, at("2026-10-25 00:50:00")) == at("2026-10-25 01:10:00")
    assert parse_local_time("2026-10-25 02:55:00", ZURICH, at("2026-10-25 00:50:00")) == at("2026-10-25 00:55:00")


def test_an_end_in_that_hour_is_the_one_nearest_to_start_and_duration() -> None:
    assert parse_local_time("2026-10-25 02:55:00", ZURICH, at("2026-10-25 00:50:00"), at("2026-10-25 01:54:59")) == at(
        "2026-10-25 01:55:00"
    )


def test_a_window_is_written_as_wall_times() -> None:
    assert local_bounds(at("2018-02-06 19:12:56"), at("2018-02-06 19:14:20"), ZURICH) == ("2018-02-06 20:12:56", "2018-02-06 20:14:20")
    assert local_bounds(at("2026-07-01 10:00:00"), at("2026-07-01 11:00:00"), ZURICH) == ("2026-07-01 12:00:00", "2026-07-01 13:00:00")


def test_a_window_may_be_given_in_any_zone() -> None:
    local = datetime(2018, 2, 6, 20, 12, 56, tzinfo=ZURICH)
    assert local_bounds(local, local, ZURICH) == ("2018-02-06 20:12:56", "2018-02-06 20:12:56")


@pytest.mark.parametrize(
    ("since", "until", "written"),
    [
        ("2026-10-25 00:50:00", "2026-10-25 01:10:00", ("2026-10-25 01:50:00", "2026-10-25 03:10:00")),
        ("2026-10-25 00:10:00", "2026-10-25 00:20:00", ("2026-10-25 01:10:00", "2026-10-25 02:20:00")),
        ("2026-10-25 01:10:00", "2026-10-25 01:20:00", ("2026-10-25 02:10:00", "2026-10-25 03:20:00")),
        ("2026-10-24 12:00:00", "2026-10-25 12:00:00", ("2026-10-24 14:00:00", "2026-10-25 13:00:00")),
        ("2026-03-29 00:59:59", "2026-03-29 01:00:00", ("2026-03-29 01:59:59", "2026-03-29 03:00:00")),
    ],
)
def test_near_a_change_of_the_clock_a_window_is_wide_enough(since: str, until: str, written: tuple[str, str]) -> None:
    assert local_bounds(at(since), at(until), ZURICH) == written


def test_the_ends_of_time_can_be_written() -> None:
    assert local_bounds(datetime.min.replace(tzinfo=UTC), datetime.max.replace(tzinfo=UTC), ZURICH) == (
        "1970-01-02 01:00:00",
        "9999-01-01 01:00:00",
    )


SECONDS = st.integers(int(at("2026-10-24 12:00:00").timestamp()), int(at("2026-10-26 12:00:00").timestamp())) | st.integers(
    int(at("2026-03-28 12:00:00").timestamp()), int(at("2026-03-30 12:00:00").timestamp())
)


@given(
    SECONDS, st.integers(0, 20_000), st.integers(0, 20_000), st.sampled_from(["Europe/Zurich", "Australia/Lord_Howe", "America/St_Johns"])
)
def test_what_stands_in_a_window_stands_between_its_wall_times(since: int, length: int, after: int, name: str) -> None:
    zone = ZoneInfo(name)
    inside = datetime.fromtimestamp(since + min(after, length), zone).isoformat(" ")[:19]
    lower, upper = local_bounds(datetime.fromtimestamp(since, UTC), datetime.fromtimestamp(since + length, UTC), zone)
    assert lower <= inside <= upper
