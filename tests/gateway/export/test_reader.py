"""Walk: every record once in order, whatever the providers' page styles, wherever it is begun again, each row read once."""

import asyncio

from hypothesis import given, settings
from hypothesis import strategies as st

from telegraphql.gateway.errors import Unavailable
from telegraphql.gateway.export.reader import ExportReader
from telegraphql.gateway.pagination.cursor import position
from telegraphql.gateway.plugin.selection import Selection
from telegraphql.schema.call import Call
from telegraphql.schema.enums import TimeOrder
from tests.support.examples import examples
from tests.support.memory_provider import Memory, Store, serving
from tests.support.records import call
from tests.support.strategies import World, in_order, named, worlds

OLDEST = TimeOrder.OLDEST_FIRST


def walk(world: World, size: int) -> ExportReader:
    return ExportReader(kind=Call, time="startedAt", range=None, select=Selection.of("id"), size=size, serving=world.servings)


@settings(max_examples=examples(60), deadline=None)
@given(world=worlds(), size=st.integers(1, 9), again=st.sets(st.integers(0, 30)))
def test_every_record_comes_once_in_order_wherever_it_begins_again(world: World, size: int, again: set[int]) -> None:
    async def walked() -> list[tuple[str, str]]:
        one, place, found = walk(world, size), None, []
        for number in range(10_000):
            piece = await one.take(place)
            found += [record for _, record in piece.records]
            place = piece.records[-1][0] if piece.records else place
            if number in again:
                await one.aclose()
            if piece.done:
                await one.aclose()
                return named(found)
        raise AssertionError("no end")

    assert asyncio.run(walked()) == in_order(world.calls, OLDEST)


async def test_what_comes_before_a_failure_is_given_and_what_comes_after_it_is_not() -> None:
    good, bad = Store([call(n, 2 * n, "a") for n in range(40)]), Store([call(n, 2 * n + 1, "b") for n in range(40)])
    world = World({"a": good, "b": bad}, [serving("a", Memory, good, page_size=10), serving("b", Memory, bad, page_size=10)])
    one = walk(world, 4)
    first = await one.take(None)
    bad.failure = Unavailable("is down", provider="b")
    pieces = [first]
    while not pieces[-1].failures:
        pieces.append(await one.take(None))
    await one.aclose()
    found = [record for piece in pieces for _, record in piece.records]
    assert named(found) == in_order(world.calls, OLDEST)[: len(found)]
    assert [failure.provider for failure in pieces[-1].failures] == ["b"]
    bad.failure = None
    one = walk(world, 1000)
    rest = await one.take(position(found[-1]))
    await one.aclose()
    assert named([*found, *(record for _, record in rest.records)]) == in_order(world.calls, OLDEST)


async def test_each_row_is_read_once_however_small_the_pages() -> None:
    store = Store([call(n, n, "a") for n in range(500)])
    one = walk(World({"a": store}, [serving("a", Memory, store)]), 10)
    pieces = [await one.take(None)]
    while not pieces[-1].done:
        pieces.append(await one.take(None))
    await one.aclose()
    assert sum(len(piece.records) for piece in pieces) == 500
    # Pages of 19 with one row of the moment before in common.
    assert len(store.asks) <= 30
