"""Values that upstreams should not send in sessions, and what each of them costs."""

from collections.abc import Callable
from typing import Any

import pytest

from telegraphql.plugins.voximplant.mapping.conversation import hangup_cause, sip_code
from telegraphql.schema.enums import CallStatus, ProblemCode
from tests.plugins.voximplant.conftest import CALL, SESSION, utc


@pytest.fixture(scope="module")
def records() -> int:
    return 0


def test_a_part_that_cannot_be_read_costs_only_itself_and_the_sum(assembled: Callable[..., Any]) -> None:
    session, problems = assembled({**SESSION, "calls": [{**CALL, "cost": 1}, {"call_id": 8}], "records": [{"record_id": 5}]})
    assert [leg.native_id for leg in session.held["calls"]] == ["3.7"]
    assert [problem.message.split(" cannot")[0] for problem in problems] == ["the record 8", "the record 5"]
    assert session.cost is None


@pytest.mark.parametrize(
    ("reason", "cause", "code"),
    [
        ({"code": 486, "details": "Busy Here"}, "486 Busy Here", 486),
        ({"reason": {"deep": 1}, "flag": True}, "True", None),
        ({"a": 5000, "b": "x"}, "5000 x", None),
        ([], None, None),
        ({}, None, None),
        (None, None, None),
    ],
)
def test_an_end_reason_of_any_shape_is_read(reason: Any, cause: str | None, code: int | None) -> None:
    assert (hangup_cause(reason), sip_code(hangup_cause(reason))) == (cause, code)


async def test_an_odd_optional_value_costs_its_field_only(assembled: Callable[..., Any]) -> None:
    odd = {"duration": "", "cost": "0,02350", "remote_number": 41446681800, "end_reason": [], "successful": "maybe", "transaction_id": {}}
    session, problems = assembled({**SESSION, "duration": [], "user_id": "661884", "calls": [{**CALL, **odd}]})
    (leg,) = session.held["calls"]
    assert problems == []
    assert (leg.native_id, leg.started_at, leg.duration_seconds, leg.ended_at, leg.cost) == (
        "3.7",
        utc(2026, 11, 1, 10, 0, 5),
        None,
        None,
        None,
    )
    assert (leg.from_.number, leg.status, leg.hangup_cause, leg.refs["transaction"]) == ("41446681800", CallStatus.UNKNOWN, None, None)
    assert set(leg.malformed) == {"cost.amount", "status", "refs.transaction"}
    assert (session.duration_seconds, session.user_id, session.malformed, session.cost) == (None, "661884", ("duration_seconds",), None)


@pytest.mark.parametrize(("parts", "malformed"), [(None, ()), ({}, ()), ("", ()), ("none", ("held.calls",)), ({"a": 1}, ("held.calls",))])
def test_parts_that_are_no_list_are_none_or_told(assembled: Callable[..., Any], parts: Any, malformed: tuple[str, ...]) -> None:
    session, problems = assembled({**SESSION, "calls": parts})
    assert (session.held.get("calls"), problems) == (None if malformed else [], [])
    assert session.malformed == malformed


@pytest.mark.parametrize("value", ["", "0000-00-00 00:00:00", "0001-01-01 00:00:00", "soon"])
def test_a_leg_without_a_time_is_a_problem_and_no_record(assembled: Callable[..., Any], value: str) -> None:
    session, problems = assembled({**SESSION, "calls": [{**CALL, "start_time": value}, {**CALL, "call_id": 8}]})
    assert [leg.native_id for leg in session.held["calls"]] == ["3.8"]
    assert [(problem.code, problem.message.split(" cannot")[0]) for problem in problems] == [(ProblemCode.MALFORMED_RECORD, "the record 7")]


def test_impossible_lengths_and_offsets_in_times_are_read_for_what_they_are(assembled: Callable[..., Any]) -> None:
    legs = [
        {**CALL, "duration": -1606755000},
        {**CALL, "call_id": 8, "duration": 4294967295},
        {**CALL, "call_id": 9, "start_time": "2026-11-01 13:00:05+03:00"},
    ]
    first, second, third = assembled({**SESSION, "calls": legs})[0].held["calls"]
    assert [(leg.duration_seconds, leg.ended_at, leg.is_ended_at_derived) for leg in (first, second)] == [(None, None, False)] * 2
    assert third.started_at == utc(2026, 11, 1, 10, 0, 5)


@pytest.mark.parametrize("word", ["anonymous", "Unterdrückt", "sip:anonymous@anonymous.invalid"])
def test_a_withheld_number_is_null(assembled: Callable[..., Any], word: str) -> None:
    (leg,) = assembled({**SESSION, "calls": [{**CALL, "remote_number": word, "diversion_number": word}]})[0].held["calls"]
    assert (leg.from_.number, leg.from_.uri, leg.forwarded_from) == (None, None, None)
