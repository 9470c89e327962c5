"""Rows that are read column by column, when somebody looks at them: nobody can tell, but for the time it saves."""

from datetime import datetime, timedelta
from typing import Any
from unittest.mock import patch

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from telegraphql.gateway.pagination.bound_provider import BoundProvider
from telegraphql.gateway.pagination.dataloaders import DataLoaders, LoaderKey
from telegraphql.gateway.plugin.columns import Column, Constant, Object
from telegraphql.gateway.plugin.mapping import Mapping
from telegraphql.gateway.plugin.number_readers import whole
from telegraphql.gateway.plugin.provider import GetRequest, ListRequest, Page
from telegraphql.gateway.plugin.readers import ident, plain, text, word
from telegraphql.gateway.plugin.row_view import RowView
from telegraphql.gateway.plugin.rows import Rows
from telegraphql.gateway.plugin.selection import NOTHING
from telegraphql.schema.call import Call, CallFilter
from telegraphql.schema.enums import CallStatus, ProblemCode, TimeOrder
from telegraphql.schema.filters import TimeRange
from telegraphql.schema.values import Party
from tests.gateway.conformance.broken_plugins import same_as
from tests.support.graphql_client import NEWEST, data, ids, page, pages
from tests.support.memory_provider import Memory, Small, Store, Unpaged, serving
from tests.support.records import at, call
from tests.support.strategies import ORDERS, SIZES, World, in_order, named, worlds

UNDATED, UNREADABLE = ValueError("without a time"), ValueError("with an odd field")
STATUS = {each.name: each for each in CallStatus}
LOOKED: list[str] = []
ANSWERS: list[Rows] = []


class Row(msgspec.Struct):
    """A call of the store as an upstream would send it."""

    id: str
    at: datetime
    sort: str = ""
    session: str | None = None
    status: str = "UNKNOWN"
    length: int | None = None


def looked_at(status: str) -> str:
    """Note that somebody looks at a status."""
    LOOKED.append(status)
    return status


MAPPING = Mapping(
    Call,
    Row,
    native_id=ident("id"),
    sort_id=plain("sort"),
    started_at=plain("at"),
    from_=Object(Party, number=Constant(None)),
    to=Object(Party, number=Constant(None)),
    status=word(Column(looked_at, "status", never_fails=True), STATUS, CallStatus.UNKNOWN),
    duration_seconds=whole("length"),
    refs={"session": text("session")},
)


def rows(provider: Memory, found: Page) -> Page:
    """The page as a plugin gives it whose answers are rows."""
    made = provider.page(MAPPING, [raw(record, provider.store) for record in found.records], total=found.total)
    ANSWERS.append(made.records)
    return made


def raw(record: Call, store: Store) -> msgspec.Raw:
    failure = store.failing.get(record.native_id)
    row: dict[str, Any] = {"id": record.native_id, "at": record.started_at, "sort": record.sort_id, "status": record.status.name}
    row |= {"at": None} if failure is UNDATED else {"length": ["odd"]} if failure is UNREADABLE else {"length": 5}
    return msgspec.Raw(msgspec.json.encode(row | {"session": record.refs["session"]}))


class RowsByTime(Memory):
    plugin = "rows"

    @same_as(Memory.calls)
    async def calls(self, ask: ListRequest) -> Page:
        return rows(self, await super().calls(ask))

    @same_as(Memory.calls_by_id)
    async def calls_by_id(self, wanted: GetRequest) -> Page:
        return rows(self, await super().calls_by_id(wanted))


class RowsOfWindows(Unpaged):
    plugin = "rows-of-windows"

    @same_as(Unpaged.calls)
    async def calls(self, ask: ListRequest) -> Page:
        return rows(self, await super().calls(ask))


class RowsOfAll(Small):
    plugin = "rows-of-all"

    @same_as(Small.calls)
    async def calls(self, ask: ListRequest) -> Page:
        return rows(self, await super().calls(ask))


class Disordered(RowsByTime):
    """The sixtieth row of its answers comes too early."""

    plugin = "disordered"

    @same_as(Memory.calls)
    async def calls(self, ask: ListRequest) -> Page:
        found = await Memory.calls(self, ask)
        found.records.insert(40, found.records.pop(60)) if len(found.records) > 60 else None
        return rows(self, found)


