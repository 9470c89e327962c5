"""MediaSession: a media stream, as a media server saw it."""

from datetime import datetime

from telegraphql.schema.declaration import RootList, record_kind
from telegraphql.schema.described import input_type, object_type
from telegraphql.schema.fields import downloadable, needed, readable, shown
from telegraphql.schema.filters import NUMBER, SEARCH, IntRange, NumberFilter, RecordFilter, TextFilter, TimeRange, filtering
from telegraphql.schema.record import TimedRecord
from telegraphql.schema.values import Media, Party


@input_type
class MediaSessionFilter(RecordFilter):
    """A filter for media sessions. A media session has to match every field that is set.

    For example {userId: ["1004567"], durationSeconds: {min: 60}}.
    """

    started_at: TimeRange | None = filtering("The time at which the media session began.")
    duration_seconds: IntRange | None = filtering("The length in seconds. Media sessions of unknown length do not match.")
    number: NumberFilter | None = filtering(
        f"The number of the source or of the destination. {NUMBER}", personal=True, either=("from_", "to")
    )
    search: str | None = filtering(SEARCH, personal=True, either=("from_", "to"), is_search=True)
    name: TextFilter | None = filtering("The name of the source or of the destination.", personal=True, either=("from_", "to"))
    user_id: list[str] | None = filtering("One of these users, by the provider's ids.")


@record_kind(time="started_at", filter=MediaSessionFilter, root=RootList("mediaSessions", "Media sessions of all providers."))
@object_type
class MediaSession(TimedRecord):
    """A media stream between two endpoints, as a media server saw it."""

    started_at: datetime = needed("The time at which the media session began.")
    duration_seconds: int | None = shown("The length in seconds. Null if not reported.")
    from_: Party | None = shown("The source of the stream. Null if not reported.", name="from")
    to: Party | None = shown("The destination of the stream. Null if not reported.")
    sip_call_id: str | None = shown("The SIP Call-ID. Null if not reported.", personal=True)
    hangup_cause: str | None = shown("The reason why the media session ended, in the provider's own words. Null if not reported.")
    type: str | None = shown("The type, in the provider's own words. Null if not reported.")
    user_id: str | None = shown("The provider's id of the user. Null if not reported.")
    trace: str | None = readable("The SIP messages as text. Null if the provider keeps none.", personal=True)
    capture: Media | None = downloadable("The packet capture. Null if the provider keeps none.", personal=True)
