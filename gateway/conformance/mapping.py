"""Mapping: every record keeps the upstream's own words, and every field holds what its type says."""

from collections.abc import Iterator
from dataclasses import fields
from datetime import datetime, timedelta
from typing import Any

import msgspec
from strawberry.types.base import StrawberryList, StrawberryOptional
from strawberry.types.enum import StrawberryEnumDefinition

from telegraphql.gateway.conformance.harness import Harness
from telegraphql.gateway.conformance.promises import listed_kinds, listings, need, promise
from telegraphql.gateway.conformance.walks import everything, everything_of, fields_of
from telegraphql.gateway.plugin.capabilities import schema_name
from telegraphql.gateway.plugin.declarations import Listing
from telegraphql.gateway.plugin.provider import ListRequest, Page
from telegraphql.gateway.plugin.rows import RowReader, RowView
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


@promise(listings())
async def reads_each_field_alone(harness: Harness, listing: Listing) -> None:
    """A field has the same value whether it is read alone, as one that a client selects, or with the whole record."""
    ask = ListRequest(size=harness.serving.most(listing), select=everything_of(listing.kind))
    page: Page = await getattr(harness.provider, listing.method)(ask)
    for view in page.records:
        if type(view) is not RowView:
            continue
        alone = {each.name: getattr(view, each.name) for each in fields(listing.kind) if each.init}
        record = RowReader(view.reader.mapping, view.reader.of, view.reader.parameters).whole(view)
        for name, value in vars(record).items():
            name_ = f"`{schema_name(name)}` of the {listing.kind.__name__} {view.native_id!r}"
            advice = "let the functions of columns give the same for the same values, and change nothing"
            need(_comparable(alone[name]) == _comparable(value), f"{name_} is another value when the record is read as a whole: {advice}")


def _comparable(value: Any) -> Any:
    return bytes(value) if isinstance(value, msgspec.Raw) else value


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
    elif hasattr(kind, "__strawberry_definition__"):
        yield from _wrong(value, path)
