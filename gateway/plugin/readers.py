"""Readers: ready-made columns for texts, ids, code tables, numbers, money, parties and files.

Each takes names of the row's attributes (or any other source of `Column`) and treats what upstreams write for "nothing" as null.
"""

from collections.abc import Callable, Mapping, Set
from decimal import Decimal
from enum import Enum
from functools import partial
from types import NoneType
from typing import Any, TypeVar

import msgspec

from telegraphql.gateway.plugin.columns import TEXTS, Column, Constant, Object, ProviderValue, Source, provider
from telegraphql.gateway.plugin.phone_numbers import is_withheld
from telegraphql.schema.enums import PartyKind
from telegraphql.schema.record import FileInfo
from telegraphql.schema.values import Money, Party

E = TypeVar("E", bound=Enum)
NOTHING: frozenset[str] = frozenset()
# A GraphQL Int.
LEAST_INT, MOST_INT = -(2**31), 2**31 - 1
# Digits of a number that is written as text; a text such as 1e999999999 is short, the number is not.
MOST_DIGITS = 60
TRUE = frozenset({"1", "true", "yes", "on", "y", "t"})
FALSE = frozenset({"0", "false", "no", "off", "n", "f"})


def plain(source: Source) -> Column:
    """A column that is the attribute itself, for Structs whose types are the schema's."""
    return Column(lambda value: value, source, words="as delivered", is_plain=True)


def constant(value: Any) -> Column:
    """A column that is the same for all rows."""
    return Column(lambda given: given, Constant(value), words="always the same", is_plain=True)


def text(source: Source, *, absent: Set[str] = NOTHING) -> Column:
    """A column of text without blanks around it; null for "", and for the words in `absent`. A number is its digits."""
    words = "text" if not absent else f"text; null for {', '.join(sorted(filter(None, absent)))}"
    if not absent - {""}:
        return Column(read_text, source, words=words, total_for=TEXTS, lenient=True, is_text=True)
    return Column(partial(_text_but, absent), source, words=words, total_for=TEXTS, lenient=True, is_text=True)


def ident(source: Source) -> Column:
    """A column with an id as text; null for "", "0" and 0, which refer to nothing."""
    return Column(read_ident, source, words="id as text", total_for=TEXTS, lenient=True, is_text=True)


def word(source: Source, table: Mapping[Any, E], unknown: E, *, fold: Callable[[str], str] | None = None) -> Column:
    """A column that looks a code up in a table; `unknown` for codes that it does not have. `fold`, such as str.upper, is applied first."""
    words = f"table of {type(unknown).__name__}"
    if fold is None:
        total = frozenset({str, int, float, bool, NoneType})
        return Column(table.get, source, Constant(unknown), words=words, total_for=total)
    return Column(partial(_folded, table, unknown, fold), source, words=words, total_for=TEXTS, lenient=True)


def boolean(source: Source, *, true: Set[str] = TRUE, false: Set[str] = FALSE) -> Column:
    """A column of yes or no, as a boolean, 1 or 0, or a word; null for ""."""
    return Column(
        partial(read_boolean, true=true, false=false), source, words="yes or no", total_for=frozenset({bool, NoneType}), lenient=True
    )


def negated(source: Source, *, true: Set[str] = TRUE, false: Set[str] = FALSE) -> Column:
    """A column of yes or no that says the opposite of what the upstream does, such as `is_read` from `is_new`."""
    read = partial(_opposite, true=true, false=false)
    return Column(read, source, words="the opposite", total_for=frozenset({bool, NoneType}), lenient=True)


def but(absent: Set[str], read: Callable[[Any], Any]) -> Callable[[Any], Any]:
    """Return a reader that takes some words for nothing."""
    if not absent - {""}:
        return read

    def read_but(value: Any) -> Any:
        return None if type(value) is str and value.strip() in absent else read(value)

    return read_but


def whole(source: Source, *, zero_is_null: bool = False) -> Column:
    """A column with a whole number, or its text; a fraction is cut off. Null for what GraphQL's Int cannot hold."""
    return Column(
        _whole_but_zero if zero_is_null else read_whole, source, words="whole number", total_for=frozenset({int, NoneType}), lenient=True
    )


def decimal(source: Source, *, negate: bool = False, absent: Set[str] = NOTHING) -> Column:
    """A column with an exact decimal, from a number or its text. Declare the attribute as Decimal or msgspec.Raw to keep all digits."""
    read = _negative if negate else read_decimal
    return Column(but(absent, read), source, words="exact decimal", total_for=frozenset({int, NoneType}), lenient=True)


def money(amount: Source, *, currency: Source | None = None, negate: bool = False, absent: Set[str] = NOTHING) -> Object:
    """An amount of money; null without an amount. `currency` may be an attribute; without one, and where it is empty, it is the
    account's. `negate` is for upstreams that write charges as positive where the schema wants them negative, or the other way round."""
    account = provider("settings.currency")
    own = Column(_currency, currency, account, words="currency code", total_for=TEXTS, lenient=True) if currency is not None else None
    return Object(Money, unless_null="amount", amount=decimal(amount, negate=negate, absent=absent), currency=own or plain(account))


def number_text(source: Source) -> Column:
    """A column with the number or address of a party, without a scheme such as `client:`; null for words such as "anonymous"."""
    return Column(read_number, source, words="number", total_for=TEXTS, lenient=True, is_text=True)


