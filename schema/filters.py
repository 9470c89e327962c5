"""Filters: the inputs that all kinds' filters share, and how a filter's field is matched with a record."""

import sys
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, fields, replace
from datetime import datetime
from decimal import Decimal
from typing import Any

from telegraphql.schema.described import input_type
from telegraphql.schema.fields import optional

COST = "The price, in the currency of the account. Records without a price do not match. Some providers need one request for each record."
PROVIDERS = "Only these configured providers. Null: all. An unknown name and an empty list are errors."
SEARCH = "A number in any spelling, a part of a number or name, or the provider's id of the record. Upper and lower case are the same."
AND = "The record matches all of these filters."
OR = "The record matches at least one of these filters. An empty list is an error."
NOT = "The record does not match this filter. A record whose value is unknown matches: it does not match the filter."
WITHHELD = "True for {} whose caller withheld the number, false for the others."
NUMBER = "Numbers are compared in E.164 if both are certain, otherwise by their digits."


@dataclass(frozen=True, slots=True, kw_only=True)
class Criterion:
    """The rule by which a field of a filter is matched with a record. At most one of the relations and `marker` is set.

    Attributes:
        attributes: The record's attributes of which one has to match.
        id_of: The relation whose record's global id is compared.
        is_loaded: True if the record of `id_of` has to be loaded, since some providers refer to it by something else than its id.
        has: The relation that has to lead to records, or to none.
        through: The relation whose record has the attribute.
        among: The relation to records of which one has to match by the attributes.
        marker: The key in the record's `refs` that is "yes" or "no", or the text that was asked for. It may be known only where the
            upstream was asked by this filter.
        declared_only: True where only providers that declare the filter can tell; the others report UNSUPPORTED.
        reads: Returns the value of a record that is compared; `attributes` are those it looks at.
        is_search: True if a text is searched for in the attributes, which are parties, visitors or texts, and as native id.
        where: The file and line of the declaration.
    """

    attributes: tuple[str, ...] = ()
    id_of: str | None = None
    is_loaded: bool = False
    has: str | None = None
    through: str | None = None
    among: str | None = None
    marker: str | None = None
    declared_only: bool = False
    is_search: bool = False
    reads: Callable[[Any], Any] | None = None
    where: str = field(default="", compare=False)


def filtering(
    description: str,
    *,
    name: str | None = None,
    personal: bool = False,
    either: tuple[str, ...] = (),
    id_of: str | None = None,
    is_loaded: bool = False,
    has: str | None = None,
    through: str | None = None,
    among: str | None = None,
    marker: str | None = None,
    declared_only: bool = False,
    is_search: bool = False,
    reads: Callable[[Any], Any] | None = None,
) -> Any:
    """Declare a field of a filter: it matches the record's attribute of the same name, unless one of the other arguments is given.

    Null means the same as leaving it out: any value matches. `either` names several attributes; for the others see `Criterion`.
    """
    caller = sys._getframe(1)
    criterion = Criterion(
        attributes=either,
        id_of=id_of,
        is_loaded=is_loaded,
        has=has,
        through=through,
        among=among,
        marker=marker,
        declared_only=declared_only or marker is not None,
        is_search=is_search,
        reads=reads,
        where=f"{caller.f_code.co_filename}:{caller.f_lineno}",
    )
    return optional(description, name=name, personal=personal, metadata={"criterion": criterion})


def withholds_number(record: Any) -> bool:
    """Return True if the caller of a record withheld the number."""
    return record.from_ is not None and bool(record.from_.is_withheld)


def criteria(filter: type[Any]) -> Mapping[str, Criterion]:
    """Return how each attribute of a filter is matched, `providers` left out."""
    return {each.name: _criterion(each) for each in fields(filter) if "criterion" in each.metadata}


def _criterion(declared: Any) -> Criterion:
    found: Criterion = declared.metadata["criterion"]
    return found if found.attributes else replace(found, attributes=(declared.name,))


# The fields by which filters are combined, by the schema's names, and their attributes.
COMBINATIONS = {"and": "and_", "or": "or_", "not": "not_"}


@input_type
class RecordFilter:
    """A filter for records. A record has to match every field that is set, `and`, `or` and `not` among them.

    A filter of a kind has these three fields for filters of its own type.
    """

    providers: list[str] | None = optional(PROVIDERS)

    def __init_subclass__(cls) -> None:
        """Add the combinations of filters to a kind's filter."""
        cls.__annotations__ |= {
            "and_": f"list[{cls.__name__}] | None",
            "or_": f"list[{cls.__name__}] | None",
            "not_": f"{cls.__name__} | None",
        }
        for (name, attribute), description in zip(COMBINATIONS.items(), (AND, OR, NOT), strict=True):
            setattr(cls, attribute, optional(description, name=name))


def combined(filter: RecordFilter) -> list[Any]:
    """Return the filters that a filter combines by `and`, `or` and `not`."""
    found: list[Any] = []
    for attribute in COMBINATIONS.values():
        value = getattr(filter, attribute)
        found += value if isinstance(value, list) else [value] if value else []
    return found


@input_type
class TimeRange:
    """A half-open range of time: since <= t < until. For example {since: "2026-11-01T00:00:00Z", until: "2026-12-01T00:00:00Z"}."""

    since: datetime | None = optional("The first moment of the range. Null: no lower bound.")
    until: datetime | None = optional("The first moment after the range. Null: no upper bound.")


@input_type
class IntRange:
    """A range of whole numbers that includes both bounds. For example {min: 60, max: 3600}."""

    min: int | None = optional("The smallest number of the range. Null: no lower bound.")
    max: int | None = optional("The largest number of the range. Null: no upper bound.")


@input_type
class DecimalRange:
    """A range of decimal numbers that includes both bounds. For example {min: "0.50", max: "10"}."""

    min: Decimal | None = optional("The smallest number of the range. Null: no lower bound.")
    max: Decimal | None = optional("The largest number of the range. Null: no upper bound.")


@input_type
class NumberFilter:
    """A filter for telephone numbers, such as {startsWith: "+41"}. Every field that is set has to match.

    Numbers are compared in E.164 if both are certain, otherwise by their digits.
    """

    equals: list[str] | None = optional('One of these numbers, such as ["+41616925879"].')
    starts_with: str | None = optional('The first characters of the number, such as "+41".')
    contains: str | None = optional('Digits that occur in the number, such as "6925".')


@input_type
class TextFilter:
    """A filter for texts, such as {contains: "sales"}. Upper and lower case are the same. Every field that is set has to match."""

    equals: list[str] | None = optional("One of these texts.")
    starts_with: str | None = optional("The first characters of the text.")
    contains: str | None = optional("Characters that occur in the text.")
