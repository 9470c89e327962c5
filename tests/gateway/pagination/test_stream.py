"""One provider's records, filtered: how far a search goes, and where it goes on."""

import asyncio
from datetime import timedelta
from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from telegraphql.gateway.errors import Malformed, RateLimited, TimedOut, Unavailable
from telegraphql.gateway.plugin.provider import Keyset, ListRequest, Page, TimeWindowJoin, lists
from telegraphql.gateway.upstream.request_budget import RequestBudget, current, running
from telegraphql.gateway.upstream.work import WorkLimits
from telegraphql.schema.call import Call, CallFilter
from telegraphql.schema.enums import ProblemCode, TimeOrder
from telegraphql.schema.filters import IntRange
from telegraphql.schema.session import Session
from tests.support.graphql_client import NEWEST, ids, page, walk
from tests.support.memory_provider import Memory, Store, serving
from tests.support.records import call
from tests.support.strategies import ORDERS, World, in_order, named, worlds

STOPPED = "the search stopped at this operation's 1,000 rows (limits.rows); go on from endCursor, or narrow the filter"
RARE = CallFilter(duration_seconds=IntRange(min=1))


def sparse(provider: str, most: int, found: set[int]) -> Store:
    """Calls, of which only a few have a duration."""
    return Store([call(number, number * 60, provider, duration_seconds=int(number in found)) for number in range(most)])


async def test_a_selective_search_stops_at_its_limit_and_says_where_it_goes_on() -> None:
    store = sparse("a", 3000, {100})
    found = await page([serving("a", Memory, store)], filter=RARE, most_slices=5)
    assert len(store.asks) == 5
    assert (found.nodes, found.page_info.has_next_page, found.page_info.start_cursor) == ([], True, None)
    (problem,) = found.problems
    assert (problem.provider, problem.code, problem.retryable) == ("a", ProblemCode.SCAN_LIMIT, True)
    assert problem.message == "the search stopped at its limit of upstream requests; go on from endCursor, or narrow the filter"
    again = await page([serving("a", Memory, store)], filter=RARE, most_slices=5, after=found.page_info.end_cursor)
    assert [ask.until for ask in store.asks[:1]] == [None]
    assert store.asks[5].until is not None
    assert again.page_info.end_cursor != found.page_info.end_cursor


async def test_a_search_backward_goes_on_from_its_start_cursor() -> None:
    served = [serving("a", Memory, sparse("a", 3000, {2000}))]
    found = await page(served, filter=RARE, last=5, most_slices=5)
    assert (found.page_info.has_previous_page, found.page_info.has_next_page, found.page_info.end_cursor) == (True, False, None)
    assert ids(await walk(served, size=5, backward=True, filter=RARE, most_slices=5)) == ["2000"]


async def test_what_was_found_before_the_limit_is_given() -> None:
    served = [serving("a", Memory, sparse("a", 3000, {2990, 2800, 100}))]
    found = await page(served, filter=RARE, most_slices=5)
    assert ids(found.nodes) == ["2990", "2800"]
    assert found.page_info.end_cursor != found.edges[-1].cursor
    assert found.page_info.has_next_page


async def test_a_search_that_ends_within_its_limit_has_no_problem() -> None:
    served = [serving("a", Memory, sparse("a", 300, {5}))]
    found = await page(served, filter=RARE, most_slices=5)
    assert (ids(found.nodes), found.problems, found.page_info.has_next_page) == (["5"], [], False)


async def test_a_filter_that_holds_for_nothing_asks_for_the_largest_pages() -> None:
    store = sparse("a", 300, set())
    await page([serving("a", Memory, store)], first=1, filter=RARE)
    assert {ask.size for ask in store.asks} == {100}


