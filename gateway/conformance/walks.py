"""Reading of all records of a kind: from the plugin's listing, through the gateway's pages, and by relations."""

import copy
from collections.abc import Sequence
from contextlib import aclosing
from dataclasses import replace
from typing import Any

from strawberry.types import get_object_definition, has_object_definition

from telegraphql.gateway.conformance.harness import Harness
from telegraphql.gateway.conformance.promises import require
from telegraphql.gateway.pagination.bound_provider import BoundProvider
from telegraphql.gateway.pagination.connection import MOST_FIRST, Lister
from telegraphql.gateway.pagination.cursor import position
from telegraphql.gateway.pagination.dataloaders import DataLoaders, LoaderKey
from telegraphql.gateway.pagination.pagers import slices
from telegraphql.gateway.pagination.relations import follow, window_of
from telegraphql.gateway.plugin.capabilities import schema_name
from telegraphql.gateway.plugin.declarations import Listing
from telegraphql.gateway.plugin.provider import ListRequest
from telegraphql.gateway.plugin.row_view import records_of, without_views
from telegraphql.gateway.plugin.selection import NOTHING, Selection
from telegraphql.schema.context import PageArguments
from telegraphql.schema.enums import ProblemCode
from telegraphql.schema.kinds import RELATIONS
from telegraphql.schema.paging import Problem
from telegraphql.schema.record import Record

SAMPLE = 12
MAX_PAGES = 2000
END_CURSOR = Selection.of("pageInfo.endCursor")


def fields_of(kind: type) -> list[Any]:
    """Return the fields of a kind, as Strawberry defines them."""
    return list(get_object_definition(kind, strict=True).fields)


def visible_fields(value: Any, but: Sequence[str] = ()) -> Any:
    """Return the fields of a value that clients get without another request, for comparison. `but` names fields to leave out."""
    if isinstance(value, list):
        return [visible_fields(each) for each in value]
    if not has_object_definition(type(value)):
        return value
    names = {schema_name(each.python_name): each.python_name for each in fields_of(type(value)) if each.base_resolver is None}
    return {name: visible_fields(getattr(value, attribute)) for name, attribute in names.items() if name not in but}


def full_selection(kind: type[Record], depth: int = 1) -> Selection:
    """Return the selection of all fields of a kind and of its relations."""
    fields = {}
    for each in fields_of(kind):
        name = schema_name(each.python_name)
        relation = RELATIONS.get((kind, name))
        fields[name] = full_selection(relation.kind, depth - 1) if relation and depth else NOTHING
    return Selection(fields)


def require_no_problems(problems: Sequence[Problem]) -> None:
    """Fail for problems that a healthy sandbox does not cause. Malformed rows may be among its records."""
    for problem in problems:
        require(
            problem.code in (ProblemCode.MALFORMED_RECORD, ProblemCode.MALFORMED_FIELD),
            f"the sandbox had no fault, but a page has the problem {problem.code.name}: {problem.message}",
        )


async def read_listing(harness: Harness, listing: Listing, request: ListRequest, problems: list[Problem] | None = None) -> list[Record]:
    """Return everything that a listing delivers for a request, read to the end, each record once and unsorted.

    Problems of rows are added to `problems`.
    """
    serving = harness.serving
    records: dict[str, Record] = {}
    problems = [] if problems is None else problems
    async with aclosing(
        slices(serving.fetch(listing, request.filter), serving.pages(listing), request, listing.time_resolution)
    ) as slices_read:
        async for slice_read in slices_read:
            require_no_problems(slice_read.problems)
            problems += slice_read.problems
            records |= {record.native_id: record for record in records_of(slice_read.records)}
    return list(records.values())


