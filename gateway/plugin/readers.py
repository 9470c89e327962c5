"""Readers: ready-made columns for texts, ids, code tables, yes or no, and the ends of a call.

Each takes names of the row's attributes (or any other source of `Column`) and treats what upstreams write for "nothing" as null.
"""

from collections.abc import Callable, Mapping, Set
from copy import copy
from decimal import Decimal
from enum import Enum
from functools import partial
from types import NoneType
from typing import Any, TypeVar

from telegraphql.gateway.plugin.columns import TEXTS, Column, Constant, Object, ProviderValue, Source
from telegraphql.gateway.plugin.mapping_errors import fail, written_at
from telegraphql.gateway.plugin.phone_numbers import is_withheld
from telegraphql.gateway.plugin.reader_checks import reader
from telegraphql.schema.enums import PartyKind
from telegraphql.schema.values import Party

E = TypeVar("E", bound=Enum)
NOTHING: frozenset[str] = frozenset()
TRUE = frozenset({"1", "true", "yes", "on", "y", "t"})
FALSE = frozenset({"0", "false", "no", "off", "n", "f"})
USUAL_TEXT = {"str": "value.strip() or None"}
USUAL_OWN_ID = {"int": "str(value)", **USUAL_TEXT}
USUAL_NUMBER = {"str": "value if value.lstrip('+').isdecimal() else read(value)"}
# No word for a withheld number begins as numbers do: with a digit, "+", or a sign between them in ASCII.
USUAL_SHOWN = {"str": "value if '+' <= value < ':' else read(value)"}
USUAL_SHOWN_TEXT = {"str": "value.strip() if '+' <= value < ':' else read(value)"}
USUAL_ID = {"int": "str(value) if value else None", "str": "None if (value := value.strip()) == '0' else value or None"}


@reader
def plain(source: Source) -> Column:
    """Return a column that is the attribute itself, for Structs whose types are the schema's."""
    return Column(lambda value: value, source, words="as delivered", is_plain=True)


@reader
def text(source: Source, *, absent: Set[str] = NOTHING) -> Column:
    """Return a column of text without blanks around it; null for "", and for the words in `absent`. A number is its digits."""
    words = "text" if not absent else f"text; null for {', '.join(sorted(filter(None, absent)))}"
    if not absent - {""}:
        return Column(read_text, source, words=words, total_for=TEXTS, lenient=True, is_text=True, usual=USUAL_TEXT)
    return Column(partial(_text_but, absent), source, words=words, total_for=TEXTS, lenient=True, is_text=True)


@reader
def ident(source: Source) -> Column:
    """Return a column with an id as text; null for "", "0" and 0, which refer to nothing. As a record's own id 0 is one like any other."""
    return Column(read_ident, source, words="id as text", total_for=TEXTS, lenient=True, is_text=True, usual=USUAL_ID)


def own_id(column: Any) -> Any:
    """Return the column of a record's own id: an id that is 0 refers to nothing, but is an id like any other."""
    if not isinstance(column, Column) or column.read is not read_ident:
        return column
    own = copy(column)
    object.__setattr__(own, "read", read_text)
    object.__setattr__(own, "usual", USUAL_OWN_ID)
    return own


@reader
def word(source: Source, table: Mapping[Any, E], unknown: E, *, fold: Callable[[str], str] | None = None) -> Column:
    """Return a column of codes that are looked up in a table; `unknown` for codes that it does not have.

    `fold`, such as str.upper, is applied first.
    """
    for code, value in table.items():
        if not isinstance(value, type(unknown)):
            raise fail(written_at(), f"the table has {value!r} for {code!r}, but 'unknown' is a {type(unknown).__name__}")
    words = f"table of {type(unknown).__name__}"
    if fold is None:
        total = frozenset({str, int, float, bool, NoneType})
        return Column(table.get, source, Constant(unknown), words=words, total_for=total)
    return Column(partial(_folded, table, unknown, fold), source, words=words, total_for=TEXTS, lenient=True)


@reader
def boolean(source: Source, *, true: Set[str] = TRUE, false: Set[str] = FALSE) -> Column:
    """Return a column of yes or no, as a boolean, 1 or 0, or a word; null for ""."""
    return Column(
        partial(read_boolean, true=true, false=false), source, words="yes or no", total_for=frozenset({bool, NoneType}), lenient=True
    )


@reader
def negated(source: Source, *, true: Set[str] = TRUE, false: Set[str] = FALSE) -> Column:
    """Return a column of yes or no that says the opposite of what the upstream does, such as `is_read` from `is_new`."""
    read = partial(_opposite, true=true, false=false)
    return Column(read, source, words="the opposite", total_for=frozenset({bool, NoneType}), lenient=True)


