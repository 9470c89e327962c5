"""Transaction: a movement of money on a provider's account."""

from datetime import datetime

import strawberry

from telegraphql.schema.declaration import RootList, record_kind
from telegraphql.schema.enums import TransactionKind
from telegraphql.schema.fields import needed, shown
from telegraphql.schema.filters import RecordFilter, TimeRange, filtering
from telegraphql.schema.record import Record
from telegraphql.schema.values import Money


@strawberry.input(description="Which movements of money.")
class TransactionFilter(RecordFilter):
    performed_at: TimeRange | None = filtering("When it was booked, or held while pending.")
    kind: list[TransactionKind] | None = filtering("What it was for: one of these.")
    type: list[str] | None = filtering("The upstream's word for what it was for: one of these.")
    is_pending: bool | None = filtering(
        "Whether the money is only held. Null gives all that the upstream lists; some list held ones only when asked with true."
    )
    user_id: list[str] | None = filtering("The upstream's id of the user concerned: one of these.")


@record_kind(
    time="performed_at", filter=TransactionFilter, root=RootList("transactions", "Movements of money of all providers in one list.")
)
@strawberry.type(description="A movement of money on a provider's account.")
class Transaction(Record):
    performed_at: datetime = needed("When it was booked, or held while it is pending.")
    amount: Money = needed("How much. Negative is a debit.")
    kind: TransactionKind = shown("What it was for.", default=TransactionKind.OTHER)
    type: str = needed("The upstream's word for what it was for.")
    description: str | None = shown("The upstream's text. Null when there is none.", personal=True)
    is_pending: bool = shown("Whether the money is only held, not yet booked.", default=False)
    account_id: str | None = shown("The upstream's id of the account. Null when it does not say.")
    user_id: str | None = shown("The upstream's id of the user concerned. Null when none is.")
