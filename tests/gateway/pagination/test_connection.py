"""Pages: what a client may ask of a list, where a page stands in it, how many there are, and what is missing."""

import asyncio
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from telegraphql.gateway.errors import (
    BadAnswer,
    BadCursor,
    BadInput,
    Forbidden,
    RateLimited,
    Refusal,
    TimedOut,
    Unauthorized,
    Unavailable,
    UnknownProvider,
)
from telegraphql.gateway.pagination.connection import Lister
from telegraphql.gateway.pagination.cursor import fingerprint, position, write_cursor
from telegraphql.gateway.pagination.dataloaders import DataLoaders
from telegraphql.gateway.plugin.provider import Keyset, ListRequest, Page, Push, lists
from telegraphql.gateway.plugin.selection import Selection
from telegraphql.schema.call import Call, CallFilter
from telegraphql.schema.chat import Chat, ChatFilter
from telegraphql.schema.context import PageArguments
from telegraphql.schema.enums import CallStatus, ProblemCode
from telegraphql.schema.filters import NumberFilter, TimeRange
from telegraphql.schema.node import global_id
from telegraphql.schema.paging import Connection, ProblemRange
from telegraphql.schema.session import Session, SessionFilter
from tests.support.graphql_client import NEWEST, OLDEST, ids, page
from tests.support.memory_provider import Memory, Store, serving
from tests.support.records import at, call
from tests.support.strategies import ORDERS, World, in_order, named, worlds

COUNTED = Selection.of("nodes.id", "totalCount")


def two(store_a: Store | None = None, store_b: Store | None = None) -> list[Any]:
    """Providers a and b, with the even and the odd ones of ten calls unless told otherwise."""
    return [
        serving("a", Memory, store_a or Store([call(number, number, "a") for number in range(0, 10, 2)])),
        serving("b", Memory, store_b or Store([call(number, number, "b") for number in range(1, 10, 2)])),
    ]


def problems(found: Connection[Any]) -> list[tuple[str, ProblemCode]]:
    return [(problem.provider, problem.code) for problem in found.problems]


REFUSED: dict[str, tuple[dict[str, Any], type[Refusal], str]] = {
    "less than none": ({"first": -1}, BadInput, "`first` is -1; it must be from 0 to 500"),
    "too many": ({"first": 501}, BadInput, "`first` is 501; it must be from 0 to 500"),
    "less than none from the end": ({"last": -1}, BadInput, "`last` is -1; it must be from 0 to 500"),
    "too many from the end": ({"last": 501}, BadInput, "`last` is 501; it must be from 0 to 500"),
    "both ends": ({"first": 1, "last": 1}, BadInput, "give `first` or `last`, not both"),
    "no cursor": ({"after": "x"}, BadCursor, "this is not a cursor of this gateway; take one from pageInfo or an edge"),
    "no cursor before": ({"before": "x"}, BadCursor, "this is not a cursor of this gateway; take one from pageInfo or an edge"),
    "reversed time": (
        {"filter": CallFilter(started_at=TimeRange(since=at(1), until=at(0)))},
        BadInput,
        "the range `startedAt` is empty: `since` has to be before `until`, which does not belong to the range",
    ),
    "blank search": ({"filter": CallFilter(search="  ")}, BadInput, "`search` is blank: write the text to search for"),
    "no digit": ({"filter": CallFilter(number=NumberFilter(equals=["+"]))}, BadInput, "`number` has '+', which holds no digit"),
    "nobody": (
        {"filter": CallFilter(providers=["a", "nobody"])},
        UnknownProvider,
        "there is no provider 'nobody'; ask providers { name } for those there are",
    ),
}
CODES = {BadInput: "BAD_USER_INPUT", BadCursor: "BAD_CURSOR", UnknownProvider: "UNKNOWN_PROVIDER"}


@pytest.mark.parametrize(("arguments", "kind", "words"), REFUSED.values(), ids=REFUSED)
async def test_what_cannot_be_is_refused_before_anybody_is_asked(arguments: dict[str, Any], kind: type[Refusal], words: str) -> None:
    served = two()
    with pytest.raises(kind) as refused:
        await page(served, **arguments)
    assert (str(refused.value), refused.value.extensions) == (words, {"code": CODES[kind]})
    assert [each.provider.store.asked for each in served] == [[], []]


async def test_a_page_holds_25_unless_told_otherwise() -> None:
    store = Store([call(number, number) for number in range(30)])
    assert len((await page([serving("a", Memory, store)])).nodes) == 25


