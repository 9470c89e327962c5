"""Durations in the configuration: a number and a unit, such as "500ms", "10s", "5m", "2h" or "30d"."""

import re
from datetime import timedelta
from typing import Annotated, Any

from pydantic import BeforeValidator

UNITS = {
    "ms": timedelta(milliseconds=1),
    "s": timedelta(seconds=1),
    "m": timedelta(minutes=1),
    "h": timedelta(hours=1),
    "d": timedelta(days=1),
}
# Twelve digits: a longer one is a mistake, and more days than a timedelta holds.
DURATION = re.compile(r"([0-9]{1,12}(?:\.[0-9]{1,6})?)(ms|s|m|h|d)")


def parse_duration(value: Any) -> timedelta:
    """Return the timedelta that a text such as "10s" names.

    Raises:
        ValueError: the value is not a number followed by ms, s, m, h or d.
    """
    if isinstance(value, timedelta):
        return value
    match = DURATION.fullmatch(value) if isinstance(value, str) else None
    if match is None:
        raise ValueError('write a duration as text with its unit, such as "500ms", "10s", "5m", "2h" or "30d"')
    try:
        return float(match[1]) * UNITS[match[2]]
    except OverflowError:
        raise ValueError("this duration is too long") from None


def format_duration(value: timedelta) -> str:
    """Return the duration as text in its largest whole unit, such as "5m" for 300 seconds."""
    unit = next((unit for unit in reversed(UNITS) if value and not value % UNITS[unit]), "ms" if value else "s")
    return f"{value / UNITS[unit]:g}{unit}"


def _seconds(value: Any) -> float:
    return parse_duration(value).total_seconds()


Duration = Annotated[timedelta, BeforeValidator(parse_duration)]
# The same text, kept as a float of seconds.
Seconds = Annotated[float, BeforeValidator(_seconds)]
