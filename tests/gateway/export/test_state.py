"""State: what is known of an export lasts, is bound to its command, and counts each problem once."""

from pathlib import Path

import pytest

from telegraphql.gateway.errors import SettingsError
from telegraphql.gateway.export import state
from telegraphql.gateway.export.root_fields import root_field
from telegraphql.gateway.export.state import ExportState, ProblemCount
from telegraphql.gateway.pagination.cursor import Position
from telegraphql.schema.enums import ProblemCode
from telegraphql.schema.paging import Problem
from tests.support.graphql_client import served_schema
from tests.support.records import START

CALLS = root_field(served_schema()._schema, "calls")


def problem(message: str, provider: str = "a") -> Problem:
    return Problem(provider=provider, code=ProblemCode.MALFORMED_RECORD, message=message, retryable=False, retry_after=None)


def test_what_is_written_is_read(tmp_path: Path) -> None:
    known = ExportState({"--kind": "calls"}, checkpoint={"bytes": 7}, rows={"a": 3})
    known.advance_to(CALLS, Position(5, "a", "1"))
    known.count_problem(problem("one"))
    known.skip_provider(problem("gone", "b"), START)
    known.write(tmp_path / "x.progress")
    found = state.read_state(tmp_path / "x.progress")
    assert found == known
    assert found.position(CALLS) == Position(5, "a", "1")
    assert found.skipped["b"].since == "2024-03-01T12:00:00Z"
    assert [each.name for each in tmp_path.iterdir()] == ["x.progress"]


def test_nothing_there_is_nothing_to_go_on_from(tmp_path: Path) -> None:
    assert state.read_state(tmp_path / "x.progress") is None


@pytest.mark.parametrize("text", ["", "{}", "[]", '{"options": 1}', '{"options": {}, "version": 99}'])
def test_what_is_no_state_is_told(tmp_path: Path, text: str) -> None:
    (tmp_path / "x.progress").write_text(text)
    with pytest.raises(SettingsError, match="start over with --no-resume"):
        state.read_state(tmp_path / "x.progress")


def test_a_cursor_of_other_options_is_told() -> None:
    known = ExportState({"--kind": "calls"})
    known.advance_to(CALLS, Position(5, "a", "1"))
    known.options = {"--kind": "calls", "--to": "2026-01-01T00:00:00Z"}
    with pytest.raises(SettingsError, match="was edited"):
        known.position(CALLS)
    assert state.differing_options(known, {"--kind": "calls"}) == ["--to"]


def test_problems_are_counted_once_by_provider_and_code() -> None:
    known = ExportState({})
    for message in ("one", "two", "one"):
        known.count_problem(problem(message))
    known.count_problem(problem("one", "b"))
    assert known.problems == [ProblemCount("a", "MALFORMED_RECORD", 2, "one"), ProblemCount("b", "MALFORMED_RECORD", 1, "one")]
    assert not known.is_complete
