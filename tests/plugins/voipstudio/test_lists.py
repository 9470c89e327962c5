"""VoIPstudio: lists of accounts that refuse orders or filters, or read `like` in another way, through the gateway's own pages."""

import re
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from telegraphql.gateway.errors import RejectedInput
from telegraphql.gateway.pagination.bound_provider import BoundProvider
from telegraphql.gateway.pagination.connection import Lister
from telegraphql.gateway.pagination.dataloaders import DataLoaders
from telegraphql.gateway.plugin.provider import GetRequest, ListRequest, Provider
from telegraphql.gateway.plugin.selection import Selection
from telegraphql.plugins.voipstudio import Voipstudio
from telegraphql.plugins.voipstudio.sandbox.rules import Like, ListRules, Sorting
from telegraphql.schema import Call, CallDirection, CallFilter, IntRange, NumberFilter, Recording, RecordingFilter, TimeRange
from telegraphql.schema.context import PageArguments
from telegraphql.schema.enums import TimeOrder
from telegraphql.schema.record import Record
from tests.plugins.conftest import Served

Row = dict[str, Any]
SELECTION = Selection.of("pageInfo.endCursor")
NEVER_CALLED = "+41446689999"


@pytest.fixture(scope="module")
def records() -> int:
    return 1000


@pytest.fixture
def rules(served: Served) -> Iterator[ListRules]:
    sandbox: Any = served.sandbox
    sandbox.rules = ListRules()
    yield sandbox.rules
    sandbox.rules = ListRules()


async def read(provider: Provider, kind: type[Record], **given: Any) -> list[Record]:
    """Return all records of a list, page by page as a client reads them."""
    given = {"first": 100, "order": TimeOrder.NEWEST_FIRST} | given
    arguments, found = PageArguments(**given), []
    lister = Lister([BoundProvider.of(provider)], most_slices=2000)
    while True:
        page = await lister.page(kind, arguments, SELECTION, DataLoaders())
        assert page.problems == []
        found += page.nodes
        if not page.page_info.has_next_page:
            return found
        arguments = replace(arguments, after=page.page_info.end_cursor)


def ids(records: list[Any]) -> list[str]:
    return [record.native_id for record in records]


def in_order(rows: list[Row], time: str, *, newest: bool) -> list[str]:
    return [str(row["id"]) for row in sorted(rows, key=lambda row: (row[time], str(row["id"])), reverse=newest)]


# An account that ignores the order is known by its first page, if times on it contradict the ids.
@pytest.mark.parametrize(
    ("sorting", "order", "first"),
    [
        (Sorting.OBEYED, TimeOrder.NEWEST_FIRST, 300),
        (Sorting.REFUSED, TimeOrder.NEWEST_FIRST, 30),
        (Sorting.REFUSED, TimeOrder.NEWEST_FIRST, 300),
        (Sorting.REFUSED, TimeOrder.OLDEST_FIRST, 30),
        (Sorting.REFUSED, TimeOrder.OLDEST_FIRST, 300),
        (Sorting.IGNORED, TimeOrder.NEWEST_FIRST, 30),
        (Sorting.IGNORED, TimeOrder.OLDEST_FIRST, 300),
    ],
)
async def test_a_list_is_complete_and_in_order_however_the_account_sorts(
    provider: Provider, served: Served, rules: ListRules, sorting: Sorting, order: TimeOrder, first: int
) -> None:
    rules.sorting = sorting
    newest = order is TimeOrder.NEWEST_FIRST
    # Ids that tell nothing about the time.
    late = [served.sandbox.add("calls", {"calldate": f"2026-1{month}-0{day} 09:00:00"}) for month in (0, 1) for day in (3, 2, 1)]
    try:
        found = await read(provider, Call, first=first, order=order)
        assert ids(found) == in_order(served.truth("calls"), "calldate", newest=newest)
        assert (provider.upstream.health.warnings != ()) is (sorting is not Sorting.OBEYED)
    finally:
        served.sandbox.remove("calls", [row["id"] for row in late])  # type: ignore[attr-defined]


async def test_a_page_in_the_order_of_ids_costs_few_requests(provider: Provider, served: Served, rules: ListRules) -> None:
    rules.sorting = Sorting.REFUSED
    await read(provider, Recording, first=20)
    served.forget()
    page = await provider.calls(ListRequest(size=50))  # type: ignore[attr-defined]
    assert ids(list(page.records))[:50] == in_order(served.truth("calls"), "calldate", newest=True)[:50]
    assert len(served.journal()) <= 5