async def test_nothing_beyond_the_limit_of_the_slowest_is_given_out_before_its_turn() -> None:
    quick = Store([call(number, number * 60, "b", duration_seconds=1) for number in range(0, 3000, 50)])
    served = [serving("a", Memory, sparse("a", 3000, {1})), serving("b", Memory, quick)]
    found = await page(served, first=500, filter=RARE, most_slices=5)
    assert {record.provider_name for record in found.nodes} == {"b"}
    assert [problem.provider for problem in found.problems] == ["a"]
    last = min(int(record.native_id) for record in found.nodes)
    assert last == 2550
    whole = await walk(served, size=500, filter=RARE, most_slices=5)
    assert named(whole) == [*[("b", str(number)) for number in range(2950, -1, -50)][:-1], ("a", "1"), ("b", "0")]


@given(worlds(most=16), ORDERS, st.integers(1, 9), st.booleans(), st.integers(2, 5), st.data())
def test_a_walk_under_a_limit_finds_every_match_exactly_once(
    world: World, order: TimeOrder, size: int, backward: bool, limit: int, data: st.DataObject
) -> None:
    matches = data.draw(st.lists(st.sampled_from(world.calls), max_size=5)) if world.calls else []
    for each in matches:
        each.duration_seconds = 1
    found = asyncio.run(walk(world.servings, size=size, order=order, backward=backward, filter=RARE, most_slices=limit))
    assert named(found) == in_order([each for each in world.calls if each.duration_seconds], order)


@pytest.mark.parametrize("size", [1, 40])
async def test_a_tie_beyond_the_limit_is_still_crossed(size: int) -> None:
    ties = [call(f"{number:03}", 5, duration_seconds=number % 2) for number in range(60)]
    served = [serving("a", Memory, Store([call("x", 1, duration_seconds=1), *ties, call("y", 9)]), page_size=2)]
    found = await walk(served, size=size, filter=RARE, most_slices=4)
    assert ids(found) == [*[f"{number:03}" for number in range(59, 0, -2)], "x"]