def party(
    number: Source | Column,
    *,
    name: Source | Column | None = None,
    kind: Column | None = None,
    uri: Column | None = None,
    country: Column | None = None,
    native_id: Column | None = None,
) -> Object:
    """One end of a call. A `client:` address is a user, a SIP address its user part with the whole as `uri`.

    Give `kind` where the upstream says what stands behind a number; give `number` and `name` as columns to read them otherwise."""
    given = number if isinstance(number, Column) else None
    parts = {
        "number": given or number_text(_source(number)),
        "kind": kind or (None if given else Column(kind_of_number, _source(number), words="by its form", total_for=TEXTS, lenient=True)),
        "uri": uri
        or (None if given else Column(read_uri, _source(number), words="SIP address", total_for=TEXTS, lenient=True, is_text=True)),
        "name": name if isinstance(name, Column) or name is None else text(name),
        "country": country,
        "native_id": native_id,
        "to_e164": plain(ProviderValue("numbering.e164")),
    }
    given_parts: dict[str, Any] = {part: column for part, column in parts.items() if column is not None}
    return Object(Party, **given_parts)


def template(words: str, *sources: Source) -> Column:
    """A column of text with values in it, such as `template("call-{}.txt", mapped("native_id"))`."""
    return Column(words.format, *sources, words=words, never_fails=True, lenient=True)


def file(
    *, if_set: Source | None = None, mime_type: str | Column | None = None, size: Source | None = None, file_name: Source | None = None
) -> Column:
    """A column for `files`: what is known of a file before it is opened; there is none where `if_set` is given and empty.

    `mime_type` is the type itself, such as "audio/mpeg", or a column; `size` and `file_name` are sources, and may be columns."""
    type_ = Constant(mime_type) if isinstance(mime_type, str) else mime_type
    bytes_ = None if size is None else whole(size)
    sources: list[Any] = [Constant(True) if if_set is None else if_set]
    sources += [Constant(None) if each is None else each for each in (type_, bytes_, file_name if file_name is None else text(file_name))]
    return Column(_file, *sources, words="file", total_for=None, lenient=True)


def read_text(value: Any) -> str | None:
    """Return a text, or None where there is none; ValueError for what is neither text nor a number."""
    if type(value) is str:
        return value.strip() or None
    if value is None:
        return None
    if isinstance(value, bool) or not isinstance(value, int | float | str | Decimal):
        raise ValueError("no text")
    return str(value)


def read_ident(value: Any) -> str | None:
    """Return an id as text, or None where it refers to nothing."""
    if type(value) is int:
        return str(value) if value else None
    found = read_text(value)
    return None if found == "0" else found


def read_whole(value: Any) -> int | None:
    """Return a whole number, its fraction cut off; ValueError for what is no number."""
    if type(value) is not int:
        if value is None:
            return None
        number = read_decimal(value)
        if number is None:
            return None
        value = int(number)
    return value if LEAST_INT <= value <= MOST_INT else None


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
    return Decimal(str(value))


def read_boolean(value: Any, true: Set[str] = TRUE, false: Set[str] = FALSE) -> bool | None:
    """Return True or False; None for "", ValueError for a word that means neither."""
    if value is None or isinstance(value, bool):
        return value
    if not isinstance(value, str | int | float):
        raise ValueError("neither yes nor no")
    found = str(value).strip().casefold()
    if found in true:
        return True
    if found in false:
        return False
    if found:
        raise ValueError("neither yes nor no")
    return None


def read_number(value: Any) -> str | None:
    """Return the number or address of a party as delivered, without a scheme such as `client:`; a SIP address is its user part.

    None for words that say that the number is withheld."""
    found = read_text(value)
    if found is None or is_withheld(found):
        return None
    if ":" not in found and "@" not in found:
        return found
    scheme, _, rest = found.rpartition(":") if found.partition(":")[0].casefold() in ("sip", "sips", "tel", "client") else ("", "", found)
    user = rest.partition("@")[0] if scheme or "@" in rest else rest
    return user.partition(";")[0].strip() or None


def read_uri(value: Any) -> str | None:
    """Return the SIP address of a party; None for a bare number."""
    found = read_text(value)
    return found if found and ("@" in found or found.casefold().startswith(("sip:", "sips:"))) else None


def kind_of_number(value: Any) -> PartyKind:
    """Return what the form of a number tells: a SIP address, a user of a client, or nothing."""
    found = (read_text(value) or "").casefold()
    if found.startswith("client:"):
        return PartyKind.USER
    return PartyKind.SIP if "@" in found or found.startswith(("sip:", "sips:")) else PartyKind.UNKNOWN


def _text_but(absent: Set[str], value: Any) -> str | None:
    found = read_text(value)
    return None if found in absent else found


def _folded(table: Mapping[Any, E], unknown: E, fold: Callable[[str], str], value: Any) -> E:
    found = read_text(value)
    return unknown if found is None else table.get(fold(found), unknown)


def _opposite(value: Any, true: Set[str], false: Set[str]) -> bool | None:
    found = read_boolean(value, true, false)
    return None if found is None else not found


def _whole_but_zero(value: Any) -> int | None:
    return read_whole(value) or None


def _negative(value: Any) -> Decimal | None:
    found = read_decimal(value)
    return None if found is None else -found


def _currency(value: Any, account: str | None) -> str | None:
    return read_text(value) or account


def _file(is_there: Any, mime_type: str | None, size: int | None, file_name: str | None) -> FileInfo | None:
    return FileInfo(mime_type, size, file_name) if is_there else None


def _source(given: Source | Column) -> Source:
    assert not isinstance(given, Column)
    return given