async def read_pages(serving: BoundProvider, kind: type[Record], arguments: PageArguments, most_pages: int = MAX_PAGES) -> list[Record]:
    """Return what clients get, page by page through the gateway."""
    records: list[Record] = []
    lister = Lister([serving], most_slices=MAX_PAGES)
    for _ in range(most_pages):
        page = await lister.page(kind, arguments, END_CURSOR, DataLoaders())
        require_no_problems(page.problems)
        records += page.nodes
        if not page.page_info.has_next_page:
            break
        arguments = replace(arguments, after=page.page_info.end_cursor)
    return records


async def all_records(harness: Harness, kind: type[Record]) -> list[Record]:
    """Return all records of a listed kind, newest first. They are read once per plugin; each caller gets copies."""
    records_by_kind = harness.simulation.records_by_kind
    if kind not in records_by_kind:
        listing = harness.declared.listings.get(kind)
        if listing:
            request = ListRequest(size=harness.serving.most(listing), select=full_selection(kind))
            problems = harness.simulation.problems_by_kind.setdefault(kind, [])
            records = await read_listing(harness, listing, request, problems)
        else:
            records = await read_pages(harness.serving, kind, PageArguments(first=MOST_FIRST))
        records_by_kind[kind] = sorted(records, key=position, reverse=True)
    require(records_by_kind[kind], f"the sandbox has no {kind.__name__}: let its generate() make some")
    return [_copy(record) for record in records_by_kind[kind]]


async def all_problems(harness: Harness, kind: type[Record]) -> list[Problem]:
    """Return the problems of reading all records of a listed kind."""
    await all_records(harness, kind)
    return harness.simulation.problems_by_kind[kind]


async def records_of_kind(harness: Harness, kind: type[Record]) -> list[Record]:
    """Return records of any kind: listed ones, or those that relations of listed records lead to."""
    if harness.declared.lists(kind):
        return await all_records(harness, kind)
    records: dict[str, Record] = {}
    for (parent, field), relation in RELATIONS.items():
        if relation.kind is kind and harness.declared.lists(parent):
            for record in await records_with_relation(harness, parent, field):
                for child in await follow_relation(harness, record, field):
                    records[child.native_id] = child
    return list(records.values())


async def records_with_relation(harness: Harness, kind: type[Record], field: str, limit: int = SAMPLE) -> list[Record]:
    """Return a sample of listed records with this relation: the newest, the oldest and some between."""
    records = [each for each in await all_records(harness, kind) if each.refs.get(field) or each.held.get(field)]
    step = max(1, len(records) // limit)
    return records[::step][:limit]


async def follow_relation(harness: Harness, record: Record, field: str, loaders: DataLoaders | None = None) -> list[Any]:
    """Return what a relation of a record leads to, as a list."""
    relation = RELATIONS[type(record), field]
    result = without_views(await follow(harness.serving, record, field, full_selection(relation.kind), loaders or DataLoaders()))
    return result if isinstance(result, list) else [result] if result is not None else []


async def keys(harness: Harness, kind: type[Record], by: str) -> dict[str, LoaderKey]:
    """Return keys that lead to records of a kind: their ids, and the refs of listed parents. Keys of one parent are adjacent."""
    keys_found: dict[str, LoaderKey] = {}
    for record in await records_of_kind(harness, kind) if by == "id" or harness.declared.lists(kind) else ():
        text = key_of(record, by)
        keys_found |= {text: LoaderKey(text, *window_of(record, harness.provider.session_span))} if text else {}
    for (parent, field), relation in RELATIONS.items():
        if relation.kind is kind and relation.by == by and harness.declared.lists(parent):
            for record in await all_records(harness, parent):
                for text in filter(None, (record.refs.get(field) or "").split(";")):
                    keys_found[text] = LoaderKey(text, *window_of(record, harness.provider.session_span))
    return keys_found


def key_of(record: Record, by: str) -> str | None:
    """Return the key under which a get or join finds a record, or None."""
    return (record.refs.get("id") or record.native_id) if by == "id" else record.refs.get(by)


def _copy(record: Record) -> Record:
    own_copy = copy.copy(record)
    own_copy.held = dict(record.held)
    return own_copy
