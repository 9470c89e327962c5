"""Lists of an upstream that names the next page itself, and sends in one order only: in how many requests, and what if it misbehaves."""

from datetime import timedelta
from typing import Any

import pytest

from telegraphql.gateway.errors import BadAnswer, NotFound, RejectedInput
from telegraphql.gateway.export.reader import ExportReader
from telegraphql.gateway.pagination.cursor import position
from telegraphql.gateway.pagination.pagers import slices
from telegraphql.gateway.plugin.provider import SECOND, Links, ListRequest, Page, lists
from telegraphql.gateway.plugin.selection import Selection
from telegraphql.schema.call import Call, CallFilter
from telegraphql.schema.enums import ProblemCode
from telegraphql.schema.filters import TimeRange
from tests.support.graphql_client import OLDEST, ids, page, pages, walk
from tests.support.memory_provider import Linked, Store, serving
from tests.support.page_requests import Asked, of, read
from tests.support.records import at, call

DAY = timedelta(days=1)
# 15,000 calls in a month, one every three minutes.
MANY = [call(number, number * 173) for number in range(15_000)]
NEWEST_IDS = [str(number) for number in reversed(range(15_000))]


class Lagging(Linked):
    """Sorts by the ends of calls, which are up to an hour after their starts."""

    plugin = "lagging"
    lag = staticmethod(lambda native_id: -(int(native_id) * 997 % 3601))

    @lists(Call, pages=Links(most=1000, span=timedelta(hours=1)))
    async def calls(self, ask: ListRequest) -> Page:
        """Calls."""
        return await self._linked(ask)


class Daily(Linked):
    """Bounds its lists by the day, of which it takes both ends or none."""

    plugin = "daily"

    @lists(Call, pages=Links(most=1000, granularity=DAY))
    async def calls(self, ask: ListRequest) -> Page:
        """Calls."""
        return await self._linked(ask)

    def _bounded(self, record: Any, ask: ListRequest) -> bool:
        day, since, until = record.started_at.date(), ask.since and ask.since.date(), ask.until and ask.until.date()
        if self.store.inclusive:
            return (since is None or day >= since) and (until is None or day <= until)
        return (since is None or day > since) and (until is None or day < until)


class Unbounded(Linked):
    """Knows no time bounds."""

    plugin = "unbounded"

    @lists(Call, pages=Links(most=1000, granularity=None))
    async def calls(self, ask: ListRequest) -> Page:
        """Calls."""
        return await self._linked(ask)

    def _bounded(self, record: Any, ask: ListRequest) -> bool:
        return True


class Forward(Linked):
    """Sends its oldest calls first."""

    plugin = "forward"

    @lists(Call, pages=Links(most=1000, order=OLDEST))
    async def calls(self, ask: ListRequest) -> Page:
        """Calls."""
        assert not ask.newest_first
        await self.store.answer(ask)
        found = sorted((each for each in self.store.calls if self._bounded(each, ask)), key=position)
        start = int(ask.next or 0)
        end = start + ask.size
        return Page(records=found[start:end], read=len(found[start:end]), next=str(end) if end < len(found) else None)


PLUGINS: tuple[type[Linked], ...] = (Linked, Lagging, Daily, Forward)
# The others take a few seconds.
LONG = [Linked, *(pytest.param(plugin, marks=pytest.mark.slow) for plugin in PLUGINS[1:])]


async def export(bound: Any, size: int = 1000) -> list[str]:
    reader = ExportReader(kind=Call, time="startedAt", range=None, select=Selection.of("id"), size=size, serving=[bound])
    found: list[str] = []
    batch = await reader.take(None)
    found += [record.native_id for _, record in batch.records]
    while not batch.done and not batch.failures:
        batch = await reader.take(None)
        found += [record.native_id for _, record in batch.records]
    assert (batch.problems, batch.failures) == ([], [])
    await reader.aclose()
    return found


@pytest.mark.parametrize("plugin", PLUGINS[:3])
async def test_the_newest_fifty_of_many_take_one_request(plugin: type[Linked]) -> None:
    served = [serving("a", plugin, Store(MANY))]
    found = await page(served, first=50)
    assert (ids(found.nodes), found.problems, found.page_info.has_next_page) == (NEWEST_IDS[:50], [], True)
    assert len(served[0].provider.store.asks) == 1


@pytest.mark.parametrize("plugin", LONG[:3])
async def test_a_page_further_on_takes_at_most_two_requests(plugin: type[Linked]) -> None:
    served = [serving("a", plugin, Store(MANY))]
    cursor, store = None, served[0].provider.store
    for start in range(0, 14_900, 500):
        store.asked.clear()
        found = await page(served, first=50, after=cursor)
        assert ids(found.nodes) == NEWEST_IDS[start : start + 50]
        assert len(store.asks) <= (1 if plugin is Linked else 2)
        cursor = (await page(served, first=500, after=cursor)).page_info.end_cursor


async def test_the_whole_list_takes_as_many_requests_as_its_page_size_makes_necessary() -> None:
    served = [serving("a", Linked, Store(MANY))]
    found = [each async for each in pages(served, size=500)]
    assert [name for each in found for name in ids(each.nodes)] == NEWEST_IDS
    assert len(served[0].provider.store.asks) == 30


@pytest.mark.parametrize("plugin", LONG)
async def test_the_order_in_which_the_upstream_does_not_send_is_complete(plugin: type[Linked]) -> None:
    bound = serving("a", plugin, Store(MANY))
    if plugin is Forward:
        found = await page([bound], first=50)
        assert ids(found.nodes) == NEWEST_IDS[:50]
    assert await export(bound) == NEWEST_IDS[::-1]


