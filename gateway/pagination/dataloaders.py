"""DataLoaders: records for many keys in as few upstream requests as the upstream allows, once per GraphQL request."""

import asyncio
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import aclosing, contextmanager
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from functools import cached_property, partial
from typing import Any, NamedTuple

from aiodataloader import DataLoader

from telegraphql.gateway.errors import Malformed, NotFound, RejectedInput, Unsupported, UpstreamError
from telegraphql.gateway.pagination.bound_provider import BoundProvider
from telegraphql.gateway.pagination.cursor import position
from telegraphql.gateway.pagination.grouping import derive_all, merge_parts, own_keys
from telegraphql.gateway.pagination.hydration import fill_in_all
from telegraphql.gateway.pagination.loaded_problems import LoadedProblems
from telegraphql.gateway.pagination.pagers import slices
from telegraphql.gateway.pagination.pending_keys import PendingKeys
from telegraphql.gateway.plugin.capabilities import python_name
from telegraphql.gateway.plugin.declarations import Getter, Links, TimeWindowJoin, Windows
from telegraphql.gateway.plugin.provider import GetRequest, ListRequest, Page
from telegraphql.gateway.plugin.row_view import RowView, by_reader, records_of
from telegraphql.gateway.plugin.rows import Rows
from telegraphql.gateway.plugin.selection import Selection
from telegraphql.gateway.upstream.request_budget import current
from telegraphql.schema.enums import ProblemCode, TimeOrder
from telegraphql.schema.kinds import RELATIONS, parts_field
from telegraphql.schema.record import Record

AT_ONCE = 8
MOST_JOIN_PAGES = 2
# Where a parent has exactly one, a key that the window did not answer is worth a request of its own.
TO_ONE = frozenset((relation.kind, relation.by) for relation in RELATIONS.values() if not relation.many)


class LoaderKey(NamedTuple):
    """A key and, where it comes from a parent, when that parent began and ended. Several keys in one text are parted by ";"."""

    text: str
    since: datetime | None = None
    until: datetime | None = None


class Group(tuple[LoaderKey, ...]):
    """The keys that one list asks for: a loader is told of them at once, since to tell it of each takes longer than to find it."""

    __slots__ = ()


@dataclass
class DataLoaders:
    """The loaders of one GraphQL request; made as they are needed, since a loader belongs to the running event loop."""

    # What is missing or unreadable of the records that were loaded.
    problems: LoadedProblems = field(default_factory=LoadedProblems)
    loaders: dict[Any, DataLoader[Group, list[Any]]] = field(default_factory=dict)
    # Lists that are asked for together, by what they have in common.
    batches: dict[Any, Any] = field(default_factory=dict)
    _gate: asyncio.Semaphore = field(default_factory=partial(asyncio.Semaphore, AT_ONCE))
    _loading: set[asyncio.Task[Any]] = field(default_factory=set)
    # True once the operation has ended: whatever begins to load then ends at once.
    stopped: bool = False

    def stop(self) -> None:
        """Stop what still loads, since nobody waits for it any more: batches are tasks of their own."""
        self.stopped = True
        for task in self._loading:
            task.cancel()
        # They know these loaders, which would be freed late in a circle, with all that was loaded.
        self.loaders.clear()
        self.batches.clear()

    @contextmanager
    def loading(self) -> Iterator[None]:
        """Mark the running task as one that loads. What was asked for before the end, and begins after it, ends at once."""
        if self.stopped:
            raise asyncio.CancelledError
        task = asyncio.current_task()
        assert task is not None
        self._loading.add(task)
        try:
            yield
        finally:
            self._loading.discard(task)

    async def load(
        self, serving: BoundProvider, kind: type[Record], by: str, keys: Sequence[LoaderKey], select: Selection, many: bool = False
    ) -> list[list[Record]]:
        """For each key the records whose `by` equals it (or, with `many`, one of its parts), in order, none twice."""
        found = await self.load_each(serving, kind, by, keys, select, many)
        for each in found:
            if isinstance(each, Exception):
                raise each
        return found

    async def load_each(
        self, serving: BoundProvider, kind: type[Record], by: str, keys: Sequence[LoaderKey], select: Selection, many: bool = False
    ) -> list[Any]:
        """Return the same as `load`; an error stands for the key it concerns."""
        if not keys:
            return []
        loader = self._loader(serving, kind, by, select)
        if not many or not [key for key in keys if ";" in key.text]:
            return await loader.load(Group(keys))
        parts = [[key._replace(text=text) for text in key.text.split(";")] for key in keys]
        found = iter(await loader.load(Group([part for group in parts for part in group])))
        return [merge_parts([next(found) for _ in group]) for group in parts]

    def _loader(self, serving: BoundProvider, kind: type[Record], by: str, select: Selection) -> DataLoader[Group, list[Any]]:
        name = (serving.id, kind, by, select)
        if name not in self.loaders:
            batch = LoaderBatch(serving, kind, by, select, self, self._gate)
            self.loaders[name] = DataLoader(PendingKeys(batch).load, cache=False)
        return self.loaders[name]

    async def hydrate(self, serving: BoundProvider, kind: type[Record], records: Sequence[Record], select: Selection) -> None:
        """Fill in the selected fields that only a single get delivers; a failure becomes the value of the fields it concerns."""
        missing = serving.lacking(kind, select)
        if missing and records:
            details = await self.load_each(serving, kind, "detail", [LoaderKey(record.native_id) for record in records], select)
            fill_in_all(serving.id, zip(records, details, strict=True), missing)
            for detail in details:
                self.problems.add_detail(detail, frozenset(map(python_name, missing)))


