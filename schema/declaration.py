"""Kind: what one kind of record declares about itself. Lists, filters, relations, scopes and the timeline are derived from it."""

import sys
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Literal, TypeVar

R = TypeVar("R", bound=type[Any])


@dataclass(frozen=True, slots=True)
class RootList:
    """The field of Query that lists a kind: its name and its description."""

    name: str
    description: str


@dataclass(frozen=True, slots=True)
class TimelineMembership:
    """The place of a kind in timelines: the field of its filter that finds a number's records, and a description for clients."""

    filter: str
    description: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Kind:
    """The declaration of a kind.

    Attributes:
        filter: The input type by which its lists are filtered. None for a kind without a list.
        root: The field of Query that lists it. None for a kind without a list.
        scope: The scope that a caller needs to read it.
        timeline: Its place in timelines. None for a kind that is in none.
        where: The file and line of the declaration.
    """

    filter: type[Any] | None = None
    root: RootList | None = None
    scope: Literal["read", "admin"] = "read"
    timeline: TimelineMembership | None = None
    where: str = ""


def record_kind(
    *,
    time: str | None = None,
    end: str | None = None,
    name: str | None = None,
    filter: type[Any] | None = None,
    root: RootList | None = None,
    scope: Literal["read", "admin"] = "read",
    timeline: TimelineMembership | None = None,
) -> Callable[[R], R]:
    """Declare a kind of record.

    A kind with a list is ordered by `time` or by `name`. Its relations stand on its fields: see `related`.

    Args:
        time: The attribute with the moment at which a record stands in its list.
        end: The attribute with the moment at which what the record describes ended.
        name: The attribute by which a kind without a time is ordered.
        filter: The input type by which its lists are filtered.
        root: The field of Query that lists it.
        scope: The scope that a caller needs to read it.
        timeline: Its place in timelines.
    """
    caller = sys._getframe(1)
    where = f"{caller.f_code.co_filename}:{caller.f_lineno}"

    def declare(kind: R) -> R:
        for declared, base in ((time, "TimedRecord"), (timeline, "TimelineEntry")):
            if declared and base not in {each.__name__ for each in kind.__mro__}:
                raise TypeError(f"{where}: {kind.__name__} has to be a subclass of {base}")
        kind.time_field, kind.end_field, kind.name_field = time, end, name
        kind.declaration = Kind(filter=filter, root=root, scope=scope, timeline=timeline, where=where)
        return kind

    return declare
