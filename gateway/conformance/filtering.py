"""Promises about filters: the upstream applies what a listing declares, and never too much."""

import re
from collections.abc import AsyncIterator, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import combinations, pairwise
from typing import Any

from telegraphql.gateway.conformance.harness import Harness, UnguardedProvider
from telegraphql.gateway.conformance.listing import full_request, list_page, requests_differ
from telegraphql.gateway.conformance.promises import listings, over_http, promise, require
from telegraphql.gateway.conformance.walks import all_records, full_selection, read_listing, read_pages
from telegraphql.gateway.pagination.connection import MOST_FIRST
from telegraphql.gateway.pagination.cursor import time_of
from telegraphql.gateway.pagination.filtering.filters import criteria_of, input_type, needed_fields
from telegraphql.gateway.pagination.filtering.predicates import predicate, shown_texts
from telegraphql.gateway.pagination.page_checks import Fetch
from telegraphql.gateway.plugin.capabilities import python_name, schema_name
from telegraphql.gateway.plugin.declarations import Listing
from telegraphql.gateway.plugin.phone_numbers import digits
from telegraphql.gateway.plugin.provider import ListRequest, Provider, Push
from telegraphql.schema.context import PageArguments
from telegraphql.schema.filters import DecimalRange, IntRange, NumberFilter, TextFilter, TimeRange
from telegraphql.schema.kinds import FILTERS, RELATIONS
from telegraphql.schema.node import global_id
from telegraphql.schema.record import Record
from telegraphql.schema.values import Money

SAMPLE = 2
TEXT_ROWS, WORD = 5, re.compile(r"(?<=\")[\w.-]{3,}(?=\")")
MIN_PART = 4


@dataclass(frozen=True, slots=True)
class FilterCase:
    """One declared filter of a listing."""

    listing: Listing
    name: str
    push: Push

    @property
    def input_type(self) -> Any:
        """Return the type of its value in the schema."""
        return input_type(self.listing.kind, self.name)

    @property
    def is_time(self) -> bool:
        """Return True if it filters the kind's own time, which the upstream receives as bounds."""
        return self.listing.kind.time_field is not None and schema_name(self.listing.kind.time_field) == self.name

    def is_sibling(self, other: "FilterCase") -> bool:
        """Return True if both are filters of the same listing."""
        return self.listing is other.listing and self.name != other.name

    def __str__(self) -> str:
        return f"the filter `{self.name}` of {self.listing.kind.__name__}"


def filters(plugin: type[Provider]) -> dict[str, FilterCase]:
    """Return the declared filters other than time."""
    return {name: each for name, each in _filters(plugin).items() if not each.is_time}


def times(plugin: type[Provider]) -> dict[str, FilterCase]:
    """Return the declared time filters that are EXACT."""
    return {name: each for name, each in _filters(plugin).items() if each.is_time and each.push is Push.EXACT}


def _filters(plugin: type[Provider]) -> dict[str, FilterCase]:
    declared_listings = listings()(plugin).values()
    cases = [FilterCase(listing, name, push) for listing in declared_listings for name, push in listing.filters.items()]
    return {f"{case.listing.kind.__name__}.{case.name}": case for case in cases}


@promise(filters)
async def filters_as_declared(harness: Harness, case: FilterCase) -> None:
    """Deliver every record that passes a declared filter, and no other if it is EXACT."""
    listing, size = case.listing, harness.serving.most(case.listing)
    for value in [*await sample_values(harness, case), *_enum_values(case)]:
        expected = await _passing(harness, case, value)
        request = ListRequest(size=size, filter={case.name: value}, select=full_selection(listing.kind))
        records = await read_listing(harness, listing, request)
        missing = sorted(expected - {record.native_id for record in records})
        advice = "translate the value so that the upstream returns more rather than less, or do not declare the filter"
        require(not missing, f"{case} = {value} loses {missing[:1]}, which passes the gateway's own filter: {advice}")
        if case.push is Push.EXACT:
            is_match = predicate(listing.kind, {case.name: value}, harness.provider.numbering)
            # Some upstreams list certain records only under a filter: these are missing in `expected`.
            others = [record.native_id for record in records if record.native_id not in expected and is_match(record) is not True]
            await _require_exact_total(harness, case, value, len(records), others)


