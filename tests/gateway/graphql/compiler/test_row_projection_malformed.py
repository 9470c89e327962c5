"""Irregular: what is broken in a row is null and told once per field, whatever is asked; what does not fit is told as of a record."""

from dataclasses import replace
from typing import Any

import pytest

from telegraphql.gateway.auth.caller import LOCAL, Caller, Redaction
from telegraphql.gateway.plugin.columns import Column, Object, mapped
from telegraphql.gateway.plugin.number_readers import decimal
from telegraphql.gateway.plugin.readers import ident, plain
from telegraphql.gateway.plugin.time_readers import later, seconds
from telegraphql.schema.node import global_id
from telegraphql.schema.values import Money, Party
from tests.gateway.graphql.compiler.row_provider import PROBLEMS, asked, both, fast, of_rows


def boom(a: Any, b: Any) -> None:
    """Read nothing; what names this column in `a` cannot be read."""
    if b == 7:
        raise {"v": ValueError, "k": KeyError, "z": ZeroDivisionError}[a[-1]]("s3cr3t")


def breaking(name: str) -> Column:
    """A column that cannot be read where `a` names it."""
    return Column(lambda a, b: boom(a, b) if str(a)[:-2] == name else None, "a", "b")


MAPPING = of_rows(
    refs={"session": breaking("session"), "recordings": ident("id")},
    hangup_cause=plain("c"),
    dialed_number=breaking("dialedNumber"),
    from_=Object(Party, number=ident("id"), name=breaking("from.name")),
    to=Object(Party, name=ident("id")),
    duration_seconds=breaking("durationSeconds"),
    ended_at=later(mapped("started_at"), mapped("duration_seconds")),
    cost=Object(Money, unless_null="amount", amount=breaking("cost.amount")),
    files={"capture": breaking("capture")},
)
BROKEN = ("session", "dialedNumber", "from.name", "durationSeconds", "cost.amount", "capture")
ASKED = (
    "id",
    "hangupCause dialedNumber from { number }",
    "from { number name } to { name } cost { amount }",
    "session { id } id",
    "provider { name } hangupCause",
    "native endedAt durationSeconds",
    "capture { url } recordings { id } from { e164 }",
)


@pytest.mark.parametrize("broken", BROKEN)
@pytest.mark.parametrize("fields", ASKED)
@pytest.mark.parametrize("kind", "vz")
async def test_what_cannot_be_read_is_null_and_told_the_same_whatever_is_asked(broken: str, fields: str, kind: str) -> None:
    odd = {"a": f"{broken}-{kind}", "b": 7}
    told = await both(MAPPING, fields, {"c": "x"}, odd, {"b": 3}, odd)
    assert told.answer[1] == ()
    assert len(told.nodes) == 4
    (problem,) = told.problems
    assert {name: problem[name] for name in ("code", "field", "count", "id")} == {
        "code": "MALFORMED_FIELD",
        "field": broken,
        "count": 2,
        "id": global_id("Call", "a", "2"),
    }
    assert problem["message"] == f"the field {broken} of 2 records, such as 2, cannot be read, and is null; all else of them is complete"
    assert told.sent == 2


async def test_what_is_made_of_what_cannot_be_read_is_null_without_a_word() -> None:
    told = await both(MAPPING, "durationSeconds endedAt nativeId", {"a": "durationSeconds-v", "b": 7})
    assert told.nodes == [{"durationSeconds": None, "endedAt": None, "nativeId": "1"}]
    assert [each["field"] for each in told.problems] == ["durationSeconds"]


async def test_an_exception_that_no_column_should_raise_is_logged_without_its_words(caplog: pytest.LogCaptureFixture) -> None:
    told = await both(MAPPING, "id", {"a": "durationSeconds-k", "b": 7})
    assert [each["field"] for each in told.problems] == ["durationSeconds"]
    assert {record.getMessage() for record in caplog.records} == {
        "the column duration_seconds of a failed with KeyError at "
        f"test_row_projection_malformed.py:{boom.__code__.co_firstlineno + 3}: raise ValueError for what cannot be read"
    }


NUMBERS = of_rows(duration_seconds=seconds("a"), cost=Object(Money, unless_null="amount", amount=decimal("b")))


@pytest.mark.parametrize("fields", ["id", "durationSeconds", "cost { amount }", "durationSeconds cost { amount currency } native"])
@pytest.mark.parametrize(
    ("row", "length", "amount", "unread"),
    [
        ({"a": "60", "b": "1.250"}, 60, "1.250", []),
        ({"a": 12.5, "b": 1}, 12, "1", []),
        ({"a": "", "b": " "}, None, None, []),
        ({"a": -1606755000, "b": None}, None, None, []),
        ({"a": 4294967295, "b": "-0"}, None, "-0", []),
        ({"a": [], "b": "0,02350"}, None, None, ["durationSeconds", "cost.amount"]),
        ({"a": "soon", "b": {}}, None, None, ["durationSeconds", "cost.amount"]),
        ({"a": True, "b": "1e999"}, None, None, ["durationSeconds", "cost.amount"]),
    ],
)
async def test_numbers_in_any_spelling(fields: str, row: dict[str, Any], length: int | None, amount: str | None, unread: list[str]) -> None:
    told = await both(NUMBERS, fields, row)
    (node,) = told.nodes
    assert node.get("durationSeconds", length) == length
    cost = {"amount": amount, "currency": None} if "currency" in fields else {"amount": amount}
    assert node.get("cost", cost if amount else None) == (cost if amount else None)
    assert sorted(each["field"] for each in told.problems) == sorted(unread)


@pytest.mark.parametrize("frame", ["nodes {{ {} }}", "edges {{ node {{ {} }} }}"])
async def test_a_refused_field_takes_nothing_else_of_a_row_along(frame: str) -> None:
    text = f"{{ {frame.format('nativeId from { number } native')} {PROBLEMS} }}"
    caller = Caller(name="c", redact=frozenset({Redaction.NATIVE}))
    (data, errors), _ = await asked(fast(), MAPPING, text, ({}, {"a": "from.name-v", "b": 7}, {}), caller=caller)
    nodes = data["calls"].get("nodes") or [edge["node"] for edge in data["calls"]["edges"]]
    assert nodes == [{"nativeId": key, "from": {"number": key}, "native": None} for key in ("1", "2", "3")]
    assert [(error.path[-1] if error.path else None, error.message) for error in errors] == [
        ("native", "the upstream's own record is withheld from your credentials")
    ] * 3


@pytest.mark.parametrize("fields", ["hangupCause", "hangupCause provider { name } session { id }"])
async def test_one_irregular_value_takes_others_neither_along_nor_apart(fields: str) -> None:
    told = await both(MAPPING, fields, {"c": "fine"}, {"c": 5}, {"a": "dialedNumber-v", "b": 7, "c": "kept"}, {"c": ["odd"]}, {"c": "x"})
    assert [each["field"] for each in told.problems] == ["dialedNumber"]
    assert [each["hangupCause"] for each in told.nodes] == ["fine", "5", "kept", None, "x"]
    assert told.sent == 2


async def test_callers_from_whom_personal_things_are_withheld_are_told_of_the_same_fields() -> None:
    caller = replace(LOCAL, redact=frozenset({Redaction.PERSONAL}))
    told = await both(MAPPING, "id dialedNumber", {"a": "dialedNumber-v", "b": 7}, caller=caller)
    assert [each["field"] for each in told.problems] == ["dialedNumber"]
