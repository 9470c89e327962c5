"""Getting: records for keys in as few requests as declared, the same ones that are listed, and relations that lead there and back."""

import asyncio
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from typing import Any

from telegraphql.gateway.conformance.harness import Bare, Harness
from telegraphql.gateway.conformance.promises import need, promise
from telegraphql.gateway.conformance.walks import everything, everything_of, having, key_of, keys, led, shown
from telegraphql.gateway.errors import UpstreamError
from telegraphql.gateway.pagination.bound_provider import BoundProvider
from telegraphql.gateway.pagination.dataloaders import DataLoaders, LoaderKey
from telegraphql.gateway.plugin.capabilities import declared
from telegraphql.gateway.plugin.declarations import Listing
from telegraphql.gateway.plugin.provider import Provider
from telegraphql.gateway.plugin.rows import without_views
from telegraphql.gateway.plugin.selection import NOTHING
from telegraphql.schema.kinds import RELATIONS, Relation
from telegraphql.schema.record import Record

MOST_KEYS = 25
FEW_KEYS = 6
# A plugin may need one request to find out where something is, and one to get it.
REQUESTS_EACH = 2


@dataclass(frozen=True, slots=True)
class GetCase:
    """A way from keys to records."""

    kind: type[Record]
    by: str
    at_most: int = 1

    def __str__(self) -> str:
        return f"gets({self.kind.__name__})" if self.by == "id" else f'gets({self.kind.__name__}, by="{self.by}")'


def getters(plugin: type[Provider]) -> dict[str, GetCase]:
    """The declared gets."""
    return {_id(way): way for way in (GetCase(each.kind, each.by, each.at_most) for each in declared(plugin).getters.values())}


def by_id(plugin: type[Provider]) -> dict[str, GetCase]:
    """What can be fetched by id and is listed as well, grouped kinds included."""
    found = declared(plugin)
    kinds = [kind for kind in dict.fromkeys([*found.listings, *found.derivations]) if found.gets(kind)]
    return {kind.__name__: GetCase(kind, "id") for kind in kinds}


def foreign(plugin: type[Provider]) -> dict[str, GetCase]:
    """What is found by a parent's key and is listed as well: by gets and by joins."""
    found = declared(plugin)
    ways = [GetCase(kind, by) for kind, by in found.getters if by != "id" and kind in found.listings]
    ways += [GetCase(kind, by) for kind, listing in found.listings.items() for by in listing.joins]
    return {_id(way): way for way in ways}


def relations(plugin: type[Provider]) -> dict[str, tuple[type[Record], str]]:
    """The relations of what is listed."""
    return {f"{kind.__name__}.{field}": (kind, field) for kind, field in RELATIONS if declared(plugin).lists(kind)}