async def _passing(harness: Harness, case: FilterCase, value: Any) -> set[str]:
    """Return the ids of the records that pass the gateway's own filter."""
    kind, serving = case.listing.kind, _WithoutFilters(harness.provider, harness.declared)
    wanted = predicate(kind, {case.name: value}, harness.provider.numbering)
    criterion = criteria_of(kind)[case.name]
    if not (criterion.has or criterion.among) and not serving.lacking(kind, needed_fields(kind, [case.name])):
        return {record.native_id for record in await all_records(harness, kind) if wanted(record)}
    arguments = PageArguments(first=MOST_FIRST, filter=_client_filter(case, value, harness.provider.id))
    return {record.native_id for record in await read_pages(serving, kind, arguments)}


def _enum_values(case: FilterCase) -> list[list[Any]]:
    """Return each member of an enum filter alone and with the next one, and all of them: an upstream has words of its own for each."""
    members = _members(case)
    return [*([each] for each in members), *map(list, pairwise([*members, *members[:1]])), members] if members else []


async def _require_exact_total(harness: Harness, case: FilterCase, value: Any, count: int, others: Sequence[str]) -> None:
    """Require `total` to be exact or None: None for a value that the plugin cannot send to the upstream."""
    listing = case.listing
    request = replace(await full_request(harness, listing, 1), filter={case.name: value}, count=listing.counts)
    total = (await list_page(harness, listing, request)).total if listing.counts else None
    subject = f"{case} = {value} is EXACT but"
    advice = "declare it SUPERSET, or leave Page.total None"
    require(not others or (listing.counts and total is None), f"{subject} also delivers {others[:1]}: {advice}")
    advice = "leave Page.total None for a value that you cannot send"
    require(total in (None, count), f"{subject} delivers {count} records and `total` is {total}: {advice}")


@promise(over_http(filters))
async def sends_filters(harness: Harness, case: FilterCase) -> None:
    """Send a declared filter to the upstream, alone and with the listing's other filters."""
    base_request = await full_request(harness, case.listing, 5)
    others = {each.name: (await sample_values(harness, each))[0] for each in filters(harness.plugin).values() if each.is_sibling(case)}
    for other_filters in ({}, others):
        for value in await _values_to_send(harness, case):
            one, two = replace(base_request, filter=other_filters), replace(base_request, filter={**other_filters, case.name: value})
            if await requests_differ(harness, case.listing, one, two):
                return
    require(False, f"{case} changes nothing in the request: send it as a parameter, or do not declare it")


async def _values_to_send(harness: Harness, case: FilterCase) -> list[Any]:
    """Return values of records and all choices of up to three enum members, since an upstream may support only some of them."""
    members = _members(case)
    choices = [list(each) for size in range(1, 4) for each in combinations(members, size)]
    return [*await sample_values(harness, case), *choices]


