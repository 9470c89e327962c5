"""Search: what one list asks of each provider - its stream, its share of the filter, its count."""

from collections.abc import AsyncGenerator, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from functools import cached_property
from typing import Any

from telegraphql.gateway.errors import RequestError, Unsupported
from telegraphql.gateway.pagination.bound_provider import BoundProvider
from telegraphql.gateway.pagination.cursor import TICK, Position, micros, moment
from telegraphql.gateway.pagination.dataloaders import DataLoaders
from telegraphql.gateway.pagination.filtering.common_conditions import EVERYTHING, CommonConditions, common_conditions
from telegraphql.gateway.pagination.filtering.filter_report import explain_filters
from telegraphql.gateway.pagination.filtering.filters import conditions, criteria_of, native_parts, needed_fields, time_name
from telegraphql.gateway.pagination.filtering.residual_filter import ResidualFilter
from telegraphql.gateway.pagination.grouping import grouped
from telegraphql.gateway.pagination.link_pages import rounds
from telegraphql.gateway.pagination.pagers import slices
from telegraphql.gateway.pagination.provider_faults import fault_of
from telegraphql.gateway.pagination.shared_readings import SharedReadings, SharedSlices, Wish
from telegraphql.gateway.pagination.slice import Slice, ends, inclusive
from telegraphql.gateway.pagination.stream import Stream
from telegraphql.gateway.plugin.declarations import Links, Listing, Push
from telegraphql.gateway.plugin.provider import ListRequest
from telegraphql.gateway.plugin.selection import Selection
from telegraphql.gateway.upstream.request_budget import current
from telegraphql.schema.enums import TimeOrder
from telegraphql.schema.filters import TimeRange
from telegraphql.schema.kinds import parts_field
from telegraphql.schema.record import Record

