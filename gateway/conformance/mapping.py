"""Mapping: every record keeps the upstream's own words, and every field holds what its type says."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import msgspec
from strawberry.types import has_object_definition
from strawberry.types.base import StrawberryList, StrawberryOptional
from strawberry.types.enum import StrawberryEnumDefinition

from telegraphql.gateway.conformance.harness import Harness
from telegraphql.gateway.conformance.promises import listed_kinds, listings, need, promise
from telegraphql.gateway.conformance.walks import everything, everything_of, fields_of, read
from telegraphql.gateway.pagination.cursor import micros, position
from telegraphql.gateway.plugin.capabilities import schema_name
from telegraphql.gateway.plugin.declarations import Keyset, Listing, Windows
from telegraphql.gateway.plugin.mapping import Unmapped
from telegraphql.gateway.plugin.provider import ListRequest
from telegraphql.schema.paging import Problem
from telegraphql.schema.record import Record

ABSENT = frozenset({"", "null", "N/A", "0000-00-00", "0000-00-00 00:00:00"})
GRAPHQL_INT = 2**31


@promise(listings())
async def keeps_the_upstreams_words(harness: Harness, listing: Listing) -> None:
    """Every record has the upstream's own row as `raw`, as it was delivered."""
    for record in await everything(harness, listing.kind):
        row = _decoded(record.raw)
        name = f"the {listing.kind.__name__} {record.native_id!r}"
        need(isinstance(row, dict) and row, f"{name} has no row in `raw`: read rows with read_rows, or set `raw` to the row's msgspec.Raw")


@promise(listed_kinds)
async def holds_what_the_types_say(harness: Harness, kind: type[Record]) -> None:
    """Every plain field holds its annotated type: members of enums, aware moments in UTC, exact amounts, null for what is absent."""
    for record in await everything(harness, kind):
        for path, advice in _wrong(record, kind.__name__):
            need(False, f"{path} of {record.native_id!r} {advice}")


@promise(listings(Keyset, Windows))
async def stands_where_it_will(harness: Harness, listing: Listing) -> None:
    """A row that stays unmapped stands where its record does, and becomes the record that it would have been at once."""
    kind, time = listing.kind, listing.kind.time_field
    if time is None or listing.lags:
        return
    ask = ListRequest(size=harness.serving.most(listing), select=everything_of(kind))
    at_once = {record.native_id: record for record in await read(harness, listing, ask)}
    rows: list[Any] = await read(harness, listing, replace(ask, unmapped=True))
    for row in rows:
        if not isinstance(row, Unmapped):
            continue
        made = row.mapped()
        if isinstance(made, Problem):
            need(row.native_id not in at_once, f"{kind.__name__} {row.native_id!r} cannot be mapped where it is unmapped first")
            continue
        advice = "let `place` tell the native_id and the time that the mapping makes, and no record of it have a sort_id"
        place = (micros(row.stands_at), row.provider_name, row.native_id)
        stood = position(made) == place and getattr(made, time) == row.stands_at
        need(stood, f"the {kind.__name__} {row.native_id!r} does not stand where its record does: {advice}")
        same = made.native_id in at_once and _attributes(made) == _attributes(at_once[made.native_id])
        need(same, f"the {kind.__name__} {made.native_id!r} is another record where it is unmapped first: map both the same way")


def _attributes(record: Any) -> dict[str, Any]:
    return {name: bytes(value) if isinstance(value, msgspec.Raw) else value for name, value in vars(record).items() if name != "held"}


def _decoded(raw: Any) -> Any:
    return msgspec.json.decode(raw) if isinstance(raw, msgspec.Raw | bytes | bytearray) else raw


def _wrong(value: Any, path: str) -> Iterator[tuple[str, str]]:
    """The plain fields of an object that hold something else than their type, and what to do."""
    for field in fields_of(type(value)):
        if field.base_resolver is None:
            yield from _value(getattr(value, field.python_name), field.type, f"{path}.{schema_name(field.python_name)}")


def _value(value: Any, kind: Any, path: str) -> Iterator[tuple[str, str]]:
    if isinstance(kind, StrawberryOptional):
        if value is not None:
            yield from _value(value, kind.of_type, path)
            yield from [(path, f"is {value!r}: map it to None")] if isinstance(value, str) and value.strip() in ABSENT else []
    elif isinstance(kind, StrawberryList):
        if not isinstance(value, list):
            yield path, f"is a {type(value).__name__}: make it a list"
            return
        for each in value:
            yield from _value(each, kind.of_type, f"{path}[]")
    elif isinstance(kind, StrawberryEnumDefinition):
        if not isinstance(value, kind.wrapped_cls):
            yield path, f"is {value!r}: translate it to a member of {kind.wrapped_cls.__name__}, unknown words to UNKNOWN"
    elif isinstance(kind, type):
        yield from _plain(value, kind, path)


def _plain(value: Any, kind: type, path: str) -> Iterator[tuple[str, str]]:
    if not isinstance(value, kind) or (kind is int and isinstance(value, bool)):
        yield path, f"is a {type(value).__name__}: make it a {kind.__name__}"
    elif isinstance(value, datetime) and value.utcoffset() != timedelta(0):
        yield path, f"is {value!r}: make it aware, in UTC"
    elif isinstance(value, int) and not -GRAPHQL_INT <= value < GRAPHQL_INT:
        yield path, f"is {value}: GraphQL's Int ends at 2147483647; map what is larger to None"
    elif has_object_definition(kind):
        yield from _wrong(value, path)
