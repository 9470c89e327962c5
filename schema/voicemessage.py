"""Voicemessage: what a caller left in a voicemail box."""

from datetime import datetime
from typing import TYPE_CHECKING, Annotated, ClassVar

import strawberry

from telegraphql.schema.fields import downloadable, needed, related, shown
from telegraphql.schema.record import Record
from telegraphql.schema.values import Media, Party

if TYPE_CHECKING:
    from telegraphql.schema.call import Call


@strawberry.type(description="A message that a caller left in a voicemail box.")
class Voicemessage(Record):
    time_field: ClassVar[str | None] = "received_at"

    received_at: datetime = needed("When it was left.")
    from_: Party = needed("Who left it.", name="from")
    dialed_number: str | None = shown("The number the caller dialled. Null when the upstream does not say.", personal=True)
    mailbox: str | None = shown("The extension or box it is in. Null when the upstream does not say.", personal=True)
    duration: int | None = shown("Its length in seconds. Null when the upstream does not say.")
    is_read: bool | None = shown("Whether somebody has listened to it. Null when the upstream does not say.")
    folder: str | None = shown("The folder it is in. Null where there are no folders.")
    transcript: str | None = shown("The words. Null when the upstream has none.", personal=True)
    media: Media | None = downloadable("The sound itself. Null when there is no file.")
    call: Annotated["Call", strawberry.lazy("telegraphql.schema.call")] | None = related("The call during which it was left.")
