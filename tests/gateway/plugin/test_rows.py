"""Rows are decoded together while they are regular, one by one where one is not, and read no further than they are looked at."""

from collections.abc import Iterator
from decimal import Decimal
from typing import Any
from unittest.mock import patch

import msgspec
import pytest

from telegraphql.gateway.plugin.column_code import first_look
from telegraphql.gateway.plugin.columns import Column, Constant
from telegraphql.gateway.plugin.mapping import Mapping
from telegraphql.gateway.plugin.readers import ident, text
from telegraphql.gateway.plugin.row_decoding import RowDecoder
from telegraphql.gateway.plugin.row_reader import RowReader
from telegraphql.gateway.plugin.rows import Rows
from telegraphql.gateway.plugin.time_readers import utc
from telegraphql.schema.enums import ReportStatus
from telegraphql.schema.report import Report
from tests.support.memory_provider import Memory, Store, serving

GOOD = b'{"id": 1, "at": "2026-11-01", "count": 5, "extra": {"x": [1]}}'


class Row(msgspec.Struct):
    id: int
    at: str
    count: int | None = None
    name: str | None = None
    price: Decimal | None = None
    flag: bool | None = None
    caller_name: str | None = msgspec.field(default=None, name="callerName")


REPORT = Mapping(Report, Row, native_id=ident("id"), created_at=utc("at"), name=text("name"), status=Constant(ReportStatus.DONE))


def rows(*texts: bytes) -> Rows:
    return Rows(RowReader(REPORT, serving("a", Memory, Store()).provider, {}), list(map(msgspec.Raw, texts)))


def many(number: int) -> Rows:
    return rows(*(b'{"id": %d, "at": "2026-11-01"}' % each for each in range(1, number + 1)))


@pytest.fixture
def single() -> Iterator[list[bytes]]:
    """The rows that were decoded alone."""
    alone: list[bytes] = []
    one = RowDecoder.one

    def noted(decoder: RowDecoder, raw: Any) -> Any:
        alone.append(bytes(raw))
        return one(decoder, raw)

    with patch.object(RowDecoder, "one", noted):
        yield alone


def test_a_regular_answer_is_decoded_at_once(single: list[bytes]) -> None:
    assert [view.native_id for view in many(50)] == [str(number) for number in range(1, 51)]
    assert single == []


def test_one_irregular_row_has_them_decoded_one_by_one(single: list[bytes]) -> None:
    odd = b'{"id": 2, "at": "2026-11-01", "count": []}'
    found = rows(GOOD, odd, GOOD)
    assert [(view.native_id, view.odd) for view in found] == [("1", frozenset()), ("2", {"count"}), ("1", frozenset())]
    assert single == [GOOD, odd, GOOD]


SPELLINGS: list[tuple[bytes, dict[str, Any], set[str]]] = [
    (b'"count": "60", "flag": "1", "price": "0.10"', {"count": 60, "flag": True, "price": Decimal("0.10")}, set()),
    (b'"count": 60.0, "flag": 0', {"count": 60, "flag": False}, set()),
    (b'"count": null, "name": null', {"count": None, "name": None}, set()),
    (b'"callerName": "x"', {"caller_name": "x"}, set()),
    (b'"callerName": 5, "count": 3', {"caller_name": 5, "count": 3}, {"caller_name"}),
    (b'"count": 12.5', {"count": 12.5}, {"count"}),
    (b'"count": ""', {"count": ""}, {"count"}),
    (b'"name": [1], "price": {}', {"name": [1], "price": {}}, {"name", "price"}),
]


@pytest.mark.parametrize(("words", "values", "odd"), SPELLINGS)
def test_what_is_of_another_type_is_kept_and_named(words: bytes, values: dict[str, Any], odd: set[str]) -> None:
    row, found = RowDecoder(Row).one(b'{"id": 1, "at": "x", ' + words + b"}")
    assert ({name: getattr(row, name) for name in values}, found) == (values, odd)


def test_what_is_missing_is_odd_where_it_must_be_there() -> None:
    row, odd = RowDecoder(Row).one(b'{"id": 1}')
    assert (row.at, odd) == (None, {"at"})


@pytest.mark.parametrize("raw", [b"[]", b"null", b'"x"', b"{", b"1,2"])
def test_what_is_no_row_is_refused(raw: bytes) -> None:
    with pytest.raises(msgspec.DecodeError):
        RowDecoder(Row).one(raw)
    assert RowDecoder(Row).all([GOOD, raw]) is None


def test_a_byte_that_is_no_utf8_costs_a_character() -> None:
    broken = b'{"id": 2, "at": "2026-11-01", "name": "M\xfcller \xe2\x82"}'
    found = rows(GOOD, broken, GOOD)
    assert [view.name for view in found] == [None, "M\ufffdller \ufffd", None]
    assert found.problems == []
    assert bytes(found[1].raw) == broken


@pytest.mark.parametrize(("control", "shown"), [(b"\x00", "\ufffd"), (b"\x1f", "\ufffd"), (b"\n", "\n"), (b"\t", "\t")])
def test_a_control_character_costs_itself_at_most(control: bytes, shown: str) -> None:
    found = rows(GOOD, b'{"id": 2,\n"at": "2026-11-01", "name": "a' + control + b'b"}')
    assert ([view.name for view in found], found.problems) == ([None, f"a{shown}b"], [])


def test_rows_that_are_decoded_already_are_taken_as_they_are() -> None:
    found = Rows(RowReader(REPORT, serving("a", Memory, Store()).provider, {}), [Row(1, "2026-11-01", name="x"), Row(2, "soon")])
    assert [(view.native_id, view.name) for view in found] == [("1", "x")]
    assert [problem.message[:25] for problem in found.problems] == ["the record without an id "]


def test_no_more_is_read_than_is_looked_at() -> None:
    found = many(100)
    assert (len(found.times() or ()), found._read) == (100, [])
    assert [view.native_id for view in found.next(3)] == ["1", "2", "3"]
    assert [view.native_id for view in found.next(2)] == ["4", "5"]
    assert (len(found._read), found.is_read) == (5, False)
    assert (len(found.next()), len(found), found.is_read, found[-1].native_id) == (95, 100, True, "100")


def test_problems_come_as_rows_are_read_and_are_told_once() -> None:
    found = rows(GOOD, b"{}", GOOD, b"[]")
    assert (found.next(1), found.news()) == ([found._read[0]], [])
    assert (len(found.next(1)), len(found.news()), len(found.news())) == (0, 1, 0)
    assert (len(found.all()), len(found.news()), len(found.news()), len(found.problems)) == (2, 1, 0, 2)


@pytest.mark.parametrize("irregular", [b"{}", b"null", b'{"id": 2, "at": "soon"}'])
def test_the_times_of_rows_are_known_before_they_are_read_while_all_are_regular(irregular: bytes) -> None:
    assert rows(GOOD, GOOD).times() == [view.time for view in rows(GOOD, GOOD)]
    assert rows(GOOD, irregular).times() is None


def test_a_column_is_a_function_that_can_be_stepped_into() -> None:
    def name(value: str | None) -> str | None:
        frames.append(1)
        return value

    frames: list[int] = []
    mapping = Mapping(Report, Row, **{**REPORT.columns, "name": Column(name, "name")})
    (view,) = Rows(RowReader(mapping, serving("a", Memory, Store()).provider, {}), [msgspec.Raw(GOOD)])
    assert (view.name, view.name, frames) == (None, None, [1])
    assert first_look(mapping) == {"native_id": "view.native_id", "created_at": "view.time"}
