"""A mapping is a table: what it names exists, what it reads is read once, and what it cannot read costs as little as it can."""

import textwrap
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import msgspec
import pytest

from telegraphql.gateway.conformance import read_page
from telegraphql.gateway.plugin.columns import PROVIDER, ROW, Column, Constant, Object, mapped, parameter, provider
from telegraphql.gateway.plugin.mapping import Mapping
from telegraphql.gateway.plugin.mapping_errors import MappingError
from telegraphql.gateway.plugin.number_readers import money
from telegraphql.gateway.plugin.provider import Page, Provider
from telegraphql.gateway.plugin.readers import ident, party, text
from telegraphql.gateway.plugin.row_reader import RowReader
from telegraphql.gateway.plugin.row_view import RowView
from telegraphql.gateway.plugin.rows import Rows
from telegraphql.gateway.plugin.time_readers import utc
from telegraphql.schema.call import Call
from telegraphql.schema.enums import ProblemCode
from telegraphql.schema.kinds import KINDS
from telegraphql.schema.queue import Queue
from telegraphql.schema.values import Party
from tests.support.memory_provider import Memory, Store, serving

AT = datetime(2026, 11, 1, 12, tzinfo=UTC)


class End(msgspec.Struct):
    number: str | None = None


class Row(msgspec.Struct):
    id: int | str
    at: str | None = None
    number: str | None = None
    cause: str | None = None
    cost: str | None = None
    caller: End | None = None


NEEDED: dict[str, Any] = {
    "native_id": ident("id"),
    "started_at": utc("at"),
    "from_": party("number"),
    "to": Object(Party, number=Constant(None)),
}


def calls(**columns: Any) -> Mapping[Call]:
    return Mapping(Call, Row, **NEEDED | columns)


def account() -> Provider:
    return serving("a", Memory, Store()).provider


def page(mapping: Mapping[Any], *rows: dict[str, Any], **parameters: Any) -> Page:
    full = ({"id": 1, "at": "2026-11-01 12:00:00"} | row for row in rows)
    return account().page(mapping, [msgspec.Raw(msgspec.json.encode(row)) for row in full], **parameters)


def one(mapping: Mapping[Any], row: dict[str, Any] | None = None, **parameters: Any) -> Any:
    ((record,), problems) = read_page(page(mapping, row or {}, **parameters))
    assert problems == []
    return record


# Names


def three(a: Any, b: Any, c: Any) -> None:
    """A function of three values."""


WRONG: dict[str, tuple[Callable[[], Any], str]] = {
    "a field of the kind": (lambda: calls(hangup_cuase=text("cause")), "Call has no field 'hangup_cuase'; did you mean 'hangup_cause'?"),
    "an attribute of the row": (lambda: calls(hangup_cause=text("casue")), "Row has no attribute 'casue'; did you mean 'cause'?"),
    "a nested attribute": (
        lambda: calls(hangup_cause=text("caller.nunber")),
        "End has no attribute 'nunber'; did you mean 'number'?",
    ),
    "beyond a text": (lambda: calls(hangup_cause=text("cause.code")), "'cause.code' goes on behind 'cause', which is no Struct"),
    "another column": (
        lambda: calls(hangup_cause=Column(str, mapped("from_.numbre"))),
        "there is no column 'from_.numbre' to read; did you mean 'from_.number'?",
    ),
    "a part of an object": (lambda: calls(to=Object(Party, numbr=text("number"))), "Party has no field 'numbr'; did you mean 'number'?"),
    "the part that decides": (
        lambda: calls(to=Object(Party, unless_null="name", number=text("number"))),
        "Party has no part 'name'; did you mean 'number'?",
    ),
    "a relation": (lambda: calls(refs={"sesion": ident("id")}), "Call has no 'sesion' for `refs`; did you mean 'session'?"),
    "a file": (lambda: calls(files={"captures": Constant(None)}), "Call has no 'captures' for `files`; did you mean 'capture'?"),
    "no file at all": (lambda: calls(files={"meda": Constant(None)}), "Call has no 'meda' for `files`; it has capture, trace"),
    "what is no dict": (lambda: calls(refs=ident("id")), "'refs' is a dict of columns"),
    "a dict": (lambda: calls(trunk={"a": ident("id")}), "'trunk' is a column, not a dict"),
    "no column": (lambda: calls(trunk="cause"), "'trunk' is str; make it a column"),
    "what a kind needs": (lambda: Mapping(Call, Row, native_id=ident("id")), "Call needs from_, started_at, to: add the columns"),
    "a function's parameters": (
        lambda: calls(trunk=Column(three, "cause", ROW)),
        "the function of 'trunk' is called with cause, ROW, but its parameters are (a: Any, b: Any, c: Any) -> None",
    ),
    "a circle": (
        lambda: calls(trunk=Column(str, mapped("hangup_cause")), hangup_cause=Column(str, mapped("trunk"))),
        "are made of each other",
    ),
    "an option": (lambda: Column(str, "a", totl=1), "Column has no option 'totl'; did you mean 'total_for'?"),
}


