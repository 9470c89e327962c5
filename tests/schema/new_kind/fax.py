"""Fax: a kind that the schema does not have. A test puts this file into a copy of schema/."""

from datetime import datetime
from enum import Enum
from typing import TYPE_CHECKING, Annotated

import strawberry

from telegraphql.schema.declaration import RootList, TimelineMembership, record_kind
from telegraphql.schema.fields import needed, related, shown
from telegraphql.schema.filters import IntRange, NumberFilter, RecordFilter, TimeRange, filtering
from telegraphql.schema.timeline_entry import TimelineEntry

if TYPE_CHECKING:
    from telegraphql.schema.call import Call


@strawberry.enum(description="The resolution of a fax.")
class FaxResolution(Enum):
    STANDARD = "STANDARD"
    FINE = "FINE"


@strawberry.input(description="Which faxes.")
class FaxFilter(RecordFilter):
    sent_at: TimeRange | None = filtering("When the fax was sent.")
    number: NumberFilter | None = filtering("The number of either party.", either=("from_", "to"), personal=True)
    page_count: IntRange | None = filtering("The number of pages.")
    resolution: list[FaxResolution] | None = filtering("One of these resolutions.")
    call_id: list[strawberry.ID] | None = filtering("The global id of the call: one of these.", id_of="call")
    has_call: bool | None = filtering("True for faxes with a call.", has="call")
    is_color: bool | None = filtering("True for color faxes.", marker="color")


@record_kind(
    time="sent_at",
    filter=FaxFilter,
    root=RootList("faxes", "Faxes of all providers."),
    scope="admin",
    timeline=TimelineMembership("number", "Faxes from or to the number."),
)
@strawberry.type(description="A fax.")
class Fax(TimelineEntry):
    sent_at: datetime = needed("When it was sent.")
    page_count: int | None = shown("The number of pages. Null if unknown.")
    resolution: FaxResolution | None = shown("Its resolution. Null if unknown.")
    call: Annotated["Call", strawberry.lazy("telegraphql.schema.call")] | None = related("The call that carried it.", by="id")