@pytest.mark.parametrize("size", [1, 500])
async def test_the_smallest_and_the_largest_page_are_given(size: int) -> None:
    store = Store([call(number, number) for number in range(600)])
    assert len((await page([serving("a", Memory, store)], last=size)).nodes) == size


async def test_a_page_holds_as_much_as_is_configured() -> None:
    lister = Lister([serving("a", Memory, Store([call(number, number) for number in range(600)]))], most_first=600)
    assert len((await lister.page(Call, PageArguments(first=600), COUNTED, DataLoaders())).nodes) == 600
    with pytest.raises(BadInput, match="`first` is 601; it must be from 0 to 600"):
        await lister.page(Call, PageArguments(first=601), COUNTED, DataLoaders())


def cursor(seconds: int) -> str:
    name = "ab"[seconds % 2]
    return write_cursor(position(call(seconds, seconds, name)), fingerprint(Call, OLDEST, {}))


# What is asked of ten calls, oldest first; which come; whether there is a next and a previous page.
STANDS: dict[str, tuple[dict[str, Any], list[int], bool, bool]] = {
    "first": ({"first": 3}, [0, 1, 2], True, False),
    "first of all": ({"first": 10}, list(range(10)), False, False),
    "first of fewer": ({"first": 11}, list(range(10)), False, False),
    "first after": ({"first": 3, "after": cursor(4)}, [5, 6, 7], True, True),
    "first after, to the end": ({"first": 3, "after": cursor(6)}, [7, 8, 9], False, True),
    "first after the last": ({"first": 3, "after": cursor(9)}, [], False, True),
    "first before": ({"first": 3, "before": cursor(5)}, [0, 1, 2], True, False),
    "first between": ({"first": 3, "after": cursor(1), "before": cursor(5)}, [2, 3, 4], False, True),
    "last": ({"last": 3}, [7, 8, 9], False, True),
    "last of all": ({"last": 10}, list(range(10)), False, False),
    "last before": ({"last": 3, "before": cursor(5)}, [2, 3, 4], True, True),
    "last before, to the start": ({"last": 3, "before": cursor(3)}, [0, 1, 2], True, False),
    "last before the first": ({"last": 3, "before": cursor(0)}, [], True, False),
    "last after": ({"last": 3, "after": cursor(5)}, [7, 8, 9], False, True),
    "last between": ({"last": 2, "after": cursor(1), "before": cursor(6)}, [4, 5], True, True),
    "nothing between": ({"first": 2, "after": cursor(5), "before": cursor(5)}, [], False, True),
    "crossed": ({"first": 2, "after": cursor(7), "before": cursor(2)}, [], False, True),
}


@pytest.mark.parametrize(("arguments", "wanted", "following", "previous"), STANDS.values(), ids=STANDS)
async def test_a_page_knows_where_it_stands(arguments: dict[str, Any], wanted: list[int], following: bool, previous: bool) -> None:
    found = await page(two(), order=OLDEST, **arguments)
    assert ids(found.nodes) == [str(number) for number in wanted]
    assert (found.page_info.has_next_page, found.page_info.has_previous_page) == (following, previous)
    ends = [cursor(number) for number in wanted[:1] + wanted[-1:]]
    assert [found.page_info.start_cursor, found.page_info.end_cursor] == (ends or [None, None])
    assert [edge.cursor for edge in found.edges] == [cursor(number) for number in wanted]
    assert [edge.node for edge in found.edges] == found.nodes


@pytest.mark.parametrize("arguments", [{"first": 3}, {"last": 3}])
async def test_an_empty_list_has_no_cursors_and_no_other_pages(arguments: dict[str, int]) -> None:
    found = await page(two(Store(), Store()), select=COUNTED, **arguments)
    assert (found.edges, found.nodes, found.problems, found.total_count) == ([], [], [], 0)
    info = found.page_info
    assert (info.has_next_page, info.has_previous_page, info.start_cursor, info.end_cursor) == (False, False, None, None)


@given(worlds(), ORDERS, st.integers(1, 9), st.data())
def test_a_page_between_two_cursors_is_the_part_of_the_list_between_them(world: World, order: Any, size: int, data: st.DataObject) -> None:
    whole = sorted(world.calls, key=position, reverse=order is NEWEST)
    low, high = sorted(data.draw(st.tuples(*[st.integers(0, len(whole))] * 2)))
    mark = fingerprint(Call, order, {})
    after = write_cursor(position(whole[low - 1]), mark) if low else None
    before = write_cursor(position(whole[high]), mark) if high < len(whole) else None
    between = in_order(whole[low:high], order)
    first = asyncio.run(page(world.servings, order=order, first=size, after=after, before=before, most_slices=10_000))
    last = asyncio.run(page(world.servings, order=order, last=size, after=after, before=before, most_slices=10_000))
    assert (named(first.nodes), first.page_info.has_next_page) == (between[:size], len(between) > size)
    assert (named(last.nodes), last.page_info.has_previous_page) == (between[-size:], len(between) > size)


