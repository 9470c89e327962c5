"""Marks: parts of a page that are made from the code stand between `<!-- made: NAME -->` and `<!-- made: end -->`."""

import re
from collections.abc import Callable, Mapping

MADE = re.compile(r"<!-- made: (?P<name>[\w./-]+) -->\n.*?<!-- made: end -->", re.DOTALL)
Parts = Mapping[str, Callable[[], str]]


def replaced(page: str, parts: Parts) -> str:
    """A page whose parts are made anew; KeyError names one that nothing makes."""
    return MADE.sub(lambda found: f"<!-- made: {found['name']} -->\n\n{parts[found['name']]()}\n<!-- made: end -->", page)


def table(heads: list[str], rows: list[list[str]]) -> str:
    """Rows as a table of Markdown."""
    lines = [heads, ["---"] * len(heads), *rows]
    return "\n".join("| " + " | ".join(cells) + " |" for cells in lines) + "\n"


def plain(text: str) -> str:
    """Text in a cell, of which nothing is taken for Markdown but code."""
    parts = text.split("`")
    parts[::2] = [re.sub(r"([*<|])", r"\\\1", part) for part in parts[::2]]
    return "`".join(parts)
