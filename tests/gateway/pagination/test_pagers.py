"""How a listing is read in each page style, and what becomes of upstreams that do not keep to it."""

from datetime import timedelta

import pytest

from telegraphql.gateway.errors import BadAnswer, Malformed, ScanLimit, TooLarge
from telegraphql.gateway.pagination.page_discipline import CHECK_EVERY, PageDiscipline
from telegraphql.gateway.pagination.pagers import keyset, slices, whole
from telegraphql.gateway.plugin.provider import Keyset, Links, ListRequest, Page, Whole, Windows, lists
from telegraphql.schema.call import Call
from telegraphql.schema.enums import ProblemCode
from telegraphql.schema.node import global_id
from telegraphql.schema.queue import Queue
from tests.support.graphql_client import OLDEST, ids, page, walk
from tests.support.memory_provider import Memory, Small, Store, serving
from tests.support.page_requests import Asked, of, read
from tests.support.records import START, at, call, queue

SECOND = timedelta(seconds=1)


async def test_a_keyset_goes_on_from_the_time_it_reached_one_tick_wider() -> None:
    asked = Asked(of(call(9, 9), call(7, 7)), of(call(7, 7), call(5, 5)), of(call(5, 5)))
    found = await read(keyset(asked, Keyset(most=2), ListRequest(size=2, since=at(0)), SECOND))
    assert [piece.frontier for piece in found] == [at(7), at(5), None]
    assert asked.bounds == [(at(-1), None, 0), (at(-1), at(8), 0), (at(-1), at(6), 0)]


async def test_a_keyset_walks_on_in_time_the_same_way() -> None:
    asked = Asked(of(call(5, 5), call(7, 7)), of(call(7, 7)))
    found = await read(keyset(asked, Keyset(most=2), ListRequest(order=OLDEST, size=2, since=at(5), until=at(9)), SECOND))
    assert [piece.frontier for piece in found] == [at(7), None]
    assert asked.bounds == [(at(4), at(10), 0), (at(6), at(10), 0)]


async def test_offsets_serve_only_inside_one_tick() -> None:
    ties = [call(number, 5) for number in range(4)]
    asked = Asked(of(*ties[:2]), of(*ties[:2]), of(*ties[2:]), of(call(9, 1), call(8, 0)), of())
    await read(keyset(asked, Keyset(most=2), ListRequest(size=2), SECOND))
    assert asked.bounds == [(None, None, 0), (None, at(6), 0), (None, at(6), 2), (None, at(6), 4), (None, at(1), 0)]


async def test_a_total_that_has_counted_beyond_its_page_ends_the_reading() -> None:
    asked = Asked(of(call(9, 9), call(7, 7), total=3), of(call(7, 7), call(5, 5), total=2))
    assert [piece.frontier for piece in await read(keyset(asked, Keyset(most=2), ListRequest(size=2), SECOND))] == [at(7), None]


async def test_a_total_that_only_counts_its_page_does_not_end_the_reading() -> None:
    asked = Asked(of(call(9, 9), call(7, 7), total=2), of(call(7, 7), call(5, 5), total=2), of(call(5, 5), total=1))
    found = await read(keyset(asked, Keyset(most=2), ListRequest(size=2), SECOND))
    assert [piece.frontier for piece in found] == [at(7), at(5), None]


async def test_a_short_page_ends_the_reading_once_an_empty_page_has_shown_it() -> None:
    discipline, few = PageDiscipline(), [call(number, number) for number in (5, 3)]
    asked = Asked(of(*few), of())
    await read(keyset(asked, Keyset(most=9), ListRequest(size=9), SECOND, discipline))
    assert asked.bounds == [(None, None, 0), (None, None, 2)]
    again = Asked(of(call(4, 4)))
    await read(keyset(again, Keyset(most=9), ListRequest(size=9), SECOND, discipline))
    assert again.bounds == [(None, None, 0)]


async def test_what_is_known_of_pages_is_checked_now_and_then() -> None:
    discipline, requests = PageDiscipline(filled=9), 0
    for _ in range(CHECK_EVERY + 2):
        asked = Asked(of(call(4, 4)), of())
        await read(keyset(asked, Keyset(most=9), ListRequest(size=9), SECOND, discipline))
        requests += len(asked.asks)
    assert requests == CHECK_EVERY + 3


