"""Filters: which records of a kind are wanted. Every part narrows; what is null does not."""

from collections.abc import Mapping
from dataclasses import dataclass, fields, replace
from datetime import datetime
from typing import Any

import strawberry

from telegraphql.schema.fields import optional

PROVIDERS = "Only these configured providers. Null means all; an unknown name is an error."
NUMBER = "Numbers are compared in E.164 where both are certain, else by their digits."


@dataclass(frozen=True, slots=True, kw_only=True)
class Criterion:
    """How a field of a filter is matched with a record. At most one of `id_of`, `has`, `through` and `marker` is set.

    Attributes:
        attributes: The record's attributes of which one has to match.
        id_of: The relation whose record's global id is compared.
        has: The relation that has to lead to records, or to none.
        through: The relation whose record has the attribute.
        marker: The key in the record's `refs` that is "yes" or "no". It is known only where the upstream was asked by this filter.
        declared_only: True where only providers that declare the filter can tell; the others report UNSUPPORTED.
    """

    attributes: tuple[str, ...] = ()
    id_of: str | None = None
    has: str | None = None
    through: str | None = None
    marker: str | None = None
    declared_only: bool = False


def filtering(
    description: str,
    *,
    name: str | None = None,
    personal: bool = False,
    either: tuple[str, ...] = (),
    id_of: str | None = None,
    has: str | None = None,
    through: str | None = None,
    marker: str | None = None,
    declared_only: bool = False,
) -> Any:
    """Declare a field of a filter: it matches the record's attribute of the same name, unless one of the other arguments is given.

    Null means the same as leaving it out: any value matches. `either` names several attributes; for the others see `Criterion`.
    """
    criterion = Criterion(
        attributes=either, id_of=id_of, has=has, through=through, marker=marker, declared_only=declared_only or marker is not None
    )
    return optional(description, name=name, personal=personal, metadata={"criterion": criterion})


def criteria(filter: type[Any]) -> Mapping[str, Criterion]:
    """Return how each attribute of a filter is matched, `providers` left out."""
    return {each.name: _criterion(each) for each in fields(filter) if "criterion" in each.metadata}


def _criterion(field: Any) -> Criterion:
    found: Criterion = field.metadata["criterion"]
    return found if found.attributes else replace(found, attributes=(field.name,))


@strawberry.input(description="Which records.")
class RecordFilter:
    providers: list[str] | None = optional(PROVIDERS)


@strawberry.input(description="A half-open range of time: from <= t < to.")
class TimeRange:
    from_: datetime | None = optional("The first moment that belongs to it. Null means since ever.", name="from")
    to: datetime | None = optional("The first moment that does not. Null means no end.")


@strawberry.input(description="A range of whole numbers, both ends included.")
class IntRange:
    from_: int | None = optional("The smallest number that belongs to it. Null means no lower end.", name="from")
    to: int | None = optional("The largest number that belongs to it. Null means no upper end.")


@strawberry.input(description=f"Which telephone numbers. {NUMBER} Every part that is given must hold.")
class NumberFilter:
    equals: list[str] | None = optional("One of these numbers.")
    starts_with: str | None = optional("The number starts so, such as +41.")
    contains: str | None = optional("These digits occur in the number.")


@strawberry.input(description="Which texts. Upper and lower case are the same. Every part that is given must hold.")
class TextFilter:
    equals: list[str] | None = optional("One of these texts.")
    starts_with: str | None = optional("The text starts so.")
    contains: str | None = optional("This occurs in the text.")
