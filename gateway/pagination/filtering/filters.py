"""Filters: what a client asks for, read from the inputs of the schema, checked, and narrowed to one provider."""

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from strawberry import UNSET
from strawberry.types import get_object_definition
from strawberry.types.base import StrawberryOptional

from telegraphql.gateway.errors import BadId
from telegraphql.gateway.plugin.capabilities import python_name, schema_name
from telegraphql.schema.filters import COMBINATIONS, Criterion, DecimalRange, IntRange, TimeRange, criteria
from telegraphql.schema.kinds import FILTERS, RELATIONS
from telegraphql.schema.node import read_global_id
from telegraphql.schema.record import Record

# The fields of each filter by the schema's names, `providers` left out: their attributes, and how they are matched.
ATTRIBUTES = {filter: [(schema_name(attribute), attribute) for attribute in criteria(filter)] for filter in FILTERS.values()}
CRITERIA = {kind: {schema_name(attribute): found for attribute, found in criteria(filter).items()} for kind, filter in FILTERS.items()}


def given(wanted: Any) -> dict[str, Any]:
    """Return the parts of a filter that were given, by the schema's names, without the providers.

    Filters within it are mappings of the same form under `and`, `or` and `not`, with their providers.
    """
    if wanted is None:
        return {}
    known = ATTRIBUTES[type(wanted)]
    parts = {name: value for name, attribute in known if (value := getattr(wanted, attribute)) is not None and value is not UNSET}
    for name, attribute in COMBINATIONS.items():
        nested = getattr(wanted, attribute, None)
        if is_given(nested):
            parts[name] = [_nested(each) for each in nested] if isinstance(nested, list) else _nested(nested)
    return parts


def _nested(wanted: Any) -> dict[str, Any]:
    return given(wanted) | ({"providers": wanted.providers} if is_given(wanted.providers) else {})


def named_providers(wanted: Any) -> list[str] | None:
    """Return the providers that a filter names; None where all are meant."""
    names: list[str] | None = getattr(wanted, "providers", None)
    return names if is_given(names) else None


def named_within(parts: Mapping[str, Any]) -> list[str]:
    """Return the providers that the filters within a filter name."""
    return [name for each in within(parts) for name in [*each.get("providers", ()), *named_within(each)]]


def within(parts: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    """Return the filters that a filter combines."""
    return [*parts.get("and", ()), *parts.get("or", ()), *([parts["not"]] if "not" in parts else [])]


def conditions(parts: Mapping[str, Any]) -> Iterator[tuple[str, Any]]:
    """Yield the fields of a filter and of those within it, with their values, without combinations and providers."""
    yield from ((name, value) for name, value in parts.items() if name not in COMBINATIONS and name != "providers")
    for nested in within(parts):
        yield from conditions(nested)


def criteria_of(kind: type[Record]) -> Mapping[str, Criterion]:
    """Return how the fields of a kind's filter are matched, by the schema's names."""
    return CRITERIA[kind]


def input_type(kind: type[Record], name: str) -> Any:
    """Return the type of a filter's value in the schema, without what makes it optional."""
    fields = {each.python_name: each.type for each in get_object_definition(FILTERS[kind], strict=True).fields}
    found = fields[python_name(name)]
    return found.of_type if isinstance(found, StrawberryOptional) else found


def time_name(kind: type[Record]) -> str | None:
    """Return the schema's name of a kind's own time; None for kinds that have none."""
    return schema_name(kind.time_field) if kind.time_field else None


def needed_fields(kind: type[Record], parts: Iterable[str]) -> tuple[str, ...]:
    """Return the fields of a kind that these parts of its filter look at, by the schema's names."""
    known = criteria_of(kind)
    found = [each for name in parts for each in _fields(known[name])]
    return tuple(dict.fromkeys(found))


def _fields(criterion: Criterion) -> list[str]:
    relation = criterion.has or criterion.through or criterion.among or (criterion.is_loaded and criterion.id_of)
    return [relation] if relation else [schema_name(attribute) for attribute in criterion.attributes]


def is_given(value: Any) -> bool:
    """Return True unless a value was left out or is null."""
    return value is not None and value is not UNSET


def native_parts(kind: type[Record], parts: Mapping[str, Any], account: str, name: str = "") -> dict[str, Any] | None:
    """Return one provider's share of a filter, with its native ids; None if none of its records can match.

    What is true or false of all its records is left out. `account` is the provider's id, `name` its name if that is another one.

    Raises:
        BadId: An id is none of this gateway, or of another kind.
    """
    if "providers" in parts and (name or account) not in parts["providers"]:
        return None
    own = _own_parts(kind, parts, account)
    if own is None or not within(parts):
        return own
    every = [native_parts(kind, each, account, name) for each in parts.get("and", ())]
    sides = [native_parts(kind, each, account, name) for each in parts["or"]] if "or" in parts else [{}]
    some = [share for share in sides if share is not None]
    excluded = native_parts(kind, parts["not"], account, name) if "not" in parts else None
    if None in every or not some or excluded == {}:
        return None
    combined = {"and": [each for each in every if each], "or": [] if {} in some else some, "not": excluded}
    return own | {name: value for name, value in combined.items() if value}


def _own_parts(kind: type[Record], parts: Mapping[str, Any], account: str) -> dict[str, Any] | None:
    known, own = criteria_of(kind), {name: value for name, value in parts.items() if name not in COMBINATIONS and name != "providers"}
    for name, value in own.items():
        if relation := known[name].id_of:
            own[name] = _native_ids(value, RELATIONS[kind, relation].kind.__name__, account)
    return None if [] in own.values() else own


def _native_ids(ids: list[str], kind: str, account: str) -> list[str]:
    found = []
    for each in ids:
        try:
            named, owner, native = read_global_id(each)
        except ValueError:
            raise BadId(f"{each[:80]!r} is not an id of this gateway") from None
        if named != kind:
            raise BadId(f"{each[:80]!r} is the id of a {named}, not of a {kind}")
        if owner == account:
            found.append(native)
    return found


def parent_attribute(kind: type[Record], parent: type[Record]) -> str:
    """Return the attribute of a kind's filter that takes the ids of a parent's kind."""
    known = criteria(FILTERS[kind])
    (name,) = (each for each, found in known.items() if found.id_of and RELATIONS[kind, found.id_of].kind is parent)
    return name


def bounds(wanted: TimeRange | IntRange | DecimalRange) -> tuple[Any, Any]:
    """Return the lower and the upper bound of a range; None or UNSET for one that is not given."""
    return (wanted.since, wanted.until) if isinstance(wanted, TimeRange) else (wanted.min, wanted.max)
