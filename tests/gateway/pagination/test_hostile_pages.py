"""Page walks over an upstream that lies: all readable records once and in order, or a problem that says what is missing."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from telegraphql.gateway.export.reader import ExportReader
from telegraphql.gateway.pagination.cursor import position, time_of
from telegraphql.gateway.pagination.page_order import SLACK
from telegraphql.gateway.plugin.provider import Keyset, ListRequest, Page, Whole, Windows, lists
from telegraphql.gateway.plugin.selection import Selection
from telegraphql.schema.call import Call
from telegraphql.schema.enums import TimeOrder
from tests.support.graphql_client import NEWEST, OLDEST, ask, ids, page, pages
from tests.support.memory_provider import Memory, Store, serving
from tests.support.records import at, call

EIGHT_YEARS = timedelta(days=8 * 365)
COUNTED = Selection.of("nodes.id", "totalCount", "pageInfo.endCursor")


@dataclass
class Lies:
    """What an upstream does to its pages."""

    clamp: int | None = None
    withholds_every: int | None = None
    swaps: bool = False
    outlier: bool = False
    # By how much the time of some rows is earlier than their true one, by which the upstream sorts.
    strays: timedelta = timedelta(0)
    total: str = "none"

    def page(self, found: Sequence[Any], ask: ListRequest) -> Page:
        found = list(found)
        if self.outlier and len(found) > 4 and (ask.since or ask.until):
            found.insert(2, call("outlier", 40_000_000))
        rows = list(found[ask.offset : ask.offset + (min(ask.size, self.clamp) if self.clamp else ask.size)])
        # A page never shrinks to nothing: an empty page would be the end.
        if self.withholds_every and len(rows) >= self.withholds_every:
            rows = rows[: len(rows) - len(rows) // self.withholds_every]
        if self.swaps and len(rows) > 4:
            rows[1], rows[2] = rows[2], rows[1]
        rows = [self.told(row) for row in rows]
        totals = {"none": None, "right": len(found), "page": len(rows), "zero": 0}
        return Page(records=rows, read=len(rows), total=totals[self.total])

    def told(self, row: Call) -> Call:
        """A row as the upstream tells it."""
        return replace(row, started_at=row.started_at - self.strays) if self.strays and int(row.native_id) % 16 == 5 else row


class Lying(Memory):
    """Sends its calls as its `lies` say."""

    plugin = "lying"
    lies: Lies

    @lists(Call, pages=Keyset(most=100), counts=True)
    async def calls(self, ask: ListRequest) -> Page:
        """Calls."""
        await self.store.answer(ask)
        found = sorted((each for each in self.store.calls if self._bounded(each, ask)), key=time_of, reverse=ask.newest_first)
        return self.lies.page(found, ask)


class LyingById(Lying):
    """Sends in order of the true times what it finds by the times that it tells."""

    plugin = "lying-by-id"

    @lists(Call, pages=Keyset(most=100))
    async def calls(self, ask: ListRequest) -> Page:
        """Calls."""
        await self.store.answer(ask)
        found = [each for each in self.store.calls if self._bounded(self.lies.told(each), ask)]
        return self.lies.page(sorted(found, key=time_of, reverse=ask.newest_first), ask)


class LyingWhole(Lying):
    """The same as a small collection."""

    plugin = "lying-whole"

    @lists(Call, pages=Whole(most=30))
    async def calls(self, ask: ListRequest) -> Page:
        """Calls."""
        await self.store.answer(ask)
        return self.lies.page(self.store.calls, ask)


class LyingWindows(Lying):
    """The same in time windows, of which an answer holds only the newest or the oldest rows."""

    plugin = "lying-windows"

    @lists(Call, pages=Windows(floor=at(-3600)))
    async def calls(self, ask: ListRequest) -> Page:
        """Calls."""
        await self.store.answer(ask)
        found = sorted((each for each in self.store.calls if self._bounded(each, ask)), key=time_of, reverse=self.lies.swaps)
        rows = [self.lies.told(each) for each in found[: self.lies.clamp]]
        return Page(records=rows, read=len(rows))


def lying(plugin: type[Lying], store: Store, lies: Lies) -> Any:
    bound = serving("a", plugin, store, fills_pages=False)
    bound.provider.lies = lies  # type: ignore[attr-defined]
    return bound


LIES = st.builds(
    Lies,
    clamp=st.none() | st.integers(1, 60),
    withholds_every=st.none() | st.integers(2, 12),
    swaps=st.booleans(),
    outlier=st.booleans(),
    total=st.sampled_from(["none", "right", "page", "zero"]),
)


@settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(
    lies=LIES,
    number=st.integers(0, 160),
    step=st.sampled_from([0.2, 1, 7]),
    size=st.sampled_from([1, 7, 100]),
    order=st.sampled_from(TimeOrder),
    backward=st.booleans(),
    plugin=st.sampled_from([Lying, Lying, LyingWhole]),
)
async def test_every_walk_has_all_records_once_or_says_what_is_missing(
    lies: Lies, number: int, step: float, size: int, order: TimeOrder, backward: bool, plugin: type[Lying]
) -> None:
    calls = [call(each, int(each * step) if plugin is Lying else each * step) for each in range(number)]
    served = [lying(plugin, Store(calls), lies), serving("b", Memory, Store([call(each, each, "b") for each in range(9)]))]
    found: list[Any] = []
    problems: list[Any] = []
    async for each in pages(served, size=size, order=order, backward=backward):
        nodes = each.nodes[::-1] if backward else each.nodes
        found += nodes
        problems += each.problems
    descending = (order is NEWEST) is not backward
    assert found == sorted(found, key=position, reverse=descending)
    names = Counter((record.provider_name, record.native_id) for record in found)
    assert set(names.values()) <= {1}
    assert [name for provider, name in names if provider == "b"] == [str(each) for each in sorted(range(9), reverse=descending)]
    missing = {each.native_id for each in calls} - {name for provider, name in names if provider == "a"}
    assert not missing or problems, missing


@pytest.mark.parametrize("size", [1, 7, 100])
@pytest.mark.parametrize(
    "lies", [Lies(clamp=50), Lies(withholds_every=10), Lies(total="page"), Lies(total="zero"), Lies(clamp=20, total="page")], ids=str
)
async def test_no_lie_alone_costs_a_record_or_a_problem(lies: Lies, size: int) -> None:
    served = [lying(Lying, Store([call(each, each) for each in range(345)]), lies)]
    for order in (NEWEST, OLDEST):
        found = [each async for each in pages(served, size=size, order=order)]
        assert sorted(int(name) for each in found for name in ids(each.nodes)) == list(range(345))
        assert [problem for each in found for problem in each.problems] == []


@pytest.mark.parametrize("learned", [Lies(), Lies(total="right")], ids=str)
@pytest.mark.parametrize(
    "lies",
    [*(Lies(clamp=each) for each in (10, 20, 25, 50, 100)), Lies(withholds_every=10), Lies(total="page"), Lies(clamp=20, total="page")],
)
async def test_what_is_known_of_pages_costs_no_record_of_an_upstream_that_changes(learned: Lies, lies: Lies) -> None:
    served = [lying(Lying, Store([call(each, each) for each in range(345)]), learned)]
    for size in (100, 7):
        assert len([name for each in [each async for each in pages(served, size=size)] for name in ids(each.nodes)]) == 345
    served[0].provider.lies = lies
    for size in (100, 7, 1):
        found = [each async for each in pages(served, size=size)]
        assert sorted(int(name) for each in found for name in ids(each.nodes)) == list(range(345))


@pytest.mark.parametrize("limit", [100, 500])
@pytest.mark.parametrize("newest_cut", [True, False])
async def test_a_window_whose_answer_may_have_been_cut_is_read_in_narrower_ones(limit: int, newest_cut: bool) -> None:
    served = [lying(LyingWindows, Store([call(each, each * 60) for each in range(1234)]), Lies(clamp=limit, swaps=newest_cut))]
    for order in (NEWEST, OLDEST):
        found = [each async for each in pages(served, size=500, order=order)]
        assert sorted(int(name) for each in found for name in ids(each.nodes)) == list(range(1234))


ALL_OF_THEM = """{ callStatistics(filter: {startedAt: {since: "2000-01-01T00:00:00Z", until: "2030-01-01T00:00:00Z"}}) {
  total { calls } isComplete problems { code } } }"""


@pytest.mark.parametrize(
    ("plugin", "lies"),
    [
        *((Lying, lies) for lies in (Lies(clamp=20, total="page"), Lies(withholds_every=10), Lies(total="zero"))),
        *((LyingWhole, lies) for lies in (Lies(clamp=20, total="page"), Lies(withholds_every=10))),
        (LyingWindows, Lies(clamp=100)),
    ],
)
async def test_statistics_and_exports_read_to_the_end_all_the_same(plugin: type[Lying], lies: Lies) -> None:
    served = lying(plugin, Store([call(each, each * 60) for each in range(345)]), lies)
    answer = await ask([served], ALL_OF_THEM)
    assert answer.data is not None
    assert answer.data["callStatistics"] == {"total": {"calls": 345}, "isComplete": True, "problems": []}
    reader = ExportReader(kind=Call, time="startedAt", range=None, select=Selection.of("id"), size=1000, serving=[served])
    batch = await reader.take(None)
    await reader.aclose()
    assert [record.native_id for _, record in batch.records] == [str(each) for each in range(345)]
    assert (batch.done, batch.problems, batch.failures) == (True, [], [])


async def test_a_window_that_was_whole_is_not_doubted_again() -> None:
    served = [lying(LyingWindows, Store([call(each, each * 60) for each in range(100)]), Lies())]
    store = served[0].provider.store
    requests = []
    for _ in range(3):
        store.asked.clear()
        assert len(ids((await page(served, first=300)).nodes)) == 100
        requests.append(len(store.asked))
    # The second walk begins with the width that the first one has found.
    assert requests[1] > requests[2]


@pytest.mark.parametrize("total", ["page", "zero", "right"])
@pytest.mark.parametrize("number", [0, 1, 2, 100, 345])
async def test_a_total_is_right_or_null(total: str, number: int) -> None:
    served = [lying(Lying, Store([call(each, each) for each in range(number)]), Lies(total=total))]
    counts = set[int | None]()
    async for each in pages(served, size=100, select=COUNTED):
        counts.add(each.total_count)
    assert counts <= {None, number}
    if total == "right" and number != 1:
        assert counts == {number}


async def test_a_row_from_the_future_is_shown_in_its_place() -> None:
    served = [serving("a", Memory, Store([call("now", 0), call("ahead", 90_000_000)]))]
    assert ids((await page(served, first=5)).nodes) == ["ahead", "now"]


async def test_an_outlier_is_named_and_costs_nothing_else() -> None:
    store = Store([call(each, each) for each in range(60)])
    served = [lying(Lying, store, Lies(outlier=True))]
    first = await page(served, first=20)
    after = await page(served, first=20, after=first.page_info.end_cursor, order=NEWEST)
    assert ids(first.nodes + after.nodes) == [str(each) for each in range(59, 19, -1)]
    assert [problem.message for problem in after.problems] == ["the Call outlier is dated outside of the requested period and is left out"]


@pytest.mark.parametrize("size", [1, 7, 20, 100])
@pytest.mark.parametrize("order", TimeOrder)
async def test_a_row_with_a_time_far_from_its_place_is_named_and_costs_nothing_else(size: int, order: TimeOrder) -> None:
    served = [lying(Lying, Store([call(each, each * 60) for each in range(120)]), Lies(strays=EIGHT_YEARS))]
    found = [each async for each in pages(served, size=size, order=order)]
    shown = [name for each in found for name in ids(each.nodes)]
    named = {problem.message.split()[2] for each in found for problem in each.problems}
    strays = {str(each) for each in range(5, 120, 16)}
    assert sorted(map(int, set(shown) - strays)) == [each for each in range(120) if each % 16 != 5]
    assert set(shown) | named == {str(each) for each in range(120)}
    assert len(shown) == len(set(shown))


@pytest.mark.parametrize("size", [1, 7, 20, 100])
@pytest.mark.parametrize("order", TimeOrder)
async def test_rows_behind_real_gaps_are_shown_and_those_with_a_wrong_time_are_named(size: int, order: TimeOrder) -> None:
    # Two years, nine and twenty before the others; the time of the oldest is wrong, too.
    old = [call(number, -years * 365 * 86_400) for number, years in ((200, 2), (201, 2), (202, 9), (213, 20))]
    served = [lying(Lying, Store([*(call(each, each * 60) for each in range(40)), *old]), Lies(strays=EIGHT_YEARS))]
    found = [each async for each in pages(served, size=size, order=order)]
    shown = [name for each in found for name in ids(each.nodes)]
    named = {problem.message.split()[2] for each in found for problem in each.problems}
    strays = {"5", "21", "37", "213"}
    whole = [200, 201, 202, 213, *range(40)]
    assert set(shown) | named == {str(each) for each in whole}
    assert set(shown) - strays == {str(each) for each in whole} - strays
    assert len(shown) == len(set(shown))


SHIFTS = [timedelta(hours=hours) for hours in (-0.025, 0.025, 0.3, 36, -36, 4800)]


@settings(deadline=None, suppress_health_check=[HealthCheck.too_slow], max_examples=40)
@given(
    shift=st.sampled_from(SHIFTS),
    number=st.integers(0, 260),
    size=st.sampled_from([1, 7, 20, 100]),
    clamp=st.none() | st.integers(1, 60),
    order=st.sampled_from(TimeOrder),
    backward=st.booleans(),
    step=st.sampled_from([1, 13, 60, 3600]),
    plugin=st.sampled_from([Lying, Lying, LyingWindows]),
)
async def test_a_wrong_time_at_the_end_of_a_page_costs_no_record_behind_it(
    shift: timedelta, number: int, size: int, clamp: int | None, order: TimeOrder, backward: bool, step: int, plugin: type[Lying]
) -> None:
    if plugin is LyingWindows:
        clamp = None
    served = [lying(plugin, Store([call(each, each * step) for each in range(number)]), Lies(strays=shift, clamp=clamp))]
    found = [each async for each in pages(served, size=size, order=order, backward=backward)]
    shown = [name for each in found for name in ids(each.nodes)]
    named = {problem.message.split()[2] for each in found for problem in each.problems if problem.id}
    told = any(problem.range for each in found for problem in each.problems)
    assert len(shown) == len(set(shown))
    if plugin is LyingWindows and shift < SLACK:
        # The rows of a window come in no order that would show which of them is wrong.
        named |= {str(each) for each in range(5, number, 16)}
    # An upstream that sends a few rows at once leaves nothing to compare with.
    assert set(shown) | named >= {str(each) for each in range(number)} or (told and clamp is not None and clamp < 12)


@pytest.mark.parametrize("size", [20, 100])
@pytest.mark.parametrize("order", TimeOrder)
@pytest.mark.parametrize("shift", SHIFTS)
async def test_a_jump_is_no_place_to_go_on_from(shift: timedelta, size: int, order: TimeOrder) -> None:
    served = [lying(LyingById, Store([call(each, each * 20) for each in range(260)]), Lies(strays=shift))]
    found = [each async for each in pages(served, size=size, order=order)]
    shown = [name for each in found for name in ids(each.nodes)]
    assert len(shown) == len(set(shown))
    # A row that such an upstream finds where it does not send it may never come.
    assert set(shown) >= {str(each) for each in range(260) if each % 16 != 5}


async def test_a_page_that_cannot_be_ordered_is_a_bad_answer() -> None:
    class Shuffled(Lying):
        @lists(Call, pages=Keyset(most=100))
        async def calls(self, ask: ListRequest) -> Page:
            """Calls, oldest first whatever is asked for."""
            return Page(records=[call(each, each) for each in range(ask.size)], read=ask.size)

    found = await page([serving("a", Shuffled, Store())], first=20)
    assert found.nodes == []
    assert [problem.message for problem in found.problems] == ["does not send its records in the order it was asked for"]
