"""Replace the generated sections of a page, which stand between `<!-- generated: NAME -->` and `<!-- generated: end -->`."""

import re
from collections.abc import Callable, Mapping

GENERATED = re.compile(r"<!-- generated: (?P<name>[\w./-]+) -->\n.*?<!-- generated: end -->", re.DOTALL)
Sections = Mapping[str, Callable[[], str]]


def replaced(page: str, sections: Sections) -> str:
    """Return the page with its generated sections rewritten.

    Raises:
        KeyError: A marker names a section that nothing generates.
    """
    return GENERATED.sub(lambda found: f"<!-- generated: {found['name']} -->\n\n{sections[found['name']]()}\n<!-- generated: end -->", page)


def table(heads: list[str], rows: list[list[str]]) -> str:
    """Return rows as a Markdown table."""
    lines = [heads, ["---"] * len(heads), *rows]
    return "\n".join("| " + " | ".join(cells) + " |" for cells in lines) + "\n"


def escaped(text: str) -> str:
    """Return text for a table cell; everything outside code spans is escaped."""
    parts = text.split("`")
    parts[::2] = [re.sub(r"([*<|])", r"\\\1", part) for part in parts[::2]]
    return "`".join(parts)
