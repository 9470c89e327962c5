"""Values: the ids, moments, numbers and amounts in PortSIP's rows, and how each says that it is absent."""

from datetime import UTC, datetime
from decimal import Decimal, InvalidOperation

import msgspec

from telegraphql.plugin import Provider
from telegraphql.plugins.portsip import wire
from telegraphql.schema import Money


def money(cost: msgspec.Raw, of: Provider) -> Money | None:
    """An amount in the account's currency."""
    found = amount(cost)
    return None if found is None else Money(amount=found, currency=of.settings.currency)


def amount(cost: msgspec.Raw) -> Decimal | None:
    """Exactly as delivered: the digits of the row, not those of a floating point number."""
    try:
        return Decimal(bytes(cost).decode().strip('"'))
    except InvalidOperation:
        return None


def named(key: wire.Id | None) -> str:
    """A record's own id."""
    if key in ("", None):
        raise ValueError("no id - at `$.id`")
    return str(key)


def stamp(text: str) -> datetime:
    """A moment that must be there."""
    found = moment(text)
    if found is None:
        raise ValueError("no time - at `$.started_at`")
    return found


def moment(text: str | None) -> datetime | None:
    """A moment that may be missing; one without a zone is UTC."""
    if not text:
        return None
    found = datetime.fromisoformat(text)
    if found.tzinfo is UTC:
        return found
    return found.replace(tzinfo=UTC) if found.tzinfo is None else found.astimezone(UTC)


def seconds(since: datetime, until: datetime | None) -> int | None:
    """Whole seconds, rounded down."""
    return None if until is None else max(0, int((until - since).total_seconds()))


def integer(value: wire.Number) -> int | None:
    """A number, which may come as text; its fraction cut off."""
    if value is None or value == "":
        return None
    return int(float(value))
