"""AuditEntry: a change somebody made to a provider's account."""

from datetime import datetime

import strawberry
from strawberry.scalars import JSON

from telegraphql.schema.declaration import RootList, record_kind
from telegraphql.schema.fields import needed, shown
from telegraphql.schema.filters import RecordFilter, TimeRange, filtering
from telegraphql.schema.record import Record


@strawberry.input(description="Which changes of the account.")
class AuditEntryFilter(RecordFilter):
    performed_at: TimeRange | None = filtering("When it was made.")
    command: list[str] | None = filtering("The upstream's name of the command: one of these.")
    ip: list[str] | None = filtering("From which address: one of these.", personal=True)


@record_kind(
    time="performed_at",
    filter=AuditEntryFilter,
    root=RootList(
        "auditEntries",
        "Changes of the accounts of all providers in one list. Needs the scope admin: it tells who did what, and from where.",
    ),
    scope="admin",
)
@strawberry.type(description="A change that somebody made to a provider's account.")
class AuditEntry(Record):
    performed_at: datetime = needed("When it was made.")
    actor: str | None = shown("Who made it: the name or id of the sub-user. Null when the owner did.", personal=True)
    ip: str | None = shown("From which address. Null when the upstream does not say.", personal=True)
    command: str = needed("The upstream's name of the command.")
    arguments: JSON | None = shown("What it was given; secrets are masked by the upstream. Null when nothing.", personal=True)
    result: JSON | None = shown("What it answered. Null when nothing.", personal=True)
