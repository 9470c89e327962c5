"""Promises about gets and relations: few requests, the same records as the listing, and relations that lead there and back."""

import asyncio
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from typing import Any

from telegraphql.gateway.conformance.harness import Harness, UnguardedProvider
from telegraphql.gateway.conformance.promises import promise, require
from telegraphql.gateway.conformance.walks import (
    all_records,
    follow_relation,
    full_selection,
    key_of,
    keys,
    records_with_relation,
    visible_fields,
)
from telegraphql.gateway.errors import Unforeseen, UpstreamError
from telegraphql.gateway.pagination.bound_provider import BoundProvider
from telegraphql.gateway.pagination.dataloaders import DataLoaders, LoaderKey
from telegraphql.gateway.plugin.capabilities import declared
from telegraphql.gateway.plugin.declarations import Listing
from telegraphql.gateway.plugin.provider import Provider
from telegraphql.gateway.plugin.row_view import without_views
from telegraphql.gateway.plugin.selection import NOTHING
from telegraphql.schema.kinds import RELATIONS, Relation
from telegraphql.schema.record import Record

MAX_KEYS = 25
SAMPLE_KEYS = 6
# A plugin may need one request to locate a record and one to fetch it.
MAX_REQUESTS_PER_CHUNK = 2


@dataclass(frozen=True, slots=True)
class GetCase:
    """One way to get records by keys."""

    kind: type[Record]
    by: str
    at_most: int = 1

    def __str__(self) -> str:
        return f"gets({self.kind.__name__})" if self.by == "id" else f'gets({self.kind.__name__}, by="{self.by}")'


def getters(plugin: type[Provider]) -> dict[str, GetCase]:
    """Return the declared gets."""
    return {_id(case): case for case in (GetCase(each.kind, each.by, each.at_most) for each in declared(plugin).getters.values())}


def by_id(plugin: type[Provider]) -> dict[str, GetCase]:
    """Return the kinds that can be both listed and fetched by id, derived kinds included."""
    found = declared(plugin)
    kinds = [kind for kind in dict.fromkeys([*found.listings, *found.derivations]) if found.gets(kind)]
    return {kind.__name__: GetCase(kind, "id") for kind in kinds}


def by_parent_key(plugin: type[Provider]) -> dict[str, GetCase]:
    """Return the listed kinds that can be found by a parent's key, with gets and with joins."""
    found = declared(plugin)
    cases = [GetCase(kind, by) for kind, by in found.getters if by != "id" and kind in found.listings]
    cases += [GetCase(kind, by) for kind, listing in found.listings.items() for by in listing.joins]
    return {_id(case): case for case in cases}


def relations(plugin: type[Provider]) -> dict[str, tuple[type[Record], str]]:
    """Return the relations of listed kinds."""
    return {f"{kind.__name__}.{field}": (kind, field) for kind, field in RELATIONS if declared(plugin).lists(kind)}


