"""Pages: from what a client asked of a list to a connection."""

import asyncio
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from telegraphql.gateway.errors import BadInput, ScanLimit, UnknownProvider
from telegraphql.gateway.pagination.bound_provider import BoundProvider
from telegraphql.gateway.pagination.cursor import OPEN, Position, Seal, fingerprint, read_cursor, write_cursor
from telegraphql.gateway.pagination.dataloaders import DataLoaders
from telegraphql.gateway.pagination.filtering.filter_checks import checked
from telegraphql.gateway.pagination.filtering.filters import named_within
from telegraphql.gateway.pagination.list_query import Search
from telegraphql.gateway.pagination.merge import Merged, merge
from telegraphql.gateway.pagination.missing_range import missing_range
from telegraphql.gateway.pagination.page_values import ProjectsRows, page_values
from telegraphql.gateway.pagination.provider_faults import problem_of
from telegraphql.gateway.pagination.shared_readings import SharedReadings
from telegraphql.gateway.pagination.stream import Stream
from telegraphql.gateway.pagination.total_count import NOT_COUNTED, Total, total_count, upstream_counts
from telegraphql.gateway.plugin.selection import Selection
from telegraphql.schema.context import PageArguments
from telegraphql.schema.enums import ProblemCode, TimeOrder
from telegraphql.schema.filters import TimeRange
from telegraphql.schema.paging import Connection, Edge, PageInfo, Problem
from telegraphql.schema.record import Record

DEFAULT_FIRST = 25
# Of one page, where nothing else is configured, and of ids.
MOST_FIRST = 500
PIECE = 32
# What cursors of lists without a filter are bound to.
WHOLE_LISTS: dict[tuple[type[Record], TimeOrder], str] = {}


@dataclass(frozen=True, slots=True)
class Slot:
    """A checked page of a list: how many, from which end, between which cursors."""

    size: int
    backward: bool
    after: Position | None
    before: Position | None
    mark: str
    seal: Seal = OPEN
    # What was given of the filter, and the providers that it names.
    parts: Mapping[str, Any] = field(default_factory=dict)
    named: list[str] | None = None

    @classmethod
    def read(cls, kind: type[Record], arguments: PageArguments, mark: str, seal: Seal = OPEN, *filter: Any) -> "Slot":
        """From a client's arguments, whose size and filter were checked; BadCursor says what is wrong with them."""
        backward = arguments.last is not None
        size = arguments.last if backward else arguments.first
        size = DEFAULT_FIRST if size is None else size
        after = read_cursor(arguments.after, mark, kind, seal) if arguments.after else None
        before = read_cursor(arguments.before, mark, kind, seal) if arguments.before else None
        return cls(size, backward, after, before, mark, seal, *filter)


def check_size(arguments: PageArguments, most: int) -> None:
    """Raise BadInput where both sizes are given, or one is out of range. 0 asks only for what belongs to the whole list."""
    if arguments.first is not None and arguments.last is not None:
        raise BadInput("give `first` or `last`, not both")
    name, size = ("first", arguments.first) if arguments.last is None else ("last", arguments.last)
    if size is not None and not 0 <= size <= most:
        raise BadInput(f"`{name}` is {size}; it must be from 0 to {most}")


@dataclass(frozen=True, slots=True)
class Lister:
    """Makes connections over the providers a caller may see.

    With a `projector`, views of rows stand in them beside records: of each it is known what is sent.
    """

    serving: Sequence[BoundProvider]
    most_slices: int = 50
    seal: Seal = OPEN
    most_first: int = MOST_FIRST
    projector: ProjectsRows | None = None
    readings: SharedReadings | None = None

    async def page(self, kind: type[Record], arguments: PageArguments, select: Selection, loaders: DataLoaders) -> Connection[Any]:
        """Return a page; what is missing is among its problems."""
        slot = self.slot(kind, arguments)
        search, asked, problems = self.search(kind, arguments.order, slot, select, loaders)
        streams = self.streams(search, asked)
        lists = [(search, serving) for serving in asked]
        counting = asyncio.create_task(upstream_counts(lists)) if is_counted(select) else None
        try:
            merged = await merge(streams, slot.size, search.descending)
            shown = await self.given_out(search, asked, merged)
            total = total_count(lists, await counting, streams) if counting else NOT_COUNTED
        finally:
            if counting:
                counting.cancel()
        if problems:
            total = Total(None, total.at_least)
        return connection(merged, slot, problems + problems_of(streams, merged) + shown, total, select)

    def slot(self, kind: type[Record], arguments: PageArguments) -> Slot:
        """Return the checked page of a list; raise RequestError for what is wrong with its arguments."""
        check_size(arguments, self.most_first)
        if arguments.filter is None:
            mark = WHOLE_LISTS.get((kind, arguments.order)) or fingerprint(kind, arguments.order, {})
            WHOLE_LISTS[kind, arguments.order] = mark
            return Slot.read(kind, arguments, mark, self.seal)
        parts, named = checked(arguments.filter)
        mark = fingerprint(kind, arguments.order, plain(parts, named, self.serving))
        return Slot.read(kind, arguments, mark, self.seal, parts, named)

    def search(
        self, kind: type[Record], order: TimeOrder, slot: Slot, select: Selection, loaders: DataLoaders
    ) -> tuple[Search, list[BoundProvider], list[Problem]]:
        """Return what is asked of the providers that take part, these, and a problem for each that was named or filtered but cannot."""
        descending = (order is TimeOrder.NEWEST_FIRST) is not slot.backward
        after, before = (slot.before, slot.after) if slot.backward else (slot.after, slot.before)
        search = Search(
            kind=kind,
            parts=slot.parts,
            descending=descending,
            after=after,
            before=before,
            size=slot.size,
            select=select.records,
            loaders=loaders,
            most_slices=self.most_slices,
            readings=self.readings,
        )
        return search, *self.asked(search, slot.named)

    def streams(self, search: Search, asked: Sequence[BoundProvider]) -> list[Stream]:
        """Return the records of each provider, not yet requested. Of each of several providers most of a page is not shown."""
        searched = replace(search, piece=PIECE) if len(asked) > 1 else search
        return [searched.stream(serving) for serving in asked]

    def asked(self, search: Search, named: list[str] | None) -> tuple[list[BoundProvider], list[Problem]]:
        """Return the providers that take part, and a problem for each that was named or filtered but cannot."""
        chosen = self.serving
        if named is not None or search.parts:
            known = {serving.name: serving for serving in self.serving}
            for name in [*(named or ()), *named_within(search.parts)]:
                if name not in known:
                    raise UnknownProvider(f"there is no provider {name[:80]!r}; ask providers {{ name }} for those there are")
            chosen = chosen if named is None else [known[name] for name in dict.fromkeys(named)]
        refusals = {serving.id: refusal for serving in chosen if (refusal := search.refusal(serving)) is not None}
        if not refusals:
            return list(chosen), []
        asked = [serving for serving in chosen if serving.id not in refusals]
        lists = [serving for serving in chosen if serving.declared.lists(search.kind)]
        refused = [refusals[serving.id] for serving in (chosen if named else lists) if serving.id in refusals]
        return asked, [refusal.as_problem() for refusal in refused]

    async def given_out(self, search: Search, asked: Sequence[BoundProvider], merged: Merged) -> list[Problem]:
        """Read the rows that are given out, and get what only a single get delivers; return the problems of their fields."""
        lacking = [serving for serving in asked if serving.lacking(search.kind, search.select)]
        merged.records, problems = page_values(merged.records, None if lacking else self.projector)
        if lacking:
            own: defaultdict[str, list[Record]] = defaultdict(list)
            for record in merged.records:
                own[record.provider_name].append(record)  # type: ignore[arg-type]  # where something is lacking, all are records
            await asyncio.gather(*(search.loaders.hydrate(serving, search.kind, own[serving.id], search.select) for serving in lacking))
        return problems