@pytest.mark.parametrize("name", WRONG)
def test_a_wrong_name_is_an_error_that_names_the_line_and_the_nearest_right_one(name: str) -> None:
    make, complaint = WRONG[name]
    with pytest.raises(MappingError) as caught:
        make()
    where, _, told = str(caught.value).partition(": ")
    assert Path(where.rpartition(":")[0]) == Path(__file__)
    assert complaint in told


def test_the_line_is_that_of_the_column(tmp_path: Path) -> None:
    lines = """
        from telegraphql.plugin import Mapping, ident, text
        from telegraphql.schema import Queue
        import msgspec
        class Row(msgspec.Struct):
            id: int
            name: str
        QUEUE = Mapping(
            Queue,
            Row,
            native_id=ident("id"),
            name=text("nam"),
        )
    """
    path = tmp_path / "wrong_mapping.py"
    path.write_text(textwrap.dedent(lines), "utf-8")
    with pytest.raises(MappingError, match=r"wrong_mapping\.py:12: Row has no attribute 'nam'; did you mean 'name'\?"):
        exec(compile(path.read_text("utf-8"), str(path), "exec"), {"__name__": "wrong_mapping"})


def test_a_mapping_names_its_row_and_its_kind() -> None:
    assert repr(calls()) == "<Mapping of Row to Call>"


# Sources


def test_a_column_is_called_with_the_values_of_its_sources_in_their_order() -> None:
    seen: list[Any] = []

    def note(*given: Any) -> str:
        seen[:] = given
        return "x"

    of = account()
    trunk = Column(note, "cause", "caller.number", Constant(7), mapped("from_.number"), parameter("key"), provider("name"), PROVIDER, ROW)
    row = Row(1, at="2026-11-01 12:00:00", number="+41", cause="busy", caller=End("2"))
    made = calls(trunk=trunk).record(row, of, key="k")
    assert (made.trunk, seen) == ("x", ["busy", "2", 7, "+41", "k", "a", of, row])


def test_what_stands_behind_null_is_null() -> None:
    assert one(calls(trunk=text("caller.number"))).trunk is None
    assert one(calls(trunk=text("caller.number")), {"caller": {"number": "5"}}).trunk == "5"


def test_a_column_within_a_column_is_a_source_as_well() -> None:
    def longer(cause: str | None, length: str | None) -> str | None:
        return f"{cause}/{length}"

    assert one(calls(trunk=Column(longer, text("cause"), Column(len, "number"))), {"cause": " b ", "number": "123"}).trunk == "b/3"


def test_another_column_is_read_once() -> None:
    count: list[str] = []

    def cause(value: str) -> str:
        count.append(value)
        return value

    mapping = calls(
        hangup_cause=Column(cause, "cause"), trunk=Column(str, mapped("hangup_cause")), reroute_reason=Column(str, mapped("hangup_cause"))
    )
    assert one(mapping, {"cause": "busy"}).trunk == "busy"
    assert count == ["busy"]


