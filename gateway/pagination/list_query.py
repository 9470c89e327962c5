"""Search: what one list asks of each provider - its stream, its share of the filter, its count."""

from collections.abc import AsyncGenerator, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import cached_property
from typing import Any

from telegraphql.gateway.errors import RequestError, Unsupported
from telegraphql.gateway.pagination.bound_provider import BoundProvider
from telegraphql.gateway.pagination.cursor import TICK, Position, micros, moment
from telegraphql.gateway.pagination.dataloaders import DataLoaders, LoaderKey
from telegraphql.gateway.pagination.filter_report import explain_filters
from telegraphql.gateway.pagination.filters import Predicate, criteria_of, native_ids, needed_fields, predicate
from telegraphql.gateway.pagination.grouping import grouped
from telegraphql.gateway.pagination.pagers import Slice, slices
from telegraphql.gateway.pagination.provider_faults import fault_of
from telegraphql.gateway.pagination.relations import window_of
from telegraphql.gateway.pagination.stream import Stream
from telegraphql.gateway.plugin.capabilities import schema_name
from telegraphql.gateway.plugin.declarations import Listing, Push
from telegraphql.gateway.plugin.provider import ListRequest
from telegraphql.gateway.plugin.row_view import RowView, records_of
from telegraphql.gateway.plugin.rows import TURN
from telegraphql.gateway.plugin.selection import Selection
from telegraphql.gateway.upstream.request_budget import current, give_way
from telegraphql.schema.enums import TimeOrder
from telegraphql.schema.filters import TimeRange
from telegraphql.schema.kinds import RELATIONS, parts_field
from telegraphql.schema.record import Record

# So many more rows than are wanted are asked for, lest a second request has to complete the last moment.
TIES = 8


