"""Message: a text message (SMS) or multimedia message (MMS), and the files that came with it."""

from datetime import datetime
from typing import TYPE_CHECKING, Annotated

import strawberry

from telegraphql.schema.declaration import RootList, TimelineMembership, record_kind
from telegraphql.schema.described import input_type, object_type
from telegraphql.schema.enums import CallDirection, MessageStatus
from telegraphql.schema.fields import downloadable, needed, related, shown
from telegraphql.schema.filters import (
    COST,
    NUMBER,
    SEARCH,
    DecimalRange,
    IntRange,
    NumberFilter,
    RecordFilter,
    TextFilter,
    TimeRange,
    filtering,
)
from telegraphql.schema.record import Record
from telegraphql.schema.scalars import Long
from telegraphql.schema.timeline_entry import TimelineEntry
from telegraphql.schema.values import Media, Money, Party

if TYPE_CHECKING:
    from telegraphql.schema.session import Session


@record_kind()
@object_type
class Attachment(Record):
    """A file of a message, such as a picture."""

    mime_type: str | None = shown('The media type, such as "image/jpeg". Null if not reported.')
    size_bytes: int | None = shown("The size in bytes. Null if not reported.", graphql_type=Long | None)
    created_at: datetime | None = shown("The time at which the provider stored the file. Null if not reported.")
    media: Media | None = downloadable("The file. Null if the provider has removed it.", personal=True)


@input_type
class MessageFilter(RecordFilter):
    """A filter for messages. A message has to match every field that is set.

    For example {direction: [OUTBOUND], status: [FAILED, UNDELIVERED]}.
    """

    sent_at: TimeRange | None = filtering("The time at which the message was sent, or received if it came from outside.")
    direction: list[CallDirection] | None = filtering("One of these directions.")
    status: list[MessageStatus] | None = filtering("One of these states of delivery.")
    number: NumberFilter | None = filtering(
        f"The number of the sender or of the recipient. {NUMBER}", personal=True, either=("from_", "to")
    )
    from_: NumberFilter | None = filtering(f"The number of the sender. {NUMBER}", name="from", personal=True)
    to: NumberFilter | None = filtering(f"The number of the recipient. {NUMBER}", personal=True)
    search: str | None = filtering(SEARCH, personal=True, either=("from_", "to"), is_search=True)
    name: TextFilter | None = filtering("The name of the sender or of the recipient.", personal=True, either=("from_", "to"))
    cost: DecimalRange | None = filtering(COST)
    text: TextFilter | None = filtering("The text. Messages without a text do not match.", personal=True)
    segments: IntRange | None = filtering("The number of parts in which the message was sent. Messages of unknown number do not match.")
    session_id: list[strawberry.ID] | None = filtering("One of these sessions, by their global ids.", id_of="session")
    has_attachment: bool | None = filtering("True for messages with a file, false for messages without one.", has="attachments")
    account_id: list[str] | None = filtering(
        "One of these accounts, by the provider's ids. Only some providers have several accounts in one.", declared_only=True
    )


@record_kind(
    time="sent_at",
    filter=MessageFilter,
    root=RootList("messages", "Text and multimedia messages (SMS, MMS) of all providers. Providers without messages add none."),
    timeline=TimelineMembership("number", "Messages from or to the number."),
)
@object_type
class Message(TimelineEntry):
    """A text message (SMS) or multimedia message (MMS)."""

    sent_at: datetime = needed("The time at which the message was sent, or received if it came from outside.")
    direction: CallDirection = shown("The direction, seen from the company.", default=CallDirection.UNKNOWN)
    status: MessageStatus = shown("The state of delivery.", default=MessageStatus.UNKNOWN)
    failure_reason: str | None = shown("The reason of a failed delivery, in the provider's own words. Null if it did not fail.")
    from_: Party | None = shown("The sender. Null if not reported.", name="from")
    to: Party | None = shown("The recipient. Null if not reported.")
    duration_seconds: int | None = shown("Null: a message has no length. The field is there for selections on `TimelineEntry`.")
    text: str | None = shown("The text. Null if there is none, or if the provider has removed it.", personal=True)
    segments: int | None = shown("The number of parts in which the message was sent, such as 2. Null if not reported.")
    attachments: list[Attachment] | None = related("The files of the message, such as pictures.", by="message")
    cost: Money | None = shown("The price of the message. Null if not reported.")
    session: Annotated["Session", strawberry.lazy("telegraphql.schema.session")] | None = related(
        "The conversation to which the message belongs.", by="id"
    )
    account_id: str | None = shown("The provider's id of the account, such as a child account. Null if not reported.")
