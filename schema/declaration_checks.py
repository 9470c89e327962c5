"""Declaration checks: what kinds declare is compared with their fields, filters and relations when the schema is built."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import fields
from typing import Any

from strawberry.schema.name_converter import NameConverter
from strawberry.types import get_object_definition

from telegraphql.schema.filters import Criterion, criteria
from telegraphql.schema.nearest_names import nearest

SCHEMA_NAMES = NameConverter()


class DeclarationError(TypeError):
    """A kind or its filter declares something that does not exist. The message starts with the file and the line."""


def check_declarations(kinds: Iterable[type[Any]], relations: Mapping[tuple[Any, str], Any]) -> None:
    """Compare the declarations of all kinds; `relations` are those of the kinds, by kind and the schema's name.

    Raises:
        DeclarationError: A declaration names something that does not exist, or a list that another kind has.
    """
    roots: dict[str, str] = {}
    for kind in kinds:
        declared = kind.declaration
        for where, complaint in _complaints(kind, relations):
            raise DeclarationError(f"{where or declared.where}: {complaint}")
        if declared.root is not None:
            if declared.root.name in roots:
                owner = roots[declared.root.name]
                raise DeclarationError(f"{declared.where}: RootList({declared.root.name!r}) of {kind.__name__} is the list of {owner}")
            roots[declared.root.name] = kind.__name__


def _complaints(kind: type[Any], relations: Mapping[tuple[Any, str], Any]) -> Iterator[tuple[str, str]]:
    """Yield what is wrong with a kind, each with its line; "" for the line of the kind's declaration."""
    declared, name, attributes = kind.declaration, kind.__name__, _attributes(kind)
    for option, value in (("time", kind.time_field), ("end", kind.end_field), ("name", kind.name_field)):
        if value is not None and value not in attributes:
            yield "", f"record_kind({option}={value!r}): {name} has no field {value!r}; {nearest(value, attributes)}"
    if (declared.filter is None) is not (declared.root is None):
        yield "", f"{name} declares `filter` or `root` alone: a list needs both"
    if declared.root is not None and (kind.time_field is None) is (kind.name_field is None):
        yield "", f"{name} has a list: declare `time`, or `name` if it has no time, by which it is ordered"
    known = {} if declared.filter is None else criteria(declared.filter)
    if declared.timeline is not None and (wrong := declared.timeline.filter) not in (shown := _shown(declared.filter)):
        yield "", f"TimelineMembership({wrong!r}): the filter of {name} has no field {wrong!r}; {nearest(wrong, shown)}"
    of_kind = {relation: found.kind for (owner, relation), found in relations.items() if owner is kind}
    for field, criterion in known.items():
        yield from ((criterion.where, f"{field!r}: {each}") for each in _wrong_criterion(kind, criterion, of_kind))


def _wrong_criterion(kind: type[Any], criterion: Criterion, relations: Mapping[str, type[Any]]) -> Iterator[str]:
    named = {"id_of": criterion.id_of, "has": criterion.has, "through": criterion.through, "among": criterion.among}
    given = {option: value for option, value in named.items() if value is not None}
    for option, value in given.items():
        if value not in relations:
            yield f"{option}={value!r}, but {kind.__name__} has no relation {value!r}; {nearest(value, relations)}"
            return
    owner = relations[relation] if (relation := criterion.through or criterion.among) else kind
    if criterion.marker or criterion.id_of or criterion.has:
        return
    known = _attributes(owner)
    for attribute in criterion.attributes:
        if attribute not in known:
            yield f"{owner.__name__} has no field {attribute!r}; {nearest(attribute, known)}"


def _shown(filter: type[Any] | None) -> set[str]:
    """Return the fields of a filter by the schema's names."""
    found = () if filter is None else get_object_definition(filter, strict=True).fields
    return {SCHEMA_NAMES.get_graphql_name(each) for each in found if "criterion" in each.metadata}


def _attributes(kind: type[Any]) -> set[str]:
    return {each.name for each in fields(kind) if each.init} - {"provider_name", "raw", "refs", "held", "files"}
