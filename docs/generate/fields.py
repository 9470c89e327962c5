"""List the fields of the schema that a plugin fills, and the upstream's fields from which each is read."""

import re
from collections.abc import Iterator

from docs.generate.markers import escaped, table
from telegraphql.gateway.plugin.filled_fields import FilledField, filled_fields
from telegraphql.gateway.plugin.provider import Provider


def filled(plugin: type[Provider]) -> str:
    """Return one table for each kind of a plugin."""
    return "\n".join(
        f"### {kind.__name__}\n\n{table(['Field', 'Read from', 'As'], [*_rows(fields)])}" for kind, fields in filled_fields(plugin).items()
    )


def _rows(fields: list[FilledField]) -> Iterator[list[str]]:
    for each in fields:
        yield [f"`{each.path}`", ", ".join(f"`{source}`" for source in each.sources) or "–", escaped(_words(each.words))]


def _words(words: str) -> str:
    """Return how a column is read, with a capital: the words of a ready-made column, or the docstring of the plugin's own function."""
    parts = [each.removeprefix("Return ") for each in words.split("; or ")]
    text = re.sub(r"\bNone\b", "null", "; or ".join(parts))
    return text[:1].upper() + text[1:]
