"""What hangs on many records, asked for at once: the same as one by one, in the same few requests, errors where they belong."""

import asyncio
import logging
from typing import Any

import pytest

from telegraphql.gateway.errors import NotFound, Unavailable
from telegraphql.gateway.pagination.bound_provider import BoundProvider
from telegraphql.gateway.pagination.dataloaders import DataLoaders, LoaderKey
from telegraphql.gateway.pagination.relations import follow, follow_all
from telegraphql.gateway.plugin.selection import NOTHING
from telegraphql.schema.call import Call
from tests.support.memory_provider import Memory, Store, serving
from tests.support.records import call, recording, session

DOWN = Unavailable("is down")


def world() -> tuple[Store, BoundProvider, list[Call]]:
    """Calls that hang on others in every way: by key, held, unknown, failing, and by nothing."""
    store = Store(calls=[call(number, number, "a", session=f"s{number % 2}") for number in range(4)])
    records = [
        call(10, 0, session="s0"),
        call(11, 1, session="s1"),
        call(12, 2, held={"session": session("held")}),
        call(13, 3, held={"session": DOWN}),
        call(14, 4),
        call(15, 5, session="s9"),
        call(16, 6, held={"session": None}),
    ]
    return store, serving("a", Memory, store), records


async def alone(served: BoundProvider, record: Any, field: str) -> Any:
    try:
        return await follow(served, record, field, NOTHING, DataLoaders())
    except Exception as error:
        return error


def told(found: list[Any]) -> list[Any]:
    return [[each.native_id for each in one] if isinstance(one, list) else getattr(one, "native_id", one) for one in found]


@pytest.mark.parametrize("field", ["session", "recordings", "parent", "queue"])
async def test_many_at_once_are_answered_as_each_alone(field: str) -> None:
    store, served, records = world()
    store.recordings = [recording(1, 10, 3), recording(2, 10, 4), recording(3, 12, 5)]
    for record in records[:2]:
        record.refs = {**record.refs, "parent": "1", "queue": "q"}
    wanted = [await alone(served, record, field) for record in records]
    assert told(await follow_all(served, records, field, NOTHING, DataLoaders())) == told(wanted)


async def test_all_keys_go_into_one_batch() -> None:
    store, served, records = world()
    found = await follow_all(served, records, "session", NOTHING, DataLoaders())
    assert told(found)[:3] == ["s0", "s1", "held"]
    assert len(store.asked) == 1


async def test_a_failing_batch_is_the_error_of_those_that_asked() -> None:
    store, served, records = world()
    store.failure = DOWN
    found = await follow_all(served, records, "session", NOTHING, DataLoaders())
    assert [isinstance(each, Unavailable) for each in found] == [True, True, False, True, False, True, False]


async def test_an_error_stands_for_its_key_alone() -> None:
    store, served, _ = world()
    store.failing = {"1": DOWN}
    loaders = DataLoaders()
    keys = [LoaderKey(str(number)) for number in range(12)]  # more than the ten of one request
    found = await loaders.load_each(served, Call, "id", keys, NOTHING)
    assert [isinstance(each, Unavailable) for each in found] == [True] * 10 + [False] * 2
    with pytest.raises(Unavailable):
        await loaders.load(served, Call, "id", keys, NOTHING)


async def test_those_who_leave_leave_no_unheard_errors(caplog: pytest.LogCaptureFixture) -> None:
    store, served, _ = world()
    store.failing = {"1": NotFound("no such call")}
    store.meeting = asyncio.Barrier(2)
    waiting = asyncio.create_task(DataLoaders().load_each(served, Call, "id", [LoaderKey("1"), LoaderKey("2")], NOTHING))
    for _ in range(5):
        await asyncio.sleep(0)
    assert store.asked
    waiting.cancel()
    with pytest.raises(asyncio.CancelledError):
        await waiting
    await store.meeting.wait()
    for _ in range(5):
        await asyncio.sleep(0)
    assert not [record for record in caplog.records if record.levelno >= logging.ERROR]
