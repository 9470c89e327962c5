"""Filtering: what a listing says the upstream filters, the upstream filters, and never too much."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import combinations
from typing import Any

from telegraphql.gateway.conformance.harness import Bare, Harness
from telegraphql.gateway.conformance.listing import ask, differs, every
from telegraphql.gateway.conformance.promises import asked_over_http, listings, need, promise
from telegraphql.gateway.conformance.walks import everything, everything_of, fields_of, paged, read
from telegraphql.gateway.pagination.connection import MOST_FIRST
from telegraphql.gateway.pagination.cursor import time_of
from telegraphql.gateway.pagination.filters import criteria_of, predicate
from telegraphql.gateway.pagination.pagers import Fetch
from telegraphql.gateway.plugin.capabilities import python_name, schema_name
from telegraphql.gateway.plugin.declarations import Listing
from telegraphql.gateway.plugin.phone_numbers import digits
from telegraphql.gateway.plugin.provider import ListRequest, Provider, Push
from telegraphql.schema.context import PageArguments
from telegraphql.schema.filters import IntRange, NumberFilter, TextFilter, TimeRange
from telegraphql.schema.kinds import FILTERS, RELATIONS
from telegraphql.schema.record import Record, global_id

SOME = 2
SHORTEST = 4


@dataclass(frozen=True, slots=True)
class Filtered:
    """One declared filter of a listing."""

    listing: Listing
    name: str
    push: Push

    @property
    def is_time(self) -> bool:
        """Whether it is the kind's own time, which goes to the upstream as bounds."""
        return self.listing.kind.time_field is not None and schema_name(self.listing.kind.time_field) == self.name

    def beside(self, other: "Filtered") -> bool:
        """Whether it is another filter of the same listing."""
        return self.listing is other.listing and self.name != other.name

    def __str__(self) -> str:
        return f"{self.listing.kind.__name__}'s filter `{self.name}`"


def filters(plugin: type[Provider]) -> dict[str, Filtered]:
    """The declared filters besides time."""
    return {name: each for name, each in _filters(plugin).items() if not each.is_time}


def times(plugin: type[Provider]) -> dict[str, Filtered]:
    """The listings that say their upstream's bounds of time are exact."""
    return {name: each for name, each in _filters(plugin).items() if each.is_time and each.push is Push.EXACT}


def _filters(plugin: type[Provider]) -> dict[str, Filtered]:
    found = listings()(plugin).values()
    every = [Filtered(listing, name, push) for listing in found for name, push in listing.filters.items()]
    return {f"{each.listing.kind.__name__}.{each.name}": each for each in every}


@promise(filters)
async def filters_as_declared(harness: Harness, filtered: Filtered) -> None:
    """For values of real records a pushed filter loses none the gateway would keep, and where EXACT brings no other."""
    listing = filtered.listing
    unpushed, size = _Unpushed(harness.provider, harness.declared), harness.serving.most(listing)
    for value in await _values(harness, filtered):
        arguments = PageArguments(first=MOST_FIRST, filter=_input(filtered, value, harness.provider.name))
        kept = {record.native_id for record in await paged(unpushed, listing.kind, arguments)}
        ask_for = ListRequest(size=size, filter={filtered.name: value}, select=everything_of(listing.kind))
        found = await read(harness, listing, ask_for)
        lost = sorted(kept - {record.native_id for record in found})
        advice = "translate the value so that more comes rather than less, or do not declare it"
        need(not lost, f"{filtered} = {value} loses {lost[:1]}, which the gateway's own filter keeps: {advice}")
        if filtered.push is Push.EXACT:
            holds = predicate(listing.kind, {filtered.name: value}, harness.provider.numbering)
            # Some upstreams list certain records only when they are asked for: those are not in what they list without a filter.
            other = [record.native_id for record in found if record.native_id not in kept and (holds.relations or not holds.holds(record))]
            await _counts(harness, filtered, value, len(found), other)


async def _counts(harness: Harness, filtered: Filtered, value: Any, found: int, other: Sequence[str]) -> None:
    """Of a value it cannot tell the upstream, a plugin leaves `total` None, or the count would be wrong."""
    listing = filtered.listing
    asked = replace(await every(harness, listing, 1), filter={filtered.name: value}, count=listing.counts)
    total = (await ask(harness, listing, asked)).total if listing.counts else None
    what = f"{filtered} = {value} is EXACT but"
    need(not other or (listing.counts and total is None), f"{what} brings {other[:1]} too: declare it SUPERSET, or give no `total`")
    need(total in (None, found), f"{what} of {found} records the `total` is {total}: give none for a value the upstream is not told")


@promise(asked_over_http(filters))
async def passes_filters_on(harness: Harness, filtered: Filtered) -> None:
    """A declared filter changes what is asked on the wire, for some value, alone or beside the others."""
    wide = await every(harness, filtered.listing, 5)
    others = {each.name: (await _values(harness, each))[0] for each in filters(harness.plugin).values() if each.beside(filtered)}
    for given in ({}, others):
        for value in await _wire_values(harness, filtered):
            one, two = replace(wide, filter=given), replace(wide, filter={**given, filtered.name: value})
            if await differs(harness, filtered.listing, one, two):
                return
    need(False, f"{filtered} changes nothing in the request: put it into the upstream's parameters, or do not declare it")