def test_parameters_are_given_where_rows_are_read() -> None:
    mapping = calls(trunk=Column(str, parameter("key")))
    assert one(mapping, key="k").trunk == "k"
    for given in ({}, {"kee": 1}, {"key": 1, "more": 2}):
        with pytest.raises(TypeError, match="takes the parameters key, but was given"):
            page(mapping, {}, **given)


# Records


def test_a_view_reads_like_its_record() -> None:
    mapping = calls(cost=money("cost"), trunk=text("cause"), refs={"session": ident("number")})
    (view,) = page(mapping, {"cost": "1.5", "cause": "x", "number": "7"}).records
    assert (view.record_type, view.provider_name, view.native_id, view.time, view.time_field) == (Call, "a", "1", AT, "started_at")
    alone = {name: getattr(view, name) for name in mapping.fields}
    record = view.record()
    assert type(record) is Call
    assert {name: vars(record)[name] for name in mapping.fields} == alone
    assert view.record() is record
    assert bytes(record.raw) == b'{"id":1,"at":"2026-11-01 12:00:00","cost":"1.5","cause":"x","number":"7"}'


@pytest.mark.parametrize("kind", KINDS.values(), ids=lambda kind: kind.__name__)
def test_what_a_view_has_of_its_own_has_no_fields_name(kind: Any) -> None:
    own = {name for name in dir(RowView) if not name.startswith("__")} - {"native_id", "provider_name", "sort_id", "raw"}
    assert own.isdisjoint(each.python_name for each in kind.__strawberry_definition__.fields)


def test_a_view_has_no_attribute_that_its_kind_has_not() -> None:
    (view,) = page(calls(), {}).records
    with pytest.raises(AttributeError, match="'Call' has no attribute 'colour'"):
        view.colour  # noqa: B018


def test_what_was_changed_through_a_view_is_in_its_record() -> None:
    (view,) = page(calls(), {}).records
    view.held["session"] = "s"
    assert view.record().held == {"session": "s"}


def test_fields_without_a_column_have_the_schemas_default() -> None:
    record, other = one(calls()), one(calls())
    assert (record.direction.name, record.trunk, record.is_ended_at_derived, record.refs) == ("UNKNOWN", None, False, {})
    assert record.held is not other.held


def test_rows_may_be_skipped_without_a_word() -> None:
    mapping = calls()
    mapping = Mapping(Call, Row, skip_if=Column(lambda cause: cause == "x", "cause"), **mapping.columns)
    records, problems = read_page(page(mapping, {"cause": "x"}, {"id": 2}, {"id": 3, "cause": "x"}))
    assert ([record.native_id for record in records], problems) == (["2"], [])


def test_an_id_may_be_made_of_several_attributes_and_a_row_may_stand_at_another_time() -> None:
    mapping = calls(
        native_id=Column("{}/{}".format, "id", "number"), position_time=Column(lambda cause: datetime.fromisoformat(cause), "cause")
    )
    (view,) = page(mapping, {"number": "7", "cause": "2026-10-01T00:00:00+00:00"}).records
    record = view.record()
    assert (view.native_id, view.time) == ("1/7", datetime(2026, 10, 1, tzinfo=UTC))
    assert (record.position_time, record.started_at) == (view.time, AT)


def test_what_native_shows_may_be_a_column() -> None:
    rows = [Row(1, at="2026-11-01", cause="x")]
    (view,) = account().page(calls(raw=Column(lambda row: {"cause": row.cause}, ROW)), rows).records
    assert view.record().raw == view.raw == {"cause": "x"}


def test_one_row_makes_a_record_outside_of_a_page() -> None:
    of: Any = SimpleNamespace(name="b", id="b", numbering=SimpleNamespace(e164=None))
    made = calls().record(msgspec.Raw(b'{"id": 5, "at": "2026-11-01T12:00:00Z"}'), of)
    assert (made.native_id, made.provider_name, made.started_at) == ("5", "b", AT)
    with pytest.raises(ValueError, match=r"the record 5 cannot be read: `\$\.at` is missing or wrong"):
        calls().record(msgspec.Raw(b'{"id": 5}'), of)


