"""What is wrong with a subscription is said at once; cursors are its own."""

import asyncio
import base64
from typing import Any

import pytest

from telegraphql.gateway.auth.caller import Caller
from telegraphql.gateway.pagination.cursor import Seal
from telegraphql.gateway.subscriptions.cursor import read_watermarks, write_watermarks
from telegraphql.schema.node import global_id
from tests.gateway.subscriptions.subscribers import Client, eventually, following, listening
from tests.support.memory_provider import Memory, Store, serving
from tests.support.records import at, call

FINE = write_watermarks({"a": 1}, "mark")
WRONG: dict[str, tuple[dict[str, Any], str]] = {
    "an unknown provider": ({"filter": {"providers": ["z"]}}, "UNKNOWN_PROVIDER"),
    "an unknown provider within the filter": ({"filter": {"not": {"providers": ["z"]}}}, "UNKNOWN_PROVIDER"),
    "no provider at all": ({"filter": {"providers": []}}, "BAD_USER_INPUT"),
    "a filter that cannot be followed": ({"filter": {"isTracked": True}}, "UNSUPPORTED"),
    "a filter that nobody can": ({"filter": {"applicationName": ["x"]}}, "UNSUPPORTED"),
    "a range that ends before it begins": ({"filter": {"durationSeconds": {"min": 2, "max": 1}}}, "BAD_USER_INPUT"),
    "another kind's id": ({"filter": {"sessionId": [global_id("Call", "a", "1")]}}, "BAD_ID"),
    "no cursor": ({"after": "x"}, "BAD_CURSOR"),
    "another subscription's cursor": ({"after": FINE}, "BAD_CURSOR"),
    "both ways to resume": ({"after": FINE, "since": at(0).isoformat()}, "BAD_USER_INPUT"),
}


@pytest.mark.parametrize(("variables", "code"), WRONG.values(), ids=WRONG)
async def test_what_is_wrong_is_said_and_nobody_is_asked(variables: dict[str, Any], code: str) -> None:
    store = Store()
    client = Client(following([serving("a", Memory, store)]), variables)
    await client.listen()
    assert (client.error.extensions["code"], client.told, store.asked) == (code, [[]], [])


async def test_a_provider_that_a_caller_may_not_see_is_unknown() -> None:
    whole = following([serving("a", Memory, Store()), serving("b", Memory, Store())])
    client = Client(whole, {"filter": {"providers": ["b"]}}, options={"caller": Caller("one", providers=frozenset({"a"}))})
    await client.listen()
    assert client.error.extensions["code"] == "UNKNOWN_PROVIDER"


def test_a_cursor_holds_a_moment_for_each_provider_and_no_other_order_s_mark() -> None:
    marks = {"a": 1_700_000_000_000_000, "b-c": 1_700_000_000_000_007}
    assert read_watermarks(write_watermarks(marks, "mark"), "mark") == marks


def test_a_cursor_of_one_caller_is_not_anothers() -> None:
    one, other = Seal(b"k" * 32, "one"), Seal(b"k" * 32, "other")
    with pytest.raises(Exception, match="cursor"):
        read_watermarks(write_watermarks({"a": 1}, "mark", one), "mark", other)


async def test_a_cursor_tells_nothing_of_providers_that_its_owner_may_not_see() -> None:
    stores = {"a": Store(), "hidden": Store()}
    whole = following([serving(name, Memory, store) for name, store in stores.items()], poll_interval="10ms")
    client = Client(whole, options={"caller": Caller("one", providers=frozenset({"a"}))})
    other = Client(whole)
    async with listening(other):
        task = asyncio.create_task(client.listen(most=1))
        await eventually(lambda: all(feed.is_ready for feed in whole.pollers.values()) and len(whole.pollers) == 2)
        now = asyncio.get_running_loop().time()
        stores["a"].calls.append(call("new", now, ended_at=at(now)))
        await task
        await eventually(lambda: other.cursor is not None)
    told = [base64.urlsafe_b64decode(f"{cursor}===") for cursor in (client.cursor, other.cursor)]
    assert [b"hidden" in each for each in told] == [False, True]


async def test_a_cursor_from_before_leads_to_no_provider_that_its_owner_may_see_no_longer() -> None:
    stores = {"a": Store(), "hidden": Store()}
    whole = following([serving(name, Memory, store) for name, store in stores.items()], poll_interval="10ms")
    since = {"since": at(asyncio.get_running_loop().time() - 60).isoformat()}
    before, client = Client(whole, since), Client(whole, options={"caller": Caller("one", providers=frozenset({"a"}))})
    async with listening(before):
        _ends(stores, "1")
        await eventually(lambda: len(before.told[0]) == 2)
        client.cursor = before.cursor
        task = asyncio.create_task(client.listen(most=2))
        await eventually(lambda: bool(client.told and client.told[0]))
        _ends(stores, "2")
        await task
    assert client.told == [["a1", "a2"]]
    assert b"hidden" not in base64.urlsafe_b64decode(f"{client.cursor}===")


def _ends(stores: dict[str, Store], name: str) -> None:
    now = asyncio.get_running_loop().time()
    for provider, store in stores.items():
        store.calls.append(call(name, now, provider, ended_at=at(now)))
