"""A mistake in a mapping is an error at import, with the file, the line and what to write."""

from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import msgspec
import pytest

from telegraphql.gateway.plugin.mapping_errors import MappingError
from telegraphql.plugin import (
    Column,
    Constant,
    Mapping,
    boolean,
    decimal,
    epoch,
    file,
    ident,
    later,
    local,
    mapped,
    money,
    parameter,
    party,
    provider,
    seconds,
    template,
    text,
    utc,
    word,
)
from telegraphql.schema import Call, CallDirection, CallStatus
from telegraphql.schema.nearest_names import nearest_name

STATUS = {"up": CallStatus.ANSWERED}


class Row(msgspec.Struct):
    id: int
    at: str
    code: str | None = None


def calls(**columns: Any) -> Mapping[Call]:
    needed = {"native_id": ident("id"), "started_at": utc("at"), "from_": party("code"), "to": party("code")}
    return Mapping(Call, Row, **needed | columns)


def untyped(function: Any) -> Any:
    """The same function, for calls that mypy would refuse."""
    return function


A_SOURCE = 'a source, such as the name of an attribute of the row or mapped("started_at")'
WRONG: dict[str, tuple[Callable[[], Any], str]] = {
    "keyword": (lambda: untyped(text)("a", absnt={"NA"}), "text has no option 'absnt'; did you mean 'absent'?"),
    "keyword of money": (lambda: untyped(money)("a", curency="b"), "money has no option 'curency'; did you mean 'currency'?"),
    "keyword of a party": (lambda: untyped(party)("a", nam="b"), "party has no option 'nam'; did you mean 'name'?"),
    "keyword of Column": (lambda: Column(str, "a", never_fail=True), "Column has no option 'never_fail'; did you mean 'never_fails'?"),
    "nothing": (lambda: untyped(ident)(), "ident(source): missing a required argument: 'source'"),
    "too much": (lambda: untyped(local)("a"), "local(source, zone, *, near=None, not_before=None): missing a required argument: 'zone'"),
    "words": (lambda: text("a", absent="NA"), "'absent' of text is a set of texts, such as frozenset({\"n/a\"}), not 'NA'"),
    "words of a number": (lambda: untyped(decimal)("a", absent=["NA"]), "'absent' of decimal is a set of texts"),
    "yes": (lambda: boolean("a", true="ja"), "'true' of boolean is a set of texts"),
    "table": (lambda: untyped(word)("a", ["up"], CallStatus.UNKNOWN), "'table' of word is a dict, not ['up']"),
    "unknown": (lambda: untyped(word)("a", STATUS, "unknown"), "'unknown' of word is an Enum, not 'unknown'"),
    "unknown of another enum": (
        lambda: untyped(word)("a", STATUS, CallDirection.UNKNOWN),
        "the table has <CallStatus.ANSWERED: 'ANSWERED'> for 'up', but 'unknown' is a CallDirection",
    ),
    "fold": (lambda: untyped(word)("a", STATUS, CallStatus.UNKNOWN, fold="upper"), "'fold' of word is a function, such as str.upper"),
    "no parts of a second": (lambda: epoch("a", per_second=0), "'per_second' is 0; make it 1 or more"),
    "parts of a second": (lambda: untyped(seconds)("a", per_second="1000"), "'per_second' of seconds is a whole number, not '1000'"),
    "yes or no": (lambda: untyped(money)("a", negate="yes"), "'negate' of money is True or False, not 'yes'"),
    "a number": (lambda: untyped(text)(3), f"'source' of text is {A_SOURCE}, not 3"),
    "null": (lambda: untyped(text)(None), f"'source' of text is {A_SOURCE}, not None"),
    "a function": (lambda: untyped(later)("a", len), f"'length' of later is {A_SOURCE}, not <built-in function len>"),
    "a part": (lambda: untyped(party)("a", kind="b"), "'kind' of party is a column or None, not 'b'"),
    "no function": (
        lambda: untyped(Column)("d"),
        "Column starts with a function, such as Column(status, 'd'), not with 'd'",
    ),
    "a source of a column": (lambda: untyped(Column)(str, 3), "a source of a Column is the name of an attribute"),
    "no name": (lambda: untyped(mapped)(3), "mapped takes a name, not 3"),
    "an empty name": (lambda: provider(""), "provider takes a name, not ''"),
    "a parameter": (lambda: untyped(parameter)(None), "parameter takes a name, not None"),
    "values of a template": (lambda: template("{}-{}", "a"), "'{}-{}' has not one {} for each of 1 sources"),
    "a file": (lambda: untyped(file)(mime_type=3), "'mime_type' of file is a column or text or None, not 3"),
    "a kind": (lambda: untyped(Mapping)(Row, Call), "a Mapping starts with a kind of the schema and a Struct, not with <class"),
    "a field by half its name": (lambda: calls(duration=seconds("id")), "Call has no field 'duration'; did you mean 'duration_seconds'?"),
    "a relation": (
        lambda: calls(recordings=ident("id")),
        'Call.recordings is a relation: give its key in `refs`, such as refs={"recordings": ident("...")}',
    ),
    "a file as a column": (lambda: calls(capture=file()), "Call.capture is a file: describe it in `files`"),
    "a fixed currency": (
        lambda: calls(cost=money("code", currency="CHF")),
        "Row has no attribute 'CHF'; it has at, code, id; for a fixed value write Constant('CHF')",
    ),
}


@pytest.mark.parametrize("name", WRONG)
def test_a_mistake_names_its_line_and_what_to_write(name: str) -> None:
    make, complaint = WRONG[name]
    with pytest.raises(MappingError) as caught:
        make()
    where, _, told = str(caught.value).partition(": ")
    assert Path(where.rpartition(":")[0]) == Path(__file__)
    assert complaint in told


@pytest.mark.parametrize(
    ("wrong", "known", "right"),
    [
        ("duration", ["duration_seconds", "direction"], "duration_seconds"),
        ("hangup_cuase", ["hangup_cause", "cause"], "hangup_cause"),
        ("name", ["caller_name", "names"], "names"),
        ("xy", ["xyz_and_more"], None),
        ("elsewhere", ["id"], None),
    ],
)
def test_the_nearest_name_is_a_slip_away_or_contains_the_word(wrong: str, known: list[str], right: str | None) -> None:
    assert nearest_name(wrong, known) == right


def test_a_constant_is_a_column_and_a_source() -> None:
    trunk = Column("{}-{}".format, Constant("t"), "code")
    mapping = calls(direction=Constant(CallDirection.INBOUND), trunk=trunk, refs={"session": Constant("s")})
    row = Row(1, "2026-11-01 12:00:00", "x")
    made = mapping.record(row, type("Account", (), {"id": "a", "numbering": type("N", (), {"e164": staticmethod(str)})})())
    assert (made.direction, made.trunk, made.refs) == (CallDirection.INBOUND, "t-x", {"session": "s"})
    assert made.started_at == datetime(2026, 11, 1, 12, tzinfo=UTC)
