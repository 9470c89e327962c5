"""A search that runs out of time: what was found is given, and where it goes on; no row is lost or doubled."""

import asyncio
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from telegraphql.gateway.errors import TimedOut, Unavailable
from telegraphql.gateway.pagination.bound_provider import BoundProvider
from telegraphql.gateway.pagination.merge import RESERVE, SHARE
from telegraphql.gateway.plugin.provider import Keyset, ListRequest, Page, lists
from telegraphql.gateway.upstream.request_budget import RequestBudget, current, running
from telegraphql.schema.call import Call, CallFilter
from telegraphql.schema.enums import ProblemCode, TimeOrder
from telegraphql.schema.filters import IntRange
from telegraphql.schema.paging import Connection
from tests.support.examples import examples
from tests.support.graphql_client import ids, page
from tests.support.memory_provider import Memory, Store, Unpaged, serving
from tests.support.records import call
from tests.support.strategies import ORDERS, World, in_order, named, worlds
from tests.support.virtual_time import leaping

RARE = CallFilter(duration_seconds=IntRange(min=1))
DEADLINE = 1.0


def sparse(name: str, most: int, found: set[int], **pace: Any) -> Store:
    """Calls, of which only a few have a duration."""
    return Store([call(number, number * 60, name, duration_seconds=int(number in found)) for number in range(most)], **pace)


async def hurried(served: Sequence[BoundProvider], kind: type = Call, **arguments: Any) -> tuple[Connection[Any], float]:
    """A page within the deadline, and the time that was left."""
    with running(RequestBudget(deadline=asyncio.get_running_loop().time() + DEADLINE)):
        found = await page(served, kind, **arguments)
        return found, current().left()


def told(found: Connection[Any]) -> list[tuple[str, ProblemCode]]:
    return [(problem.provider, problem.code) for problem in found.problems]


def test_a_search_that_runs_out_of_time_gives_what_it_found_and_where_it_goes_on() -> None:
    async def asked() -> None:
        store = sparse("a", 3000, {2990, 2800, 100}, latency=0.2)
        found, left = await hurried([serving("a", Memory, store)], filter=RARE)
        assert (ids(found.nodes), found.page_info.has_next_page) == (["2990", "2800"], True)
        assert found.page_info.end_cursor != found.edges[-1].cursor
        assert told(found) == [("a", ProblemCode.SCAN_LIMIT)]
        assert found.problems[0].message.startswith("the search stopped at the deadline of this operation; go on from endCursor")
        # A fifth slice would end after what is kept for the rest of the answer.
        assert (len(store.asks), round(left, 3)) == (4, 0.2)
        again, _ = await hurried([serving("a", Memory, store)], filter=RARE, after=found.page_info.end_cursor)
        assert store.asks[4].until is not None
        assert again.page_info.end_cursor != found.page_info.end_cursor

    leaping(asked())


def test_a_slice_that_hangs_is_given_up_early_enough_for_the_answer() -> None:
    async def asked() -> None:
        store = sparse("a", 3000, {2990}, latencies=[60.0, 0.1, 0.1])
        found, left = await hurried([serving("a", Memory, store)], filter=RARE)
        assert (ids(found.nodes), told(found)) == (["2990"], [("a", ProblemCode.SCAN_LIMIT)])
        assert round(left, 3) == RESERVE

    leaping(asked())


def test_an_upstream_that_does_not_answer_at_all_is_a_timeout() -> None:
    async def asked() -> None:
        silent, other = sparse("a", 300, {1}, latency=60), sparse("b", 300, {1, 299})
        alone, _ = await hurried([serving("a", Memory, silent)], filter=RARE)
        assert [problem.code.name for problem in alone.problems] == ["TIMEOUT"]
        served = [serving("a", Memory, sparse("a", 300, {1}, latency=60)), serving("b", Memory, other)]
        found, left = await hurried(served, filter=RARE)
        assert named(found.nodes) == [("b", "299"), ("b", "1")]
        assert told(found) == [("a", ProblemCode.TIMEOUT)]
        assert round(left, 3) == round(DEADLINE - (1 - RESERVE) * SHARE, 3)

    leaping(asked())


def test_a_page_that_needs_many_slices_goes_on_where_it_ran_out_of_time_without_any_filter() -> None:
    async def asked() -> None:
        served = [serving("a", Memory, Store([call(number, number) for number in range(1000)], latency=0.2))]
        found, _ = await hurried(served, first=500)
        assert (len(found.nodes), told(found)) == (389, [("a", ProblemCode.SCAN_LIMIT)])
        again, _ = await hurried(served, first=500, after=found.page_info.end_cursor)
        assert again.nodes[0].native_id == str(1000 - len(found.nodes) - 1)

    leaping(asked())


def test_nothing_beyond_the_reach_of_the_slowest_is_given_out_before_its_turn() -> None:
    async def asked() -> None:
        quick = Store([call(number, number * 60, "b", duration_seconds=1) for number in range(0, 3000, 50)])
        served = [serving("a", Memory, sparse("a", 3000, {1}, latency=0.2)), serving("b", Memory, quick)]
        found, _ = await hurried(served, first=500, filter=RARE)
        assert told(found) == [("a", ProblemCode.SCAN_LIMIT)]
        assert {provider for provider, _ in named(found.nodes)} == {"b"}
        assert min(int(record.native_id) for record in found.nodes) > 2500
        assert named(await walk(served, 500, RARE))[-2:] == [("a", "1"), ("b", "0")]

    leaping(asked())


