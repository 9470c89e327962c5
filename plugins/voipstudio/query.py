"""Requests for a collection, in terms of VoIPstudio's list parameters.

A filter is a JSON array of conditions that must all hold. There is no OR, no list of values and no `between`. The value of `like` is a part
of a text; list_support.py knows how it has to be written.
"""

from collections.abc import Callable, Collection, Sequence
from collections.abc import Mapping as Dict
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from typing import Any

import msgspec

from telegraphql.plugin import ListRequest, Mapping, Push, dialable, digits, national
from telegraphql.plugins.voipstudio.codes import only_cause, only_context, only_disposition
from telegraphql.schema import CallDirection, CallStatus, IntRange, NumberFilter

MAX_ID_DIGITS = 19
MAX_COUNTRY_CODE = 3
MAX_QUESTIONS = 6
LIKE = "like"
# The only order that programs with live accounts are known to ask for.
UNSORTED = {"sort": "id", "dir": "DESC"}
NO_ID = -1  # an id that no record has, for a filter that cannot match


@dataclass(frozen=True, slots=True)
class Condition:
    """One entry of the `filter` parameter."""

    property: str
    operator: str
    value: Any


Conditions = list[Condition]
Translate = Callable[[Any], Conditions]


@dataclass(frozen=True, slots=True)
class ResourceQuery:
    """A collection, its order and its conditions. `sorts`: by time; otherwise by id from the newest on, as every account does."""

    path: str
    time: str
    ascending: bool
    conditions: Conditions
    sorts: bool = True

    def params(self, limit: int, page: int) -> dict[str, str]:
        """Return the parameters of one request. Pages count from 1."""
        order = {"sort": self.time, "dir": "ASC" if self.ascending else "DESC"} if self.sorts else UNSORTED
        params = {"limit": str(limit), "page": str(page), **order}
        return params | ({"filter": msgspec.json.encode(self.conditions).decode()} if self.conditions else {})

    @property
    def is_in_order(self) -> bool:
        """Return True if pages come in the order of time, or if the collection has none."""
        return self.sorts or self.time == "id"

    @property
    def must_sort(self) -> bool:
        """Return True if the upstream has to sort by time."""
        return self.sorts and self.time != "id"

    def between(self, since: datetime | None, until: datetime | None) -> "ResourceQuery":
        """Return the query with other bounds of time."""
        others = [condition for condition in self.conditions if condition.property != self.time]
        return replace(self, conditions=[*time_bounds(self.time, since, until), *others])


@dataclass(frozen=True, slots=True, kw_only=True)
class Resource:
    """A collection of the upstream: its path, the mapping of its rows, its time property, and its filters.

    Attributes:
        filters: the filters of the schema, each with its translation to conditions.
        numbers: the filters by number, each with the properties of which one has to hold the number.
    """

    path: str
    mapping: Mapping[Any]
    time: str = "id"
    filters: Dict[str, tuple[Push, Translate]] = field(default_factory=dict)
    numbers: Dict[str, tuple[str, ...]] = field(default_factory=dict)

    @property
    def pushed_filters(self) -> dict[str, Push]:
        """Return the filters as a listing declares them."""
        return {name: push for name, (push, _) in self.filters.items()} | dict.fromkeys(self.numbers, Push.SUPERSET)

    def query(self, request: ListRequest) -> ResourceQuery:
        """Return the query of a slice, without filters by number."""
        conditions = [
            condition for name, value in request.filter.items() if name in self.filters for condition in self.filters[name][1](value)
        ]
        return self.in_period(request, conditions)

    def in_period(self, request: ListRequest, conditions: Sequence[Condition] = ()) -> ResourceQuery:
        """Return the query of all records of a period that fulfil the conditions."""
        bounds = time_bounds(self.time, request.since, request.until)
        return ResourceQuery(self.path, self.time, not request.newest_first, [*bounds, *conditions])

    def questions(self, request: ListRequest, region: str | None) -> list[ResourceQuery]:
        """Return the queries of a slice; its records are the answers to any of them. `region` is that of national numbers."""
        alternatives: list[Conditions] = [[]]
        for name, properties in self.numbers.items():
            parts = number_parts(request.filter[name], region) if name in request.filter else []
            likes = [Condition(each, LIKE, part) for part in parts for each in properties]
            if likes and len(alternatives) * len(likes) <= MAX_QUESTIONS:
                alternatives = [[*before, like] for before in alternatives for like in likes]
        query = self.query(request)
        return [replace(query, conditions=[*query.conditions, *each]) for each in alternatives]

    def where(self, name: str, value: int | str) -> ResourceQuery:
        """Return the query of all records with this value."""
        return ResourceQuery(self.path, self.time, True, [Condition(name, "eq", value)], sorts=False)

    def without_filter(self, name: str) -> "Resource":
        """Return this collection for an API version that does not support the filter."""
        return replace(self, filters={**self.filters, name: (self.filters[name][0], not_sent)})


