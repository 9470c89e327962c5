"""Values: small things without an id of their own."""

from collections.abc import Callable
from datetime import datetime
from decimal import Decimal

import strawberry

from telegraphql.schema.enums import PartyKind
from telegraphql.schema.fields import ResolverPromise, needed, promising, shown
from telegraphql.schema.scalars import is_writable


@strawberry.type(description="One end of a call.")
class Party:
    number: str | None = shown("The number or address as delivered. Null when withheld or unknown.", personal=True)
    name: str | None = shown("The display name. Null when the upstream does not say.", personal=True)
    uri: str | None = shown("The SIP address. Null when the upstream does not say.", personal=True)
    country: str | None = shown("The country as the upstream words it. Null when it does not say.")
    kind: PartyKind = shown("What stands behind the number.", default=PartyKind.UNKNOWN)
    native_id: str | None = shown("The upstream's own id of the user, contact or queue. Null when there is none.")
    to_e164: strawberry.Private[Callable[[str], str | None] | None] = None

    @strawberry.field(
        description="The number in E.164, such as +41616925879. Null unless it is certain. Personal.", metadata={"personal": True}
    )
    @promising(ResolverPromise.AT_ONCE)
    def e164(self) -> str | None:
        return self.to_e164(self.number) if self.to_e164 and self.number else None


@strawberry.type(description="An amount of money.")
class Money:
    amount: Decimal = needed("The amount, exact.")
    currency: str | None = shown("ISO 4217 code. Null when the upstream does not say.")

    def __post_init__(self) -> None:
        if not is_writable(self.amount):
            raise ValueError("not an amount")


@strawberry.type(description="A file behind a link of this gateway. The link is signed, expires, and supports ranges.")
class Media:
    url: str = needed("Where to download it. No other credentials are needed.")
    mime_type: str | None = shown("The media type, such as audio/mpeg. Null when unknown before the download.")
    size_bytes: int | None = shown("Size in bytes. Null when the upstream does not say.")
    file_name: str | None = shown("A name to save it under. Null when the upstream does not say.", personal=True)
    expires_at: datetime = needed("When the link stops working; ask again for a new one.")


@strawberry.type(description="The visitor of a website who opened a chat.")
class Visitor:
    native_id: str | None = shown("The upstream's own id of the visitor. Null when there is none.")
    name: str | None = shown("The name given. Null when none was.", personal=True)
    email: str | None = shown("The e-mail address given. Null when none was.", personal=True)
    ip: str | None = shown("The IP address. Null when unknown.", personal=True)
    city: str | None = shown("The city guessed from the address. Null when unknown.", personal=True)
    country: str | None = shown("The country guessed from the address. Null when unknown.")
    location: str | None = shown("The coordinates guessed from the address. Null when unknown.", personal=True)
    user_agent: str | None = shown("The browser's own description. Null when unknown.", personal=True)
    referrer: str | None = shown("The page the visitor came from. Null when unknown.", personal=True)


@strawberry.type(description="Something that happened during a visit to a queue.")
class QueueEvent:
    at: datetime = needed("When it happened.")
    type: str = needed("The upstream's word for it.")
    user_id: str | None = shown("The upstream's id of the agent concerned. Null when nobody was.")
    custom_data: str | None = shown("What the scenario attached. Null when nothing.", personal=True)
