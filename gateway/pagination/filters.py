"""Filters: what a filter means, record by record, whatever the upstream has already done about it."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from strawberry import UNSET
from strawberry.types import get_object_definition
from strawberry.types.base import StrawberryOptional

from telegraphql.gateway.errors import BadId, BadInput
from telegraphql.gateway.plugin.capabilities import python_name, schema_name
from telegraphql.gateway.plugin.phone_numbers import Numbering, dialable, digits
from telegraphql.schema.filters import Criterion, DecimalRange, IntRange, NumberFilter, TextFilter, TimeRange, criteria
from telegraphql.schema.kinds import FILTERS, RELATIONS
from telegraphql.schema.node import read_global_id
from telegraphql.schema.record import Record
from telegraphql.schema.values import Party

Check = Callable[[Record], bool]
# More would cost all who ask at the same time.
MOST_VALUES = 500
# The fields of each filter by the schema's names, `providers` left out: their attributes, and how they are matched.
ATTRIBUTES = {filter: [(schema_name(attribute), attribute) for attribute in criteria(filter)] for filter in FILTERS.values()}
CRITERIA = {kind: {schema_name(attribute): found for attribute, found in criteria(filter).items()} for kind, filter in FILTERS.items()}


def given(wanted: Any) -> dict[str, Any]:
    """Return the parts of a filter that were given, by the schema's names, without the providers."""
    if wanted is None:
        return {}
    parts = [(name, getattr(wanted, attribute)) for name, attribute in ATTRIBUTES[type(wanted)]]
    return {name: value for name, value in parts if value is not None and value is not UNSET}


def criteria_of(kind: type[Record]) -> Mapping[str, Criterion]:
    """Return how the fields of a kind's filter are matched, by the schema's names."""
    return CRITERIA[kind]


def input_type(kind: type[Record], name: str) -> Any:
    """Return the type of a filter's value in the schema, without what makes it optional."""
    fields = {each.python_name: each.type for each in get_object_definition(FILTERS[kind], strict=True).fields}
    found = fields[python_name(name)]
    return found.of_type if isinstance(found, StrawberryOptional) else found


def needed_fields(kind: type[Record], parts: Iterable[str]) -> tuple[str, ...]:
    """Return the fields of a kind that these parts of its filter look at, by the schema's names."""
    known = criteria_of(kind)
    return tuple([known[name].has or known[name].through or name for name in parts])


def check_ranges(parts: Mapping[str, Any]) -> None:
    """BadInput for a range that ends before it begins, a number without digits, a blank text, or a list of too many."""
    for name, value in parts.items():
        values = value if isinstance(value, list) else getattr(value, "equals", None)
        if isinstance(values, list) and len(values) > MOST_VALUES:
            raise BadInput(f"`{name}` has {len(values)} values, at most {MOST_VALUES} can be asked for at once")
        if isinstance(value, TimeRange | IntRange | DecimalRange) and _reversed(*bounds(value)):
            first, last = ("since", "until") if isinstance(value, TimeRange) else ("min", "max")
            raise BadInput(f"the range `{name}` ends before it begins: swap `{first}` and `{last}`")
        if isinstance(value, NumberFilter):
            _check_number(name, value)
        if isinstance(value, str) and not value.strip():
            raise BadInput(f"`{name}` is blank: write the text to search for")


def _check_number(name: str, value: NumberFilter) -> None:
    for text in value.equals or []:
        if text and not digits(text) and not any(letter.isalpha() for letter in text):
            raise BadInput(f"`{name}` has {text[:80]!r}, which holds no digit")
    for key, part in (("startsWith", value.starts_with), ("contains", value.contains)):
        if part and not any(letter in "0123456789*#" for letter in part):
            raise BadInput(f"`{name}.{key}` is {part[:80]!r}, which no telephone number holds: write digits")


def _reversed(start: Any, end: Any) -> bool:
    return _is_given(start) and _is_given(end) and bool(start > end)


def _is_given(value: Any) -> bool:
    return value is not None and value is not UNSET


def native_ids(kind: type[Record], parts: Mapping[str, Any], provider: str) -> dict[str, Any]:
    """Return the filter with global ids replaced by this provider's native ids."""
    known = criteria_of(kind)
    return {
        name: _own(value, RELATIONS[kind, relation].kind.__name__, provider) if (relation := known[name].id_of) else value
        for name, value in parts.items()
    }


def _own(ids: list[str], kind: str, provider: str) -> list[str]:
    found = []
    for each in ids:
        try:
            named, owner, native = read_global_id(each)
        except ValueError:
            raise BadId(f"{each[:80]!r} is not an id of this gateway") from None
        if named != kind:
            raise BadId(f"{each[:80]!r} is the id of a {named}, not of a {kind}")
        if owner == provider:
            found.append(native)
    return found