@promise(times)
async def applies_time_bounds_exactly(harness: Harness, case: FilterCase) -> None:
    """Deliver exactly the records between both inclusive bounds if the time filter is EXACT."""
    listing = case.listing
    records = await all_records(harness, listing.kind)
    sorted_times = sorted(time_of(record) for record in records)
    since, until = sorted_times[len(sorted_times) // 4], sorted_times[-1 - len(sorted_times) // 4]
    expected = {record.native_id for record in records if since <= time_of(record) <= until}
    time_range = TimeRange(since=since, until=until + listing.time_resolution)
    request = ListRequest(
        since=since, until=until, size=harness.serving.most(listing), filter={case.name: time_range}, count=listing.counts
    )
    page = await list_page(harness, listing, request)
    delivered, advice = (
        {record.native_id for record in page.records},
        "convert the bounds as the upstream expects them, or declare the filter SUPERSET",
    )
    is_one_page = len(expected) < request.size
    require(
        delivered == expected if is_one_page else delivered <= expected,
        f"{case} is EXACT, but {sorted(delivered ^ expected)[:1]} is wrongly delivered or missing: {advice}",
    )
    # A malformed row is counted too.
    row_count = len(expected) + len(page.problems)
    require(not listing.counts or page.total == row_count, f"{case} is EXACT, but `total` is {page.total} of {row_count}: {advice}")


@dataclass(frozen=True, slots=True)
class _WithoutFilters(UnguardedProvider):
    """The provider without declared filters: the gateway applies all."""

    def fetch(self, listing: Listing, filters: Mapping[str, Any] | None = None) -> Fetch:
        return UnguardedProvider(self.provider, self.declared).fetch(listing)


def _client_filter(case: FilterCase, value: Any, account: str) -> Any:
    """Return the filter as a client sends it."""
    kind = case.listing.kind
    if relation := criteria_of(kind)[case.name].id_of:
        value = [global_id(RELATIONS[kind, relation].kind.__name__, account, native) for native in value]
    return FILTERS[kind](**{python_name(case.name): value})


async def sample_values(harness: Harness, case: FilterCase) -> list[Any]:
    """Return values of a filter that some records of the sandbox pass."""
    records = await all_records(harness, case.listing.kind)
    values_found = list(filter_values(case, records)) or [each async for each in _texts_found(harness, case, records)]
    kind = case.listing.kind.__name__
    require(values_found, f"no {kind} of the sandbox has a value for the filter `{case.name}`: let the sandbox's generate() make some")
    return values_found


async def _texts_found(harness: Harness, case: FilterCase, records: Sequence[Record]) -> AsyncIterator[str]:
    """Yield one text of the upstream's rows by which it finds a record, for a text filter that only the upstream can apply."""
    if case.input_type is not str:
        return
    request = await full_request(harness, case.listing)
    for text in dict.fromkeys(text for record in records[:TEXT_ROWS] for text in WORD.findall(bytes(record.raw or b"").decode())):
        if (await list_page(harness, case.listing, replace(request, filter={case.name: text}))).records:
            yield text
            return


def filter_values(case: FilterCase, records: Sequence[Record]) -> Iterator[Any]:
    """Yield values that some of the records pass, in each form that the filter has. Fields that are not given are UNSET or None."""
    value_type = case.input_type
    record_values = _sample(_record_values(case, records))
    if value_type is str:
        yield from record_values
    elif value_type is bool:
        yield from (True, False)
    elif value_type is IntRange or value_type is DecimalRange:
        for each in record_values:
            yield from (value_type(min=each, max=each), value_type(min=each), value_type(min=None, max=each))
    elif value_type is TimeRange:
        for each in record_values:
            yield from (TimeRange(since=each, until=None), TimeRange(since=None, until=each))
    elif value_type is NumberFilter:
        for each in record_values:
            yield from _number_filters(each)
    elif value_type is TextFilter:
        for each in record_values:
            yield from (TextFilter(equals=[each.upper()]), TextFilter(starts_with=each[:3].lower()), TextFilter(contains=each[1:4].upper()))
    elif record_values:
        yield from ([each] for each in record_values)
        yield record_values[:2]


def _number_filters(number: str) -> Iterator[NumberFilter]:
    yield NumberFilter(equals=[number])
    number_digits = digits(number)
    if len(number_digits) > MIN_PART:
        yield NumberFilter(equals=[number, "+41445550000"], starts_with=None, contains=None)
        yield NumberFilter(starts_with=number[:MIN_PART] if number.startswith("+") else number_digits[:MIN_PART])
        yield NumberFilter(contains=number_digits[-MIN_PART:])


def _record_values(case: FilterCase, records: Sequence[Record]) -> list[Any]:
    """Return the distinct values of the records' attributes that a filter looks at."""
    criterion = criteria_of(case.listing.kind)[case.name]
    (attribute, *_) = criterion.attributes
    if criterion.among:
        records = [each for record in records for each in record.held.get(criterion.among) or ()]
    if relation := criterion.id_of:
        values: list[Any] = [record.refs.get(relation) for record in records]
    elif through := criterion.through:
        values = [getattr(record.held.get(through) or record, attribute, None) for record in records]
    elif criterion.is_search:
        parties = [getattr(record, end) for record in records for end in criterion.attributes]
        values = [getattr(party, part, None) for part in ("number", "name") for party in parties]
    elif case.input_type is NumberFilter:
        ends = [getattr(record, end) for record in records for end in criterion.attributes]
        values = [end if isinstance(end, str) else getattr(end, "number", None) for end in ends]
    elif case.input_type is TextFilter:
        values = [text for record in records for end in criterion.attributes for text in shown_texts(getattr(record, end))]
    elif criterion.reads:
        values = [criterion.reads(record) for record in records]
    else:
        values = [getattr(record, attribute, None) for record in records]
        values = [each.amount if isinstance(each, Money) else each for each in values]
    return list(dict.fromkeys(each for each in values if each is not None and each != ""))


def _sample(values: list[Any]) -> list[Any]:
    return values[:: max(1, len(values) // SAMPLE)][: SAMPLE + 1]


def _members(case: FilterCase) -> list[Any]:
    """Return the members of an enum filter."""
    return list(getattr(getattr(case.input_type, "of_type", None), "wrapped_cls", ()))
