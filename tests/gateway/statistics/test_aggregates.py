"""Figures of one group, against the plain definitions."""

from decimal import Decimal
from fractions import Fraction
from math import ceil

from hypothesis import given
from hypothesis import strategies as st

from telegraphql.gateway.statistics.aggregates import DurationAggregate, GroupAggregate, NeededFigures
from telegraphql.schema.enums import CallStatus
from telegraphql.schema.statistics import Percentiles
from telegraphql.schema.values import Money
from tests.support.records import call

ALL = NeededFigures(talk_seconds_percentiles=True, ring_seconds_percentiles=True, cost=True)
SECONDS = st.lists(st.integers(0, 12) | st.integers(0, 100_000), max_size=60)
AMOUNTS = st.lists(st.tuples(st.sampled_from(["CHF", "EUR", None]), st.decimals(-(10**20), 10**20, places=9)), max_size=20)


@given(SECONDS)
def test_a_percentile_is_the_value_at_the_nearest_rank(seconds: list[int]) -> None:
    lengths = DurationAggregate()
    for each in seconds:
        lengths.add(each, keep_histogram=True)
    ranked = [sorted(seconds)[ceil(len(seconds) * percent / 100) - 1] if seconds else None for percent in (50, 90, 95, 99)]
    assert lengths.percentiles() == Percentiles(p50=ranked[0], p90=ranked[1], p95=ranked[2], p99=ranked[3])


@given(SECONDS, SECONDS)
def test_two_groups_in_one_come_to_what_they_had_come_to_together(one: list[int], two: list[int]) -> None:
    apart, other, together = GroupAggregate(), GroupAggregate(), GroupAggregate()
    for seconds, into in ((one, apart), (two, other)):
        for each in seconds:
            made = call(each, status=CallStatus.ANSWERED, talk_seconds=each, ring_seconds=each // 2)
            into.add(made, ALL)
            together.add(made, ALL)
    apart.join(other)
    assert apart.figures() == together.figures()


@given(AMOUNTS)
def test_sums_of_money_are_exact(amounts: list[tuple[str | None, Decimal]]) -> None:
    tally = GroupAggregate()
    for currency, amount in amounts:
        tally.add(call(1, cost=Money(amount=amount, currency=currency)), ALL)
    exact: dict[str | None, Fraction] = {}
    for currency, amount in amounts:
        exact[currency] = exact.get(currency, Fraction(0)) + Fraction(amount)
    assert {money.currency: Fraction(money.amount) for money in tally.figures().cost} == exact
    assert tally.figures().cost_known == len(amounts)


def test_the_ratio_leaves_out_what_is_not_over_or_not_known() -> None:
    tally = GroupAggregate()
    for status, number in ((CallStatus.ANSWERED, 3), (CallStatus.VOICEMAIL, 1), (CallStatus.BUSY, 2), (CallStatus.IN_PROGRESS, 4)):
        for each in range(number):
            tally.add(call(each, status=status, talk_seconds=10 if status is CallStatus.ANSWERED and each else None), ALL)
    tally.add(call(9, status=CallStatus.UNKNOWN, talk_seconds=99), ALL)
    figures = tally.figures()
    assert (figures.calls, figures.answered, figures.answer_seizure_ratio) == (11, 3, 0.5)
    assert (figures.talk_seconds, figures.talk_seconds_known, figures.average_call_seconds) == (20.0, 2, 10.0)


def test_nothing_comes_to_nothing() -> None:
    figures = GroupAggregate().figures()
    assert (figures.answer_seizure_ratio, figures.average_call_seconds, figures.talk_seconds, figures.cost) == (None, None, 0.0, [])
    assert figures.talk_seconds_percentiles == Percentiles()


def test_what_is_not_wanted_is_not_kept() -> None:
    tally = GroupAggregate()
    tally.add(call(1, status=CallStatus.ANSWERED, talk_seconds=5, ring_seconds=7), NeededFigures(False, False, False))
    assert (dict(tally.talk.by_second), dict(tally.ring.by_second), tally.costs, tally.talk.total) == ({}, {}, {}, 5)
