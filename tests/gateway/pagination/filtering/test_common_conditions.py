"""Random filters of every kind: the gateway's judgement is that of plain Python, and no upstream is asked for less than matches."""

from collections.abc import Mapping
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from telegraphql.gateway.pagination.filtering.common_conditions import CommonConditions, common_conditions
from telegraphql.gateway.pagination.filtering.filters import native_parts
from telegraphql.gateway.pagination.filtering.predicates import predicate
from telegraphql.gateway.plugin.phone_numbers import Numbering
from telegraphql.schema.call import Call
from telegraphql.schema.enums import CallStatus
from telegraphql.schema.filters import IntRange, NumberFilter, TimeRange
from telegraphql.schema.kinds import FILTERS
from telegraphql.schema.record import Record
from tests.gateway.pagination.filtering.filter_cases import TRUTHS
from tests.support.records import at

CH = Numbering("CH")
RECORDS = {kind: [each for truth in TRUTHS if truth.kind is kind for each in (*truth.match, *truth.differ)] for kind in FILTERS}
SOME_KINDS = [kind for kind in FILTERS if RECORDS[kind]]


def condition(fields: st.SearchStrategy[tuple[str, Any]]) -> st.SearchStrategy[dict[str, Any]]:
    """A field and one of its values; a range may be any part of another one, so that ranges overlap."""
    bounds = st.tuples(st.integers(0, 15), st.integers(16, 30))

    def varied(field: tuple[str, Any], low: int, high: int) -> dict[str, Any]:
        name, value = field
        if isinstance(value, IntRange):
            value = IntRange(min=low, max=high if high % 3 else None)
        if isinstance(value, TimeRange):
            value = TimeRange(since=at(low), until=at(high) if high % 3 else None)
        return {name: value}

    return st.builds(lambda field, ends: varied(field, *ends), fields, bounds)


def filters(kind: type[Record]) -> st.SearchStrategy[dict[str, Any]]:
    """Filters within filters, as `given` reads them, of few fields, so that a field is often in several of them."""
    known = [(truth.field, truth.value) for truth in TRUTHS if truth.kind is kind]
    return st.lists(st.sampled_from(known), min_size=1, max_size=3).flatmap(lambda chosen: _filters(st.sampled_from(chosen)))


def _filters(fields: st.SearchStrategy[tuple[str, Any]]) -> st.SearchStrategy[dict[str, Any]]:
    leaves = st.lists(condition(fields), max_size=2).map(lambda parts: {name: value for part in parts for name, value in part.items()})
    providers = st.sampled_from([{}, {}, {"providers": ["a"]}, {"providers": ["b", "a"]}, {"providers": ["b"]}])

    def combined(inner: st.SearchStrategy[dict[str, Any]]) -> st.SearchStrategy[dict[str, Any]]:
        named = st.builds(lambda parts, names: parts | names, inner, providers)
        lists = st.lists(named, min_size=1, max_size=3)
        combinations = st.fixed_dictionaries({}, optional={"and": lists, "or": lists, "not": named.filter(bool)})
        return st.builds(lambda own, more: own | more, leaves, combinations)

    return st.recursive(leaves, combined, max_leaves=6)


def reference(kind: type[Record], parts: Mapping[str, Any], record: Record) -> bool:
    """The meaning of a filter, in plain Python over the meaning of each field."""
    for name, value in parts.items():
        if name == "providers":
            holds = record.provider_name in value
        elif name == "and":
            holds = all(reference(kind, each, record) for each in value)
        elif name == "or":
            holds = any(reference(kind, each, record) for each in value)
        elif name == "not":
            holds = not reference(kind, value, record)
        else:
            own = native_parts(kind, {name: value}, "a")
            holds = own is not None and predicate(kind, own, CH)(record) is True
        if not holds:
            return False
    return True


@settings(max_examples=300)
@given(st.data())
def test_a_filter_of_filters_means_what_it_says_and_the_upstream_is_asked_for_all_that_matches(data: st.DataObject) -> None:
    kind = data.draw(st.sampled_from(SOME_KINDS))
    parts = data.draw(filters(kind))
    share = native_parts(kind, parts, "a")
    common = None if share is None else common_conditions(share)
    for record in RECORDS[kind]:
        if record.provider_name != "a":
            continue
        wanted = reference(kind, parts, record)
        assert (share is not None and predicate(kind, share, CH)(record)) is wanted
        if common is None:
            assert not wanted
        else:
            holds = predicate(kind, common.values, CH)(record) is True
            assert holds if wanted else not (holds and common.are_all)


BUSY, FAILED = [CallStatus.BUSY], [CallStatus.FAILED]
EARLY, LATE = TimeRange(since=at(0), until=at(10)), TimeRange(since=at(5), until=at(20))
COMMON: dict[str, tuple[dict[str, Any], CommonConditions | None]] = {
    "plain": ({"status": BUSY}, CommonConditions({"status": BUSY})),
    "joined": (
        {"status": BUSY, "and": [{"startedAt": EARLY}, {"startedAt": LATE}]},
        CommonConditions({"status": BUSY, "startedAt": TimeRange(since=at(5), until=at(10))}),
    ),
    "contradiction": ({"status": BUSY, "and": [{"status": FAILED}]}, None),
    "empty range": ({"startedAt": EARLY, "and": [{"startedAt": TimeRange(since=at(10), until=None)}]}, None),
    "opposite": ({"isTracked": True, "and": [{"isTracked": False}]}, None),
    "hull": (
        {"or": [{"startedAt": EARLY, "status": BUSY}, {"startedAt": LATE, "status": FAILED, "userId": ["7"]}]},
        CommonConditions({"startedAt": TimeRange(since=at(0), until=at(20)), "status": [*BUSY, *FAILED]}, False),
    ),
    "open hull": (
        {"or": [{"durationSeconds": IntRange(min=1, max=2)}, {"durationSeconds": IntRange(min=5, max=None)}]},
        CommonConditions({"durationSeconds": IntRange(min=1, max=None)}, False),
    ),
    "numbers": (
        {"or": [{"from": NumberFilter(equals=["1"])}, {"from": NumberFilter(equals=["2"])}]},
        CommonConditions({"from": NumberFilter(equals=["1", "2"], starts_with=None, contains=None)}, False),
    ),
    "parts of numbers": (
        {"or": [{"from": NumberFilter(equals=["1"])}, {"from": NumberFilter(contains="2")}]},
        CommonConditions({}, False),
    ),
    "one side": ({"or": [{"status": BUSY}]}, CommonConditions({"status": BUSY})),
    "possible side": (
        {"or": [{"status": BUSY, "and": [{"status": FAILED}]}, {"userId": ["7"]}]},
        CommonConditions({"userId": ["7"]}),
    ),
    "not": ({"userId": ["7"], "not": {"status": BUSY}}, CommonConditions({"userId": ["7"]}, False)),
    "twice": (
        {"search": "anna", "and": [{"search": "keller"}]},
        CommonConditions({"search": "anna"}, False),
    ),
}


@pytest.mark.parametrize(("parts", "found"), COMMON.values(), ids=COMMON)
def test_an_upstream_is_asked_for_what_all_sides_have_in_common(parts: dict[str, Any], found: CommonConditions | None) -> None:
    assert common_conditions(native_parts(Call, parts, "a") or {}) == found
