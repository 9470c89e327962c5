"""From an upstream's JSON objects to records: a broken one costs only itself, and is named."""

from collections.abc import Sequence
from datetime import datetime
from decimal import Decimal

import msgspec

from telegraphql.gateway.pagination.cursor import position
from telegraphql.gateway.plugin.mapping import RowPosition, Unmapped, read_rows
from telegraphql.schema.call import Call
from telegraphql.schema.enums import ProblemCode
from telegraphql.schema.paging import Problem
from telegraphql.schema.record import Record
from telegraphql.schema.values import Party


class Row(msgspec.Struct):
    """A call as some upstream writes it."""

    id: int
    start: datetime
    legs: int = 1


DECODER = msgspec.json.Decoder(Row)
GOOD = b'{"id": 7, "start": "2024-03-01T12:00:00Z", "extra": {"x": 1}}'


def call(row: Row) -> Call:
    if row.legs < 0:
        raise ValueError("s3cr3t value")
    Decimal("s3cr3t" if row.legs > 9 else "1.20")
    return Call(provider_name="a", native_id=str(row.id), started_at=row.start, from_=Party(number=None), to=Party(number=None))


def legs(row: Row) -> Sequence[Record]:
    return [call(row)] * row.legs


def read(*rows: bytes, names: Sequence[str] = ("id",)) -> tuple[list[Call], list[Problem]]:
    return read_rows([msgspec.Raw(row) for row in rows], DECODER, call, "a", names)


def test_a_record_keeps_its_row_as_it_came() -> None:
    records, problems = read(GOOD)
    assert ([record.native_id for record in records], [bytes(record.raw) for record in records], problems) == (["7"], [GOOD], [])


def test_one_row_may_make_several_records_or_none() -> None:
    rows = [b'{"id": 7, "start": "2024-03-01T12:00:00Z", "legs": 2}', b'{"id": 8, "start": "2024-03-01T12:00:00Z", "legs": 0}']
    records, problems = read_rows([msgspec.Raw(row) for row in rows], DECODER, legs, "a")
    assert ([record.native_id for record in records], problems) == (["7", "7"], [])


BROKEN = [
    (b'{"id": 8, "start": "soon s3cr3t"}', "the record 8 cannot be read: `$.start` is missing or wrong"),
    (b'{"id": 9}', "the record 9 cannot be read: its shape is missing or wrong"),
    (b'{"start": "2024-03-01T12:00:00Z"}', "the record without an id cannot be read: its shape is missing or wrong"),
    (b'{"id": "x", "start": 5}', "the record x cannot be read: `$.id` is missing or wrong"),
    (b'{"id": 10, "start": "2024-03-01T12:00:00Z", "legs": -1}', "the record 10 cannot be read: its shape is missing or wrong"),
    (b'{"id": 11, "start": "2024-03-01T12:00:00Z", "legs": 10}', "the record 11 cannot be read: its shape is missing or wrong"),
    (b'{"id": {"x": 1}}', "the record without an id cannot be read: `$.id` is missing or wrong"),
    (b"[1]", "the record without an id cannot be read: its shape is missing or wrong"),
    (b"null", "the record without an id cannot be read: its shape is missing or wrong"),
]


def test_a_broken_row_is_a_problem_that_names_it_and_the_rest_arrives() -> None:
    records, problems = read(*(row for row, _ in BROKEN), GOOD)
    assert [record.native_id for record in records] == ["7"]
    assert [problem.message for problem in problems] == [f"{words}; the other records are complete" for _, words in BROKEN]
    assert {(problem.provider, problem.code, problem.retryable) for problem in problems} == {("a", ProblemCode.MALFORMED_RECORD, False)}


def place(row: Row) -> RowPosition:
    if row.id < 0:
        raise ValueError("s3cr3t - at `$.id`")
    return RowPosition(str(row.id), row.start)


def test_a_row_with_a_place_is_mapped_when_it_is_wanted() -> None:
    (row,), problems = read_rows([msgspec.Raw(GOOD)], DECODER, call, "a", place=place)
    assert (type(row), row.provider_name, row.native_id, problems) == (Unmapped, "a", "7", [])
    (at_once,), _ = read(GOOD)
    assert position(row) == position(at_once)
    made = row.mapped()
    assert (type(made), vars(made) | {"raw": GOOD}, bytes(made.raw)) == (Call, vars(at_once) | {"raw": GOOD}, GOOD)


def test_an_unmapped_row_is_broken_at_once_or_when_it_is_mapped_and_the_words_are_the_same() -> None:
    rows = [msgspec.Raw(row) for row, _ in BROKEN]
    records, problems = read_rows(rows, DECODER, call, "a", place=place)
    later = {row.native_id: row.mapped() for row in records}
    assert sorted(later) == ["10", "11"]
    assert [each.message for each in [*problems[:4], *later.values(), *problems[4:]]] == [
        f"{words}; the other records are complete" for _, words in BROKEN
    ]


def test_a_row_without_a_place_is_broken() -> None:
    records, problems = read_rows([msgspec.Raw(b'{"id": -1, "start": "2024-03-01T12:00:00Z"}')], DECODER, call, "a", place=place)
    assert (list(records), [each.message for each in problems]) == (
        [],
        ["the record -1 cannot be read: `$.id` is missing or wrong; the other records are complete"],
    )


def test_the_name_of_a_row_may_be_of_several_parts_and_is_never_long() -> None:
    (problem,) = read(b'{"call": "c1", "leg": 2}', names=("call", "leg"))[1]
    assert problem.message.startswith("the record c1-2 cannot be read")
    (problem,) = read(b'{"call": "' + b"x" * 999 + b'"}', names=("call",))[1]
    assert problem.message.startswith(f"the record {'x' * 64} cannot be read")
