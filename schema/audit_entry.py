"""AuditEntry: a change somebody made to a provider's account."""

from datetime import datetime
from typing import ClassVar

import strawberry
from strawberry.scalars import JSON

from telegraphql.schema.fields import needed, shown
from telegraphql.schema.record import Record


@strawberry.type(description="A change that somebody made to a provider's account.")
class AuditEntry(Record):
    time_field: ClassVar[str | None] = "performed_at"

    performed_at: datetime = needed("When it was made.")
    actor: str | None = shown("Who made it: the name or id of the sub-user. Null when the owner did.", personal=True)
    ip: str | None = shown("From which address. Null when the upstream does not say.", personal=True)
    command: str = needed("The upstream's name of the command.")
    arguments: JSON | None = shown("What it was given; secrets are masked by the upstream. Null when nothing.", personal=True)
    result: JSON | None = shown("What it answered. Null when nothing.", personal=True)
