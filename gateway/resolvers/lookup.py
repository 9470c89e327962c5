"""Lookup of providers by name and of records by global id."""

import asyncio
from collections.abc import Mapping, Sequence
from typing import Any, Protocol, TypeVar

from strawberry.types import Info

from telegraphql.gateway.auth import redaction
from telegraphql.gateway.auth.caller import Caller, Scope, scope_of_kind
from telegraphql.gateway.errors import BadId, BadInput, NotFound, RequestError, UnknownProvider, UpstreamError
from telegraphql.gateway.pagination.bound_provider import BoundProvider
from telegraphql.gateway.pagination.connection import MOST_FIRST
from telegraphql.gateway.pagination.dataloaders import DataLoaders, LoaderKey
from telegraphql.gateway.pagination.provider_faults import fault_of
from telegraphql.gateway.plugin.row_view import without_views
from telegraphql.gateway.plugin.selection import Selection, selected
from telegraphql.gateway.resolvers.capabilities import provider_node
from telegraphql.schema.kinds import KINDS
from telegraphql.schema.node import read_global_id
from telegraphql.schema.provider import PROVIDER, ProviderNode
from telegraphql.schema.record import Record

T = TypeVar("T")
Found = Record | ProviderNode | Exception | None


class LookupContext(Protocol):
    """The part of a request's context that a lookup needs."""

    serving: Mapping[str, BoundProvider]
    caller: Caller
    loaders: DataLoaders
    # Set if the executor of the running operation takes views of rows.
    row_projection: Any


class RecordLookup:
    """The part of a request's context that returns records by their global ids."""

    async def records(
        self: LookupContext, ids: Sequence[str], info: Info, most: int = MOST_FIRST
    ) -> list[Record | ProviderNode | Exception | None]:
        """Return the records and providers with these ids, in their order. Records of one provider and kind are fetched together.

        An error stands in the place of its record, and None in the place of one that does not exist.
        """
        self.caller.require(Scope.READ)
        if len(ids) > most:
            raise BadInput(f"too many ids: {len(ids)} given, at most {most} allowed")
        records: list[Found] = [None] * len(ids)
        groups: dict[tuple[str, str], list[tuple[int, str]]] = {}
        for index, text in enumerate(ids):
            try:
                kind, provider, native_id = _parse_id(self, text)
                if kind == PROVIDER:
                    records[index] = provider_node(self.serving[provider])
                    continue
                groups.setdefault((kind, provider), []).append((index, native_id))
            except RequestError as error:
                records[index] = error
        loading = (
            _load(self, KINDS[kind], self.serving[provider], native_ids, selected(info, kind))
            for (kind, provider), native_ids in groups.items()
        )
        for group in await asyncio.gather(*loading):
            for index, record in group:
                try:
                    records[index] = visible(self, record)
                except Exception as error:
                    records[index] = fault_of(error, getattr(record, "provider_name", ""))
        return records


def check_id(context: LookupContext, id: str) -> None:
    """Raise RequestError unless an id is one that the caller may read."""
    _parse_id(context, id)


async def load_record(context: LookupContext, id: str, select: Selection) -> Record | Exception | None:
    """Return the record with this id, None if it does not exist, or the error that stands in its place.

    Raises:
        RequestError: The id is not one of a record that the caller may read.
    """
    kind, provider, native_id = _parse_id(context, id)
    if kind == PROVIDER:
        raise BadId(f"{id[:80]!r} is not the id of a record")
    ((_, record),) = await _load(context, KINDS[kind], context.serving[provider], [(0, native_id)], select)
    return record


def find_provider(serving: Mapping[str, BoundProvider], id: str) -> BoundProvider:
    """Return the configured provider of this id.

    Raises:
        UnknownProvider: There is none, or the caller may not see it.
    """
    provider = serving.get(id)
    if provider is None:
        raise _unknown(id)
    return provider


def find_named_provider(serving: Mapping[str, BoundProvider], name: str) -> BoundProvider:
    """Return the configured provider of this name.

    Raises:
        UnknownProvider: There is none, or the caller may not see it.
    """
    for provider in serving.values():
        if provider.name == name:
            return provider
    raise _unknown(name)


def _unknown(provider: str) -> UnknownProvider:
    return UnknownProvider(f"unknown provider {provider[:80]!r}: query providers {{ name }} for the configured ones")


def visible(context: LookupContext, value: T) -> T:
    """Return records, or a connection of them, without what is withheld from the caller, in a form that the executor takes."""
    if context.caller.redacts_personal:
        return redaction.redact_personal(value)  # type: ignore[no-any-return]
    return value if context.row_projection is not None else without_views(value)


def _parse_id(context: LookupContext, text: str) -> tuple[str, str, str]:
    try:
        kind, provider, native_id = read_global_id(text)
    except ValueError:
        raise BadId(f"{text[:80]!r} is not an id of this gateway") from None
    if kind not in KINDS and (kind, native_id) != (PROVIDER, provider):
        raise BadId(f"{text[:80]!r} is not an id of this gateway")
    if kind != PROVIDER:
        context.caller.require(scope_of_kind(KINDS[kind]))
    find_provider(context.serving, provider)
    return kind, provider, native_id


async def _load(
    context: LookupContext, kind: type[Record], serving: BoundProvider, native_ids: Sequence[tuple[int, str]], select: Selection
) -> list[tuple[int, Record | Exception | None]]:
    if not serving.declared.gets(kind):
        unsupported = BadId(f"{serving.name} cannot fetch a single {kind.__name__} by id")
        return [(index, unsupported) for index, _ in native_ids]
    keys = [LoaderKey(native_id) for _, native_id in native_ids]
    try:
        results = await context.loaders.load_each(serving, kind, "id", keys, select)
    except Exception as error:
        results = [fault_of(error, serving.id)] * len(keys)
    return [(index, _single(result)) for (index, _), result in zip(native_ids, results, strict=True)]


def _single(result: list[Record] | Exception) -> Record | Exception | None:
    """Return the one record of a key, None if it does not exist, or the upstream's error in its place."""
    if isinstance(result, NotFound):
        return None
    if isinstance(result, UpstreamError):
        return result
    if isinstance(result, Exception):
        raise result
    return next(iter(result), None)
