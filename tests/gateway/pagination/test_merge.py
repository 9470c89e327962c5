"""One list over several providers: every record exactly once and in order, reading no further than a page needs."""

import asyncio
from collections.abc import AsyncGenerator

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from telegraphql.gateway.errors import Unavailable, Unforeseen
from telegraphql.gateway.pagination.connection import Lister
from telegraphql.gateway.pagination.cursor import Position, position
from telegraphql.gateway.pagination.dataloaders import DataLoaders
from telegraphql.gateway.pagination.merge import merge
from telegraphql.gateway.pagination.slice import Slice
from telegraphql.gateway.pagination.stream import Stream
from telegraphql.gateway.plugin.provider import ListRequest, Page
from telegraphql.schema.call import Call
from telegraphql.schema.context import PageArguments
from telegraphql.schema.enums import TimeOrder
from telegraphql.schema.record import Record
from tests.support.examples import examples
from tests.support.graphql_client import NEWEST, NODES, OLDEST, ids, page, pages, walk
from tests.support.memory_provider import Memory, Store, serving
from tests.support.records import at, call
from tests.support.strategies import ORDERS, SIZES, UNBOUNDED, World, in_order, named, worlds

MANY = 10_000


@settings(max_examples=examples(200))
@given(worlds(), ORDERS, SIZES, st.booleans())
def test_a_walk_gives_every_record_exactly_once_in_the_total_order(world: World, order: TimeOrder, size: int, backward: bool) -> None:
    found = asyncio.run(walk(world.servings, size=size, order=order, backward=backward, most_slices=UNBOUNDED))
    assert named(found) == in_order(world.calls, order)


@given(worlds(), SIZES, st.booleans())
def test_newest_first_is_the_exact_reverse_of_oldest_first(world: World, size: int, backward: bool) -> None:
    newest = asyncio.run(walk(world.servings, size=size, order=NEWEST, backward=backward, most_slices=UNBOUNDED))
    oldest = asyncio.run(walk(world.servings, size=size, order=OLDEST, backward=backward, most_slices=UNBOUNDED))
    assert named(newest) == named(oldest)[::-1]


@given(worlds(), ORDERS, st.integers(1, 6), st.booleans(), st.data())
def test_records_that_come_in_at_the_head_meanwhile_disturb_nothing(
    world: World, order: TimeOrder, size: int, backward: bool, data: st.DataObject
) -> None:
    before, clock = in_order(world.calls, order), iter(range(90_000, 1_000_000))

    def come_in() -> None:
        for number in data.draw(st.lists(st.integers(0, 2), max_size=2)) if len(world.calls) < 120 else ():
            world.insert(number, next(clock) + data.draw(st.integers(0, 1)))

    found = named(asyncio.run(walk(world.servings, size=size, order=order, backward=backward, between=come_in, most_slices=UNBOUNDED)))
    assert [each for each in found if each in before] == before
    assert len(set(found)) == len(found)


@given(worlds(), ORDERS, st.integers(1, 6), st.booleans(), st.data())
def test_records_that_are_deleted_meanwhile_take_none_of_the_others_with_them(
    world: World, order: TimeOrder, size: int, backward: bool, data: st.DataObject
) -> None:
    before = in_order(world.calls, order)

    def go_away() -> None:
        for number in data.draw(st.lists(st.integers(0, 99), max_size=3)):
            world.delete(number)

    found = named(asyncio.run(walk(world.servings, size=size, order=order, backward=backward, between=go_away, most_slices=UNBOUNDED)))
    left = in_order(world.calls, order)
    assert [each for each in found if each in left] == left
    assert [each for each in before if each in found] == found


async def test_a_tie_far_larger_than_the_upstreams_page_is_read_to_its_end() -> None:
    store = Store([call(f"{number:04}", 5) for number in range(300)])
    found = await walk([serving("a", Memory, store, page_size=7)], size=100, order=OLDEST, most_slices=UNBOUNDED)
    assert ids(found) == [f"{number:04}" for number in range(300)]


async def test_page_sizes_up_to_500_are_filled_from_smaller_upstream_pages() -> None:
    store = Store([call(number, number) for number in range(1200)])
    sizes = [len(found.nodes) async for found in pages([serving("a", Memory, store)], size=500)]
    assert sizes == [500, 500, 200]


async def test_a_page_of_ten_from_two_providers_with_many_records_asks_each_once() -> None:
    stores = {name: Store([call(number, number * 60, name) for number in range(MANY)]) for name in "ab"}
    servings = [serving(name, Memory, store) for name, store in stores.items()]
    assert len((await page(servings, first=10)).nodes) == 10
    assert [len(store.asks) for store in stores.values()] == [1, 1]