def time_bounds(time: str, since: datetime | None, until: datetime | None) -> Conditions:
    """Return inclusive bounds in whole seconds, in UTC."""
    bounds = (("gte", since), ("lte", until))
    return [Condition(time, operator, format_time(moment)) for operator, moment in bounds if moment is not None]


def format_time(moment: datetime) -> str:
    """Return a time as the upstream writes it, without fractions of a second."""
    return moment.astimezone(UTC).replace(tzinfo=None).isoformat(sep=" ", timespec="seconds")


def not_sent(value: Any) -> Conditions:
    """Return no conditions: the filter is not sent, or sent in another way."""
    return []


def is_number(native_id: str) -> bool:
    """Return True if a native id can be one of this upstream: a whole number. Nothing else may get into a path or a filter."""
    is_plain = native_id.isascii() and native_id.isdigit() and len(native_id) < MAX_ID_DIGITS
    return is_plain and (native_id == "0" or not native_id.startswith("0"))


def equals_id(name: str) -> Translate:
    """Return the translation of a list of ids or codes. The upstream accepts one: several are left to the gateway."""

    def translate(values: Sequence[str]) -> Conditions:
        ids = {int(value) for value in values if is_number(value)}
        return [] if len(ids) > 1 else [Condition(name, "eq", min(ids, default=NO_ID))]

    return translate


def equals_text(name: str) -> Translate:
    """Return the translation of a list of texts. The upstream accepts one: several are left to the gateway."""

    def translate(values: Sequence[str]) -> Conditions:
        return [Condition(name, "eq", values[0])] if len({*values}) == 1 else []

    return translate


def equals_cause(values: Sequence[str]) -> Conditions:
    """Return the condition on the cause of a call's end. A word in capitals may be a disposition, which the schema shows in its place."""
    return [] if any(value == value.upper() for value in values) else equals_text("t_cause")(values)


def equals_folder(values: Sequence[str]) -> Conditions:
    """Return the condition on a voicemail's folder: a number in the upstream's responses, a word in its requests."""
    return (equals_id if all(map(is_number, values)) else equals_text)("folder")(values)


def equals_is_new(is_read: bool) -> Conditions:
    """Return the condition on whether a voicemail was listened to; the upstream stores whether it is new."""
    return [Condition("is_new", "eq", not is_read)]


def within(name: str) -> Translate:
    """Return the translation of a range of whole numbers, both ends inclusive."""

    def translate(value: IntRange) -> Conditions:
        ends = (("gte", value.min), ("lte", value.max))
        return [Condition(name, operator, end) for operator, end in ends if isinstance(end, int)]

    return translate


def number_parts(value: NumberFilter, region: str | None) -> list[str]:
    """Return digits of which a number has to hold one to pass a filter; none if that cannot be told.

    With a region the upstream may write numbers without their country code, so that only what follows it can be searched for.
    """
    if value.equals:
        parts = [_digits_of_all_spellings(each.strip()) for each in value.equals]
    else:
        text = max(value.starts_with or "", value.contains or "", key=len).strip()
        found = digits(text).removeprefix("00") if dialable(text) else ""
        parts = [found[MAX_COUNTRY_CODE if region else 0 :]]
    return parts if all(parts) else []


def _digits_of_all_spellings(number: str) -> str:
    plain = dialable(number)
    return national(plain if plain.startswith(("+", "0")) else f"+{plain}") if plain else ""


def status_conditions(values: Collection[CallStatus]) -> Conditions:
    """Return the conditions on statuses, if one disposition or one pattern of causes stands for all of them."""
    if value := only_disposition(values):
        return [Condition("disposition", "eq", value)]
    value = only_cause(values)
    return [Condition("t_cause", LIKE, value)] if value else []


def direction_conditions(values: Collection[CallDirection]) -> Conditions:
    """Return the conditions on directions, if one context stands for all of them."""
    context = only_context(values)
    return [Condition("context", "eq", context)] if context else []


def recording_direction_conditions(values: Collection[CallDirection]) -> Conditions:
    """Return the conditions on directions of recordings, which only have a type and a context."""
    if {*values} == {CallDirection.OUTBOUND}:
        return [Condition("type", "eq", "O")]
    return direction_conditions(values)