async def test_what_refuses_an_order_is_asked_for_it_once_an_hour(provider: Provider, served: Served, rules: ListRules) -> None:
    rules.sorting = Sorting.REFUSED
    await read(provider, Call)
    assert [row["parameters"]["sort"] for row in served.journal("GET /cdrs") if row["parameters"]["sort"] != "id"] == ["calldate"] * 2


NUMBERS = [
    (NumberFilter(equals=["+44 20 7946 0123"]), lambda number: number == "442079460123"),
    (NumberFilter(equals=["020 7946 0123", "+41616925879"]), lambda number: number in ("02079460123", "41616925879")),
    (NumberFilter(equals=["1001"]), lambda number: number == "1001"),
    (NumberFilter(starts_with="+4420"), lambda number: number.startswith("4420")),
    (NumberFilter(starts_with="00447911"), lambda number: number.startswith("447911")),
    (NumberFilter(starts_with="4420"), lambda number: number.startswith("4420")),
    (NumberFilter(contains="6925"), lambda number: "6925" in number),
    (NumberFilter(starts_with="41", contains="25 87"), lambda number: number.startswith("41") and "2587" in number),
]


@pytest.mark.parametrize("like", Like)
@pytest.mark.parametrize(("value", "holds"), NUMBERS)
async def test_a_number_is_found_as_it_is_shown_whatever_like_means(
    provider: Provider, served: Served, rules: ListRules, like: Like, value: NumberFilter, holds: Callable[[str], bool]
) -> None:
    rules.like = like
    for kind, filter_type, truth, time, ends in (
        (Call, CallFilter, "calls", "calldate", ("src", "dst")),
        (Recording, RecordingFilter, "recordings", "timestamp", ("caller", "called")),
    ):
        wanted = [row for row in served.truth(truth) if any(holds(row[end]) for end in ends)]
        found = await read(provider, kind, filter=filter_type(number=value))
        assert ids(found) == in_order(wanted, time, newest=True)


async def test_shown_numbers_are_found_by_what_is_shown(provider: Provider, served: Served, rules: ListRules) -> None:
    rules.like = Like.WHOLE
    for row in served.truth("calls")[10:900:97]:
        for text in (row["src"], row["dst"]):
            found = await read(provider, Call, filter=CallFilter(number=NumberFilter(contains=text)))
            assert str(row["id"]) in ids(found)


async def test_national_numbers_are_found_by_their_international_form(served: Served, connect: Callable[..., Provider]) -> None:
    row = served.sandbox.add("calls", {"src": "02079460555"})
    provider = connect(served, region="GB")
    try:
        for value in ({"starts_with": "+442079460"}, {"contains": "4420794605"}, {"equals": ["+442079460555"]}, {"contains": "020794605"}):
            found = await read(provider, Call, filter=CallFilter(from_=NumberFilter(**value)))
            assert str(row["id"]) in ids(found), value
    finally:
        served.sandbox.remove("calls", [row["id"]])  # type: ignore[attr-defined]


@pytest.mark.parametrize("sorting", [Sorting.OBEYED, Sorting.REFUSED])
@pytest.mark.parametrize("like", [Like.PART, Like.WHOLE])
async def test_a_number_that_never_called_costs_few_requests(
    provider: Provider, served: Served, rules: ListRules, like: Like, sorting: Sorting
) -> None:
    rules.like, rules.sorting = like, sorting
    assert await read(provider, Call, filter=CallFilter(number=NumberFilter(equals=[NEVER_CALLED]))) == []
    assert len(served.journal()) <= 10
    served.forget()
    assert await read(provider, Call, filter=CallFilter(number=NumberFilter(equals=[NEVER_CALLED]))) == []
    assert len(served.journal()) == 2


@pytest.mark.slow
async def test_a_number_that_never_called_costs_few_requests_over_a_long_history(
    serve: Callable[..., Served], connect: Callable[..., Provider]
) -> None:
    served = serve(Voipstudio, records=50_000)
    provider = connect(served)
    for number in (NEVER_CALLED, "+447911123456"):
        served.forget()
        arguments = PageArguments(first=25, order=TimeOrder.NEWEST_FIRST, filter=CallFilter(number=NumberFilter(equals=[number])))
        page = await Lister([BoundProvider.of(provider)]).page(Call, arguments, SELECTION, DataLoaders())
        rows = [row for row in served.truth("calls") if number[1:] in (row["src"], row["dst"])]
        assert (ids(page.nodes), page.problems) == (in_order(rows, "calldate", newest=True)[:25], [])
        assert len(served.journal()) <= 10


