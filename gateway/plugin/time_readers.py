"""Time readers: ready-made columns for moments and lengths, with one rule for what is no moment and no length.

A moment before 1990 or after 2100 is no moment: zero times such as 0000-00-00, 0001-01-01 and 1970-01-01 are null. A length below zero or
above ten years is no length. An offset in a text is honoured whatever the column says of times without one.
"""

from collections.abc import Set
from datetime import UTC, datetime, timedelta, tzinfo
from email.utils import parsedate_to_datetime
from functools import lru_cache, partial
from types import NoneType
from typing import Any

from telegraphql.gateway.plugin.columns import Column, Source
from telegraphql.gateway.plugin.number_readers import but, read_decimal, read_integer
from telegraphql.gateway.plugin.reader_checks import at_least_one, reader
from telegraphql.gateway.plugin.readers import NOTHING

FIRST_YEAR, YEAR_AFTER = 1990, 2100
# What the years of moments begin with.
MILLENNIA = frozenset("12")
LONGEST = 10 * 366 * 86400
TIMES = frozenset({datetime, NoneType})
SECONDS = frozenset({int, NoneType})


@reader
def utc(source: Source) -> Column:
    """Return a column with a moment in ISO 8601 or as a datetime; one without an offset is UTC."""
    return Column(read_utc, source, words="time in UTC", total_for=TIMES, lenient=True)


@reader
def local(source: Source, zone: Source, *, near: Source | None = None, not_before: Source | None = None) -> Column:
    """Return a column with a wall time of a zone, such as `local("start", provider("zone"))`; `zone` is a source of a ZoneInfo.

    The hour that runs twice in autumn means the moment nearest to `near`, such as `mapped("started_at")`, and not before `not_before`;
    the first of the two where nothing tells.
    """
    if near is None and not_before is None:
        return Column(read_local, source, zone, words="local time", lenient=True)
    near = not_before if near is None else near
    assert near is not None
    others = (near,) if not_before is None else (near, not_before)
    return Column(read_local, source, zone, *others, words="local time", lenient=True)


@reader
def rfc2822(source: Source) -> Column:
    """Return a column with a moment such as "Tue, 31 Aug 2010 20:36:28 +0000"."""
    return Column(read_rfc2822, source, words="time in RFC 2822", lenient=True)


@reader
def epoch(source: Source, *, per_second: int = 1) -> Column:
    """Return a column with a moment as seconds since 1970, or parts of them: 1000 `per_second` are milliseconds."""
    at_least_one("per_second", per_second)
    return Column(partial(read_epoch, per_second=per_second), source, words="seconds since 1970", lenient=True)


@reader
def seconds(source: Source, *, per_second: int = 1, absent: Set[str] = NOTHING) -> Column:
    """Return a column with a length in whole seconds, rounded down; null for one that cannot be, and for the words in `absent`."""
    at_least_one("per_second", per_second)
    if per_second != 1:
        return Column(but(absent, partial(_seconds_of, per_second)), source, words="seconds", lenient=True)
    usual = {"int": f"value if 0 <= value <= {LONGEST} else None"}
    return Column(but(absent, read_seconds), source, words="seconds", total_for=SECONDS, lenient=True, usual=usual)


@reader
def minutes(source: Source) -> Column:
    """Return a column with the whole seconds of a length that the upstream writes in minutes."""
    return Column(_seconds_of_minutes, source, words="minutes", total_for=SECONDS, lenient=True)


@reader
def later(start: Source, length: Source) -> Column:
    """Return a column with the end of what began at a moment and lasted so many seconds, usually both `mapped(...)`."""
    return Column(end_of, start, length, words="start plus length", total_for=None, lenient=True)


@reader
def between(start: Source, *ends: Source) -> Column:
    """Return a column with the whole seconds from a moment to the first of `ends` that is known; null where that is earlier."""
    return Column(seconds_between, start, *ends, words="from start to end", total_for=None, lenient=True)


@reader
def not_before(start: Source, end: Source) -> Column:
    """Return a column with a moment that is null where it is before another, such as an end before its start."""
    return Column(unless_before, start, end, words="not before the start", total_for=None, lenient=True)


@reader
def is_known(source: Source) -> Column:
    """Return a column with True where another is not null, such as `is_ended_at_derived`."""
    return Column(_is_known, source, words="whether it is known", total_for=None, lenient=True)


