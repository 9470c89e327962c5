"""How moments, amounts and foreign records look on the wire."""

from datetime import UTC, datetime, timedelta, timezone
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from telegraphql.schema.scalars import Misfit, read_decimal, read_long, read_moment, write_decimal, write_long, write_moment

NOON = datetime(2024, 3, 1, 12, tzinfo=UTC)
READ = [
    ("2024-03-01T12:00:00Z", NOON),
    ("2024-03-01T13:00:00+01:00", NOON),
    ("2024-03-01T12:00:00.25Z", NOON + timedelta(milliseconds=250)),
    ("2024-02-29T23:30:00-12:30", NOON),
]


@pytest.mark.parametrize(("text", "moment"), READ)
def test_any_offset_is_read(text: str, moment: datetime) -> None:
    assert (read_moment(text), read_moment(text).tzinfo) == (moment, UTC)


REFUSED = [
    ("2024-03-01T12:00:00", "has no time zone: end it with Z or an offset such as +01:00"),
    ("2024-03-01", "has no time zone"),
    ("yesterday", "'yesterday' is not a DateTime: write it as 2026-11-22T08:30:00Z"),
    ("0001-01-01T00:00:00+01:00", "is outside the years 1 to 9999 in UTC"),
    ("9999-12-31T23:59:59-01:00", "is outside the years 1 to 9999 in UTC"),
    (7, "a DateTime is text such as 2026-11-22T08:30:00Z"),
    (None, "a DateTime is text such as 2026-11-22T08:30:00Z"),
]


@pytest.mark.parametrize(("text", "words"), REFUSED)
def test_what_is_no_moment_is_refused_in_words(text: object, words: str) -> None:
    with pytest.raises(ValueError, match=words.replace("+", r"\+")):
        read_moment(text)


def test_moments_are_written_in_utc_with_whole_seconds() -> None:
    assert write_moment(NOON) == "2024-03-01T12:00:00Z"
    assert write_moment(NOON.astimezone(timezone(timedelta(hours=5, minutes=30)))) == "2024-03-01T12:00:00Z"
    assert write_moment(NOON + timedelta(microseconds=1)) == "2024-03-01T12:00:00Z"


@given(st.datetimes(timezones=st.just(UTC)))
def test_a_moment_survives_the_wire(moment: datetime) -> None:
    assert read_moment(write_moment(moment)) == moment.replace(microsecond=0)


AMOUNTS = [("1.20", "1.20"), ("-0.0125", "-0.0125"), ("1E+3", "1000"), ("1E-7", "0.0000001"), (5, "5"), (0.1, "0.1")]


@pytest.mark.parametrize(("given", "text"), AMOUNTS)
def test_amounts_are_plain_text(given: object, text: str) -> None:
    assert write_decimal(read_decimal(given)) == text


@given(st.decimals(allow_nan=False, allow_infinity=False))
def test_an_amount_survives_the_wire_exactly(amount: Decimal) -> None:
    assert read_decimal(write_decimal(amount)) == amount


@pytest.mark.parametrize("text", ["", "a lot", "1,20", None])
def test_what_is_no_amount_is_refused_in_words(text: object) -> None:
    with pytest.raises(ValueError, match=r"is not a Decimal: write it as text such as '1\.25'"):
        read_decimal(text)


@pytest.mark.parametrize("size", [0, -1, 3_000_000_000, 2**53 - 1, 1 - 2**53])
def test_whole_numbers_beyond_32_bits_are_read_and_written(size: int) -> None:
    assert (read_long(size), write_long(size)) == (size, size)


@pytest.mark.parametrize("value", [2**53, -(2**53), 1.0, "1", True, None])
def test_what_is_no_long_is_refused(value: object) -> None:
    words = "a Long is a whole number from -9007199254740991 to 9007199254740991"
    with pytest.raises(ValueError, match=words):
        read_long(value)
    with pytest.raises(Misfit, match=words):
        write_long(value)  # type: ignore[arg-type]
