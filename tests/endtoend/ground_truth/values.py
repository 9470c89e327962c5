"""Values: how moments, money, numbers and parties look to a client, written without the gateway's code."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from decimal import Decimal
from functools import cache
from typing import Any

import phonenumbers

Row = dict[str, Any]
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, slots=True, kw_only=True)
class Truth:
    """What a client must see of one record: its place in the list, its fields, what hangs on it (native ids), and its native row."""

    provider: str
    native_id: str
    place: tuple[Any, ...]
    shown: Row
    links: dict[str, Any] = field(default_factory=dict)
    row: Any = None

    @property
    def key(self) -> tuple[str, str]:
        return self.provider, self.native_id


def veiled(row: Row, name: str) -> Row:
    """A row as clients may see it: a secret in it is hidden, its field is not."""
    return row | {name: "(hidden)"} if row.get(name) else row


def micros(moment: datetime) -> int:
    """The place of a moment."""
    seconds = moment - EPOCH
    return (seconds.days * 86_400 + seconds.seconds) * 1_000_000 + seconds.microseconds


def told(moment: datetime | None) -> str | None:
    """A moment as clients read it."""
    return None if moment is None else moment.astimezone(UTC).isoformat(timespec="seconds").replace("+00:00", "Z")


def utc(text: str | None) -> datetime | None:
    """A moment that an upstream writes without a zone, in UTC."""
    return datetime.fromisoformat(text).replace(tzinfo=UTC) if text else None


def zoned(text: str | None) -> datetime | None:
    """A moment that an upstream writes with its zone."""
    return datetime.fromisoformat(text) if text else None


def money(amount: Any, currency: str | None) -> Row | None:
    """An amount exactly as delivered."""
    return None if amount is None else {"amount": f"{Decimal(str(amount)):f}", "currency": currency}


def total(prices: Sequence[Row | None]) -> Row | None:
    """The sum of the prices that are known."""
    known = [each for each in prices if each]
    return money(sum((Decimal(each["amount"]) for each in known), Decimal(0)), known[0]["currency"]) if known else None


@cache
def e164(number: str | None, region: str | None = None, bare: bool = False) -> str | None:
    """A number in E.164 where it is certain: it is written with its country, or digits alone are (`bare`), or the region is known."""
    if not number or any(letter.isalpha() for letter in number):
        return None
    digits = "".join(letter for letter in number if letter in "0123456789")
    if len(digits) < 7:
        return None
    if number.startswith("+") or (bare and not digits.startswith("0")):
        digits, region = "+" + digits, None
    elif digits.startswith("00"):
        digits, region = "+" + digits[2:], None
    elif region is None:
        return None
    try:
        parsed = phonenumbers.parse(digits, region)
    except phonenumbers.NumberParseException:
        return None
    valid = phonenumbers.is_valid_number(parsed)
    return phonenumbers.format_number(parsed, phonenumbers.PhoneNumberFormat.E164) if valid else None


def text(value: Any) -> str | None:
    """An id or word as text; "" and null are absent."""
    return None if value is None or value == "" else str(value)
