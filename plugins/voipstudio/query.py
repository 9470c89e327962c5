"""ResourceQuery: what the gateway asks of a collection, in the words of VoIPstudio's list parameters.

A filter is a JSON array of conditions that all hold; there is no OR, no list of values and no `between`."""

from collections.abc import Callable, Collection, Sequence
from collections.abc import Mapping as Dict
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from typing import Any

import msgspec

from telegraphql.plugin import ListRequest, Mapping, Push, national
from telegraphql.plugins.voipstudio.codes import only_cause, only_context, only_disposition
from telegraphql.schema import CallDirection, CallStatus, IntRange, NumberFilter

LONGEST_ID = 19
NO_ID = -1  # what no record refers to: asks for nothing where nothing can match


@dataclass(frozen=True, slots=True)
class Condition:
    """One entry of `filter`."""

    property: str
    operator: str
    value: Any


Conditions = list[Condition]
Translate = Callable[[Any], Conditions]


@dataclass(frozen=True, slots=True)
class ResourceQuery:
    """A collection, its order and its conditions."""

    path: str
    sort: str
    ascending: bool
    conditions: Conditions

    def params(self, limit: int, page: int) -> dict[str, str]:
        """The parameters of one request; pages count from 1."""
        direction = "ASC" if self.ascending else "DESC"
        params = {"limit": str(limit), "page": str(page), "sort": self.sort, "dir": direction}
        return params | ({"filter": msgspec.json.encode(self.conditions).decode()} if self.conditions else {})


@dataclass(frozen=True, slots=True, kw_only=True)
class Resource:
    """A collection of the upstream: its path, how its rows are read, the property that is their time, and the filters it understands."""

    path: str
    mapping: Mapping[Any]
    time: str = "id"
    filters: Dict[str, tuple[Push, Translate]] = field(default_factory=dict)

    @property
    def pushes(self) -> dict[str, Push]:
        """The filters, as a listing declares them."""
        return {name: push for name, (push, _) in self.filters.items()}

    def query(self, ask: ListRequest) -> ResourceQuery:
        """The query for a slice."""
        told = [condition for name, value in ask.filter.items() for condition in self.filters[name][1](value)]
        return ResourceQuery(self.path, self.time, not ask.newest_first, [*bounds(self.time, ask.since, ask.until), *told])

    def having(self, name: str, value: int | str) -> ResourceQuery:
        """The query for all records with this value, oldest first."""
        return ResourceQuery(self.path, self.time, True, [Condition(name, "eq", value)])

    def without(self, name: str) -> "Resource":
        """The same collection of an upstream that does not understand this filter."""
        return replace(self, filters={**self.filters, name: (self.filters[name][0], untold)})


def bounds(time: str, since: datetime | None, until: datetime | None) -> Conditions:
    """Inclusive bounds on a clock of whole seconds in UTC."""
    given = (("gte", since), ("lte", until))
    return [Condition(time, operator, stamp(moment)) for operator, moment in given if moment is not None]


def stamp(moment: datetime) -> str:
    """A moment as the upstream writes it, its fraction cut off."""
    return moment.astimezone(UTC).replace(tzinfo=None).isoformat(sep=" ", timespec="seconds")


def untold(value: Any) -> Conditions:
    """A filter the upstream is not told of, or otherwise."""
    return []


def is_number(native_id: str) -> bool:
    """Whether a native id can be one of this upstream, where all are whole numbers; nothing else may get into a path or a filter."""
    plain = native_id.isascii() and native_id.isdigit() and len(native_id) < LONGEST_ID
    return plain and (native_id == "0" or not native_id.startswith("0"))


def number(name: str) -> Translate:
    """One of these ids or codes, which upstream are whole numbers; only one can be asked for."""

    def translate(values: Sequence[str]) -> Conditions:
        known = {int(value) for value in values if is_number(value)}
        return [] if len(known) > 1 else [Condition(name, "eq", min(known, default=NO_ID))]

    return translate


def word(name: str) -> Translate:
    """One of these words; only one can be asked for."""

    def translate(values: Sequence[str]) -> Conditions:
        return [Condition(name, "eq", values[0])] if len({*values}) == 1 else []

    return translate


def folder(values: Sequence[str]) -> Conditions:
    """The folder of a voicemessage: a number in the upstream's answers, a word in what it is sent."""
    return (number if all(map(is_number, values)) else word)("folder")(values)


def unread(is_read: bool) -> Conditions:
    """Whether a voicemessage was listened to; the upstream knows whether it is new."""
    return [Condition("is_new", "eq", not is_read)]


def between(name: str) -> Translate:
    """A range of whole numbers, both ends included."""

    def translate(value: IntRange) -> Conditions:
        ends = (("gte", value.from_), ("lte", value.to))
        return [Condition(name, operator, end) for operator, end in ends if isinstance(end, int)]

    return translate


def like(name: str) -> Translate:
    """A telephone number: by the digits that every spelling of it has."""

    def translate(value: NumberFilter) -> Conditions:
        if not value.equals or len(value.equals) > 1 or any(letter.isalpha() for letter in value.equals[0]):
            return []
        asked = value.equals[0].strip()
        found = national(asked if asked.startswith(("+", "0")) else f"+{asked}")
        return [Condition(name, "like", f"%{found}%")] if found else []

    return translate


def outcome(values: Collection[CallStatus]) -> Conditions:
    """Statuses, by the one disposition or the one kind of cause that stands for all of them."""
    if found := only_disposition(values):
        return [Condition("disposition", "eq", found)]
    found = only_cause(values)
    return [Condition("t_cause", "like", found)] if found else []


def way(values: Collection[CallDirection]) -> Conditions:
    """Directions, by the one context that stands for all of them."""
    found = only_context(values)
    return [Condition("context", "eq", found)] if found else []
