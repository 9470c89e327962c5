"""Matrix: what the installed plugins can do, as Markdown tables made from their declarations."""

from collections.abc import Mapping
from pathlib import Path

from telegraphql.gateway.errors import SettingsError
from telegraphql.gateway.plugin.capabilities import declared
from telegraphql.gateway.plugin.provider import Provider
from telegraphql.gateway.resolvers.capabilities import capabilities
from telegraphql.schema.enums import FilterSupport
from telegraphql.schema.kinds import KINDS
from telegraphql.schema.provider import Capability

BEGIN, END = "<!-- matrix: begin -->", "<!-- matrix: end -->"
MARKS = {FilterSupport.EXACT: "exact", FilterSupport.SUPERSET: "narrowed", FilterSupport.GATEWAY: "·", FilterSupport.UNSUPPORTED: "–"}


def matrix(plugins: Mapping[str, type[Provider]]) -> str:
    """Three tables: kinds, filters, and commands with files."""
    known = {name: {each.kind: each for each in capabilities(plugin)} for name, plugin in sorted(plugins.items())}
    return "\n\n".join([_kinds(known), _filters(known), _commands(plugins)]) + "\n"


def write(path: Path, plugins: Mapping[str, type[Provider]]) -> None:
    """Make the tables of a document anew."""
    try:
        document = path.read_text("utf-8")
        if BEGIN not in document or END not in document:
            raise SettingsError(f"--into {path} has no place for the tables; write the lines {BEGIN} and {END} where they belong")
        path.write_text(replaced(document, plugins), "utf-8")
    except (OSError, UnicodeDecodeError) as error:
        reason = getattr(error, "strerror", None) or "it is not text"
        raise SettingsError(f"--into {path} cannot be written ({reason}); name a document that is there") from None


def replaced(document: str, plugins: Mapping[str, type[Provider]]) -> str:
    """A document with the tables between its two marks made anew."""
    head, _, rest = document.partition(BEGIN)
    _, _, tail = rest.partition(END)
    return f"{head}{BEGIN}\n\n{matrix(plugins)}\n{END}{tail}"


def _kinds(known: Mapping[str, Mapping[str, Capability]]) -> str:
    rows = [[f"`{kind}`", *(_served(known[name].get(kind)) for name in known)] for kind in KINDS]
    return _table(["Kind", *known], rows)


def _served(found: Capability | None) -> str:
    if found is None:
        return "–"
    words = ["derived" if found.is_derived else "list" if found.lists else "", "get" if found.gets else "", "count" if found.counts else ""]
    page = f" (pages of {found.page_size})" if found.page_size else ""
    return ", ".join(word for word in words if word) + page


def _filters(known: Mapping[str, Mapping[str, Capability]]) -> str:
    rows = []
    for kind in KINDS:
        names = {each.name: None for name in known if kind in known[name] for each in known[name][kind].filters}
        rows += [[f"`{kind}.{name}`", *(_support(known[each].get(kind), name) for each in known)] for name in names]
    return _table(["Filter", *known], rows)


def _support(found: Capability | None, name: str) -> str:
    support = next((each.support for each in found.filters if each.name == name), None) if found else None
    return MARKS[support] if support else ""


def _commands(plugins: Mapping[str, type[Provider]]) -> str:
    found = {name: declared(plugin) for name, plugin in sorted(plugins.items())}
    commands = sorted({command for each in found.values() for command in each.commands})
    files = sorted({file for each in found.values() for file in each.files})
    rows = [
        [f"`{name}`", *("yes" if name in {*each.commands, *each.files} else "–" for each in found.values())] for name in commands + files
    ]
    return _table(["Command or file", *found], rows)


def _table(heads: list[str], rows: list[list[str]]) -> str:
    lines = [heads, ["---"] * len(heads), *rows]
    return "\n".join("| " + " | ".join(cells) + " |" for cells in lines)
