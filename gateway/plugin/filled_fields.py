"""Filled fields: what a plugin fills of the schema, and from which of the upstream's fields, by its mappings and declarations."""

import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any

import msgspec
from strawberry.types import get_object_definition

from telegraphql.gateway.plugin.capabilities import Declared, declared, schema_name
from telegraphql.gateway.plugin.columns import ROW, Constant, LeafColumn, Mapped, Object, Parameter, ProviderValue
from telegraphql.gateway.plugin.mapping import Mapping
from telegraphql.gateway.plugin.provider import Provider
from telegraphql.schema.kinds import KINDS, RELATIONS
from telegraphql.schema.record import Record

Kind = type[Record]
KEY, INSIDE, FILE, GROUPED = "key of the related records", "inside the row", "file", "computed from the grouped records"
ALWAYS, REQUESTED = "the same for all", "from the request"


@dataclass(frozen=True, slots=True)
class FilledField:
    """A field of the schema that a plugin fills.

    Attributes:
        path: The way to it from its kind, such as "from.number".
        type: The name of the type with the field, such as "Party".
        sources: The upstream's own names of what it is read from, and the settings that take part, such as "settings.currency".
        words: How it is read.
    """

    path: str
    type: str
    sources: tuple[str, ...] = ()
    words: str = ""

    @property
    def name(self) -> str:
        """Return its name in its type."""
        return self.path.rpartition(".")[2]


def mappings_of(plugin: type[Provider]) -> list[Mapping[Any]]:
    """Return the mappings of a plugin and its base classes: those in the package of its module `provider`, or in its only module."""
    homes = {each.__module__ for each in plugin.__mro__ if issubclass(each, Provider) and each is not Provider}
    packages = tuple(home.removesuffix("provider") for home in homes if home.endswith(".provider"))
    modules = [each for each in [*sys.modules] if each in homes or (packages and each.startswith(packages))]
    found = [value for each in sorted(modules) for value in [*vars(sys.modules[each]).values()] if isinstance(value, Mapping)]
    return list(dict.fromkeys(found))


def filled_fields(plugin: type[Provider]) -> dict[Kind, list[FilledField]]:
    """Return the fields that a plugin fills of each kind in the order of the schema, those of objects such as `from` one by one."""
    if plugin not in _filled:
        _filled[plugin] = _collect(plugin)
    return _filled[plugin]


_filled: dict[type[Provider], dict[Kind, list[FilledField]]] = {}


def _collect(plugin: type[Provider]) -> dict[Kind, list[FilledField]]:
    serves = declared(plugin)
    found: dict[Kind, list[FilledField]] = {kind: [] for kind in KINDS.values()}
    for mapping in mappings_of(plugin):
        if serves.lists(mapping.kind) or any(each is mapping.kind for each, _ in serves.getters):
            found[mapping.kind] += _of_mapping(mapping, serves)
    for kind, derivation in serves.derivations.items():
        found[kind] = [FilledField(name, kind.__name__, words=GROUPED) for name in derivation.fills]
    for name in serves.files:
        kind_name, _, field = name.partition(".")
        if field and not any(each.path == field for each in found[KINDS[kind_name]]):
            found[KINDS[kind_name]].append(FilledField(field, kind_name, words=FILE))
    return {kind: _in_order(kind, _each_once(fields)) for kind, fields in found.items() if fields}


def _in_order(kind: Kind, fields: list[FilledField]) -> list[FilledField]:
    names = visible_fields(kind)
    return sorted(fields, key=lambda each: names.index(each.path.partition(".")[0]))


def visible_fields(kind: type[Any]) -> list[str]:
    """Return the names of a type's fields in the schema."""
    return [schema_name(each.python_name) for each in get_object_definition(kind, strict=True).fields]


def _each_once(fields: Sequence[FilledField]) -> list[FilledField]:
    """Return each field once, with all that it is read from: several mappings of a kind may fill it."""
    found: dict[str, FilledField] = {}
    for each in fields:
        before = found.get(each.path, FilledField(each.path, each.type))
        words = dict.fromkeys(word for word in (*before.words.split("; or "), each.words) if word)
        found[each.path] = FilledField(each.path, each.type, (*dict.fromkeys((*before.sources, *each.sources)),), "; or ".join(words))
    return list(found.values())


def _of_mapping(mapping: Mapping[Any], serves: Declared) -> Iterator[FilledField]:
    for path, leaf in mapping.leaves.items():
        name, _, part = path.partition(".")
        column, sources = mapping.columns[name], (*_sources(mapping, leaf),)
        if name == "files":
            yield FilledField(part, mapping.kind.__name__, sources, FILE)
        elif name in ("refs", "held"):
            relation = RELATIONS.get((mapping.kind, part))
            if relation is not None and (name == "held" or _leads(serves, relation.kind, relation.by)):
                yield FilledField(part, mapping.kind.__name__, sources, INSIDE if name == "held" else KEY)
        elif (of := column.kind if isinstance(column, Object) else mapping.kind) and _is_shown(of, part or name):
            yield FilledField(".".join(map(schema_name, path.split("."))), _name_of(of), sources, _words(leaf))


def _words(leaf: LeafColumn) -> str:
    """Return how a column is read. One of no attribute of the row has the same value for all rows of an answer."""
    kinds = {type(each) for each in leaf.column.all_sources}
    return ALWAYS if kinds == {Constant} else REQUESTED if kinds == {Parameter} else leaf.column.words


def _leads(serves: Declared, kind: Kind, by: str) -> bool:
    """Return True if the related records can be found by that key."""
    listing = serves.listings.get(kind)
    return (kind, by) in serves.getters or (listing is not None and by in listing.joins) or (by == "id" and serves.gets(kind))


def _is_shown(kind: type[Any], attribute: str) -> bool:
    return any(each.python_name == attribute for each in get_object_definition(kind, strict=True).fields)


def _name_of(kind: type[Any]) -> str:
    return get_object_definition(kind, strict=True).name


def _sources(mapping: Mapping[Any], leaf: LeafColumn) -> list[str]:
    """Return what a column is read from, by way of other columns too."""
    found: dict[str, None] = {}
    for source in leaf.column.all_sources:
        if isinstance(source, str):
            found[_encoded(mapping.struct, source)] = None
        elif isinstance(source, Mapped):
            found |= dict.fromkeys(_sources(mapping, mapping.leaves[source.name]))
        elif isinstance(source, ProviderValue) and source.path.startswith("settings."):
            found[source.path] = None
        elif source is ROW:
            found["*"] = None
    return list(found)


def _encoded(struct: Any, path: str) -> str:
    """Return the path of an attribute in the upstream's own names."""
    names = []
    for name in path.split("."):
        field = _fields(struct)[name]
        names.append(field.encode_name)
        hints: Sequence[Any] = getattr(field.type, "__args__", (field.type,))
        struct = next((each for each in hints if isinstance(each, type) and issubclass(each, msgspec.Struct)), struct)
    return ".".join(names)


@cache
def _fields(struct: Any) -> dict[str, msgspec.structs.FieldInfo]:
    return {each.name: each for each in msgspec.structs.fields(struct)}
