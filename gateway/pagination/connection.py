"""Pages: from what a client asked of a list to a connection."""

import asyncio
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from telegraphql.gateway.errors import BadInput, ScanLimit, UnknownProvider
from telegraphql.gateway.pagination.bound_provider import BoundProvider
from telegraphql.gateway.pagination.cursor import OPEN, Position, Seal, fingerprint, read_cursor, write_cursor
from telegraphql.gateway.pagination.dataloaders import DataLoaders
from telegraphql.gateway.pagination.filtering.filter_checks import checked
from telegraphql.gateway.pagination.filtering.filters import given, named_providers, named_within
from telegraphql.gateway.pagination.list_query import Search
from telegraphql.gateway.pagination.merge import Merged, merge
from telegraphql.gateway.pagination.missing_range import missing_range
from telegraphql.gateway.pagination.page_values import ProjectsRows, page_values
from telegraphql.gateway.pagination.provider_faults import problem_of
from telegraphql.gateway.pagination.shared_readings import SharedReadings
from telegraphql.gateway.pagination.stream import Standing, Stream
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


@dataclass(frozen=True, slots=True)
class Slot:
    """A checked page of a list: how many, from which end, between which cursors."""

    size: int
    backward: bool
    after: Position | None
    before: Position | None
    mark: str
    seal: Seal = OPEN

    @classmethod
    def read(cls, kind: type[Record], arguments: PageArguments, mark: str, seal: Seal = OPEN) -> "Slot":
        """From a client's arguments, whose size was checked; BadCursor says what is wrong with them."""
        backward = arguments.last is not None
        size = arguments.last if backward else arguments.first
        size = DEFAULT_FIRST if size is None else size
        after = read_cursor(arguments.after, mark, kind, seal) if arguments.after else None
        before = read_cursor(arguments.before, mark, kind, seal) if arguments.before else None
        return cls(size, backward, after, before, mark, seal)


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
        search, asked, problems = self.search(kind, arguments, slot, select, loaders)
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
        found = connection(merged, slot, problems + problems_of(streams, merged) + shown, total)
        return written(found, merged, slot, select)

    def slot(self, kind: type[Record], arguments: PageArguments) -> Slot:
        """Return the checked page of a list; raise RequestError for what is wrong with its arguments."""
        check_size(arguments, self.most_first)
        parts, named = checked(arguments.filter)
        return Slot.read(kind, arguments, fingerprint(kind, arguments.order, plain(parts, named, self.serving)), self.seal)

    def search(
        self, kind: type[Record], arguments: PageArguments, slot: Slot, select: Selection, loaders: DataLoaders
    ) -> tuple[Search, list[BoundProvider], list[Problem]]:
        """Return what is asked of the providers that take part, these, and a problem for each that was named or filtered but cannot."""
        search = self._search(kind, given(arguments.filter), arguments.order, slot, select, loaders)
        return search, *self.asked(search, named_providers(arguments.filter))

    def streams(self, search: Search, asked: Sequence[BoundProvider]) -> list[Stream]:
        """Return the records of each provider, not yet requested. Of each of several providers most of a page is not shown."""
        searched = replace(search, piece=PIECE) if len(asked) > 1 else search
        return [searched.stream(serving) for serving in asked]

    def _search(
        self, kind: type[Record], parts: dict[str, Any], order: TimeOrder, slot: Slot, select: Selection, loaders: DataLoaders
    ) -> Search:
        descending = (order is TimeOrder.NEWEST_FIRST) is not slot.backward
        after, before = (slot.before, slot.after) if slot.backward else (slot.after, slot.before)
        return Search(
            kind=kind,
            parts=parts,
            descending=descending,
            after=after,
            before=before,
            size=slot.size,
            select=select.records,
            loaders=loaders,
            most_slices=self.most_slices,
            readings=self.readings,
        )

    def asked(self, search: Search, named: list[str] | None) -> tuple[list[BoundProvider], list[Problem]]:
        """Return the providers that take part, and a problem for each that was named or filtered but cannot."""
        known = {serving.name: serving for serving in self.serving}
        for name in [*(named or ()), *named_within(search.parts)]:
            if name not in known:
                raise UnknownProvider(f"there is no provider {name[:80]!r}; ask providers {{ name }} for those there are")
        chosen = list(self.serving) if named is None else [known[name] for name in dict.fromkeys(named)]
        refusals = {serving.id: search.refusal(serving) for serving in chosen}
        asked = [serving for serving in chosen if refusals[serving.id] is None]
        if len(asked) == len(chosen):
            return asked, []
        lists = [serving for serving in chosen if serving.declared.lists(search.kind)]
        told = [refusals[serving.id] for serving in (chosen if named else lists)]
        refused = [refusal for refusal in told if refusal is not None]
        return asked, [refusal.as_problem() for refusal in refused]

    async def given_out(self, search: Search, asked: Sequence[BoundProvider], merged: Merged) -> list[Problem]:
        """Read the rows that are given out, and get what only a single get delivers; return the problems of their fields."""
        lacking = [serving for serving in asked if serving.lacking(search.kind, search.select)]
        merged.records, problems = page_values(merged.records, None if lacking else self.projector)
        own: defaultdict[str, list[Record]] = defaultdict(list)
        for record in merged.records if lacking else ():
            own[record.provider_name].append(record)  # type: ignore[arg-type]  # where something is lacking, all are records
        await asyncio.gather(*(search.loaders.hydrate(serving, search.kind, own[serving.id], search.select) for serving in lacking))
        return problems


