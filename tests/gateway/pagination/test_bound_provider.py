"""A provider together with what its plugin declares: page sizes, filters, records without a place, errors with a name."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from telegraphql.gateway.errors import BadAnswer, BadInput, TooLarge, Unavailable
from telegraphql.gateway.pagination.bound_provider import BoundProvider
from telegraphql.gateway.plugin.declarations import Keyset, Windows
from telegraphql.gateway.plugin.provider import ListRequest, Page, Push, lists
from telegraphql.gateway.upstream.request_budget import RequestBudget, note_stale, running
from telegraphql.schema.call import Call
from telegraphql.schema.enums import ProblemCode
from telegraphql.schema.recording import Recording
from tests.support.memory_provider import Memory, Offline, Small, Store, Unpaged, serving
from tests.support.records import call


def most(served: BoundProvider) -> int:
    return served.most(served.declared.listings[Call])


def test_the_smaller_of_the_declared_and_the_configured_page_size_holds() -> None:
    assert [most(serving("a", Memory, Store(), page_size=size)) for size in (None, 7, 1000)] == [100, 7, 100]
    assert [most(serving("a", Small, Store(), page_size=size)) for size in (None, 3)] == [7, 3]
    assert [most(serving("a", Unpaged, Store(), page_size=size)) for size in (None, 3)] == [500, 500]


class Founded(Offline):
    """Knows when its history began, and how much of it to ask for first."""

    first_window: timedelta | None = None


class Young(Unpaged):
    """Has no past before that."""

    plugin = "young"
    settings_type = Founded


def test_an_accounts_own_history_begins_where_it_says() -> None:
    start = datetime(2025, 1, 1, tzinfo=UTC)
    young, old = serving("a", Young, Store(), history_start=start), serving("a", Young, Store())
    assert young.pages(young.declared.listings[Call]) == Windows(floor=start)
    assert old.pages(old.declared.listings[Call]) == Windows()
    busy = serving("a", Young, Store(), first_window=timedelta(hours=2))
    assert busy.pages(busy.declared.listings[Call]) == Windows(start=timedelta(hours=2))
    assert young.pages(young.declared.listings[Recording]) == Keyset(most=100)


class Filtering(Memory):
    """Applies one filter."""

    @lists(Call, pages=Keyset(most=100), filters={"userId": Push.EXACT})
    async def calls(self, ask: ListRequest) -> Page:
        """Calls."""
        timeless: Any = call("timeless")
        timeless.started_at = None
        page = await self._slice(self.store.calls, ask)
        return Page(records=[*page.records, timeless], read=2, total=9)


async def test_a_slice_has_only_records_with_a_place_and_problems_for_the_others() -> None:
    store = Store([call(1)])
    served = serving("a", Filtering, store)
    found = await served.fetch(served.declared.listings[Call], {"userId": ["7"], "status": ["x"]})(ListRequest())
    assert ([each.native_id for each in found.records], found.read, found.total) == (["1"], 2, 9)
    (problem,) = found.problems
    assert (problem.provider, problem.code) == ("a", ProblemCode.MALFORMED_RECORD)
    assert problem.message == "the Call timeless has no time"
    assert store.asks[0].filter == {"userId": ["7"]}


async def test_an_error_that_no_request_raised_names_the_provider_too() -> None:
    for failure in (Unavailable("is down"), Unavailable("is down", provider="b")):
        served = serving("a", Memory, Store(failure=failure))
        with pytest.raises(Unavailable) as raised:
            await served.fetch(served.declared.listings[Call])(ListRequest())
        assert raised.value.provider == (failure.provider or "a")


async def test_what_the_client_did_wrong_stays_the_clients() -> None:
    served = serving("a", Memory, Store(failure=BadInput("no such thing")))
    with pytest.raises(BadInput, match="no such thing"):
        await served.fetch(served.declared.listings[Call])(ListRequest())


async def test_a_plugin_that_stumbles_is_a_bad_answer_and_the_log_says_where(caplog: pytest.LogCaptureFixture) -> None:
    served = serving("a", Memory, Store(failure=KeyError("s3cr3t")))
    with pytest.raises(BadAnswer) as raised:
        await served.fetch(served.declared.listings[Call])(ListRequest())
    assert (raised.value.provider, raised.value.__suppress_context__) == ("a", True)
    (line,) = [record.getMessage() for record in caplog.records]
    assert line.startswith("the plugin of a failed with KeyError at memory_provider.py:")
    assert "s3cr3t" not in line + raised.value.message


async def test_a_group_the_plugin_stumbles_over_is_a_bad_answer_too(caplog: pytest.LogCaptureFixture) -> None:
    served = serving("a", Memory, Store())
    with pytest.raises(BadAnswer):
        served.derive("session")([])
    assert "IndexError" in caplog.text


class Generous(Memory):
    """Sends as many rows as its store says."""

    @lists(Call, pages=Keyset(most=1000))
    async def calls(self, ask: ListRequest) -> Page:
        """Calls."""
        return Page(records=[], read=self.store.most_rows)


@pytest.mark.parametrize(("rows", "requested"), [(2000, 10), (2001, 501), (4000, 1000)])
async def test_a_page_may_hold_a_small_factor_of_what_was_asked_for(rows: int, requested: int) -> None:
    assert (await _page_of(rows, requested)).read == rows


@pytest.mark.parametrize(("rows", "requested"), [(2001, 10), (1_000_000, 10), (4001, 1000)])
async def test_a_page_with_far_more_rows_is_refused(rows: int, requested: int) -> None:
    with pytest.raises(TooLarge, match=f"sent {rows} records where {requested} were asked for"):
        await _page_of(rows, requested)


async def _page_of(rows: int, requested: int) -> Page:
    served = serving("a", Generous, Store(most_rows=rows))
    return await served.fetch(served.declared.listings[Call])(ListRequest(size=requested))


class Failing(Memory):
    """Answers with what is older and older, because its upstream fails."""

    plugin = "failing"

    @lists(Call, pages=Keyset(most=100), counts=True)
    async def calls(self, ask: ListRequest) -> Page:
        """Calls."""
        ages = {0: (), 1: (7.2,), 2: (3.0, 30.5)}[ask.offset]
        for age in ages:
            note_stale(Unavailable("is down", provider=self.name), age)
        return Page(records=[call(1)], read=1, total=1)


async def test_old_pages_are_one_problem_of_a_stream_which_tells_the_oldest_and_their_count_is_unknown() -> None:
    served = serving("a", Failing, Store())
    fetch = served.fetch(served.declared.listings[Call])
    with running(RequestBudget()) as operation:
        pages = [await fetch(ListRequest(offset=number)) for number in range(3)]
    assert [page.total for page in pages] == [1, None, None]
    told = [(each.provider, each.code, each.message, each.retryable) for page in pages for each in page.problems]
    assert told == [("a", ProblemCode.STALE, "is down; what is shown of it is 31 seconds old", True)]
    assert [each.age_seconds for page in pages for each in page.problems] == [31]
    assert operation.stale == {"a": (ProblemCode.UNAVAILABLE, 30.5)}
