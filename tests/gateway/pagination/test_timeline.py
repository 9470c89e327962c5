"""Timelines: every record of a number exactly once and in order, over kinds and providers, whatever the page size and direction."""

import asyncio
from collections.abc import Sequence
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from telegraphql.gateway.errors import BadCursor, BadInput, Unavailable, UnknownProvider
from telegraphql.gateway.pagination.bound_provider import BoundProvider
from telegraphql.gateway.pagination.dataloaders import DataLoaders
from telegraphql.gateway.pagination.timeline import Timeline
from telegraphql.gateway.plugin.provider import Keyset, ListRequest, Page, Push, lists
from telegraphql.gateway.plugin.selection import Selection
from telegraphql.schema.call import Call
from telegraphql.schema.context import PageArguments
from telegraphql.schema.enums import ProblemCode, TimeOrder
from telegraphql.schema.filters import TimeRange
from telegraphql.schema.paging import Connection
from telegraphql.schema.record import Record
from telegraphql.schema.recording import Recording
from telegraphql.schema.timeline import TimelineKind, TimelineQuestion
from telegraphql.schema.values import Party
from tests.support.graphql_client import NEWEST, OLDEST, ask, data
from tests.support.graphql_client import page as list_page
from tests.support.memory_provider import Memory, Store, serving
from tests.support.records import at, call, recording, voicemessage
from tests.support.strategies import ORDERS, SIZES, UNBOUNDED
from tests.support.timeline_providers import NUMBER, Exchange, Messages, Order, Talk, Talking, exchanges, standing

OURS = Party(number=NUMBER)
PAGED = Selection.of("nodes.id", "edges.cursor", "pageInfo.endCursor")


async def page(servings: Sequence[BoundProvider], select: Selection = PAGED, most_slices: int = 50, **given: Any) -> Connection[Any]:
    question = TimelineQuestion(
        **{"number": NUMBER} | {name: given.pop(name) for name in ("number", "kinds", "providers", "at") if name in given}
    )
    timeline = Timeline(serving=servings, select=lambda kind: select["nodes"], loaders=DataLoaders(), most_slices=most_slices)
    return await timeline.page(PageArguments(filter=question, **given), select)


async def walk(servings: Sequence[BoundProvider], size: int, order: TimeOrder, backward: bool = False) -> list[Record]:
    """Every record in the order of the list, however it was walked."""
    pages: list[list[Record]] = []
    cursor, more = None, True
    while more:
        ends: dict[str, Any] = {"last": size, "before": cursor} if backward else {"first": size, "after": cursor}
        found = await page(servings, order=order, most_slices=UNBOUNDED, **ends)
        info = found.page_info
        more, cursor = (info.has_previous_page, info.start_cursor) if backward else (info.has_next_page, info.end_cursor)
        assert found.problems == []
        assert [edge.node for edge in found.edges] == found.nodes
        pages.append(found.nodes)
    return [record for each in (reversed(pages) if backward else pages) for record in each]


def places(records: Sequence[Record]) -> list[Order]:
    return [standing(record) for record in records]


@given(exchanges(), ORDERS, SIZES, st.booleans())
def test_a_walk_gives_every_entry_exactly_once_in_order(world: Exchange, order: TimeOrder, size: int, backward: bool) -> None:
    found = asyncio.run(walk(world.servings, size, order, backward))
    assert places(found) == world.expected(order is NEWEST)


@given(exchanges(), st.data())
def test_every_cursor_leads_on_from_its_entry(world: Exchange, data: st.DataObject) -> None:
    whole = asyncio.run(page(world.servings, first=500, most_slices=UNBOUNDED))
    if whole.edges:
        number = data.draw(st.integers(0, len(whole.edges) - 1))
        rest = asyncio.run(page(world.servings, first=500, after=whole.edges[number].cursor, most_slices=UNBOUNDED))
        assert places(rest.nodes) == places(whole.nodes)[number + 1 :]


def busy() -> Exchange:
    """Two providers with the same ids at the same moment, in every kind."""
    world = Exchange()
    for name in ("a", "b"):
        store = Talk()
        store.calls = [call(each, 5, name, from_=OURS, refs={"recordings": str(each)}) for each in (1, 2)]
        store.recordings = [recording(each, each, 5, name, from_=OURS) for each in (1, 2)]
        store.messages = [voicemessage(each, 5, name, from_=OURS) for each in (1, 2)]
        world.add(name, Messages, store, page_size=1)
    return world


