"""Times and lengths in any spelling; what no clock shows and no call lasts is null."""

from datetime import UTC, datetime, timedelta, timezone
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from telegraphql.gateway.plugin.time_readers import (
    end_of,
    read_epoch,
    read_local,
    read_rfc2822,
    read_seconds,
    read_utc,
    seconds_between,
    unless_before,
)
from tests.gateway.plugin.test_readers import UNREADABLE

ZURICH = ZoneInfo("Europe/Zurich")
AT = datetime(2026, 10, 4, 18, 53, 28, tzinfo=UTC)
NO_TIMES = (
    *(None, "", " ", "0000-00-00", "0000-00-00 00:00:00", "0001-01-01T00:00:00Z", "1970-01-01 00:00:00", "1970-01-01T01:00:00+01:00"),
    *("1926-10-04 00:00:00", "2126-10-04 00:00:00", "9999-12-31T23:59:59-12:00", "0001-01-01T00:00:00+14:00"),
)


def tried(read: Any, *given: Any) -> Any:
    try:
        return read(*given)
    except ValueError:
        return UNREADABLE


UTC_TIMES: dict[Any, Any] = {
    "2026-10-04 18:53:28": AT,
    "2026-10-04T18:53:28Z": AT,
    " 2026-10-04 18:53:28 ": AT,
    "2026-10-04 21:53:28+03:00": AT,
    "2026-10-04T18:53:28.250Z": AT + timedelta(milliseconds=250),
    "2026-10-04": datetime(2026, 10, 4, tzinfo=UTC),
    AT: AT,
    AT.replace(tzinfo=None): AT,
    AT.astimezone(timezone(timedelta(hours=5))): AT,
    "soon": UNREADABLE,
    "2026-02-30 00:00:00": UNREADABLE,
    5: UNREADABLE,
    True: UNREADABLE,
}


@pytest.mark.parametrize("value", UTC_TIMES, ids=str)
def test_a_time_without_an_offset_is_utc_and_an_offset_is_honoured(value: Any) -> None:
    assert tried(read_utc, value) == UTC_TIMES[value]


@pytest.mark.parametrize("value", [[], {}, ["2026-10-04"]])
def test_what_is_no_text_is_no_time(value: Any) -> None:
    assert tried(read_utc, value) is UNREADABLE


@pytest.mark.parametrize("value", NO_TIMES, ids=repr)
def test_a_time_that_no_clock_shows_is_null(value: Any) -> None:
    assert read_utc(value) is None
    assert read_local(value, ZURICH) is None
    assert read_rfc2822(value) is None


def test_a_local_time_is_one_of_its_zone_unless_it_has_an_offset() -> None:
    assert read_local("2026-10-04 20:53:28", ZURICH) == AT
    assert read_local("2026-10-04 18:53:28+00:00", ZURICH) == AT
    assert tried(read_local, "soon", ZURICH) is UNREADABLE


@given(st.integers(0, 7199), st.sampled_from([None, timedelta(0), timedelta(minutes=-1)]))
def test_the_hour_that_runs_twice_is_told_by_what_is_near(seconds: int, before: timedelta | None) -> None:
    moment = datetime(2026, 10, 25, tzinfo=UTC) + timedelta(seconds=seconds)
    wall = moment.astimezone(ZURICH).strftime("%Y-%m-%d %H:%M:%S")
    assert read_local(wall, ZURICH, moment, None if before is None else moment + before) == moment


def test_without_anything_near_it_is_the_first_of_the_two() -> None:
    assert read_local("2026-10-25 02:30:00", ZURICH) == datetime(2026, 10, 25, 0, 30, tzinfo=UTC)
    later = datetime(2026, 10, 25, 1, tzinfo=UTC)
    assert read_local("2026-10-25 02:30:00", ZURICH, later, later) == datetime(2026, 10, 25, 1, 30, tzinfo=UTC)


OTHERS: dict[Any, Any] = {
    "Sun, 04 Oct 2026 18:53:28 +0000": AT,
    "Sun, 04 Oct 2026 20:53:28 +0200": AT,
    "2026-10-04T18:53:28Z": AT,
    "Thu, 01 Jan 1970 00:00:00 +0000": None,
    "soon": UNREADABLE,
}


@pytest.mark.parametrize("value", OTHERS)
def test_a_time_in_rfc_2822(value: str) -> None:
    assert tried(read_rfc2822, value) == OTHERS[value]


EPOCHS: dict[Any, Any] = {
    int(AT.timestamp()): AT,
    str(int(AT.timestamp())): AT,
    AT.timestamp() + 0.5: AT + timedelta(milliseconds=500),
    0: None,
    "": None,
    -5: None,
    10**12: None,
    10**30: None,
    "x": UNREADABLE,
}


@pytest.mark.parametrize("value", EPOCHS, ids=repr)
def test_a_time_in_seconds_since_1970(value: Any) -> None:
    assert tried(read_epoch, value) == EPOCHS[value]


def test_a_time_in_milliseconds_since_1970() -> None:
    assert read_epoch(int(AT.timestamp() * 1000), 1000) == AT


LENGTHS: dict[Any, Any] = {
    0: 0,
    "60": 60,
    12.9: 12,
    "12.9": 12,
    "": None,
    None: None,
    -1: None,
    -1_606_755_000: None,
    4_294_967_295: None,
    "4294967295": None,
    "one": UNREADABLE,
    True: UNREADABLE,
}


@pytest.mark.parametrize("value", LENGTHS, ids=repr)
def test_a_length_that_nothing_lasts_is_null(value: Any) -> None:
    assert tried(read_seconds, value) == LENGTHS[value]


def test_what_is_computed_is_null_where_it_cannot_be() -> None:
    later = AT + timedelta(seconds=90)
    assert (end_of(AT, 90), end_of(AT, None), end_of(None, 90)) == (later, None, None)
    assert (seconds_between(AT, later), seconds_between(AT, None, later), seconds_between(later, AT)) == (90, 90, None)
    assert (seconds_between(None, later), seconds_between(AT), seconds_between(AT, None)) == (None, None, None)
    assert (unless_before(AT, later), unless_before(later, AT), unless_before(None, AT), unless_before(AT, None)) == (later, None, AT, None)