def moment(value: datetime) -> datetime | None:
    """Return a moment in UTC; None where it is no moment that a record can have."""
    if value.tzinfo is None:
        value = datetime.combine(value, value.time(), UTC)
    elif value.tzinfo is not UTC:
        try:
            value = value.astimezone(UTC)
        except OverflowError:
            return None
    return value if FIRST_YEAR <= value.year < YEAR_AFTER else None


def parsed(value: Any) -> datetime | None:
    """Return a moment as it is written, with or without an offset; None for "" and zeros, ValueError for what is none."""
    if type(value) is str:
        if not value or value.startswith("0000") or value.isspace():
            return None
        return datetime.fromisoformat(value.strip())
    if value is None or isinstance(value, datetime):
        return value
    raise ValueError("no time")


def read_utc(value: Any) -> datetime | None:
    """Return a moment from a text or datetime; one without an offset is UTC."""
    if type(value) is str and value[:1] in MILLENNIA:
        value = datetime.fromisoformat(value.strip())
    elif type(value) is not datetime:
        value = parsed(value)
        if value is None:
            return None
    if value.tzinfo is UTC:
        return value if FIRST_YEAR <= value.year < YEAR_AFTER else None
    if value.tzinfo is not None:
        return moment(value)
    # What `replace` makes as well, in a third of its time.
    return datetime.combine(value, value.time(), UTC) if FIRST_YEAR <= value.year < YEAR_AFTER else None


def read_local(value: Any, zone: tzinfo, near: datetime | None = None, not_before: datetime | None = None) -> datetime | None:
    """Return the moment of a wall time; in the hour that runs twice the one nearest to `near`, and not before `not_before`."""
    found = parsed(value)
    if found is None or not FIRST_YEAR <= found.year < YEAR_AFTER:
        return None
    if found.tzinfo is not None:
        return moment(found)
    first = found.replace(tzinfo=zone).astimezone(UTC)
    if near is None:
        return first
    second = found.replace(tzinfo=zone, fold=1).astimezone(UTC)
    if first == second:
        return first
    possible = [each for each in (first, second) if not_before is None or each >= not_before] or [second]
    return min(possible, key=lambda each: abs(each - near))


def read_rfc2822(value: Any) -> datetime | None:
    """Return the moment of an RFC 2822 date, or of an ISO 8601 one."""
    if not isinstance(value, str) or not value or value[0].isdigit():
        return read_utc(value)
    return None if value.isspace() else moment(parsedate_to_datetime(value))


def read_epoch(value: Any, per_second: int = 1) -> datetime | None:
    """Return the moment so many seconds after 1970, from a number or its text."""
    number = read_decimal(value)
    if number is None:
        return None
    try:
        return moment(datetime.fromtimestamp(0, UTC) + timedelta(microseconds=int(number * 1_000_000 / per_second)))
    except OverflowError:
        return None


def read_seconds(value: Any) -> int | None:
    """Return a length in whole seconds; None for one below zero or above ten years."""
    found = value if type(value) is int else read_integer(value)
    return found if found is not None and 0 <= found <= LONGEST else None


def _seconds_of(per_second: int, value: Any) -> int | None:
    found = read_decimal(value)
    return None if found is None else read_seconds(int(found // per_second))


def _seconds_of_minutes(value: Any) -> int | None:
    found = read_decimal(value)
    return None if found is None else read_seconds(int(found * 60))


@lru_cache(maxsize=4096)
def _span(length: int) -> timedelta:
    return timedelta(seconds=length)


def end_of(start: datetime | None, length: int | None) -> datetime | None:
    """Return when something ended that began at a moment and lasted so many seconds."""
    return None if start is None or length is None else start + _span(length)


def seconds_between(start: datetime | None, *ends: datetime | None) -> int | None:
    """Return the whole seconds from a moment to the first known of others; None where that is earlier."""
    end = next((each for each in ends if each is not None), None)
    if start is None or end is None or end < start:
        return None
    return read_seconds(int((end - start).total_seconds()))


def unless_before(start: datetime | None, end: datetime | None) -> datetime | None:
    """Return a moment; None where it is before another."""
    return None if start is not None and end is not None and end < start else end


def _is_known(value: Any) -> bool:
    return value is not None
