"""Chat: a conversation in writing with a visitor of a website."""

from datetime import datetime
from typing import ClassVar

import strawberry

from telegraphql.schema.fields import needed, shown
from telegraphql.schema.record import Record
from telegraphql.schema.values import Visitor


@strawberry.type(description="A conversation in writing with a visitor of a website.")
class Chat(Record):
    time_field: ClassVar[str | None] = "started_at"

    started_at: datetime = needed("When it began.")
    ended_at: datetime | None = shown("When it ended, from start and duration. Null while it goes on.")
    duration: int | None = shown("Its length in seconds. Null when the upstream does not say.")
    state: str | None = shown("The upstream's code for its state. Null when it does not say.")
    operator_id: str | None = shown("The upstream's id of the operator. Null when nobody answered.")
    operator_user_agent: str | None = shown("The operator's browser. Null when the upstream does not say.", personal=True)
    website_id: str | None = shown("The upstream's id of the website. Null when it does not say.")
    customer_id: str | None = shown("The upstream's id of its customer, which is your company. Null when it does not say.")
    visitor: Visitor = needed("Who asked.")
