"""Keyed lists: many lists that differ in one key are one scan, and each of them is the page that it would be alone."""

import asyncio
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from telegraphql.gateway.errors import BadInput, RequestError, Unavailable
from telegraphql.gateway.pagination.bound_provider import BoundProvider
from telegraphql.gateway.pagination.connection import Lister
from telegraphql.gateway.pagination.dataloaders import DataLoaders
from telegraphql.gateway.pagination.keyed_lists import KeyedLister, ListKeys
from telegraphql.gateway.plugin.selection import Selection
from telegraphql.gateway.upstream.request_budget import RequestBudget, running
from telegraphql.gateway.upstream.work import WorkLimits
from telegraphql.schema.call import Call, CallFilter
from telegraphql.schema.context import PageArguments
from telegraphql.schema.enums import ProblemCode, TimeOrder
from telegraphql.schema.filters import IntRange, NumberFilter
from telegraphql.schema.paging import Connection
from telegraphql.schema.values import Party
from tests.support.memory_provider import Memory, Small, Store, Unpaged, serving
from tests.support.records import call

# The same numbers in several spellings, and one that is certain in no country.
NUMBERS = ["+41616925879", "0041 61 692 58 79", "061 692 58 79", "+41449379015", "104"]
SELECT = Selection.of("nodes.id", "nodes.from.number", "edges.cursor", "pageInfo.endCursor", "totalCount")
ALL = CallFilter()


def arguments(filter: Any = ALL, **given: Any) -> PageArguments:
    return PageArguments(filter=filter, **given)


async def together(servings: list[BoundProvider], keys: list[str], asked: PageArguments) -> dict[str, Connection[Any] | RequestError]:
    lister = KeyedLister(Lister(servings), ListKeys(Call, "number"), asked, SELECT, DataLoaders())
    return {key: page async for key, page in lister.pages(keys)}


async def alone(servings: list[BoundProvider], key: str, asked: PageArguments) -> Connection[Any]:
    among = ListKeys(Call, "number").among(asked, [key])
    return await Lister(servings).page(Call, among, SELECT, DataLoaders())


def shown(page: Connection[Any]) -> Any:
    nodes = [(each.provider_name, each.native_id) for each in page.nodes]
    return nodes, [each.cursor for each in page.edges], page.page_info, page.total_count, page.problems


def calls(provider: str, count: int) -> list[Call]:
    ends = [Party(number=number) for number in (*NUMBERS, "+41445550000")]
    return [
        call(each, each * 60, provider, from_=ends[each % 6], to=ends[each * 7 % 5], duration_seconds=each % 3) for each in range(count)
    ]


@given(
    st.lists(st.tuples(st.sampled_from((Memory, Unpaged, Small)), st.integers(0, 40)), min_size=1, max_size=3),
    st.integers(1, 9),
    st.booleans(),
    st.sampled_from(TimeOrder),
    st.sampled_from((ALL, CallFilter(duration_seconds=IntRange(min=1)))),
)
def test_each_page_is_the_one_that_the_list_would_be_alone(
    providers: list[tuple[type[Memory], int]], size: int, backward: bool, order: TimeOrder, filter: CallFilter
) -> None:
    servings = [serving(name, plugin, Store(calls(name, count))) for name, (plugin, count) in zip("abc", providers, strict=False)]
    asked = arguments(filter, order=order, **{"last" if backward else "first": size})

    async def compared() -> None:
        found = await together(servings, NUMBERS, asked)
        assert [*found] == NUMBERS
        for key, page in found.items():
            assert isinstance(page, Connection)
            same = await alone(servings, key, asked)
            # What is counted is only exact if all was read, which one scan for many lists does more often.
            page.total_count = page.total_count if same.total_count is not None else None
            assert shown(page)[:3] == shown(same)[:3]
            assert page.total_count == same.total_count or len(page.nodes) == size

    asyncio.run(compared())