def test_one_that_shows_only_empty_stretches_in_all_the_time_there_is_does_not_hold_up_the_others() -> None:
    async def asked() -> None:
        empty = Store([call(1, 0, "a")], latency=0.3)
        served = [serving("a", Unpaged, empty), serving("b", Memory, Store([call(number, number + 10**7, "b") for number in range(30)]))]
        found, _ = await hurried(served, first=10)
        assert named(found.nodes) == [("b", str(number)) for number in range(29, 19, -1)]
        assert told(found) == [("a", ProblemCode.TIMEOUT)]

    leaping(asked())


async def walk(served: Sequence[BoundProvider], size: int, filter: CallFilter | None, **how: Any) -> list[Any]:
    """All pages, each within the deadline; one with a TIMEOUT is asked again while the upstreams are quick, as a client would."""
    found: list[Any] = []
    cursor, backward = None, how.pop("backward", False)
    for _ in range(5000):
        where = {"last": size, "before": cursor} if backward else {"first": size, "after": cursor}
        part = await _whole(served, filter=filter, **where, **how)
        found = [*part.nodes, *found] if backward else [*found, *part.nodes]
        info = part.page_info
        more, cursor = (info.has_previous_page, info.start_cursor) if backward else (info.has_next_page, info.end_cursor)
        if not more:
            return found
        assert cursor is not None
    raise AssertionError("the walk does not end")


async def _whole(served: Sequence[BoundProvider], **arguments: Any) -> Connection[Any]:
    try:
        found, _ = await hurried(served, **arguments)
    except TimedOut:
        return await _unhurried(served, **arguments)
    assert {code for _, code in told(found)} <= {ProblemCode.SCAN_LIMIT, ProblemCode.TIMEOUT}
    return await _unhurried(served, **arguments) if ProblemCode.TIMEOUT in dict(told(found)).values() else found


async def _unhurried(served: Sequence[BoundProvider], **arguments: Any) -> Connection[Any]:
    return await page(served, most_slices=100_000, **arguments)


@settings(max_examples=examples(60))
@given(worlds(most=16), ORDERS, st.integers(1, 9), st.booleans(), st.booleans(), st.data())
def test_a_walk_under_a_deadline_finds_every_match_exactly_once(
    world: World, order: TimeOrder, size: int, backward: bool, filtered: bool, data: st.DataObject
) -> None:
    for each in data.draw(st.lists(st.sampled_from(world.calls), max_size=5)) if world.calls else []:
        each.duration_seconds = 1
    for store in world.stores.values():
        store.latencies = data.draw(st.lists(st.sampled_from([0.0, 0.01, 0.05, 0.15, 0.25]), min_size=1, max_size=4))
    found = leaping(walk(world.servings, size, RARE if filtered else None, order=order, backward=backward))
    assert named(found) == in_order([each for each in world.calls if each.duration_seconds or not filtered], order)


PACE = st.lists(st.sampled_from([0.0, 0.05, 0.1, 0.15, 0.3, 60.0]), min_size=1, max_size=6)


@settings(max_examples=examples(60))
@given(ORDERS, st.integers(10, 100), st.lists(PACE, min_size=2, max_size=3), st.integers(4, 20))
def test_of_slow_and_hanging_upstreams_what_is_not_told_is_not_missing(
    order: TimeOrder, size: int, paces: list[list[float]], page_size: int
) -> None:
    """Of each provider without a problem a page has all records, up to the last one that is shown if more follow."""
    stores = {
        name: Store([call(each, each * 60, name) for each in range(40)], latencies=pace) for name, pace in zip("abc", paces, strict=False)
    }
    served = [serving(name, Memory, store, page_size=page_size) for name, store in stores.items()]

    async def asked() -> Connection[Any]:
        return (await hurried(served, first=size, order=order))[0]

    found = leaping(asked())
    shown, whole = named(found.nodes), in_order([each for store in stores.values() for each in store.calls], order)
    assert shown or found.problems
    end = len(whole) if not found.page_info.has_next_page else whole.index(shown[-1]) if shown else 0
    sick = {problem.provider for problem in found.problems}
    assert [key for key in whole[:end] if key[0] not in sick and key not in shown] == []
    assert shown == [key for key in whole if key in shown]


class Detailed(Memory):
    """Tells how long a call was one by one."""

    plugin = "detailed"

    @lists(Call, pages=Keyset(most=100), detail=["durationSeconds"])
    async def calls(self, ask: ListRequest) -> Page:
        """Calls."""
        found = await self._slice(self.store.calls, ask)
        found.records[:] = [replace(each, duration_seconds=None, held={}) for each in found.records]
        return found


@pytest.mark.parametrize("failure", [Unavailable("is down"), TimedOut("no answer in time")])
async def test_a_detail_that_the_filter_looks_at_and_that_fails_drops_no_record(failure: Exception) -> None:
    """It fails the provider, whose records come when the same cursor is asked for again."""
    store, other = sparse("a", 30, {7, 3}), sparse("b", 30, {5})
    served = [serving("a", Detailed, store), serving("b", Memory, other)]
    store.failing["7"] = failure
    found = await page(served, filter=RARE)
    assert (named(found.nodes), told(found)) == ([("b", "5")], [("a", failure.problem)])  # type: ignore[attr-defined]
    store.failing.clear()
    assert named((await page(served, filter=RARE)).nodes) == [("a", "7"), ("b", "5"), ("a", "3")]