@dataclass(frozen=True, kw_only=True)
class Search:
    """A list of one kind, in one direction, between two positions."""

    kind: type[Record]
    parts: Mapping[str, Any]
    descending: bool
    after: Position | None
    before: Position | None
    size: int
    select: Selection
    loaders: DataLoaders = field(default_factory=DataLoaders)
    most_slices: int = 50
    # How many rows of an answer are looked at at once; None for all.
    piece: int | None = None
    # So many records are read that what the filter loads for them must not be kept.
    forgets: bool = False

    @cached_property
    def range(self) -> TimeRange | None:
        """The wanted range of the kind's own time."""
        return self.parts.get(self._time_name) if self._time_name else None

    @cached_property
    def needs(self) -> Selection:
        """Return the selected fields, and those that the filter reads."""
        return self.select.needing(needed_fields(self.kind, self.parts))

    def refusal(self, serving: BoundProvider) -> Unsupported | None:
        """Return the error of a provider that cannot answer the list; None if it can."""
        name, listing = self.kind.__name__, serving.declared.listings.get(self.kind)
        if listing is None and not serving.declared.lists(self.kind):
            return Unsupported(f"has no list of {name}", provider=serving.name)
        for part in self.parts:
            if criteria_of(self.kind)[part].declared_only and not (listing and part in listing.filters):
                return Unsupported(f"cannot tell `{part}` of a {name}; leave this filter out or this provider", provider=serving.name)
        return None

    def stream(self, serving: BoundProvider) -> Stream:
        """Return the provider's records, not yet requested; a stream that has failed if the provider cannot even be asked."""
        try:
            return self._stream(serving)
        except RequestError:
            raise
        except Exception as error:
            failed = fault_of(error, serving.name)
            return Stream(provider=serving.name, slices=self._nothing(), keep=_passed, descending=self.descending, error=failed, done=True)

    def _stream(self, serving: BoundProvider) -> Stream:
        parts = native_ids(self.kind, self.parts, serving.name)
        report = current().explain_report
        if report is not None:
            listing = serving.declared.listings.get(self.kind)
            explain_filters(report.provider(serving.name), self.kind.__name__, parts, listing, self._time_name)
        after, before = self._bounds(serving)
        return Stream(
            provider=serving.name,
            slices=self._nothing() if _impossible(parts) else self._slices(serving, parts, after, before),
            keep=self.residual(serving),
            descending=self.descending,
            after=after,
            before=before,
            most_slices=self.most_slices,
        )

    def residual(self, serving: BoundProvider) -> "_Kept":
        """Return what is left of the filter for this provider's records."""
        return _Kept(self, serving, predicate(self.kind, native_ids(self.kind, self.parts, serving.name), serving.provider.numbering))

    @contextmanager
    def loading(self) -> Iterator[DataLoaders]:
        """Yield the loaders of what the filter looks at."""
        loaders = DataLoaders(self.loaders.problems) if self.forgets else self.loaders
        try:
            yield loaders
        finally:
            if self.forgets:
                loaders.stop()

    async def count(self, serving: BoundProvider) -> int | None:
        """Return the number of records that the whole list has at a provider; None if it is not known exactly."""
        listing = serving.declared.listings.get(self.kind)
        parts = native_ids(self.kind, self.parts, serving.name)
        if _impossible(parts):
            return 0
        if listing is None or not listing.counts or any(listing.filters.get(part) is not Push.EXACT for part in parts):
            return None
        since, until = _inclusive(self.range, listing.time_resolution)
        page = await serving.fetch(listing, parts)(ListRequest(since=since, until=until, size=1, filter=parts, count=True))
        serving.discipline(listing).observe(page, 0, 1)
        return page.total

    def _slices(
        self, serving: BoundProvider, parts: Mapping[str, Any], after: Position | None, before: Position | None
    ) -> AsyncGenerator[Slice]:
        listing = serving.declared.listings.get(self.kind)
        if listing is not None:
            return self._listed(serving, listing, parts, after, before, self.needs, timedelta(0))
        deriving = serving.declared.derivations[self.kind]
        span = serving.provider.session_span
        inner = serving.declared.listings[deriving.of]
        legs = self._listed(serving, inner, {}, after, before, self.needs[parts_field(self.kind, deriving.of, deriving.by)], span)
        return grouped(legs, deriving.by, serving.derive(deriving.method), span, self.descending)

    def _listed(
        self,
        serving: BoundProvider,
        listing: Listing,
        parts: Mapping[str, Any],
        after: Position | None,
        before: Position | None,
        select: Selection,
        margin: timedelta,
    ) -> AsyncGenerator[Slice]:
        first, last = (before, after) if self.descending else (after, before)
        ask = ListRequest(
            order=TimeOrder.NEWEST_FIRST if self.descending else TimeOrder.OLDEST_FIRST,
            since=_moment(first, -margin),
            until=_moment(last, margin),
            size=self._page_size(serving, listing, parts, margin),
            filter=serving.pushed(listing, parts),
            select=select,
        )
        fetch, discipline = serving.fetch(listing, parts), serving.discipline(listing)
        return slices(fetch, serving.pages(listing), ask, listing.time_resolution, self.piece, discipline, self.most_slices)

    def filters_by_position(self, serving: BoundProvider) -> bool:
        """Return True if the bounds of the stream are all that the filter asks for."""
        listing, time = serving.declared.listings.get(self.kind), self._time_name
        return listing is not None and time is not None and not listing.position_time and all(name == time for name in self.parts)

    def _page_size(self, serving: BoundProvider, listing: Listing, parts: Mapping[str, Any], margin: timedelta) -> int:
        """Return the rows to request: those of the page and a few for ties, or the maximum if many will be dropped."""
        most = serving.most(listing)
        selective = margin or any(listing.filters.get(name) is not Push.EXACT for name in parts if name != self._time_name)
        return most if selective else min(most, self.size + 1 + max(TIES, self.size // 32))

    @cached_property
    def _time_name(self) -> str | None:
        return schema_name(self.kind.time_field) if self.kind.time_field else None

    def _bounds(self, serving: BoundProvider) -> tuple[Position | None, Position | None]:
        """Return the range of time folded into the positions between which the stream runs."""
        listing = serving.declared.listings.get(self.kind)
        lag = serving.provider.session_span if listing and listing.position_time else timedelta(0)
        since, until = _ends(self.range)
        first = Position(micros(since) - lag // TICK, "", "") if since else None
        last = Position(micros(until), "", "") if until else None
        start, end = (last, first) if self.descending else (first, last)
        return _nearer(self.after, start, self.descending), _nearer(self.before, end, not self.descending)

    def believed_count(self, serving: BoundProvider, count: int, stream: Stream) -> int | None:
        """Return an upstream's count if nothing that was read contradicts it.

        A count of one or none may be that of the rows on the page it came with: it holds if all records were read, or if the upstream
        has counted beyond a page before.
        """
        listing = serving.declared.listings[self.kind]
        discipline = serving.discipline(listing)
        if count < stream.kept or discipline.miscounts:
            return None
        whole = stream.done and self.after is None and self.before is None
        return count if count > 1 or discipline.trusts_totals or (whole and stream.kept == count) else None

    async def _nothing(self) -> AsyncGenerator[Slice]:
        yield Slice([], None, [])


async def _passed(records: list[Any]) -> list[Any]:
    return records


@dataclass(frozen=True, slots=True)
class _Kept:
    """The residual filter of one provider's stream."""

    search: Search
    serving: BoundProvider
    predicate: Predicate

    async def __call__(self, records: list[Any]) -> list[Any]:
        if self.search.filters_by_position(self.serving) and {*map(type, records)} == {RowView}:
            return records
        with self.search.loading() as loaders:
            records = await self._hydrated(records, loaders)
            kept = await self._held(records)
            for field_name, wanted in self.predicate.relations.items():
                kept = await self._with(field_name, wanted, kept, loaders)
        return kept

    async def _held(self, records: list[Any]) -> list[Any]:
        """Return the records for which the predicate holds. Of many, others have their turn meanwhile."""
        kept: list[Any] = []
        for at in range(0, len(records), TURN):
            if at:
                await give_way()
            kept += [record for record in records[at : at + TURN] if self.predicate.holds(record)]
        return kept

    async def _hydrated(self, records: list[Any], loaders: DataLoaders) -> list[Any]:
        """Get what the filter looks at; what could not be got is no reason to drop a record."""
        if not self.serving.lacking(self.search.kind, self.search.parts):
            return records
        records = records_of(records)
        await loaders.hydrate(self.serving, self.search.kind, records, Selection.of(*self.search.parts))
        for record in records:
            for name in self.search.parts:
                if isinstance(record.held.get(name), Exception):
                    raise record.held[name]
        return records

    async def _with(self, name: str, wanted: bool, records: list[Record], loaders: DataLoaders) -> list[Record]:
        relation = RELATIONS[self.search.kind, name]
        asked = [record for record in records if name not in record.held and record.refs.get(name)]
        if asked and any(kind is relation.kind for kind in self._found_kinds()):
            keys = [LoaderKey(record.refs[name] or "", *window_of(record, self.serving.provider.session_span)) for record in asked]
            found = await loaders.load(self.serving, relation.kind, relation.by, keys, self.search.select[name], relation.many)
            for record, children in zip(asked, found, strict=True):
                record.held[name] = children
        return [record for record in records if bool(record.held.get(name)) is wanted]

    def _found_kinds(self) -> Sequence[type[Record]]:
        declared = self.serving.declared
        return [*declared.listings, *(kind for kind, _ in declared.getters)]


def _impossible(parts: Mapping[str, Any]) -> bool:
    """Return True if a list of wanted values is empty: none of the ids was of this provider, or none was given."""
    return any(value == [] or getattr(value, "equals", None) == [] for value in parts.values())


def _ends(wanted: TimeRange | None) -> tuple[datetime | None, datetime | None]:
    if wanted is None:
        return None, None
    return wanted.since or None, wanted.until or None


def _inclusive(wanted: TimeRange | None, tick: timedelta) -> tuple[datetime | None, datetime | None]:
    """Return the half-open range as inclusive bounds on a clock of this tick."""
    since, until = _ends(wanted)
    return (_up(since, tick) if since else None), (_up(until, tick) - tick if until else None)


def _up(at: datetime, tick: timedelta) -> datetime:
    rest = micros(at) % (tick // TICK)
    return at if not rest else at - timedelta(microseconds=rest) + tick


def _nearer(one: Position | None, other: Position | None, descending: bool) -> Position | None:
    """Return the bound that lets less through."""
    if one is None or other is None:
        return one or other
    return min(one, other) if descending else max(one, other)


def _moment(place: Position | None, margin: timedelta) -> datetime | None:
    if place is None or not isinstance(place.place, int):
        return None
    try:
        return moment(place.place) + margin
    except OverflowError:
        return None
