"""The cache on bad days: what stands in for a failing upstream, marked, what never does, and what is renewed behind the scenes."""

import asyncio
from datetime import datetime

import pytest

from telegraphql.gateway.errors import Forbidden, NotFound, TimedOut, Unauthorized, Unavailable, UpstreamError
from telegraphql.gateway.upstream.client import Request
from telegraphql.gateway.upstream.request_budget import RequestBudget, reading, running
from tests.support.cached_upstream import LONG_AGO, ROWS, Rig, renewed, until_asked


@pytest.mark.parametrize("until", [None, LONG_AGO])
async def test_an_old_answer_stands_in_for_a_failing_upstream_and_is_noted(until: datetime | None) -> None:
    rig = Rig(stale_while_revalidate="0s")
    fresh = 10 if until is None else 100
    assert await rig.count(until=until) == 1
    rig.fail()
    rig.clock.now += fresh + 50
    with running(RequestBudget()) as operation, reading(until) as here:
        assert (await rig.upstream.read(Request(operation="GetCalls", path="/calls"), ROWS))["count"] == 1
    assert operation.stale == {"acme": (Unavailable.problem, fresh + 50)}
    assert [(type(error), error.provider, seconds) for error, seconds in here.stale] == [(Unavailable, "acme", fresh + 50)]
    rig.clock.now += 0.001
    with running(RequestBudget()) as operation, pytest.raises(Unavailable):
        await rig.read(until=until)
    assert operation.stale == {}


async def test_a_fresh_answer_is_not_noted() -> None:
    rig = Rig()
    with running(RequestBudget()) as operation:
        assert [await rig.count(), await rig.count()] == [1, 1]
    assert operation.stale == {}


@pytest.mark.parametrize(("status", "kind"), [(401, Unauthorized), (403, Forbidden), (404, NotFound)])
async def test_no_old_answer_stands_in_for_a_refusal_nor_does_it_later(status: int, kind: type[UpstreamError]) -> None:
    rig = Rig()
    await rig.read()
    rig.clock.now += 11
    rig.fail(status)
    with pytest.raises(kind):
        await rig.read()
    rig.fail(503)
    with pytest.raises(Unavailable):
        await rig.read()


async def test_refused_credentials_end_all_that_is_kept_of_the_account() -> None:
    rig = Rig()
    other = rig.account("other")
    await rig.read(until=LONG_AGO)
    await rig.read(other)
    rig.fail(401)
    with pytest.raises(Unauthorized):
        await rig.read(path="/another")
    with pytest.raises(Unauthorized):
        await rig.read(until=LONG_AGO)
    assert await rig.count(upstream=other) == 2


async def test_a_deadline_that_passes_is_a_failure_for_which_an_old_answer_stands_in() -> None:
    rig = Rig()
    await rig.read()
    rig.clock.now += 11
    rig.server.gate = asyncio.Event()
    loop_time = asyncio.get_running_loop().time()
    with running(RequestBudget(deadline=loop_time + 0.02)) as operation:
        assert await rig.count() == 1
    assert operation.stale["acme"] == (TimedOut.problem, 11)


async def test_the_closed_past_is_used_a_little_longer_while_it_is_renewed_behind_the_scenes() -> None:
    rig = Rig()
    assert await rig.count(until=LONG_AGO) == 1
    rig.clock.now += 120
    with running(RequestBudget()) as operation:
        assert [await rig.count(until=LONG_AGO) for _ in range(3)] == [1, 1, 1]
        assert operation.spent == 0
    await until_asked(rig, 2)
    await renewed(rig)
    assert await rig.count(until=LONG_AGO) == 2
    assert (rig.server.asked, operation.stale) == (2, {})


async def test_the_present_is_never_used_while_it_is_renewed() -> None:
    rig = Rig()
    assert await rig.count() == 1
    rig.clock.now += 11
    assert await rig.count() == 2


async def test_what_fails_behind_the_scenes_harms_nobody_and_is_tried_again() -> None:
    rig = Rig()
    await rig.read(until=LONG_AGO)
    rig.clock.now += 120
    rig.fail()
    for asked in (2, 3):
        assert await rig.count(until=LONG_AGO) == 1
        await until_asked(rig, asked)
        await renewed(rig)


async def test_nothing_is_renewed_behind_the_scenes_after_the_end() -> None:
    rig = Rig()
    await rig.read(until=LONG_AGO)
    rig.clock.now += 120
    rig.server.gate = asyncio.Event()
    before = asyncio.all_tasks()
    await rig.read(until=LONG_AGO)
    await until_asked(rig, 2)
    assert len(asyncio.all_tasks() - before) >= 1
    await rig.upstream.aclose()
    await rig.cache.aclose()
    assert asyncio.all_tasks() == before