async def test_depth_is_free() -> None:
    store = Store([call(number, number) for number in range(MANY)])
    served = [serving("a", Memory, store)]
    deep = (await page(served, last=11)).page_info.start_cursor
    store.asked.clear()
    assert ids((await page(served, first=10, after=deep)).nodes) == [str(number) for number in range(9, -1, -1)]
    assert len(store.asks) == 1


async def test_the_first_slices_of_all_providers_are_asked_for_at_once() -> None:
    meeting = asyncio.Barrier(4)
    found = await page([serving(name, Memory, Store([call(1, 0, name)], meeting=meeting)) for name in "abcd"], first=1)
    assert named(found.nodes) == [("d", "1")]


class Watched(Memory):
    """Counts its slices that are being waited for, and the streams that were closed."""

    waiting = 0

    async def _slice(self, records: object, ask: ListRequest) -> Page:
        self.waiting += 1
        try:
            return await super()._slice(self.store.calls, ask)
        finally:
            self.waiting -= 1


async def test_a_cancelled_page_stops_asking_its_providers() -> None:
    servings = [serving(name, Watched, Store([call(1, 0, name)], latency=30)) for name in "ab"]
    asking = asyncio.create_task(page(servings, first=1))
    await asyncio.sleep(0.01)
    assert [each.provider.waiting for each in servings] == [1, 1]
    asking.cancel()
    with pytest.raises(asyncio.CancelledError):
        await asking
    assert [each.provider.waiting for each in servings] == [0, 0]


class Piecewise:
    """Slices by hand, and whether they were closed."""

    def __init__(self, provider: str, times: list[int], fault: Exception | None = None, latency: float = 0.0) -> None:
        self.calls = [call(seconds, seconds, provider) for seconds in sorted(times, reverse=True)]
        self.fault, self.latency = fault, latency
        self.closed = False
        self.stream = Stream(provider=provider, slices=self._slices(), keep=self._all, descending=True)

    async def _slices(self) -> AsyncGenerator[Slice]:
        try:
            await asyncio.sleep(self.latency)
            if self.fault:
                raise self.fault
            for each in self.calls:
                yield Slice([each], at(int(each.native_id) - 1), [])
            yield Slice([], None, [])
        finally:
            self.closed = True

    async def _all(self, records: list[Record]) -> list[Record]:
        return records


async def test_a_finished_page_closes_its_streams() -> None:
    sources = [Piecewise("a", [9, 7, 5]), Piecewise("b", [8, 6, 4])]
    found = await merge([source.stream for source in sources], 2, descending=True)
    assert named(found.records) == [("a", "9"), ("b", "8")]
    assert found.more
    assert [source.closed for source in sources] == [True, True]


async def test_an_unforeseen_error_ends_its_own_stream_only_and_all_are_closed() -> None:
    sources = [Piecewise("a", [9], fault=KeyError("oops")), Piecewise("b", [8], latency=0.02)]
    found = await merge([source.stream for source in sources], 2, descending=True)
    assert named(found.records) == [("b", "8")]
    assert [type(source.stream.error) for source in sources] == [Unforeseen, type(None)]
    assert [source.closed for source in sources] == [True, True]


async def test_a_stream_that_fails_on_the_way_has_given_what_it_had() -> None:
    failing = Piecewise("a", [9, 7])
    failing.calls[1].started_at = at(20)

    async def broken(records: list[Record]) -> list[Record]:
        if not records:
            raise Unavailable("is down")
        return records

    failing.stream.keep = broken
    other = Piecewise("b", [8, 6])
    found = await merge([failing.stream, other.stream], 5, descending=True)
    assert named(found.records) == [("a", "9"), ("b", "8"), ("b", "6")]
    assert not found.more
    assert failing.stream.error is not None


async def test_nobody_is_asked_when_there_is_nobody() -> None:
    found = await Lister([]).page(Call, PageArguments(), NODES, DataLoaders())
    assert (found.nodes, found.page_info.has_next_page, found.page_info.end_cursor) == ([], False, None)


async def test_a_record_that_cannot_be_placed_does_not_take_those_behind_it() -> None:
    def place(record: Record) -> Position:
        if record.native_id == "9":
            raise ValueError
        return position(record)

    one, other = Piecewise("a", [8, 7]), Piecewise("b", [5, 4, 3, 2])
    # All that is ready of its first slice; where the middle ones stand is not known before they are taken.
    one.stream.head.append(call(9, 9, "a"))
    one.stream.place = place
    merged = await merge([one.stream, other.stream], 3, descending=True)
    assert [record.native_id for record in merged.records] == ["8", "7", "5"]
    assert [problem.provider for problem in one.stream.problems] == ["a"]
