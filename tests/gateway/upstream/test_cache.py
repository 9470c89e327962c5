"""The cache: what is used again and for how long, what never is, and that nothing is shared or lost."""

import asyncio
from collections.abc import Awaitable
from datetime import UTC, datetime
from typing import Any

import httpx
import pytest

from telegraphql.gateway.errors import BadAnswer, Forbidden, NotFound, RejectedInput, Unauthorized, Unavailable, UpstreamError
from telegraphql.gateway.upstream.cache import Cache, CacheSettings
from telegraphql.gateway.upstream.client import Request
from telegraphql.gateway.upstream.request_budget import changing
from tests.support.cached_upstream import LONG_AGO, NOW, Rig, bounded, until_asked


async def test_the_moving_present_is_used_again_for_a_moment_and_the_closed_past_for_long() -> None:
    for until, lasting in ((None, 10), (LONG_AGO, 100), (datetime.fromtimestamp(NOW, UTC), 10)):
        rig = Rig(stale_while_revalidate="0s")
        assert [await rig.count(until=until), await rig.count(until=until)] == [1, 1]
        rig.clock.now += lasting
        assert await rig.count(until=until) == 1
        rig.clock.now += 0.001
        assert await rig.count(until=until) == 2


async def test_what_was_the_present_when_it_came_does_not_become_a_past() -> None:
    rig = Rig(past_after="5s")
    until = datetime.fromtimestamp(NOW, UTC)
    assert await rig.count(until=until) == 1
    rig.clock.now += 20
    assert await rig.count(until=until) == 2
    rig.clock.now += 20
    assert await rig.count(until=until) == 2, "this one came when the past was closed"


async def test_other_parameters_are_another_answer() -> None:
    rig = Rig()
    variants: list[dict[str, Any]] = [{}, {"path": "/x"}, {"params": {"a": "1"}}, {"form": {"a": "1"}, "method": "POST"}, {"json": [1]}]
    assert [await rig.count(**each) for each in variants * 2] == [1, 2, 3, 4, 5] * 2


async def test_accounts_and_credentials_share_nothing() -> None:
    rig = Rig()
    others = [rig.account("acme", "two"), rig.account("other", "one")]
    for _ in range(2):
        told = [await rig.read(each) for each in (rig.upstream, *others)]
        assert told == [{"count": 1, "key": "one"}, {"count": 2, "key": "two"}, {"count": 3, "key": "one"}]
    assert await rig.read(rig.account("acme", "one")) == {"count": 1, "key": "one"}, "the same account with the same credentials"
    keys = list(bounded(rig).store)
    assert not any(word in key for key in keys for word in ("one", "two", "calls", "GetCalls"))


@pytest.mark.parametrize(
    "content", [b"<html>", b'{"count": 1', b"[1]", b""], ids=["another format", "truncated", "another shape", "nothing"]
)
async def test_what_cannot_be_decoded_is_never_kept(content: bytes) -> None:
    rig = Rig()
    rig.server.answer = lambda request: httpx.Response(200, content=content)
    with pytest.raises(BadAnswer):
        await rig.read()
    assert bounded(rig).used_bytes == 0


@pytest.mark.parametrize(
    ("status", "kind"), [(503, Unavailable), (404, NotFound), (401, Unauthorized), (403, Forbidden), (400, RejectedInput)]
)
async def test_what_failed_or_was_refused_is_never_kept(status: int, kind: type[UpstreamError]) -> None:
    rig = Rig()
    rig.fail(status)
    with pytest.raises(kind):
        await rig.read()
    assert bounded(rig).used_bytes == 0
    rig.server.answer = None
    assert await rig.count() == 2


async def test_an_answer_that_breaks_off_is_never_kept() -> None:
    class Broken(httpx.AsyncByteStream):
        async def __aiter__(self) -> Any:
            yield b'{"count": 1}'
            raise httpx.RemoteProtocolError("too short")

    rig = Rig()
    rig.server.answer = lambda request: httpx.Response(200, stream=Broken())
    with pytest.raises(Unavailable):
        await rig.read()
    assert bounded(rig).used_bytes == 0


async def test_logins_files_and_answers_as_they_came_are_not_kept() -> None:
    rig = Rig()
    rig.server.answer = lambda request: httpx.Response(200, content=b"{}")
    request = Request(operation="x", path="/x")
    await rig.read(auth=False)
    await rig.upstream.ask(request)
    async with rig.upstream.stream(request) as response:
        await response.aread()
    assert bounded(rig).used_bytes == 0


async def test_a_command_clears_its_account_and_no_other_though_it_failed() -> None:
    for status in (200, 503):
        rig = Rig()
        other = rig.account("other")
        assert [await rig.count(until=LONG_AGO), await rig.count(upstream=other)] == [1, 2]
        rig.server.answer = lambda request, status=status: httpx.Response(status, content=b"{}")
        with changing():
            try:
                await rig.read(path="/delete", method="POST")
            except Unavailable:
                assert status == 503
        rig.server.answer = None
        assert [await rig.count(until=LONG_AGO), await rig.count(upstream=other)] == [4, 2]


async def test_what_was_asked_before_a_command_and_came_after_it_is_not_kept() -> None:
    rig = Rig()
    rig.server.gate = gate = asyncio.Event()
    early = asyncio.create_task(rig.count())
    await until_asked(rig, 1)
    rig.server.gate = None
    with changing():
        await rig.upstream.ask(Request(operation="Delete", method="DELETE"))
    gate.set()
    assert await early == 1
    assert await rig.count() == 3


async def test_off_there_is_none_and_nothing_to_look_up_where_nothing_can_last() -> None:
    assert Cache.of(CacheSettings(enabled=False)) is None
    rig = Rig(present_ttl="0s", stale_if_error="0s")
    assert [await rig.count(), await rig.count()] == [1, 2]
    assert bounded(rig).used_bytes == 0


async def test_identical_reads_in_flight_share_the_decoded_value() -> None:
    rig = Rig()
    rig.server.gate = gate = asyncio.Event()
    reads: list[Awaitable[Any]] = [asyncio.create_task(rig.read()) for _ in range(5)]
    await until_asked(rig, 1)
    gate.set()
    found = await asyncio.gather(*reads)
    assert rig.server.asked == 1
    assert all(each is found[0] for each in found)
