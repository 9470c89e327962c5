"""LazyRows that stay unmapped until they are given out: nobody can tell, but for the time it saves."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any
from unittest.mock import patch

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from telegraphql.gateway.pagination.bound_provider import BoundProvider
from telegraphql.gateway.pagination.cursor import stands
from telegraphql.gateway.plugin.mapping import LazyRows as Placed
from telegraphql.gateway.plugin.mapping import RowPosition, RowReader, malformed
from telegraphql.gateway.plugin.provider import ListRequest, Page
from telegraphql.schema.call import Call, CallFilter
from telegraphql.schema.enums import CallStatus, ProblemCode, TimeOrder
from telegraphql.schema.filters import TimeRange
from telegraphql.schema.record import Record
from tests.gateway.conformance.broken_plugins import same_as
from tests.support.graphql_client import NEWEST, data, ids, page, pages
from tests.support.memory_provider import Memory, Small, Store, Unpaged, serving
from tests.support.records import at, call
from tests.support.strategies import ORDERS, SIZES, World, in_order, named, worlds

MADE: list[str] = []
READ: list[Placed] = []


def rows(found: Page, ask: ListRequest, store: Store) -> Page:
    """A page as a plugin would give it; rows whose ids fail in the store cannot be mapped. One with a sort id has a place of its own."""
    if ask.unmapped and not any(record.sort_id for record in found.records):
        known = Known({record.native_id: record for record in found.records})
        name = next((record.provider_name for record in found.records), "")
        reading: RowReader[Any] = RowReader(known, making(store), name, ("id",))  # type: ignore[arg-type]
        placed = Placed(reading, map(raw, found.records), placing(store))
        READ.append(placed)
        found.records, found.problems = placed, placed.problems
        return found
    found.problems += [problem(record, store) for record in found.records if record.native_id in store.failing]
    found.records = [record for record in found.records if record.native_id not in store.failing]
    return found


class Known:
    """Decodes rows to the records that they were."""

    def __init__(self, records: dict[str, Call]) -> None:
        self._records = records

    def decode(self, row: msgspec.Raw) -> Call:
        return self._records[msgspec.json.decode(row)["id"]]


class Unplaceable(ValueError):
    """A row without a time."""


def placing(store: Store) -> Callable[[Call], RowPosition]:
    def place(record: Call) -> RowPosition:
        if isinstance(failure := store.failing.get(record.native_id), Unplaceable):
            raise failure
        return RowPosition(record.native_id, stands(record))

    return place


def making(store: Store) -> Callable[[Call], Record]:
    def make(record: Call) -> Record:
        if record.native_id in store.failing:
            raise store.failing[record.native_id]
        MADE.append(record.native_id)
        return record

    return make


def raw(record: Call) -> msgspec.Raw:
    return msgspec.Raw(msgspec.json.encode({"id": record.native_id}))


def problem(record: Call, store: Store) -> Any:
    return malformed(raw(record), store.failing[record.native_id], record.provider_name, ("id",))


class LazyRows(Memory):
    plugin = "rows"

    @same_as(Memory.calls)
    async def calls(self, ask: ListRequest) -> Page:
        return rows(await super().calls(ask), ask, self.store)


class UnpagedRows(Unpaged):
    plugin = "unpaged-rows"

    @same_as(Unpaged.calls)
    async def calls(self, ask: ListRequest) -> Page:
        return rows(await super().calls(ask), ask, self.store)


class SmallRows(Small):
    plugin = "small-rows"

    @same_as(Small.calls)
    async def calls(self, ask: ListRequest) -> Page:
        return rows(await super().calls(ask), ask, self.store)


class Disordered(LazyRows):
    """The sixtieth row of its answers comes too early."""

    plugin = "disordered"

    @same_as(Memory.calls)
    async def calls(self, ask: ListRequest) -> Page:
        page = await Memory.calls(self, ask)
        page.records.insert(40, page.records.pop(60)) if len(page.records) > 60 else None
        return rows(page, ask, self.store)


STYLES = (LazyRows, UnpagedRows, SmallRows)
FAILURES = (ValueError("odd - at `$.cost`"), Unplaceable("none - at `$.start`"))


@st.composite
def half_broken(draw: st.DrawFn) -> World:
    """Worlds in which some rows, anywhere, cannot be mapped."""
    world = draw(worlds(STYLES))
    for store in world.stores.values():
        keys = [each.native_id for each in store.calls]
        broken = draw(st.sets(st.sampled_from(keys))) if keys else ()
        store.failing = {key: draw(st.sampled_from(FAILURES)) for key in broken}
    return world


def mapped(world: World) -> list[BoundProvider]:
    """The same providers, whose plugins map everything."""
    styles: dict[str, type[Memory]] = {each.name: type(each.provider).__mro__[1] for each in world.servings}
    return [serving(name, style, whole(world.stores[name])) for name, style in styles.items()]


def whole(store: Store) -> Store:
    return Store([each for each in store.calls if each.native_id not in store.failing], inclusive=store.inclusive)


@given(world=half_broken(), order=ORDERS, size=SIZES, backward=st.booleans(), piece=st.integers(1, 8))
async def test_order_and_cursors_are_as_if_all_had_been_mapped_and_a_broken_row_costs_only_itself(
    world: World, order: TimeOrder, size: int, backward: bool, piece: int
) -> None:
    with patch("telegraphql.gateway.pagination.connection.PIECE", piece):
        lazy = [found async for found in pages(world.servings, size=size, backward=backward, order=order)]
    eager = [found async for found in pages(mapped(world), size=size, backward=backward, order=order)]
    good = [each for each in world.calls if each.native_id not in world.stores[each.provider_name].failing]
    nodes = [record for found in (reversed(lazy) if backward else lazy) for record in found.nodes]
    assert named(nodes) == in_order(good, order)
    assert [[edge.cursor for edge in found.edges] for found in lazy] == [[edge.cursor for edge in found.edges] for found in eager]
    assert [found.page_info for found in lazy] == [found.page_info for found in eager]
    assert {type(record) for record in nodes} <= {Call}
    broken = {(name, key) for name, store in world.stores.items() for key in store.failing}
    told = [(each.provider, each.message.split()[2], each.code) for found in lazy for each in found.problems]
    assert {(provider, key) for provider, key, _ in told} == broken
    assert {code for _, _, code in told} <= {ProblemCode.MALFORMED_RECORD}


@pytest.mark.parametrize("place", [0, 1, 24, 25, 26, 49])
async def test_a_row_that_breaks_its_mapping_is_named_on_its_page_which_is_full_all_the_same(place: int) -> None:
    store = Store([call(number, -number) for number in range(50)], failing={str(place): KeyError("s3cr3t")})
    found = await page([serving("a", LazyRows, store)], first=25)
    assert ids(found.nodes) == [str(number) for number in range(50) if number != place][:25]
    assert found.page_info.has_next_page
    assert [each.message.split(" cannot")[0] for each in found.problems] == ([f"the record {place}"] if place <= 25 else [])


async def test_only_what_is_given_out_is_mapped_and_one_more_to_know_of_it() -> None:
    MADE.clear()
    stores = [Store([call(f"{name}{number}", -4 * number - shift, name) for number in range(100)]) for shift, name in enumerate("abcd")]
    served = [serving(name, LazyRows, store) for name, store in zip("abcd", stores, strict=True)]
    found = await page(served, first=10, filter=CallFilter(started_at=TimeRange(to=at(1))))
    assert MADE[:10] == ids(found.nodes)
    assert len(MADE) == 11


async def test_of_several_answers_only_what_is_looked_at_is_read() -> None:
    READ.clear()
    stores = [Store([call(f"{name}{number}", -4 * number - shift, name) for number in range(100)]) for shift, name in enumerate("abcd")]
    served = [serving(name, LazyRows, store) for name, store in zip("abcd", stores, strict=True)]
    found = await page(served, first=80, filter=CallFilter(started_at=TimeRange(to=at(1))))
    assert ids(found.nodes) == [f"{name}{number}" for number in range(20) for name in "abcd"]
    assert [len(store.asks) for store in stores] == [1, 1, 1, 1]
    assert [len(each._read) for each in READ] == [32, 32, 32, 32]


async def test_rows_out_of_order_are_refused_as_soon_as_they_are_looked_at() -> None:
    late = Store([call(number, -number) for number in range(100)])
    served = [serving("a", Disordered, late), serving("b", LazyRows, Store([call("b", 1, "b")]))]
    few = await page(served, first=10)
    assert [each.code for each in few.problems] == []
    more = await page(served, first=60)
    assert [(each.provider, each.message) for each in more.problems] == [("a", "does not send its records in the order it was asked for")]
    assert ids(more.nodes) == ["b", *(str(number) for number in range(31))]


async def test_a_filter_that_looks_at_more_than_the_time_has_them_mapped_at_once() -> None:
    store = Store([call(number, -number, status=CallStatus.BUSY) for number in range(50)])
    found = await page([serving("a", LazyRows, store)], first=5, filter=CallFilter(status=[CallStatus.BUSY]))
    assert [ask.unmapped for ask in store.asks] == [False]
    assert ids(found.nodes) == ["0", "1", "2", "3", "4"]


@pytest.mark.parametrize(("since", "until", "expected"), [(3, 6, ["5", "4", "3"]), (None, 3, ["2", "1", "0"]), (8, None, ["9", "8"])])
async def test_the_time_that_is_asked_for_is_kept_without_a_record(since: int | None, until: int | None, expected: list[str]) -> None:
    store = Store([call(number, number) for number in range(10)])
    wanted = TimeRange(from_=None if since is None else at(since), to=None if until is None else at(until))
    found = await page([serving("a", LazyRows, store)], order=NEWEST, filter=CallFilter(started_at=wanted))
    assert ids(found.nodes) == expected
    assert {ask.unmapped for ask in store.asks} == {True}


async def test_sessions_are_put_together_of_whole_records() -> None:
    store = Store([call(number, number, session=f"s{number // 2}") for number in range(6)])
    answer = await data([serving("a", LazyRows, store, session_span=timedelta(0))], "{ sessions(first: 2) { nodes { nativeId } } }")
    assert [each["nativeId"] for each in answer["sessions"]["nodes"]] == ["s2", "s1"]
    assert not any(ask.unmapped for ask in store.asks)
