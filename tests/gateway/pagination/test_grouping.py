"""Sessions made of legs: each once, whole, at its first leg's time, however the legs of others lie between."""

import asyncio
from collections.abc import AsyncGenerator, Sequence
from datetime import timedelta
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from telegraphql.gateway.pagination.bound_provider import BoundProvider
from telegraphql.gateway.pagination.grouping import derive_all, grouped
from telegraphql.gateway.pagination.slice import Slice
from telegraphql.gateway.plugin.rows import TURN
from telegraphql.schema.enums import TimeOrder
from telegraphql.schema.filters import TimeRange
from telegraphql.schema.record import Record
from telegraphql.schema.session import Session, SessionFilter
from tests.support.examples import examples
from tests.support.graphql_client import NEWEST, OLDEST, ids, page, walk
from tests.support.memory_provider import Memory, Small, Store, Unpaged, serving
from tests.support.records import at, call
from tests.support.strategies import ORDERS, UNBOUNDED

SPAN = 12
Truth = list[tuple[int, str, str, tuple[str, ...]]]


@st.composite
def conversations(draw: st.DrawFn) -> tuple[list[BoundProvider], Truth]:
    """Providers with sessions whose legs lie up to the span apart, and what each session is made of."""
    servings, truth = [], []
    part = draw(st.sampled_from([1, 0.25]))
    for name in "ab"[: draw(st.integers(1, 2))]:
        legs: list[Any] = []
        for key in range(draw(st.integers(0, 8))):
            start = draw(st.integers(0, 40))
            later = draw(st.lists(st.integers(0, int(SPAN / part)), max_size=3))
            own = [(start + seconds * part, f"{key}-{number}") for number, seconds in enumerate([0, *later])]
            alone = len(own) == 1 and draw(st.booleans())
            legs += [call(native, seconds, name, session=None if alone else f"s{key}") for seconds, native in own]
            ordered = [native for _, native in sorted(own)]
            truth.append((start, name, ordered[0] if alone else f"s{key}", tuple(ordered)))
        store = Store(draw(st.permutations(legs)), inclusive=draw(st.booleans()))
        plugin = draw(st.sampled_from([Memory, Memory, Unpaged, Small]))
        size = draw(st.integers(1, 9))
        servings.append(serving(name, plugin, store, page_size=size, session_span=timedelta(seconds=SPAN)))
    return servings, sorted(truth)


def told(sessions: Sequence[Session]) -> Truth:
    found = []
    for each in sessions:
        seconds = (each.started_at - at(0)) / timedelta(seconds=1)
        found.append((seconds, each.provider_name, each.native_id, tuple(ids(each.held["calls"]))))
    return found


@settings(max_examples=examples(100))
@given(conversations(), ORDERS, st.integers(1, 6), st.booleans(), st.sampled_from([3, UNBOUNDED]))
def test_a_walk_gives_every_session_exactly_once_with_all_its_legs(
    made: tuple[list[BoundProvider], Truth], order: TimeOrder, size: int, backward: bool, limit: int
) -> None:
    servings, truth = made
    found = asyncio.run(walk(servings, Session, size=size, order=order, backward=backward, most_slices=limit))
    assert told(found) == (truth[::-1] if order is NEWEST else truth)


@given(conversations(), ORDERS, st.integers(0, 50), st.integers(1, 20))
def test_a_session_belongs_to_the_range_in_which_its_first_leg_began(
    made: tuple[list[BoundProvider], Truth], order: TimeOrder, since: int, length: int
) -> None:
    servings, truth = made
    wanted = SessionFilter(started_at=TimeRange(since=at(since), until=at(since + length)))
    found = asyncio.run(walk(servings, Session, size=500, order=order, filter=wanted, most_slices=UNBOUNDED))
    inside = [each for each in truth if since <= each[0] < since + length]
    assert told(found) == (inside[::-1] if order is NEWEST else inside)


async def test_legs_of_one_session_stand_around_those_of_another() -> None:
    legs = [call("a1", 0, session="A"), call("b1", 1, session="B"), call("a2", 2, session="A"), call("b2", 3, session="B")]
    served = [serving("a", Memory, Store(legs), page_size=1)]
    found = await page(served, Session, order=OLDEST)
    assert told(found.nodes) == [(0, "a", "A", ("a1", "a2")), (1, "a", "B", ("b1", "b2"))]
    assert [each.is_derived for each in found.nodes] == [True, True]


async def test_a_page_of_sessions_reads_no_further_than_their_legs_can_be() -> None:
    store = Store([call(number, number * 60, session=str(number // 2)) for number in range(10_000)])
    served = [serving("a", Memory, store, session_span=timedelta(minutes=30))]
    assert ids((await page(served, Session, first=10)).nodes) == [str(number) for number in range(4999, 4989, -1)]
    assert len(store.asks) == 1


async def read(pieces: list[Slice], newest: bool, span: float = 10) -> list[tuple[list[str], Any]]:
    async def given() -> AsyncGenerator[Slice]:
        for piece in pieces:
            yield piece

    def derive(parts: Sequence[Record]) -> Session:
        head: Any = parts[0]
        return Session(provider_name="a", native_id="+".join(ids(parts)), started_at=head.started_at, is_derived=True)

    found = grouped(given(), "session", derive, timedelta(seconds=span), newest)
    return [(ids(piece.records), piece.frontier) async for piece in found]


async def test_a_group_waits_until_no_leg_of_it_can_come() -> None:
    legs = [call("a", 20, session="A"), call("b", 19, session="B"), call("c", 15, session="A")]
    found = await read([Slice(legs[:1], at(20), []), Slice(legs[1:2], at(19), []), Slice(legs[2:], at(4), []), Slice([], None, [])], True)
    assert found == [([], at(30)), ([], at(29)), (["c+a", "b"], at(14)), ([], None)]


@pytest.mark.parametrize("newest", [True, False])
async def test_a_leg_that_is_delivered_again_makes_no_second_session(newest: bool) -> None:
    first, second, last = call("1", 0, session="A"), call("2", 10, session="A"), call("3", 10.5, session="B")
    pieces = {
        False: [Slice([first, second], at(10.25), []), Slice([second, last], at(40), []), Slice([], None, [])],
        True: [Slice([last, second, first], at(-11), []), Slice([first], at(-30), []), Slice([], None, [])],
    }
    found = await read(pieces[newest], newest)
    assert sorted(native for natives, _ in found for native in natives) == ["1+2", "3"]


def test_a_part_without_a_key_is_a_group_of_its_own() -> None:
    parts = [call("x", 3), call("b", 2, session="S"), call("a", 1, session="S"), call("y", 0)]
    assert [ids(group) for group in derive_all(parts, "session", list)] == [["x"], ["a", "b"], ["y"]]


async def test_others_have_their_turn_while_a_long_slice_is_grouped(monkeypatch: pytest.MonkeyPatch) -> None:
    """All legs of thousands are made at once by an upstream that has no sessions, as files and some interfaces do."""
    turns = 0

    async def give_way() -> None:
        nonlocal turns
        turns += 1

    async def slices() -> AsyncGenerator[Slice]:
        yield Slice([call(number, number, "a", session=f"s{number}") for number in range(3 * TURN)], None, [])

    monkeypatch.setattr("telegraphql.gateway.pagination.grouping.give_way", give_way)
    made = [each async for each in grouped(slices(), "session", lambda parts: parts[0], timedelta(seconds=SPAN), newest=False)]
    assert [len(each.records) for each in made] == [3 * TURN]
    # Between the three parts of the legs, and after each of the groups.
    assert turns == 2 + 3
