"""Readers: every spelling of a value becomes that value, "nothing" becomes null, and what is neither cannot be read."""

from collections.abc import Callable
from decimal import Decimal
from types import SimpleNamespace
from typing import Any

import msgspec
import pytest

from telegraphql.gateway.plugin.column_reading import Reading
from telegraphql.gateway.plugin.columns import Column, Constant, Object, parameter
from telegraphql.gateway.plugin.file_reader import file
from telegraphql.gateway.plugin.mapping import Mapping
from telegraphql.gateway.plugin.number_readers import decimal, file_size, money, whole
from telegraphql.gateway.plugin.phone_numbers import Numbering
from telegraphql.gateway.plugin.readers import boolean, ident, negated, party, plain, template, text, word
from telegraphql.gateway.plugin.row_reader import RowReader
from telegraphql.schema.call import Note
from telegraphql.schema.enums import CallDirection, PartyKind
from telegraphql.schema.record import FileInfo

UNREADABLE = object()
WORDS = {"in": CallDirection.INBOUND, 7: CallDirection.OUTBOUND, True: CallDirection.INTERNAL}


class Row(msgspec.Struct):
    id: str = "1"
    a: Any = None
    b: Any = None


def read(column: Any, a: Any = None, b: Any = None) -> Any:
    """What a column makes of a row; UNREADABLE where it cannot be read."""
    of = SimpleNamespace(name="a", id="a", numbering=Numbering("CH"), settings=SimpleNamespace(currency="CHF"))
    mapping = Mapping(Note, Row, native_id=ident("id"), text=Column(lambda key: key, parameter("key")), created_at=Constant(None))
    found: Any = Mapping(Note, Row, **{**mapping.columns, "text": column})
    reading = Reading(RowReader(found, of, {}), Row("1", a, b), frozenset())
    made = reading.attributes(["text"])["text"]
    return UNREADABLE if reading.failed else made


CASES: list[tuple[Callable[..., Any], dict[Any, Any]]] = [
    (text, {"x": "x", " x ": "x", "": None, " \t": None, 5: "5", 1.5: "1.5", True: UNREADABLE}),
    (lambda name: text(name, absent=frozenset({"N/A", "-"})), {"N/A": None, " - ": None, "N/A2": "N/A2", "": None, 3: "3"}),
    (ident, {"x": "x", 12: "12", 0: None, "0": None, "": None, " 7 ": "7", 2**63: str(2**63), True: UNREADABLE}),
    (
        lambda name: word(name, WORDS, CallDirection.UNKNOWN),
        {"in": CallDirection.INBOUND, "IN": CallDirection.UNKNOWN, 7: CallDirection.OUTBOUND, None: CallDirection.UNKNOWN},
    ),
    (
        lambda name: word(name, WORDS, CallDirection.UNKNOWN, fold=str.lower),
        {"IN": CallDirection.INBOUND, " In ": CallDirection.INBOUND, "": CallDirection.UNKNOWN},
    ),
    (
        boolean,
        {True: True, False: False, "1": True, "no": False, "True": True, " off ": False, "": None, 2: UNREADABLE, "perhaps": UNREADABLE},
    ),
    (lambda name: boolean(name, true=frozenset({"read"}), false=frozenset({"new"})), {"READ": True, "new": False, "1": UNREADABLE}),
    (negated, {True: False, 0: True, "yes": False, None: None}),
    (
        whole,
        {
            5: 5,
            "5": 5,
            "-5": -5,
            12.7: 12,
            "12.7": 12,
            "": None,
            " ": None,
            2**31 - 1: 2**31 - 1,
            2**31: None,
            "1e3": 1000,
            "x": UNREADABLE,
            True: UNREADABLE,
            "1_0": UNREADABLE,
            "NaN": UNREADABLE,
            "1e999999999": UNREADABLE,
            "Infinity": UNREADABLE,
        },
    ),
    (lambda name: whole(name, zero_is_null=True), {0: None, "0": None, 3: 3}),
    (file_size, {2**40: 2**40, "3000": 3000, -1: None, 2**53: None, 2**53 - 1: 2**53 - 1, "x": UNREADABLE}),
    (
        decimal,
        {
            "0.0290": Decimal("0.0290"),
            3: Decimal(3),
            0.25: Decimal("0.25"),
            "": None,
            Decimal("-1.5"): Decimal("-1.5"),
            "0,02": UNREADABLE,
            "1e61": UNREADABLE,
            "9" * 61: UNREADABLE,
            Decimal("NaN"): UNREADABLE,
            Decimal("Infinity"): UNREADABLE,
        },
    ),
    (lambda name: decimal(name, negate=True, absent=frozenset({"free"})), {"1.5": Decimal("-1.5"), "free": None, "": None}),
    (plain, {"x": "x", " ": " ", 5: 5}),
    (lambda name: template("call-{}.txt", name), {"x": "call-x.txt", 5: "call-5.txt"}),
]


@pytest.mark.parametrize(
    ("column", "value", "wanted"),
    [
        pytest.param(column, value, wanted, id=f"{number}-{value!r}"[:40])
        for number, (column, table) in enumerate(CASES)
        for value, wanted in table.items()
    ],
)
def test_a_value_becomes(column: Callable[..., Any], value: Any, wanted: Any) -> None:
    found = read(column("a"), value)
    assert (type(found), found) == (type(wanted), wanted)


