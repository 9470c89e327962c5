"""Whatever is asked of a list whose rows can be sent as they are, the answer is that of records; and which rows are sent."""

from dataclasses import replace
from decimal import Decimal
from typing import Any

import pytest

from telegraphql.gateway.auth.caller import LOCAL, Redaction
from telegraphql.gateway.plugin.columns import Column, Constant, Object, mapped
from telegraphql.gateway.plugin.file_reader import file
from telegraphql.gateway.plugin.readers import ident, party, plain, text
from telegraphql.schema.enums import CallDirection, CallStatus
from telegraphql.schema.values import Money, Party
from tests.gateway.graphql.compiler.row_provider import both, of_rows

ROWS = ({"a": "x", "b": 3}, {"a": "y", "b": 0}, {"a": "z", "b": 1})


def priced(b: Any) -> Decimal | None:
    """What a row cost."""
    return Decimal(b) if b else None


CALL = of_rows(
    refs={"session": Column(lambda id, b: str(id) if b else None, "id", "b"), "recordings": ident("id")},
    direction=Constant(CallDirection.INBOUND),
    status=Constant(CallStatus.BUSY),
    hangup_cause=text("a"),
    from_=party("a", name=ident("id")),
    to=Object(Party, number=ident("id")),
    cost=Object(Money, unless_null="amount", amount=Column(priced, "b"), currency=Constant("CHF")),
    duration_seconds=plain("b"),
    files={"capture": file(mime_type="text/plain", file_name=Column("{}.txt".format, mapped("native_id")))},
)


NODES = [
    "hangupCause status id",
    "hangupCause hangupCause id hangupCause",
    "class: status x: hangupCause v0: durationSeconds lean: nativeId _: id __made: startedAt hangupCause: status status: hangupCause",
    "a: hangupCause b: hangupCause c: id d: id",
    "__typename t: __typename from { __typename } to { t: __typename }",
    "from { number number kind n: number e164 } to { ...P } ... on Record { nativeId } ... { status } ... on Node { id }",
    "...F ...F durationSeconds",
    "hangupCause @skip(if: true) status @include(if: false) durationSeconds @include(if: true)",
    "from { number @skip(if: true) }",
    "cost { amount currency } durationSeconds",
    "session { id } hangupCause recordings { id }",
    "capture { fileName } hangupCause",
    "native provider { name health { status } } n: native",
    "provider { name } p: provider { plugin } startedAt e: startedAt",
    "session { calls { id } } from { number } native capture { mimeType }",
    "createdAt: startedAt endedAt isEndedAtDerived",
]
FRAGMENTS = {
    "F": "fragment F on Call { ...G durationSeconds } fragment G on Call { d: durationSeconds status }",
    "P": "fragment P on Party { number name }",
}


@pytest.mark.parametrize("fields", NODES)
async def test_fields_in_any_order_under_any_name_once_or_more_often(fields: str) -> None:
    more = " ".join(text for name, text in FRAGMENTS.items() if f"...{name}" in fields)
    told = await both(CALL, fields, *ROWS, more=more)
    assert told.answer[1] == ()
    assert told.sent == 3


FRAMES = [
    ("{ edges { node { id hangupCause } } }", 3),
    ("{ edges { cursor x: node { id } } }", 3),
    ("{ edges { cursor } pageInfo { hasNextPage startCursor } totalCount }", 0),
    ("{ list: nodes { status } problems { message } pageInfo { endCursor } __typename }", 3),
    ("{ nodes { id } edges { node { status } } }", 0),
    ("{ a: nodes { id } b: nodes { status from { number } } }", 0),
    ("{ a: edges { node { id } } b: edges { cursor } }", 3),
    ("{ edges { a: node { id } b: node { session { id } } } }", 0),
    ("{ nodes { id } nodes { status } ...C }", 3),
    ("{ nodes { __typename } }", 3),
    ("{ nodes @skip(if: true) { id } problems { message } }", 0),
    ("{ problems { message } }", 0),
]


@pytest.mark.parametrize(("frame", "sent"), FRAMES)
async def test_nodes_and_edges_alone_together_and_twice(frame: str, sent: int) -> None:
    told = await both(CALL, frame, *ROWS, more="fragment C on CallConnection { nodes { hangupCause } }" if "...C" in frame else "")
    assert told.answer[1] == ()
    assert told.sent == sent


@pytest.mark.parametrize(
    "fields", ["from { number e164 } hangupCause", "cost { amount } session { id } to { name }", "native", "capture { fileName }"]
)
@pytest.mark.parametrize("personal", [True, False])
async def test_callers_from_whom_something_is_withheld_are_shown_what_is_left_of_records(fields: str, personal: bool) -> None:
    caller = replace(LOCAL, redact=frozenset({Redaction.NATIVE, *([Redaction.PERSONAL] if personal else [])}))
    told = await both(CALL, fields, *ROWS, caller=caller)
    assert told.sent == (0 if personal else 3)
    if "from" in fields:
        assert [each["from"]["number"] for each in told.nodes] == ([None] * 3 if personal else ["x", "y", "z"])
