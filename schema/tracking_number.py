"""TrackingNumber: a telephone number rented to measure where calls come from."""

from datetime import datetime
from decimal import Decimal

import strawberry

from telegraphql.schema.declaration import RootList, record_kind
from telegraphql.schema.fields import needed, shown
from telegraphql.schema.filters import RecordFilter, TextFilter, filtering
from telegraphql.schema.record import Record


@strawberry.input(description="Which tracking numbers.")
class TrackingNumberFilter(RecordFilter):
    name: TextFilter | None = filtering("Its name.")


@record_kind(name="name", filter=TrackingNumberFilter, root=RootList("trackingNumbers", "Tracking numbers of all providers, by name."))
@strawberry.type(description="A telephone number that is watched to see where calls come from.")
class TrackingNumber(Record):
    name: str = needed("Its name; the number itself where it has none.")
    number: str | None = shown("The number, in E.164 as the upstream says. Null when it does not say.")
    uri: str | None = shown("The SIP address it leads to. Null when the upstream does not say.", personal=True)
    created_at: datetime | None = shown("When it was rented. Null when the upstream does not say.")
    channels: int | None = shown("How many calls it takes at once. Null when the upstream does not say.")
    rate: Decimal | None = shown("The price, in the account's currency. Null when the upstream does not say.")
    status: str | None = shown("The upstream's code for its status. Null when it does not say.")
    target_type: str | None = shown("The upstream's code for what it leads to. Null when it does not say.")
    target_id: str | None = shown("The upstream's id of what it leads to. Null when it does not say.")
    sms_enabled: bool | None = shown("Whether it takes text messages. Null when the upstream does not say.")
    fax_enabled: bool | None = shown("Whether it takes faxes. Null when the upstream does not say.")
    info: str | None = shown("A remark. Null when there is none.", personal=True)
