"""Common conditions: what holds of every record that a filter matches, one value for each field, for upstreams to apply.

An upstream's filter is a conjunction. The conditions of `and` are joined. Of `or` only what all sides have in common is given, such as the
range of time that holds them all. Of `not` nothing is given: records whose value is unknown match it.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import reduce
from typing import Any

from telegraphql.gateway.pagination.filtering.filters import bounds, is_given
from telegraphql.schema.filters import COMBINATIONS, DecimalRange, IntRange, NumberFilter, TextFilter, TimeRange

Range = TimeRange | IntRange | DecimalRange
# More would cost all who ask at the same time.
MAX_VALUES = 500


@dataclass(frozen=True, slots=True)
class CommonConditions:
    """The conditions that hold of every matching record. `are_all` is True if every record of which they hold matches."""

    values: Mapping[str, Any]
    are_all: bool = True


EVERYTHING = CommonConditions({})


def common_conditions(parts: Mapping[str, Any]) -> CommonConditions | None:
    """Return the common conditions of one provider's share of a filter; None if its conditions contradict each other."""
    if not COMBINATIONS.keys() & parts.keys():
        return CommonConditions(parts)
    own = {name: value for name, value in parts.items() if name not in COMBINATIONS}
    found: CommonConditions | None = CommonConditions(own, "not" not in parts)
    sides = [common_conditions(each) for each in parts.get("or", ())]
    possible = [each for each in sides if each is not None]
    for each in map(common_conditions, parts.get("and", ())):
        found = _both(found, each)
    return found if not sides else _both(found, reduce(_either, possible) if possible else None)


def _both(one: CommonConditions | None, other: CommonConditions | None) -> CommonConditions | None:
    """Return what holds where both hold."""
    if one is None or other is None:
        return None
    values, are_all = dict(one.values), one.are_all and other.are_all
    for name, value in other.values.items():
        if name not in values or values[name] == value:
            values[name] = value
        elif isinstance(value, list):
            values[name] = [each for each in values[name] if each in value]
        elif isinstance(value, Range):
            values[name] = _intersection(values[name], value)
        elif isinstance(value, bool):
            return None
        else:
            are_all = False
        if values[name] == [] or values[name] is None:
            return None
    return CommonConditions(values, are_all)


def _either(one: CommonConditions, other: CommonConditions) -> CommonConditions:
    """Return what holds where at least one of two holds."""
    values = {name: _union(value, other.values[name]) for name, value in one.values.items() if name in other.values}
    return CommonConditions({name: value for name, value in values.items() if value is not None}, False)


def _union(one: Any, other: Any) -> Any:
    """Return a value that lets everything through that one of two does; None if there is none."""
    if one == other:
        return one
    if isinstance(one, list):
        return _joined(one, other)
    if isinstance(one, Range):
        (low, high), (other_low, other_high) = bounds(one), bounds(other)
        return _range(one, _nearest(min, low, other_low, False), _nearest(max, high, other_high, False))
    if isinstance(one, NumberFilter | TextFilter) and _is_list(one) and _is_list(other):
        values = _joined(one.equals or [], other.equals)
        return None if values is None else type(one)(equals=values, starts_with=None, contains=None)
    return None


def _joined(one: Sequence[Any], other: Sequence[Any]) -> list[Any] | None:
    values = list(dict.fromkeys([*one, *other]))
    return values if len(values) <= MAX_VALUES else None


def _is_list(value: NumberFilter | TextFilter) -> bool:
    return is_given(value.equals) and not value.starts_with and not value.contains


def _intersection(one: Range, other: Range) -> Range | None:
    """Return the range that lies in both; None if there is none."""
    (low, high), (other_low, other_high) = bounds(one), bounds(other)
    lower, upper = _nearest(max, low, other_low, True), _nearest(min, high, other_high, True)
    if lower is not None and upper is not None and (lower > upper or (isinstance(one, TimeRange) and lower == upper)):
        return None
    return _range(one, lower, upper)


def _nearest(choose: Any, one: Any, other: Any, is_narrower: bool) -> Any:
    """Return the chosen one of two bounds. One that is not given is the widest."""
    if is_given(one) and is_given(other):
        return choose(one, other)
    return (one if is_given(one) else other if is_given(other) else None) if is_narrower else None


def _range(like: Range, lower: Any, upper: Any) -> Range:
    return TimeRange(since=lower, until=upper) if isinstance(like, TimeRange) else type(like)(min=lower, max=upper)
