"""TrackingNumber: a telephone number that is rented to measure where calls come from."""

from datetime import datetime
from decimal import Decimal

from telegraphql.schema.declaration import RootList, record_kind
from telegraphql.schema.described import input_type, object_type
from telegraphql.schema.fields import needed, shown
from telegraphql.schema.filters import SEARCH, RecordFilter, TextFilter, filtering
from telegraphql.schema.record import Record


@input_type
class TrackingNumberFilter(RecordFilter):
    """A filter for tracking numbers. A tracking number has to match every field that is set.

    For example {name: {startsWith: "Campaign"}}.
    """

    name: TextFilter | None = filtering("The name of the tracking number.")
    search: str | None = filtering(SEARCH, either=("name", "number"), is_search=True)


@record_kind(name="name", filter=TrackingNumberFilter, root=RootList("trackingNumbers", "Tracking numbers of all providers, by name."))
@object_type
class TrackingNumber(Record):
    """A telephone number that is rented to measure where calls come from."""

    name: str = needed("The name, or the number itself if it has no name.")
    number: str | None = shown("The number, in E.164 according to the provider. Null if not reported.")
    uri: str | None = shown("The SIP address to which calls are sent. Null if not reported.", personal=True)
    created_at: datetime | None = shown("The time at which the number was rented. Null if not reported.")
    channels: int | None = shown("The number of simultaneous calls. Null if not reported.")
    rate: Decimal | None = shown("The price, in the account's currency. Null if not reported.")
    status: str | None = shown("The state, as the provider's own code. Null if not reported.")
    target_type: str | None = shown("The type of its destination, as the provider's own code. Null if not reported.")
    target_id: str | None = shown("The provider's id of its destination. Null if not reported.")
    is_sms_enabled: bool | None = shown("True if it takes text messages. Null if not reported.")
    is_fax_enabled: bool | None = shown("True if it takes faxes. Null if not reported.")
    info: str | None = shown("A remark. Null if there is none.", personal=True)