async def test_a_row_out_of_place_is_put_in_order() -> None:
    asked = Asked(of(call(9, 9), call(5, 5), call(8, 8), call(7, 7)), of(call(7, 7), call(6, 6), call(5, 5)))
    found = await read(keyset(asked, Keyset(most=4), ListRequest(size=4), SECOND))
    assert [(ids(piece.records), piece.frontier) for piece in found] == [(["9", "8", "7", "5"], at(8)), (["7", "6", "5"], None)]


async def test_a_row_outside_of_the_period_is_a_problem_of_its_own() -> None:
    asked = Asked(of(call(9, 9), call(1, 900_000), call(8, 8)))
    (found,) = await read(keyset(asked, Keyset(most=9), ListRequest(size=9, until=at(10)), SECOND, PageDiscipline(filled=9)))
    assert ids(found.records) == ["9", "8"]
    assert [problem.message for problem in found.problems] == ["the Call 1 is dated outside of the requested period and is left out"]


async def test_two_rows_with_one_id_are_told() -> None:
    asked = Asked(of(call(9, 9), call(9, 8), call(7, 7)))
    (found,) = await read(keyset(asked, Keyset(most=9), ListRequest(size=9), SECOND, PageDiscipline(filled=9)))
    assert [(each.native_id, each.started_at) for each in found.records] == [("9", at(9)), ("7", at(7))]
    (problem,) = found.problems
    assert (problem.code, problem.id) == (ProblemCode.MALFORMED_RECORD, global_id("Call", "a", "9"))
    assert problem.message == "the Call 9 came more than once in one answer, with this id each time; one of them is shown"


async def test_a_tie_beyond_the_upstreams_largest_offset_is_a_bad_answer() -> None:
    ties = [call(number, 5) for number in range(8)]
    asked = Asked(of(*ties[:2]), of(*ties[:2]), of(*ties[2:4]), of(*ties[4:6]))
    with pytest.raises(BadAnswer, match="has more than 4 records in one moment, beyond what it lets us read"):
        await read(keyset(asked, Keyset(most=2, most_offset=4), ListRequest(size=2), SECOND))


async def test_a_page_out_of_order_is_a_bad_answer() -> None:
    asked = Asked(of(call(1, 1), call(2, 2)))
    with pytest.raises(BadAnswer, match="does not send its records in the order it was asked for"):
        await read(keyset(asked, Keyset(most=2), ListRequest(size=2), SECOND))


async def test_the_same_page_again_and_again_is_a_bad_answer() -> None:
    same = of(call(2, 2), call(1, 1))
    asked = Asked(*[same] * 9)
    with pytest.raises(BadAnswer, match="sends the same page again and again"):
        await read(keyset(asked, Keyset(most=2), ListRequest(size=2), SECOND))
    assert len(asked.asks) == 3


PROBLEM = Malformed("the record 7 cannot be read", provider="a").as_problem()


async def test_a_page_of_broken_records_only_costs_none_of_the_others_and_is_told() -> None:
    broken = of(read=2, problems=[PROBLEM])
    asked = Asked(broken, of(call(9, 9), call(7, 7)), of(call(7, 7)))
    found = await read(keyset(asked, Keyset(most=2), ListRequest(size=2), SECOND))
    assert [record.native_id for piece in found for record in piece.records] == ["9", "7", "7"]
    assert [problem for piece in found for problem in piece.problems] == [PROBLEM]
    assert asked.bounds[:2] == [(None, None, 0), (None, None, 2)]


async def test_a_whole_collection_is_read_by_offset_without_bounds() -> None:
    asked = Asked(of(call(1), call(2)), of(call(3), call(2)), of(call(4)))
    (found,) = await read(whole(asked, Whole(most=2), ListRequest(size=1, since=at(0), until=at(9))))
    assert (ids(found.records), found.frontier) == (["1", "2", "3", "4"], None)
    assert asked.bounds == [(None, None, 0), (None, None, 2), (None, None, 4)]
    assert {ask.size for ask in asked.asks} == {2}


async def test_a_whole_collection_that_repeats_itself_is_a_bad_answer() -> None:
    asked = Asked(*[of(call(1), call(2))] * 9)
    with pytest.raises(BadAnswer, match="sends the same page again and again"):
        await read(whole(asked, Whole(most=2), ListRequest()))
    assert len(asked.asks) == 2