@reader
def template(words: str, *sources: Source) -> Column:
    """Return a column of text with values in it, such as `template("call-{}.txt", mapped("native_id"))`."""
    try:
        words.format(*sources)
    except (IndexError, KeyError, ValueError):
        raise fail(written_at(), f"{words!r} has not one {{}} for each of {len(sources)} sources") from None
    return Column(words.format, *sources, words=words, never_fails=True, lenient=True)


@reader
def party(
    number: Source | Column,
    *,
    extension: Column | Constant | None = None,
    name: Source | Column | Constant | None = None,
    kind: Column | Constant | None = None,
    uri: Column | Constant | None = None,
    country: Column | Constant | None = None,
    native_id: Column | Constant | None = None,
    user_agent: Column | Constant | None = None,
    codec: Column | Constant | None = None,
) -> Object:
    """One end of a call: its number, name and address. A `client:` address is a user, a SIP address its user part with the whole as `uri`.

    Give `kind` where the upstream says what stands behind a number; give `number` and `name` as columns to read them otherwise. A word
    such as "anonymous" is no number: it only says that the number is withheld.
    """
    source = None if isinstance(number, Column) else number
    given = (
        number
        if isinstance(number, Column)
        else Column(read_address, number, words="number", total_for=TEXTS, lenient=True, is_text=True, usual=USUAL_NUMBER)
    )
    parts = {
        "number": _shown_number(given),
        "is_withheld": Column(
            partial(_says_withheld, given.read), *given.sources, words="by words such as anonymous", never_fails=True, lenient=given.lenient
        ),
        "extension": extension,
        "kind": kind or (source and Column(kind_of_number, source, words="by its form", total_for=TEXTS, lenient=True)),
        "uri": uri or (source and Column(read_uri, source, words="SIP address", total_for=TEXTS, lenient=True, is_text=True)),
        "name": name if isinstance(name, Column) or name is None else text(name),
        "country": country,
        "native_id": native_id,
        "user_agent": user_agent,
        "codec": codec,
        "to_e164": plain(ProviderValue("numbering.e164")),
    }
    given_parts: dict[str, Any] = {part: column for part, column in parts.items() if column is not None}
    return Object(Party, **given_parts)


def unless_withheld(number: str | None) -> str | None:
    """Return a number; None for words that say that it is withheld."""
    return None if number is None or is_withheld(number) else number


def read_number(value: Any) -> str | None:
    """Return the number or address of a party, as `read_address`; None for words that say that the number is withheld."""
    return unless_withheld(read_address(value))


def read_address(value: Any) -> str | None:
    """Return the number or address of a party as delivered, without a scheme such as `client:`; a SIP address is its user part."""
    found = read_text(value)
    if found is None:
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


@reader
def number_text(source: Source) -> Column:
    """Return a column with the number or address of a party, without a scheme such as `client:`; null for words such as "anonymous"."""
    return Column(read_number, source, words="number", total_for=TEXTS, lenient=True, is_text=True, usual=USUAL_NUMBER)


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


def _shown_number(given: Column) -> Column:
    """Return the column of a number that is null for words that withhold it. Of a plain text, it is read in one step."""
    if given.usual is USUAL_TEXT:
        options: dict[str, Any] = {"words": given.words, "total_for": given.total_for, "lenient": True, "is_text": True}
        return Column(_shown_text, *given.sources, usual=USUAL_SHOWN_TEXT, **options)
    return Column(unless_withheld, given, words=given.words, never_fails=True, is_text=given.is_text, usual=USUAL_SHOWN)


def _shown_text(value: Any) -> str | None:
    return unless_withheld(read_text(value))


def _says_withheld(read: Callable[..., Any], *values: Any) -> bool:
    """Return True if the number that a function reads is a word for none; what cannot be read is told by the column of the number."""
    try:
        found = read(*values)
    except Exception:
        return False
    return found is not None and is_withheld(found)


def _text_but(absent: Set[str], value: Any) -> str | None:
    found = read_text(value)
    return None if found in absent else found


def _folded(table: Mapping[Any, E], unknown: E, fold: Callable[[str], str], value: Any) -> E:
    found = read_text(value)
    return unknown if found is None else table.get(fold(found), unknown)


def _opposite(value: Any, true: Set[str], false: Set[str]) -> bool | None:
    found = read_boolean(value, true, false)
    return None if found is None else not found
