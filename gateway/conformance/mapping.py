"""Promises about mapping: every record keeps the upstream's row, and every field has its declared type."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import msgspec
from strawberry.types.base import StrawberryList, StrawberryOptional
from strawberry.types.enum import StrawberryEnumDefinition

from telegraphql.gateway.conformance.harness import Harness
from telegraphql.gateway.conformance.promises import listed_kinds, listings, promise, require
from telegraphql.gateway.conformance.walks import all_records, fields_of, full_selection, read_listing
from telegraphql.gateway.pagination.cursor import micros, position
from telegraphql.gateway.plugin.capabilities import schema_name
from telegraphql.gateway.plugin.declarations import Keyset, Listing, Windows
from telegraphql.gateway.plugin.mapping import Unmapped
from telegraphql.gateway.plugin.provider import ListRequest
from telegraphql.schema.paging import Problem
from telegraphql.schema.record import Record

EMPTY_TEXTS = frozenset({"", "null", "N/A", "0000-00-00", "0000-00-00 00:00:00"})
GRAPHQL_INT = 2**31


@promise(listings())
async def keeps_the_raw_row(harness: Harness, listing: Listing) -> None:
    """Keep the upstream's row, as it was delivered, as the record's `raw`."""
    for record in await all_records(harness, listing.kind):
        row = _decoded(record.raw)
        name = f"the {listing.kind.__name__} {record.native_id!r}"
        require(isinstance(row, dict) and row, f"{name} has no `raw`: read rows with read_rows, or set `raw` to the row's msgspec.Raw")


@promise(listed_kinds)
async def matches_the_field_types(harness: Harness, kind: type[Record]) -> None:
    """Set every field to its annotated type: enum members, aware UTC times, exact amounts, and None for what is absent."""
    for record in await all_records(harness, kind):
        for path, advice in _invalid_fields(record, kind.__name__):
            require(False, f"{path} of {record.native_id!r} {advice}")


@promise(listings(Keyset, Windows))
async def maps_lazily_to_the_same_record(harness: Harness, listing: Listing) -> None:
    """Map a row that is mapped later to the same record, at the same position."""
    kind, time = listing.kind, listing.kind.time_field
    if time is None or listing.lags:
        return
    ask = ListRequest(size=harness.serving.most(listing), select=full_selection(kind))
    at_once = {record.native_id: record for record in await read_listing(harness, listing, ask)}
    rows: list[Any] = await read_listing(harness, listing, replace(ask, unmapped=True))
    for row in rows:
        if not isinstance(row, Unmapped):
            continue
        made = row.mapped()
        if isinstance(made, Problem):
            require(row.native_id not in at_once, f"{kind.__name__} {row.native_id!r} cannot be mapped where it is unmapped first")
            continue
        advice = "let `place` tell the native_id and the time that the mapping makes, and no record of it have a sort_id"
        place = (micros(row.stands_at), row.provider_name, row.native_id)
        stood = position(made) == place and getattr(made, time) == row.stands_at
        require(stood, f"the {kind.__name__} {row.native_id!r} does not stand where its record does: {advice}")
        same = made.native_id in at_once and _attributes(made) == _attributes(at_once[made.native_id])
        require(same, f"the {kind.__name__} {made.native_id!r} is another record where it is unmapped first: map both the same way")


def _attributes(record: Any) -> dict[str, Any]:
    return {name: bytes(value) if isinstance(value, msgspec.Raw) else value for name, value in vars(record).items() if name != "held"}


def _decoded(raw: Any) -> Any:
    return msgspec.json.decode(raw) if isinstance(raw, msgspec.Raw | bytes | bytearray) else raw


def _invalid_fields(value: Any, path: str) -> Iterator[tuple[str, str]]:
    """Yield the path of each field that does not have its type, and what to do."""
    for field in fields_of(type(value)):
        if field.base_resolver is None:
            yield from _invalid_value(getattr(value, field.python_name), field.type, f"{path}.{schema_name(field.python_name)}")


def _invalid_value(value: Any, kind: Any, path: str) -> Iterator[tuple[str, str]]:
    if isinstance(kind, StrawberryOptional):
        if value is not None:
            yield from _invalid_value(value, kind.of_type, path)
            yield from [(path, f"is {value!r}: map it to None")] if isinstance(value, str) and value.strip() in EMPTY_TEXTS else []
    elif isinstance(kind, StrawberryList):
        if not isinstance(value, list):
            yield path, f"is a {type(value).__name__}: make it a list"
            return
        for each in value:
            yield from _invalid_value(each, kind.of_type, f"{path}[]")
    elif isinstance(kind, StrawberryEnumDefinition):
        if not isinstance(value, kind.wrapped_cls):
            yield path, f"is {value!r}: map it to a member of {kind.wrapped_cls.__name__}, unknown codes to UNKNOWN"
    elif isinstance(kind, type):
        yield from _invalid_scalar(value, kind, path)


def _invalid_scalar(value: Any, kind: type, path: str) -> Iterator[tuple[str, str]]:
    if not isinstance(value, kind) or (kind is int and isinstance(value, bool)):
        yield path, f"is a {type(value).__name__}: make it a {kind.__name__}"
    elif isinstance(value, datetime) and value.utcoffset() != timedelta(0):
        yield path, f"is {value!r}: make it aware, in UTC"
    elif isinstance(value, int) and not -GRAPHQL_INT <= value < GRAPHQL_INT:
        yield path, f"is {value}: GraphQL's Int ends at 2147483647; map what is larger to None"
    elif hasattr(kind, "__strawberry_definition__"):
        yield from _invalid_fields(value, path)
