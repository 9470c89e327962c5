"""AuditEntry: a change that somebody made to a provider's account."""

from datetime import datetime

from strawberry.scalars import JSON

from telegraphql.schema.declaration import RootList, record_kind
from telegraphql.schema.described import input_type, object_type
from telegraphql.schema.fields import needed, shown
from telegraphql.schema.filters import SEARCH, RecordFilter, TimeRange, filtering
from telegraphql.schema.record import TimedRecord


@input_type
class AuditEntryFilter(RecordFilter):
    """A filter for audit entries. An entry has to match every field that is set.

    For example {command: ["AddUser"], performedAt: {since: "2026-11-01T00:00:00Z"}}.
    """

    performed_at: TimeRange | None = filtering("The time at which the change was made.")
    command: list[str] | None = filtering('One of these command names, as the provider spells them, such as "AddUser".')
    search: str | None = filtering(SEARCH, personal=True, either=("actor",), is_search=True)
    actor_id: list[str] | None = filtering("One of these users made the change, by the provider's ids.", personal=True)
    related_to: str | None = filtering(
        "The change concerns this id, such as that of an application, or this number. Only some providers can tell.",
        personal=True,
        marker="relatedTo",
    )
    ip: list[str] | None = filtering('One of these IP addresses, such as "192.0.2.1".', personal=True)


@record_kind(
    time="performed_at",
    filter=AuditEntryFilter,
    root=RootList(
        "auditEntries",
        "Changes of the accounts of all providers. Needs the scope `admin`, since entries name people and their addresses.",
    ),
    scope="admin",
)
@object_type
class AuditEntry(TimedRecord):
    """A change that somebody made to a provider's account."""

    performed_at: datetime = needed("The time at which the change was made.")
    actor: str | None = shown("The name or id of the user who made the change. Null if the account's owner made it.", personal=True)
    actor_id: str | None = shown("The provider's id of the user who made the change. Null if the account's owner made it.", personal=True)
    ip: str | None = shown("The IP address from which the change was made. Null if not reported.", personal=True)
    command: str = needed('The provider\'s name of the command, such as "AddUser".')
    arguments: JSON | None = shown("The arguments of the command; the provider masks secrets. Null if there were none.", personal=True)
    result: JSON | None = shown("The provider's answer to the command. Null if there was none.", personal=True)
