"""Filter checks: a filter that no record can match, or that asks for too much, is an error of the client."""

from collections.abc import Mapping
from typing import Any

from telegraphql.gateway.errors import BadInput
from telegraphql.gateway.pagination.filtering.common_conditions import MAX_VALUES, common_conditions
from telegraphql.gateway.pagination.filtering.filters import bounds, conditions, given, is_given, named_providers, within
from telegraphql.gateway.plugin.phone_numbers import digits
from telegraphql.schema.filters import DecimalRange, IntRange, NumberFilter, TextFilter, TimeRange

MAX_DEPTH = 5
MAX_CONDITIONS = 100


def checked(wanted: Any) -> tuple[dict[str, Any], list[str] | None]:
    """Return the parts of a filter that were given, and the providers that it names, None where all are meant.

    Raises:
        BadInput: It can never match, is too deep, or too large.
    """
    parts, named = given(wanted), named_providers(wanted)
    check_conditions(parts)
    check_providers(named)
    return parts, named


def check_conditions(parts: Mapping[str, Any]) -> None:
    """Check the parts of a filter, and those of the filters within it.

    Raises:
        BadInput: It can never match, such as a list without values or a range that is empty. Or it is too deep, or too large.
    """
    _check_combinations(parts, MAX_DEPTH)
    count = 0
    for name, value in conditions(parts):
        count += 1
        _check_values(name, value)
        if isinstance(value, TimeRange | IntRange | DecimalRange):
            _check_range(name, value)
        if isinstance(value, NumberFilter):
            _check_number(name, value)
        if isinstance(value, TextFilter):
            _check_text(name, value)
        if isinstance(value, str) and not value.strip():
            raise BadInput(f"`{name}` is blank: write the text to search for")
    if count > MAX_CONDITIONS:
        raise BadInput(f"the filter has {count} conditions, at most {MAX_CONDITIONS} can be asked for at once")
    if common_conditions(parts) is None:
        raise BadInput("the conditions of the filter contradict each other, so that no record can match: leave one out")


def check_providers(names: list[str] | None) -> None:
    """Raise BadInput if a list of providers names none."""
    _check_values("providers", names)


def _check_combinations(parts: Mapping[str, Any], depth: int) -> None:
    if depth < 0:
        raise BadInput(f"`and`, `or` and `not` are nested more than {MAX_DEPTH} deep: write the filter with fewer of them")
    if parts.get("or") == []:
        raise BadInput("`or` is empty, so that no record can match: name a filter, or leave it out")
    if parts.get("not") == {}:
        raise BadInput("`not` is empty, so that no record can match: name what is not wanted, or leave it out")
    for nested in within(parts):
        check_providers(nested.get("providers"))
        _check_combinations(nested, depth - 1)


def _check_values(name: str, value: Any) -> None:
    values = value if isinstance(value, list) else getattr(value, "equals", None)
    if not isinstance(values, list):
        return
    if not values:
        path = name if isinstance(value, list) else f"{name}.equals"
        raise BadInput(f"`{path}` is empty, so that no record can match: name a value, or leave it out")
    if len(values) > MAX_VALUES:
        raise BadInput(f"`{name}` has {len(values)} values, at most {MAX_VALUES} can be asked for at once")


def _check_range(name: str, value: TimeRange | IntRange | DecimalRange) -> None:
    lower, upper = bounds(value)
    if not is_given(lower) or not is_given(upper):
        return
    if isinstance(value, TimeRange) and lower >= upper:
        raise BadInput(f"the range `{name}` is empty: `since` has to be before `until`, which does not belong to the range")
    if lower > upper:
        raise BadInput(f"the range `{name}` ends before it begins: swap `min` and `max`")


def _check_number(name: str, value: NumberFilter) -> None:
    for text in value.equals or []:
        if text and not digits(text) and not any(letter.isalpha() for letter in text):
            raise BadInput(f"`{name}` has {text[:80]!r}, which holds no digit")
    for key, part in (("startsWith", value.starts_with), ("contains", value.contains)):
        if part and not any(letter in "0123456789*#" for letter in part):
            raise BadInput(f"`{name}.{key}` is {part[:80]!r}, which no telephone number holds: write digits")


def _check_text(name: str, value: TextFilter) -> None:
    start, part = (value.starts_with or "").casefold(), (value.contains or "").casefold()
    texts = [each.casefold() for each in value.equals or []]
    if texts and not any(each.startswith(start) and part in each for each in texts):
        raise BadInput(f"no text of `{name}.equals` has what `startsWith` and `contains` ask for: leave them out")
