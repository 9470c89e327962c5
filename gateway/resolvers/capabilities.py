"""The declarations of a plugin, in the schema's form."""

from telegraphql.gateway.pagination.bound_provider import BoundProvider
from telegraphql.gateway.pagination.filtering.filters import criteria_of
from telegraphql.gateway.plugin.capabilities import Declared, declared
from telegraphql.gateway.plugin.declarations import Listing, Push
from telegraphql.gateway.plugin.provider import Provider as Plugin
from telegraphql.schema.enums import FilterSupport, TimeOrder
from telegraphql.schema.filters import Criterion
from telegraphql.schema.kinds import KINDS
from telegraphql.schema.provider import Capability, FilterCapability, ProviderNode
from telegraphql.schema.record import Record

_cache: dict[type[Plugin], list[Capability]] = {}
SUPPORT = {Push.EXACT: FilterSupport.EXACT, Push.SUPERSET: FilterSupport.SUPERSET}


def provider_node(serving: BoundProvider) -> ProviderNode:
    """Return a configured provider with its capabilities."""
    plugin = type(serving.provider)
    return ProviderNode(name=serving.name, account=serving.id, plugin=plugin.plugin, capabilities=capabilities(plugin))


def capabilities(plugin: type[Plugin]) -> list[Capability]:
    """Return what a plugin can do with each kind it knows. Cached, since every record may be asked for its provider."""
    if plugin not in _cache:
        _cache[plugin] = _capabilities(declared(plugin))
    return _cache[plugin]


def _capabilities(declarations: Declared) -> list[Capability]:
    return [_capability(name, kind, declarations) for name, kind in KINDS.items() if _is_served(kind, declarations)]


def _is_served(kind: type[Record], declarations: Declared) -> bool:
    return declarations.lists(kind) or any(each is kind for each, _ in declarations.getters)


def _capability(name: str, kind: type[Record], declarations: Declared) -> Capability:
    listing = declarations.listings.get(kind)
    return Capability(
        kind=name,
        lists=declarations.lists(kind),
        gets=declarations.gets(kind),
        is_derived=kind in declarations.derivations,
        filters=_filters(kind, listing) if declarations.lists(kind) else [],
        orders=list(TimeOrder) if declarations.lists(kind) and kind.time_field else [],
        page_size=listing.pages.most if listing else None,
        counts=bool(listing and listing.counts),
        commands=sorted(command.name for command in declarations.commands.values() if command.kind is kind),
        files=sorted(field.partition(".")[2] for field in declarations.files if field.partition(".")[0] == name),
    )


def _filters(kind: type[Record], listing: Listing | None) -> list[FilterCapability]:
    return [FilterCapability(name=name, support=_support(name, criterion, listing)) for name, criterion in criteria_of(kind).items()]


def _support(name: str, criterion: Criterion, listing: Listing | None) -> FilterSupport:
    if listing and name in listing.filters:
        return SUPPORT[listing.filters[name]]
    return FilterSupport.UNSUPPORTED if criterion.declared_only else FilterSupport.GATEWAY
