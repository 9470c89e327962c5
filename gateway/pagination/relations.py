"""Relations: from a record to the records that hang on it, through the request's loaders."""

import asyncio
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from telegraphql.gateway.errors import Unsupported
from telegraphql.gateway.pagination.bound_provider import BoundProvider
from telegraphql.gateway.pagination.cursor import time_of
from telegraphql.gateway.pagination.dataloaders import DataLoaders, LoaderKey
from telegraphql.gateway.pagination.provider_faults import fault_of
from telegraphql.gateway.plugin.row_view import RowView, by_reader, kind_of
from telegraphql.gateway.plugin.selection import NOTHING, Selection
from telegraphql.schema.kinds import RELATIONS, Relation
from telegraphql.schema.record import Record


def window_of(record: Record | RowView, span: timedelta) -> tuple[datetime | None, datetime | None]:
    """Return the times between which the children of a parent lie."""
    kind: Any = record.reader.mapping.kind if type(record) is RowView else type(record)
    if kind.time_field is None:
        return None, None
    # What was read ahead of a view is taken from where it is kept, in a tenth of the time.
    known = record.values or {} if type(record) is RowView and record.made is None else {}
    shown: datetime | None = known[kind.time_field] if kind.time_field in known else getattr(record, kind.time_field)
    if not isinstance(shown, datetime):
        shown = time_of(record)
    ended: datetime | None = None
    if kind.end_field:
        ended = known[kind.end_field] if kind.end_field in known else getattr(record, kind.end_field)
    until = shown + span if not isinstance(ended, datetime) else ended if ended > shown else shown
    return (record.time if type(record) is RowView else record.position_time) or shown, until


async def follow(serving: BoundProvider, record: Record, field: str, select: Selection, loaders: DataLoaders) -> Any:
    """Return what hangs on a record by a field: a record, a list of records, or None where the upstream does not know."""
    (found,) = await follow_all(serving, [record], field, select, loaders)
    if isinstance(found, Exception):
        raise found
    return found


async def follow_all(serving: BoundProvider, records: Sequence[Record], field: str, select: Selection, loaders: DataLoaders) -> list[Any]:
    """Return what hangs on each of many records of one type, in their order; an exception stands for the one it concerns."""
    relation = RELATIONS[kind_of(records[0]), field]
    found, keys = _at_hand(serving, relation, records, field)
    lacking = serving.lacking(relation.kind, select)
    held = [each for each, record in zip(found, records, strict=True) if field in record.held] if lacking else []
    loading = loaders.load_each(serving, relation.kind, relation.by, list(keys.values()), select, relation.many)
    loaded, _ = await asyncio.gather(loading, _hydrated(serving, held, select, loaders)) if held else (await loading, None)
    for place, each in zip(keys, loaded, strict=True):
        found[place] = each if relation.many and type(each) is list else _answer(relation, each)
    if relation.through:
        lost = [place for place, each in zip(keys, loaded, strict=True) if not each]
        ways = await _through(relation.through, serving, [records[place] for place in lost], field, select, loaders) if lost else ()
        for place, each in zip(lost, ways, strict=True):
            found[place] = each
    return found


def _at_hand(serving: BoundProvider, relation: Relation, records: Sequence[Record], field: str) -> tuple[list[Any], dict[int, LoaderKey]]:
    """Return what the records themselves tell, place by place: what came with one, or that nothing hangs on it; else the key to ask for."""
    kind = kind_of(records[0])
    ends = [name for name in (kind.time_field, kind.end_field) if name is not None]
    rows: list[Any] = [record for record in records if isinstance(record, RowView)]
    for reader, views in by_reader(rows):
        reader.read_ahead(views, ("held", "refs", *ends))
    empty = relation.many and serving.relates(relation.kind, relation.by)
    span = serving.provider.session_span
    found: list[Any] = [None] * len(records)
    keys: dict[int, LoaderKey] = {}
    record: Any
    for place, record in enumerate(records):
        known = record.values if type(record) is RowView and record.made is None else None
        held, refs = (known["held"], known["refs"]) if known and "refs" in known else (record.held, record.refs)
        if field in held:
            found[place] = held[field]
        elif key := refs.get(field):
            try:
                since, until = window_of(record, span)
                # As `LoaderKey(...)`, in half its time: of every record of every page there may be one.
                keys[place] = tuple.__new__(LoaderKey, (key, since, until))
            except Exception as error:
                found[place] = fault_of(error, serving.id)
        elif empty:
            found[place] = []
    return found, keys


def _answer(relation: Relation, loaded: list[Record] | Exception) -> Any:
    if isinstance(loaded, Exception):
        return None if isinstance(loaded, Unsupported) else loaded
    if relation.many:
        return loaded
    return loaded[0] if loaded else None


async def _through(
    relation: str, serving: BoundProvider, records: Sequence[Record], field: str, select: Selection, loaders: DataLoaders
) -> list[Any]:
    """Return what the records lead to by way of another relation, whose records have a field of the same name."""
    found = await follow_all(serving, records, relation, NOTHING, loaders)
    known = [place for place, each in enumerate(found) if isinstance(each, Record | RowView)]
    if known:
        ends = await follow_all(serving, [found[place] for place in known], field, select, loaders)
        for place, end in zip(known, ends, strict=True):
            found[place] = end
    return found


async def _hydrated(serving: BoundProvider, held: Sequence[Any], select: Selection, loaders: DataLoaders) -> None:
    """Fill in what single gets deliver of the records that came with others."""
    groups = (each if isinstance(each, list) else [each] for each in held if each is not None and not isinstance(each, Exception))
    records: list[Record] = [record for group in groups for record in group]
    if records:
        await loaders.hydrate(serving, kind_of(records[0]), records, select)
