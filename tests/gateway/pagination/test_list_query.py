"""What one list asks of each provider: its share of the filter, its bounds, its fields, its relations."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from telegraphql.gateway.errors import Unavailable
from telegraphql.gateway.plugin.provider import GetRequest, Keyset, ListRequest, Page, Push, TimeWindowJoin, Whole, gets, lists
from telegraphql.gateway.plugin.selection import Selection
from telegraphql.schema.call import Call, CallFilter
from telegraphql.schema.enums import CallStatus, ProblemCode
from telegraphql.schema.filters import IntRange, NumberFilter, TextFilter, TimeRange
from telegraphql.schema.node import global_id
from telegraphql.schema.queue import Queue, QueueFilter, QueueVisit, QueueVisitFilter
from telegraphql.schema.recording import Recording
from telegraphql.schema.values import Party
from tests.support.graphql_client import NEWEST, OLDEST, ids, page, walk
from tests.support.memory_provider import Memory, Store, serving
from tests.support.records import at, call, queue, recording, visit

SECOND = timedelta(seconds=1)


class Clever(Memory):
    """Applies some filters itself."""

    @lists(
        Call,
        pages=Keyset(most=100),
        counts=True,
        filters={"startedAt": Push.EXACT, "userId": Push.EXACT, "sessionId": Push.EXACT, "number": Push.SUPERSET},
    )
    async def calls(self, ask: ListRequest) -> Page:
        """Calls."""
        users = ask.filter.get("userId")
        return await self._slice([each for each in self.store.calls if users is None or each.user_id in users], ask)


async def test_only_what_the_upstream_applies_is_pushed_down() -> None:
    wanted = CallFilter(
        user_id=["7"],
        status=[CallStatus.BUSY],
        number=NumberFilter(contains="1"),
        session_id=[global_id("Session", "a", "9"), global_id("Session", "b", "8")],
    )
    stores = {"a": Store(), "b": Store()}
    await page([serving("a", Clever, stores["a"]), serving("b", Memory, stores["b"])], filter=wanted)
    assert stores["a"].asks[0].filter == {"userId": ["7"], "number": NumberFilter(contains="1"), "sessionId": ["9"]}
    assert stores["b"].asks[0].filter == {}


async def test_what_an_upstream_sends_too_much_is_dropped() -> None:
    numbers = ["+41616925879", "0616925879", "+41616925870"]
    store = Store([call(number, at_, from_=Party(number=text)) for at_, (number, text) in enumerate(zip("xyz", numbers, strict=True))])
    wanted = CallFilter(number=NumberFilter(equals=["+41616925879"]))
    assert ids((await page([serving("a", Clever, store)], filter=wanted)).nodes) == ["y", "x"]


async def test_a_query_means_the_same_over_every_provider() -> None:
    calls = [call(number, number, user_id=str(number % 3), duration_seconds=number) for number in range(30)]
    wanted = CallFilter(user_id=["1"], duration_seconds=IntRange(min=5, max=20), started_at=TimeRange(since=at(4), until=at(18)))
    found = [ids((await page([serving("a", plugin, Store(calls))], filter=wanted)).nodes) for plugin in (Clever, Memory)]
    assert found == [["16", "13", "10", "7"]] * 2


async def test_an_exact_filter_can_be_counted_and_a_superset_not() -> None:
    store = Store([call(number, number, user_id=str(number % 3), from_=Party(number="1")) for number in range(300)])
    select, served = Selection.of("totalCount"), [serving("a", Clever, store)]
    assert (await page(served, select=select, filter=CallFilter(user_id=["1"]))).total_count == 100
    assert store.counts[0].filter == {"userId": ["1"]}
    assert (await page(served, select=select, first=5, filter=CallFilter(number=NumberFilter(contains="1")))).total_count is None


ASKS: dict[str, tuple[dict[str, Any], int]] = {
    "a few": ({"first": 3}, 16),
    "many": ({"first": 80}, 93),
    "more than there can be": ({"first": 400}, 100),
    "a range of time": ({"first": 3, "filter": CallFilter(started_at=TimeRange(since=at(0)))}, 16),
    "what the upstream applies": ({"first": 3, "filter": CallFilter(user_id=["7"])}, 16),
    "what it applies roughly": ({"first": 3, "filter": CallFilter(number=NumberFilter(contains="7"))}, 100),
    "what it does not apply": ({"first": 3, "filter": CallFilter(status=[CallStatus.BUSY])}, 100),
}


@pytest.mark.parametrize(("arguments", "size"), ASKS.values(), ids=ASKS)
async def test_no_more_is_asked_for_than_the_page_may_need(arguments: dict[str, Any], size: int) -> None:
    store = Store()
    await page([serving("a", Clever, store)], **arguments)
    assert [ask.size for ask in store.asks] == [size]


async def test_a_configured_page_size_is_kept() -> None:
    store = Store()
    await page([serving("a", Memory, store, page_size=7)], first=20)
    assert [ask.size for ask in store.asks] == [7]


BOUNDS = TimeRange(since=at(10), until=at(20))


async def test_a_range_reaches_the_upstream_one_tick_wider() -> None:
    store = Store([call(number, number) for number in range(30)])
    served = [serving("a", Memory, store)]
    for order in (NEWEST, OLDEST):
        assert len((await page(served, order=order, filter=CallFilter(started_at=BOUNDS))).nodes) == 10
    assert [(ask.order, ask.since, ask.until) for ask in store.asks] == [(NEWEST, at(9), at(21)), (OLDEST, at(9), at(21))]


async def test_a_cursor_narrows_the_range_on_its_side() -> None:
    store = Store([call(number, number) for number in range(30)])
    served = [serving("a", Memory, store)]
    cursor = (await page(served, first=4, filter=CallFilter(started_at=BOUNDS))).page_info.end_cursor
    await page(served, first=4, after=cursor, filter=CallFilter(started_at=BOUNDS))
    assert (store.asks[-1].since, store.asks[-1].until) == (at(9), at(17))
    await page(served, last=4, before=cursor, filter=CallFilter(started_at=BOUNDS))
    assert (store.asks[-1].order, store.asks[-1].since, store.asks[-1].until) == (OLDEST, at(15), at(21))


class Lagging(Memory):
    """Its legs stand at their session's start, up to the span before their own."""

    @lists(Call, pages=Keyset(most=100), position_time=True)
    async def calls(self, ask: ListRequest) -> Page:
        """Calls."""
        return await self._slice(self.store.calls, ask)


