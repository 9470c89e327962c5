"""Records for many keys in as few upstream requests as the upstream allows."""

import asyncio
from datetime import timedelta
from typing import Any

import pytest

from telegraphql.gateway.errors import Forbidden, NotFound, RejectedInput, Unavailable, Unsupported, UpstreamError
from telegraphql.gateway.pagination.bound_provider import BoundProvider
from telegraphql.gateway.pagination.dataloaders import DataLoaders, LoaderKey
from telegraphql.gateway.plugin.provider import GetRequest, Keyset, ListRequest, Page, TimeWindowJoin, gets, lists
from telegraphql.gateway.plugin.selection import Selection
from telegraphql.schema.call import Call
from telegraphql.schema.chat import Chat
from telegraphql.schema.queue import Queue
from telegraphql.schema.record import Record
from telegraphql.schema.recording import Recording
from telegraphql.schema.session import Session
from tests.support.graphql_client import ids
from tests.support.memory_provider import Memory, Store, serving
from tests.support.records import at, call, queue, recording

IDS = Selection.of("id")


def keys(*texts: object, seconds: float | None = None) -> list[LoaderKey]:
    window = (None, None) if seconds is None else (at(seconds), at(seconds + 60))
    return [LoaderKey(str(text), *window) for text in texts]


async def load(
    served: BoundProvider, kind: type[Record], by: str, wanted: list[LoaderKey], loaders: DataLoaders | None = None, many: bool = False
) -> list[list[str]]:
    found = await (loaders or DataLoaders()).load(served, kind, by, wanted, IDS, many)
    return [ids(group) for group in found]


