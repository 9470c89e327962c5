"""Irregular: what is broken in a row, sent or not, and what does not fit into a field, is told as of a record."""

from datetime import timedelta
from typing import Any

import pytest

from telegraphql.gateway.auth.caller import Caller, Redaction
from telegraphql.schema.call import Call
from telegraphql.schema.values import Money, Party
from tests.gateway.graphql.compiler.row_provider import Row, asked, at, both, fast


def boom(row: Any) -> Any:
    """What cannot be made of a row whose `b` is 7."""
    if row.b == 7:
        raise ValueError("seven - at `$.b`")
    return row.b


def end(number: str | None, name: str | None) -> Party:
    """One end, as it is."""
    return Party(number=number, name=name)


def breaking(row: Row, of: Any) -> Call:
    """Anything of it may be broken: what is looked at, what is beside it in an object, and what tells where it stands."""
    key = str(row.id)
    return Call(
        provider_name=of.name,
        native_id=key,
        refs={"session": boom(row) if row.a == "refs" else key},
        hangup_cause=boom(row) if row.a == "cause" else row.c,
        from_=Party(number=key, name=boom(row) and None if row.a == "name" else None),
        to=end(boom(row) and None if row.a == "argument" else None, key),
        started_at=at(row),
        ended_at=at(row) + timedelta(seconds=boom(row) if row.a == "end" else 1),
        cost=Money(amount=row.b, currency=None) if row.a == "cost" else None,
        dialed_number=boom(row) if row.a == "dialed" else None,
    )


BROKEN = ("refs", "cause", "name", "argument", "end", "cost", "dialed", "none")
ASKED = ("id", "hangupCause from { number }", "to { name }", "session { id } id", "provider { name } hangupCause", "native endedAt")
# What of a party is not asked for is not looked at, as what of a record is not.
UNSEEN = {("name", "hangupCause from { number }"), ("argument", "to { name }")}


@pytest.mark.parametrize(("broken", "fields"), sorted({(one, other) for one in BROKEN for other in ASKED} - UNSEEN))
async def test_what_is_broken_beside_what_is_sent_costs_the_row_where_it_would_have_cost_the_record(broken: str, fields: str) -> None:
    told = await both(breaking, fields, {}, {"a": broken, "b": 7}, {"b": 3})
    # A parent of further fields needs its keys, so that there the record is made after all.
    assert told.sent == 3 - (bool(told.problems) or (broken == "refs" and ("provider" in fields or "native" in fields)))


@pytest.mark.parametrize(("broken", "fields"), [("name", "from { number }"), ("argument", "to { name }")])
@pytest.mark.parametrize("more", ["", "provider { name }", "session { id } native"])
@pytest.mark.parametrize("frame", ["nodes {{ {} }}", "edges {{ node {{ {} }} }}"])
async def test_what_is_broken_within_a_part_and_not_asked_for_costs_nothing_even_beside_what_is_irregular(
    broken: str, fields: str, more: str, frame: str
) -> None:
    text = f"{{ {frame.format(f'hangupCause {fields} {more}')} problems {{ message }} }}"
    rows = ({"c": "a"}, {"a": broken, "b": 7, "c": "b"}, {"c": []}, {"c": "d"})
    (data, errors), sheet = await asked(fast(), breaking, text, rows)
    nodes = data["calls"].get("nodes") or [edge["node"] for edge in data["calls"]["edges"]]
    assert [each["hangupCause"] for each in nodes] == ["a", "b", None, "d"]
    assert [each.path[-1] for each in errors if each.path] == ["hangupCause"]
    assert data["calls"]["problems"] == []
    part = fields.split()[0]
    assert [each[part] for each in nodes] == [{"number": str(key)} if part == "from" else {"name": str(key)} for key in range(1, 5)]
    assert sheet.sent == [True, True, False, True]


@pytest.mark.parametrize("frame", ["nodes {{ {} }}", "edges {{ node {{ {} }} }}"])
async def test_a_refused_field_takes_nothing_else_of_a_row_along(frame: str) -> None:
    text = f"{{ {frame.format('nativeId from { number } native')} problems {{ message }} }}"
    caller = Caller(name="c", redact=frozenset({Redaction.NATIVE}))
    (data, errors), _ = await asked(fast(), breaking, text, ({}, {"a": "name", "b": 7}, {}), caller=caller)
    nodes = data["calls"].get("nodes") or [edge["node"] for edge in data["calls"]["edges"]]
    assert nodes == [{"nativeId": key, "from": {"number": key}, "native": None} for key in ("1", "2", "3")]
    assert [(error.path[-1] if error.path else None, error.message) for error in errors] == [
        ("native", "the upstream's own record is withheld from your credentials")
    ] * 3


@pytest.mark.parametrize("fields", ["hangupCause", "hangupCause provider { name } session { id }"])
async def test_one_irregular_value_takes_others_neither_along_nor_apart(fields: str) -> None:
    told = await both(
        breaking, fields, {"c": "fine"}, {"c": 5}, {"a": "dialed", "b": 7, "c": "kept"}, {"c": ["odd"]}, {"a": "cost", "b": 7}
    )
    assert told.problems == []
    assert [each["hangupCause"] for each in told.nodes] == ["fine", "5", "kept", None, None]
    assert told.sent == 3
