"""Big answers are read in turns: nobody else waits longer than 50 ms for the event loop, and an answer with too many rows is refused."""

import asyncio
import gc
import json
import time
from collections.abc import Iterator
from contextlib import contextmanager
from math import ceil, floor
from typing import Any
from unittest.mock import patch

import msgspec
import pytest

from telegraphql.gateway.pagination.bound_provider import MAX_WINDOW_ROWS
from telegraphql.gateway.plugin.columns import Column, Object
from telegraphql.gateway.plugin.mapping import Mapping
from telegraphql.gateway.plugin.provider import GetRequest, Keyset, ListRequest, Page, Whole, Windows, gets, lists
from telegraphql.gateway.plugin.readers import ident, plain
from telegraphql.gateway.plugin.time_readers import seconds
from telegraphql.schema.call import Call
from telegraphql.schema.recording import Recording
from telegraphql.schema.values import Party
from tests.support.graphql_client import ask
from tests.support.memory_provider import Memory, Store, serving
from tests.support.records import at

pytestmark = pytest.mark.slow

LONGEST_TURN = 0.05


class Row(msgspec.Struct):
    """A call or a recording."""

    id: int
    at: float
    number: str | None = None
    length: int | None = None


PARTY = {"number": plain("number")}
CALL = Mapping(
    Call,
    Row,
    native_id=ident("id"),
    started_at=Column(at, "at"),
    duration_seconds=seconds("length"),
    from_=Object(Party, **PARTY),
    to=Object(Party, **PARTY),
    refs={"recordings": ident("id")},
)
SOUND = Mapping(Recording, Row, native_id=ident("id"), started_at=Column(at, "at"), refs={"call": Column(lambda _: "1", "id")})


WIDE = {"number": "+41446681800", "length": 60, "padding": "x" * 500}
RAWS = [msgspec.Raw(json.dumps({"id": each, "at": -each, **WIDE}).encode()) for each in range(MAX_WINDOW_ROWS + 1)]


class ByTime(Memory):
    """Sends far more rows than are requested."""

    plugin = "by-time"
    rows: int

    @lists(Call, pages=Keyset(most=1300))
    async def calls(self, ask: ListRequest) -> Page:
        """Calls."""
        return self._rows(CALL, ask)

    @gets(Recording, by="call", at_most=100)
    async def recordings_of_calls(self, wanted: GetRequest) -> Page:
        """Recordings, all of the first call."""
        return self._rows(SOUND, ListRequest())

    def _rows(self, mapping: Mapping[Any], ask: ListRequest) -> Page:
        until = 0 if ask.until is None else ceil((at(0) - ask.until).total_seconds())
        since = len(RAWS) if ask.since is None else floor((at(0) - ask.since).total_seconds()) + 1
        return self.page(mapping, RAWS[max(0, until) : max(0, min(since, self.rows))][ask.offset :])


class InWindows(ByTime):
    plugin = "in-windows"

    @lists(Call, pages=Windows())
    async def calls(self, ask: ListRequest) -> Page:
        """Calls."""
        return self._rows(CALL, ask)


class AsAWhole(ByTime):
    plugin = "as-a-whole"

    @lists(Call, pages=Whole(most=1300))
    async def calls(self, ask: ListRequest) -> Page:
        """Calls."""
        return self._rows(CALL, ask)


@contextmanager
def watched(turns: list[float]) -> Iterator[None]:
    """Note how long each turn of the loop takes, by the clock of its thread, which stands still while other processes run."""
    run = asyncio.Handle._run

    def timed(handle: asyncio.Handle) -> None:
        began = time.thread_time()
        run(handle)
        turns.append(time.thread_time() - began)

    # As the server does: what is there already is not looked at again by the garbage collector.
    gc.collect()
    gc.freeze()
    with patch.object(asyncio.Handle, "_run", timed):
        yield


DOCUMENTS = {
    "list": "{ calls(first: 500) { nodes { id durationSeconds from { number e164 } } problems { code } } }",
    "filtered": '{ calls(first: 5, filter: {number: {contains: "999"}}) { nodes { id } problems { code } } }',
    "timeline": '{ timeline(number: "+41446681800", first: 500) { nodes { __typename } problems { code } } }',
    "statistics": '{ callStatistics(filter: {startedAt: {since: "2000-01-01T00:00:00Z"}}) { total { calls } problems { code } } }',
    "relation": "{ calls(first: 2) { nodes { id recordings { id } } problems { code } } }",
}


@pytest.mark.parametrize("document", DOCUMENTS.values(), ids=DOCUMENTS)
# As many as are accepted of each.
@pytest.mark.parametrize(("plugin", "rows"), [(ByTime, 1999), (InWindows, MAX_WINDOW_ROWS - 1), (AsAWhole, MAX_WINDOW_ROWS - 1)])
async def test_nobody_waits_long_for_a_big_answer(plugin: type[ByTime], rows: int, document: str) -> None:
    served = serving("a", plugin, Store())
    served.provider.rows = rows  # type: ignore[attr-defined]
    turns: list[float] = []
    # What is compiled once is compiled.
    await ask([served], document)
    with watched(turns):
        answer = await asyncio.create_task(ask([served], document))
    assert answer.errors is None
    assert max(turns) < LONGEST_TURN


@pytest.mark.parametrize(("plugin", "rows"), [(ByTime, 1999), (AsAWhole, MAX_WINDOW_ROWS - 1)])
async def test_nobody_waits_long_for_a_big_answer_of_which_no_row_is_regular(plugin: type[ByTime], rows: int) -> None:
    served = serving("a", plugin, Store())
    served.provider.rows = rows  # type: ignore[attr-defined]
    turns: list[float] = []
    with watched(turns), patch(f"{__name__}.RAWS", [msgspec.Raw(bytes(raw).replace(b"+41", b"\xfc41")) for raw in RAWS]):
        answer = await asyncio.create_task(ask([served], DOCUMENTS["list"]))
    assert answer.data is not None
    assert len(answer.data["calls"]["nodes"]) == 500
    assert max(turns) < LONGEST_TURN


async def test_a_window_with_too_many_rows_is_read_in_narrower_ones() -> None:
    served = serving("a", InWindows, Store())
    served.provider.rows = MAX_WINDOW_ROWS + 1  # type: ignore[attr-defined]
    answer = await ask([served], "{ calls(first: 5) { nodes { id } problems { code } } }")
    assert answer.data is not None
    assert (len(answer.data["calls"]["nodes"]), answer.data["calls"]["problems"]) == (5, [])