@pytest.mark.parametrize("column", [text, ident, boolean, negated, whole, file_size, decimal])
@pytest.mark.parametrize("value", [[], {}, ["5"], {"a": 5}])
def test_what_is_no_scalar_cannot_be_read(column: Callable[..., Any], value: Any) -> None:
    assert read(column("a"), value) is UNREADABLE


@pytest.mark.parametrize(
    ("raw", "amount"), [(b"0.10", Decimal("0.10")), (b'"1.20"', Decimal("1.20")), (b"null", None), (b"[]", UNREADABLE)]
)
def test_an_undecoded_amount_keeps_all_its_digits(raw: bytes, amount: Decimal | None) -> None:
    assert str(read(decimal("a"), msgspec.Raw(raw))) == str(amount)


def test_a_constant_is_the_same_for_all() -> None:
    assert read(Constant("x"), 5) == "x"


def amount(column: Object, *values: Any) -> Any:
    found = read(column, *values)
    return (str(found.amount), found.currency) if found and found is not UNREADABLE else found


def test_money_is_in_the_rows_currency_or_the_accounts() -> None:
    assert amount(money("a"), "1.50") == ("1.50", "CHF")
    assert amount(money("a", currency="b"), 2, "EUR") == ("2", "EUR")
    assert amount(money("a", currency="b"), 2, "") == ("2", "CHF")
    assert amount(money("a", negate=True), "0.5") == ("-0.5", "CHF")
    assert amount(money("a"), "") is None
    assert amount(money("a", absent=frozenset({"n/a"})), "n/a") is None
    assert amount(money("a"), "1,5") is UNREADABLE


@pytest.mark.parametrize(
    ("value", "read_as"),
    [
        ("1,5", "1.5"),
        ("1.234,50", "1234.50"),
        ("1'234'567", "1234567"),
        ("-0,10", "-0.10"),
        ("12", "12"),
        (1.5, "1.5"),
        (b'"2,25"', "2.25"),
    ],
)
def test_a_price_may_have_a_decimal_comma(value: Any, read_as: str) -> None:
    given = msgspec.Raw(value) if isinstance(value, bytes) else value
    assert amount(money("a", comma=True), given) == (read_as, "CHF")
    assert amount(money("a", comma=True, negate=True), given) == (str(-Decimal(read_as)), "CHF")


@pytest.mark.parametrize("value", ["1.50", "1,234.50", "12.34,5", "1,2,3", ",", "a,b"])
def test_what_has_no_decimal_comma_is_no_price_with_one(value: str) -> None:
    assert amount(money("a", comma=True), value) is UNREADABLE


PARTIES = {
    "+41445556677": ("+41445556677", None, PartyKind.UNKNOWN, "+41445556677"),
    "044 555 66 77": ("044 555 66 77", None, PartyKind.UNKNOWN, "+41445556677"),
    "sip:ada@example.com": ("ada", "sip:ada@example.com", PartyKind.SIP, None),
    "sip:+41445556677@example.com;user=phone": (
        "+41445556677",
        "sip:+41445556677@example.com;user=phone",
        PartyKind.SIP,
        "+41445556677",
    ),
    "ada@example.com": ("ada", "ada@example.com", PartyKind.SIP, None),
    "client:ada": ("ada", None, PartyKind.USER, None),
    "tel:+41445556677": ("+41445556677", None, PartyKind.UNKNOWN, "+41445556677"),
    "": (None, None, PartyKind.UNKNOWN, None),
    None: (None, None, PartyKind.UNKNOWN, None),
    1001: ("1001", None, PartyKind.UNKNOWN, None),
}


@pytest.mark.parametrize("value", PARTIES, ids=repr)
def test_a_party_is_a_number_a_sip_address_or_a_client(value: Any) -> None:
    found = read(party("a"), value)
    assert (found.number, found.uri, found.kind, found.e164()) == PARTIES[value]


def test_a_party_may_be_told_by_more() -> None:
    column = party(text("a"), name="b", kind=Constant(PartyKind.QUEUE), native_id=ident("b"), country=Constant("CH"))
    found = read(column, "7", " 8 ")
    assert (found.number, found.name, found.kind, found.native_id, found.country) == ("7", "8", PartyKind.QUEUE, "8", "CH")


@pytest.mark.parametrize(
    ("value", "number", "is_withheld"),
    [
        ("anonymous", None, True),
        ("sip:Anonymous@anonymous.invalid", None, True),
        ("Private Number", None, True),
        ("7", "7", False),
        ("", None, False),
    ],
)
@pytest.mark.parametrize("made", [party("a"), party(text("a"))], ids=["from the row", "from a column"])
def test_a_word_that_withholds_a_number_is_no_number(made: Any, value: str, number: str | None, is_withheld: bool) -> None:
    found = read(made, value)
    assert (found.number, found.is_withheld) == (number, is_withheld)


def test_a_file_is_there_unless_it_is_not() -> None:
    assert read(file(mime_type="audio/mpeg", size="a", file_name="b"), "3000", "x.mp3") == FileInfo("audio/mpeg", 3000, "x.mp3")
    assert read(file(if_set="a"), "/blob") == FileInfo()
    assert read(file(if_set="a"), "") is None
    assert read(file(mime_type=Column(lambda name: f"audio/{name}", "a")), "ogg") == FileInfo("audio/ogg")
    assert read(file(size="a"), "x") is UNREADABLE
