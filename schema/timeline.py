"""Timeline: all that happened with one telephone number, of several kinds in one list."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import Enum
from functools import reduce
from operator import or_
from typing import TYPE_CHECKING, Annotated, Any

import strawberry
from strawberry import UNSET
from strawberry import enum_value as word
from strawberry.types import Info

from telegraphql.schema import RECORD_KINDS
from telegraphql.schema.arguments import After, Before, First, Last, Order
from telegraphql.schema.context import PageArguments
from telegraphql.schema.declaration import TimelineMembership
from telegraphql.schema.enums import TimeOrder
from telegraphql.schema.filters import NUMBER, PROVIDERS, TimeRange
from telegraphql.schema.paging import Connection
from telegraphql.schema.record import Record

# The kinds that are in timelines, by their words in TimelineKind.
MEMBERS: Mapping[str, type[Record]] = {kind.__name__.upper(): kind for kind in RECORD_KINDS if kind.declaration.timeline is not None}


def membership(kind: type[Record]) -> TimelineMembership:
    """Return the place of a kind in timelines."""
    found = kind.declaration.timeline
    assert found is not None
    return found


if TYPE_CHECKING:
    TimelineKind = Enum
    TimelineEntry = Record
else:
    TimelineKind = strawberry.enum(
        Enum("TimelineKind", {each: word(each, description=membership(kind).description) for each, kind in MEMBERS.items()}),
        description="What a timeline can hold.",
    )
    TimelineEntry = Annotated[reduce(or_, MEMBERS.values()), strawberry.union("TimelineEntry", description="What happened with a number.")]


@dataclass(frozen=True, slots=True, kw_only=True)
class TimelineQuestion:
    """Whose timeline is wanted, and which part of it."""

    number: str
    kinds: Sequence[TimelineKind] | None = None
    providers: list[str] | None = None
    at: TimeRange | None = None

    @property
    def wanted(self) -> list[type[Record]]:
        """The kinds, in the order of the schema."""
        names = MEMBERS if self.kinds is None else {each.name for each in self.kinds}
        return [kind for name, kind in MEMBERS.items() if name in names]


Number = Annotated[str, strawberry.argument(description=f"The telephone number, best in E.164. {NUMBER} Personal.")]
Kinds = Annotated[list[TimelineKind] | None, strawberry.argument(description="Only these kinds. Null means all.")]
Providers = Annotated[list[str] | None, strawberry.argument(description=PROVIDERS)]
At = Annotated[TimeRange | None, strawberry.argument(description="When it began, or was left. Null means ever.")]


async def resolve(
    self: Any,
    info: Info,
    number: Number,
    first: First = UNSET,
    after: After = UNSET,
    last: Last = UNSET,
    before: Before = UNSET,
    kinds: Kinds = UNSET,
    providers: Providers = UNSET,
    at: At = UNSET,
    order: Order = TimeOrder.NEWEST_FIRST,
) -> Connection[TimelineEntry] | None:
    """The page that the engine makes."""
    question = TimelineQuestion(
        number=number,
        kinds=None if kinds is UNSET else kinds,
        providers=None if providers is UNSET else providers,
        at=at or None,
    )
    arguments = PageArguments.of(first, after, last, before, question, order)
    found: Connection[TimelineEntry] | None = await info.context.timeline(arguments, info)
    return found


timeline: Any = strawberry.field(
    resolver=resolve,
    description="All that happened with one telephone number at all providers, in one list. Each entry stands where it stands in its own "
    "list; ties stand in the order of provider, kind and id. Null, with an error, when every provider that was asked failed.",
)