# So many more rows than are wanted are asked for, lest a second request has to complete the last moment.
TIES = 12


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
    # With whom of the operation requests may be shared; None for nobody.
    readings: SharedReadings | None = None
    # The share of each provider, by its id.
    _shares: dict[str, Mapping[str, Any] | None] = field(init=False, repr=False, compare=False, default_factory=dict)

    @cached_property
    def needs(self) -> Selection:
        """Return the selected fields, and those that the filter reads."""
        return self.select.needing(self.filter_fields)

    @cached_property
    def filter_fields(self) -> tuple[str, ...]:
        """Return the fields that the filter reads."""
        return needed_fields(self.kind, [name for name, _ in conditions(self.parts)])

    def refusal(self, serving: BoundProvider) -> Unsupported | None:
        """Return the error of a provider that cannot answer the list; None if it can."""
        name, listing = self.kind.__name__, serving.declared.listings.get(self.kind)
        if listing is None and not serving.declared.lists(self.kind):
            return Unsupported(f"has no list of {name}", provider=serving.id)
        if not self.parts:
            return None
        share = self.share(serving) or {}
        for part, value in conditions(share):
            criterion = criteria_of(self.kind)[part]
            if criterion.declared_only and not (listing and part in listing.filters):
                return Unsupported(f"cannot tell `{part}` of a {name}; leave this filter out or this provider", provider=serving.id)
            if criterion.marker and not self._is_pushed(share, part, value):
                return Unsupported(f"can tell `{part}` of a {name} only once, and not within `or` or `not`", provider=serving.id)
        return None

    @staticmethod
    def _is_pushed(share: Mapping[str, Any], part: str, value: Any) -> bool:
        """Return True if the upstream is given this value of a condition, or nothing can match anyway."""
        common = common_conditions(share)
        return common is None or common.values.get(part) == value

    def stream(self, serving: BoundProvider) -> Stream:
        """Return the provider's records, not yet requested; a stream that has failed if the provider cannot even be asked."""
        try:
            return self._stream(serving)
        except RequestError:
            raise
        except Exception as error:
            failed = fault_of(error, serving.id)
            return Stream(provider=serving.id, slices=self._nothing(), descending=self.descending, error=failed, done=True)

    def _stream(self, serving: BoundProvider) -> Stream:
        common = self.common(serving) if self.parts else EVERYTHING
        report = current().explain_report
        if report is not None:
            listing = serving.declared.listings.get(self.kind)
            names = [name for name, _ in conditions(self.parts)]
            explain_filters(report.provider(serving.name), self.kind.__name__, names, common, listing, time_name(self.kind))
        after, before = self._bounds(serving, common)
        read = self._slices if self.readings is None else self._shared
        return Stream(
            provider=serving.id,
            slices=self._nothing() if common is None else read(serving, common, after, before),
            keep=self.residual(serving) if self.parts else None,
            descending=self.descending,
            after=after,
            before=before,
            most_slices=self.most_slices,
        )

    def common(self, serving: BoundProvider) -> CommonConditions | None:
        """Return what holds of every record of a provider that matches, for its upstream; None if none can match."""
        share = self.share(serving)
        return None if share is None else common_conditions(share)

    def residual(self, serving: BoundProvider) -> ResidualFilter:
        """Return what is left of the filter for this provider's records."""
        return ResidualFilter(self, serving, self.share(serving))

    def share(self, serving: BoundProvider) -> Mapping[str, Any] | None:
        """Return what a provider's records have to match, with its native ids; None if none can."""
        if serving.id not in self._shares:
            self._shares[serving.id] = native_parts(self.kind, self.parts, serving.id, serving.name)
        return self._shares[serving.id]

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
        common = self.common(serving)
        if common is None:
            return 0
        if listing is None or not listing.counts or not self._is_exact(listing, common):
            return None
        values = common.values
        since, until = inclusive(self._range(common), listing.time_resolution)
        page = await serving.fetch(listing, values)(ListRequest(since=since, until=until, size=1, filter=values, count=True))
        serving.discipline(listing).observe(page, 0, 1)
        return page.total

    def _shared(
        self, serving: BoundProvider, common: CommonConditions, after: Position | None, before: Position | None
    ) -> AsyncGenerator[Slice] | SharedSlices:
        """Return slices that may be read together with those of other streams, where the records alone decide what is kept of them."""
        listing, readings = serving.declared.listings.get(self.kind), self.readings
        is_open = self.descending and self.after is None and self.before is None
        residual, time = self.residual(serving), time_name(self.kind)
        if readings is None or listing is None or not time or not is_open or residual.loads:
            return self._slices(serving, common, after, before)

        def read(start: Position | None, select: Selection) -> AsyncGenerator[Slice]:
            return replace(self, select=select)._slices(serving, common, _nearer(start, after, self.descending), before)

        return readings.slices(
            Wish(
                provider=serving.id,
                kind=self.kind,
                pushed={name: value for name, value in serving.pushed(listing, common.values).items() if name != time},
                common=common.values,
                undecided=residual.undecided,
                newest=after,
                oldest=before,
                select=self.needs,
                read=read,
                max_slices=self.most_slices,
                page_size=None if self.forgets else self.size + 1,
            )
        )

    def _slices(
        self, serving: BoundProvider, common: CommonConditions, after: Position | None, before: Position | None
    ) -> AsyncGenerator[Slice]:
        listing = serving.declared.listings.get(self.kind)
        if listing is not None:
            return self._listed(serving, listing, common, after, before, self.needs if self.parts else self.select, timedelta(0))
        deriving = serving.declared.derivations[self.kind]
        span = serving.provider.session_span
        inner = serving.declared.listings[deriving.of]
        select = self.needs[parts_field(self.kind, deriving.of, deriving.by)]
        legs = self._listed(serving, inner, CommonConditions({}), after, before, select, span)
        return grouped(legs, deriving.by, serving.derive(deriving.method), span, self.descending)

    def _listed(
        self,
        serving: BoundProvider,
        listing: Listing,
        common: CommonConditions,
        after: Position | None,
        before: Position | None,
        select: Selection,
        margin: timedelta,
    ) -> AsyncGenerator[Slice]:
        first, last = (before, after) if self.descending else (after, before)
        pushed = serving.pushed(listing, common.values) if common.values else {}
        ask = ListRequest(
            order=TimeOrder.NEWEST_FIRST if self.descending else TimeOrder.OLDEST_FIRST,
            since=None if first is None else _moment(first, -margin),
            until=None if last is None else _moment(last, margin),
            size=self._page_size(serving, listing, common, margin),
            filter=pushed,
            select=select,
        )
        fetch, discipline = serving.fetch(listing, pushed), serving.discipline(listing)
        return slices(fetch, serving.pages(listing), ask, listing.time_resolution, self.piece, discipline, self.most_slices)

    def _page_size(self, serving: BoundProvider, listing: Listing, common: CommonConditions, margin: timedelta) -> int:
        """Return the rows to request: those of the page and a few for ties, or the maximum if many will be dropped."""
        most = serving.most(listing)
        exact = common is EVERYTHING or self._is_exact(listing, common, except_for=time_name(self.kind))
        selective = margin or not exact or (isinstance(listing.pages, Links) and rounds(listing.pages))
        return most if selective else min(most, self.size + 1 + max(TIES, self.size // 32))

    @staticmethod
    def _is_exact(listing: Listing, common: CommonConditions, except_for: str | None = None) -> bool:
        """Return True if the upstream delivers what matches the filter and nothing else."""
        return common.are_all and all(listing.filters.get(name) is Push.EXACT for name in common.values if name != except_for)

    def _range(self, common: CommonConditions | None) -> TimeRange | None:
        """Return the wanted range of the kind's own time."""
        time = time_name(self.kind)
        return common.values.get(time) if common and time else None

    def _bounds(self, serving: BoundProvider, common: CommonConditions | None) -> tuple[Position | None, Position | None]:
        """Return the range of time folded into the positions between which the stream runs."""
        if not self.parts:
            return self.after, self.before
        listing = serving.declared.listings.get(self.kind)
        lag = serving.provider.session_span if listing and listing.position_time else timedelta(0)
        since, until = ends(self._range(common))
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


def _nearer(one: Position | None, other: Position | None, descending: bool) -> Position | None:
    """Return the bound that lets less through."""
    if one is None or other is None:
        return one or other
    return min(one, other) if descending else max(one, other)


def _moment(place: Position, margin: timedelta) -> datetime | None:
    if not isinstance(place.place, int):
        return None
    try:
        return moment(place.place) + margin
    except OverflowError:
        return None
