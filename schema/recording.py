"""Recording: a sound file of a call, and its transcription."""

from datetime import datetime
from typing import TYPE_CHECKING, Annotated

import strawberry

from telegraphql.schema.declaration import RootList, TimelineMembership, record_kind
from telegraphql.schema.described import input_type, object_type
from telegraphql.schema.enums import CallDirection, TranscriptionStatus
from telegraphql.schema.fields import ResolverPromise, downloadable, marked, needed, promising, related, shown
from telegraphql.schema.filters import (
    COST,
    NUMBER,
    SEARCH,
    WITHHELD,
    DecimalRange,
    IntRange,
    NumberFilter,
    RecordFilter,
    TextFilter,
    TimeRange,
    filtering,
    withholds_number,
)
from telegraphql.schema.record import Record
from telegraphql.schema.scalars import Long
from telegraphql.schema.timeline_entry import TimelineEntry
from telegraphql.schema.values import Media, Money, Party

if TYPE_CHECKING:
    from telegraphql.schema.call import Call
    from telegraphql.schema.session import Session


@object_type
class Transcription:
    """The words of a recording as text."""

    status: TranscriptionStatus = needed("The progress of the transcription.")
    text: str | None = shown("The words. Null if they are only in the file, or if there are none.", personal=True)
    summary: str | None = shown("A summary by the provider. Null if there is none.", personal=True)
    sentiment: str | None = shown("The mood, in the provider's own words. Null if there is none.", personal=True)
    recording: strawberry.Private[Record | None] = None

    @strawberry.field(description="The file with the words. Null if there is none.", **marked({"personal": True}))
    @promising(ResolverPromise.AT_ONCE)
    async def media(self, info: strawberry.Info) -> Media | None:
        if self.recording is None:
            return None
        found: Media | None = await info.context.media(self.recording, info, "transcription")
        return found


@input_type
class RecordingFilter(RecordFilter):
    """A filter for recordings. A recording has to match every field that is set.

    For example {number: {equals: ["+41616925879"]}, durationSeconds: {min: 60}}.
    """

    started_at: TimeRange | None = filtering("The time at which the recording began.")
    duration_seconds: IntRange | None = filtering("The length in seconds. Recordings of unknown length do not match.")
    number: NumberFilter | None = filtering(
        f"The number of the caller or of the called party. {NUMBER}", personal=True, either=("from_", "to")
    )
    from_: NumberFilter | None = filtering(f"The number of the caller. {NUMBER}", name="from", personal=True)
    to: NumberFilter | None = filtering(f"The number of the called party. {NUMBER}", personal=True)
    search: str | None = filtering(SEARCH, personal=True, either=("from_", "to"), is_search=True)
    name: TextFilter | None = filtering("The name of the caller or of the called party.", personal=True, either=("from_", "to"))
    is_withheld: bool | None = filtering(WITHHELD.format("recordings"), either=("from_",), reads=withholds_number)
    cost: DecimalRange | None = filtering(COST)
    direction: list[CallDirection] | None = filtering("One of these directions. Only some providers can tell.", declared_only=True)
    user_id: list[str] | None = filtering("One of these users, by the provider's ids. Only some providers can tell.", declared_only=True)


@record_kind(
    time="started_at",
    end="ended_at",
    filter=RecordingFilter,
    root=RootList("recordings", "Recordings of all providers."),
    timeline=TimelineMembership("number", "Recordings of calls from or to the number, as far as the provider reports the parties."),
)
@object_type
class Recording(TimelineEntry):
    """A sound file of a call."""

    call: Annotated["Call", strawberry.lazy("telegraphql.schema.call")] | None = related("The leg that was recorded.", by="recordings")
    session: Annotated["Session", strawberry.lazy("telegraphql.schema.session")] | None = related(
        "The conversation that was recorded.", by="id", through="call"
    )
    started_at: datetime = needed("The time at which the recording began.")
    ended_at: datetime | None = shown("The time at which the recording ended. Null if not reported.")
    duration_seconds: int | None = shown("The length in seconds. Null if not reported.")
    size_bytes: int | None = shown("The size in bytes. Null if not reported.", graphql_type=Long | None)
    file_name: str | None = shown("The provider's name of the file. Null if not reported.", personal=True)
    from_: Party | None = shown("The caller. Null if not reported.", name="from")
    to: Party | None = shown("The called party. Null if not reported.")
    direction: CallDirection = shown("The direction of the call, seen from the company.", default=CallDirection.UNKNOWN)
    user_id: str | None = shown("The provider's id of the user to whom the recording belongs. Null if not reported.")
    media: Media | None = downloadable("The sound file. Null if there is none, or if it is withheld from you.", is_sound=True)
    expires_at: datetime | None = shown("The day on which the provider removes the file. Null if not reported.")
    is_removed: bool | None = shown("True if the provider has removed the file. Null if not reported.")
    cost: Money | None = shown("The price of recording and storage. Null if not reported.")
    transcription: Transcription | None = shown("The words as text. Null if there is no transcription.", metadata={"file": True})
