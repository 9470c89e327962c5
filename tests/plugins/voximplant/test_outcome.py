"""Direction, status and who answered, of sessions and of their legs, as the table in the provider's page has them."""

import json
from collections.abc import Callable
from typing import Any

import msgspec
import pytest

from telegraphql.gateway.plugin.provider import Provider
from telegraphql.plugins.voximplant.mapping import Parts, sessions_with_parts
from tests.support.coroutines import finished

SESSION = {"call_session_history_id": 3, "start_date": "2026-11-01 10:00:00"}
REMOTE = {"user": "anna", "pstn": "41791234567", "mobile": "41791234567", "sip": "sip:a@b.example", "hologram": "x1"}


@pytest.fixture(scope="module")
def records() -> int:
    return 0


@pytest.fixture
def told(provider: Provider) -> Callable[..., list[str]]:
    """Direction, status and answerer of a session and of each of its legs, which are written as "in pstn ok" or "out user 486"."""

    def tell(legs: str, **session: Any) -> list[str]:
        rows = [leg(number, *words.split()) for number, words in enumerate(legs.split(", "))]
        page = finished(
            sessions_with_parts([msgspec.Raw(json.dumps({**SESSION, **session, "calls": rows}).encode())], Parts(calls=True), provider)
        )
        (made,) = page.records
        assert page.problems == []
        return [shown(each) for each in (made, *made.held["calls"])]

    return tell


def leg(number: int, way: str, kind: str, end: str) -> dict[str, Any]:
    row: dict[str, Any] = {"call_id": number + 1, "start_time": f"2026-11-01 10:00:0{number}", "duration": 9, "incoming": way == "in"}
    row |= {"remote_number": REMOTE[kind], "remote_number_type": kind, "local_number": "41446681800", "successful": end == "ok"}
    if end == "on":
        del row["duration"]
    return row | ({"end_reason": {"code": int(end), "details": "why"}} if end.isdigit() else {})


def shown(made: Any) -> str:
    answerer = f" by {made.answered_by.name}" if made.answered_by else ""
    return f"{made.direction.name} {made.status.name}{answerer}"


@pytest.mark.parametrize(
    ("legs", "expected"),
    [
        # Callers from outside.
        ("in pstn ok, out user ok", ["INBOUND ANSWERED by PERSON"] * 3),
        ("in sip ok, out pstn ok", ["INBOUND ANSWERED by PERSON", "INBOUND ANSWERED by PERSON", "OUTBOUND ANSWERED by PERSON"]),
        ("in pstn ok, out user 480, out user ok", ["INBOUND ANSWERED by PERSON"] * 2 + ["INBOUND NO_ANSWER", "INBOUND ANSWERED by PERSON"]),
        ("in mobile ok", ["INBOUND CANCELED by SCENARIO"] * 2),
        ("in pstn ok, out user 480", ["INBOUND NO_ANSWER by SCENARIO"] * 2 + ["INBOUND NO_ANSWER"]),
        ("in pstn ok, out user 487", ["INBOUND NO_ANSWER by SCENARIO"] * 2 + ["INBOUND CANCELED"]),
        ("in pstn ok, out user 486", ["INBOUND BUSY by SCENARIO"] * 2 + ["INBOUND BUSY"]),
        ("in pstn ok, out user 486, out user 487", ["INBOUND NO_ANSWER by SCENARIO"] * 2 + ["INBOUND BUSY", "INBOUND CANCELED"]),
        ("in pstn ok, out user 500", ["INBOUND FAILED by SCENARIO"] * 2 + ["INBOUND FAILED"]),
        ("in pstn 486", ["INBOUND BUSY"] * 2),
        ("in pstn 487", ["INBOUND CANCELED"] * 2),
        # Agents who dial.
        ("in user ok, out pstn ok", ["OUTBOUND ANSWERED by PERSON"] * 3),
        ("in user ok, out pstn 486", ["OUTBOUND BUSY by SCENARIO"] * 2 + ["OUTBOUND BUSY"]),
        ("in user ok, out mobile 480, out mobile 487", ["OUTBOUND CANCELED by SCENARIO"] * 2 + ["OUTBOUND NO_ANSWER", "OUTBOUND CANCELED"]),
        ("in user ok", ["OUTBOUND CANCELED by SCENARIO"] * 2),
        ("in user 403", ["OUTBOUND FAILED"] * 2),
        ("in user ok, out user ok", ["INTERNAL ANSWERED by PERSON"] * 3),
        ("in user ok, out user 480", ["INTERNAL NO_ANSWER by SCENARIO"] * 2 + ["INTERNAL NO_ANSWER"]),
        # Scenarios that call: the customer counts.
        ("out pstn ok, out user ok", ["OUTBOUND ANSWERED by PERSON"] * 3),
        ("out pstn 486, out user ok", ["OUTBOUND BUSY", "OUTBOUND BUSY", "OUTBOUND ANSWERED by PERSON"]),
        ("out user ok", ["INTERNAL ANSWERED by PERSON"] * 2),
        # Words that are not known.
        ("in hologram ok, out user ok", ["UNKNOWN ANSWERED by PERSON"] * 3),
        ("in user ok, out hologram ok", ["UNKNOWN ANSWERED by PERSON"] * 3),
    ],
)
def test_outcomes(told: Callable[..., list[str]], legs: str, expected: list[str]) -> None:
    assert told(legs) == expected


def test_an_active_session_goes_on_until_somebody_has_answered(told: Callable[..., list[str]]) -> None:
    assert told("in pstn on", active=True) == ["INBOUND IN_PROGRESS"] * 2
    assert told("in pstn ok, out user on", active=True) == ["INBOUND IN_PROGRESS by SCENARIO"] * 2 + ["INBOUND IN_PROGRESS"]
    assert told("in pstn on, out user ok", active=True) == [
        "INBOUND ANSWERED by PERSON",
        "INBOUND IN_PROGRESS",
        "INBOUND ANSWERED by PERSON",
    ]


def test_values_of_other_types_cost_what_they_say(provider: Provider) -> None:
    odd = {"remote_number": [], "remote_number_type": {}, "successful": "x", "end_reason": 3.5}
    raw = msgspec.Raw(json.dumps({**SESSION, "calls": [{**leg(0, "in", "pstn", "ok"), **odd}]}).encode())
    (made,) = finished(sessions_with_parts([raw], Parts(calls=True), provider)).records
    assert [shown(each) for each in (made, *made.held["calls"])] == ["UNKNOWN UNKNOWN"] * 2


def test_a_session_without_legs_says_nothing(provider: Provider) -> None:
    (made,) = finished(
        sessions_with_parts([msgspec.Raw(json.dumps({**SESSION, "calls": []}).encode())], Parts(calls=True), provider)
    ).records
    assert shown(made) == "UNKNOWN UNKNOWN"


def test_a_leg_that_does_not_say_which_way_it_went_counts_for_nothing(provider: Provider) -> None:
    rows = [leg(0, "in", "pstn", "ok"), {**leg(1, "out", "user", "ok"), "incoming": None}, {**leg(2, "out", "user", "ok"), "incoming": "x"}]
    raw = msgspec.Raw(json.dumps({**SESSION, "calls": rows}).encode())
    (made,) = finished(sessions_with_parts([raw], Parts(calls=True), provider)).records
    assert shown(made) == "INBOUND CANCELED by SCENARIO"
    assert [each.direction.name for each in made.held["calls"]] == ["INBOUND", "UNKNOWN", "UNKNOWN"]
