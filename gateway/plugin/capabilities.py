"""Declared: what a plugin class has marked, collected and checked once, before the first query."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import Any

from strawberry.types import get_object_definition

from telegraphql.gateway.errors import SettingsError
from telegraphql.gateway.plugin.declarations import CommandDeclaration, Derivation, FileDeclaration, Getter, Listing, Whole
from telegraphql.gateway.plugin.provider import Provider
from telegraphql.schema.filters import criteria
from telegraphql.schema.kinds import FILTERS, KINDS, RELATIONS
from telegraphql.schema.record import Record


@dataclass(frozen=True)
class Declared:
    """Everything a plugin serves."""

    listings: Mapping[type[Record], Listing]
    getters: Mapping[tuple[type[Record], str], Getter]
    derivations: Mapping[type[Record], Derivation]
    commands: Mapping[str, CommandDeclaration]
    files: Mapping[str, FileDeclaration]

    def lists(self, kind: type[Record]) -> bool:
        """Return True if a kind can be listed, by the upstream or by grouping."""
        return kind in self.listings or kind in self.derivations

    def gets(self, kind: type[Record]) -> bool:
        """Return True if a kind can be fetched by id. A grouped kind needs a get of its parts by their key."""
        deriving = self.derivations.get(kind)
        return (kind, "id") in self.getters or (deriving is not None and (deriving.of, deriving.by) in self.getters)


def declared(plugin: type[Provider]) -> Declared:
    """Return the declarations of a plugin class; SettingsError names the first that contradicts the contract."""
    if plugin not in _checked:
        _checked[plugin] = _check(plugin)
    return _checked[plugin]


def _check(plugin: type[Provider]) -> Declared:
    found = _collect(plugin)
    for listing in found.listings.values():
        _check_listing(plugin, listing, found)
    for deriving in found.derivations.values():
        _need(deriving.of in found.listings, plugin, f"derives {deriving.kind.__name__} of {deriving.of.__name__}, which it does not list")
        for name in deriving.fills:
            _need(name in _shown(deriving.kind), plugin, f'derives {deriving.kind.__name__} with "{name}", which the schema does not have')
    for getting in found.getters.values():
        _need(getting.at_most >= 1, plugin, f"gets {getting.kind.__name__} with at_most below 1")
        _check_key(plugin, "gets", getting.kind, getting.by)
    for name in found.files:
        kind, _, field = name.partition(".")
        _need(not field or kind in KINDS, plugin, f'has files "{name}", but there is no kind {kind}')
        _need(not field or field in _shown(KINDS[kind]), plugin, f'has files "{name}", but {kind} has no such field')
    _need(bool(found.listings), plugin, "lists nothing")
    return found


_checked: dict[type[Provider], Declared] = {}


@lru_cache(maxsize=4096)
def python_name(field: str) -> str:
    """Return the attribute behind a field of the schema."""
    return "from_" if field == "from" else "".join(f"_{letter.lower()}" if letter.isupper() else letter for letter in field)


@lru_cache(maxsize=4096)
def schema_name(attribute: str) -> str:
    """Return the field of the schema behind an attribute."""
    head, *rest = attribute.rstrip("_").split("_")
    return head + "".join(word.capitalize() for word in rest)


def _collect(plugin: type[Provider]) -> Declared:
    found: dict[type, dict[Any, Any]] = {Listing: {}, Getter: {}, Derivation: {}, CommandDeclaration: {}, FileDeclaration: {}}
    for name in dir(plugin):
        for mark in getattr(getattr(plugin, name), "__declares__", ()):
            key = _key(mark)
            _need(key not in found[type(mark)], plugin, f"declares {key} twice")
            found[type(mark)][key] = replace(mark, method=name)
    return Declared(found[Listing], found[Getter], found[Derivation], found[CommandDeclaration], found[FileDeclaration])


def _key(mark: Any) -> Any:
    if isinstance(mark, Getter):
        return (mark.kind, mark.by)
    if isinstance(mark, FileDeclaration):
        return mark.field
    return mark.name if isinstance(mark, CommandDeclaration) else mark.kind


def _check_listing(plugin: type[Provider], listing: Listing, found: Declared) -> None:
    kind = listing.kind
    _need(kind in FILTERS, plugin, f"lists {kind.__name__}, which is not a kind of the schema that can be listed")
    known = {schema_name(attribute) for attribute in criteria(FILTERS[kind])}
    for name in listing.filters:
        _need(name in known, plugin, f'declares the filter "{name}" of {kind.__name__}, which the schema does not have')
    if listing.detail:
        _need((kind, "id") in found.getters, plugin, f"has detail fields of {kind.__name__}, but no gets({kind.__name__}) to fetch them")
        for name in listing.detail:
            _need(name in _shown(kind), plugin, f'declares the detail "{name}" of {kind.__name__}, which the schema does not have')
    _need(
        kind.name_field is None or isinstance(listing.pages, Whole), plugin, f"lists {kind.__name__} otherwise than Whole; it has no time"
    )
    for by in listing.joins:
        _check_key(plugin, "joins", kind, by)


def _check_key(plugin: type[Provider], verb: str, kind: type[Record], by: str) -> None:
    known = {"id", *(relation.by for relation in RELATIONS.values() if relation.kind is kind)}
    _need(by in known, plugin, f'{verb} {kind.__name__} by "{by}", which no relation of the schema leads by')


def _shown(kind: type[Record]) -> set[str]:
    """Return the fields of a kind, by the schema's names."""
    return {schema_name(field.python_name) for field in get_object_definition(kind, strict=True).fields}


def _need(holds: bool, plugin: type[Provider], complaint: str) -> None:
    if not holds:
        raise SettingsError(f"the plugin class {plugin.__name__} {complaint}")