@pytest.mark.parametrize("order", TimeOrder)
async def test_a_limit_within_the_span_of_a_session_is_still_crossed(order: TimeOrder) -> None:
    legs = [call(number, number, session=str(number // 4)) for number in range(120)]
    served = [serving("a", Memory, Store(legs), page_size=2, session_span=timedelta(seconds=60))]
    found = await walk(served, Session, size=5, order=order, most_slices=3)
    assert ids(found) == [str(number) for number in (range(29, -1, -1) if order is NEWEST else range(30))]


class Counting(Memory):
    """Counts its requests, as the upstream client does."""

    @lists(Call, pages=Keyset(most=100), joins={"session": TimeWindowJoin()})
    async def calls(self, ask: ListRequest) -> Page:
        """Calls."""
        current().count(self.name, "calls")
        return await self._slice(self.store.calls, ask)


async def test_the_limit_of_the_whole_operation_loses_no_record_either() -> None:
    store = sparse("a", 3000, {2999, 2998, 1500, 7})
    served = [serving("a", Counting, store)]
    found: list[str] = []
    cursor = None
    for _ in range(20):
        with running(RequestBudget(max_requests=6)):
            part = await page(served, filter=RARE, after=cursor)
        found += ids(part.nodes)
        cursor = part.page_info.end_cursor
        if not part.page_info.has_next_page:
            break
        assert [problem.code for problem in part.problems] == [ProblemCode.SCAN_LIMIT]
    assert found == ["2999", "2998", "1500", "7"]
    assert not part.page_info.has_next_page


@pytest.mark.parametrize("order", TimeOrder)
async def test_the_limit_of_rows_of_the_whole_operation_loses_no_record_either(order: TimeOrder) -> None:
    wanted = {2999, 2998, 1500, 7}
    served = [serving(name, Memory, sparse(name, 3000, wanted)) for name in "ab"]
    found: list[str] = []
    cursor, parts = None, 0
    while cursor is not None or not parts:
        with running(RequestBudget.lasting(None, work=WorkLimits(rows=1000))) as operation:
            part = await page(served, filter=RARE, after=cursor, order=order)
        # Of each provider the page under way is read to its end.
        assert operation.work.rows <= 1000 + 100
        found += [f"{each.provider_name}{each.native_id}" for each in part.nodes]
        parts += 1
        cursor = part.page_info.end_cursor if part.page_info.has_next_page else None
        limits = {problem.message for problem in part.problems}
        assert limits == (set() if cursor is None else {STOPPED})
    assert sorted(found) == sorted(f"{name}{number}" for name in "ab" for number in wanted)
    assert parts == 7


async def test_an_operation_that_may_ask_nothing_more_is_told_so() -> None:
    with running(RequestBudget(max_requests=0)):
        found = await page([serving("a", Counting, sparse("a", 30, set()))])
    assert [(each.provider, each.code.name, each.retryable) for each in found.problems] == [("a", "SCAN_LIMIT", True)]


async def test_every_provider_failing_is_a_problem_of_each() -> None:
    stores = [Store(failure=RateLimited("asks for fewer requests", retry_after=7)), Store(failure=Unavailable("is down"))]
    served = [serving(name, Memory, store) for name, store in zip("ab", stores, strict=True)]
    found = await page(served)
    assert [(each.provider, each.code.name, each.message, each.retry_after) for each in found.problems] == [
        ("a", "RATE_LIMITED", "asks for fewer requests", 7),
        ("b", "UNAVAILABLE", "is down", None),
    ]


async def test_the_same_cursor_after_recovery_gives_the_complete_page() -> None:
    stores = {name: Store([call(number, number, name) for number in range(9)]) for name in "ab"}
    served = [serving(name, Memory, store) for name, store in stores.items()]
    cursor = (await page(served, first=3)).page_info.end_cursor
    complete = named((await page(served, first=4, after=cursor)).nodes)
    stores["b"].failure = TimedOut("no answer in time")
    partial = await page(served, first=4, after=cursor)
    assert named(partial.nodes) == [("a", "7"), ("a", "6"), ("a", "5"), ("a", "4")]
    assert [(problem.provider, problem.code) for problem in partial.problems] == [("b", ProblemCode.TIMEOUT)]
    stores["b"].failure = None
    assert named((await page(served, first=4, after=cursor)).nodes) == complete == [("a", "7"), ("b", "6"), ("a", "6"), ("b", "5")]


async def test_malformed_records_are_named_and_the_rest_arrives() -> None:
    told = Malformed("the record 7 cannot be read", provider="a").as_problem()
    store = Store([call(number, number) for number in range(3)], problems=[told])
    served = [serving("a", Timeless, store)]
    found = await page(served)
    assert ids(found.nodes) == ["2", "1", "0"]
    assert [(problem.code, problem.message, problem.retryable) for problem in found.problems] == [
        (ProblemCode.MALFORMED_RECORD, "the record 7 cannot be read", False),
        (ProblemCode.MALFORMED_RECORD, "the Call timeless has no time", False),
    ]


class Timeless(Memory):
    """Sends one record without a time among the others."""

    @lists(Call, pages=Keyset(most=100))
    async def calls(self, ask: ListRequest) -> Page:
        """Calls."""
        page = await self._slice(self.store.calls, ask)
        timeless: Any = call("timeless")
        timeless.started_at = None
        page.records.append(timeless)
        return page


async def test_the_few_rows_that_pass_do_not_keep_the_answer_that_they_came_with() -> None:
    store = sparse("a", 100, {7, 50})
    whole = msgspec.json.encode([{"id": each.native_id} for each in store.calls])
    for each, row in zip(store.calls, msgspec.json.decode(whole, type=list[msgspec.Raw]), strict=True):
        each.raw = row
    found = await page([serving("a", Memory, store)], filter=RARE)
    assert [bytes(each.raw) for each in found.nodes] == [b'{"id":"50"}', b'{"id":"7"}']
    # A copy of what stands for itself is the same object.
    assert [each.raw.copy() is each.raw for each in found.nodes] == [True, True]
    assert store.calls[3].raw.copy() is not store.calls[3].raw