class LateFirst(RowsByTime):
    """The first row of its answers comes in their middle."""

    plugin = "late-first"

    @same_as(Memory.calls)
    async def calls(self, ask: ListRequest) -> Page:
        found = await Memory.calls(self, ask)
        found.records.insert(50, found.records.pop(0))
        return rows(self, found)


STYLES = (RowsByTime, RowsOfWindows, RowsOfAll)


@st.composite
def half_broken(draw: st.DrawFn) -> World:
    """Worlds in which some rows, anywhere, cannot be read, or not all of them."""
    world = draw(worlds(STYLES))
    for store in world.stores.values():
        keys = [each.native_id for each in store.calls]
        broken = draw(st.sets(st.sampled_from(keys))) if keys else ()
        store.failing = {key: draw(st.sampled_from([UNDATED, UNREADABLE])) for key in broken}
    return world


def of_records(world: World) -> list[BoundProvider]:
    """The same providers, whose plugins make records."""
    styles: dict[str, type[Memory]] = {each.name: type(each.provider).__mro__[1] for each in world.servings}
    return [serving(name, style, readable(world.stores[name])) for name, style in styles.items()]


def readable(store: Store) -> Store:
    return Store([each for each in store.calls if store.failing.get(each.native_id) is not UNDATED], inclusive=store.inclusive)


@given(world=half_broken(), order=ORDERS, size=SIZES, backward=st.booleans(), piece=st.integers(1, 8))
async def test_order_and_cursors_are_those_of_records_and_what_is_broken_costs_only_itself(
    world: World, order: TimeOrder, size: int, backward: bool, piece: int
) -> None:
    with patch("telegraphql.gateway.pagination.connection.PIECE", piece):
        found = [each async for each in pages(world.servings, size=size, backward=backward, order=order)]
    wanted = [each async for each in pages(of_records(world), size=size, backward=backward, order=order)]
    nodes = [record for each in (reversed(found) if backward else found) for record in each.nodes]
    good = [call for name, store in world.stores.items() for call in readable(store).calls]
    assert named(nodes) == in_order(good, order)
    assert [[edge.cursor for edge in each.edges] for each in found] == [[edge.cursor for edge in each.edges] for each in wanted]
    assert [each.page_info for each in found] == [each.page_info for each in wanted]
    assert {type(record) for record in nodes} <= {Call}
    problems = [problem for each in found for problem in each.problems]
    undated = {(problem.provider, problem.message.split()[2]) for problem in problems if problem.code is ProblemCode.MALFORMED_RECORD}
    assert undated == broken(world, UNDATED)
    fields = [problem for problem in problems if problem.code is ProblemCode.MALFORMED_FIELD]
    assert {problem.field for problem in fields} <= {"durationSeconds"}
    assert sum(problem.count or 0 for problem in fields) == len(broken(world, UNREADABLE))
    assert len(undated) + len(fields) <= len(problems)


def broken(world: World, how: Exception) -> set[tuple[str, str]]:
    return {(name, key) for name, store in world.stores.items() for key, failure in store.failing.items() if failure is how}


@pytest.mark.parametrize("place", [0, 1, 24, 25, 26, 49])
async def test_a_row_without_a_time_is_named_on_its_page_which_is_full_all_the_same(place: int) -> None:
    store = Store([call(number, -number) for number in range(50)], failing={str(place): UNDATED})
    found = await page([serving("a", RowsByTime, store)], first=25)
    assert ids(found.nodes) == [str(number) for number in range(50) if number != place][:25]
    assert found.page_info.has_next_page
    # So many rows were read, for ties' sake.
    assert [each.message.split(" cannot")[0] for each in found.problems] == ([f"the record {place}"] if place < 34 else [])


async def test_only_rows_that_are_given_out_become_records() -> None:
    ANSWERS.clear()
    stores = [Store([call(f"{name}{number}", -4 * number - shift, name) for number in range(100)]) for shift, name in enumerate("abcd")]
    served = [serving(name, RowsByTime, store) for name, store in zip("abcd", stores, strict=True)]
    found = await page(served, first=10, filter=CallFilter(started_at=TimeRange(until=at(1))))
    made = [view.made for answer in ANSWERS for view in answer._read if view.made is not None]
    assert sorted(ids(made)) == sorted(ids(found.nodes))
    assert len(made) == 10