async def test_records_are_counted_over_all_providers() -> None:
    served = two()
    found = await page(served, first=1, select=COUNTED)
    assert found.total_count == 10
    assert [len(each.provider.store.counts) for each in served] == [1, 1]
    assert served[0].provider.store.counts == [ListRequest(since=None, until=None, size=1, filter={}, count=True)]


async def test_nobody_counts_what_nobody_wants_to_know() -> None:
    served = two()
    assert (await page(served, first=1)).total_count is None
    assert [each.provider.store.counts for each in served] == [[], []]


async def test_a_range_is_counted_to_its_open_end() -> None:
    found = await page(two(), select=COUNTED, filter=CallFilter(started_at=TimeRange(since=at(2), until=at(5))))
    assert (len(found.nodes), found.total_count) == (3, 3)
    later = await page(two(), select=COUNTED, filter=CallFilter(started_at=TimeRange(since=at(1.5), until=at(4.5))))
    assert (len(later.nodes), later.total_count) == (3, 3)


class Uncounted(Memory):
    """Does not count."""

    @lists(Call, pages=Keyset(most=100))
    async def calls(self, ask: ListRequest) -> Page:
        """Calls."""
        return await self._slice(self.store.calls, ask)


class Tracking(Memory):
    """Can tell which calls came over a tracking number."""

    @lists(Call, pages=Keyset(most=100), counts=True, filters={"isTracked": Push.EXACT})
    async def calls(self, ask: ListRequest) -> Page:
        """Calls."""
        found = [each for each in self.store.calls if "isTracked" not in ask.filter or each.refs["tracked"] == "yes"]
        return await self._slice(found, ask)


UNCOUNTABLE = {
    "a filter the upstream does not apply": CallFilter(status=[CallStatus.UNKNOWN]),
    "a number": CallFilter(number=NumberFilter(equals=["1"])),
}


@pytest.mark.parametrize("filter", UNCOUNTABLE.values(), ids=UNCOUNTABLE)
async def test_what_the_upstream_does_not_filter_is_not_counted(filter: CallFilter) -> None:
    served = [serving(name, Memory, Store([call(each, each, name) for each in range(9)]), page_size=2) for name in "ab"]
    found = await page(served, first=1, select=COUNTED, filter=filter)
    assert found.total_count is (None if found.nodes else 0)
    assert found.total_count_at_least >= len(found.nodes)
    assert [each.provider.store.counts for each in served] == [[], []]


async def test_one_provider_that_cannot_count_leaves_the_total_unknown() -> None:
    more = [call(number, number, "c") for number in range(200)]
    served = [*two(), serving("c", Uncounted, Store(more))]
    found = await page(served, first=1, select=COUNTED)
    assert (found.total_count, found.total_count_at_least >= 11) == (None, True)
    assert (await page(served, first=1, select=COUNTED, filter=CallFilter(providers=["a", "b"]))).total_count == 10


async def test_a_list_that_is_read_to_its_end_has_a_total_also_where_nobody_counts() -> None:
    served = [*two(), serving("c", Uncounted, Store([call(number, number, "c") for number in range(3)]))]
    found = await page(served, select=COUNTED)
    assert (found.total_count, found.total_count_at_least) == (13, 13)
    later = await page(served, select=COUNTED, first=2, after=(await page(served, first=2)).page_info.end_cursor)
    assert (later.total_count, later.total_count_at_least >= 10) == (None, True)


async def test_sessions_that_are_made_here_are_not_counted() -> None:
    served = [serving("a", Memory, Store([call(each, each * 7200, session=str(each)) for each in range(20)]), page_size=2)]
    found = await page(served, Session, first=1, select=COUNTED)
    assert (found.total_count, found.total_count_at_least >= 1) == (None, True)
    whole = await page(two(), Session, select=COUNTED)
    assert whole.total_count == whole.total_count_at_least == len(whole.nodes)


async def test_ids_of_other_providers_count_for_nothing() -> None:
    served = two()
    wanted = CallFilter(session_id=[global_id("Session", "c", "1")])
    found = await page(served, select=COUNTED, filter=wanted)
    assert (found.nodes, found.total_count, found.problems) == ([], 0, [])
    assert [each.provider.store.asked for each in served] == [[], []]