@promise(getters)
async def costs_few_requests(harness: Harness, way: GetCase) -> None:
    """n keys cost as many requests as `at_most` says, at most twice as many; the same key twice costs nothing."""
    found = await _some(harness, way, min(MOST_KEYS, 2 * way.at_most + 1))
    await harness.provider.check()
    loaders, serving = DataLoaders(), _by_getting(harness)
    with harness.noted() as rows:
        await loaders.load(serving, way.kind, way.by, [*found, *found], NOTHING)
    most = REQUESTS_EACH * -(-len(found) // way.at_most)
    advice = f"ask for all keys of `wanted` together, or declare at_most=1; it asked {sorted({row['operation'] for row in rows})}"
    need(0 < len(rows) <= most, f"{way} takes {len(rows)} requests for {len(found)} keys, at_most={way.at_most} allows {most}: {advice}")


@promise(getters)
async def leaves_unknown_keys_out(harness: Harness, way: GetCase) -> None:
    """A key without a record is absent, not an error, and the others are there."""
    real = await _some(harness, way, 1)
    unknown = await _unknown(harness, way, real[0])
    for wanted in ([unknown], [*real, unknown] if way.at_most > 1 else [unknown]):
        try:
            found = await DataLoaders().load(_by_getting(harness), way.kind, way.by, wanted, NOTHING)
        except UpstreamError as error:
            advice = "leave unknown keys out of the page (NotFound is good too where at_most is 1)"
            raise AssertionError(f"{way} of an unknown key is {type(error).__name__}: {advice}") from error
        need(not found[-1], f"{way} of the unknown key {unknown.text!r} brings {found[-1][:1]}: return only what was asked for")


@promise(getters)
async def keeps_keys_apart(harness: Harness, way: GetCase) -> None:
    """A key that a client made up, with signs that mean something in a URL, stays a key and harms nothing."""
    real = (await _some(harness, way, 1))[0]
    for text in (f"{real.text}?kit=1&kit=2", f"{real.text}/../kit", "☎ %00 '\" ;", "-1", "9" * 40):
        with harness.noted() as rows:
            try:
                await DataLoaders().load(_by_getting(harness), way.kind, way.by, [real._replace(text=text)], NOTHING)
            except UpstreamError as error:
                need(harness.hides(str(error)), f"the error for the key {text!r} shows a secret: keep messages to your own words")
        injected = [row["operation"] for row in rows if "kit" in row["parameters"]]
        need(not injected, f"{way} of the key {text!r} sends a parameter of its own: quote keys that go into a path or filter")


@promise(by_id)
async def gets_what_is_listed(harness: Harness, way: GetCase) -> None:
    """A record got by its id is the one that is listed, field by field; its key is its native id or its ref `id`."""
    listing = harness.declared.listings.get(way.kind)
    but = sorted(listing.detail) if listing else []
    records = (await everything(harness, way.kind))[:MOST_KEYS]
    wanted = [LoaderKey(key_of(record, "id") or "") for record in records]
    found = without_views(await DataLoaders().load(harness.serving, way.kind, "id", wanted, everything_of(way.kind)))
    for record, got in zip(records, found, strict=True):
        ids = [each.native_id for each in got]
        need(ids == [record.native_id], f"{way} of {record.native_id!r} brings {ids}: find it, and set the same native_id as the listing")
        one, two = shown(record, but), shown(got[0], but)
        differing = {name: (one[name], two[name]) for name in one if one[name] != two[name]}
        advice = "map both with one function, or declare what only a get delivers as `detail`"
        need(not differing, f"{way.kind.__name__} {record.native_id!r} listed and got differ in {differing}: {advice}")


@promise(foreign)
async def finds_all_children(harness: Harness, way: GetCase) -> None:
    """By a parent's key a get and a join each find the children that the list shows with this key, and no strangers."""
    children = await everything(harness, way.kind)
    wanted = (await _some(harness, way, MOST_KEYS))[: MOST_KEYS if way.at_most > 1 else FEW_KEYS]
    for serving, word in (_by_getting(harness), "get"), (_by_joining(harness), "join"):
        if _has(serving, way):
            found = await DataLoaders().load(serving, way.kind, way.by, wanted, NOTHING)
            for key, got in zip(wanted, found, strict=True):
                name = f"{way.kind.__name__} by {way.by} {key.text!r}"
                missing = _ids(child for child in children if key_of(child, way.by) == key.text) - _ids(got)
                advice = "widen the window of Join(before, after)" if word == "join" else "ask for all records of the key"
                need(not missing, f"{name}: the {word} misses {sorted(missing)[:1]}, which the list has: {advice}")
                strange = _ids(got) - _ids(children)
                need(not strange, f"{name}: the {word} brings {sorted(strange)[:1]}, which the list has not: set the same native_id")


def _ids(records: Iterable[Record]) -> set[str]:
    return {record.native_id for record in records}


@promise(relations)
async def leads_there_and_back(harness: Harness, relation: tuple[type[Record], str]) -> None:
    """Relations of listed records can be followed, and what they lead to knows the way back."""
    kind, field = relation
    parents = await having(harness, kind, field)
    found = await _all_led(harness, [(parent, field) for parent in parents])
    children = [(parent, child) for parent, group in zip(parents, found, strict=True) for child in group]
    for parent, child in children:
        _judge(parent, field, child)
    back = _inverse(kind, RELATIONS[kind, field])
    if back:
        returns = await _all_led(harness, [(child, back) for _, child in children])
        for (parent, child), group in zip(children, returns, strict=True):
            ids = sorted(_ids(group))
            advice = f"set refs[{back!r}] to the parent's key"
            need(not ids or parent.native_id in ids, f"{_named(child)} of {_named(parent)} leads back to {ids[:1]}: {advice}")


async def _all_led(harness: Harness, ways: Sequence[tuple[Record, str]]) -> list[list[Any]]:
    loaders = DataLoaders()
    return await asyncio.gather(*(led(harness, record, field, loaders) for record, field in ways))


def _judge(parent: Record, field: str, child: Record) -> None:
    relation = RELATIONS[type(parent), field]
    need(
        isinstance(child, relation.kind), f"{type(parent).__name__}.{field} leads to {_named(child)}: it must be a {relation.kind.__name__}"
    )
    if not relation.many:
        return
    parts = (parent.refs.get(field) or "").split(";")
    found = not {child.refs.get(relation.by), child.refs.get("id"), child.native_id}.isdisjoint(parts)
    back = _inverse(type(parent), relation)
    held = field in parent.held and (back is None or child.refs.get(back) or back in child.held)
    name, key = f"{_named(child)} of {_named(parent)}", back if field in parent.held else relation.by
    need(found or held, f"{name} does not carry refs[{key!r}]: set it to the key of the parent")


def _named(record: Record) -> str:
    return f"the {type(record).__name__} {record.native_id!r}"


def _inverse(kind: type[Record], relation: Relation) -> str | None:
    """The field by which a child leads to its one parent."""
    for (child, field), back in RELATIONS.items():
        if child is relation.kind and back.kind is kind and not back.many and child is not kind:
            return field
    return None


async def _some(harness: Harness, way: GetCase, most: int) -> list[LoaderKey]:
    found = list((await keys(harness, way.kind, way.by)).values())[:most]
    need(found, f"no record of the sandbox leads to {way}: set the refs that do, and let generate() make some")
    return found


async def _unknown(harness: Harness, way: GetCase, real: LoaderKey) -> LoaderKey:
    """A key of the same shape that nothing has."""
    taken = await keys(harness, way.kind, way.by)
    shapes = ["".join(digit if each.isdigit() else each for each in real.text) for digit in "987654"]
    return real._replace(text=next((each for each in shapes if each not in taken), "0"))


def _by_getting(harness: Harness) -> BoundProvider:
    """The same provider without its joins, so that the engine must use gets."""
    listings = {kind: replace(listing, joins={}) for kind, listing in harness.declared.listings.items()}
    return Bare(harness.provider, replace(harness.declared, listings=listings))


def _by_joining(harness: Harness) -> BoundProvider:
    """The same provider without gets by a parent's key, so that the engine must use joins."""
    getters = {name: each for name, each in harness.declared.getters.items() if each.by == "id"}
    return Bare(harness.provider, replace(harness.declared, getters=getters))


def _has(serving: BoundProvider, way: GetCase) -> bool:
    listing: Listing | None = serving.declared.listings.get(way.kind)
    return (way.kind, way.by) in serving.declared.getters or bool(listing and way.by in listing.joins)


def _id(way: GetCase) -> str:
    return way.kind.__name__ if way.by == "id" else f"{way.kind.__name__}-by-{way.by}"
