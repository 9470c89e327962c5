"""Chat: a conversation in writing with a visitor of a website."""

from datetime import datetime

import strawberry

from telegraphql.schema.declaration import RootList, record_kind
from telegraphql.schema.fields import needed, shown
from telegraphql.schema.filters import IntRange, RecordFilter, TimeRange, filtering
from telegraphql.schema.record import Record
from telegraphql.schema.values import Visitor


@strawberry.input(description="Which chats.")
class ChatFilter(RecordFilter):
    started_at: TimeRange | None = filtering("When it began.")
    duration: IntRange | None = filtering("Its length in seconds; chats whose length is unknown do not match.")
    state: list[str] | None = filtering("The upstream's code for its state: one of these.")
    operator_id: list[str] | None = filtering("The upstream's id of the operator: one of these.")
    website_id: list[str] | None = filtering("The upstream's id of the website: one of these.")


@record_kind(time="started_at", end="ended_at", filter=ChatFilter, root=RootList("chats", "Chats of all providers in one list."))
@strawberry.type(description="A conversation in writing with a visitor of a website.")
class Chat(Record):
    started_at: datetime = needed("When it began.")
    ended_at: datetime | None = shown("When it ended, from start and duration. Null while it goes on.")
    duration: int | None = shown("Its length in seconds. Null when the upstream does not say.")
    state: str | None = shown("The upstream's code for its state. Null when it does not say.")
    operator_id: str | None = shown("The upstream's id of the operator. Null when nobody answered.")
    operator_user_agent: str | None = shown("The operator's browser. Null when the upstream does not say.", personal=True)
    website_id: str | None = shown("The upstream's id of the website. Null when it does not say.")
    customer_id: str | None = shown("The upstream's id of its customer, which is your company. Null when it does not say.")
    visitor: Visitor = needed("Who asked.")