async def test_an_account_that_refuses_filters_is_filtered_here(provider: Provider, served: Served, rules: ListRules) -> None:
    rules.proven_filters_only, rules.like, rules.sorting = True, Like.REFUSED, Sorting.REFUSED
    wanted = CallFilter(duration_seconds=IntRange(min=20, max=60), direction=[CallDirection.INTERNAL], user_id=["1004568"])
    rows = [
        row
        for row in served.truth("calls")
        if 20 <= row["duration"] <= 60 and row["context"] == "USER_LOCAL" and row["user_id"] == 1_004_568
    ]
    assert rows
    assert ids(await read(provider, Call, filter=wanted)) == in_order(rows, "calldate", newest=True)
    assert [*provider.upstream.health.warnings] == [
        "the API does not filter /cdrs by context, duration or sort /cdrs by time, so the gateway does, with more requests"
    ]


async def test_a_count_is_left_out_where_a_filter_was_refused(provider: Provider, served: Served, rules: ListRules) -> None:
    request = ListRequest(size=1, count=True, filter={"durationSeconds": IntRange(min=20)})
    assert (await provider.calls(request)).total == sum(row["duration"] >= 20 for row in served.truth("calls"))  # type: ignore[attr-defined]


async def test_a_refused_filter_leaves_no_count(provider: Provider, rules: ListRules) -> None:
    rules.proven_filters_only = True
    request = ListRequest(size=1, count=True, filter={"durationSeconds": IntRange(min=20)})
    assert (await provider.calls(request)).total is None  # type: ignore[attr-defined]


async def test_no_wildcard_is_sent_until_it_is_known_to_be_one(provider: Provider, served: Served, rules: ListRules) -> None:
    await read(provider, Call, filter=CallFilter(from_=NumberFilter(equals=["+442079460123"])))
    likes = [found[1] for row in served.journal() if (found := re.search('"like","value":"([^"]*)"', row["parameters"].get("filter", "")))]
    assert likes
    assert not [each for each in likes if "%" in each]


@pytest.mark.parametrize("rows", [1, 2, 7])
async def test_pages_that_are_cut_without_a_total_lose_nothing(provider: Provider, served: Served, rules: ListRules, rows: int) -> None:
    oldest = sorted(row["calldate"] for row in served.truth("calls"))[60]
    served.fault(mode="clamped_page", rows=rows)
    wanted = [row for row in served.truth("calls") if row["calldate"] <= oldest]
    until = datetime.fromisoformat(oldest).replace(tzinfo=UTC) + timedelta(seconds=1)
    found = await read(provider, Call, first=20, filter=CallFilter(started_at=TimeRange(until=until)))
    assert ids(found) == in_order(wanted, "calldate", newest=True)


async def test_relations_are_read_from_their_period_where_the_account_does_not_filter(
    provider: Provider, served: Served, rules: ListRules
) -> None:
    rules.proven_filters_only = True
    recording = served.truth("recordings")[-1]
    began = datetime.fromisoformat(recording["timestamp"]).replace(tzinfo=UTC)
    leg = next(row for row in served.truth("calls") if row["live_id"] == recording["live_id"])
    request = GetRequest(keys=[str(recording["live_id"])], since=began, until=began + timedelta(minutes=5))
    for _ in range(2):
        found = await provider.calls_by_live_id(request)  # type: ignore[attr-defined]
        assert ids(list(found.records)) == [str(leg["id"])]
    # The filter is tried once.
    assert len([row for row in served.journal("GET /cdrs") if "live_id" in row["parameters"]["filter"]]) == 1
    with pytest.raises(RejectedInput):
        await provider.calls_by_live_id(GetRequest(keys=["1"]))  # type: ignore[attr-defined]


async def test_a_property_that_refuses_like_is_filtered_here_and_the_others_are_not(
    provider: Provider, served: Served, rules: ListRules
) -> None:
    rules.refused_properties = frozenset({"caller"})
    wanted = [row for row in served.truth("recordings") if "442079460123" in (row["caller"], row["called"])]
    for _ in range(2):
        found = await read(provider, Recording, filter=RecordingFilter(number=NumberFilter(equals=["+442079460123"])))
        assert ids(found) == in_order(wanted, "timestamp", newest=True)
    assert [*provider.upstream.health.warnings] == [
        "the API does not filter /monitors by parts of caller, so the gateway does, with more requests"
    ]
    await read(provider, Call, filter=CallFilter(from_=NumberFilter(equals=["+442079460123"])))
    assert '"src","operator":"like","value":"2079460123"' in served.journal()[-1]["parameters"]["filter"]
