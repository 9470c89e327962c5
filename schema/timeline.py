"""Timeline: all that happened with one telephone number, of several kinds in one list."""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import Enum
from typing import Annotated, Any

import strawberry
from strawberry import UNSET
from strawberry import enum_value as word
from strawberry.types import Info

from telegraphql.schema.arguments import After, Before, First, Last, Order
from telegraphql.schema.call import Call
from telegraphql.schema.chat import Chat
from telegraphql.schema.context import PageArguments
from telegraphql.schema.enums import TimeOrder
from telegraphql.schema.filters import NUMBER, PROVIDERS, TimeRange
from telegraphql.schema.paging import Connection
from telegraphql.schema.record import Record
from telegraphql.schema.recording import Recording
from telegraphql.schema.voicemessage import Voicemessage


@strawberry.enum(description="What a timeline can hold.")
class TimelineKind(Enum):
    CALL = word("CALL", description="Calls from or to the number.")
    RECORDING = word("RECORDING", description="Recordings of which the upstream says that they are of a call from or to the number.")
    VOICEMESSAGE = word("VOICEMESSAGE", description="Voicemessages that were left from the number.")
    CHAT = word(
        "CHAT",
        description="None so far: no upstream tells the number of a chat. Asked for by name, each that has chats is a problem UNSUPPORTED.",
    )


KINDS: dict[TimelineKind, type[Record]] = {
    TimelineKind.CALL: Call,
    TimelineKind.RECORDING: Recording,
    TimelineKind.VOICEMESSAGE: Voicemessage,
    TimelineKind.CHAT: Chat,
}
# The filter by which each kind is found; a chat by none.
BY: dict[type[Record], str] = {Call: "number", Recording: "number", Voicemessage: "from"}
TimelineEntry = Annotated[
    Call | Recording | Voicemessage | Chat,
    strawberry.union("TimelineEntry", description="What happened with a number."),
]


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
        return [kind for word, kind in KINDS.items() if (kind in BY if self.kinds is None else word in self.kinds)]


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