@pytest.mark.parametrize("size", [1, 2, 5])
async def test_ties_across_kinds_and_providers_stand_by_provider_then_kind_then_id(size: int) -> None:
    found = await walk(busy().servings, size, OLDEST)
    assert [(each.provider_name, type(each).__name__, each.native_id) for each in found] == [
        (name, kind, native) for name in "ab" for kind in ("Call", "Recording", "Voicemessage") for native in "12"
    ]


async def test_all_first_pages_are_asked_for_at_once_and_no_more_than_one_ahead() -> None:
    store = Talk([call(number, number, from_=OURS) for number in range(300)], meeting=asyncio.Barrier(3))
    store.recordings = [recording(number, number, number, from_=OURS) for number in range(300)]
    store.messages = [voicemessage(number, number, from_=OURS) for number in range(300)]
    found = await page([serving("a", Messages, store)], first=30)
    assert len(found.nodes) == 30
    assert len(store.asks) == 3


async def test_the_number_is_pushed_down_where_the_provider_filters_by_it() -> None:
    store = Talk([call(1, 1, from_=OURS)])
    await page([serving("a", Talking, store)], kinds=[TimelineKind.CALL])
    assert [ask.filter["number"].equals for ask in store.asks] == [[NUMBER]]


async def test_only_the_kinds_providers_and_times_that_are_asked_for_are_read() -> None:
    world = busy()
    found = await page(world.servings, kinds=[TimelineKind.VOICEMESSAGE], providers=["b"])
    assert places(found.nodes) == [place for place in world.expected() if place[1] == "b" and place[2].startswith("Voicemessage")]
    assert world.stores["a"].asked == []
    assert (await page(world.servings, at=TimeRange(since=at(5), until=at(6)))).nodes == (await page(world.servings)).nodes
    assert (await page(world.servings, at=TimeRange(until=at(5)))).nodes == []


async def test_a_kind_that_fails_is_a_problem_told_once_and_the_rest_is_there() -> None:
    world = busy()
    world.stores["a"].failure = Unavailable("is down")
    found = await page(world.servings, first=500)
    assert places(found.nodes) == [place for place in world.expected() if place[1] == "b"]
    assert [(each.provider, each.code, each.message) for each in found.problems] == [("a", ProblemCode.UNAVAILABLE, "is down")]
    world.stores["b"].failure = Unavailable("is down as well")
    found = await page(world.servings)
    assert (found.nodes, [(each.provider, each.message) for each in found.problems]) == ([], [("a", "is down"), ("b", "is down as well")])


async def test_a_search_that_finds_nothing_stops_at_its_limit_and_goes_on_from_there() -> None:
    store = Talk([call(number, number, from_=OURS if number == 0 else Party(number="104")) for number in range(400)])
    servings = [serving("a", Messages, store, page_size=10)]
    found, cursor, pages = list[Record](), None, 0
    while True:
        part = await page(servings, first=5, after=cursor, most_slices=4)
        found, pages, cursor = found + part.nodes, pages + 1, part.page_info.end_cursor
        if not part.page_info.has_next_page:
            break
        assert [problem.code for problem in part.problems] == [ProblemCode.SCAN_LIMIT]
    assert ([each.native_id for each in found], pages > 5) == (["0"], True)


async def test_cursors_belong_to_one_number_order_and_choice_of_kinds() -> None:
    servings = busy().servings
    cursor = (await page(servings, first=1)).page_info.end_cursor
    for other in (
        {"number": "104"},
        {"kinds": [TimelineKind.CALL]},
        {"providers": ["a"]},
        {"at": TimeRange(since=at(0))},
        {"order": OLDEST},
    ):
        with pytest.raises(BadCursor):
            await page(servings, after=cursor, **other)
    with pytest.raises(BadCursor):
        await list_page(servings, after=cursor)
    with pytest.raises(BadCursor):
        await page(servings, after=(await list_page(servings, first=1)).page_info.end_cursor)


BAD: dict[str, tuple[dict[str, Any], type[Exception], str]] = {
    "no number": ({"number": " "}, BadInput, "`number` is empty"),
    "no digit": ({"number": "+"}, BadInput, "holds no digit"),
    "no kind": ({"kinds": []}, BadInput, "`kinds` is empty"),
    "reversed": ({"at": TimeRange(since=at(2), until=at(1))}, BadInput, "range `at` is empty"),
    "nobody": ({"providers": []}, BadInput, "`providers` is empty"),
    "stranger": ({"providers": ["x"]}, UnknownProvider, "no provider 'x'"),
    "too many": ({"first": 501}, BadInput, "`first` is 501"),
}


@pytest.mark.parametrize(("given", "error", "words"), BAD.values(), ids=BAD)
async def test_what_is_wrong_is_said_before_anything_is_asked(given: dict[str, Any], error: type[Exception], words: str) -> None:
    world = busy()
    with pytest.raises(error, match=words):
        await page(world.servings, **given)
    assert [store.asked for store in world.stores.values()] == [[], []]