@dataclass(frozen=True)
class LoaderBatch:
    """One loader's work: all keys that were asked for together."""

    serving: BoundProvider
    kind: type[Record]
    by: str
    select: Selection
    loaders: DataLoaders
    gate: asyncio.Semaphore

    async def load(self, keys: Mapping[str, LoaderKey]) -> dict[str, Any]:
        """Return the records of each key, or the error of the request it was part of. Of several ways the one with the fewest requests."""
        since, until = _window(keys.values())
        failed: dict[str, UpstreamError] = {}
        with self.loaders.loading():
            wanted = GetRequest(keys=list(keys), since=since, until=until, select=self.select)
            records = await self._records(wanted, failed)
        if self.by != "detail":
            self.loaders.problems.watch(records)
        return {**self._indexed(records, keys), **failed}

    def _indexed(self, records: Sequence[Record], texts: Iterable[str]) -> dict[str, list[Record]]:
        """Return the records of each key, in order, none twice. Copies of a record may stand for several keys."""
        index: dict[str, dict[str, Record]] = {text: {} for text in texts}
        rows: list[Any] = [record for record in records if isinstance(record, RowView)]
        for reader, views in by_reader(rows):
            reader.read_ahead(views, ("refs",))
        for record in records:
            for text in self._keys_of(record):
                if text in index:
                    if (twin := index[text].get(record.native_id)) is not None:
                        self.loaders.problems.add_twin(twin, record)
                    index[text][record.native_id] = record
        return {text: [*group.values()] if len(group) < 2 else sorted(group.values(), key=_place) for text, group in index.items()}

    @cached_property
    def _keys_of(self) -> Callable[[Record], Iterable[str]]:
        """Return a function that gives the keys of a record: its own ids, its foreign key, or both."""
        by = self.by
        if by in ("id", "detail"):
            return own_keys
        if self._by_id:
            return lambda record: {record.refs.get(by) or "", *own_keys(record)} - {""}
        return lambda record: (found,) if (found := record.refs.get(by)) else ()

    @property
    def _by_id(self) -> bool:
        """Return True if a foreign key can only be followed as a native id."""
        declared = self.serving.declared
        listing = declared.listings.get(self.kind)
        return (self.kind, self.by) not in declared.getters and not (listing and self.by in listing.joins)

    async def _records(self, wanted: GetRequest, failed: dict[str, UpstreamError]) -> list[Record]:
        declared = self.serving.declared
        deriving = declared.derivations.get(self.kind)
        if deriving and self.by == "id":
            parts = await self._parts(wanted, deriving.of, deriving.by)
            return derive_all(parts, deriving.by, self.serving.derive(deriving.method))
        getting = declared.getters.get((self.kind, "id" if self._by_id or self.by == "detail" else self.by))
        listing = declared.listings.get(self.kind)
        join = listing.joins.get(self.by) if listing and wanted.since else None
        if getting and (join is None or len(wanted.keys) <= getting.at_most * MOST_JOIN_PAGES):
            return await self._by_getting(getting, wanted, failed)
        if join is None:
            raise Unsupported(f"cannot find a {self.kind.__name__} by {self.by}", provider=self.serving.id)
        return await self._by_joining(join, getting, wanted, failed)

    async def _parts(self, wanted: GetRequest, of: type[Record], by: str) -> list[Record]:
        span = self.serving.provider.session_span
        since = wanted.since - span if wanted.since else None
        until = wanted.until + span if wanted.until else None
        keys, select = [LoaderKey(text, since, until) for text in wanted.keys], self.select[parts_field(self.kind, of, by)]
        found = await self.loaders.load(self.serving, of, by, keys, select)
        return [record for group in found for record in group]

    async def _by_getting(self, getting: Getter, wanted: GetRequest, failed: dict[str, UpstreamError]) -> list[Record]:
        most = getting.at_most
        if len(wanted.keys) <= most:
            records: list[Record] = (await self._got(getting, wanted, failed)).records
        else:
            chunks = [replace(wanted, keys=wanted.keys[at : at + most]) for at in range(0, len(wanted.keys), most)]
            pages = await asyncio.gather(*(self._got(getting, chunk, failed) for chunk in chunks))
            records = [record for page in pages for record in page.records]
        return records if getting.by == "id" else await self._hydrated(records)

    async def _got(self, getting: Getter, wanted: GetRequest, failed: dict[str, UpstreamError]) -> Page:
        try:
            work = current().work
            async with self.gate:
                work.check()
                page: Page = await self.serving.answer(getting.method, wanted)
            work.rows += page.read
            if isinstance(page.records, Rows):
                await page.records.read_in_turns()
            if len(page.records) < page.read or page.problems:
                self._note(getting, wanted, page, failed)
            return page
        except (NotFound, RejectedInput) as error:
            if len(wanted.keys) > 1:
                return await self._got_in_halves(getting, wanted, failed)
            if isinstance(error, RejectedInput):
                failed[wanted.keys[0]] = error
        except UpstreamError as error:
            failed |= dict.fromkeys(wanted.keys, error)
        return Page(records=[], read=0)

    def _note(self, getting: Getter, wanted: GetRequest, page: Page, failed: dict[str, UpstreamError]) -> None:
        """Note what cannot be read of an answer. A record that was asked for by its id and did not come is one of those."""
        self.loaders.problems.add(page.problems)
        if getting.by == "id" and (broken := [each for each in page.problems if each.code is ProblemCode.MALFORMED_RECORD]):
            known = {text for record in page.records for text in self._keys_of(record)}
            error = Malformed(broken[0].message, provider=self.serving.id)
            failed |= dict.fromkeys([key for key in wanted.keys if key not in known], error)

    async def _got_in_halves(self, getting: Getter, wanted: GetRequest, failed: dict[str, UpstreamError]) -> Page:
        """Return the records of keys that were refused together: one bad key among them costs only itself."""
        middle = len(wanted.keys) // 2
        halves = (replace(wanted, keys=wanted.keys[:middle]), replace(wanted, keys=wanted.keys[middle:]))
        first, second = await asyncio.gather(*(self._got(getting, half, failed) for half in halves))
        return Page(records=[*first.records, *second.records], read=first.read + second.read)

    async def _by_joining(
        self, join: TimeWindowJoin, getting: Getter | None, wanted: GetRequest, failed: dict[str, UpstreamError]
    ) -> list[Record]:
        """One request over the window; where that is too much or something is missing, single gets for the rest."""
        records, complete = await self._window(join, wanted, None if getting is None else MOST_JOIN_PAGES)
        if getting is not None and not complete:
            return await self._by_getting(getting, wanted, failed)
        records = await self._hydrated(records)
        if getting is not None and (self.kind, self.by) in TO_ONE:
            known = {text for record in records for text in self._keys_of(record)}
            if missing := [key for key in wanted.keys if key not in known]:
                records += await self._by_getting(getting, replace(wanted, keys=missing), failed)
        return records

    async def _hydrated(self, records: list[Record]) -> list[Record]:
        """Fill in what is selected and only a single get delivers."""
        if self.serving.lacking(self.kind, self.select):
            records = records_of(records)
            await self.loaders.hydrate(self.serving, self.kind, records, self.select)
        return records

    async def _window(self, join: TimeWindowJoin, wanted: GetRequest, most: int | None) -> tuple[list[Record], bool]:
        assert wanted.since is not None
        listing = self.serving.declared.listings[self.kind]
        until = (wanted.until or wanted.since) + join.after
        since = wanted.since - join.before
        most_rows = self.serving.most(listing)
        pages = self.serving.pages(listing)
        order = pages.order if isinstance(pages, Links) else TimeOrder.OLDEST_FIRST
        ask = ListRequest(order=order, since=since, until=until, size=most_rows, select=self.select)
        if isinstance(pages, Windows):
            pages = replace(pages, start=until - since + timedelta(seconds=1))
        keys, found, read = frozenset(wanted.keys), list[Record](), 0
        fetch, tick, discipline = self.serving.fetch(listing), listing.time_resolution, self.serving.discipline(listing)
        async with aclosing(slices(fetch, pages, ask, tick, discipline=discipline)) as pieces:
            async for piece in pieces:
                read += 1
                self.loaders.problems.add(piece.problems)
                found += [record for record in piece.records if not keys.isdisjoint(self._keys_of(record))]
                if most is not None and read >= most and piece.frontier is not None:
                    return found, False
        return found, True


def _place(record: Record) -> Any:
    return position(record) if record.time_field or record.name_field else record.native_id


def _window(keys: Iterable[LoaderKey]) -> tuple[datetime | None, datetime | None]:
    since, until = [key.since for key in keys if key.since], [key.until for key in keys if key.until]
    return (min(since) if since else None), (max(until) if until else None)