@promise(getters)
async def batches_keys(harness: Harness, case: GetCase) -> None:
    """Fetch n keys in n / `at_most` requests, at most twice as many, and a repeated key only once."""
    keys_found = await sample_keys(harness, case, min(MAX_KEYS, 2 * case.at_most + 1))
    await harness.provider.check()
    loaders, serving = DataLoaders(), without_joins(harness)
    with harness.recorded_requests() as requests:
        await loaders.load(serving, case.kind, case.by, [*keys_found, *keys_found], NOTHING)
    limit = MAX_REQUESTS_PER_CHUNK * -(-len(keys_found) // case.at_most)
    operations = sorted({row["operation"] for row in requests})
    advice = f"send all of GetRequest.keys together, or declare at_most=1; it sent {operations}"
    text = f"{case} sends {len(requests)} requests for {len(keys_found)} keys, at_most={case.at_most} allows {limit}: {advice}"
    require(0 < len(requests) <= limit, text)


@promise(getters, makes_up_values=True)
async def omits_unknown_keys(harness: Harness, case: GetCase) -> None:
    """Leave a key without a record out of the page, without an error, and deliver the others."""
    real_keys = await sample_keys(harness, case, 1)
    unknown_key = await unknown_key_of(harness, case, real_keys[0])
    for requested in ([unknown_key], [*real_keys, unknown_key] if case.at_most > 1 else [unknown_key]):
        try:
            records = await DataLoaders().load(without_joins(harness), case.kind, case.by, requested, NOTHING)
        except UpstreamError as error:
            advice = "leave unknown keys out of the page (with at_most=1, NotFound is allowed)"
            raise AssertionError(f"{case} of an unknown key raises {type(error).__name__}: {advice}") from error
        require(
            not records[-1],
            f"{case} of the unknown key {unknown_key.text!r} delivers {records[-1][:1]}: return only records of GetRequest.keys",
        )


@promise(getters, makes_up_values=True)
async def quotes_keys(harness: Harness, case: GetCase) -> None:
    """Quote keys, which clients may make up, so that no character of a key changes the request."""
    real_key = (await sample_keys(harness, case, 1))[0]
    for text in (f"{real_key.text}?kit=1&kit=2", f"{real_key.text}/../kit", "☎ %00 '\" ;", "-1", "9" * 40):
        with harness.recorded_requests() as requests:
            try:
                await DataLoaders().load(without_joins(harness), case.kind, case.by, [real_key._replace(text=text)], NOTHING)
            except Unforeseen:
                raise
            except UpstreamError as error:
                require(
                    harness.is_free_of_secrets(str(error)),
                    f"the error for the key {text!r} contains a secret: write a message of your own",
                )
        injected = [row["operation"] for row in requests if "kit" in row["parameters"]]
        require(not injected, f"{case} of the key {text!r} adds a parameter to the request: quote keys in paths and filters")


@promise(by_id)
async def gets_what_is_listed(harness: Harness, case: GetCase) -> None:
    """Map a record fetched by its id to the same fields as in the listing; its key is its native id or refs["id"]."""
    listing = harness.declared.listings.get(case.kind)
    detail_fields = sorted(listing.detail) if listing else []
    records = (await all_records(harness, case.kind))[:MAX_KEYS]
    requested = [LoaderKey(key_of(record, "id") or "") for record in records]
    results = without_views(await DataLoaders().load(harness.serving, case.kind, "id", requested, full_selection(case.kind)))
    for record, result in zip(records, results, strict=True):
        ids = [each.native_id for each in result]
        require(ids == [record.native_id], f"{case} of {record.native_id!r} delivers {ids}: deliver it with the native_id of the listing")
        listed_fields, fetched_fields = visible_fields(record, detail_fields), visible_fields(result[0], detail_fields)
        differing = {
            name: (listed_fields[name], fetched_fields[name]) for name in listed_fields if listed_fields[name] != fetched_fields[name]
        }
        advice = "map both with the same mapping, or declare fields that only the get delivers as `detail`"
        require(not differing, f"{case.kind.__name__} {record.native_id!r} differs between list and get in {differing}: {advice}")


@promise(by_parent_key)
async def finds_all_children(harness: Harness, case: GetCase) -> None:
    """Find by a parent's key, with gets and with joins, exactly the children that the listing has."""
    children = await all_records(harness, case.kind)
    parent_keys = (await sample_keys(harness, case, MAX_KEYS))[: MAX_KEYS if case.at_most > 1 else SAMPLE_KEYS]
    for serving, verb in (without_joins(harness), "get"), (without_gets(harness), "join"):
        if supports(serving, case):
            results = await DataLoaders().load(serving, case.kind, case.by, parent_keys, NOTHING)
            for key, result in zip(parent_keys, results, strict=True):
                subject = f"{case.kind.__name__} by {case.by} {key.text!r}"
                missing = _ids(child for child in children if key_of(child, case.by) == key.text) - _ids(result)
                advice = "widen TimeWindowJoin(before, after)" if verb == "join" else "read all records of the key"
                require(not missing, f"{subject}: the {verb} misses {sorted(missing)[:1]}, which the listing has: {advice}")
                unexpected = _ids(result) - _ids(children)
                advice = "set the same native_id as the listing"
                require(not unexpected, f"{subject}: the {verb} delivers {sorted(unexpected)[:1]}, which the listing lacks: {advice}")


def _ids(records: Iterable[Record]) -> set[str]:
    return {record.native_id for record in records}


@promise(relations)
async def follows_relations_both_ways(harness: Harness, relation: tuple[type[Record], str]) -> None:
    """Fill refs so that relations of listed records can be followed, there and back."""
    kind, field = relation
    parents = await records_with_relation(harness, kind, field)
    groups = await _follow_all(harness, [(parent, field) for parent in parents])
    children = [(parent, child) for parent, group in zip(parents, groups, strict=True) for child in group]
    for parent, child in children:
        _require_reference(parent, field, child)
    inverse = _inverse(kind, RELATIONS[kind, field])
    if inverse:
        returns = await _follow_all(harness, [(child, inverse) for _, child in children])
        for (parent, child), group in zip(children, returns, strict=True):
            ids = sorted(_ids(group))
            advice = f"set refs[{inverse!r}] to the parent's key"
            require(not ids or parent.native_id in ids, f"{_label(child)} of {_label(parent)} leads back to {ids[:1]}: {advice}")


async def _follow_all(harness: Harness, ways: Sequence[tuple[Record, str]]) -> list[list[Any]]:
    loaders = DataLoaders()
    return await asyncio.gather(*(follow_relation(harness, record, field, loaders) for record, field in ways))


def _require_reference(parent: Record, field: str, child: Record) -> None:
    relation = RELATIONS[type(parent), field]
    require(
        isinstance(child, relation.kind), f"{type(parent).__name__}.{field} leads to {_label(child)}: it must be a {relation.kind.__name__}"
    )
    if not relation.many:
        return
    parts = (parent.refs.get(field) or "").split(";")
    has_reference = not {child.refs.get(relation.by), child.refs.get("id"), child.native_id}.isdisjoint(parts)
    inverse = _inverse(type(parent), relation)
    is_held = field in parent.held and (inverse is None or child.refs.get(inverse) or inverse in child.held)
    subject, key = f"{_label(child)} of {_label(parent)}", inverse if field in parent.held else relation.by
    require(has_reference or is_held, f"{subject} has no refs[{key!r}]: set it to the parent's key")


def _label(record: Record) -> str:
    return f"the {type(record).__name__} {record.native_id!r}"


def _inverse(kind: type[Record], relation: Relation) -> str | None:
    """Return the field by which a child leads to its one parent, or None."""
    for (child, field), back in RELATIONS.items():
        if child is relation.kind and back.kind is kind and not back.many and child is not kind:
            return field
    return None


async def sample_keys(harness: Harness, case: GetCase, limit: int) -> list[LoaderKey]:
    """Return keys that records of the sandbox lead to."""
    keys_found = list((await keys(harness, case.kind, case.by)).values())[:limit]
    require(keys_found, f"no record of the sandbox leads to {case}: set the refs, and let the sandbox's generate() make some")
    return keys_found


async def unknown_key_of(harness: Harness, case: GetCase, real_key: LoaderKey) -> LoaderKey:
    """Return a key of the same shape that no record has."""
    existing = await keys(harness, case.kind, case.by)
    candidates = ["".join(digit if each.isdigit() else each for each in real_key.text) for digit in "987654"]
    return real_key._replace(text=next((each for each in candidates if each not in existing), "0"))


def without_joins(harness: Harness) -> BoundProvider:
    """Return the provider without joins, so that the gateway must use gets."""
    listings = {kind: replace(listing, joins={}) for kind, listing in harness.declared.listings.items()}
    return UnguardedProvider(harness.provider, replace(harness.declared, listings=listings))


def without_gets(harness: Harness) -> BoundProvider:
    """Return the provider without gets by a parent's key, so that the gateway must use joins."""
    getters = {name: each for name, each in harness.declared.getters.items() if each.by == "id"}
    return UnguardedProvider(harness.provider, replace(harness.declared, getters=getters))


def supports(serving: BoundProvider, case: GetCase) -> bool:
    """Return True if records can be found by this key."""
    listing: Listing | None = serving.declared.listings.get(case.kind)
    return (case.kind, case.by) in serving.declared.getters or bool(listing and case.by in listing.joins)


def _id(case: GetCase) -> str:
    return case.kind.__name__ if case.by == "id" else f"{case.kind.__name__}-by-{case.by}"
