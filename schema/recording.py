"""Recording: the sound of a call, and its transcription."""

from datetime import datetime
from typing import TYPE_CHECKING, Annotated, ClassVar

import strawberry

from telegraphql.schema.enums import TranscriptionStatus
from telegraphql.schema.fields import ResolverPromise, downloadable, needed, promising, related, shown
from telegraphql.schema.record import Record
from telegraphql.schema.values import Media, Money, Party

if TYPE_CHECKING:
    from telegraphql.schema.call import Call
    from telegraphql.schema.session import Session


@strawberry.type(description="What was said, as text.")
class Transcription:
    status: TranscriptionStatus = needed("How far it is.")
    text: str | None = shown("The words. Null where they are only in the file, or not there.", personal=True)
    summary: str | None = shown("A summary by the upstream. Null when there is none.", personal=True)
    sentiment: str | None = shown("The mood as the upstream words it. Null when there is none.", personal=True)
    recording: strawberry.Private[Record | None] = None

    @strawberry.field(description="The file with the words. Null when there is none. Personal.", metadata={"personal": True})
    @promising(ResolverPromise.AT_ONCE)
    async def media(self, info: strawberry.Info) -> Media | None:
        if self.recording is None:
            return None
        found: Media | None = await info.context.media(self.recording, info, "transcription")
        return found


@strawberry.type(description="The sound of a call.")
class Recording(Record):
    time_field: ClassVar[str | None] = "started_at"

    call: Annotated["Call", strawberry.lazy("telegraphql.schema.call")] | None = related("The leg that was recorded.")
    session: Annotated["Session", strawberry.lazy("telegraphql.schema.session")] | None = related("The conversation that was recorded.")
    started_at: datetime = needed("When the recording began.")
    ended_at: datetime | None = shown("When it ended. Null when the upstream does not say.")
    duration: int | None = shown("Its length in seconds. Null when the upstream does not say.")
    size_bytes: int | None = shown("Its size in bytes. Null when the upstream does not say.")
    file_name: str | None = shown("The upstream's name of the file. Null when it does not say.", personal=True)
    from_: Party | None = shown("Who called. Null when the upstream does not say.", name="from")
    to: Party | None = shown("Who was called. Null when the upstream does not say.")
    media: Media | None = downloadable("The sound itself. Null when there is no file.")
    cost: Money | None = shown("What recording and keeping it cost. Null when the upstream does not say.")
    transcription: Transcription | None = shown("What was said, as text. Null when the upstream has none.")