def problems_of(streams: Sequence[Stream], merged: Merged) -> list[Problem]:
    """Return what is missing and why."""
    problems = []
    for stream in streams:
        problems += [*stream.problems, *stream.left_behind(merged.records)]
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


def _cursor(record: Any, merged: Merged, slot: Slot) -> str:
    return write_cursor(merged.place(record), slot.mark, slot.seal)


def written(page: Connection[Any], merged: Merged, slot: Slot, select: Selection) -> Connection[Any]:
    """Return a page with the cursors that are looked at: those of its records cost more than the records."""
    if "edges" in select:
        page.edges = edges_of(merged, slot)
    if "pageInfo" in select:
        page.page_info.start_cursor, page.page_info.end_cursor = _ends(merged, slot)
    return page


def edges_of(merged: Merged, slot: Slot) -> list[Edge[Any]]:
    """Return the records with their cursors."""
    return [Edge(node=record, cursor=_cursor(record, merged, slot)) for record in _shown(merged, slot)]


def _shown(merged: Merged, slot: Slot) -> list[Standing]:
    return merged.records[::-1] if slot.backward else merged.records


def is_counted(select: Selection) -> bool:
    """Return True if a selection of a connection asks how many records there are."""
    return "totalCount" in select or "totalCountAtLeast" in select


def connection(merged: Merged, slot: Slot, problems: list[Problem], total: Total) -> Connection[Any]:
    """Return a page without its cursors."""
    ahead, behind = merged.more, (slot.before if slot.backward else slot.after) is not None
    info = PageInfo(has_next_page=behind if slot.backward else ahead, has_previous_page=ahead if slot.backward else behind)
    shown = _shown(merged, slot)
    at_least = max(total.at_least, len(shown))
    return Connection(edges=[], nodes=shown, page_info=info, total_count=total.exact, total_count_at_least=at_least, problems=problems)


def _ends(merged: Merged, slot: Slot) -> tuple[str | None, str | None]:
    """Return the cursors of the first and the last record, or of where the search had to stop."""
    nodes = _shown(merged, slot)
    ends = [_cursor(record, merged, slot) for record in (nodes[:1] + nodes[-1:])]
    start, end = (ends[0], ends[-1]) if ends else (None, None)
    if merged.stopped is not None:
        reached = write_cursor(merged.stopped, slot.mark, slot.seal)
        start, end = (reached, end) if slot.backward else (start, reached)
    return start, end


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