def problems_of(streams: Sequence[Stream], merged: Merged) -> list[Problem]:
    """Return what is missing and why."""
    problems = []
    for stream in streams:
        problems += stream.problems
        if stream.displaced:
            problems += stream.left_behind(merged.records)
        for problem in stream.problems:
            if problem.code is ProblemCode.STALE:
                problem.range = missing_range(stream, merged)
        if stream.error:
            failure = problem_of(stream.error)
            failure.range = missing_range(stream, merged)
            problems.append(failure)
    if merged.stopped is not None:
        for stream in streams:
            if stream.limited:
                limit = stream.limit_words("its limit of upstream requests")
                words = f"the search stopped at {limit}; go on from endCursor, or narrow the filter"
                problems.append(ScanLimit(words, provider=stream.provider).as_problem())
    return problems


def is_counted(select: Selection) -> bool:
    """Return True if a selection of a connection asks how many records there are."""
    return "totalCount" in select.fields or "totalCountAtLeast" in select.fields


def connection(merged: Merged, slot: Slot, problems: list[Problem], total: Total, select: Selection) -> Connection[Any]:
    """Return a page with the cursors that are looked at: those of its records cost more than the records."""
    ahead, behind = merged.more, (slot.before if slot.backward else slot.after) is not None
    info = PageInfo(has_next_page=behind if slot.backward else ahead, has_previous_page=ahead if slot.backward else behind)
    place, shown = merged.place, merged.records[::-1] if slot.backward else merged.records
    edges: list[Edge[Any]] = []
    if "edges" in select.fields:
        edges = [Edge(node=record, cursor=write_cursor(place(record), slot.mark, slot.seal)) for record in shown]
    if "pageInfo" in select.fields:
        if shown:
            info.start_cursor, info.end_cursor = [write_cursor(place(shown[at]), slot.mark, slot.seal) for at in (0, -1)]
        if merged.stopped is not None:  # the search had to stop there
            reached = write_cursor(merged.stopped, slot.mark, slot.seal)
            info.start_cursor, info.end_cursor = (reached, info.end_cursor) if slot.backward else (info.start_cursor, reached)
    at_least = max(total.at_least, len(shown))
    return Connection(edges=edges, nodes=shown, page_info=info, total_count=total.exact, total_count_at_least=at_least, problems=problems)


def ids_of(names: Iterable[str], serving: Iterable[BoundProvider]) -> list[str]:
    """Return the ids of providers in order, so that what is bound to them outlasts a new name; the name of an unknown one."""
    known = {each.name: each.id for each in serving}
    return sorted(known.get(name, name) for name in names)


def plain(parts: Mapping[str, Any], named: list[str] | None, serving: Sequence[BoundProvider]) -> dict[str, Any]:
    """Return what a cursor is bound to of a filter."""
    found = {name: ids_of(value, serving) if name == "providers" else _plain(value, serving) for name, value in parts.items()}
    return found if named is None else found | {"providers": ids_of(named, serving)}


def _plain(value: Any, serving: Sequence[BoundProvider]) -> Any:
    if isinstance(value, dict):
        return plain(value, None, serving)
    if isinstance(value, list):
        return [_plain(each, serving) for each in value]
    return [value.since or None, value.until or None] if isinstance(value, TimeRange) else value
