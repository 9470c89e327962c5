"""MediaSession: one stream of media, as a media server saw it."""

from datetime import datetime

import strawberry

from telegraphql.schema.declaration import RootList, record_kind
from telegraphql.schema.fields import downloadable, needed, readable, shown
from telegraphql.schema.filters import IntRange, RecordFilter, TimeRange, filtering
from telegraphql.schema.record import Record
from telegraphql.schema.values import Media, Party


@strawberry.input(description="Which media sessions.")
class MediaSessionFilter(RecordFilter):
    started_at: TimeRange | None = filtering("When it began.")
    duration: IntRange | None = filtering("Its length in seconds; those whose length is unknown do not match.")
    user_id: list[str] | None = filtering("The upstream's id of the user: one of these.")


@record_kind(time="started_at", filter=MediaSessionFilter, root=RootList("mediaSessions", "Media sessions of all providers in one list."))
@strawberry.type(description="One stream of media between two ends, as a media server saw it.")
class MediaSession(Record):
    started_at: datetime = needed("When it began.")
    duration: int | None = shown("Its length in seconds. Null when the upstream does not say.")
    from_: Party | None = shown("Where it came from. Null when the upstream does not say.", name="from")
    to: Party | None = shown("Where it went. Null when the upstream does not say.")
    sip_call_id: str | None = shown("The SIP Call-ID. Null when the upstream does not say.", personal=True)
    hangup_cause: str | None = shown("The upstream's words for how it ended. Null when it does not say.")
    type: str | None = shown("The upstream's word for its type. Null when it does not say.")
    user_id: str | None = shown("The upstream's id of the user. Null when it does not say.")
    trace: str | None = readable("The SIP messages as text. Null where the provider keeps none.", personal=True)
    capture: Media | None = downloadable("The packet capture. Null where the provider keeps none.", personal=True)
