"""Chat: a written conversation with a visitor of a website."""

from datetime import datetime

from telegraphql.schema.declaration import RootList, record_kind
from telegraphql.schema.described import input_type, object_type
from telegraphql.schema.fields import needed, shown
from telegraphql.schema.filters import SEARCH, IntRange, RecordFilter, TextFilter, TimeRange, filtering
from telegraphql.schema.record import TimedRecord
from telegraphql.schema.values import Visitor


@input_type
class ChatFilter(RecordFilter):
    """A filter for chats. A chat has to match every field that is set. For example {durationSeconds: {min: 60}}."""

    started_at: TimeRange | None = filtering("The time at which the chat began.")
    duration_seconds: IntRange | None = filtering("The length in seconds. Chats of unknown length do not match.")
    state: list[str] | None = filtering("One of these states, in the provider's own codes.")
    search: str | None = filtering(SEARCH, personal=True, either=("visitor",), is_search=True)
    name: TextFilter | None = filtering("The name of the visitor.", personal=True, either=("visitor",))
    operator_id: list[str] | None = filtering("One of these operators, by the provider's ids.")
    website_id: list[str] | None = filtering("One of these websites, by the provider's ids.")


@record_kind(time="started_at", end="ended_at", filter=ChatFilter, root=RootList("chats", "Chats of all providers."))
@object_type
class Chat(TimedRecord):
    """A written conversation with a visitor of a website."""

    started_at: datetime = needed("The time at which the chat began.")
    ended_at: datetime | None = shown(
        "The time at which the chat ended, computed from start and duration. Null while the chat is in progress."
    )
    duration_seconds: int | None = shown("The length in seconds. Null if not reported.")
    state: str | None = shown("The state, as the provider's own code. Null if not reported.")
    operator_id: str | None = shown("The provider's id of the operator. Null if nobody answered.")
    operator_user_agent: str | None = shown("The User-Agent of the operator's browser. Null if not reported.", personal=True)
    website_id: str | None = shown("The provider's id of the website. Null if not reported.")
    customer_id: str | None = shown("The provider's id of its customer, which is your company. Null if not reported.")
    visitor: Visitor = needed("The visitor who opened the chat.")
