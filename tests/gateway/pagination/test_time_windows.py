"""How time windows lie next to each other, and how wide they are."""

from datetime import UTC, datetime, timedelta

import pytest

from telegraphql.gateway.errors import TooLarge
from telegraphql.gateway.pagination.pagers import keyset
from telegraphql.gateway.pagination.time_windows import windows
from telegraphql.gateway.plugin.provider import Keyset, ListRequest, Windows
from tests.support.graphql_client import NEWEST, OLDEST, ids, page
from tests.support.memory_provider import Store, Unpaged, serving
from tests.support.page_requests import Asked, of, read
from tests.support.records import START, call

SECOND = timedelta(seconds=1)


def day(number: int) -> datetime:
    return START + timedelta(days=number)


SPAN = {"since": day(0), "until": day(20)}


async def test_windows_lie_next_to_each_other_and_widen_where_nothing_is() -> None:
    asked = Asked(*[of()] * 4)
    found = await read(windows(asked, Windows(start=timedelta(days=1)), ListRequest(order=OLDEST, size=10, **SPAN), SECOND))
    assert [(since, until) for since, until, _ in asked.bounds] == [
        (day(0) - SECOND, day(1) + SECOND),
        (day(1) - SECOND, day(5) + SECOND),
        (day(5) - SECOND, day(20) + timedelta(microseconds=1) + SECOND),
    ]
    assert [piece.frontier for piece in found] == [day(1), day(5), None]


async def test_windows_go_back_in_time_from_the_newest() -> None:
    asked = Asked(*[of()] * 4)
    found = await read(windows(asked, Windows(start=timedelta(days=1)), ListRequest(size=10, **SPAN), SECOND))
    micro = timedelta(microseconds=1)
    assert [piece.frontier for piece in found] == [day(19), day(15), None]
    assert asked.asks[0].until == day(20) + micro + SECOND


async def test_windows_narrow_where_much_is() -> None:
    many = of(*[call(number, number) for number in range(60)])
    asked = Asked(many, *[of()] * 20)
    await read(windows(asked, Windows(start=timedelta(days=8)), ListRequest(order=OLDEST, size=10, **SPAN), SECOND))
    first, second = asked.asks[:2]
    assert (first.until - first.since, second.until - second.since) == (timedelta(days=8) + 2 * SECOND, timedelta(days=2) + 2 * SECOND)


async def test_a_window_that_is_too_large_is_asked_again_in_a_quarter() -> None:
    asked = Asked(TooLarge("too much"), TooLarge("too much"), of(), *[of()] * 20)
    await read(windows(asked, Windows(start=timedelta(days=16)), ListRequest(order=OLDEST, size=10, **SPAN), SECOND))
    widths = [ask.until - ask.since - 2 * SECOND for ask in asked.asks[:3]]
    assert widths == [timedelta(days=16), timedelta(days=4), timedelta(days=1)]


async def test_a_window_whose_answer_is_full_is_asked_again_in_a_quarter() -> None:
    full, rest = of(*[call(number, number) for number in range(5)]), [of() for _ in range(20)]
    asked = Asked(full, full, *rest)
    await read(windows(asked, Windows(most=5, start=timedelta(days=16)), ListRequest(order=OLDEST, size=10, **SPAN), SECOND))
    assert [ask.until - ask.since - 2 * SECOND for ask in asked.asks[:3]] == [timedelta(days=each) for each in (16, 4, 1)]
    with pytest.raises(TooLarge, match="filled a time window with 5 records, and may have left some out"):
        await read(windows(Asked(full), Windows(most=5, start=SECOND), ListRequest(order=OLDEST, size=10, **SPAN), SECOND))


async def test_the_newest_window_begins_at_the_present() -> None:
    now = datetime.now(UTC)
    calls = [call(number, started_at=now - number * timedelta(minutes=10)) for number in range(5000)]
    bound = serving("a", Unpaged, Store(calls, most_rows=1000))
    assert ids((await page([bound], first=50)).nodes) == [str(number) for number in range(50)]
    assert len(bound.provider.store.asks) == 1


async def test_the_width_that_fits_is_remembered() -> None:
    now = datetime.now(UTC)
    calls = [call(number, started_at=now - number * timedelta(seconds=20)) for number in range(20_000)]
    bound = serving("a", Unpaged, Store(calls, most_rows=500))
    requests = []
    for _ in range(3):
        bound.provider.store.asked.clear()
        assert ids((await page([bound], first=50)).nodes) == [str(number) for number in range(50)]
        requests.append(len(bound.provider.store.asks))
    # A day holds 4,320 calls, a 16th of it 270.
    assert requests[0] == 3
    assert max(requests[1:]) <= 2


async def test_one_tick_that_is_too_large_is_an_error() -> None:
    asked = Asked(*[TooLarge("too much")] * 20)
    with pytest.raises(TooLarge):
        await read(windows(asked, Windows(start=timedelta(seconds=16)), ListRequest(order=OLDEST, size=10, **SPAN), SECOND))
    assert len(asked.asks) == 3


async def test_windows_begin_at_the_floor_and_the_last_holds_the_future() -> None:
    asked = Asked(*[of()] * 20)
    await read(windows(asked, Windows(floor=datetime.now(UTC) - timedelta(days=1)), ListRequest(order=OLDEST, size=10), SECOND))
    assert asked.asks[0].since is not None
    assert timedelta(days=-1, seconds=-9) < asked.asks[0].since - datetime.now(UTC) <= timedelta(days=-1)
    last = asked.asks[-1].until
    assert last is not None
    assert timedelta(days=366) < last - datetime.now(UTC) < timedelta(days=368)
    assert asked.asks[-1].since is not None
    assert asked.asks[-1].since < datetime.now(UTC)


async def test_windows_beyond_the_present_ask_once() -> None:
    future = datetime.now(UTC) + timedelta(days=400)
    for order in (NEWEST, OLDEST):
        asked = Asked(of())
        found = await read(windows(asked, Windows(), ListRequest(order=order, since=future), SECOND))
        assert [piece.frontier for piece in found] == [None]


async def test_windows_are_safe_at_both_ends_of_the_calendar() -> None:
    for bounds in ({"until": datetime(1, 1, 1, tzinfo=UTC)}, {"since": datetime.max.replace(tzinfo=UTC)}):
        for order in (NEWEST, OLDEST):
            assert len(await read(windows(Asked(*[of()] * 20), Windows(), ListRequest(order=order, **bounds), SECOND))) == 1
            assert len(await read(keyset(Asked(of()), Keyset(most=2), ListRequest(order=order, **bounds), SECOND))) == 1
