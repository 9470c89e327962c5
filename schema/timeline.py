"""Timeline: the records of several kinds that belong to one telephone number, in one list."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import Enum
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
from telegraphql.schema.fields import Personal
from telegraphql.schema.filters import NUMBER, PROVIDERS, TimeRange
from telegraphql.schema.paging import Connection
from telegraphql.schema.record import Record
from telegraphql.schema.timeline_entry import TimelineEntry

# The kinds that are in timelines, by their words in TimelineKind.
MEMBERS: Mapping[str, type[Record]] = {kind.__name__.upper(): kind for kind in RECORD_KINDS if kind.declaration.timeline is not None}


def membership(kind: type[Record]) -> TimelineMembership:
    """Return the place of a kind in timelines."""
    found = kind.declaration.timeline
    assert found is not None
    return found


if TYPE_CHECKING:
    TimelineKind = Enum
else:
    TimelineKind = strawberry.enum(
        Enum("TimelineKind", {each: word(each, description=membership(kind).description) for each, kind in MEMBERS.items()}),
        description="A kind of record in timelines.",
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class TimelineQuestion:
    """A question: the number whose timeline is wanted, and the part of it."""

    number: str
    kinds: Sequence[TimelineKind] | None = None
    providers: list[str] | None = None
    at: TimeRange | None = None

    @property
    def wanted(self) -> list[type[Record]]:
        """Return the kinds, in the order of the schema."""
        names = MEMBERS if self.kinds is None else {each.name for each in self.kinds}
        return [kind for name, kind in MEMBERS.items() if name in names]


Number = Annotated[
    str,
    strawberry.argument(description=f"The telephone number, preferably in E.164, such as +41616925879. {NUMBER}", directives=[Personal()]),
]
Kinds = Annotated[list[TimelineKind] | None, strawberry.argument(description="Only these kinds. Null: all.")]
Providers = Annotated[list[str] | None, strawberry.argument(description=PROVIDERS)]
At = Annotated[TimeRange | None, strawberry.argument(description="The time at which the records began. Null: any time.")]


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
) -> Connection[TimelineEntry]:
    """Resolve a page of the timeline."""
    question = TimelineQuestion(
        number=number,
        kinds=None if kinds is UNSET else kinds,
        providers=None if providers is UNSET else providers,
        at=at or None,
    )
    arguments = PageArguments.of(first, after, last, before, question, order)
    found: Connection[TimelineEntry] = await info.context.timeline(arguments, info)
    return found


timeline: Any = strawberry.field(
    resolver=resolve,
    description="The calls, recordings, voicemessages and messages of one telephone number at all providers, in one list. Each record has "
    "the same time as in its own list. Records of the same time are ordered by provider, kind and id.",
)
