"""Calls as bytes: whatever a provider's calls hold is the same after they were written and read."""

import time
from contextlib import aclosing
from dataclasses import is_dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import msgspec
import pytest

from telegraphql.gateway import sandbox_servers
from telegraphql.gateway.cluster.serialization import NotSerializable, deserialize, serialize
from telegraphql.gateway.config.settings import build_config
from telegraphql.gateway.errors import Unavailable
from telegraphql.gateway.pagination.bound_provider import BoundProvider
from telegraphql.gateway.pagination.cursor import Position
from telegraphql.gateway.pagination.dataloaders import DataLoaders
from telegraphql.gateway.pagination.list_query import Search
from telegraphql.gateway.pagination.stream import Stream
from telegraphql.gateway.plugin.row_view import RowView
from telegraphql.gateway.plugin.selection import Selection
from telegraphql.gateway.runtime import Runtime
from telegraphql.gateway.subscriptions.ended_calls import read_ended_calls
from telegraphql.gateway.upstream.request_budget import RequestBudget
from telegraphql.schema.call import Call
from tests.support.records import call

SELECTED = Selection.of("session.recordings", "session.mediaSessions", "recordings.transcription", "cost", "notes", "native")


async def calls_of(serving: BoundProvider) -> list[Call]:
    """As a feed reads them."""

    def opened(after: Position | None) -> Stream:
        search = Search(
            kind=Call,
            parts={},
            descending=False,
            after=after,
            before=None,
            size=500,
            select=SELECTED,
            loaders=DataLoaders(),
            most_slices=1000,
        )
        return search.stream(serving)

    async with aclosing(read_ended_calls(opened, lambda: RequestBudget(deadline=time.monotonic() + 60))) as found:
        return [each async for each in found]


def same(one: Any, other: Any, seen: set[int]) -> bool:
    one = one.record() if isinstance(one, RowView) else one
    if is_dataclass(one) and not isinstance(one, type):
        if id(one) in seen:
            return True
        seen.add(id(one))
        return type(one) is type(other) and same(vars(one), vars(other), seen)
    if isinstance(one, dict):
        return one.keys() == other.keys() and all(name == "to_e164" or same(each, other[name], seen) for name, each in one.items())
    if isinstance(one, list | tuple):
        return len(one) == len(other) and all(same(a, b, seen) for a, b in zip(one, other, strict=True))
    if isinstance(one, msgspec.Raw):
        return bytes(one) == bytes(other)
    return bool(one == other)


async def test_every_providers_calls_are_the_same_afterwards(tmp_path: Path) -> None:
    made = sandbox_servers.create_sandboxes(25, 1)
    with sandbox_servers.run_sandboxes(made, 0):
        engine = Runtime.build(build_config(sandbox_servers.sandbox_config(made, tmp_path), tmp_path))
        counted = {}
        for name, serving in engine.providers.items():
            found = await calls_of(serving)
            counted[name] = len(found)
            for each in found:
                again = deserialize(serialize(each), serving.provider.numbering.e164)
                assert same(each, again, set()), (name, each.native_id)
                assert isinstance(again, Call)
                assert (again.from_.e164(), again.to.e164()) == (each.from_.e164(), each.to.e164())
        await engine.aclose()
    assert sorted(counted) == ["asterisk", "boxis", "portsip", "twilio", "voipstudio", "voximplant"]
    assert min(counted.values()) >= 20


def test_a_failure_in_the_place_of_a_relation_is_asked_for_again() -> None:
    one = call(1, 5)
    one.held = {"queue": Unavailable("is down"), "notes": []}
    assert deserialize(serialize(one), lambda _: None).held == {"notes": []}


def test_what_is_no_data_is_not_written() -> None:
    one = call(1, 5)
    one.held = {"queue": object()}
    with pytest.raises(NotSerializable):
        serialize(one)


@pytest.mark.parametrize(
    "nodes",
    [
        [["Path", {}]],
        [["Call", {"unknown": 1}]],
        [["Call", {"status": {"enum": ["os", "system"]}}]],
        [["Call", {"native_id": {"eval": "1"}}]],
        [["Call", {"held": {"node": 7}}]],
    ],
    ids=["a type", "an attribute", "an enum", "a sort", "a number"],
)
def test_what_nobody_here_would_write_is_an_error_and_runs_nothing(nodes: Any) -> None:
    with pytest.raises((ValueError, LookupError, TypeError, AttributeError)):
        deserialize(msgspec.msgpack.encode(nodes), lambda _: None)


def test_a_moment_is_the_same_moment() -> None:
    one = call(1, 5, ended_at=datetime(2026, 1, 1, 12, 0, 0, 123456, UTC) + timedelta(microseconds=1))
    again = deserialize(serialize(one), lambda _: None)
    assert isinstance(again, Call)
    assert (again.ended_at, again.started_at) == (one.ended_at, one.started_at)
