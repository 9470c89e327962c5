"""Asking the engine as a client would: pages of lists, walks through all of them, and GraphQL."""

from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from datetime import timedelta
from functools import cache
from typing import Any

import strawberry
from strawberry.types import ExecutionResult

from telegraphql.gateway.http.graphql_schema import create_schema
from telegraphql.gateway.media.links import MediaLinks
from telegraphql.gateway.pagination.bound_provider import BoundProvider
from telegraphql.gateway.pagination.connection import Lister
from telegraphql.gateway.pagination.dataloaders import DataLoaders
from telegraphql.gateway.plugin.selection import Selection
from telegraphql.gateway.resolvers.context import RequestContext
from telegraphql.gateway.upstream.request_budget import RequestBudget, running
from telegraphql.schema.call import Call
from telegraphql.schema.context import PageArguments
from telegraphql.schema.enums import TimeOrder
from telegraphql.schema.paging import Connection
from telegraphql.schema.record import Record

NODES = Selection.of("nodes.id", "edges.cursor", "pageInfo.endCursor")
NEWEST, OLDEST = TimeOrder.NEWEST_FIRST, TimeOrder.OLDEST_FIRST


async def page(
    servings: Sequence[BoundProvider], kind: type[Record] = Call, *, select: Selection = NODES, most_slices: int = 50, **arguments: Any
) -> Connection[Any]:
    """One page."""
    return await Lister(servings, most_slices).page(kind, PageArguments(**arguments), select, DataLoaders())


async def pages(
    servings: Sequence[BoundProvider],
    kind: type[Record] = Call,
    *,
    size: int,
    backward: bool = False,
    between: Callable[[], None] = lambda: None,
    most_pages: int = 2000,
    **arguments: Any,
) -> AsyncIterator[Connection[Any]]:
    """All pages, from the first to the last or from the last to the first; `between` happens after each."""
    cursor = None
    for _ in range(most_pages):
        if backward:
            found = await page(servings, kind, last=size, before=cursor, **arguments)
            more, cursor = found.page_info.has_previous_page, found.page_info.start_cursor
        else:
            found = await page(servings, kind, first=size, after=cursor, **arguments)
            more, cursor = found.page_info.has_next_page, found.page_info.end_cursor
        yield found
        if not more:
            return
        between()
    raise AssertionError("the walk does not end")


async def walk(servings: Sequence[BoundProvider], kind: type[Record] = Call, *, backward: bool = False, **arguments: Any) -> list[Any]:
    """The records of all pages, in the order of the list."""
    parts = [found.nodes async for found in pages(servings, kind, backward=backward, **arguments)]
    return [record for part in (reversed(parts) if backward else parts) for record in part]


def ids(records: Sequence[Record]) -> list[str]:
    """Their native ids."""
    return [record.native_id for record in records]


@cache
def served_schema() -> strawberry.Schema:
    """The schema as the gateway serves it."""
    return create_schema()


def context(servings: Sequence[BoundProvider], **options: Any) -> RequestContext:
    """What the engine would make for one request."""
    return RequestContext(
        serving={serving.id: serving for serving in servings},
        files=MediaLinks("secret", timedelta(hours=1)),
        budget=options.pop("operation", None) or RequestBudget(),
        **options,
    )


async def ask(
    servings: Sequence[BoundProvider], document: str, variables: Mapping[str, Any] | None = None, **options: Any
) -> ExecutionResult:
    """The answer to a GraphQL document."""
    asked = context(servings, **options)
    with running(asked.budget):
        return await served_schema().execute(document, dict(variables or {}), context_value=asked)


async def data(servings: Sequence[BoundProvider], document: str, variables: Mapping[str, Any] | None = None, **options: Any) -> Any:
    """The data of an answer without errors."""
    answer = await ask(servings, document, variables, **options)
    assert answer.errors is None
    return answer.data
