"""TimelineEntry: the common fields of all kinds that stand in timelines."""

from telegraphql.schema.described import interface_type
from telegraphql.schema.fields import shown
from telegraphql.schema.record import TimedRecord
from telegraphql.schema.values import Party


@interface_type
class TimelineEntry(TimedRecord):
    """A record in a timeline: something that happened between two parties."""

    from_: Party | None = shown("The party that began it. Null if not reported.", name="from")
    to: Party | None = shown("The party that was reached or meant. Null if not reported.")
    duration_seconds: int | None = shown("The length in seconds. Null if not reported.")
