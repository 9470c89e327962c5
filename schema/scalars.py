"""Scalars: how moments, amounts of money and foreign records look on the wire."""

from datetime import UTC, date, datetime
from decimal import Decimal, InvalidOperation

import strawberry
from strawberry.scalars import JSON
from strawberry.types.scalar import ScalarDefinition

# More digits than any amount has; written out, a text of a few digits such as 1e999999999 would fill the memory.
MOST_DIGITS = 60


class Misfit(ValueError):
    """A value that no field of its type can hold."""


def in_utc(value: datetime) -> datetime:
    """The same moment in UTC. Whoever writes the JSON writes it as text, in a fifth of the time that Python takes."""
    return value if value.tzinfo is UTC else value.astimezone(UTC)


def write_moment(value: datetime) -> str:
    """RFC 3339 in UTC, microseconds only where there are any."""
    return in_utc(value).isoformat()[:-6] + "Z"


def read_moment(value: object) -> datetime:
    """A moment from RFC 3339 text; a zone is required, since a guess would move the window by hours."""
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
    """An exact decimal from text."""
    try:
        return Decimal(str(value))
    except InvalidOperation:
        raise ValueError(f"{value!r} is not a Decimal: write it as text such as '1.25'") from None


def is_writable(value: Decimal) -> bool:
    """Whether a decimal is a number of a sensible length."""
    return value.is_finite() and abs(value.adjusted()) <= MOST_DIGITS


def write_decimal(value: Decimal) -> str:
    """Plain decimal text, never in scientific notation; Misfit for what is no amount."""
    if not is_writable(value):
        raise Misfit("not a decimal number of a sensible length")
    return f"{value:f}"


MOMENT = strawberry.scalar(
    name="DateTime",
    description="A moment in UTC as RFC 3339 text, such as 2026-11-22T08:30:00Z. On input any offset is accepted and a zone is required.",
    serialize=in_utc,
    parse_value=read_moment,
    specified_by_url="https://scalars.graphql.org/andimarek/date-time",
)
DECIMAL = strawberry.scalar(
    name="Decimal",
    description="An exact decimal number as text, such as '-0.0125'.",
    serialize=write_decimal,
    parse_value=read_decimal,
)
DAY = strawberry.scalar(
    name="Date",
    description="A day as RFC 3339 text, such as 2026-11-22.",
    serialize=date.isoformat,
    parse_value=date.fromisoformat,
    specified_by_url="https://scalars.graphql.org/andimarek/local-date",
)
FOREIGN = strawberry.scalar(
    name="JSON",
    description="Any JSON value, as the upstream delivered it.",
    serialize=lambda value: value,
    parse_value=lambda value: value,
    specified_by_url="https://ecma-international.org/wp-content/uploads/ECMA-404_2nd_edition_december_2017.pdf",
)

SCALARS: dict[object, ScalarDefinition] = {datetime: MOMENT, date: DAY, Decimal: DECIMAL, JSON: FOREIGN}
