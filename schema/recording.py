"""Recording: the sound of a call, and its transcription."""

from datetime import datetime
from typing import TYPE_CHECKING, Annotated

import strawberry

from telegraphql.schema.declaration import RootList, TimelineMembership, record_kind
from telegraphql.schema.enums import TranscriptionStatus
from telegraphql.schema.fields import ResolverPromise, downloadable, needed, promising, related, shown
from telegraphql.schema.filters import NUMBER, IntRange, NumberFilter, RecordFilter, TimeRange, filtering
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


@strawberry.input(description="Which recordings.")
class RecordingFilter(RecordFilter):
    started_at: TimeRange | None = filtering("When the recording began.")
    duration: IntRange | None = filtering("Its length in seconds; recordings whose length is unknown do not match.")
    number: NumberFilter | None = filtering(f"Either party's number. {NUMBER}", personal=True, either=("from_", "to"))
    from_: NumberFilter | None = filtering(f"The caller's number. {NUMBER}", name="from", personal=True)
    to: NumberFilter | None = filtering(f"The called number. {NUMBER}", personal=True)


@record_kind(
    time="started_at",
    end="ended_at",
    filter=RecordingFilter,
    root=RootList("recordings", "Recordings of all providers in one list."),
    timeline=TimelineMembership("number", "Recordings of which the upstream says that they are of a call from or to the number."),
)
@strawberry.type(description="The sound of a call.")
class Recording(Record):
    call: Annotated["Call", strawberry.lazy("telegraphql.schema.call")] | None = related("The leg that was recorded.", by="recordings")
    session: Annotated["Session", strawberry.lazy("telegraphql.schema.session")] | None = related(
        "The conversation that was recorded.", by="id", through="call"
    )
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