@pytest.mark.parametrize("order", [NEWEST, OLDEST])
async def test_records_that_stand_earlier_than_they_show_are_found_by_what_they_show(order: Any) -> None:
    legs = [
        call(f"{start}+{late}", start + late, position_time=at(start), sort_id=f"{start:02}{late:02}")
        for start in range(30)
        for late in (0, 9)
    ]
    served = [serving("a", Lagging, Store(legs), session_span=timedelta(seconds=9), page_size=3)]
    found = await walk(served, size=4, order=order, filter=CallFilter(started_at=BOUNDS))
    starts = range(1, 20) if order is OLDEST else range(19, 0, -1)
    lates = (0, 9) if order is OLDEST else (9, 0)
    assert ids(found) == [f"{start}+{late}" for start in starts for late in lates if 10 <= start + late < 20]


@pytest.mark.parametrize("edge", [datetime(1, 1, 1, tzinfo=UTC), datetime.max.replace(tzinfo=UTC)])
@pytest.mark.parametrize("plugin", [Memory, Lagging])
async def test_ranges_at_the_ends_of_the_calendar_do_no_harm(plugin: type[Memory], edge: datetime) -> None:
    served = [serving("a", plugin, Store([call(1, 1)]))]
    for wanted in (TimeRange(since=edge), TimeRange(until=edge)):
        found = await page(served, filter=CallFilter(started_at=wanted), select=Selection.of("nodes", "totalCount"))
        assert (len(found.nodes), found.problems) == (int((wanted.since or at(0)) <= at(1) < (wanted.until or at(9))), [])


async def test_what_is_selected_and_what_the_filter_looks_at_reaches_the_provider() -> None:
    store = Store()
    select = Selection.of("nodes.id", "nodes.session.id", "edges.node.cost.amount", "pageInfo.endCursor", "totalCount")
    wanted = CallFilter(status=[CallStatus.BUSY], has_recording=True)
    await page([serving("a", Memory, store)], select=select, filter=wanted)
    assert store.asks[0].select == Selection.of("id", "session.id", "cost.amount", "status", "recordings")


