"""Durations of the configuration: text with a unit, and nothing else."""

from datetime import timedelta
from typing import Any

import pytest

from telegraphql.gateway.config.settings import build_config
from telegraphql.gateway.duration import format_duration, parse_duration
from telegraphql.gateway.errors import SettingsError
from tests.support.repository import ROOT

TEXTS = {
    "500ms": timedelta(milliseconds=500),
    "10s": timedelta(seconds=10),
    "5m": timedelta(minutes=5),
    "2h": timedelta(hours=2),
    "30d": timedelta(days=30),
    "0s": timedelta(0),
}


@pytest.mark.parametrize(("text", "duration"), TEXTS.items())
def test_a_number_with_a_unit_is_read_and_written(text: str, duration: timedelta) -> None:
    assert (parse_duration(text), format_duration(duration)) == (duration, text)


def test_fractions_are_read() -> None:
    assert (parse_duration("1.5s"), format_duration(timedelta(seconds=1.5))) == (timedelta(seconds=1.5), "1500ms")


@pytest.mark.parametrize("value", [10, 1.5, True, None, "", "10", "s", "10 s", "-1s", "PT10S", "1m30s", "10S", "\u0661s", "9999999999999s"])
def test_all_else_is_refused(value: Any) -> None:
    with pytest.raises(ValueError, match='write a duration as text with its unit, such as "500ms", "10s", "5m", "2h" or "30d"'):
        parse_duration(value)


def test_a_duration_beyond_what_can_be_held_is_refused() -> None:
    with pytest.raises(ValueError, match="this duration is too long"):
        parse_duration("999999999999d")


@pytest.mark.parametrize("key", ["request_timeout", "shutdown_timeout", "drain_delay"])
def test_numbers_without_a_unit_are_refused_by_the_name_of_the_setting(key: str) -> None:
    with pytest.raises(SettingsError) as refused:
        build_config({"server": {key: 10}}, ROOT)
    assert str(refused.value) == f'server.{key}: write a duration as text with its unit, such as "500ms", "10s", "5m", "2h" or "30d"'
