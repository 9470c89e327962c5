"""Number readers: ready-made columns for whole numbers, sizes, decimals and money, from numbers or their text."""

import re
from collections.abc import Callable, Set
from decimal import Decimal, InvalidOperation
from functools import partial
from types import NoneType
from typing import Any

import msgspec

from telegraphql.gateway.plugin.columns import TEXTS, Column, Object, Source, provider
from telegraphql.gateway.plugin.reader_checks import reader
from telegraphql.gateway.plugin.readers import NOTHING, plain, read_text
from telegraphql.schema.scalars import LARGEST_LONG
from telegraphql.schema.values import Money

WHOLES = frozenset({int, NoneType})
# A GraphQL Int.
LEAST_INT, MOST_INT = -(2**31), 2**31 - 1
# Digits of a number that is written as text; a text such as 1e999999999 is short, the number is not.
MOST_DIGITS = 60
GROUPING = re.compile("[.'\u2019\u00a0\u202f ]")
COMMA = re.compile(rf"[+-]?(?:\d+|\d{{1,3}}(?:{GROUPING.pattern}\d{{3}})+)(?:,\d+)?\Z", re.ASCII)


@reader
def whole(source: Source, *, zero_is_null: bool = False) -> Column:
    """Return a column with a whole number, or its text; a fraction is cut off. Null for what GraphQL's Int cannot hold."""
    read, found = (_whole_but_zero, "value or None") if zero_is_null else (read_whole, "value")
    usual = {"int": f"({found}) if {LEAST_INT} <= value <= {MOST_INT} else None"}
    return Column(read, source, words="whole number", total_for=WHOLES, lenient=True, usual=usual)


@reader
def file_size(source: Source, *, zero_is_null: bool = False) -> Column:
    """Return a column with a number of bytes; null for one below zero, or one that JSON cannot hold exactly."""
    return Column(_size_but_zero if zero_is_null else read_size, source, words="bytes", total_for=WHOLES, lenient=True)


@reader
def decimal(source: Source, *, negate: bool = False, comma: bool = False, absent: Set[str] = NOTHING) -> Column:
    """Return a column with an exact decimal, from a number or its text. Declare the attribute as Decimal or msgspec.Raw to keep all digits.

    `comma` is for texts such as "1.234,50", with a decimal comma; a text with a decimal point is malformed then.
    """
    read = read_decimal_comma if comma else read_decimal
    return Column(but(absent, partial(_negative, read) if negate else read), source, words="exact decimal", total_for=WHOLES, lenient=True)


@reader
def money(
    amount: Source, *, currency: Source | None = None, negate: bool = False, comma: bool = False, absent: Set[str] = NOTHING
) -> Object:
    """Return an amount of money; null without an amount.

    `currency` may be an attribute; without one, and where it is empty, it is the account's. `negate` is for upstreams that write charges as
    positive where the schema wants them negative, or the other way round. `comma` is for texts with a decimal comma, as of `decimal`.
    """
    account = provider("settings.currency")
    own = Column(_currency, currency, account, words="currency code", total_for=TEXTS, lenient=True) if currency is not None else None
    return Object(
        Money, unless_null="amount", amount=decimal(amount, negate=negate, comma=comma, absent=absent), currency=own or plain(account)
    )


def but(absent: Set[str], read: Callable[[Any], Any]) -> Callable[[Any], Any]:
    """Return a reader that takes some words for nothing."""
    if not absent - {""}:
        return read

    def read_but(value: Any) -> Any:
        return None if type(value) is str and value.strip() in absent else read(value)

    return read_but


def read_integer(value: Any) -> int | None:
    """Return a whole number of any length, its fraction cut off; ValueError for what is no number."""
    if type(value) is int or value is None:
        return value
    number = read_decimal(value)
    return None if number is None else int(number)


def read_whole(value: Any) -> int | None:
    """Return a whole number; None for what GraphQL's Int cannot hold, ValueError for what is no number."""
    found = read_integer(value)
    return found if found is not None and LEAST_INT <= found <= MOST_INT else None


def read_size(value: Any) -> int | None:
    """Return a number of bytes; None for what cannot be one, ValueError for what is no number."""
    found = read_integer(value)
    return found if found is not None and 0 <= found <= LARGEST_LONG else None


def read_decimal(value: Any) -> Decimal | None:
    """Return an exact decimal; ValueError for what is no number."""
    if type(value) is not Decimal:
        found = None if value is None else _decimal(value)
        if found is None:
            return None
        value = found
    if value.is_finite() and -MOST_DIGITS <= value.adjusted() <= MOST_DIGITS:
        number: Decimal = value
        return number
    raise ValueError("no number of a sensible length")


def read_decimal_comma(value: Any) -> Decimal | None:
    """Return an exact decimal from a number, or a text with a decimal comma, such as "1.234,50"; ValueError for what is no number."""
    if isinstance(value, msgspec.Raw) and bytes(value)[:1] == b'"':
        value = msgspec.json.decode(value)
    if isinstance(value, str) and value.strip():
        if COMMA.match(value.strip()) is None:
            raise ValueError("no number with a decimal comma")
        value = GROUPING.sub("", value.strip()).replace(",", ".")
    return read_decimal(value)


def _decimal(value: Any) -> Decimal | None:
    if isinstance(value, msgspec.Raw):
        value = bytes(value).decode().strip('"')
        if value == "null":
            return None
    if isinstance(value, bool) or not isinstance(value, int | float | str):
        raise ValueError("no number")
    if isinstance(value, str):
        value = value.strip()
        if not value:
            return None
        if len(value) > MOST_DIGITS or "_" in value:
            raise ValueError("no number")
    try:
        return Decimal(str(value))
    except InvalidOperation:
        raise ValueError("no number") from None


def _whole_but_zero(value: Any) -> int | None:
    return read_whole(value) or None


def _size_but_zero(value: Any) -> int | None:
    return read_size(value) or None


def _negative(read: Callable[[Any], Decimal | None], value: Any) -> Decimal | None:
    found = read(value)
    return None if found is None else -found


def _currency(value: Any, account: str | None) -> str | None:
    return read_text(value) or account
