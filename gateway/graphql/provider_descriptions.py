"""Provider descriptions: which plugins fill each field of the schema, and which apply each filter, added to its descriptions."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from typing import Any, TypeVar

import strawberry
from graphql import GraphQLObjectType, get_named_type

from telegraphql.gateway.plugin.capabilities import declared
from telegraphql.gateway.plugin.filled_fields import filled_fields
from telegraphql.gateway.plugin.provider import Provider
from telegraphql.schema.kinds import FILTERS, KINDS
from telegraphql.schema.strawberry_internals import core_schema

FieldName = tuple[str, str]
S = TypeVar("S", bound=strawberry.Schema)


def describe_providers(schema: S, plugins: Mapping[str, type[Provider]]) -> S:
    """Add to the description of each field which plugins fill it, and to that of each filter whose upstream applies it."""
    types: Mapping[str, Any] = core_schema(schema).type_map
    titles = sorted(((plugin.title or name, plugin) for name, plugin in plugins.items()), key=lambda each: each[0].casefold())
    for words, found in (("Filled by", _fillers(titles, types)), ("Applied by", _appliers(titles))):
        for (type_name, field), names in found.items():
            described = types[type_name].fields[field]
            described.description = f"{described.description} {words}: {', '.join(names)}."
    return schema


def _fillers(titles: Iterable[tuple[str, type[Provider]]], types: Mapping[str, Any]) -> Mapping[FieldName, list[str]]:
    """Return the plugins that fill each field of a kind, or of an object in a kind such as a party."""
    found: defaultdict[FieldName, list[str]] = defaultdict(list)
    unknown: set[str] = set()
    for title, plugin in titles:
        filled = {name for name in _filled(plugin) if name[1] in types[name[0]].fields}
        for name in filled:
            found[name].append(title)
        parts = {type_name for type_name, _ in filled}
        whole = {get_named_type(types[type_name].fields[field].type) for type_name, field in filled}
        # An object that a function makes as a whole: its fields are not known.
        unknown |= {each.name for each in whole if isinstance(each, GraphQLObjectType) and each.name not in {*parts, *KINDS}}
    return {name: names for name, names in found.items() if name[0] not in unknown}


def _filled(plugin: type[Provider]) -> Iterator[FieldName]:
    for kind, fields in filled_fields(plugin).items():
        for each in fields:
            yield each.type, each.name
            yield kind.__name__, each.path.partition(".")[0]


def _appliers(titles: Iterable[tuple[str, type[Provider]]]) -> Mapping[FieldName, list[str]]:
    """Return the plugins whose upstream applies each field of a filter, exactly or in part."""
    found: defaultdict[FieldName, list[str]] = defaultdict(list)
    for title, plugin in titles:
        for kind, listing in declared(plugin).listings.items():
            for name in listing.filters:
                found[FILTERS[kind].__name__, name].append(title)
    return found