async def test_a_collection_that_is_too_long_to_be_read_whole_says_so() -> None:
    async def endless(request: ListRequest) -> Page:
        return of(*(call(number) for number in range(request.offset, request.offset + 5_000)))

    with pytest.raises(TooLarge, match=r"has more than 20,000 records in a list that is read whole; .* declare Keyset, Links or Windows"):
        await read(whole(endless, Whole(most=5_000), ListRequest()))


async def test_the_requests_of_a_collection_are_limited() -> None:
    pages = [of(call(1), call(2)), of(call(3), call(4)), of(call(5))]
    (found,) = await read(whole(Asked(*pages), Whole(most=2), ListRequest(), most_requests=3))
    assert ids(found.records) == ["1", "2", "3", "4", "5"]
    asked = Asked(*pages)
    with pytest.raises(ScanLimit, match=r"needs more than 2 requests for a list that is read whole: raise limits\.scan_requests"):
        await read(whole(asked, Whole(most=2), ListRequest(), most_requests=2))
    assert len(asked.asks) == 2


async def test_broken_records_do_not_make_a_collection_repeat_itself() -> None:
    asked = Asked(of(read=2, problems=[PROBLEM]), of(call(1)))
    (found,) = await read(whole(asked, Whole(most=2), ListRequest()))
    assert (ids(found.records), found.problems) == (["1"], [PROBLEM])


async def test_every_style_is_read_in_its_way() -> None:
    for pages in (Keyset(most=5), Links(most=5), Windows(floor=START), Whole(most=5)):
        assert await read(slices(Asked(*[of()] * 20), pages, ListRequest(size=5), SECOND)) != []


class Unordered(Memory):
    """Promises an order and does not keep it."""

    @lists(Call, pages=Keyset(most=3))
    async def calls(self, ask: ListRequest) -> Page:
        """Calls."""
        page = await self._slice(self.store.calls, ask)
        page.records.reverse()
        return page


class Stuck(Memory):
    """Sends its first page whatever it is asked for."""

    @lists(Call, pages=Keyset(most=3))
    async def calls(self, ask: ListRequest) -> Page:
        """Calls."""
        return await self._slice(self.store.calls, ListRequest(size=ask.size))


@pytest.mark.parametrize("plugin", [Unordered, Stuck])
async def test_an_upstream_that_breaks_its_promise_is_a_problem_of_its_own(plugin: type[Memory]) -> None:
    calls = [call(number, number) for number in range(9)]
    served = [serving("a", plugin, Store(calls)), serving("b", Memory, Store([call(4, 4, "b")]))]
    found = await page(served, first=20)
    assert [(problem.provider, problem.code) for problem in found.problems] == [("a", ProblemCode.BAD_ANSWER)]
    assert "4" in ids([record for record in found.nodes if record.provider_name == "b"])
    assert [problem.code for problem in (await page(served[:1], first=20)).problems] == [ProblemCode.BAD_ANSWER]


class Named(Memory):
    """Has queues, three at a time."""

    @lists(Queue, pages=Whole(most=3))
    async def queues(self, ask: ListRequest) -> Page:
        """Queues."""
        await self.store.answer(ask)
        names = ["Sales", "Support", "sales", "Sales", "Ärzte", "1", ""]
        found = [queue(number, name) for number, name in enumerate(names)][ask.offset : ask.offset + ask.size]
        return Page(records=found, read=len(found))


@pytest.mark.parametrize("size", [1, 2, 7])
@pytest.mark.parametrize("backward", [False, True])
async def test_kinds_without_a_time_stand_in_the_order_of_their_names(size: int, backward: bool) -> None:
    served = [serving("a", Named, Store())]
    found = await walk(served, Queue, size=size, order=OLDEST, backward=backward)
    assert [(record.name, record.native_id) for record in found] == [
        ("", "6"),
        ("1", "5"),
        ("Sales", "0"),
        ("Sales", "3"),
        ("Support", "1"),
        ("sales", "2"),
        ("Ärzte", "4"),
    ]


async def test_a_small_collection_is_read_once_for_a_page() -> None:
    store = Store([call(number, number) for number in range(20)])
    assert ids((await page([serving("a", Small, store)], first=3)).nodes) == ["19", "18", "17"]
    assert [ask.offset for ask in store.asks] == [0, 7, 14]