def test_a_records_own_id_may_be_0_which_refers_to_nothing_elsewhere() -> None:
    record = one(calls(user_id=ident("id")), {"id": 0})
    assert (record.native_id, record.user_id) == ("0", None)


# Faults


def test_only_id_and_time_cost_the_row() -> None:
    rows = (
        {"id": ""},
        {"id": 2, "at": None},
        {"id": 3, "at": "soon"},
        {"id": 4, "at": "0000-00-00"},
        {"id": 5, "cause": ["x"]},
        {"id": []},
    )
    records, problems = read_page(page(calls(trunk=text("cause")), *rows))
    assert [record.native_id for record in records] == ["5"]
    named = "the record {} cannot be read: `$.{}` is missing or wrong; the other records are complete"
    told = [named.format("without an id", "id"), *(named.format(number, "at") for number in (2, 3, 4)), named.format("without an id", "id")]
    assert [problem.message for problem in problems if problem.code is ProblemCode.MALFORMED_RECORD] == told
    assert [problem.field for problem in problems if problem.code is ProblemCode.MALFORMED_FIELD] == ["trunk"]


@pytest.mark.parametrize("row", [b"[1]", b"null", b'"x"', b"7"])
def test_what_is_no_object_is_a_problem_without_an_id(row: bytes) -> None:
    records, (problem,) = read_page(account().page(calls(), [msgspec.Raw(row)]))
    assert records == []
    assert problem.message == "the record without an id cannot be read: its shape is missing or wrong; the other records are complete"


def test_a_field_that_the_schema_needs_costs_the_row_where_it_is_null() -> None:
    mapping = Mapping(Queue, Row, native_id=ident("id"), name=text("cause"))
    records, (problem,) = read_page(page(mapping, {"cause": "sales"}, {"id": 2, "cause": " "}))
    assert [record.name for record in records] == ["sales"]
    assert (problem.code, problem.message[:35]) == (ProblemCode.MALFORMED_RECORD, "the record 2 cannot be read: `$.cau")


def test_a_column_that_cannot_be_read_is_null_and_what_is_made_of_it_gets_null() -> None:
    def odd(cause: str | None) -> str:
        raise ValueError(cause)

    mapping = calls(hangup_cause=Column(odd, "cause"), trunk=Column(lambda cause: f"of {cause}", mapped("hangup_cause")))
    ((record,), (problem,)) = read_page(page(mapping, {"cause": "s3cr3t"}))
    assert (record.hangup_cause, record.trunk) == (None, "of None")
    assert (problem.field, problem.count) == ("hangupCause", 1)
    assert "s3cr3t" not in problem.message


def test_one_problem_names_a_field_of_many_rows() -> None:
    mapping = calls(cost=money("cost"))
    rows = ({"id": number, "cost": "0,02350" if number % 2 else "1"} for number in range(2, 9))
    records, (problem,) = read_page(page(mapping, *rows))
    assert len(records) == 7
    assert (problem.code, problem.field, problem.count, problem.retryable) == (ProblemCode.MALFORMED_FIELD, "cost.amount", 3, False)
    assert problem.message == "the field cost.amount of 3 records, such as 3, cannot be read, and is null; all else of them is complete"


def test_a_function_of_the_plugin_never_sees_a_value_of_another_type() -> None:
    seen: list[Any] = []
    mapping = calls(trunk=Column(seen.append, "cause"), hangup_cause=Column(lambda row: seen.append(row.cause), ROW))
    _, (problem,) = read_page(page(mapping, {"cause": {"a": 1}}))
    assert (set(seen), problem.field) == ({None}, "trunk")


def test_a_provider_that_lacks_what_a_mapping_reads_is_not_the_rows_fault() -> None:
    of = account()
    rows = Rows(RowReader(calls(native_id=Column(str, provider("settings.colour"))), of, {}), [Row(1, at="2026-11-01")])
    with pytest.raises(AttributeError):
        rows.all()
