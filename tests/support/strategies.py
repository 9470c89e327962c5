"""Worlds: providers of every page style over made-up calls, for properties of lists."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from hypothesis import strategies as st

from telegraphql.gateway.pagination.bound_provider import BoundProvider
from telegraphql.gateway.pagination.cursor import position
from telegraphql.schema.enums import TimeOrder
from telegraphql.schema.record import Record
from tests.support.memory_provider import Memory, Small, Store, Unpaged, serving
from tests.support.records import call

STYLES = (Memory, Memory, Unpaged, Small)
ORDERS = st.sampled_from(TimeOrder)
SIZES = st.integers(1, 8) | st.integers(1, 500)
UNBOUNDED = 100_000


@dataclass
class World:
    """A few providers, and what is true of them."""

    stores: dict[str, Store] = field(default_factory=dict)
    servings: list[BoundProvider] = field(default_factory=list)

    @property
    def calls(self) -> list[Record]:
        return [call for store in self.stores.values() for call in store.calls]

    def insert(self, number: int, seconds: float) -> None:
        name = sorted(self.stores)[number % len(self.stores)]
        self.stores[name].calls.insert(0, call(f"new{len(self.calls)}", seconds, name))

    def delete(self, number: int) -> None:
        filled = [store for store in self.stores.values() if store.calls]
        if filled:
            store = filled[number % len(filled)]
            store.calls.pop(number % len(store.calls))


def named(records: Sequence[Any]) -> list[tuple[str, str]]:
    """Whose they are, and which."""
    return [(record.provider_name, record.native_id) for record in records]


def in_order(records: Sequence[Record], order: TimeOrder) -> list[tuple[str, str]]:
    """How the list should read."""
    return named(sorted(records, key=position, reverse=order is TimeOrder.NEWEST_FIRST))


@st.composite
def worlds(draw: st.DrawFn, styles: Sequence[type[Memory]] = STYLES, most: int = 30) -> World:
    """Up to three providers; the fewer seconds the calls fall into, the more of them tie."""
    world = World()
    span, part = draw(st.sampled_from([(1, 1), (4, 1), (60, 0.25), (90_000, 1)]))
    for name in ["a", "b", "c"][: draw(st.integers(1, 3))]:
        times = draw(st.lists(st.integers(0, span), max_size=most))
        numbers = draw(st.permutations(range(len(times))))
        sort = draw(st.booleans())
        calls = [
            call(number, seconds * part, name, sort_id=f"{99 - number}" if sort else "")
            for number, seconds in zip(numbers, times, strict=True)
        ]
        store = world.stores[name] = Store(calls, inclusive=draw(st.booleans()))
        size = draw(st.integers(1, 7) | st.integers(1, 100))
        world.servings.append(serving(name, draw(st.sampled_from(styles)), store, page_size=size))
    return world