async def test_a_page_that_lacks_a_provider_has_no_total() -> None:
    found = await page(two(Store(failure=Unavailable("is down", provider="a"))), select=COUNTED)
    assert (ids(found.nodes), found.total_count) == (["9", "7", "5", "3", "1"], None)


async def test_a_filter_that_names_no_provider_is_refused() -> None:
    served = two()
    with pytest.raises(BadInput, match="`providers` is empty, so that no record can match: name a value, or leave it out"):
        await page(served, select=COUNTED, filter=CallFilter(providers=[]))
    assert [each.provider.store.asked for each in served] == [[], []]


async def test_only_the_named_providers_are_asked() -> None:
    served = two()
    assert ids((await page(served, filter=CallFilter(providers=["b", "b"]))).nodes) == ["9", "7", "5", "3", "1"]
    assert [len(each.provider.store.asked) for each in served] == [0, 1]


async def test_a_kind_that_nobody_lists_is_an_empty_list_unless_somebody_is_named() -> None:
    served = two()
    assert (await page(served, Chat)).nodes == []
    found = await page(served, Chat, filter=ChatFilter(providers=["a"]))
    assert (found.nodes, problems(found)) == ([], [("a", ProblemCode.UNSUPPORTED)])
    assert found.problems[0].message == "has no list of Chat"


@pytest.mark.parametrize(
    "filter",
    [CallFilter(is_tracked=True), CallFilter(is_tracked=False), CallFilter(application_name=["x"]), CallFilter(custom_data=["x"])],
)
async def test_a_filter_that_nobody_can_tell_is_a_problem_of_each(filter: CallFilter) -> None:
    served = two()
    found = await page(served, filter=filter)
    assert (found.nodes, problems(found)) == ([], [("a", ProblemCode.UNSUPPORTED), ("b", ProblemCode.UNSUPPORTED)])
    assert [each.provider.store.asked for each in served] == [[], []]


async def test_a_filter_that_some_can_tell_is_a_problem_of_the_others() -> None:
    tracked = [call(1, 1, "c", refs={"tracked": "yes"}), call(2, 2, "c", refs={"tracked": "no"})]
    served = [*two(), serving("c", Tracking, Store(tracked))]
    found = await page(served, filter=CallFilter(is_tracked=True), select=COUNTED)
    assert named(found.nodes) == [("c", "1")]
    assert problems(found) == [("a", ProblemCode.UNSUPPORTED), ("b", ProblemCode.UNSUPPORTED)]
    assert found.problems[0].message == "cannot tell `isTracked` of a Call; leave this filter out or this provider"
    assert [each.provider.store.asked for each in served[:2]] == [[], []]
    assert found.total_count is None


async def test_sessions_made_here_know_no_rules() -> None:
    found = await page(two(), Session, filter=SessionFilter(rule_name=["x"]))
    assert [each.message.partition(";")[0] for each in found.problems] == ["cannot tell `ruleName` of a Session"] * 2


FAILURES = [
    Unauthorized("refused the credentials"),
    Forbidden("does not allow this"),
    RateLimited("asks for fewer requests", retry_after=7),
    TimedOut("no answer in time"),
    Unavailable("is down"),
    BadAnswer("answers nonsense"),
]


@pytest.mark.parametrize("failure", FAILURES, ids=lambda failure: failure.problem.name)
async def test_one_failing_provider_is_a_problem_and_the_others_rows_arrive(failure: Any) -> None:
    served = two(Store(failure=failure))
    failure.provider = "a"
    found = await page(served)
    assert ids(found.nodes) == ["9", "7", "5", "3", "1"]
    assert found.problems == [replace(failure.as_problem(), range=ProblemRange())]
    assert (found.problems[0].message, found.problems[0].retry_after) == (failure.message, failure.retry_after)
    assert found.problems[0].retryable is failure.retryable


@pytest.mark.parametrize("size", [{"first": 0}, {"last": 0}])
async def test_a_page_without_records_tells_what_belongs_to_the_whole_list(size: dict[str, int]) -> None:
    served = [serving("a", Memory, Store([call(number, number) for number in range(3)]))]
    found = await page(served, select=COUNTED, **size)
    assert (found.nodes, found.edges, found.total_count, found.problems) == ([], [], 3, [])
    assert (found.page_info.has_next_page, found.page_info.has_previous_page) == ("first" in size, "last" in size)
    assert (found.page_info.start_cursor, found.page_info.end_cursor) == (None, None)
