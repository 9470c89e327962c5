"""Speed: compiled selections are many times faster than graphql-core in the same process, however slow the machine."""

import asyncio
import gc
import time
from collections.abc import Callable, Coroutine, Iterator, Sequence
from typing import Any

import pytest
import strawberry
from aiodataloader import DataLoader
from graphql import execute, parse
from strawberry.execution import optimized_is_awaitable
from strawberry.types import Info

from telegraphql.gateway.graphql.compiler.executor import executor
from telegraphql.gateway.graphql.compiler.settings import ExecutionSettings
from telegraphql.schema.call import Call
from telegraphql.schema.enums import CallDirection, CallStatus
from telegraphql.schema.paging import Connection, PageInfo
from telegraphql.schema.record import Record
from telegraphql.schema.schema import build
from tests.support.records import call, recording, session

pytestmark = pytest.mark.slow

PLAIN = """{ calls(first: 500) { nodes {
    nativeId direction status hangupCause sipStatusCode dialedNumber forwardedFrom callerIdShown
    trunk isEndedAtDerived durationSeconds ringSeconds talkSeconds userId sipCallId
} } }"""
RELATED = """{ calls(first: 100) { nodes {
    id startedAt durationSeconds status direction
    session { id startedAt endedAt durationSeconds status }
    recordings { id startedAt endedAt durationSeconds fileName sizeBytes }
} } }"""


class Fetched:
    """A context that has everything, so that only what comes after is timed; what hangs on a call comes by loaders, as in the gateway."""

    def __init__(self, listed: Sequence[Call]) -> None:
        self.listed = listed
        self.found: dict[str, dict[str, Any]] = {
            "session": {each.native_id: session(f"s{each.native_id}") for each in listed},
            "recordings": {each.native_id: [recording(f"r{each.native_id}", each.native_id)] for each in listed},
        }
        self.loaders: dict[str, DataLoader[str, Any]] = {field: DataLoader(self.batch(field)) for field in self.found}

    def batch(self, field: str) -> Callable[[list[str]], Coroutine[Any, Any, list[Any]]]:
        async def load(keys: list[str]) -> list[Any]:
            return [self.found[field][key] for key in keys]

        return load

    async def page(self, *_: Any) -> Connection[Any]:
        info = PageInfo(has_next_page=False, has_previous_page=False)
        return Connection(edges=[], nodes=list(self.listed), page_info=info, problems=[])

    async def related(self, record: Record, info: Info) -> Any:
        return await self.loaders[info.field_name].load(record.native_id)

    async def related_all(self, records: Sequence[Record], info: Info) -> list[Any]:
        loads = [self.loaders[info.field_name].load(record.native_id) for record in records]
        return [await load for load in loads]


def calls(number: int) -> list[Call]:
    told = {"direction": CallDirection.INBOUND, "status": CallStatus.ANSWERED, "hangup_cause": "normal", "sip_status_code": 200}
    return [call(each, each, session=f"s{each}", duration_seconds=9, dialed_number="+41616925879", **told) for each in range(number)]


async def seconds(schema: strawberry.Schema, document: Any, listed: Sequence[Call]) -> float:
    """The processor's time for one execution."""
    asked = Fetched(listed)
    chosen: Any = schema.execution_context_class
    kept = {"is_awaitable": optimized_is_awaitable, "executor_class": chosen, "operation_extensions": None}
    began = time.process_time()
    found: Any = execute(schema._schema, document, context_value=asked, **kept)
    result = await found
    taken = time.process_time() - began
    assert result.errors is None
    return taken


@pytest.fixture
def uncollected() -> Iterator[None]:
    """No garbage is collected: it would be in the middle of one of the two."""
    gc.collect()
    gc.disable()
    yield
    gc.enable()


def ratio(text: str, listed: Sequence[Call], rounds: int) -> float:
    """How many times faster, in the best of rounds in which both take turns."""
    document, stock, compiled = parse(text), build(), build(execution_context_class=executor(ExecutionSettings()))

    async def best() -> float:
        pairs = [(await seconds(stock, document, listed), await seconds(compiled, document, listed)) for _ in range(rounds)]
        return min(slow for slow, _ in pairs) / min(fast for _, fast in pairs)

    return asyncio.run(best())


# Measured on a quiet machine: 47, and 18 on a very busy one.
@pytest.mark.usefixtures("uncollected")
def test_a_thousand_records_of_fifteen_plain_fields_take_a_tenth_at_most() -> None:
    assert ratio(PLAIN, calls(1000), 10) >= 10


# Measured: 7 to 9; half of what is left is the loaders' own.
@pytest.mark.usefixtures("uncollected")
def test_a_hundred_calls_with_sessions_and_recordings_take_a_fifth_at_most() -> None:
    assert ratio(RELATED, calls(100), 40) >= 5
