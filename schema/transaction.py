"""Transaction: a movement of money on a provider's account."""

from datetime import datetime

from telegraphql.schema.declaration import RootList, record_kind
from telegraphql.schema.described import input_type, object_type
from telegraphql.schema.enums import TransactionKind
from telegraphql.schema.fields import needed, shown
from telegraphql.schema.filters import SEARCH, DecimalRange, RecordFilter, TimeRange, filtering
from telegraphql.schema.record import TimedRecord
from telegraphql.schema.values import Money


@input_type
class TransactionFilter(RecordFilter):
    """A filter for transactions. A transaction has to match every field that is set. For example {kind: [CHARGE], isPending: false}."""

    performed_at: TimeRange | None = filtering("The time of booking, or of the reservation while the transaction is pending.")
    kind: list[TransactionKind] | None = filtering("One of these purposes.")
    type: list[str] | None = filtering("One of these types, in the provider's own words.")
    amount: DecimalRange | None = filtering("The amount, negative for a debit, in the currency of the account.")
    search: str | None = filtering(SEARCH, personal=True, either=("description",), is_search=True)
    is_pending: bool | None = filtering(
        "True for pending transactions. Null: whatever the provider lists; some list pending ones only for true."
    )
    user_id: list[str] | None = filtering("One of these users, by the provider's ids.")
    has_user: bool | None = filtering(
        "True for transactions that concern a user, false for the others. Only some providers can tell.", marker="hasUser"
    )
    account_id: list[str] | None = filtering(
        "One of these accounts, by the provider's ids. Only some providers have several accounts in one.", declared_only=True
    )


@record_kind(time="performed_at", filter=TransactionFilter, root=RootList("transactions", "Transactions of all providers."))
@object_type
class Transaction(TimedRecord):
    """A movement of money on a provider's account."""

    performed_at: datetime = needed("The time of booking, or of the reservation while the transaction is pending.")
    amount: Money = needed("The amount. A debit is negative.")
    kind: TransactionKind = shown("The purpose of the transaction.", default=TransactionKind.OTHER)
    type: str = needed("The type of the transaction, in the provider's own words.")
    description: str | None = shown("The provider's text. Null if there is none.", personal=True)
    is_pending: bool = shown("True if the money is reserved, but not booked yet.", default=False)
    account_id: str | None = shown("The provider's id of the account. Null if not reported.")
    user_id: str | None = shown("The provider's id of the user concerned. Null if there is none.")
