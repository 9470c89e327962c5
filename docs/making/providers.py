"""Providers: what a plugin can do, made from its declarations."""

from docs.making.marks import table
from telegraphql.gateway.cli.matrix import matrix
from telegraphql.gateway.plugin.capabilities import declared
from telegraphql.gateway.plugin.provider import Provider
from telegraphql.gateway.resolvers.capabilities import capabilities
from telegraphql.schema.enums import FilterSupport
from telegraphql.schema.provider import Capability

HEADS = ["Kind", "How", "Filters of the upstream", "… in part", "Filters of the gateway"]
SHOWN = (FilterSupport.EXACT, FilterSupport.SUPERSET, FilterSupport.GATEWAY)


def kinds(plugin: type[Provider]) -> str:
    """A row for each kind that a plugin knows, then its commands and files."""
    rows = [[f"`{each.kind}`", _how(each), *(_filters(each, support) for support in SHOWN)] for each in capabilities(plugin)]
    found = declared(plugin)
    return f"{table(HEADS, rows)}\n- Commands: {_listed(found.commands)}\n- Files: {_listed(found.files)}\n"


def compared(plugins: dict[str, type[Provider]]) -> str:
    """The first table of the support matrix: kinds by plugins."""
    return matrix(plugins).partition("\n\n")[0] + "\n"


def _how(found: Capability) -> str:
    words = {
        "listed": found.lists and not found.is_derived,
        "grouped from calls": found.is_derived,
        "by id": found.gets,
        "counted": found.counts,
    }
    pages = f"; {found.page_size:,} in a request" if found.page_size else ""
    return ", ".join(word for word, said in words.items() if said) + pages


def _filters(found: Capability, support: FilterSupport) -> str:
    return _listed([each.name for each in found.filters if each.support is support])


def _listed(names: object) -> str:
    assert isinstance(names, list | dict)
    return ", ".join(f"`{name}`" for name in (names if isinstance(names, list) else sorted(names))) or "–"
