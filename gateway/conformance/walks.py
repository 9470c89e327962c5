"""Walks: all records of a kind as the plugin delivers them, as the gateway pages them, and as relations lead to them."""

import copy
from collections.abc import Sequence
from contextlib import aclosing
from dataclasses import replace
from enum import Enum
from typing import Any

from telegraphql.gateway.conformance.harness import Harness
from telegraphql.gateway.conformance.promises import need
from telegraphql.gateway.pagination.bound_provider import BoundProvider
from telegraphql.gateway.pagination.connection import MOST_FIRST, Lister
from telegraphql.gateway.pagination.cursor import position
from telegraphql.gateway.pagination.dataloaders import DataLoaders, LoaderKey
from telegraphql.gateway.pagination.pagers import slices
from telegraphql.gateway.pagination.relations import follow, window_of
from telegraphql.gateway.plugin.capabilities import schema_name
from telegraphql.gateway.plugin.declarations import Listing
from telegraphql.gateway.plugin.provider import ListRequest
from telegraphql.gateway.plugin.rows import records_of, without_views
from telegraphql.gateway.plugin.selection import NOTHING, Selection
from telegraphql.schema.context import PageArguments
from telegraphql.schema.enums import ProblemCode
from telegraphql.schema.kinds import RELATIONS
from telegraphql.schema.paging import Problem
from telegraphql.schema.record import Record

SAMPLE = 12
MOST_PAGES = 2000
ENDS = Selection.of("pageInfo.endCursor")


def fields_of(kind: type) -> list[Any]:
    """The fields of a kind, as Strawberry knows them."""
    found: list[Any] = list(kind.__strawberry_definition__.fields)  # type: ignore[attr-defined]
    return found


def shown(value: Any, but: Sequence[str] = ()) -> Any:
    """What clients see of a value without another request, to be compared; some fields of a record may be left out."""
    if isinstance(value, list):
        return [shown(each) for each in value]
    if not hasattr(type(value), "__strawberry_definition__") or isinstance(value, Enum):
        return value
    names = {schema_name(each.python_name): each.python_name for each in fields_of(type(value)) if each.base_resolver is None}
    return {name: shown(getattr(value, attribute)) for name, attribute in names.items() if name not in but}


def everything_of(kind: type[Record], depth: int = 1) -> Selection:
    """All fields of a kind selected, and those of its relations."""
    found = {}
    for each in fields_of(kind):
        name = schema_name(each.python_name)
        relation = RELATIONS.get((kind, name))
        found[name] = everything_of(relation.kind, depth - 1) if relation and depth else NOTHING
    return Selection(found)


def sound(problems: Sequence[Problem]) -> None:
    """Fail for problems a healthy sandbox gives no reason for; a record that cannot be read may well be among its rows."""
    for problem in problems:
        need(
            problem.code in (ProblemCode.MALFORMED_RECORD, ProblemCode.MALFORMED_FIELD),
            f"the sandbox was well, but a page had {problem.code.name}: {problem.message}",
        )


async def read(harness: Harness, listing: Listing, ask: ListRequest) -> list[Record]:
    """What a listing delivers for an ask, in its page style, to the end; each record once, in no order."""
    serving = harness.serving
    found: dict[str, Record] = {}
    async with aclosing(slices(serving.fetch(listing, ask.filter), serving.pages(listing), ask, listing.time_resolution)) as pieces:
        async for piece in pieces:
            sound(piece.problems)
            found |= {record.native_id: record for record in records_of(piece.records)}
    return list(found.values())


async def paged(serving: BoundProvider, kind: type[Record], arguments: PageArguments, most_pages: int = MOST_PAGES) -> list[Record]:
    """What clients see: page after page through the gateway."""
    found: list[Record] = []
    lister = Lister([serving], most_slices=MOST_PAGES)
    for _ in range(most_pages):
        page = await lister.page(kind, arguments, ENDS, DataLoaders())
        sound(page.problems)
        found += page.nodes
        if not page.page_info.has_next_page:
            break
        arguments = replace(arguments, after=page.page_info.end_cursor)
    return found


async def everything(harness: Harness, kind: type[Record]) -> list[Record]:
    """All records of a kind that can be listed, newest first. They are read once for all tests of a plugin; each gets its own copy."""
    walked = harness.simulation.walked
    if kind not in walked:
        listing = harness.declared.listings.get(kind)
        if listing:
            found = await read(harness, listing, ListRequest(size=harness.serving.most(listing), select=everything_of(kind)))
        else:
            found = await paged(harness.serving, kind, PageArguments(first=MOST_FIRST))
        walked[kind] = sorted(found, key=position, reverse=True)
    need(walked[kind], f"the sandbox has no {kind.__name__}: let its generate() make some, or nothing of it is proved")
    return [_own(record) for record in walked[kind]]


async def known(harness: Harness, kind: type[Record]) -> list[Record]:
    """Records of any kind: listed ones, or those to which the relations of a few listed ones lead."""
    if harness.declared.lists(kind):
        return await everything(harness, kind)
    found: dict[str, Record] = {}
    for (parent, field), relation in RELATIONS.items():
        if relation.kind is kind and harness.declared.lists(parent):
            for record in await having(harness, parent, field):
                for child in await led(harness, record, field):
                    found[child.native_id] = child
    return list(found.values())


async def having(harness: Harness, kind: type[Record], field: str, most: int = SAMPLE) -> list[Record]:
    """A few listed records that lead somewhere by a relation: the newest, the oldest and some between."""
    records = [each for each in await everything(harness, kind) if each.refs.get(field) or each.held.get(field)]
    step = max(1, len(records) // most)
    return records[::step][:most]


async def led(harness: Harness, record: Record, field: str, loaders: DataLoaders | None = None) -> list[Any]:
    """What a relation leads to, as a list."""
    relation = RELATIONS[type(record), field]
    found = without_views(await follow(harness.serving, record, field, everything_of(relation.kind), loaders or DataLoaders()))
    return found if isinstance(found, list) else [found] if found is not None else []


async def keys(harness: Harness, kind: type[Record], by: str) -> dict[str, LoaderKey]:
    """Keys that lead to records of a kind: their own ids, and what the refs of listed parents hold; neighbours stand together."""
    found: dict[str, LoaderKey] = {}
    for record in await known(harness, kind) if by == "id" or harness.declared.lists(kind) else ():
        text = key_of(record, by)
        found |= {text: LoaderKey(text, *window_of(record, harness.provider.session_span))} if text else {}
    for (parent, field), relation in RELATIONS.items():
        if relation.kind is kind and relation.by == by and harness.declared.lists(parent):
            for record in await everything(harness, parent):
                for text in filter(None, (record.refs.get(field) or "").split(";")):
                    found[text] = LoaderKey(text, *window_of(record, harness.provider.session_span))
    return found


def key_of(record: Record, by: str) -> str | None:
    """The key under which a get or join finds a record."""
    return (record.refs.get("id") or record.native_id) if by == "id" else record.refs.get(by)


def _own(record: Record) -> Record:
    mine = copy.copy(record)
    mine.held = dict(record.held)
    return mine
