"""Grouping of legs: the times, the outcome and the cost of a conversation."""

from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest

from telegraphql.plugin import grouped_session, status_of_legs
from telegraphql.schema import Call, CallDirection, CallStatus, Money, Party

START = datetime.fromisoformat("2026-11-02T09:15:00+00:00")


def leg(native_id: str, at: int = 0, end: int | None = None, cost: str | None = None, currency: str = "CHF", **fields: Any) -> Call:
    """A leg that begins `at`, and ends `end` seconds after the first one."""
    return Call(
        provider_name="acme",
        native_id=native_id,
        refs={"session": "s1"},
        from_=Party(),
        to=Party(),
        started_at=START + timedelta(seconds=at),
        ended_at=None if end is None else START + timedelta(seconds=end),
        cost=None if cost is None else Money(amount=Decimal(cost), currency=currency),
        **fields,
    )


def test_a_session_lasts_from_its_first_leg_to_the_last_end() -> None:
    legs = [leg("a", 0, 90, direction=CallDirection.INBOUND), leg("b", 5, 20), leg("c", 25, 80)]
    made = grouped_session(legs, refs={"recordings": "a"}, media_server="m1")
    assert (made.provider_name, made.native_id, made.is_derived, made.media_server) == ("acme", "s1", True, "m1")
    assert (made.started_at, made.ended_at, made.duration_seconds) == (START, START + timedelta(seconds=90), 90)
    assert (made.refs, made.held) == ({"calls": "s1", "recordings": "a"}, {"calls": legs})
    assert made.direction is CallDirection.INBOUND


def test_a_session_with_a_leg_without_an_end_has_none() -> None:
    made = grouped_session([leg("a", 0, 90), leg("b", 5)])
    assert (made.ended_at, made.duration_seconds) == (None, None)


def test_the_main_leg_gives_the_direction_and_the_account() -> None:
    dialed = leg("b", 5, 20, direction=CallDirection.OUTBOUND, account_id="2")
    made = grouped_session([leg("a", 0, 90, account_id="1"), dialed], main=dialed, status=CallStatus.BUSY)
    assert (made.started_at, made.direction, made.account_id, made.status) == (START, CallDirection.OUTBOUND, "2", CallStatus.BUSY)


@pytest.mark.parametrize(
    ("statuses", "whole"),
    [
        ("NO_ANSWER VOICEMAIL ANSWERED", "ANSWERED"),
        ("NO_ANSWER IN_PROGRESS VOICEMAIL", "VOICEMAIL"),
        ("BUSY IN_PROGRESS", "IN_PROGRESS"),
        ("BUSY NO_ANSWER", "BUSY"),
    ],
)
def test_a_session_went_as_its_strongest_leg_or_as_its_first(statuses: str, whole: str) -> None:
    assert status_of_legs([leg(each, status=CallStatus[each]) for each in statuses.split()]) is CallStatus[whole]


@pytest.mark.parametrize(
    ("legs", "cost"),
    [
        ([leg("a", cost="0.15"), leg("b"), leg("c", cost="0.050")], Money(amount=Decimal("0.200"), currency="CHF")),
        ([leg("a"), leg("b")], None),
        ([leg("a", cost="1"), leg("b", cost="1", currency="EUR")], None),
    ],
    ids=["sum", "none", "currencies"],
)
def test_the_cost_of_a_session_is_the_sum_in_one_currency(legs: list[Call], cost: Money | None) -> None:
    assert grouped_session(legs).cost == cost