def filter_by_parent(kind: type[Record], wanted: Any, parent: Record) -> Any:
    """Return a filter, None for any record, narrowed to the children of a parent: by its field that takes the ids of the parent's kind."""
    filter = FILTERS[kind]
    (name,) = (each for each, found in criteria(filter).items() if found.id_of and RELATIONS[kind, found.id_of].kind is type(parent))
    return replace(wanted or filter(), **{name: [parent.id()], "providers": [parent.provider_name]})


@dataclass(frozen=True)
class Predicate:
    """The checks of one filter for one provider. `relations` are the boolean filters that need a relation loaded."""

    checks: tuple[Check, ...]
    relations: Mapping[str, bool]

    def holds(self, record: Record) -> bool:
        """Return True if a record passes all plain checks."""
        return all(check(record) for check in self.checks)


def predicate(kind: type[Record], parts: Mapping[str, Any], numbering: Numbering) -> Predicate:
    """Return what must hold of each record of a kind; `parts` hold native ids."""
    known = criteria_of(kind)
    relations = {relation: value for name, value in parts.items() if (relation := known[name].has)}
    checks = [_check(known[name], value, numbering) for name, value in parts.items() if not known[name].has]
    return Predicate(tuple(checks), relations)


def _check(criterion: Criterion, value: Any, numbering: Numbering) -> Check:
    (attribute, *_) = criterion.attributes
    if relation := criterion.id_of:
        wanted = frozenset(value)
        return lambda record: record.refs.get(relation) in wanted
    if marker := criterion.marker:
        mark = value if isinstance(value, str) else "yes" if value else "no"
        return lambda record: record.refs.get(marker) == mark
    if through := criterion.through:
        texts = frozenset(value)
        return lambda record: getattr(record.held.get(through) or record, attribute, None) in texts
    if criterion.is_search:
        return _search(criterion.attributes, value.strip(), numbering)
    if isinstance(value, TimeRange | IntRange | DecimalRange):
        return lambda record: _within(getattr(record, attribute), value)
    if isinstance(value, NumberFilter):
        return _numbers(criterion.attributes, value, numbering)
    if isinstance(value, TextFilter):
        equals = frozenset(each.casefold() for each in value.equals or ()) if _is_given(value.equals) else None
        return lambda record: _reads(getattr(record, attribute), value, equals)
    if isinstance(value, list):
        values = frozenset(value)
        return lambda record: getattr(record, attribute) in values
    return lambda record: getattr(record, attribute) == value


def bounds(wanted: TimeRange | IntRange | DecimalRange) -> tuple[Any, Any]:
    """Return the lower and the upper bound of a range; None or UNSET for one that is not given."""
    return (wanted.since, wanted.until) if isinstance(wanted, TimeRange) else (wanted.min, wanted.max)


def _within(value: Any, wanted: TimeRange | IntRange | DecimalRange) -> bool:
    lower, upper = bounds(wanted)
    if value is None or (_is_given(lower) and value < lower):
        return False
    if not _is_given(upper):
        return True
    return bool(value < upper if isinstance(wanted, TimeRange) else value <= upper)


def _reads(value: str | None, wanted: TextFilter, equals: frozenset[str] | None) -> bool:
    if value is None:
        return False
    text = value.casefold()
    return (
        (equals is None or text in equals)
        and (not wanted.starts_with or text.startswith(wanted.starts_with.casefold()))
        and (not wanted.contains or wanted.contains.casefold() in text)
    )


def _numbers(ends: Sequence[str], wanted: NumberFilter, numbering: Numbering) -> Check:
    equals = wanted.equals if _is_given(wanted.equals) else None
    fits = numbering.matcher(equals, wanted.starts_with or None, wanted.contains or None)

    def check(record: Record) -> bool:
        shown = [getattr(record, end) for end in ends]
        numbers = [number for each in shown if each for number in ((each,) if isinstance(each, str) else (each.number, each.extension))]
        return any(number and fits(number) for number in numbers)

    return check


def _search(ends: Sequence[str], text: str, numbering: Numbering) -> Check:
    """Return the check of a free text: a number in any spelling, part of a number or name as shown, or a native id."""
    words, plain = text.casefold(), dialable(text)
    part = digits(plain) if plain else ""
    is_same = numbering.matcher([text], None, None)

    def reads(party: Party) -> bool:
        number = party.number or ""
        if any(words in (shown or "").casefold() for shown in (party.name, number, party.extension)):
            return True
        return bool(number and part) and (part in digits(number) or is_same(number))

    def check(record: Record) -> bool:
        return record.native_id == text or any(party is not None and reads(party) for party in (getattr(record, end) for end in ends))

    return check
