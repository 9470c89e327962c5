"""Grouping: records of one kind made by putting those of another together, in order and without reading the whole history."""

from collections.abc import AsyncGenerator, Callable, Iterable, Sequence
from contextlib import aclosing
from datetime import datetime, timedelta
from typing import Any

from telegraphql.gateway.pagination.cursor import position, time_of
from telegraphql.gateway.pagination.page_order import displaced_row
from telegraphql.gateway.pagination.slice import Slice
from telegraphql.gateway.plugin.row_view import RowView, records_of
from telegraphql.gateway.plugin.rows import TURN
from telegraphql.gateway.upstream.request_budget import give_way
from telegraphql.schema.record import Record

Derive = Callable[[Sequence[Record]], Any]


def derive_all(parts: Iterable[Record | RowView], by: str, derive: Derive) -> list[Record]:
    """One record for each group of parts with the same key; the parts go in by order of time."""
    groups: dict[str, list[Record]] = {}
    for part in records_of(parts):
        groups.setdefault(_key(part, by), []).append(part)
    return [derive(sorted(group, key=position) if len(group) > 1 else group) for group in groups.values()]


def _key(part: Record, by: str) -> str:
    return part.refs.get(by) or part.native_id


async def grouped(parts: AsyncGenerator[Slice], by: str, derive: Derive, span: timedelta, newest: bool) -> AsyncGenerator[Slice]:
    """Yield the groups of a stream. A group is complete once no part within `span` of those seen can come."""
    groups: dict[str, dict[Any, Record]] = {}
    reached: datetime | None = None
    async with aclosing(parts):
        async for piece in parts:
            for part in await records_in_turns(piece.records):
                if not _again(part, reached, newest):
                    groups.setdefault(_key(part, by), {})[position(part)] = part
            # Of a group nobody can tell whether it is shown in time.
            displaced = [displaced_row(part) for part in piece.records if part.native_id in piece.displaced] if piece.displaced else []
            reached, edge = piece.frontier, _edge(piece.frontier, span, newest)
            done = [key for key, group in groups.items() if edge is None or _complete(group.values(), edge, newest)]
            ready = []
            for number, key in enumerate(done, 1):
                group = groups.pop(key)
                ready.append(derive([group[place] for place in sorted(group)]))
                if not number % TURN:
                    await give_way()
            yield Slice(ready, edge, piece.problems + displaced)


async def records_in_turns(found: Iterable[Record | RowView]) -> list[Any]:
    """Return records in the place of views. Others have their turn meanwhile: to make all of a long slice takes too long."""
    waiting, records = list(found), list[Any]()
    for start in range(0, len(waiting), TURN):
        if start:
            await give_way()
        records += records_of(waiting[start : start + TURN])
    return records


def _again(part: Record, reached: datetime | None, newest: bool) -> bool:
    """Return True if a part was delivered before. Slices overlap by a tick, and its group may be gone."""
    if reached is None:
        return False
    return time_of(part) > reached if newest else time_of(part) < reached


def _edge(frontier: datetime | None, span: timedelta, newest: bool) -> datetime | None:
    if frontier is None:
        return None
    return frontier + span if newest else frontier - span


def _complete(group: Iterable[Record], edge: datetime, newest: bool) -> bool:
    first = min(time_of(part) for part in group)
    return first > edge if newest else first < edge


def merge_parts(found: Sequence[list[Record] | Exception]) -> Any:
    """Return the records of all parts of one key in order, none twice; the first error if a part has one."""
    for each in found:
        if isinstance(each, Exception):
            return each
    return _united(found)  # type: ignore[arg-type]  # no error is left


def _united(groups: Sequence[list[Record]]) -> list[Record]:
    unique = {record.native_id: record for group in groups for record in group}
    return sorted(unique.values(), key=position) if len(groups) > 1 else list(unique.values())


def own_keys(record: Record) -> set[str]:
    """Return the keys by which a record is found itself: its native id, and the id that parents know it by."""
    return {record.native_id, record.refs.get("id") or record.native_id}
