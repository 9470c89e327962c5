"""`telegraphql matrix`: the capabilities of the installed plugins as Markdown tables."""

from collections.abc import Mapping
from pathlib import Path

from telegraphql.gateway.errors import SettingsError
from telegraphql.gateway.plugin.capabilities import declared
from telegraphql.gateway.plugin.filled_fields import filled_fields, visible_fields
from telegraphql.gateway.plugin.provider import Provider
from telegraphql.gateway.resolvers.capabilities import capabilities
from telegraphql.schema.enums import FilterSupport
from telegraphql.schema.kinds import KINDS
from telegraphql.schema.provider import Capability

BEGIN, END = "<!-- matrix: begin -->", "<!-- matrix: end -->"
SYMBOLS = {FilterSupport.EXACT: "exact", FilterSupport.SUPERSET: "narrowed", FilterSupport.GATEWAY: "·", FilterSupport.UNSUPPORTED: "–"}

CapabilitiesByPlugin = Mapping[str, Mapping[str, Capability]]


def support_matrix(plugins: Mapping[str, type[Provider]]) -> str:
    """Return four tables: kinds, fields, filters, and commands with files."""
    by_plugin = {name: {each.kind: each for each in capabilities(plugin)} for name, plugin in sorted(plugins.items())}
    return "\n\n".join([_kind_table(by_plugin, plugins), _field_table(plugins), _filter_table(by_plugin), _command_table(plugins)]) + "\n"


def update_document(path: Path, plugins: Mapping[str, type[Provider]]) -> None:
    """Replace the tables between the two markers of a document.

    Raises:
        SettingsError: The document has no markers, or cannot be read or written.
    """
    try:
        document = path.read_text("utf-8")
        if BEGIN not in document or END not in document:
            raise SettingsError(f"--into {path} has no markers for the tables; add the lines {BEGIN} and {END}")
        path.write_text(replace_tables(document, plugins), "utf-8")
    except (OSError, UnicodeDecodeError) as error:
        reason = getattr(error, "strerror", None) or "it is not text"
        raise SettingsError(f"--into {path} cannot be updated ({reason}); name an existing document") from None


def replace_tables(document: str, plugins: Mapping[str, type[Provider]]) -> str:
    """Return a document with the tables between its two markers replaced."""
    head, _, rest = document.partition(BEGIN)
    _, _, tail = rest.partition(END)
    return f"{head}{BEGIN}\n\n{support_matrix(plugins)}\n{END}{tail}"


def _kind_table(by_plugin: CapabilitiesByPlugin, plugins: Mapping[str, type[Provider]]) -> str:
    rows = [
        [f"`{kind}`", *(_operations(by_plugin[name].get(kind)) or _keys(plugins[name], kind) or "–" for name in by_plugin)]
        for kind in KINDS
    ]
    return _table(["Kind", *by_plugin], rows)


def _operations(capability: Capability | None) -> str:
    if capability is None:
        return ""
    words = [
        "derived" if capability.is_derived else "list" if capability.lists else "",
        "get" if capability.gets else "",
        "count" if capability.counts else "",
    ]
    page = f" (pages of {capability.page_size})" if capability.page_size else ""
    return ", ".join(word for word in words if word) + page


def _keys(plugin: type[Provider], kind: str) -> str:
    """Return the keys by which records of a kind are found that is neither listed nor got by id, such as "by call"."""
    return ", ".join(sorted(f"by {by}" for owner, by in declared(plugin).getters if owner.__name__ == kind))


def _field_table(plugins: Mapping[str, type[Provider]]) -> str:
    """Return the fields that at least one plugin fills, in the order of the schema."""
    filled = {
        name: {(kind, each.path.partition(".")[0]) for kind, fields in filled_fields(plugin).items() for each in fields}
        for name, plugin in sorted(plugins.items())
    }
    rows = [
        [f"`{kind.__name__}.{field}`", *("yes" if (kind, field) in filled[name] else "–" for name in filled)]
        for kind in KINDS.values()
        for field in visible_fields(kind)
        if any((kind, field) in each for each in filled.values())
    ]
    return _table(["Field", *filled], rows)


def _filter_table(by_plugin: CapabilitiesByPlugin) -> str:
    rows = []
    for kind in KINDS:
        names = {each.name: None for name in by_plugin if kind in by_plugin[name] for each in by_plugin[name][kind].filters}
        rows += [[f"`{kind}.{name}`", *(_filter_support(by_plugin[each].get(kind), name) for each in by_plugin)] for name in names]
    return _table(["Filter", *by_plugin], rows)


def _filter_support(capability: Capability | None, name: str) -> str:
    support = next((each.support for each in capability.filters if each.name == name), None) if capability else None
    return SYMBOLS[support] if support else ""


def _command_table(plugins: Mapping[str, type[Provider]]) -> str:
    declarations = {name: declared(plugin) for name, plugin in sorted(plugins.items())}
    commands = sorted({command for each in declarations.values() for command in each.commands})
    files = sorted({file for each in declarations.values() for file in each.files})
    rows = [
        [f"`{name}`", *("yes" if name in {*each.commands, *each.files} else "–" for each in declarations.values())]
        for name in commands + files
    ]
    return _table(["Command or file", *declarations], rows)


def _table(headers: list[str], rows: list[list[str]]) -> str:
    lines = [headers, ["---"] * len(headers), *rows]
    return "\n".join("| " + " | ".join(cells) + " |" for cells in lines)
