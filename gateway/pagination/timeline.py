"""Timeline: what belongs to one telephone number, of several kinds and all providers, as pages of one list."""

import asyncio
from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

from telegraphql.gateway.errors import BadInput, UnknownProvider, Unsupported
from telegraphql.gateway.pagination.bound_provider import BoundProvider
from telegraphql.gateway.pagination.connection import MOST_FIRST, Slot, check_size, connection, ids_of, is_counted, problems_of
from telegraphql.gateway.pagination.cursor import OPEN, Position, Seal, fingerprint, position
from telegraphql.gateway.pagination.dataloaders import DataLoaders
from telegraphql.gateway.pagination.filtering.filter_checks import check_conditions, check_providers
from telegraphql.gateway.pagination.list_query import Search
from telegraphql.gateway.pagination.merge import Merged, merge
from telegraphql.gateway.pagination.page_values import page_values
from telegraphql.gateway.pagination.stream import Stream
from telegraphql.gateway.pagination.total_count import NOT_COUNTED, Total, total_count, upstream_counts
from telegraphql.gateway.plugin.capabilities import schema_name
from telegraphql.gateway.plugin.row_view import kind_of
from telegraphql.gateway.plugin.selection import Selection
from telegraphql.schema.call import Call
from telegraphql.schema.context import PageArguments
from telegraphql.schema.enums import TimeOrder
from telegraphql.schema.filters import NumberFilter
from telegraphql.schema.paging import Connection, Problem
from telegraphql.schema.record import Record
from telegraphql.schema.timeline import TimelineQuestion, membership


class Source(NamedTuple):
    """One kind at one provider."""

    search: Search
    serving: BoundProvider

    def stream(self) -> Stream:
        """Its records, not yet asked for."""
        stream = self.search.stream(self.serving)
        stream.place = among_kinds
        return stream


def among_kinds(record: Any) -> Position:
    """Return the position of a record among other kinds: by time, provider, the kind's name and the id."""
    found = position(record)
    return Position(found.place, found.provider, f"{kind_of(record).__name__}:{found.id}")


@dataclass(frozen=True, slots=True, kw_only=True)
class Timeline:
    """Makes timelines over the providers a caller may see. `select` tells what is selected of each kind."""

    serving: Sequence[BoundProvider]
    select: Callable[[type[Record]], Selection]
    loaders: DataLoaders
    most_slices: int = 50
    seal: Seal = OPEN
    most_first: int = MOST_FIRST

    async def page(self, arguments: PageArguments, wanted: Selection) -> Connection[Any]:
        """Return a page; what is missing is among its problems."""
        check_size(arguments, self.most_first)
        question: TimelineQuestion = arguments.filter
        _check(question)
        slot = Slot.read(Call, arguments, fingerprint(Call, arguments.order, _plain(question, self.serving)), self.seal)
        searches = [self._search(kind, question, arguments.order, slot) for kind in question.wanted]
        sources, refused = self._sources(searches, question)
        streams = [source.stream() for source in sources]
        counting = asyncio.create_task(upstream_counts(sources)) if is_counted(wanted) else None
        try:
            merged = await merge(streams, slot.size, _descending(arguments.order, slot))
            merged.records, fields = page_values(merged.records)
            await _filled_in(sources, merged)
            total = total_count(sources, await counting, streams) if counting else NOT_COUNTED
        finally:
            if counting:
                counting.cancel()
        if refused:
            total = Total(None, total.at_least)
        return connection(merged, slot, _each_once(refused + problems_of(streams, merged) + fields), total, wanted)

    def _search(self, kind: type[Record], question: TimelineQuestion, order: TimeOrder, slot: Slot) -> Search:
        after, before = (slot.before, slot.after) if slot.backward else (slot.after, slot.before)
        return Search(
            kind=kind,
            parts=_parts(kind, question),
            descending=_descending(order, slot),
            after=after,
            before=before,
            size=slot.size,
            select=self.select(kind),
            loaders=self.loaders,
            most_slices=self.most_slices,
        )

    def _sources(self, searches: Sequence[Search], question: TimelineQuestion) -> tuple[list[Source], list[Problem]]:
        """Return what is asked, and a problem for each provider that was named but has nothing of the kind, or cannot tell whose it is."""
        known = {serving.name: serving for serving in self.serving}
        for name in question.providers or ():
            if name not in known:
                raise UnknownProvider(f"there is no provider {name[:80]!r}; ask providers {{ name }} for those there are")
        chosen = known if question.providers is None else {name: known[name] for name in question.providers}
        sources = [Source(search, each) for search in searches for each in chosen.values() if search.refusal(each) is None]
        kinds = " or ".join(kind.__name__ for kind in question.wanted)
        without = sorted({serving.id for serving in chosen.values()} - {source.serving.id for source in sources})
        problems = [Unsupported(f"has no list of {kinds}", provider=id).as_problem() for id in without]
        return sources, problems if question.providers is not None else []


def _check(question: TimelineQuestion) -> None:
    """BadInput for what can have no answer."""
    if not question.wanted:
        raise BadInput("`kinds` is empty: name a kind, or leave it out for all")
    if not question.number.strip():
        raise BadInput("`number` is empty: give a telephone number, best in E.164")
    check_providers(question.providers)
    check_conditions({"number": NumberFilter(equals=[question.number]), "at": question.at})


def _descending(order: TimeOrder, slot: Slot) -> bool:
    return (order is TimeOrder.NEWEST_FIRST) is not slot.backward


def _parts(kind: type[Record], question: TimelineQuestion) -> Mapping[str, Any]:
    """Return the filter that finds the number's records of a kind."""
    parts: dict[str, Any] = {membership(kind).filter: NumberFilter(equals=[question.number])}
    if question.at is not None and kind.time_field:
        parts[schema_name(kind.time_field)] = question.at
    return parts


def _plain(question: TimelineQuestion, serving: Sequence[BoundProvider]) -> dict[str, Any]:
    """Return what a cursor is bound to; unlike in other lists always with the kinds."""
    plain: dict[str, Any] = {"number": question.number, "kinds": [kind.__name__ for kind in question.wanted]}
    if question.providers is not None:
        plain["providers"] = ids_of(question.providers, serving)
    if question.at is not None:
        plain["at"] = [question.at.since or None, question.at.until or None]
    return plain


async def _filled_in(sources: Sequence[Source], merged: Merged) -> None:
    """Get what only a single get delivers, for the records that are given out."""
    own: defaultdict[tuple[type[Record], str], list[Record]] = defaultdict(list)
    for record in merged.records:
        own[type(record), record.provider_name].append(record)  # type: ignore[arg-type,index]  # all are records
    filling = (search.loaders.hydrate(serving, search.kind, own[search.kind, serving.id], search.select) for search, serving in sources)
    await asyncio.gather(*filling)


def _each_once(problems: Sequence[Problem]) -> list[Problem]:
    """Return each problem once: what concerns a provider concerns all of its kinds."""
    return list({(each.provider, each.code, each.message, each.id): each for each in problems}.values())
