"""Relations: from a record to the records that hang on it, through the request's loaders."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from gateway.errors import Unsupported
from gateway.reading.loaders import Key, Loaders
from gateway.reading.position import stands
from gateway.selection import NOTHING, Selection
from gateway.serving import Serving
from schema.kinds import RELATIONS
from schema.record import Record


def window_of(record: Record, span: timedelta) -> tuple[datetime | None, datetime | None]:
    """When a parent began and ended, as far as its children are concerned."""
    if record.time_field is None:
        return None, None
    began = stands(record)
    shown: datetime = getattr(record, record.time_field) or began
    ended: datetime | None = getattr(record, "ended_at", None)
    return began, max(shown, ended) if isinstance(ended, datetime) else shown + span


async def follow(serving: Serving, record: Record, field: str, select: Selection, loaders: Loaders) -> Any:
    """What hangs on a record by a field: a record, a list of records, or None where the upstream does not know."""
    relation = RELATIONS[type(record), field]
    if field in record.held:
        return await _held(serving, record.held[field], select, loaders)
    key = record.refs.get(field)
    if not key:
        return [] if relation.many and serving.relates(relation.kind, relation.by) else None
    wanted = Key(key, *window_of(record, serving.provider.span))
    try:
        (found,) = await loaders.load(serving, relation.kind, relation.by, [wanted], select, relation.many)
    except Unsupported:
        return None
    if relation.many:
        return list(found)
    return found[0] if found else await _by_way_of_call(serving, record, field, select, loaders)


async def _by_way_of_call(serving: Serving, record: Record, field: str, select: Selection, loaders: Loaders) -> Any:
    """A session that does not answer to a record's own key may answer to its call's: a recording may know its leg only."""
    if field != "session" or (type(record), "call") not in RELATIONS:
        return None
    call = await follow(serving, record, "call", NOTHING, loaders)
    return await follow(serving, call, field, select, loaders) if call else None


async def _held(serving: Serving, held: Any, select: Selection, loaders: Loaders) -> Any:
    if isinstance(held, Exception):
        raise held
    records: Sequence[Record] = held if isinstance(held, list) else [held] if held is not None else []
    if records:
        await loaders.hydrate(serving, type(records[0]), records, select)
    return held