async def test_only_calls_with_a_recording_are_found_by_one_more_request() -> None:
    calls = [call(number, number * 60, refs={"recordings": str(number)}) for number in range(60)]
    store = Store(calls, [recording(f"r{number}", number, number * 60) for number in range(0, 60, 7)])
    served = [serving("a", Memory, store)]
    found = await page(served, first=50, filter=CallFilter(has_recording=True))
    assert ids(found.nodes) == [str(number) for number in range(56, -1, -7)]
    assert [ids(each.held["recordings"]) for each in found.nodes] == [[f"r{each.native_id}"] for each in found.nodes]
    assert len(store.asks) == 2
    without = await page(served, first=100, filter=CallFilter(has_recording=False))
    assert len(without.nodes) == 60 - 9


async def test_recordings_that_came_with_the_call_are_not_asked_for() -> None:
    calls = [call(1, 1, held={"recordings": [recording("r", 1)]}), call(2, 2, held={"recordings": []}), call(3, 3)]
    store = Store(calls)
    assert ids((await page([serving("a", Memory, store)], filter=CallFilter(has_recording=True))).nodes) == ["1"]
    assert ids((await page([serving("a", Memory, store)], filter=CallFilter(has_recording=False))).nodes) == ["3", "2"]
    assert len(store.asked) == 2


class Silent(Memory):
    """Its recordings fail."""

    @lists(Recording, pages=Keyset(most=100), joins={"call": TimeWindowJoin()})
    async def recordings(self, ask: ListRequest) -> Page:
        """Recordings."""
        raise Unavailable("is down")


async def test_a_relation_the_filter_needs_and_cannot_get_is_the_providers_problem() -> None:
    store = Store([call(1, 1, refs={"recordings": "1"})])
    served = [serving("a", Silent, store), serving("b", Memory, Store())]
    found = await page(served, filter=CallFilter(has_recording=True))
    assert [(problem.provider, problem.code) for problem in found.problems] == [("a", ProblemCode.UNAVAILABLE)]


class Queues(Memory):
    """Has queues, with a number only a single get delivers, and visits to them."""

    @lists(Queue, pages=Whole(most=3), detail=["number"])
    async def queues(self, ask: ListRequest) -> Page:
        """Queues."""
        await self.store.answer(ask)
        found = [queue(number, f"Queue {number}") for number in range(5)][ask.offset : ask.offset + ask.size]
        return Page(records=found, read=len(found))

    @gets(Queue)
    async def one_queue(self, wanted: GetRequest) -> Page:
        """A queue."""
        await self.store.answer(wanted)
        return Page(records=[queue(key, f"Queue {key}", number=f"60{key}") for key in wanted.keys], read=1)

    @lists(QueueVisit, pages=Keyset(most=100), filters={"queueId": Push.EXACT})
    async def visits(self, ask: ListRequest) -> Page:
        """Visits."""
        await self.store.answer(ask)
        return Page(records=[visit(number, number % 2, -number) for number in range(9)], read=9)


async def test_a_field_the_filter_looks_at_is_fetched_where_only_a_single_get_delivers_it() -> None:
    store = Store()
    found = await page([serving("a", Queues, store)], Queue, order=OLDEST, filter=QueueFilter(number=["603"]))
    assert [(each.name, each.number) for each in found.nodes] == [("Queue 3", "603")]
    assert sorted(key for wanted in store.wanted for key in wanted.keys) == list("01234")


async def test_a_field_nobody_looks_at_is_not_fetched() -> None:
    store = Store()
    served = [serving("a", Queues, store)]
    found = await page(served, Queue, order=OLDEST, filter=QueueFilter(name=TextFilter(contains="queue")))
    assert (len(found.nodes), store.wanted) == (5, [])


async def test_a_selected_field_is_fetched_for_the_records_of_the_page_only() -> None:
    store = Store()
    found = await page([serving("a", Queues, store)], Queue, order=OLDEST, first=2, select=Selection.of("nodes.number"))
    assert [each.number for each in found.nodes] == ["600", "601"]
    assert sorted(key for wanted in store.wanted for key in wanted.keys) == ["0", "1"]


async def test_the_visits_of_a_queue_are_asked_for_by_its_own_id() -> None:
    store = Store()
    wanted = QueueVisitFilter(queue_id=[global_id("Queue", "a", "1")])
    assert ids((await page([serving("a", Queues, store)], QueueVisit, filter=wanted)).nodes) == ["1", "3", "5", "7"]
    assert store.asks[0].filter == {"queueId": ["1"]}