async def test_a_thousand_lists_ask_no_more_than_one() -> None:
    keys = [f"+4161692{number:04}" for number in range(1000)]
    records = [call(each, each * 60, from_=Party(number=keys[each * 13 % 1000])) for each in range(2000)]
    store = Store(records)
    found = await together([serving("a", Memory, store)], keys, arguments(first=1))
    # Twenty pages of a hundred, of which each overlaps the one before by the calls of one second.
    assert len(store.asks) == 22
    assert len(store.counts) == 0
    assert all(isinstance(page, Connection) and len(page.nodes) == 1 for page in found.values())


async def test_what_is_complete_is_not_searched_on() -> None:
    store = Store([call(each, each * 60, from_=Party(number=NUMBERS[3 * (each % 2)])) for each in range(2000)])
    found = await together([serving("a", Memory, store)], [NUMBERS[0], NUMBERS[3]], arguments(first=2))
    assert len(store.asks) <= 3
    assert [page.page_info.has_next_page for page in found.values() if isinstance(page, Connection)] == [True, True]


async def test_at_a_limit_each_unfinished_list_goes_on_from_its_own_cursor() -> None:
    records = [call(each, each * 60, from_=Party(number=NUMBERS[0] if each in (5, 2900) else NUMBERS[3])) for each in range(3000)]
    served = [serving("a", Memory, Store(records))]
    with running(RequestBudget.lasting(None, work=WorkLimits(rows=500))):
        found = await together(served, [NUMBERS[0], NUMBERS[3]], arguments(first=3))
    rare, frequent = found.values()
    assert isinstance(rare, Connection)
    assert isinstance(frequent, Connection)
    assert [each.native_id for each in frequent.nodes] == ["2999", "2998", "2997"]
    assert (frequent.problems, frequent.page_info.has_next_page) == ([], True)
    assert [each.native_id for each in rare.nodes] == ["2900"]
    assert [each.code for each in rare.problems] == [ProblemCode.SCAN_LIMIT]
    rest = await alone(served, NUMBERS[0], arguments(first=3, after=rare.page_info.end_cursor))
    assert [each.native_id for each in rest.nodes] == ["5"]


async def test_a_cursor_belongs_to_one_of_the_lists() -> None:
    served = [serving("a", Memory, Store(calls("a", 60)))]
    cursor = (await alone(served, NUMBERS[3], arguments(first=2))).page_info.end_cursor
    found = await together(served, [NUMBERS[0], NUMBERS[3]], arguments(first=2, after=cursor))
    error, page = found[NUMBERS[0]], found[NUMBERS[3]]
    assert isinstance(error, RequestError)
    assert error.code == "BAD_CURSOR"
    assert isinstance(page, Connection)
    assert len(page.nodes) == 2


async def test_a_wrong_key_spoils_no_other() -> None:
    found = await together([serving("a", Memory, Store(calls("a", 12)))], ["---", NUMBERS[3]], arguments(first=2))
    assert isinstance(found["---"], BadInput)
    assert isinstance(found[NUMBERS[3]], Connection)


@pytest.mark.parametrize("names", ["a", "ab"])
async def test_a_provider_that_fails_is_a_problem_of_each_list(names: str) -> None:
    stores = {name: Store(calls(name, 12)) for name in names}
    stores["a"].failure = Unavailable("is down", provider="a")
    found = await together([serving(name, Memory, store) for name, store in stores.items()], NUMBERS[:2], arguments(first=2))
    for page in found.values():
        assert isinstance(page, Connection)
        assert [(each.provider, each.code) for each in page.problems] == [("a", ProblemCode.UNAVAILABLE)]
        assert {each.provider_name for each in page.nodes} == set(names) - {"a"}


def test_the_keys_of_numbers_take_the_place_of_the_filter() -> None:
    among = ListKeys(Call, "number").among(arguments(CallFilter(duration_seconds=IntRange(min=1))), NUMBERS)
    assert among.filter == CallFilter(duration_seconds=IntRange(min=1), number=NumberFilter(equals=NUMBERS))
