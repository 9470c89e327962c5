"""Values: types without a global id."""

from collections.abc import Callable
from datetime import datetime
from decimal import Decimal

import strawberry

from telegraphql.schema.described import object_type
from telegraphql.schema.enums import PartyKind
from telegraphql.schema.fields import ResolverPromise, marked, needed, promising, shown
from telegraphql.schema.scalars import Long, is_writable


@object_type
class Party:
    """One end of a call."""

    number: str | None = shown("The number or address as the provider reported it. Null if withheld or unknown.", personal=True)
    name: str | None = shown("The display name. Null if not reported.", personal=True)
    extension: str | None = shown(
        "The extension of the PBX that called, was called or answered. Null if it is not reported beside the number.",
        personal=True,
    )
    uri: str | None = shown("The SIP address. Null if not reported.", personal=True)
    country: str | None = shown("The country, in the provider's own words. Null if not reported.")
    user_agent: str | None = shown("The phone or program of this end. Null if not reported.", personal=True)
    codec: str | None = shown("The audio codec of this end, such as OPUS. Null if not reported.")
    kind: PartyKind = shown("The kind of party behind the number.", default=PartyKind.UNKNOWN)
    native_id: str | None = shown("The provider's id of the user, contact or queue. Null if there is none.")
    is_withheld: bool = shown('True if the provider says that the number is withheld, such as by the word "anonymous".', default=False)
    to_e164: strawberry.Private[Callable[[str], str | None] | None] = None

    @strawberry.field(description="The number in E.164, such as +41616925879. Null if it is not certain.", **marked({"personal": True}))
    @promising(ResolverPromise.AT_ONCE)
    def e164(self) -> str | None:
        return self.to_e164(self.number) if self.to_e164 and self.number else None


@object_type
class Money:
    """An amount of money."""

    amount: Decimal = needed('The exact amount, such as "-0.0125".')
    currency: str | None = shown('The ISO 4217 code of the currency, such as "EUR". Null if not reported.')

    def __post_init__(self) -> None:
        if not is_writable(self.amount):
            raise ValueError("an amount of money has to be a finite number of at most 60 digits")


@object_type
class Media:
    """A file that can be downloaded from this gateway. The link is signed, expires, and supports range requests."""

    url: str = needed("The address of the file. No other credentials are needed.")
    mime_type: str | None = shown('The media type, such as "audio/mpeg". Null if unknown before the download.')
    size_bytes: int | None = shown("The size in bytes. Null if not reported.", graphql_type=Long | None)
    file_name: str | None = shown("A name for the saved file. Null if not reported.", personal=True)
    expires_at: datetime = needed("The time at which the link expires. Query the field again for a new link.")


@object_type
class Visitor:
    """The visitor of a website who opened a chat."""

    native_id: str | None = shown("The provider's id of the visitor. Null if there is none.")
    name: str | None = shown("The name that the visitor gave. Null if none.", personal=True)
    email: str | None = shown("The e-mail address that the visitor gave. Null if none.", personal=True)
    ip: str | None = shown("The IP address. Null if unknown.", personal=True)
    city: str | None = shown("The city, estimated from the IP address. Null if unknown.", personal=True)
    country: str | None = shown("The country, estimated from the IP address. Null if unknown.")
    location: str | None = shown("The coordinates, estimated from the IP address. Null if unknown.", personal=True)
    user_agent: str | None = shown("The User-Agent of the browser. Null if unknown.", personal=True)
    referrer: str | None = shown("The page from which the visitor came. Null if unknown.", personal=True)


@object_type
class QueueEvent:
    """An event during a visit to a queue."""

    at: datetime = needed("The time of the event.")
    type: str = needed("The type of the event, in the provider's own words.")
    agent_id: str | None = shown("The provider's id of the agent concerned. Null if there is none.")
    custom_data: str | None = shown("The data that the scenario attached. Null if there are none.", personal=True)
