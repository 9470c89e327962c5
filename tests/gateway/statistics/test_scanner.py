"""A scan in bounded memory, requests, groups and time, which says what it left out and goes on from there."""

import time
from typing import Any
from weakref import ref

from telegraphql.gateway.errors import Unavailable
from telegraphql.gateway.plugin.provider import Keyset, ListRequest, Page, Push, TimeWindowJoin, lists
from telegraphql.gateway.plugin.selection import Selection
from telegraphql.gateway.statistics.settings import StatisticsSettings
from telegraphql.gateway.upstream.request_budget import RequestBudget, running
from telegraphql.schema.call import Call, CallFilter
from telegraphql.schema.enums import ProblemCode
from telegraphql.schema.paging import Problem
from telegraphql.schema.recording import Recording
from telegraphql.schema.statistics import CallStatisticsDimension as By
from tests.support.call_statistics import EVER, count
from tests.support.memory_provider import Memory, Store, serving
from tests.support.records import START, call, recording


class Endless(Memory):
    """Makes its calls as they are asked for, and knows which of them are still there."""

    plugin = "endless"
    calls_in_all = 4000
    alive: list[ref[Call]]
    most_alive = 0

    @lists(Call, pages=Keyset(most=100), filters={"startedAt": Push.EXACT})
    async def calls(self, ask: ListRequest) -> Page:
        """Calls, one a second."""
        await self.store.answer(ask)
        last = self.calls_in_all if ask.until is None else min(self.calls_in_all, int((ask.until - START).total_seconds()) + 1)
        made = [call(number, number, self.name, talk_seconds=number % 7) for number in range(last - 1, max(-1, last - 1 - ask.size), -1)]
        self.alive = [each for each in self.alive if each() is not None] + [ref(each) for each in made]
        self.most_alive = max(self.most_alive, len(self.alive))
        return Page(records=made, read=len(made))


async def test_memory_is_bounded_by_a_page_and_the_groups_however_many_calls_there_are() -> None:
    served = serving("a", Endless, Store())
    provider: Any = served.provider
    provider.alive = []
    found = await count([served], [By.HOUR], select=Selection.of("total.talkSecondsPercentiles"))
    assert (found.total.calls, found.is_complete) == (4000, True)
    assert provider.most_alive <= 300
    # One more shows that nothing follows the last page.
    assert len(served.provider.store.asks) <= 4000 / 98 + 3  # type: ignore[attr-defined]


class Recorded(Endless):
    """Every second call has a recording, which is made as it is asked for."""

    plugin = "recorded"
    recorded: list[ref[Recording]]
    most_recorded = 0

    @lists(Recording, pages=Keyset(most=1000), joins={"call": TimeWindowJoin()})
    async def recordings(self, ask: ListRequest) -> Page:
        """Recordings, one every two seconds."""
        await self.store.answer(ask)
        first, last = (int((each - START).total_seconds()) for each in (ask.since, ask.until) if each)
        made = [recording(number, number, number, self.name) for number in range(first, last + 1) if number % 2]
        self.recorded = [each for each in self.recorded if each() is not None] + [ref(each) for each in made]
        self.most_recorded = max(self.most_recorded, len(self.recorded))
        return Page(records=made, read=len(made))

    @lists(Call, pages=Keyset(most=100), filters={"startedAt": Push.EXACT})
    async def calls(self, ask: ListRequest) -> Page:
        """Calls, which have a key of their recordings."""
        page: Page = await super().calls(ask)
        for each in page.records:
            each.refs, each.ended_at = {"recordings": each.native_id}, each.started_at
        return page


async def test_what_a_filter_loads_is_not_kept() -> None:
    served = serving("a", Recorded, Store())
    provider: Any = served.provider
    provider.alive, provider.recorded = [], []
    found = await count([served], filter=CallFilter(started_at=EVER, has_recording=True))
    assert (found.total.calls, found.is_complete) == (2000, True)
    assert provider.most_recorded <= 300


async def test_a_scan_over_its_limit_says_so_and_how_to_go_on() -> None:
    served = serving("a", Memory, Store([call(number, number) for number in range(100)]), page_size=10)
    found = await count([served], settings=StatisticsSettings(max_requests=3))
    assert (found.is_complete, 20 <= found.total.calls < 40) == (False, True)
    (problem,) = found.problems
    assert (problem.provider, problem.code) == ("a", ProblemCode.SCAN_LIMIT)
    assert problem.message == (
        "the count stopped at the limit of upstream requests (statistics.requests): continue from endCursor, or narrow the filter"
    )
    rest = await count([served], after=found.end_cursor)
    assert (rest.total.calls, rest.is_complete, rest.end_cursor) == (100 - found.total.calls, True, None)