async def test_an_upstream_without_time_bounds_is_read_from_its_beginning() -> None:
    few = MANY[-2500:]
    served = [serving("a", Unbounded, Store(few))]
    store = served[0].provider.store
    first = await page(served, first=500)
    assert (ids(first.nodes), len(store.asks)) == (NEWEST_IDS[:500], 1)
    store.asked.clear()
    second = await page(served, first=500, after=first.page_info.end_cursor)
    assert (ids(second.nodes), len(store.asks)) == (NEWEST_IDS[500:1000], 2)
    assert ids(await walk(served, size=500, order=OLDEST)) == NEWEST_IDS[:2500][::-1]
    found = await page(served, first=50, order=OLDEST, most_slices=2)
    assert [(problem.code, problem.message) for problem in found.problems] == [
        (ProblemCode.SCAN_LIMIT, "needs more than 2 requests for the other order of a list: raise limits.scan_requests")
    ]


async def test_a_token_that_has_expired_is_replaced_by_a_request_from_the_time_that_was_reached() -> None:
    asked = Asked(of(call(9, 9), call(7, 7), next="one"), RejectedInput("expired"), of(call(7, 7), call(5, 5)))
    found = await read(slices(asked, Links(most=2), ListRequest(size=2), SECOND))
    assert [(ids(piece.records), piece.frontier) for piece in found] == [(["9", "7"], at(7)), (["7", "5"], None)]
    assert [(ask.until, ask.next) for ask in asked.asks] == [(None, None), (None, "one"), (at(8), None)]


@pytest.mark.parametrize("granularity", [SECOND, None])
async def test_a_token_that_expires_again_without_progress_is_an_error(granularity: timedelta | None) -> None:
    asked = Asked(of(call(7, 7), next="one"), NotFound("gone"), of(call(7, 7), next="two"), NotFound("gone"))
    with pytest.raises(NotFound, match="gone"):
        await read(slices(asked, Links(most=1, granularity=granularity), ListRequest(size=1), SECOND))
    assert len(asked.asks) == (4 if granularity else 2)


async def test_a_token_that_leads_back_is_a_bad_answer() -> None:
    asked = Asked(of(call(9, 9), next="one"), of(call(7, 7), next="two"), of(call(9, 9), next="one"))
    with pytest.raises(BadAnswer, match="sends the same page again and again"):
        await read(slices(asked, Links(most=1), ListRequest(size=1), SECOND))


async def test_pages_without_rows_that_never_end_are_limited() -> None:
    bound = serving("a", Linked, Store())
    bound.provider.is_endless = True  # type: ignore[attr-defined]
    found = await page([bound], first=5, most_slices=4)
    assert [(problem.code, problem.message) for problem in found.problems] == [
        (ProblemCode.SCAN_LIMIT, "sends no record that can be put in its place in 4 requests: raise limits.scan_requests")
    ]
    assert len(bound.provider.store.asks) == 4  # type: ignore[attr-defined]


async def test_rows_are_out_of_order_by_at_most_the_span() -> None:
    lines = (9, 5, 8, 6), (7, 3, 4, 2)
    asked = Asked(*(of(*(call(each, each) for each in line), next=token) for line, token in zip(lines, ("one", None), strict=True)))
    found = await read(slices(asked, Links(most=4, span=4 * SECOND), ListRequest(size=4), SECOND))
    assert [(ids(piece.records), piece.frontier) for piece in found] == [(["9", "8", "6", "5"], at(10)), (["7", "4", "3", "2"], None)]


async def test_a_row_that_comes_after_its_place_is_told() -> None:
    first, second = [call(each, each) for each in (20, 19, 18)], [call(each, each) for each in (17, 25, 16)]
    asked = Asked(of(*first, next="one"), of(*second, next="two"), of(call(15, 15)))
    found = await read(slices(asked, Links(most=3), ListRequest(size=3), SECOND))
    assert [problem.message for piece in found for problem in piece.problems] == [
        "the Call 25 came after its place in the list and is left out; the plugin's `span` is too short, or its time is wrong"
    ]


async def test_an_upstream_without_order_is_a_bad_answer() -> None:
    times = [each * 37 % 101 for each in range(40)]
    with pytest.raises(BadAnswer, match="does not send its records in its own order, within 0:00:01"):
        await read(slices(Asked(of(*(call(t, t) for t in times), next="x")), Links(most=9, span=SECOND), ListRequest(size=9), SECOND))
    later = Asked(of(call(1, 1), next="one"), of(*(call(t, t) for t in range(20, 10, -1)), next="two"))
    with pytest.raises(BadAnswer, match="does not send its records in its own order, within 0:00:00"):
        await read(slices(later, Links(most=9), ListRequest(size=9), SECOND))


async def test_all_that_is_left_is_put_in_order_whatever_its_order() -> None:
    times = [3, 9, 1, 7, 2, 8, 4, 6, 5]
    (found,) = await read(slices(Asked(of(*(call(t, t) for t in times))), Links(most=9), ListRequest(size=9), SECOND))
    assert (ids(found.records), found.frontier) == (list("987654321"), None)


async def test_a_window_of_the_other_order_stops_at_its_end() -> None:
    rows = [call(each, each) for each in range(100)]
    bound = serving("a", Linked, Store(rows))
    found = await page([bound], first=5, order=OLDEST, filter=CallFilter(started_at=TimeRange(since=at(10), until=at(20))))
    assert ids(found.nodes) == ["10", "11", "12", "13", "14"]
    assert len(bound.provider.store.asks) == 1  # type: ignore[attr-defined]