@pytest.mark.parametrize(("number", "requests"), [(1, 1), (10, 1), (11, 2), (95, 10)])
async def test_many_keys_cost_as_few_gets_as_the_upstream_allows(number: int, requests: int) -> None:
    store = Store([call(each, each) for each in range(200)])
    found = await load(serving("a", Memory, store), Call, "id", keys(*range(number)))
    assert found == [[str(each)] for each in range(number)]
    assert [len(wanted.keys) for wanted in store.wanted] == [10] * (number // 10) + [number % 10] * (number % 10 > 0)
    assert len(store.asked) == requests


async def test_keys_asked_for_apart_in_one_turn_are_got_together() -> None:
    store, loaders = Store([call(each, each) for each in range(9)]), DataLoaders()
    served = serving("a", Memory, store)
    found = await asyncio.gather(*(load(served, Call, "id", keys(each), loaders) for each in (3, 1, 2)))
    assert found == [[["3"]], [["1"]], [["2"]]]
    assert [wanted.keys for wanted in store.wanted] == [["3", "1", "2"]]


async def test_a_key_is_got_once_however_often_it_is_asked_for() -> None:
    store, loaders = Store([call(1)]), DataLoaders()
    served = serving("a", Memory, store)
    assert await load(served, Call, "id", keys(1, 1), loaders) == [["1"], ["1"]]
    assert await load(served, Call, "id", keys(1), loaders) == [["1"]]
    assert [wanted.keys for wanted in store.wanted] == [["1"]]


@pytest.mark.parametrize("steps", range(5))
async def test_what_was_asked_for_and_begins_when_nobody_waits_any_more_is_not_asked_of_the_upstream(steps: int) -> None:
    store, loaders = Store([call(1)], latency=60), DataLoaders()
    asking = asyncio.create_task(load(serving("a", Memory, store), Call, "id", keys(1), loaders))
    for _ in range(steps):
        await asyncio.sleep(0)
    begun = len(store.wanted)
    asking.cancel()
    loaders.stop()
    for _ in range(9):
        await asyncio.sleep(0)
    assert len(store.wanted) == begun
    assert asyncio.all_tasks() == {asyncio.current_task()}


async def test_what_does_not_exist_is_nothing() -> None:
    store = Store([call(1)])
    assert await load(serving("a", Memory, store), Call, "id", keys("x", 1)) == [[], ["1"]]


async def test_several_keys_in_one_text_lead_to_all_their_records_in_order() -> None:
    store = Store([call(number, -number) for number in range(5)])
    assert await load(serving("a", Memory, store), Call, "id", keys("3;1;3", "2", "x;0"), many=True) == [["3", "1"], ["2"], ["0"]]
    assert [wanted.keys for wanted in store.wanted] == [["3", "1", "2", "x", "0"]]


async def test_an_id_with_a_semicolon_is_one_key() -> None:
    store = Store([call(number) for number in range(5)])
    assert await load(serving("a", Memory, store), Call, "id", keys("1;2")) == [[]]


async def test_other_fields_are_other_gets() -> None:
    store, loaders = Store([call(1)]), DataLoaders()
    served = serving("a", Memory, store)
    for select in (IDS, Selection.of("cost.amount")):
        await loaders.load(served, Call, "id", keys(1), select)
    assert [wanted.select for wanted in store.wanted] == [IDS, Selection.of("cost.amount")]


async def test_no_more_than_eight_gets_run_at_once() -> None:
    store = Crowd([call(number) for number in range(200)])
    await load(serving("a", Memory, store), Call, "id", keys(*range(200)))
    assert (len(store.wanted), store.most) == (20, 8)


class Crowd(Store):
    """Counts how many are asking at once."""

    now = most = 0

    async def answer(self, asked: Any) -> None:
        """Be there for a moment."""
        self.now += 1
        self.most = max(self.most, self.now)
        await asyncio.sleep(0.001)
        await super().answer(asked)
        self.now -= 1


async def test_children_of_many_parents_are_one_request_over_their_window() -> None:
    store = Store([], [recording(f"r{number}", number % 50, number * 60) for number in range(70)])
    wanted = [LoaderKey(str(number), at(number * 60), at(number * 60 + 30)) for number in range(50)]
    found = await load(serving("a", Memory, store), Recording, "call", wanted)
    assert found == [[f"r{number}", f"r{number + 50}"] if number < 20 else [f"r{number}"] for number in range(50)]
    (ask,) = store.asks
    assert (ask.since, ask.until, ask.size, ask.select) == (at(-60 - 1), at(49 * 60 + 30 + 3600 + 1), 100, IDS)


async def test_a_window_without_another_way_is_read_to_its_end() -> None:
    store = Store([], [recording(number, number // 5, number) for number in range(1000)])
    found = await load(serving("a", Memory, store), Recording, "call", keys(*range(200), seconds=0))
    assert found == [[str(5 * number + each) for each in range(5)] for number in range(200)]
    assert len(store.asks) > 10


async def test_children_without_a_way_to_them_are_unsupported() -> None:
    served = serving("a", Memory, Store())
    for kind, by in ((Chat, "call"), (Recording, "id")):
        with pytest.raises(Unsupported, match=f"cannot find a {kind.__name__} by {by}") as refused:
            await load(served, kind, by, keys(1))
        assert refused.value.provider == "a"


class Joined(Memory):
    """Calls are found by id in a window too, and by user only one by one."""

    @lists(Call, pages=Keyset(most=100), joins={"id": TimeWindowJoin(), "session": TimeWindowJoin()})
    async def calls(self, ask: ListRequest) -> Page:
        """Calls."""
        return await self._slice(self.store.calls, ask)

    @gets(Call, by="session", at_most=2)
    async def calls_by_session(self, wanted: GetRequest) -> Page:
        """Calls by session."""
        await self.store.answer(wanted)
        found = [each for each in self.store.calls if each.refs["session"] in wanted.keys]
        return Page(records=found, read=len(found))


async def test_a_few_keys_are_got_and_many_are_joined() -> None:
    store = Store([call(number, number, session=str(number)) for number in range(70)])
    served = serving("a", Joined, store)
    assert await load(served, Call, "session", keys(*range(4), seconds=0)) == [[str(number)] for number in range(4)]
    assert (len(store.wanted), len(store.asks)) == (2, 0)
    assert await load(served, Call, "session", keys(*range(5), seconds=0)) == [[str(number)] for number in range(5)]
    assert (len(store.wanted), len(store.asks)) == (2, 1)


async def test_a_window_of_more_than_two_pages_falls_back_to_gets() -> None:
    store = Store([call(number, number // 10, session=str(number)) for number in range(900)])
    found = await load(serving("a", Joined, store), Call, "session", keys(*range(5), seconds=0))
    assert found == [[str(number)] for number in range(5)]
    assert (len(store.asks), [wanted.keys for wanted in store.wanted]) == (2, [["0", "1"], ["2", "3"], ["4"]])


async def test_keys_without_a_window_are_got() -> None:
    store = Store([call(number, number, session=str(number)) for number in range(90)])
    assert len(await load(serving("a", Joined, store), Call, "session", keys(*range(9)))) == 9
    assert (len(store.wanted), len(store.asks)) == (5, 0)


async def test_the_one_that_lies_outside_the_window_is_got_after_it() -> None:
    near = [call(number, number) for number in range(30)]
    store = Store([*near, call("far", 1_000_000)])
    found = await load(serving("a", Joined, store), Call, "id", keys(*range(30), "far", "none", seconds=0))
    assert found == [*[[str(number)] for number in range(30)], ["far"], []]
    assert (len(store.asks), [wanted.keys for wanted in store.wanted]) == (1, [["far", "none"]])


async def test_a_derived_record_is_made_of_all_its_parts() -> None:
    legs = [call(number, number * 60, session="S") for number in range(3)]
    store = Store([*legs, call("x", 30, session="T")])
    served = serving("a", Memory, store)
    (sessions,) = await DataLoaders().load(served, Session, "id", keys("S", seconds=60), IDS)
    assert [(each.native_id, each.started_at, ids(each.held["calls"])) for each in sessions] == [("S", at(0), ["0", "1", "2"])]
    assert (store.asks[0].since, store.asks[0].until) == (at(60 - 1800 - 60 - 1), at(120 + 1800 + 300 + 1))


async def test_an_absent_record_is_nothing_and_other_refusals_are_errors() -> None:
    store = Store([call(1), call(2)], failing={"1": NotFound("has no such record"), "2": Forbidden("does not allow this")})
    served = serving("a", Single, store)
    found = await asyncio.gather(*(load(served, Call, "id", keys(key)) for key in "12"), return_exceptions=True)
    assert found[0] == [[]]
    assert isinstance(found[1], Forbidden)
    assert found[1].extensions == {"code": "FORBIDDEN", "provider": "a", "retryable": False}


class Picky(Store):
    """A store that refuses a whole request because of some of its keys."""

    def __init__(self, refused: dict[str, UpstreamError]) -> None:
        super().__init__([call(each) for each in range(10)])
        self.refused = refused

    def fail(self, wanted: GetRequest) -> None:
        """Refuse a request that names one of those keys."""
        for key in wanted.keys:
            if key in self.refused:
                raise self.refused[key]


@pytest.mark.parametrize("bad", [["3"], ["0", "9"], ["1", "2", "3", "7"]], ids="-".join)
async def test_a_batch_that_is_refused_for_some_keys_is_split_so_that_the_others_arrive(bad: list[str]) -> None:
    store = Picky(dict.fromkeys(bad, NotFound("has no such record")))
    served = serving("a", Memory, store)
    found = await load(served, Call, "id", keys(*range(10)))
    assert found == [[] if str(each) in bad else [str(each)] for each in range(10)]
    assert len(store.wanted) <= 1 + 2 * 4 * len(bad)


async def test_a_key_whose_value_is_refused_is_an_error_of_that_key_alone() -> None:
    store = Picky({"3": RejectedInput("refused the id")})
    found = await DataLoaders().load_each(serving("a", Memory, store), Call, "id", keys(*range(10)), IDS)
    assert [ids(each) if isinstance(each, list) else each.extensions for each in found] == [
        {"code": "BAD_INPUT", "provider": "a", "retryable": False} if each == 3 else [str(each)] for each in range(10)
    ]


async def test_a_batch_that_failed_otherwise_is_not_split() -> None:
    store = Picky({"3": Unavailable("is down")})
    found = await DataLoaders().load_each(serving("a", Memory, store), Call, "id", keys(*range(10)), IDS)
    assert [type(each) for each in found] == [Unavailable] * 10
    assert len(store.wanted) == 1


class Single(Memory):
    """Gets one call at a time; only so does it tell the cost."""

    @lists(Call, pages=Keyset(most=100), detail=["cost", "transaction"], joins={"session": TimeWindowJoin()})
    async def calls(self, ask: ListRequest) -> Page:
        """Calls."""
        return await self._slice(self.store.calls, ask)

    @gets(Call)
    async def calls_by_id(self, wanted: GetRequest) -> Page:
        """A call, in full."""
        await self.store.answer(wanted)
        self.store.fail(wanted)
        (key,) = wanted.keys
        full = [call(each.native_id, cost=f"{key} CHF", refs={"transaction": f"t{key}"}, raw=b"{}") for each in self.store.calls]
        return Page(records=[each for each in full if each.native_id == key], read=1)


async def test_a_detail_is_fetched_only_when_it_is_selected() -> None:
    store = Store([call(1), call(2)])
    served, loaders = serving("a", Single, store), DataLoaders()
    await loaders.hydrate(served, Call, store.calls, Selection.of("id", "session.cost"))
    assert (store.asked, store.calls[0].cost) == ([], None)
    await loaders.hydrate(served, Call, store.calls, Selection.of("cost.amount"))
    assert [each.cost for each in store.calls] == ["1 CHF", "2 CHF"]
    assert [wanted.keys for wanted in store.wanted] == [["1"], ["2"]]
    assert [(each.refs["transaction"], each.refs["session"], each.raw) for each in store.calls] == [
        ("t1", None, b"{}"),
        ("t2", None, b"{}"),
    ]


async def test_a_failed_detail_takes_the_place_of_its_fields_only() -> None:
    store = Store([call(1, user_id="u"), call(2)], failing={"1": Unavailable("is down")})
    await DataLoaders().hydrate(serving("a", Single, store), Call, store.calls, Selection.of("cost", "transaction.id"))
    broken, good = store.calls
    assert isinstance(broken.cost, Unavailable)
    assert (broken.held["transaction"], broken.user_id) == (broken.cost, "u")
    assert (good.cost, good.held) == ("2 CHF", {})


async def test_a_detail_of_a_record_that_is_gone_stays_null() -> None:
    store = Store([call(1)], failing={"1": NotFound("has no such record")})
    await DataLoaders().hydrate(serving("a", Single, store), Call, store.calls, Selection.of("cost"))
    assert store.calls[0].cost is None


async def test_children_found_by_a_join_get_their_details_too() -> None:
    store = Store([call(1, 1, session="S"), call(2, 2, session="S")])
    served = serving("a", Single, store)
    (legs,) = await DataLoaders().load(served, Call, "session", keys("S", seconds=0), Selection.of("cost"))
    assert [each.cost for each in legs] == ["1 CHF", "2 CHF"]


class Unsorted(Memory):
    """Answers gets in any order and with more than was asked for."""

    @gets(Queue, at_most=5)
    async def queues_by_id(self, wanted: GetRequest) -> Page:
        """Queues."""
        await self.store.answer(wanted)
        return Page(records=[queue(key, "x") for key in [*reversed(wanted.keys), *wanted.keys, "other"]], read=0)


async def test_an_answer_may_come_in_any_order_twice_and_with_others() -> None:
    assert await load(serving("a", Unsorted, Store()), Queue, "id", keys(*"abc")) == [["a"], ["b"], ["c"]]


async def test_a_window_of_parents_reaches_the_gets() -> None:
    store = Store([call(1), call(2)])
    wanted = [LoaderKey("1", at(5), at(9)), LoaderKey("2", at(3), at(7)), LoaderKey("3")]
    await load(serving("a", Memory, store), Call, "id", wanted)
    assert [(each.since, each.until) for each in store.wanted] == [(at(3), at(9))]


async def test_the_span_of_a_parent_may_be_unknown() -> None:
    store = Store([], [recording("r", 1, 10)])
    found = await load(serving("a", Memory, store), Recording, "call", [LoaderKey("1", at(0), None)])
    assert found == [["r"]]
    assert store.asks[0].until == at(0) + timedelta(hours=1, seconds=1)