async def test_a_provider_without_the_kind_is_left_out_and_told_when_it_was_named() -> None:
    both = [serving("a", Messages, Talk(messages=[voicemessage(1, from_=OURS)])), serving("b", Memory, Store())]
    only = {"kinds": [TimelineKind.VOICEMESSAGE]}
    assert (await page(both, **only)).problems == []
    told = (await page(both, providers=["a", "b"], **only)).problems
    assert [(each.provider, each.code) for each in told] == [("b", ProblemCode.UNSUPPORTED)]
    told = (await page(both, providers=["b"], **only)).problems
    assert [(each.provider, each.message) for each in told] == [("b", "has no list of Voicemessage")]


async def test_who_asks_no_provider_gets_an_empty_page() -> None:
    found = await page([serving("b", Memory, Store())], Selection.of("nodes.id", "totalCount"), kinds=[TimelineKind.VOICEMESSAGE])
    assert (found.nodes, found.page_info.has_next_page, found.problems, found.total_count) == ([], False, [], 0)


async def test_the_total_is_counted_only_where_every_kind_can_be() -> None:
    class Counting(Memory):
        @lists(Call, pages=Keyset(most=100), counts=True, filters={"startedAt": Push.EXACT, "number": Push.EXACT})
        async def calls(self, ask: ListRequest) -> Page:
            """Calls of one number."""
            return await self._slice(self.store.calls, ask)

    served, wanted = serving("a", Counting, Store([call(each, each, from_=OURS) for each in range(40)])), Selection.of("totalCount")
    assert (await page([served], wanted, kinds=[TimelineKind.CALL], first=3)).total_count == 40
    # There are no others, and the lists of them are read to their end.
    assert (await page([served], wanted, first=3)).total_count == 40
    served.provider.store.recordings = [recording(each, each, each, from_=OURS) for each in range(200)]  # type: ignore[attr-defined]
    found = await page([served], wanted, first=3)
    assert (found.total_count, found.total_count_at_least >= 41) == (None, True)


UNION = """query ($number: String!) { timeline(number: $number) {
  nodes {
    __typename ... on Node { id } ...C
    ... on Recording { cost { amount } startedAt } ... on TimelineEntry { ... on Voicemessage { receivedAt } }
  }
  edges { node { ... on Call { trunk } } } } }
fragment C on Call { durationSeconds from { number } recordings { nativeId } }"""


async def test_each_kind_learns_only_what_is_selected_of_it() -> None:
    store = busy().stores["a"]
    found = await data([serving("a", Messages, store)], UNION, {"number": NUMBER})
    by_kind = {next(iter({"recordings", "cost", "receivedAt"} & set(ask.select)), ""): set(ask.select) for ask in store.asks[:3]}
    assert by_kind["recordings"] - {"__typename", "id"} == {"durationSeconds", "from", "to", "recordings", "trunk"}
    assert by_kind["cost"] - {"__typename", "id"} == {"cost", "startedAt", "from", "to"}
    assert by_kind["receivedAt"] - {"__typename", "id"} == {"receivedAt", "from"}
    kinds = [node["__typename"] for node in found["timeline"]["nodes"]]
    assert kinds == ["Voicemessage"] * 2 + ["Recording"] * 2 + ["Call"] * 2
    assert [node["recordings"] for node in found["timeline"]["nodes"][-2:]] == [[{"nativeId": "2"}], [{"nativeId": "1"}]]


async def test_null_is_the_same_as_leaving_an_argument_out() -> None:
    document = (
        '{ timeline(number: "%s", kinds: null, providers: null, at: null, first: null, order: null) { nodes { ... on Node { id } } } }'
    )
    found = await data(busy().servings, document % NUMBER)
    assert len(found["timeline"]["nodes"]) == 12


async def test_all_failed_is_empty_with_problems() -> None:
    world = busy()
    for store in world.stores.values():
        store.failure = Unavailable("is down")
    answer = await ask(world.servings, f'{{ timeline(number: "{NUMBER}") {{ nodes {{ __typename }} }} }}')
    assert (answer.errors, answer.data) == (None, {"timeline": {"nodes": []}})
    told = [(each["path"], each["provider"], each["code"]) for each in answer.extensions["problems"]]
    assert told == [(["timeline"], name, "UNAVAILABLE") for name in sorted(world.stores)]


def test_only_kinds_that_stand_in_the_schema_are_asked() -> None:
    assert TimelineQuestion(number=NUMBER, kinds=[TimelineKind.RECORDING, TimelineKind.CALL]).wanted == [Call, Recording]