async def test_of_several_answers_only_what_is_looked_at_is_decoded() -> None:
    ANSWERS.clear()
    stores = [Store([call(f"{name}{number}", -4 * number - shift, name) for number in range(100)]) for shift, name in enumerate("abcd")]
    served = [serving(name, RowsByTime, store) for name, store in zip("abcd", stores, strict=True)]
    found = await page(served, first=80, filter=CallFilter(started_at=TimeRange(until=at(1))))
    assert ids(found.nodes) == [f"{name}{number}" for number in range(20) for name in "abcd"]
    assert [len(store.asks) for store in stores] == [1, 1, 1, 1]
    assert [len(answer._read) for answer in ANSWERS] == [32, 32, 32, 32]


async def test_a_row_out_of_place_is_put_in_its_place_as_soon_as_it_is_looked_at() -> None:
    late = Store([call(number, -number) for number in range(100)])
    served = [serving("a", Disordered, late), serving("b", RowsByTime, Store([call("b", 1, "b")]))]
    few = await page(served, first=10)
    assert [each.code for each in few.problems] == []
    more = await page(served, first=60)
    # Its place is on the next page, and nobody knows yet whether it comes again there.
    assert [each.message.split(" and ")[0] for each in more.problems] == ["the Call 60 came out of order"]
    assert ids(more.nodes) == ["b", *(str(number) for number in range(59))]
    whole = await page(served, first=80)
    assert (ids(whole.nodes), whole.problems) == (["b", *(str(number) for number in range(79))], [])


@pytest.mark.parametrize("first", [10, 40, 80])
async def test_a_row_that_comes_behind_those_that_are_looked_at_is_put_in_its_place(first: int) -> None:
    late = Store([call(number, -number) for number in range(200)])
    served = [serving("a", LateFirst, late), serving("b", RowsByTime, Store([call("b", 1, "b")]))]
    found = await page(served, first=first)
    assert ids(found.nodes) == ["b", *(str(number) for number in range(first - 1))]
    assert found.problems == []


async def test_a_filter_looks_at_its_own_column_of_each_row_and_at_nothing_else() -> None:
    LOOKED.clear()
    ANSWERS.clear()
    store = Store([call(number, -number, status=CallStatus.BUSY if number % 10 == 0 else CallStatus.FAILED) for number in range(49)])
    found = await page([serving("a", RowsByTime, store)], first=5, filter=CallFilter(status=[CallStatus.BUSY]))
    assert ids(found.nodes) == ["0", "10", "20", "30", "40"]
    (answer,) = ANSWERS
    # Once for the filter, and once more for those that became records.
    assert len(LOOKED) == 49 + 5
    assert sum(view.made is not None for view in answer) == 5


@pytest.mark.parametrize(("since", "until", "expected"), [(3, 6, ["5", "4", "3"]), (None, 3, ["2", "1", "0"]), (8, None, ["9", "8"])])
async def test_the_time_that_is_asked_for_is_kept_without_looking_at_more(
    since: int | None, until: int | None, expected: list[str]
) -> None:
    LOOKED.clear()
    store = Store([call(number, number) for number in range(10)])
    wanted = TimeRange(since=None if since is None else at(since), until=None if until is None else at(until))
    found = await page([serving("a", RowsByTime, store)], order=NEWEST, filter=CallFilter(started_at=wanted))
    assert ids(found.nodes) == expected
    assert len(LOOKED) == len(expected)


async def test_sessions_are_put_together_of_whole_records() -> None:
    store = Store([call(number, number, session=f"s{number // 2}") for number in range(6)])
    served = serving("a", RowsByTime, store, session_span=timedelta(0))
    answer = await data([served], "{ sessions(first: 2) { nodes { nativeId calls { nativeId status } } } }")
    assert [each["nativeId"] for each in answer["sessions"]["nodes"]] == ["s2", "s1"]
    assert answer["sessions"]["nodes"][0]["calls"] == [{"nativeId": number, "status": "UNKNOWN"} for number in "45"]


async def test_loaders_find_views_of_rows_by_their_keys() -> None:
    store = Store([call(number, number, session="s") for number in range(3)])
    served = serving("a", RowsByTime, store)
    found = await DataLoaders().load(served, Call, "id", [LoaderKey("2"), LoaderKey("7"), LoaderKey("0")], NOTHING)
    assert [[(type(each), each.native_id) for each in group] for group in found] == [[(RowView, "2")], [], [(RowView, "0")]]
