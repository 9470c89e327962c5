"""Keyed lists: pages of many lists that differ in one value of their filter, such as a phone number, read with one scan for all of them."""

from collections.abc import AsyncIterator, Callable, Iterable, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from telegraphql.gateway.errors import RequestError
from telegraphql.gateway.pagination.bound_provider import BoundProvider
from telegraphql.gateway.pagination.connection import Lister, Slot, connection, is_counted, problems_of
from telegraphql.gateway.pagination.dataloaders import DataLoaders
from telegraphql.gateway.pagination.filtering.filters import given, named_providers
from telegraphql.gateway.pagination.filtering.predicates import numbers_of
from telegraphql.gateway.pagination.list_query import Search
from telegraphql.gateway.pagination.merge import Merged, MergedStreams
from telegraphql.gateway.pagination.stream import Stream
from telegraphql.gateway.pagination.total_count import NOT_COUNTED, Total
from telegraphql.gateway.plugin.rows import TURN
from telegraphql.gateway.plugin.selection import Selection
from telegraphql.gateway.upstream.request_budget import give_way
from telegraphql.schema.context import PageArguments
from telegraphql.schema.filters import Criterion, NumberFilter, criteria
from telegraphql.schema.kinds import FILTERS
from telegraphql.schema.node import read_global_id
from telegraphql.schema.paging import Connection, Problem
from telegraphql.schema.record import Record

# The keys that a record has.
KeysOf = Callable[[Any], Iterable[str]]


@dataclass(frozen=True, slots=True)
class ListKeys:
    """The attribute of a filter in which lists differ; it takes a list of ids or of numbers."""

    kind: type[Record]
    attribute: str

    @property
    def _criterion(self) -> Criterion:
        return criteria(FILTERS[self.kind])[self.attribute]

    def among(self, arguments: PageArguments, keys: Sequence[str]) -> PageArguments:
        """Return the arguments of the list of all records with one of these keys."""
        value = list(keys) if self._criterion.id_of else NumberFilter(equals=list(keys))
        return replace(arguments, filter=replace(arguments.filter or FILTERS[self.kind](), **{self.attribute: value}))

    def of(self, serving: BoundProvider, keys: Iterable[str]) -> KeysOf:
        """Return the function that tells which of these keys a record of a provider has."""
        criterion = self._criterion
        if relation := criterion.id_of:
            ids = {read_global_id(key)[2]: (key,) for key in keys}
            return lambda record: ids.get(record.refs.get(relation), ())
        which = serving.provider.numbering.finder(list(keys))
        return lambda record: {key for number in numbers_of(record, criterion.attributes) for key in which(number)}


@dataclass(slots=True)
class KeyedList:
    """The records of one list as far as its page needs them, and how many there were."""

    slot: Slot
    records: list[Any] = field(default_factory=list)
    count: int = 0

    def add(self, record: Any) -> None:
        """Add the next record."""
        self.count += 1
        if not self.is_full:
            self.records.append(record)

    @property
    def is_full(self) -> bool:
        """Return True if the page is complete, and it is known that more follows."""
        return len(self.records) > self.slot.size

    def merged(self, scan: MergedStreams) -> Merged:
        """Return the page."""
        stopped = None if self.is_full else scan.stopped
        return Merged(self.records[: self.slot.size], self.is_full or stopped is not None, stopped, scan.place)


@dataclass(frozen=True, slots=True)
class KeyedLister:
    """Makes the pages of lists of one kind that have all arguments in common, and differ in their key."""

    lister: Lister
    keys: ListKeys
    arguments: PageArguments
    select: Selection
    loaders: DataLoaders

    async def pages(self, keys: Sequence[str]) -> AsyncIterator[tuple[str, Connection[Any] | RequestError]]:
        """Yield the page of each key, or what is wrong with its arguments."""
        lists: dict[str, KeyedList] = {}
        for place, key in enumerate(keys):
            if place % TURN == TURN - 1:
                await give_way()
            try:
                lists[key] = KeyedList(self.lister.slot(self.keys.kind, self.keys.among(self.arguments, [key])))
            except RequestError as error:
                yield key, error
        if len(lists) == 1:
            ((key, _),) = lists.items()
            yield key, await self.lister.page(self.keys.kind, self.keys.among(self.arguments, [key]), self.select, self.loaders)
        elif lists:
            async for key, page in self._scanned(lists):
                yield key, page

    async def _scanned(self, lists: dict[str, KeyedList]) -> AsyncIterator[tuple[str, Connection[Any]]]:
        slot = next(iter(lists.values())).slot
        wanted = self.keys.among(self.arguments, [*lists]).filter
        whole = replace(slot, size=slot.size * len(lists), parts=given(wanted), named=named_providers(wanted))
        search, asked, refused = self.lister.search(self.keys.kind, self.arguments.order, whole, self.select, self.loaders)
        streams = self.lister.streams(search, asked)
        scan = MergedStreams(streams, search.descending)
        try:
            await self._deal(scan, lists, {serving.id: self.keys.of(serving, lists) for serving in asked})
        finally:
            await scan.aclose()
        shown, unreadable = await self._shown(search, asked, lists)
        for key, each in lists.items():
            merged = each.merged(scan)
            merged.records = [found for record in merged.records if (found := shown.get(_name(record)))]
            providers = {record.provider_name for record in merged.records}
            problems = [*refused, *problems_of(streams, merged), *(one for one in unreadable if one.provider in providers)]
            total = self._total(each, streams, bool(refused)) if is_counted(self.select) else NOT_COUNTED
            yield key, connection(merged, each.slot, problems, total, self.select)

    async def _deal(self, scan: MergedStreams, lists: dict[str, KeyedList], keys_of: dict[str, KeysOf]) -> None:
        """Read on until every page is complete, or nothing more follows."""
        waiting = set(lists)
        while waiting:
            found = await scan.take(TURN)
            for record in found:
                for key in keys_of[record.provider_name](record):
                    lists[key].add(record)
                    if lists[key].is_full:
                        waiting.discard(key)
            if len(found) < TURN:
                return
            await give_way()

    async def _shown(
        self, search: Search, asked: Sequence[BoundProvider], lists: dict[str, KeyedList]
    ) -> tuple[dict[tuple[str, str], Any], list[Problem]]:
        """Return what is given out in the place of each record, and what cannot be read of it. A record may stand in several lists."""
        wanted = list({_name(record): record for each in lists.values() for record in each.records[: each.slot.size]}.values())
        shown: dict[tuple[str, str], Any] = {}
        problems: list[Problem] = []
        for at in range(0, len(wanted), TURN):
            part = Merged(wanted[at : at + TURN], more=False)
            problems += await self.lister.given_out(search, asked, part)
            shown |= {_name(record): record for record in part.records}
            await give_way()
        return shown, problems

    def _total(self, found: KeyedList, streams: Sequence[Stream], is_partial: bool) -> Total:
        """Return the number of records of one list: the exact one only if all was read to the end."""
        whole = not is_partial and all(stream.done and not stream.error and not (stream.after or stream.before) for stream in streams)
        return Total(found.count if whole else None, found.count)


def _name(record: Any) -> tuple[str, str]:
    return record.provider_name, record.native_id
