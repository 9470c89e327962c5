"""Transaction: a movement of money on a provider's account."""

from datetime import datetime
from typing import ClassVar

import strawberry

from telegraphql.schema.enums import TransactionKind
from telegraphql.schema.fields import needed, shown
from telegraphql.schema.record import Record
from telegraphql.schema.values import Money


@strawberry.type(description="A movement of money on a provider's account.")
class Transaction(Record):
    time_field: ClassVar[str | None] = "performed_at"

    performed_at: datetime = needed("When it was booked, or held while it is pending.")
    amount: Money = needed("How much. Negative is a debit.")
    kind: TransactionKind = shown("What it was for.", default=TransactionKind.OTHER)
    type: str = needed("The upstream's word for what it was for.")
    description: str | None = shown("The upstream's text. Null when there is none.", personal=True)
    is_pending: bool = shown("Whether the money is only held, not yet booked.", default=False)
    account_id: str | None = shown("The upstream's id of the account. Null when it does not say.")
    user_id: str | None = shown("The upstream's id of the user concerned. Null when none is.")
