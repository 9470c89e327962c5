"""Promises about mapping: every record keeps the upstream's row, and every field has its declared type."""

from collections.abc import Iterator
from dataclasses import fields
from datetime import datetime, timedelta
from typing import Any

import msgspec
from strawberry.types import has_object_definition
from strawberry.types.base import StrawberryList, StrawberryOptional
from strawberry.types.enum import StrawberryEnumDefinition

from telegraphql.gateway.conformance.harness import Harness
from telegraphql.gateway.conformance.promises import listed_kinds, listings, promise, require
from telegraphql.gateway.conformance.walks import all_records, fields_of, full_selection
from telegraphql.gateway.plugin.capabilities import declared, schema_name
from telegraphql.gateway.plugin.declarations import Derivation, Listing
from telegraphql.gateway.plugin.provider import ListRequest, Page, Provider
from telegraphql.gateway.plugin.row_reader import RowReader
from telegraphql.gateway.plugin.row_view import RowView
from telegraphql.schema.kinds import RELATIONS
from telegraphql.schema.record import Record

EMPTY_TEXTS = frozenset({"", "null", "N/A", "0000-00-00", "0000-00-00 00:00:00"})
GRAPHQL_INT = 2**31
# What a derived record has beside the fields that it fills.
UNSHOWN = frozenset({"provider_name", "native_id", "sort_id", "position_time", "refs", "held", "files", "raw"})


@promise(listings())
async def keeps_the_raw_row(harness: Harness, listing: Listing) -> None:
    """Keep the upstream's row, as it was delivered, as the record's `raw`."""
    for record in await all_records(harness, listing.kind):
        row = _decoded(record.raw)
        name = f"the {listing.kind.__name__} {record.native_id!r}"
        require(isinstance(row, dict) and row, f"{name} has no row in `raw`: pass rows to self.page, or set `raw` to the row's msgspec.Raw")


@promise(listed_kinds)
async def matches_the_field_types(harness: Harness, kind: type[Record]) -> None:
    """Set every field to its annotated type: enum members, aware UTC times, exact amounts, and None for what is absent."""
    for record in await all_records(harness, kind):
        for path, advice in _invalid_fields(record, kind.__name__):
            require(False, f"{path} of {record.native_id!r} {advice}")


@promise(listings())
async def reads_each_field_alone(harness: Harness, listing: Listing) -> None:
    """Read a field to the same value alone, when a client selects it, and with the whole record."""
    request = ListRequest(size=harness.serving.most(listing), select=full_selection(listing.kind))
    page: Page = await getattr(harness.provider, listing.method)(request)
    for view in page.records:
        if type(view) is not RowView:
            continue
        single_values = {each.name: getattr(view, each.name) for each in fields(listing.kind) if each.init}
        record = RowReader(view.reader.mapping, view.reader.of, view.reader.parameters).whole(view)
        for name, value in vars(record).items():
            subject = f"`{schema_name(name)}` of the {listing.kind.__name__} {view.native_id!r}"
            advice = "let column functions depend only on their arguments, and change nothing"
            require(
                _comparable(single_values[name]) == _comparable(value), f"{subject} has another value if the whole record is read: {advice}"
            )


def derivations(plugin: type[Provider]) -> dict[str, Derivation]:
    """Return the groupings."""
    return {kind.__name__: each for kind, each in declared(plugin).derivations.items()}


@promise(derivations)
async def declares_what_it_derives(harness: Harness, derivation: Derivation) -> None:
    """Name in `@derives(fills=...)` each field and relation that the derived records fill, for the documentation."""
    names = {each.name: each for each in fields(derivation.kind) if each.init and each.name not in UNSHOWN}
    for record in await all_records(harness, derivation.kind):
        filled = {schema_name(name) for name, each in names.items() if getattr(record, name) != each.default}
        filled |= {*record.refs, *record.held} & {name for kind, name in RELATIONS if kind is derivation.kind}
        missing = sorted(filled - {*derivation.fills})
        text = f"the {derivation.kind.__name__} {record.native_id!r} has {missing[:1]}"
        require(not missing, f"{text}: name it in @derives({derivation.kind.__name__}, fills=...)")


def _comparable(value: Any) -> Any:
    return bytes(value) if isinstance(value, msgspec.Raw) else value


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


def _with_article(name: str) -> str:
    return f"{'an' if name[0] in 'aeiou' else 'a'} {name}"


def _invalid_scalar(value: Any, kind: type, path: str) -> Iterator[tuple[str, str]]:
    if not isinstance(value, kind) or (kind is int and isinstance(value, bool)):
        yield path, f"is a {type(value).__name__}: make it {_with_article(kind.__name__)}"
    elif isinstance(value, datetime) and value.utcoffset() != timedelta(0):
        yield path, f"is {value!r}: make it aware, in UTC"
    elif isinstance(value, int) and not -GRAPHQL_INT <= value < GRAPHQL_INT:
        yield path, f"is {value}: GraphQL's Int ends at 2147483647; map what is larger to None"
    elif has_object_definition(kind):
        yield from _invalid_fields(value, path)
