"""Freed: what an operation held is gone when it has been answered, without waiting for the collector of cycles."""

import asyncio
import gc
from collections import Counter
from collections.abc import Iterator
from typing import Any

import pytest
from graphql.execution import Executor

from telegraphql.gateway.errors import Unavailable
from telegraphql.gateway.pagination.dataloaders import DataLoaders
from telegraphql.gateway.pagination.stream import Stream
from telegraphql.gateway.plugin.row_view import RowView
from telegraphql.gateway.resolvers.context import RequestContext
from telegraphql.gateway.upstream.request_budget import running
from telegraphql.schema.paging import Connection
from telegraphql.schema.record import Record
from tests.gateway.graphql.compiler.row_provider import serve
from tests.gateway.graphql.compiler.test_row_projection import CALL
from tests.support.graphql_client import context, served_schema
from tests.support.memory_provider import Store

HELD = (RequestContext, Executor, Record, RowView, Connection, DataLoaders, Stream)


@pytest.fixture(scope="module", autouse=True)
def uncollected() -> Iterator[None]:
    """Nothing is collected meanwhile; what was there before is not looked through again and again."""
    gc.collect()
    gc.disable()
    gc.freeze()
    yield
    gc.enable()


def held(served: Any) -> Counter[str]:
    """How many there are of what an operation holds; rows, of which the collector knows nothing, as their provider knows them."""
    rows = sum(row() is not None for row in served.provider.seen())
    return Counter(type(each).__name__ for each in gc.get_objects() if isinstance(each, HELD)) + Counter(rows=rows)


def sheet(row: bytes = b'"x"', **options: Any) -> Any:
    rows = (b'{"id":%d,"a":%b,"b":%d}' % (number, row if number == 3 else b'"x"', number % 2) for number in range(1, 20))
    served = serve(CALL, *rows)
    served.provider.store = Store(**options)
    return served


async def ask(served: Any, document: str) -> Any:
    asked = context([served])
    with running(asked.budget):
        return await served_schema().execute(document, {}, context_value=asked)


ASKED = [
    "{ calls { nodes { hangupCause } } }",
    "{ calls { edges { cursor node { id from { number } } } pageInfo { endCursor } } }",
    "{ calls { nodes { session { id } native provider { name } } } }",
    "{ calls { nodes { session { calls { id } } capture { fileName } } } }",
    "{ a: calls { nodes { id } } b: calls(last: 3) { nodes { recordings { id } } } }",
    '{ calls(after: "nonsense") { nodes { id } } }',
    '{ calls(filter: { providers: ["nobody"] }) { nodes { id } } }',
]


async def left_behind(served: Any, document: str) -> Counter[str]:
    """What there is more of after a few operations than before."""
    await ask(served, document)
    before = held(served)
    for _ in range(3):
        result = await ask(served, document)
        assert result.data or result.errors
        del result
        await asyncio.sleep(0)
    return held(served) - before


@pytest.mark.parametrize("document", ASKED)
async def test_when_it_has_been_answered(document: str) -> None:
    assert await left_behind(sheet(), document) == Counter()


@pytest.mark.parametrize("document", ASKED[:5])
@pytest.mark.parametrize(
    "options",
    [
        {"row": b"5"},
        {"row": b"[]"},
        {"failure": Unavailable("is down")},
        {"failure": KeyError("odd")},
        {"failing": {"1": ValueError("odd")}},
    ],
    ids=str,
)
async def test_when_something_went_wrong(document: str, options: dict[str, Any]) -> None:
    assert await left_behind(sheet(**options), document) == Counter()


@pytest.mark.parametrize("document", ASKED[:5])
@pytest.mark.parametrize("steps", [2, 4, 30])
async def test_when_it_was_cancelled(document: str, steps: int) -> None:
    served = sheet(latencies=[0, 60])
    await cancelled(served, document, steps)
    before = held(served)
    for _ in range(2):
        await cancelled(served, document, steps)
    assert held(served) - before == Counter()


async def cancelled(served: Any, document: str, steps: int) -> None:
    """Operations that end after so many steps, with and without an upstream that answers at once."""
    for _ in range(2):
        asking = asyncio.create_task(ask(served, document))
        for _ in range(steps):
            await asyncio.sleep(0)
        asking.cancel()
        await asyncio.wait([asking])
        del asking
        for _ in range(5):
            await asyncio.sleep(0)
