"""Predicates: whether a record matches a filter, judged by the gateway whatever the upstream has already done about it."""

from collections.abc import Callable, Container, Iterable, Mapping, Sequence
from typing import Any

from telegraphql.gateway.pagination.filtering.filters import bounds, criteria_of, is_given, needed_fields
from telegraphql.gateway.plugin.phone_numbers import Numbering, dialable, digits
from telegraphql.schema.filters import Criterion, DecimalRange, IntRange, NumberFilter, TextFilter, TimeRange
from telegraphql.schema.record import Record
from telegraphql.schema.values import Money, Party

Check = Callable[[Record], bool]
# None: not known before more of the record is loaded.
Verdict = bool | None
Predicate = Callable[[Record], Verdict]


def predicate(
    kind: type[Record],
    parts: Mapping[str, Any],
    numbering: Numbering,
    unknown: Container[str] = (),
    loadable: Callable[[str], bool] = lambda _: True,
) -> Predicate:
    """Return the function that judges records of a kind by a filter.

    Args:
        kind: The kind of the records.
        parts: The filter, with native ids.
        numbering: How the provider's numbers are compared.
        unknown: The fields that are not loaded yet, by the schema's names.
        loadable: Returns True if the records of a relation can be loaded.
    """
    known = criteria_of(kind)

    def inner(nested: Mapping[str, Any]) -> Predicate:
        return predicate(kind, nested, numbering, unknown, loadable)

    found: list[Predicate] = []
    later: list[Predicate] = []
    for name, value in parts.items():
        if name == "and":
            found += map(inner, value)
        elif name == "or":
            found.append(_any_of([inner(each) for each in value]))
        elif name == "not":
            found.append(_none_of(inner(value)))
        elif relation := known[name].has:
            later.append(_has(relation, value, loadable(relation)))
        elif relation := known[name].among:
            own_id = value.strip() if known[name].is_search else None
            later.append(_among(relation, _check(known[name], value, numbering), own_id, loadable(relation)))
        elif known[name].is_loaded and (relation := known[name].id_of):
            later.append(_leads_to(relation, value, loadable(relation)))
        elif any(field in unknown for field in needed_fields(kind, [name])):
            later.append(_not_loaded)
        else:
            found.append(_check(known[name], value, numbering))
    return _all_of([*found, *later])


def _all_of(conditions: Sequence[Predicate]) -> Predicate:
    if len(conditions) == 1:
        return conditions[0]

    def judge(record: Record) -> Verdict:
        verdict: Verdict = True
        for condition in conditions:
            found = condition(record)
            if found is False:
                return False
            verdict = verdict and found
        return verdict

    return judge


def _any_of(conditions: Sequence[Predicate]) -> Predicate:
    none_holds = _all_of([_none_of(each) for each in conditions])
    return _none_of(none_holds)


def _none_of(condition: Predicate) -> Predicate:
    def judge(record: Record) -> Verdict:
        found = condition(record)
        return None if found is None else not found

    return judge


def _not_loaded(record: Record) -> Verdict:
    return None


def _has(relation: str, wanted: bool, is_loadable: bool) -> Predicate:
    def judge(record: Record) -> Verdict:
        if is_loadable and relation not in record.held and record.refs.get(relation):
            return None
        return bool(record.held.get(relation)) is wanted

    return judge


def _among(relation: str, fits: Check, own_id: str | None, is_loadable: bool) -> Predicate:
    def judge(record: Record) -> Verdict:
        if record.native_id == own_id:
            return True
        if is_loadable and relation not in record.held and record.refs.get(relation):
            return None
        return any(map(fits, record.held.get(relation) or ()))

    return judge


def _leads_to(relation: str, ids: Container[str], is_loadable: bool) -> Predicate:
    def judge(record: Record) -> Verdict:
        if is_loadable and relation not in record.held and record.refs.get(relation):
            return None
        found = record.held.get(relation)
        return found is not None and found.native_id in ids

    return judge