async def _wire_values(harness: Harness, filtered: Filtered) -> list[Any]:
    """Values of real records, and all choices of an enum's members, of which an upstream may have a word for a few only."""
    members = list(getattr(getattr(_shape(filtered), "of_type", None), "wrapped_cls", ()))
    choices = [list(each) for size in range(1, 4) for each in combinations(members, size)]
    return [*await _values(harness, filtered), *choices]


@promise(times)
async def bounds_exactly(harness: Harness, filtered: Filtered) -> None:
    """Where time is EXACT, both bounds are inclusive and nothing outside them comes, so that it can be counted."""
    listing = filtered.listing
    records = await everything(harness, listing.kind)
    sorted_times = sorted(time_of(record) for record in records)
    since, until = sorted_times[len(sorted_times) // 4], sorted_times[-1 - len(sorted_times) // 4]
    inside = {record.native_id for record in records if since <= time_of(record) <= until}
    wanted = TimeRange(from_=since, to=until + listing.time_resolution)
    asked = ListRequest(since=since, until=until, size=harness.serving.most(listing), filter={filtered.name: wanted}, count=listing.counts)
    page = await ask(harness, listing, asked)
    found, advice = {record.native_id for record in page.records}, "adjust the bounds to the upstream's, or declare it SUPERSET"
    fits = len(inside) < asked.size
    need(
        found == inside if fits else found <= inside,
        f"{filtered} is EXACT, but {sorted(found ^ inside)[:1]} is wrongly in or out: {advice}",
    )
    # A row that cannot be read is counted too.
    rows = len(inside) + len(page.problems)
    need(not listing.counts or page.total == rows, f"{filtered} is EXACT, but `total` is {page.total} of {rows}: {advice}")


@dataclass(frozen=True, slots=True)
class _Unpushed(Bare):
    """The same provider, where all filtering is left to the gateway."""

    def fetch(self, listing: Listing, filters: Mapping[str, Any] | None = None) -> Fetch:
        return Bare(self.provider, self.declared).fetch(listing)


def _input(filtered: Filtered, value: Any, provider: str) -> Any:
    """The filter as a client gives it."""
    kind = filtered.listing.kind
    if relation := criteria_of(kind)[filtered.name].id_of:
        value = [global_id(RELATIONS[kind, relation].kind.__name__, provider, native) for native in value]
    return FILTERS[kind](**{python_name(filtered.name): value})


async def _values(harness: Harness, filtered: Filtered) -> list[Any]:
    records = await everything(harness, filtered.listing.kind)
    found = list(values(filtered, records))
    kind = filtered.listing.kind.__name__
    need(found, f"no {kind} of the sandbox has anything to filter `{filtered.name}` by: let its generate() make some, or nothing is proved")
    return found


def values(filtered: Filtered, records: Sequence[Record]) -> Iterator[Any]:
    """Values of a filter that some of the records pass, in each of the shapes it has. What is not given may be UNSET or None."""
    shape = _shape(filtered)
    real = _spread(_real(filtered, records))
    if shape is bool:
        yield from (True, False)
    elif shape is IntRange:
        for each in real:
            yield from (IntRange(from_=each, to=each), IntRange(from_=each), IntRange(from_=None, to=each))
    elif shape is NumberFilter:
        for each in real:
            yield from _numbers(each)
    elif shape is TextFilter:
        for each in real:
            yield from (TextFilter(equals=[each.upper()]), TextFilter(starts_with=each[:3].lower()), TextFilter(contains=each[1:4].upper()))
    elif real:
        yield from ([each] for each in real)
        yield real[:2]


def _numbers(number: str) -> Iterator[NumberFilter]:
    yield NumberFilter(equals=[number])
    bare = digits(number)
    if len(bare) > SHORTEST:
        yield NumberFilter(equals=[number, "+41445550000"], starts_with=None, contains=None)
        yield NumberFilter(starts_with=number[:SHORTEST] if number.startswith("+") else bare[:SHORTEST])
        yield NumberFilter(contains=bare[-SHORTEST:])


def _real(filtered: Filtered, records: Sequence[Record]) -> list[Any]:
    """What stands in the records where a filter looks, each value once."""
    criterion = criteria_of(filtered.listing.kind)[filtered.name]
    (attribute, *_) = criterion.attributes
    if relation := criterion.id_of:
        found: list[Any] = [record.refs.get(relation) for record in records]
    elif through := criterion.through:
        found = [getattr(record.held.get(through) or record, attribute, None) for record in records]
    elif _shape(filtered) is NumberFilter:
        found = [getattr(getattr(record, end), "number", None) for record in records for end in criterion.attributes]
    else:
        found = [getattr(record, attribute, None) for record in records]
    return list(dict.fromkeys(each for each in found if each is not None and each != ""))


def _spread(found: list[Any]) -> list[Any]:
    return found[:: max(1, len(found) // SOME)][: SOME + 1]


def _shape(filtered: Filtered) -> Any:
    """What kind of value a filter takes, from the schema's input type."""
    shapes = {each.python_name: each.type for each in fields_of(FILTERS[filtered.listing.kind])}
    shape = shapes[python_name(filtered.name)]
    return getattr(shape, "of_type", shape)
