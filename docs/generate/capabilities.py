"""Describe what a plugin supports, from its declarations."""

from docs.generate.markers import table
from telegraphql.gateway.cli.matrix import support_matrix
from telegraphql.gateway.plugin.capabilities import declared
from telegraphql.gateway.plugin.provider import Provider
from telegraphql.gateway.resolvers.capabilities import capabilities
from telegraphql.schema.enums import FilterSupport
from telegraphql.schema.provider import Capability

HEADS = ["Kind", "Supported", "Exact filters", "Partial filters", "Filters applied by the gateway"]
SHOWN = (FilterSupport.EXACT, FilterSupport.SUPERSET, FilterSupport.GATEWAY)


def kinds(plugin: type[Provider]) -> str:
    """Return one row for each kind of a plugin, then its commands and files."""
    rows = [[f"`{each.kind}`", _supported(each), *(_filters(each, support) for support in SHOWN)] for each in capabilities(plugin)]
    found = declared(plugin)
    return f"{table(HEADS, rows)}\n- Commands: {_listed(found.commands)}\n- Files: {_listed(found.files)}\n"


def compared(plugins: dict[str, type[Provider]]) -> str:
    """Return the first table of the support matrix: kinds by plugins."""
    return support_matrix(plugins).partition("\n\n")[0] + "\n"


def _supported(found: Capability) -> str:
    words = {
        "list": found.lists and not found.is_derived,
        "derived from calls": found.is_derived,
        "get by id": found.gets,
        "count": found.counts,
    }
    page_size = f"; up to {found.page_size:,} per request" if found.page_size else ""
    return ", ".join(word for word, supported in words.items() if supported) + page_size


def _filters(found: Capability, support: FilterSupport) -> str:
    return _listed([each.name for each in found.filters if each.support is support])


def _listed(names: object) -> str:
    assert isinstance(names, list | dict)
    return ", ".join(f"`{name}`" for name in (names if isinstance(names, list) else sorted(names))) or "–"