def _check(criterion: Criterion, value: Any, numbering: Numbering) -> Check:
    if relation := criterion.id_of:
        wanted = frozenset(value)
        return lambda record: record.refs.get(relation) in wanted
    if marker := criterion.marker:
        mark = value if isinstance(value, str) else "yes" if value else "no"
        return lambda record: record.refs.get(marker) == mark
    if through := criterion.through:
        (attribute, *_) = criterion.attributes
        texts = frozenset(value)
        return lambda record: getattr(record.held.get(through) or record, attribute, None) in texts
    if reads := criterion.reads:
        wanted = frozenset(value if isinstance(value, list) else (value,))
        return lambda record: reads(record) in wanted
    if criterion.is_search:
        return _search(criterion.attributes, value.strip(), numbering)
    return _compare(criterion.attributes, value, numbering)


def _compare(attributes: Sequence[str], value: Any, numbering: Numbering) -> Check:
    (attribute, *_) = attributes
    if isinstance(value, TimeRange | IntRange | DecimalRange):
        return lambda record: _within(getattr(record, attribute), value)
    if isinstance(value, NumberFilter):
        return _numbers(attributes, value, numbering)
    if isinstance(value, TextFilter):
        equals = frozenset(each.casefold() for each in value.equals or ()) if is_given(value.equals) else None
        return lambda record: any(_reads(text, value, equals) for name in attributes for text in shown_texts(getattr(record, name)))
    if isinstance(value, list):
        values = frozenset(value)
        return lambda record: getattr(record, attribute) in values
    return lambda record: getattr(record, attribute) == value


def _within(value: Any, wanted: TimeRange | IntRange | DecimalRange) -> bool:
    lower, upper = bounds(wanted)
    if isinstance(value, Money):
        value = value.amount
    if value is None or (is_given(lower) and value < lower):
        return False
    if not is_given(upper):
        return True
    return bool(value < upper if isinstance(wanted, TimeRange) else value <= upper)


def shown_texts(value: Any) -> Iterable[str]:
    """Return the texts that a record shows: the name of a party or visitor, or a text itself."""
    name = value if isinstance(value, str) else getattr(value, "name", None)
    return () if name is None else (name,)


def _reads(value: str, wanted: TextFilter, equals: frozenset[str] | None) -> bool:
    text = value.casefold()
    return (
        (equals is None or text in equals)
        and (not wanted.starts_with or text.startswith(wanted.starts_with.casefold()))
        and (not wanted.contains or wanted.contains.casefold() in text)
    )


def _numbers(ends: Sequence[str], wanted: NumberFilter, numbering: Numbering) -> Check:
    equals = wanted.equals if is_given(wanted.equals) else None
    fits = numbering.matcher(equals, wanted.starts_with or None, wanted.contains or None)

    return lambda record: any(map(fits, numbers_of(record, ends)))


def numbers_of(record: Record, attributes: Sequence[str]) -> list[str]:
    """Return the numbers that these attributes of a record show: texts, or the number and the extension of a party."""
    shown = [getattr(record, name) for name in attributes]
    found = [number for each in shown if each for number in ((each,) if isinstance(each, str) else (each.number, each.extension))]
    return [number for number in found if number]


def _search(attributes: Sequence[str], text: str, numbering: Numbering) -> Check:
    """Return the check of a free text: a number in any spelling, part of a number or name as shown, or a native id."""
    words, plain = text.casefold(), dialable(text)
    part = digits(plain) if plain else ""
    is_same = numbering.matcher([text], None, None)

    def reads(shown: str | None) -> bool:
        return shown is not None and words in shown.casefold()

    def is_number(number: str | None) -> bool:
        return bool(number and part) and (part in digits(number or "") or is_same(number or ""))

    def fits(value: Any) -> bool:
        if isinstance(value, Party):
            return any(map(reads, (value.name, value.number, value.extension))) or is_number(value.number)
        return any(map(reads, shown_texts(value))) or (isinstance(value, str) and is_number(dialable(value)))

    def check(record: Record) -> bool:
        return record.native_id == text or any(fits(getattr(record, name)) for name in attributes)

    return check
