"""Scalars: the JSON forms of moments, days, decimal numbers and the providers' own records."""

from datetime import UTC, date, datetime
from decimal import Decimal, InvalidOperation
from typing import NewType

import strawberry
from strawberry.scalars import JSON
from strawberry.types.scalar import ScalarDefinition

# More digits than any amount has; written out, a text of a few digits such as 1e999999999 would fill the memory.
MOST_DIGITS = 60
# The largest whole number that JavaScript reads exactly.
LARGEST_LONG = 2**53 - 1


class Misfit(ValueError):
    """A value that its scalar cannot represent."""


def in_utc(value: datetime) -> datetime:
    """Return the same moment in UTC. The JSON encoder writes it as text, in a fifth of the time that Python takes."""
    return value if value.tzinfo is UTC else value.astimezone(UTC)


def write_moment(value: datetime) -> str:
    """Return a moment as RFC 3339 text in UTC, with whole seconds."""
    return in_utc(value).isoformat(timespec="seconds")[:-6] + "Z"


def read_moment(value: object) -> datetime:
    """Return the moment of an RFC 3339 text. A time zone is required: a guess would shift the range by hours.

    Raises:
        ValueError: The value is not such a text, or outside the years 1 to 9999.
    """
    if not isinstance(value, str):
        raise ValueError("a DateTime is text such as 2026-11-22T08:30:00Z")
    try:
        moment = datetime.fromisoformat(value)
    except ValueError:
        raise ValueError(f"{value!r} is not a DateTime: write it as 2026-11-22T08:30:00Z") from None
    if moment.tzinfo is None:
        raise ValueError(f"{value!r} has no time zone: end it with Z or an offset such as +01:00")
    try:
        return moment.astimezone(UTC)
    except OverflowError:
        raise ValueError(f"{value!r} is outside the years 1 to 9999 in UTC") from None


def read_decimal(value: object) -> Decimal:
    """Return the exact decimal number of a text.

    Raises:
        ValueError: The value is not a decimal number.
    """
    try:
        return Decimal(str(value))
    except InvalidOperation:
        raise ValueError(f"{value!r} is not a Decimal: write it as text such as '1.25'") from None


def is_writable(value: Decimal) -> bool:
    """Return True if a decimal is finite and has at most 60 digits on either side of its point."""
    return value.is_finite() and abs(value.adjusted()) <= MOST_DIGITS


def write_decimal(value: Decimal) -> str:
    """Return a decimal as text without an exponent.

    Raises:
        Misfit: The decimal is not finite, or has too many digits.
    """
    if not is_writable(value):
        raise Misfit("a Decimal has to be finite and to have at most 60 digits on either side of its point")
    return f"{value:f}"


Long = NewType("Long", int)


def read_long(value: object) -> int:
    """Return the whole number of a JSON number.

    Raises:
        ValueError: The value is no whole number, or too large for a JSON number.
    """
    if type(value) is not int or abs(value) > LARGEST_LONG:
        raise ValueError("a Long is a whole number from -9007199254740991 to 9007199254740991")
    return value


def write_long(value: int) -> int:
    """Return a whole number.

    Raises:
        Misfit: The value is no whole number, or too large for a JSON number.
    """
    try:
        return read_long(value)
    except ValueError as error:
        raise Misfit(str(error)) from None


MOMENT = strawberry.scalar(
    name="DateTime",
    description='A moment in UTC as RFC 3339 text, such as "2026-11-22T08:30:00Z". It is written with whole seconds; fractions are cut '
    "off, and stand in `native`. Input may have any offset, and must have one.",
    serialize=in_utc,
    parse_value=read_moment,
    specified_by_url="https://scalars.graphql.org/andimarek/date-time",
)
DECIMAL = strawberry.scalar(
    name="Decimal",
    description='An exact decimal number as text, such as "-0.0125".',
    serialize=write_decimal,
    parse_value=read_decimal,
)
DAY = strawberry.scalar(
    name="Date",
    description='A day as RFC 3339 text, such as "2026-11-22".',
    serialize=date.isoformat,
    parse_value=date.fromisoformat,
    specified_by_url="https://scalars.graphql.org/andimarek/local-date",
)
LONG = strawberry.scalar(
    name="Long",
    description="A whole number beyond 32 bits, such as 3000000000: from -9007199254740991 to 9007199254740991, as in JavaScript.",
    serialize=write_long,
    parse_value=read_long,
)
FOREIGN = strawberry.scalar(
    name="JSON",
    description='Any JSON value, as the provider delivered it, such as {"id": 1}.',
    serialize=lambda value: value,
    parse_value=lambda value: value,
    specified_by_url="https://ecma-international.org/wp-content/uploads/ECMA-404_2nd_edition_december_2017.pdf",
)

SCALARS: dict[object, ScalarDefinition] = {datetime: MOMENT, date: DAY, Decimal: DECIMAL, Long: LONG, JSON: FOREIGN}
