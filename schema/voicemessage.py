"""Voicemessage: a message that a caller left in a voicemail box."""

from datetime import datetime
from typing import TYPE_CHECKING, Annotated

import strawberry

from telegraphql.schema.declaration import RootList, TimelineMembership, record_kind
from telegraphql.schema.described import input_type, object_type
from telegraphql.schema.fields import downloadable, needed, related, shown
from telegraphql.schema.filters import (
    NUMBER,
    SEARCH,
    WITHHELD,
    IntRange,
    NumberFilter,
    RecordFilter,
    TextFilter,
    TimeRange,
    filtering,
    withholds_number,
)
from telegraphql.schema.timeline_entry import TimelineEntry
from telegraphql.schema.values import Media, Party

if TYPE_CHECKING:
    from telegraphql.schema.call import Call


@input_type
class VoicemessageFilter(RecordFilter):
    """A filter for voicemessages. A voicemessage has to match every field that is set.

    For example {isRead: false, from: {startsWith: "+41"}}.
    """

    received_at: TimeRange | None = filtering("The time at which the message was left.")
    from_: NumberFilter | None = filtering(f"The number of the caller. {NUMBER}", name="from", personal=True)
    dialed_number: NumberFilter | None = filtering(f"The number that the caller dialed. {NUMBER}", personal=True)
    search: str | None = filtering(SEARCH, personal=True, either=("from_", "to", "dialed_number"), is_search=True)
    name: TextFilter | None = filtering("The name of the caller or of the mailbox.", personal=True, either=("from_", "to"))
    is_withheld: bool | None = filtering(WITHHELD.format("voicemessages"), either=("from_",), reads=withholds_number)
    mailbox: list[str] | None = filtering("One of these extensions or mailboxes.", personal=True)
    folder: list[str] | None = filtering('One of these folders, such as "INBOX".')
    is_read: bool | None = filtering("True for messages that somebody has listened to, false for the others.")
    duration_seconds: IntRange | None = filtering("The length in seconds. Messages of unknown length do not match.")


@record_kind(
    time="received_at",
    filter=VoicemessageFilter,
    root=RootList("voicemessages", "Voicemessages of all providers."),
    timeline=TimelineMembership("from", "Voicemessages that were left from the number."),
)
@object_type
class Voicemessage(TimelineEntry):
    """A message that a caller left in a voicemail box."""

    received_at: datetime = needed("The time at which the message was left.")
    from_: Party = needed("The caller who left the message. Null if not reported.", name="from", graphql_type=Party | None)
    to: Party | None = shown("The number that the caller dialed, or the mailbox that was reached. Null if not reported.")
    dialed_number: str | None = shown("The number that the caller dialed. Null if not reported.", personal=True)
    mailbox: str | None = shown("The extension or mailbox. Null if not reported.", personal=True)
    duration_seconds: int | None = shown("The length in seconds. Null if not reported.")
    is_read: bool | None = shown("True if somebody has listened to the message. Null if not reported.")
    folder: str | None = shown("The folder. Null if the provider has no folders.")
    transcript: str | None = shown("The words as text. Null if there is no transcript.", personal=True)
    media: Media | None = downloadable("The sound file. Null if there is none, or if it is withheld from you.", is_sound=True)
    call: Annotated["Call", strawberry.lazy("telegraphql.schema.call")] | None = related(
        "The call during which the message was left.", by="voicemessages"
    )
