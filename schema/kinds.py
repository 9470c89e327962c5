"""Kinds: the filter and the relations of every kind, collected from their declarations."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from strawberry.types import get_object_definition
from strawberry.types.base import StrawberryList, StrawberryOptional
from strawberry.types.lazy_type import LazyType

from telegraphql.schema import RECORD_KINDS
from telegraphql.schema.declaration_checks import SCHEMA_NAMES, check_declarations
from telegraphql.schema.fields import Join
from telegraphql.schema.record import Record


@dataclass(frozen=True, slots=True)
class Relation:
    """A relation from one kind to another.

    Attributes:
        kind: The kind of the related records.
        many: True if a record leads to a list of them.
        by: The key in a related record's `refs` that equals this record's key; "id" is its native id.
        through: The relation by whose records the related ones are found where this record's own key leads to none.
    """

    kind: type[Record]
    many: bool
    by: str
    through: str | None = None


KINDS: dict[str, type[Record]] = {kind.__name__: kind for kind in RECORD_KINDS}
FILTERS: dict[type[Record], type[Any]] = {kind: filter for kind in RECORD_KINDS if (filter := kind.declaration.filter) is not None}


def _relations(kind: Any) -> Iterator[tuple[str, Relation]]:
    """Yield the relations of a kind by the schema's names of their fields."""
    for field in get_object_definition(kind, strict=True).fields:
        join: Join | None = field.metadata.get("join")
        if join is not None:
            target, many = _target(field.type)
            yield SCHEMA_NAMES.get_graphql_name(field), Relation(target, many, join.by, join.through)


def _target(annotation: Any) -> tuple[type[Record], bool]:
    """Return the kind that a field's type names, and whether the type is a list of it."""
    many = False
    while isinstance(annotation, StrawberryOptional | StrawberryList):
        many = many or isinstance(annotation, StrawberryList)
        annotation = annotation.of_type
    return annotation.resolve_type() if isinstance(annotation, LazyType) else annotation, many


RELATIONS: dict[tuple[type[Record], str], Relation] = {
    (kind, name): relation for kind in RECORD_KINDS for name, relation in _relations(kind)
}
check_declarations(RECORD_KINDS, RELATIONS)


def parts_field(kind: type[Record], of: type[Record], by: str) -> str:
    """Return the relation by which a record leads to the parts it is grouped from: records of kind `of` with the same key `by`."""
    return next(name for (parent, name), found in RELATIONS.items() if (parent, found.kind, found.by, found.many) == (kind, of, by, True))
