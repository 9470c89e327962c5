"""What one operation has cost the upstreams so far, and how much it may."""

import asyncio
import time

import pytest

from telegraphql.gateway.errors import ScanLimit
from telegraphql.gateway.upstream.client import Request
from telegraphql.gateway.upstream.request_budget import IS_CHANGING, RequestBudget, changing, current, enter, running
from tests.gateway.upstream.test_client import ASK, answering, client, opened


async def test_requests_are_counted_by_provider_and_operation_to_their_limit() -> None:
    upstream, _ = client(answering(200))
    with running(RequestBudget(max_requests=3)) as operation:
        for path in ("/1", "/2"):
            await upstream.ask(Request(operation="GetCalls", path=path))
        await opened(upstream)
        with pytest.raises(ScanLimit, match="has used its 3 upstream requests"):
            await upstream.ask(ASK)
    assert operation.requests == {("acme", "GetCalls"): 2, ("acme", "File"): 1}
    assert operation.spent == 3


def test_beyond_the_limit_nothing_is_counted() -> None:
    operation = RequestBudget(max_requests=1)
    operation.count("a", "x")
    with pytest.raises(ScanLimit, match="this operation has used its 1 upstream requests; ask for less at once"):
        operation.count("b", "y")
    assert operation.requests == {("a", "x"): 1}


async def test_an_operation_is_current_in_its_own_task_only() -> None:
    one, other = RequestBudget(), RequestBudget()

    async def within(operation: RequestBudget) -> bool:
        enter(operation)
        await asyncio.sleep(0)
        return current() is operation

    assert await asyncio.gather(within(one), within(other)) == [True, True]
    assert current() not in (one, other)
    with running(one):
        assert await asyncio.create_task(asyncio.sleep(0, current())) is one
    assert current() is not one


def test_outside_of_an_operation_nothing_is_counted_for_long() -> None:
    current().count("a", "x")
    assert current().spent == 0


def test_the_deadline_comes_nearer() -> None:
    assert RequestBudget().left() == 86_400
    assert RequestBudget(deadline=time.monotonic() - 1).left() == 0
    assert 9 < RequestBudget(deadline=time.monotonic() + 10).left() <= 10


def test_the_next_operation_has_the_same_limits_and_all_its_time() -> None:
    first = RequestBudget(max_requests=2, deadline=time.monotonic() + 10)
    first.began -= 20
    first.deadline = first.began + 10
    first.count("a", "x")
    second = first.anew()
    assert (first.left(), second.spent, second.max_requests) == (0, 0, 2)
    assert 9 < second.left() <= 10
    assert RequestBudget().anew().deadline is None


def test_what_a_command_sends_is_marked() -> None:
    assert not IS_CHANGING.get()
    with changing():
        assert IS_CHANGING.get()
    assert not IS_CHANGING.get()
