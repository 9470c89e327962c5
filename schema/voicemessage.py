"""Voicemessage: what a caller left in a voicemail box."""

from datetime import datetime
from typing import TYPE_CHECKING, Annotated

import strawberry

from telegraphql.schema.declaration import RootList, TimelineMembership, record_kind
from telegraphql.schema.fields import downloadable, needed, related, shown
from telegraphql.schema.filters import NUMBER, IntRange, NumberFilter, RecordFilter, TimeRange, filtering
from telegraphql.schema.record import Record
from telegraphql.schema.values import Media, Party

if TYPE_CHECKING:
    from telegraphql.schema.call import Call


@strawberry.input(description="Which voicemessages.")
class VoicemessageFilter(RecordFilter):
    received_at: TimeRange | None = filtering("When it was left.")
    from_: NumberFilter | None = filtering(f"The caller's number. {NUMBER}", name="from", personal=True)
    mailbox: list[str] | None = filtering("The extension or box it is in: one of these.", personal=True)
    folder: list[str] | None = filtering("The folder it is in: one of these.")
    is_read: bool | None = filtering("Whether somebody has listened to it.")
    duration: IntRange | None = filtering("Its length in seconds; messages whose length is unknown do not match.")


@record_kind(
    time="received_at",
    filter=VoicemessageFilter,
    root=RootList("voicemessages", "Voicemessages of all providers in one list."),
    timeline=TimelineMembership("from", "Voicemessages that were left from the number."),
)
@strawberry.type(description="A message that a caller left in a voicemail box.")
class Voicemessage(Record):
    received_at: datetime = needed("When it was left.")
    from_: Party = needed("Who left it.", name="from")
    dialed_number: str | None = shown("The number the caller dialled. Null when the upstream does not say.", personal=True)
    mailbox: str | None = shown("The extension or box it is in. Null when the upstream does not say.", personal=True)
    duration: int | None = shown("Its length in seconds. Null when the upstream does not say.")
    is_read: bool | None = shown("Whether somebody has listened to it. Null when the upstream does not say.")
    folder: str | None = shown("The folder it is in. Null where there are no folders.")
    transcript: str | None = shown("The words. Null when the upstream has none.", personal=True)
    media: Media | None = downloadable("The sound itself. Null when there is no file.")
    call: Annotated["Call", strawberry.lazy("telegraphql.schema.call")] | None = related(
        "The call during which it was left.", by="voicemessages"
    )