async def test_more_groups_than_there_may_be_are_left_for_the_next_count() -> None:
    calls = [call(number, 3600 * number) for number in range(30)]
    served = serving("a", Memory, Store(calls), page_size=7)
    few = StatisticsSettings(max_groups=4)
    found = await count([served], [By.HOUR], settings=few)
    assert ([group.figures.calls for group in found.groups], found.is_complete) == ([1] * 4, False)
    assert [(each.code, "statistics.groups" in each.message) for each in found.problems] == [(ProblemCode.SCAN_LIMIT, True)]
    total = found.total.calls
    while found.end_cursor:
        found = await count([served], [By.HOUR], settings=few, after=found.end_cursor)
        total += found.total.calls
    assert total == 30


async def test_the_requests_of_the_whole_operation_are_a_limit_as_well() -> None:
    class Asking(Memory):
        @lists(Call, pages=Keyset(most=10), filters={"startedAt": Push.EXACT})
        async def calls(self, ask: ListRequest) -> Page:
            """Calls, each page of which is a request."""
            operation.count(self.name, "calls")
            return await self._slice(self.store.calls, ask)

    operation = RequestBudget(max_requests=5)
    served = serving("a", Asking, Store([call(number, number) for number in range(100)]))
    with running(operation):
        found = await count([served])
    assert (found.is_complete, [each.code for each in found.problems]) == (False, [ProblemCode.SCAN_LIMIT])
    operation = RequestBudget()
    assert (await count([served], after=found.end_cursor)).total.calls == 100 - found.total.calls


async def test_a_count_that_runs_out_of_time_gives_what_it_has_and_goes_on_from_there() -> None:
    class Slow(Memory):
        @lists(Call, pages=Keyset(most=10), filters={"startedAt": Push.EXACT})
        async def calls(self, ask: ListRequest) -> Page:
            """Calls; the third page would take an hour."""
            self.store.latency = 3600 if len(self.store.asked) == 2 else 0
            return await self._slice(self.store.calls, ask)

    served = serving("a", Slow, Store([call(number, number) for number in range(50)]))
    with running(RequestBudget(deadline=time.monotonic() + 0.4)):
        found = await count([served])
    assert (0 < found.total.calls < 50, found.is_complete) == (True, False)
    assert [(each.code, "the deadline of this operation" in each.message) for each in found.problems] == [(ProblemCode.SCAN_LIMIT, True)]
    assert (await count([served], after=found.end_cursor)).total.calls == 50 - found.total.calls


async def test_a_provider_that_fails_is_a_problem_and_the_cursor_asks_for_it_alone() -> None:
    stores = {name: Store([call(number, number, name) for number in range(5)]) for name in "ab"}
    servings = [serving(name, Memory, store) for name, store in stores.items()]
    stores["b"].failure = Unavailable("is down")
    found = await count(servings, [By.PROVIDER])
    assert ([(group.provider, group.figures.calls) for group in found.groups], found.is_complete) == ([("a", 5)], False)
    assert [(each.provider, each.code) for each in found.problems] == [("b", ProblemCode.UNAVAILABLE)]
    stores["b"].failure = None
    stores["a"].asked.clear()
    rest = await count(servings, [By.PROVIDER], after=found.end_cursor)
    assert ([(group.provider, group.figures.calls) for group in rest.groups], rest.is_complete) == ([("b", 5)], True)
    assert stores["a"].asked == []


async def test_what_is_counted_before_a_provider_fails_is_kept_and_gone_on_from() -> None:
    class Failing(Memory):
        @lists(Call, pages=Keyset(most=10), filters={"startedAt": Push.EXACT})
        async def calls(self, ask: ListRequest) -> Page:
            """Calls; the third page fails."""
            if len(self.store.asked) == 2:
                self.store.asked.append(None)
                raise Unavailable("is down")
            return await self._slice(self.store.calls, ask)

    served = serving("a", Failing, Store([call(number, number) for number in range(50)]))
    found = await count([served])
    assert (0 < found.total.calls < 50, [each.code for each in found.problems]) == (True, [ProblemCode.UNAVAILABLE])
    assert (await count([served], after=found.end_cursor)).total.calls == 50 - found.total.calls


async def test_records_that_cannot_be_read_are_told_once_and_not_without_end() -> None:
    broken = [Problem(provider="a", code=ProblemCode.MALFORMED_RECORD, message=f"row {each}", retryable=False) for each in range(150)]
    served = serving("a", Memory, Store([call(number, number) for number in range(30)], problems=broken), page_size=10)
    found = await count([served])
    assert (found.total.calls, found.is_complete, found.end_cursor) == (30, False, None)
    assert [each.message for each in found.problems[:100]] == [each.message for each in broken[:100]]
    assert found.problems[100].message.startswith("has 50 more records with problems") or len(found.problems) == 101
